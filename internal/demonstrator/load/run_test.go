package load

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

func TestRun_Counts(t *testing.T) {
	t.Parallel()
	wrong := errors.New("not that")
	p := plan(do(func(_ context.Context, op *Op) error {
		op.Sent, op.Received = 10, 90
		op.Note(FirstByte, 2*time.Millisecond)
		if op.Index%4 == 3 {
			return Fail(Wrong, wrong)
		}
		return nil
	}), 400, 50*time.Millisecond, 500*time.Millisecond)
	p.Goals = []measure.Goal{{Metric: measure.Latency, Bound: time.Minute, Quantile: 9500, Confidence: 9500}}
	told := 0
	p.OnBlock = func(string, measure.LoadBlock) { told++ }
	r := mustRun(t, p)
	record := r.Offers[0]
	total := record.Total()
	if total.Number != 10 || told != 10 || total.Requests != 200 || total.Failed != 50 || total.Failures[string(Wrong)] != 50 || total.Bytes != 20_000 || total.Slow[0] != 50 {
		t.Errorf("told of %d blocks; in all %+v", told, total)
	}
	if record.Ended != measure.LoadSpent || r.Stopped {
		t.Errorf("ended %s, stopped %v", record.Ended, r.Stopped)
	}
	if n := record.Latency().Overflow(); n != 50 {
		t.Errorf("%d latencies beyond any bound, want the 50 failed", n)
	}
	if d, _ := record.Phases[FirstByte.String()].Quantile(5000); d != 2*time.Millisecond {
		t.Errorf("first byte after %v", d)
	}
	if requests, bytes := p.Contestants[0].Budget.Spent(); requests != 200 || bytes != 20_000 {
		t.Errorf("%d requests and %d bytes spent", requests, bytes)
	}
	for i, b := range record.Blocks {
		if b.Number != i || b.Requests != 20 || b.Partial || b.P99 != -1 || b.P50 < 1 {
			t.Errorf("block %d: %+v", i, b)
		}
	}
}

// TestRun_Saturated: a service of 4 x 100 requests/s is asked 2,000 a second. What
// waits too long is dropped with the rest of its block, the next block is tried
// again, and every request has one end.
func TestRun_Saturated(t *testing.T) {
	t.Parallel()
	p := plan(do(func(context.Context, *Op) error {
		time.Sleep(10 * time.Millisecond)
		return nil
	}), 2000, 200*time.Millisecond, time.Second)
	p.Connections, p.Patience = 4, 100*time.Millisecond
	p.Goals = []measure.Goal{{Metric: measure.Latency, Bound: 50 * time.Millisecond, Quantile: 9500, Confidence: 9999}}
	record := mustRun(t, p).Offers[0]
	total := record.Total()
	if total.Number != 5 || total.Requests != 2000 || total.Dropped < 1000 || total.Late < 50 {
		t.Errorf("in all %+v", total)
	}
	if !record.Blocks[0].Saturated || record.Blocks[0].Requests != 400 {
		t.Errorf("the first block isn't saturated: %+v", record.Blocks[0])
	}
	if queue, beyond := record.Phases[Queue.String()].Unpack().Max(); beyond || queue < 90*time.Millisecond || queue > 300*time.Millisecond {
		t.Errorf("the longest wait is %v", queue)
	}
}

// TestRun_Hung: a service that never answers is left alone at each time-out, and
// the run ends.
func TestRun_Hung(t *testing.T) {
	t.Parallel()
	p := plan(do(hangs), 200, 50*time.Millisecond, 500*time.Millisecond)
	p.Connections, p.Timeout, p.Patience = 3, 150*time.Millisecond, 100*time.Millisecond
	p.Goals = []measure.Goal{{Metric: measure.Latency, Bound: time.Second, Quantile: 9500, Confidence: 9500}}
	began := time.Now()
	total := mustRun(t, p).Offers[0].Total()
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
	if total.Requests != 100 || total.Slow[0] != 100 || total.Failures[string(Timeout)] < 3 || total.Failures[string(Timeout)]+total.Dropped != 100 {
		t.Errorf("in all %+v", total)
	}
}

func TestRun_StopSwitch(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(context.Background())
	time.AfterFunc(150*time.Millisecond, stop)
	p := plan(do(hangs), 100, 50*time.Millisecond, time.Minute)
	began := time.Now()
	r, err := Run(ctx, p, System())
	if err != nil {
		t.Fatal(err)
	}
	if d := time.Since(began); d > 3*time.Second {
		t.Errorf("took %v to stop", d)
	}
	record := r.Offers[0]
	if !r.Stopped || record.Ended != measure.LoadStopped {
		t.Errorf("stopped %v, ended %s", r.Stopped, record.Ended)
	}
	if total := record.Total(); total.Requests != 0 || record.Latency().Count() != 0 {
		t.Errorf("requests that were cancelled by us count against the offer: %+v", total)
	}
}

