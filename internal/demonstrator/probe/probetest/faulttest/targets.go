package faulttest

import (
	"maps"
	"slices"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
)

// sameTargets checks that no target of the shipped catalogue changes its verdict
// unless it uses one of the checks. The targets that the suite has no part in are
// held to it as well: what was not run says nothing, before and after.
func (b *bench) sameTargets(t *testing.T, fault string, clean, now map[string]measure.Result, checks []string) {
	t.Helper()
	offer := b.offer(t, "brume")
	before, after := b.verdicts(offer, clean), b.verdicts(offer, now)
	if len(before) == 0 || len(before) != len(after) {
		t.Errorf("%s: %d targets decided before, %d after", fault, len(before), len(after))
	}
	for id, verdict := range before {
		functional := b.cat.Target(id).Functional
		uses := functional != nil && slices.ContainsFunc(functional.Checks, func(c string) bool { return slices.Contains(checks, c) })
		if !uses && verdict != after[id] {
			t.Errorf("%s: target %s went from %s to %s and uses none of the checks that notice", fault, id, verdict, after[id])
		}
	}
}

func (b *bench) verdicts(offer catalogue.Offer, results map[string]measure.Result) map[catalogue.TargetID]score.Verdict {
	card := score.Evaluate(b.cat, offer, score.Facts{Results: slices.Collect(maps.Values(results))}, catalogue.DateOf(time.Now()))
	list := map[catalogue.TargetID]score.Verdict{}
	for _, v := range card.Targets {
		list[v.Target] = v.Verdict
	}
	return list
}
