package evidence

import (
	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
)

// Outcome is all that was decided from a record.
type Outcome struct {
	Rules   int            `json:"rules"` // version of the rules of decision
	On      catalogue.Date `json:"on"`    // the date as of which it was decided
	Cards   []score.Card   `json:"cards"` // in the order of the plan
	Ranking score.Ranking  `json:"ranking"`
}

// Decide decides every target from what was measured, as of the run's own date.
func Decide(r *Record) Outcome {
	o := Outcome{Rules: score.Rules, On: catalogue.DateOf(r.Plan.Started.UTC()), Cards: []score.Card{}}
	for _, offer := range r.Offers {
		o.Cards = append(o.Cards, score.Evaluate(r.Catalogue, offer, score.Facts{Results: r.Results, Findings: r.Findings, Loads: r.Loads}, o.On))
	}
	o.Ranking = score.Rank(r.Catalogue, o.Cards)
	return o
}

// lean keeps of each result only what decides, and only where a target asks for
// it: deciding takes no more memory for a hundred thousand results than for ten.
type lean struct {
	asked map[string]bool
	index map[[2]string]int
	kept  []measure.Result
}

func newLean(cat *catalogue.Catalogue) *lean {
	l := &lean{asked: map[string]bool{}, index: map[[2]string]int{}}
	for _, t := range cat.Targets {
		if t.Functional != nil {
			for _, check := range t.Functional.Checks {
				l.asked[check] = true
			}
		}
	}
	return l
}

// add keeps the last result of a check on an offer.
func (l *lean) add(r measure.Result) {
	if !l.asked[r.Check] {
		return
	}
	r.Exchanges = nil
	if r.Reason != nil {
		r.Reason = &measure.Reason{Cause: r.Reason.Cause}
	}
	key := [2]string{r.Offer, r.Check}
	if i, ok := l.index[key]; ok {
		l.kept[i] = r
		return
	}
	l.index[key] = len(l.kept)
	l.kept = append(l.kept, r)
}
