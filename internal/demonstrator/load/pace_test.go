package load

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"time"
)

// spun is how late a bare thread is that does nothing but spin: what the machine
// itself allows.
func spun(clock Clock, n int, gap time.Duration) []time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	late := make([]time.Duration, n)
	zero := clock.Now() + gap
	for i := range late {
		at := zero + time.Duration(i)*gap
		now := clock.Now()
		for now < at {
			now = clock.Now()
		}
		late[i] = now - at
	}
	slices.Sort(late)
	return late
}

// TestPace: requests start on time, with goroutines beside them. The median alone is
// held to the figure here, and a busy machine gets five attempts: `make bench-load`
// measures p99.
func TestPace(t *testing.T) {
	for range 5 {
		bare := spun(System(), 1000, 500*time.Microsecond)[500]
		record := mustRun(t, plan(do(instant), 2000, 100*time.Millisecond, 500*time.Millisecond)).Offers[0]
		p50, _ := record.Lateness.Quantile(5000)
		p99, _ := record.Lateness.Quantile(9900)
		t.Logf("lateness p50 %v p99 %v; a bare spinning thread: p50 %v", p50, p99, bare)
		if p50 <= bare+150*time.Microsecond {
			return
		}
	}
	t.Error("requests start late")
}

// TestPace_Sleepers: both kinds of sleeper, with one processor too.
func TestPace_Sleepers(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	kernel, spin := newSleeper()
	for _, p := range []*pacer{{clock: System(), sleeper: kernel, spin: spin, share: spinShare}, {clock: System(), sleeper: newTimers(), spin: time.Millisecond, share: spinShare}} {
		began := p.clock.Now()
		if now, ok := p.until(began + 30*time.Millisecond); !ok || now < began+30*time.Millisecond {
			t.Errorf("%T: %v after %v", p.sleeper, ok, now-began)
		}
		time.AfterFunc(20*time.Millisecond, p.interrupt)
		if _, ok := p.until(began + time.Hour); ok {
			t.Errorf("%T: it wasn't interrupted", p.sleeper)
		}
		p.sleeper.close()
	}
}

// TestPace_Credit: however close the instants, most of the time isn't spun away. The
// machine is made up: a reading takes 100 ns, a sleep 5 us more than it should.
func TestPace_Credit(t *testing.T) {
	t.Parallel()
	m := &made{}
	p := &pacer{clock: m, sleeper: m, spin: 60 * time.Microsecond, share: spinShare, credit: mostCredit}
	for i := range 50_000 {
		if _, ok := p.until(time.Duration(i) * 40 * time.Microsecond); !ok {
			t.Fatal("interrupted")
		}
	}
	spun := m.now - m.slept
	if most := m.now/spinShare + mostCredit + m.now/20; spun > most || spun < m.now/spinShare/2 {
		t.Errorf("%v spun in %v", spun, m.now)
	}
}

type made struct{ now, slept time.Duration }

func (m *made) Now() time.Duration {
	m.now += 100
	return m.now
}

func (*made) Wall() time.Time { return time.Time{} }

func (m *made) sleep(d time.Duration) {
	m.now += d + 5*time.Microsecond
	m.slept += d + 5*time.Microsecond
}

func (*made) wake() {}

func (*made) close() {}

// TestRun_Allocates: the engine allocates by the block, not by the request.
func TestRun_Allocates(t *testing.T) {
	p := plan(do(instant), 0, 500*time.Millisecond, 500*time.Millisecond)
	p.Load = Load{Shape: Closed, Block: 500 * time.Millisecond}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := Run(context.Background(), p, System())
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	n := r.Offers[0].Total().Requests
	if each := float64(after.Mallocs-before.Mallocs) / float64(n); n < 10_000 || each > 0.05 {
		t.Errorf("%.3f allocations a request in %d requests", each, n)
	}
}

// BenchmarkRun is what the engine itself costs a request, at full speed.
func BenchmarkRun(b *testing.B) {
	for b.Loop() {
		p := plan(do(instant), 0, 100*time.Millisecond, time.Second)
		p.Load = Load{Shape: Closed, Block: 100 * time.Millisecond}
		r, err := Run(context.Background(), p, System())
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(1e9/float64(r.Offers[0].Total().Requests), "ns/request")
	}
}
