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
		time.Sleep(bound/tenth + 20*time.Millisecond)
		return nil
	})
	for name, c := range map[string]struct {
		change func(p *Plan)
		clock  func() Clock
		want   []VoidRule
	}{
		"stands":       {func(*Plan) {}, System, nil},
		"no null":      {func(p *Plan) { p.Null = nil }, System, []VoidRule{Uncalibrated}},
		"slow null":    {func(p *Plan) { p.Null = slow }, System, []VoidRule{Generator}},
		"failing null": {func(p *Plan) { p.Null = do(func(context.Context, *Op) error { return errStopped }) }, System, []VoidRule{Generator}},
		"held": {func(p *Plan) {
			b := p.Contestants[0].Budget // another run has just used up what the rate allows
			b.caps.Rate, b.begun, b.ends, b.next = 100, true, time.Hour, burst+700*time.Millisecond
		}, System, []VoidRule{Slipped}},
		// Requests that a suspended generator has dropped are its own fault.
		"suspended": {func(p *Plan) { p.Patience = 300 * time.Millisecond }, func() Clock {
			return &suspended{Clock: &jumpy{Clock: System(), jump: 600 * time.Millisecond}, after: 300 * time.Millisecond, asleep: 600 * time.Millisecond}
		}, []VoidRule{Generator, Slipped, Stepped}},
		"stepped": {func(*Plan) {}, func() Clock { return &jumpy{Clock: System(), jump: -3 * time.Second} }, []VoidRule{Stepped}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan(do(instant), 100, 50*time.Millisecond, 500*time.Millisecond)
			p.Null = do(instant)
			p.Goals = []Goal{{Bound: bound, Quantile: 9500, Confidence: 9500}}
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

func TestTooMany(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		b    measure.Block
		q    measure.Quantile
		want bool
	}{
		{measure.Block{Requests: 100, Slow: 5}, 9500, false},
		{measure.Block{Requests: 100, Slow: 6}, 9500, true},
		{measure.Block{Requests: 1000, Slow: 1}, 9990, false},
		{measure.Block{Requests: 999, Slow: 1}, 9990, true},
	} {
		if got := tooMany(c.b, c.q); got != c.want {
			t.Errorf("%+v above %v: %v", c.b, c.q, got)
		}
	}
}
