package score_test

import (
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
)

const ms = time.Millisecond

// underLoad is a catalogue of one quantitative target, and an offer that claims its need.
func underLoad(role catalogue.Role) (*catalogue.Catalogue, catalogue.Offer) {
	bound, want, floor := measure.Duration(20*ms), measure.Duration(20*ms), measure.Duration(100*ms)
	q := &catalogue.Quantitative{
		Service: "s3", Operation: "get-4k", Metric: measure.Latency, Quantile: 9500, Load: catalogue.Arrival{Shape: "constant", Rate: 100},
		Block: measure.Duration(100 * ms), MinDuration: measure.Duration(time.Second), Confidence: 9500,
	}
	target := catalogue.Target{ID: "fast", Need: "storage", Role: role, States: []catalogue.Phase{{From: "2026-01-01", State: catalogue.Effective}}, Quantitative: q}
	if role == catalogue.Gate {
		q.Bound = &bound
	} else {
		q.Want, q.Floor, target.Weight = &want, &floor, 4
	}
	validity := measure.Duration(90 * 24 * time.Hour)
	target.Validity = &validity
	return &catalogue.Catalogue{Needs: []catalogue.Need{{ID: "storage"}}, Targets: []catalogue.Target{target}},
		catalogue.Offer{ID: "alize", Positions: []catalogue.NeedID{"storage"}}
}

