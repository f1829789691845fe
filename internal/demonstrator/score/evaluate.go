package score

import (
	"math/big"
	"slices"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
)

// Facts is all that is known of some offers: what machines measured, and what
// people found.
type Facts struct {
	Results  []measure.Result
	Findings []measure.Finding
	Loads    []measure.LoadRun
}

// Evaluate decides every target that is effective on the date for one offer.
// Facts of other offers are ignored; of several results for one check, of
// several findings on one target and of several runs of one load, the last one counts. It never fails: what
// cannot be decided is NotEstablished.
func Evaluate(cat *catalogue.Catalogue, offer catalogue.Offer, facts Facts, on catalogue.Date) Card {
	card := Card{Offer: offer.ID, Targets: []TargetVerdict{}, Needs: make([]NeedScore, 0, len(cat.Needs))}
	latest := latestOf(offer.ID, facts.Results)
	distinct := outcomes{}
	for i := range cat.Targets {
		target := &cat.Targets[i]
		if target.StateAt(on) != catalogue.Effective {
			continue
		}
		if !slices.Contains(offer.Positions, target.Need) {
			card.Targets = append(card.Targets, notEvaluated(target))
			continue
		}
		seen := outcomes{}
		if target.Functional != nil {
			seen = outcomesOf(target, latest, on)
			distinct.merge(seen)
		}
		verdict := decide(target, seen)
		if target.Quantitative != nil {
			verdict.underLoad(target, facts.Loads, offer.ID, on)
		}
		if target.Functional == nil && target.Manual != nil {
			verdict.answered(target, findingOn(facts.Findings, offer.ID, target.ID), on)
		}
		card.Targets = append(card.Targets, verdict)
	}
	card.Tally = distinct.tally()
	card.sum(cat.Needs, offer.Positions)
	return card
}

// sum fills in the needs, and the gates and the score of the whole card. An
// offer that claims no need at all is NotEvaluated: it has met nothing.
func (c *Card) sum(needs []catalogue.Need, claimed []catalogue.NeedID) {
	var scope []catalogue.NeedID
	for _, need := range needs {
		row := NeedScore{Need: need.ID, Gates: NotEvaluated}
		if slices.Contains(claimed, need.ID) {
			scope = append(scope, need.ID)
			row.Gates, row.Score = c.over(need.ID)
		}
		c.Needs = append(c.Needs, row)
	}
	c.Gates = NotEvaluated
	if len(scope) > 0 {
		c.Gates, c.Score = c.over(scope...)
	}
}

// over sums up the card's verdicts over some needs, all of them claimed.
func (c *Card) over(needs ...catalogue.NeedID) (Verdict, Score) {
	gates, score, sum := Met, Score{}, new(big.Rat)
	for i := range c.Targets {
		v := &c.Targets[i]
		switch {
		case v.Verdict == NotEvaluated || !slices.Contains(needs, v.Need):
		case v.Role != catalogue.Scored:
			gates = worse(gates, v.Verdict)
		default:
			score.Total += v.Weight
			if v.Value != nil {
				score.Weight += v.Weight
				sum.Add(sum, new(big.Rat).Mul(v.Value, whole(v.Weight)))
			}
		}
	}
	if score.Weight > 0 {
		score.Value = sum.Quo(sum, whole(score.Weight))
	}
	return gates, score
}

// Worst returns the worst of the cards' gates, in the order NotMet,
// NotEstablished, NotEvaluated, Met. Without a card nothing is evaluated.
func Worst(cards []Card) Verdict {
	if len(cards) == 0 {
		return NotEvaluated
	}
	worst := Met
	for i := range cards {
		worst = worse(worst, cards[i].Gates)
	}
	return worst
}

// severity orders verdicts from the best to the worst. An unknown one is worst.
func severity(v Verdict) int {
	if i := slices.Index([]Verdict{Met, NotEvaluated, NotEstablished, NotMet}, v); i >= 0 {
		return i
	}
	return 4
}

func worse(a, b Verdict) Verdict {
	if severity(b) > severity(a) {
		return b
	}
	return a
}

func latestOf(offer catalogue.OfferID, results []measure.Result) map[string]*measure.Result {
	latest := make(map[string]*measure.Result)
	for i := range results {
		if results[i].Offer == string(offer) {
			latest[results[i].Check] = &results[i]
		}
	}
	return latest
}

func whole(n int) *big.Rat { return new(big.Rat).SetInt64(int64(n)) }
