package load

import (
	"context"
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/fault"
)

// TestPlan_Refused: nothing is asked of an offer beyond what its owner allows.
func TestPlan_Refused(t *testing.T) {
	t.Parallel()
	caps := Caps{Rate: 100, Connections: 8, Bytes: 1_000_000, Duration: 10 * time.Second, Requests: 1000}
	for name, c := range map[string]struct {
		change func(p *Plan)
		want   string
	}{
		"fits": {func(*Plan) {}, ""},
		"rate": {func(p *Plan) { p.Load.Rate = 101 }, "rate"},
		"step": {func(p *Plan) {
			p.Load = Load{Shape: Steps, Block: p.Load.Block, Steps: []Step{{10, time.Second}, {200, time.Second}}}
		}, "200/s"},
		"connections":      {func(p *Plan) { p.Connections = 9 }, "connections"},
		"shared":           {func(p *Plan) { p.Contestants = append(p.Contestants, p.Contestants[0]) }, "connections"},
		"duration":         {func(p *Plan) { p.Duration = 11 * time.Second }, "duration"},
		"others' turns":    {func(p *Plan) { p.Duration, p.Null = 6*time.Second, do(instant) }, "turns"},
		"requests":         {func(p *Plan) { p.Contestants[0].Budget.caps.Requests = 499 }, "requests"},
		"requests bounded": {func(p *Plan) { p.Contestants[0].Budget.caps.Requests, p.Requests = 499, 400 }, ""},
		"bytes":            {func(p *Plan) { p.Contestants[0].OpBytes = 2001 }, "bytes"},
		"no caps":          {func(p *Plan) { p.Contestants[0].Budget = nil }, "owner"},
		"no bytes":         {func(p *Plan) { p.Contestants[0].OpBytes = 0 }, "bytes a request"},
		"nobody":           {func(p *Plan) { p.Contestants = nil }, "no offer"},
		"no connection":    {func(p *Plan) { p.Connections = 0 }, "at least one"},
		"no time-out":      {func(p *Plan) { p.Timeout = 0 }, "timeout"},
		"no patience":      {func(p *Plan) { p.Patience = -1 }, "patience"},
		"short block":      {func(p *Plan) { p.Load.Block = time.Millisecond }, "block"},
		"short duration":   {func(p *Plan) { p.Duration = time.Millisecond }, "duration"},
		"few requests":     {func(p *Plan) { p.Requests = 9 }, "a block has more"},
		"shape":            {func(p *Plan) { p.Load.Shape = "sawtooth" }, "sawtooth"},
		"no rate":          {func(p *Plan) { p.Load.Rate = 0 }, "rate"},
		"no steps":         {func(p *Plan) { p.Load.Shape = Steps }, "step"},
		"huge block":       {func(p *Plan) { p.Load.Rate = 1e9 }, "requests a block"},
		"closed":           {func(p *Plan) { p.Load = Load{Shape: Closed, Block: time.Second} }, ""},
		"closed with goal": {func(p *Plan) {
			p.Load.Shape, p.Goals = Closed, []measure.Goal{{Metric: measure.Latency, Bound: time.Second, Quantile: 9500, Confidence: 9500}}
		}, "closed loop"},
		"goal": {func(p *Plan) {
			p.Goals = []measure.Goal{{Metric: measure.Latency, Bound: time.Second, Quantile: 10_000, Confidence: 9500}}
		}, "quantile"},
		"goal's metric": {func(p *Plan) {
			p.Goals = []measure.Goal{{Metric: "time-to-first-token", Bound: time.Second, Quantile: 9500, Confidence: 9500}}
		}, "time-to-first-token"},
		"goal's bound": {func(p *Plan) {
			p.Goals = []measure.Goal{{Metric: measure.Latency, Bound: 0, Quantile: 9500, Confidence: 9500}}
		}, "bound"},
		"goal's confidence": {func(p *Plan) {
			p.Goals = []measure.Goal{{Metric: measure.Latency, Bound: time.Second, Quantile: 9500, Confidence: 10_000}}
		}, "confidence"},
	} {
		p := plan(do(func(context.Context, *Op) error {
			t.Errorf("%s: a request was made", name)
			return nil
		}), 100, 100*time.Millisecond, 5*time.Second)
		p.Contestants[0].Budget = NewBudget(caps)
		c.change(&p)
		err := p.Check()
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if _, ran := Run(context.Background(), p, System()); ran == nil {
			t.Errorf("%s: Run accepts it", name)
		}
		if err == nil || fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want it to say %q", name, err, c.want)
		} else if french := fault.Say(err, "fr"); french == fault.Say(err, "en") {
			t.Errorf("%s: no French: %s", name, french)
		}
	}
}