// loaded is n blocks of 10 requests each, all with one latency.
func loaded(cat *catalogue.Catalogue, n int, latency time.Duration) *measure.LoadRun {
	q := cat.Targets[0].Quantitative
	run := &measure.LoadRun{Plan: q.LoadPlan(), Goals: q.Goals(), Began: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	record := func(name string, latency time.Duration, tenth time.Duration) measure.LoadRecord {
		h, lateness := new(measure.Histogram), new(measure.Histogram)
		r := measure.LoadRecord{Name: name, State: measure.Pass, Ended: measure.LoadSpent, PerBlocks: n}
		for i := range n {
			b := measure.LoadBlock{Number: i, Requests: 10, Start: time.Duration(i) * time.Second}
			for _, g := range run.Goals {
				slow := int64(0)
				if latency > g.Bound/tenth {
					slow = 10
				}
				b.Slow = append(b.Slow, slow)
			}
			for range 10 {
				h.Record(latency)
				lateness.Record(time.Microsecond)
			}
			r.Blocks = append(r.Blocks, b)
		}
		r.Service, r.Lateness, r.Segments = h.Pack(), lateness.Pack(), map[string][]measure.Packed{measure.Latency: {h.Pack()}}
		return r
	}
	run.Offers = []measure.LoadRecord{record("alize", latency, 1)}
	null := record("null", 50*time.Microsecond, measure.Tenth)
	run.Null = &null
	return run
}

// TestEvaluate_UnderLoad: what decides a quantitative target, and what doesn't.
func TestEvaluate_UnderLoad(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		role    catalogue.Role
		blocks  int
		latency time.Duration
		change  func(*measure.LoadRun)
		verdict score.Verdict
		value   string
		says    string
	}{
		"gate met":          {catalogue.Gate, 80, 5 * ms, nil, score.Met, "", "p95 of 5.1 ms under 100/s, at most 20 ms: met with 95 % confidence; 0 of 720 requests too slow or unanswered, 5 % allowed, in 72 blocks."},
		"gate not met":      {catalogue.Gate, 80, 30 * ms, nil, score.NotMet, "", "exceeded with 95 % confidence"},
		"gate undecided":    {catalogue.Gate, 58, 5 * ms, nil, score.NotEstablished, "", "Undecided after 58 blocks, at least 59 are needed"},
		"wanted":            {catalogue.Scored, 80, 5 * ms, nil, score.Met, "1", "p95 of 5.1 ms"},
		"halfway":           {catalogue.Scored, 80, 60 * ms, nil, score.NotMet, "39969/80000", "Value 49.9 % between 100 ms and 20 ms."},
		"below the floor":   {catalogue.Scored, 80, 200 * ms, nil, score.NotMet, "0", "at most 100 ms: exceeded"},
		"scored, undecided": {catalogue.Scored, 60, 5 * ms, nil, score.NotEstablished, "", "Undecided after 60 blocks"},
		"busy generator": {catalogue.Gate, 80, 5 * ms, func(r *measure.LoadRun) {
			for i := range r.Null.Blocks {
				r.Null.Blocks[i].Slow[0] = 10
			}
		}, score.NotEstablished, "", "Void: the generator itself"},
		"set clock": {catalogue.Gate, 80, 5 * ms, func(r *measure.LoadRun) { r.Step = time.Second }, score.NotEstablished, "", "the clock jumped"},
		"no null":   {catalogue.Scored, 80, 5 * ms, func(r *measure.LoadRun) { r.Null = nil }, score.NotEstablished, "", "no null server"},
		"stopped":   {catalogue.Gate, 10, 5 * ms, func(r *measure.LoadRun) { r.Stopped = true }, score.NotEstablished, "", "the run was stopped"},
		"capped": {catalogue.Gate, 10, 5 * ms, func(r *measure.LoadRun) { r.Offers[0].Ended, r.Offers[0].Cap = measure.LoadCapped, "bytes" },
			score.NotEstablished, "", "the offer's cap was reached (bytes)"},
		"not supported": {catalogue.Scored, 1, ms, refused(measure.Unsupported, measure.Reason{Cause: measure.Service, Want: "s3"}), score.NotMet, "0", `The offer has no "s3" service.`},
		"refused":       {catalogue.Gate, 1, ms, refused(measure.Fail, measure.Reason{Cause: measure.Assertion, Did: "PUT", Got: "500", Want: "200", Rule: "S3"}), score.NotMet, "", "PUT returned 500"},
		"our error":     {catalogue.Gate, 1, ms, refused(measure.Errored, measure.Reason{Cause: measure.Engine, Got: "x"}), score.NotEstablished, "", "Our own tool failed"},
		"cap":           {catalogue.Gate, 1, ms, refused(measure.NotRun, measure.Reason{Cause: measure.Cap, Got: "rate 5/s, 100/s needed"}), score.NotEstablished, "", "rate 5/s, 100/s needed"},
		"expired":       {catalogue.Gate, 80, 5 * ms, func(r *measure.LoadRun) { r.Began = r.Began.AddDate(-1, 0, 0) }, score.NotEstablished, "", "expired"},
		"another load":  {catalogue.Gate, 80, 5 * ms, func(r *measure.LoadRun) { r.Plan.Rate = 50 }, score.NotEstablished, "", "No load measurement"},
		"another bound": {catalogue.Gate, 80, 5 * ms, func(r *measure.LoadRun) { r.Goals[0].Bound = time.Second }, score.NotEstablished, "", "doesn't decide this bound"},
		"another offer": {catalogue.Gate, 80, 5 * ms, func(r *measure.LoadRun) { r.Offers[0].Name = "brume" }, score.NotEstablished, "", "No load measurement"},
	} {
		cat, offer := underLoad(c.role)
		run := loaded(cat, c.blocks, c.latency)
		if c.change != nil {
			c.change(run)
		}
		card := score.Evaluate(cat, offer, score.Facts{Loads: []measure.LoadRun{*run}}, "2026-03-01")
		v, value := card.Targets[0], ""
		if v.Value != nil {
			value = v.Value.RatString()
		}
		if v.Verdict != c.verdict || value != c.value || !strings.Contains(v.Reason.EN, c.says) || v.Reason.FR == v.Reason.EN {
			t.Errorf("%s: %s, value %q: %s\n  want %s, %q: …%s…", name, v.Verdict, value, v.Reason.EN, c.verdict, c.value, c.says)
		}
		if v.Tally.Required != 1 || v.Tally.Passed+v.Tally.Failed+v.Tally.Unsupported+v.Tally.NotRun+v.Tally.Errors != 1 {
			t.Errorf("%s: %+v", name, v.Tally)
		}
		t.Log(v.Reason.FR)
	}
}

func refused(state measure.State, reason measure.Reason) func(*measure.LoadRun) {
	return func(r *measure.LoadRun) {
		r.Offers[0] = measure.LoadRecord{Name: "alize", State: state, Reason: &reason}
	}
}
