package score_test

import (
	"math/big"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
)

func TestChangeOf(t *testing.T) {
	t.Parallel()
	gate := func(v score.Verdict, passed int) *score.TargetVerdict {
		return &score.TargetVerdict{Role: catalogue.Gate, Verdict: v, Tally: score.Tally{Passed: passed, Run: 4, Required: 4}}
	}
	worth := func(n int64) *score.TargetVerdict {
		v := &score.TargetVerdict{Role: catalogue.Scored, Verdict: score.NotMet, Value: big.NewRat(n, 4)}
		if n == 4 {
			v.Verdict = score.Met
		}
		return v
	}
	open := &score.TargetVerdict{Role: catalogue.Scored, Verdict: score.NotEstablished}
	outside := gate(score.NotEvaluated, 0)
	for _, c := range []struct {
		before, after *score.TargetVerdict
		want          score.Change
	}{
		{gate(score.Met, 4), gate(score.Met, 4), score.Unchanged},
		{gate(score.Met, 4), gate(score.NotMet, 3), score.NewlyFailing},
		{gate(score.NotMet, 3), gate(score.Met, 4), score.Fixed},
		{gate(score.NotMet, 2), gate(score.NotMet, 3), score.Better},
		{gate(score.NotMet, 2), gate(score.NotMet, 1), score.Worse},
		{gate(score.NotMet, 2), gate(score.NotMet, 2), score.Unchanged},
		{gate(score.Met, 4), gate(score.NotEstablished, 2), score.Lost},
		{gate(score.NotEstablished, 2), gate(score.NotMet, 2), score.Established},
		{worth(4), worth(3), score.Worse},
		{worth(1), worth(4), score.Better},
		{worth(2), worth(2), score.Unchanged},
		{worth(2), open, score.Lost},
		{open, worth(0), score.Established},
		{open, open, score.Unchanged},
		{outside, gate(score.Met, 4), score.Established},
		{gate(score.Met, 4), outside, score.Lost},
		{nil, gate(score.Met, 4), score.Appeared},
		{gate(score.Met, 4), nil, score.Gone},
		{nil, nil, score.Unchanged},
	} {
		if got := score.ChangeOf(c.before, c.after); got != c.want {
			t.Errorf("from %+v to %+v is %s, want %s", c.before, c.after, got, c.want)
		}
	}
}

func TestCheckChange(t *testing.T) {
	t.Parallel()
	result := func(state measure.State, cause measure.Cause) *measure.Result {
		return &measure.Result{State: state, Reason: &measure.Reason{Cause: cause}}
	}
	pass, fail := result(measure.Pass, ""), result(measure.Fail, measure.Assertion)
	unsupported, blocked := result(measure.Unsupported, measure.Feature), result(measure.NotRun, measure.Prerequisite)
	filtered, broken := result(measure.NotRun, measure.Filtered), result(measure.Errored, measure.Control)
	for _, c := range []struct {
		before, after *measure.Result
		want          score.Change
	}{
		{pass, pass, score.Unchanged}, {pass, fail, score.NewlyFailing}, {pass, unsupported, score.NewlyFailing}, {pass, blocked, score.NewlyFailing},
		{fail, pass, score.Fixed}, {unsupported, pass, score.Fixed}, {fail, unsupported, score.Unchanged},
		{pass, filtered, score.Lost}, {fail, broken, score.Lost}, {pass, nil, score.Lost},
		{nil, fail, score.Established}, {broken, pass, score.Established}, {filtered, broken, score.Unchanged}, {nil, nil, score.Unchanged},
	} {
		if got := score.CheckChange(c.before, c.after); got != c.want {
			t.Errorf("from %+v to %+v is %s, want %s", c.before, c.after, got, c.want)
		}
	}
}

// LastDay and the verdicts agree on when a measurement stops counting.
func TestLastDay(t *testing.T) {
	t.Parallel()
	month := measure.Duration(30 * 24 * time.Hour)
	target := catalogue.Target{ID: "a", Need: "storage", Role: catalogue.Gate, Validity: &month, Functional: &catalogue.Functional{Checks: []string{"s3/a"}, MinCoverage: measure.Whole},
		States: []catalogue.Phase{{From: "2026-01-01", State: catalogue.Effective}}}
	at := time.Date(2026, 6, 1, 23, 30, 0, 0, time.FixedZone("CEST", 7200))
	if got := score.LastDay(&target, at); got != "2026-07-01" {
		t.Errorf("the last day is %s", got)
	}
	cat := &catalogue.Catalogue{Needs: []catalogue.Need{{ID: "storage"}}, Targets: []catalogue.Target{target}}
	offer := catalogue.Offer{ID: "alpha", Positions: []catalogue.NeedID{"storage"}}
	results := []measure.Result{{Offer: "alpha", Check: "s3/a", State: measure.Pass, Started: at}}
	for day, want := range map[catalogue.Date]score.Verdict{"2026-07-01": score.Met, "2026-07-02": score.NotEstablished} {
		if got := score.Evaluate(cat, offer, score.Facts{Results: results}, day).Gates; got != want {
			t.Errorf("on %s it is %s, want %s", day, got, want)
		}
	}
	if got := score.LastDay(&target, time.Time{}); got >= "2026-01-01" {
		t.Errorf("without an instant the last day is %s", got)
	}
	target.Validity = nil
	if got := score.LastDay(&target, at); got != "" {
		t.Errorf("without a validity the last day is %s", got)
	}
}
