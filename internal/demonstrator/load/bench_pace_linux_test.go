package load

import (
	"cmp"
	"context"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// TestBench_Pace measures how late requests start at 5,000/s, beside a bare spinning
// thread, and why the pacer spins: the same with other ways to wait. The ways take
// turns of a second, so that all have the same machine. `make bench-load` runs it.
func TestBench_Pace(t *testing.T) {
	if want := os.Getenv("ALOI_LOAD"); want != "all" && want != "pace" {
		t.Skip("a benchmark: make bench-load")
	}
	usual := newPacer(System()).spin
	type way struct {
		name string
		run  func() (*measure.Histogram, time.Duration)
	}
	engine := func(sleeper func() sleeper, spin, share time.Duration) func() (*measure.Histogram, time.Duration) {
		return func() (*measure.Histogram, time.Duration) { return paced(t, sleeper(), spin, share) }
	}
	onKernel := func() sleeper {
		s, _ := newSleeper()
		return s
	}
	ways := []way{
		{"bare spinning thread", bare},
		{"engine, timerfd, then " + usual.String() + " of spinning (as shipped)", engine(onKernel, usual, spinShare)},
		{"engine, timerfd alone", engine(onKernel, 0, spinShare)},
		{"engine, timerfd, then 20µs of spinning", engine(onKernel, 20*time.Microsecond, spinShare)},
		{"engine, timerfd, then 150µs of spinning", engine(onKernel, 150*time.Microsecond, 1)},
		{"engine, Go's timers alone", engine(func() sleeper { return newTimers() }, 0, spinShare)},
		{"engine, spinning alone", engine(onKernel, time.Second, 1)},
	}
	const rounds = 10
	p50s, p99s, cpus := make([][]time.Duration, len(ways)), make([][]time.Duration, len(ways)), make([][]time.Duration, len(ways))
	for round := range rounds {
		for _, i := range order(1, round, len(ways)) {
			before := cpu()
			h, took := ways[i].run()
			cpus[i] = append(cpus[i], (cpu()-before)*time.Second/took)
			p50, _ := h.Quantile(5000)
			p99, _ := h.Quantile(9900)
			p50s[i], p99s[i] = append(p50s[i], p50), append(p99s[i], p99)
		}
	}
	for i, w := range ways {
		t.Logf("%-55s lateness p50 %v, p99 %v (%v to %v); CPU %v a second", w.name, median(p50s[i]), median(p99s[i]), slices.Min(p99s[i]), slices.Max(p99s[i]), median(cpus[i]))
	}
	t.Logf("p99 above the bare thread's, median of %d rounds: %v (wanted: 150µs at most)", rounds, median(p99s[1])-median(p99s[0]))
}

func bare() (*measure.Histogram, time.Duration) {
	var h measure.Histogram
	began := time.Now()
	for _, d := range spun(System(), 5000, 200*time.Microsecond) {
		h.Record(d)
	}
	return &h, time.Since(began)
}

// paced is a second at 5,000/s on a workload that takes 100 µs without a thread, as
// one on the network does.
func paced(t *testing.T, s sleeper, spin, share time.Duration) (*measure.Histogram, time.Duration) {
	p := plan(do(func(context.Context, *Op) error {
		time.Sleep(100 * time.Microsecond)
		return nil
	}), 5000, 100*time.Millisecond, time.Second)
	p.Connections = 64
	p.pacer = func(clock Clock) *pacer {
		return &pacer{clock: clock, sleeper: s, spin: spin, share: share, last: clock.Now(), credit: mostCredit}
	}
	began := time.Now()
	r := mustRun(t, p)
	return r.Offers[0].Lateness.Unpack(), time.Since(began)
}

func median[T cmp.Ordered](all []T) T {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// cpu is what this process has used.
func cpu() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