// TestRun_StopSwitch_Idle: neither a sleeping leader nor waiting workers hold it up.
func TestRun_StopSwitch_Idle(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, stop)
	p := plan(do(instant), 0.01, 100*time.Second, 200*time.Second)
	began := time.Now()
	if _, err := Run(ctx, p, System()); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(began); d > 3*time.Second {
		t.Errorf("took %v to stop", d)
	}
}

func TestRun_Closed(t *testing.T) {
	t.Parallel()
	var inFlight, most atomic.Int64
	p := plan(do(func(context.Context, *Op) error {
		n := inFlight.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(5 * time.Millisecond)
		inFlight.Add(-1)
		return nil
	}), 0, 100*time.Millisecond, 500*time.Millisecond)
	p.Load = Load{Shape: Closed, Block: 100 * time.Millisecond}
	record := mustRun(t, p).Offers[0]
	total := record.Total()
	if !record.Closed || total.Number != 5 || total.Requests < 40 || total.Requests > 8*5*20+8*5 || most.Load() > 8 {
		t.Errorf("closed %v, at most %d at once, in all %+v", record.Closed, most.Load(), total)
	}
	if record.Lateness.Unpack().Count() != 0 {
		t.Error("a closed loop can't be late")
	}
}

// TestRun_TakesTurns: contestants and the null server take turns in rounds of random
// order, never two at once, each with the same arrivals; one that is decided leaves.
func TestRun_TakesTurns(t *testing.T) {
	t.Parallel()
	p := plan(do(instant), 1000, 10*time.Millisecond, 3*time.Second)
	p.Contestants = append(p.Contestants, Contestant{Name: "brume", OpBytes: 1, Budget: plenty(), Workload: do(func(context.Context, *Op) error {
		return Fail(Status, errors.New("503"))
	})})
	p.Null = do(instant)
	p.Goals = []measure.Goal{{Metric: measure.Latency, Bound: 500 * time.Millisecond, Quantile: 9500, Confidence: 9500, MinBlocks: 70}}
	var mu sync.Mutex
	var starts []time.Duration
	p.OnBlock = func(_ string, b measure.LoadBlock) {
		mu.Lock()
		defer mu.Unlock()
		starts = append(starts, b.Start)
	}
	r := mustRun(t, p)
	if got, err := r.Decide(0, 0); err != nil || got.Answer != measure.Met || r.Offers[0].Ended != measure.LoadDecided {
		t.Errorf("alize: %+v, ended %s", got, r.Offers[0].Ended)
	}
	if got, err := r.Decide(1, 0); err != nil || got.Answer != measure.NotMet || got.Blocks < 70 {
		t.Errorf("brume: %+v", got)
	}
	if n := len(r.Offers[1].Blocks); n > 150 {
		t.Errorf("brume took %d turns after it was decided", n)
	}
	slices.Sort(starts)
	for i, s := range starts {
		if i > 0 && s-starts[i-1] < 10*time.Millisecond {
			t.Fatalf("two blocks at once: %v and %v", starts[i-1], s)
		}
	}
	firsts := map[string]int{}
	for i := range min(len(r.Offers[0].Blocks), len(r.Offers[1].Blocks), len(r.Null.Blocks)) {
		a, b, n := r.Offers[0].Blocks[i].Start, r.Offers[1].Blocks[i].Start, r.Null.Blocks[i].Start
		firsts[map[time.Duration]string{a: "a", b: "b", n: "n"}[min(a, b, n)]]++
	}
	for _, name := range []string{"a", "b", "n"} {
		if firsts[name] < 5 {
			t.Errorf("%s comes first %d times: %v", name, firsts[name], firsts)
		}
	}
}

func TestRun_Steps(t *testing.T) {
	t.Parallel()
	p := plan(do(instant), 0, 50*time.Millisecond, time.Minute)
	p.Load = Load{Shape: Steps, Block: 50 * time.Millisecond, Steps: []Step{{Rate: 100, For: 100 * time.Millisecond}, {Rate: 400, For: 50 * time.Millisecond}}}
	record := mustRun(t, p).Offers[0]
	var requests []int64
	for _, b := range record.Blocks {
		requests = append(requests, b.Requests)
	}
	if !slices.Equal(requests, []int64{5, 5, 20}) || record.Ended != measure.LoadOver {
		t.Errorf("%d requests, ended %s", requests, record.Ended)
	}
}

// TestRun_NotOpened: what can't be opened ends the run before its first request.
func TestRun_NotOpened(t *testing.T) {
	t.Parallel()
	_, err := Run(context.Background(), plan(broken{}, 10, 100*time.Millisecond, time.Second), System())
	if err == nil {
		t.Fatal("a workload that can't be opened was accepted")
	}
}

type broken struct{}

func (broken) Open() (Client, error) { return nil, errors.New("no such bucket") }