// TestBudget_Live: a cap ends the measurement, whatever the plan had foreseen.
func TestBudget_Live(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cap  Cap
		caps Caps
	}{
		{CapBytes, Caps{Rate: 1e6, Connections: 8, Bytes: 25_000, Duration: time.Minute}},
		{CapRequests, Caps{Rate: 1e6, Connections: 8, Bytes: 1e12, Duration: time.Minute, Requests: 37}},
		{CapDuration, Caps{Rate: 1e6, Connections: 8, Bytes: 1e12, Duration: 400 * time.Millisecond}},
	} {
		p := plan(do(func(_ context.Context, op *Op) error {
			time.Sleep(time.Millisecond)
			op.Received = 700
			return nil
		}), 0, 20*time.Millisecond, 300*time.Millisecond)
		p.Load = Load{Shape: Closed, Block: 20 * time.Millisecond} // what it will ask isn't known before
		p.Contestants[0].Budget = NewBudget(c.caps)
		if c.cap == CapDuration { // an earlier run has taken most of it
			p.Contestants[0].Budget.begun, p.Contestants[0].Budget.ends = true, 150*time.Millisecond
		}
		record := mustRun(t, p).Offers[0]
		requests, bytes := p.Contestants[0].Budget.Spent()
		if record.Ended != measure.LoadCapped || record.Cap != string(c.cap) || bytes > c.caps.Bytes || c.caps.Requests > 0 && requests > c.caps.Requests {
			t.Errorf("%s: ended %s %s after %d requests and %d bytes", c.cap, record.Ended, record.Cap, requests, bytes)
		}
	}
}

// TestBudget_Rate: starts never exceed the rate by more than a second's worth.
func TestBudget_Rate(t *testing.T) {
	t.Parallel()
	b := NewBudget(Caps{Rate: 100, Bytes: 1e9, Duration: time.Hour})
	b.begin(0)
	admitted := 0
	for now := time.Duration(0); now < 3*time.Second; now += time.Millisecond {
		for {
			wait, reached := b.admit(now, 1)
			if reached != "" {
				t.Fatal(reached)
			}
			if wait > 0 {
				break
			}
			admitted++
		}
		if most := 101 + int(100*now/time.Second); admitted > most {
			t.Fatalf("%d requests after %v", admitted, now)
		}
	}
	if admitted < 398 {
		t.Errorf("%d requests in 3 s", admitted)
	}
}

// TestBudget_TimeRunsOut: requests under way are cancelled at the cap on duration.
func TestBudget_TimeRunsOut(t *testing.T) {
	t.Parallel()
	p := plan(do(hangs), 100, 20*time.Millisecond, 200*time.Millisecond)
	p.Contestants[0].Budget.begun, p.Contestants[0].Budget.ends = true, 100*time.Millisecond
	began := time.Now()
	record := mustRun(t, p).Offers[0]
	if d := time.Since(began); record.Ended != measure.LoadCapped || record.Cap != string(CapDuration) || d > 3*time.Second {
		t.Errorf("ended %s %s after %v", record.Ended, record.Cap, d)
	}
	if total := record.Total(); total.Requests != 0 {
		t.Errorf("the cap counts against the offer: %+v", total)
	}
}
