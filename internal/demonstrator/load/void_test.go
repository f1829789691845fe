package load

import (
	"context"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// TestVoid: each rule, and each alone.
func TestVoid(t *testing.T) {
	t.Parallel()
	const bound = 2 * time.Second
	slow := do(func(context.Context, *Op) error {
		time.Sleep(bound/measure.Tenth + 20*time.Millisecond)
		return nil
	})
	for name, c := range map[string]struct {
		change func(p *Plan)
		clock  func() Clock
		want   []measure.VoidRule
	}{
		"stands":       {func(*Plan) {}, System, nil},
		"no null":      {func(p *Plan) { p.Null = nil }, System, []measure.VoidRule{measure.Uncalibrated}},
		"slow null":    {func(p *Plan) { p.Null = slow }, System, []measure.VoidRule{measure.Generator}},
		"failing null": {func(p *Plan) { p.Null = do(func(context.Context, *Op) error { return errStopped }) }, System, []measure.VoidRule{measure.Generator}},
		"held": {func(p *Plan) {
			b := p.Contestants[0].Budget // another run has just used up what the rate allows
			b.caps.Rate, b.begun, b.ends, b.next = 100, true, time.Hour, burst+700*time.Millisecond
		}, System, []measure.VoidRule{measure.Slipped}},
		// Requests that a suspended generator has dropped are its own fault.
		"suspended": {func(p *Plan) { p.Patience = 300 * time.Millisecond }, func() Clock {
			return &suspended{Clock: &jumpy{Clock: System(), jump: 600 * time.Millisecond}, after: 300 * time.Millisecond, asleep: 600 * time.Millisecond}
		}, []measure.VoidRule{measure.Generator, measure.Slipped, measure.Stepped}},
		"stepped": {func(*Plan) {}, func() Clock { return &jumpy{Clock: System(), jump: -3 * time.Second} }, []measure.VoidRule{measure.Stepped}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan(do(instant), 100, 50*time.Millisecond, 500*time.Millisecond)
			p.Null = do(instant)
			p.Goals = []measure.Goal{{Metric: measure.Latency, Bound: bound, Quantile: 9500, Confidence: 9500}}
			c.change(&p)
			r, err := Run(context.Background(), p, c.clock())
			if err != nil {
				t.Fatal(err)
			}
			got := r.Void(0, 0)
			if len(got) != len(c.want) {
				t.Fatalf("%+v, want %v", got, c.want)
			}
			for i, v := range got {
				if v.Rule != c.want[i] || v.Text().FR == v.Text().EN || v.Text().FR == "" {
					t.Errorf("%+v: %s", v, v.Text().EN)
				}
				t.Log(v.Text().FR)
				t.Log(v.Text().EN)
			}
			if name == "held" && got[0].Held == 0 {
				t.Error("it doesn't say that requests were held back")
			}
		})
	}
}
