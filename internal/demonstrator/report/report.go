// Package report shows a finished run to people and to machines: a page for each
// language, JSON with a published schema, JUnit, and what a terminal says while
// and after a run. It decides nothing: verdicts come from score, and every
// figure bears its denominator. Texts that came from an offer are hostile until
// shown: control characters are made visible, markup is escaped.
package report

import (
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
)

// View is a run with what was decided about it. Cards are in the order of
// Record.Offers.
type View struct {
	Record  *evidence.Record
	Cards   []score.Card
	Ranking score.Ranking

	Answers    []evidence.Answer   // of providers, about single results
	Exceptions []evidence.Standing // on the date of the report
}

// missing is the state shown for a planned check without a result: the run
// stopped before it. It is no measure.State, for nothing was recorded.
const missing measure.State = "missing"

// offer returns the offer with that id; nil when the run has none.
func (v View) offer(id catalogue.OfferID) *catalogue.Offer {
	i := slices.IndexFunc(v.Record.Offers, func(o catalogue.Offer) bool { return o.ID == id })
	if i < 0 {
		return nil
	}
	return &v.Record.Offers[i]
}

// card returns the card of an offer; nil when there is none.
func (v View) card(id catalogue.OfferID) *score.Card {
	i := slices.IndexFunc(v.Cards, func(c score.Card) bool { return c.Offer == id })
	if i < 0 {
		return nil
	}
	return &v.Cards[i]
}

// name is how an offer is called: its name, else its id.
func (v View) name(id catalogue.OfferID) string {
	if o := v.offer(id); o != nil && strings.TrimSpace(o.Name) != "" {
		return visible(o.Name)
	}
	return visible(string(id))
}

// results gives what became of each check of an offer: the last line counts.
func (v View) results(id catalogue.OfferID) map[string]*measure.Result {
	latest := make(map[string]*measure.Result)
	for i := range v.Record.Results {
		if r := &v.Record.Results[i]; r.Offer == string(id) {
			latest[r.Check] = r
		}
	}
	return latest
}

// stateOf is the state of a check, missing when nothing was recorded.
func stateOf(r *measure.Result) measure.State {
	switch {
	case r == nil:
		return missing
	case r.State.Valid():
		return r.State
	}
	return measure.Errored
}

// checks lists every check that the run planned, then those that only results
// or targets know, so that nothing is left out of sight.
func (v View) checks() []evidence.CheckPlan {
	list := slices.Clone(v.Record.Plan.Checks)
	known := make(map[string]bool, len(list))
	for _, c := range list {
		known[c.ID] = true
	}
	var others []string
	note := func(id string) {
		if !known[id] {
			known[id] = true
			others = append(others, id)
		}
	}
	for _, r := range v.Record.Results {
		note(r.Check)
	}
	for _, c := range v.Cards {
		for _, t := range c.Targets {
			for _, id := range t.Checks {
				note(id)
			}
		}
	}
	slices.Sort(others)
	for _, id := range others {
		list = append(list, evidence.CheckPlan{ID: id})
	}
	return list
}

// targetRow is one target with the verdict of each offer, in the order of the
// cards. An offer whose card lacks the target has a nil verdict.
type targetRow struct {
	target   *catalogue.Target
	verdicts []*score.TargetVerdict
}

// needRows is a need with its targets: gates first, then by weight.
type needRows struct {
	need    *catalogue.Need
	targets []targetRow
}

// byNeed lists what was decided, grouped by need in the order of the catalogue.
// Needs without any decided target are left out.
func (v View) byNeed() []needRows {
	var groups []needRows
	for i := range v.Record.Catalogue.Needs {
		need := &v.Record.Catalogue.Needs[i]
		group := needRows{need: need}
		for j := range v.Record.Catalogue.Targets {
			target := &v.Record.Catalogue.Targets[j]
			if target.Need != need.ID {
				continue
			}
			if row, decided := v.row(target); decided {
				group.targets = append(group.targets, row)
			}
		}
		slices.SortStableFunc(group.targets, func(a, b targetRow) int { return importance(b.target) - importance(a.target) })
		if len(group.targets) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

func (v View) row(target *catalogue.Target) (row targetRow, decided bool) {
	row.target = target
	for i := range v.Cards {
		verdict := verdictOn(&v.Cards[i], target.ID)
		row.verdicts = append(row.verdicts, verdict)
		decided = decided || verdict != nil
	}
	return row, decided
}

func verdictOn(c *score.Card, id catalogue.TargetID) *score.TargetVerdict {
	i := slices.IndexFunc(c.Targets, func(t score.TargetVerdict) bool { return t.Target == id })
	if i < 0 {
		return nil
	}
	return &c.Targets[i]
}

// importance puts gates before scored targets, and those by weight.
func importance(t *catalogue.Target) int {
	if t.Role == catalogue.Gate {
		return 1000
	}
	return t.Weight
}

// gates counts the verdicts on a card's gates. Outside are those of needs that
// the offer doesn't claim: they are in no denominator.
type gates struct{ met, notMet, notEstablished, outside int }

// evaluated is the denominator.
func (g gates) evaluated() int { return g.met + g.notMet + g.notEstablished }

func gatesOf(c *score.Card) gates {
	var g gates
	for _, t := range c.Targets {
		if t.Role == catalogue.Scored {
			continue
		}
		switch t.Verdict {
		case score.Met:
			g.met++
		case score.NotMet:
			g.notMet++
		case score.NotEvaluated:
			g.outside++
		default:
			g.notEstablished++
		}
	}
	return g
}
