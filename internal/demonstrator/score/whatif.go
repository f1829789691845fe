package score

import (
	"math/big"
	"slices"

	"aloi.dev/internal/demonstrator/catalogue"
)

// WhatIf says what would change if a target that is not established for an offer
// were met (a scored one: worth 1), and if it were not met (worth 0).
type WhatIf struct {
	Offer   catalogue.OfferID
	Targets []catalogue.TargetID // one; or, last of an offer, all that it leaves open
	Role    catalogue.Role       // of the one
	Met     Effect
	NotMet  Effect
}

// Effect holds what would change, and only that: a nil field stays as it is.
type Effect struct {
	Gates    *Verdict
	Score    *Score
	Rank     *int                // over the common needs; 0 when unranked
	NeedRank *int                // on the target's need, where that is another list
	First    []catalogue.OfferID // over the common needs; empty when nobody would be first
}

// IsZero reports that nothing would change.
func (e Effect) IsZero() bool {
	return e.Gates == nil && e.Score == nil && e.Rank == nil && e.NeedRank == nil && e.First == nil
}

// WhatIfs examines every target that is not established, offer by offer; when an
// offer has several, all of them at once come last: its best and its worst. The
// cards come from one catalogue at one date. A card alone has no rank.
func WhatIfs(cat *catalogue.Catalogue, cards []Card) []WhatIf {
	list := []WhatIf{}
	before := Rank(cat, cards)
	for i := range cards {
		var all []catalogue.TargetID
		for _, t := range cards[i].Targets {
			if t.Verdict != NotEstablished {
				continue
			}
			all = append(all, t.Target)
			one := whatIf(cat, cards, i, before, t.Target)
			one.Role = t.Role
			list = append(list, one)
		}
		if len(all) > 1 {
			list = append(list, whatIf(cat, cards, i, before, all...))
		}
	}
	return list
}

func whatIf(cat *catalogue.Catalogue, cards []Card, i int, before Ranking, targets ...catalogue.TargetID) WhatIf {
	return WhatIf{
		Offer: cards[i].Offer, Targets: targets,
		Met:    effect(cat, cards, i, before, targets, Met, whole(1)),
		NotMet: effect(cat, cards, i, before, targets, NotMet, whole(0)),
	}
}

func effect(cat *catalogue.Catalogue, cards []Card, i int, before Ranking, targets []catalogue.TargetID, v Verdict, value *big.Rat) Effect {
	var e Effect
	old, changed := &cards[i], cards[i].with(targets, v, value)
	if changed.Gates != old.Gates {
		e.Gates = &changed.Gates
	}
	if !old.Score.equal(changed.Score) {
		e.Score = &changed.Score
	}
	if len(cards) < 2 {
		return e
	}
	after := slices.Clone(cards)
	after[i] = changed
	ranking := Rank(cat, after)
	e.Rank = moved(before.Over, ranking.Over, old.Offer)
	if was, is := leaders(before.Over), leaders(ranking.Over); !slices.Equal(was, is) {
		e.First = is
	}
	if len(targets) == 1 {
		need := old.needOf(targets[0])
		if !slices.Equal(before.Common, []catalogue.NeedID{need}) {
			e.NeedRank = moved(before.placesOn(need), ranking.placesOn(need), old.Offer)
		}
	}
	return e
}

// with is the card as it would be with other verdicts on some of its targets.
func (c *Card) with(targets []catalogue.TargetID, verdict Verdict, value *big.Rat) Card {
	out := *c
	out.Targets, out.Needs = slices.Clone(c.Targets), slices.Clone(c.Needs)
	for i := range out.Targets {
		t := &out.Targets[i]
		if !slices.Contains(targets, t.Target) {
			continue
		}
		t.Verdict = verdict
		if t.Role == catalogue.Scored {
			t.Value = value
		}
	}
	var scope []catalogue.NeedID
	for i := range out.Needs {
		if n := &out.Needs[i]; n.Gates != NotEvaluated {
			scope = append(scope, n.Need)
			n.Gates, n.Score = out.over(n.Need)
		}
	}
	if len(scope) > 0 {
		out.Gates, out.Score = out.over(scope...)
	}
	return out
}

func (c *Card) needOf(target catalogue.TargetID) catalogue.NeedID {
	i := slices.IndexFunc(c.Targets, func(t TargetVerdict) bool { return t.Target == target })
	return c.Targets[i].Need
}

func (s Score) equal(t Score) bool {
	if s.Weight != t.Weight || s.Total != t.Total || (s.Value == nil) != (t.Value == nil) {
		return false
	}
	return s.Value == nil || s.Value.Cmp(t.Value) == 0
}

func (r *Ranking) placesOn(need catalogue.NeedID) []Place {
	for _, n := range r.Needs {
		if n.Need == need {
			return n.Places
		}
	}
	return nil
}

// moved is the offer's rank after, when it has changed.
func moved(before, after []Place, offer catalogue.OfferID) *int {
	was, is := rankOf(before, offer), rankOf(after, offer)
	if was == is {
		return nil
	}
	return &is
}

func rankOf(places []Place, offer catalogue.OfferID) int {
	for _, p := range places {
		if p.Offer == offer {
			return p.Rank
		}
	}
	return 0
}

// leaders are the offers of rank 1; never nil.
func leaders(places []Place) []catalogue.OfferID {
	first := []catalogue.OfferID{}
	for _, p := range places {
		if p.Rank == 1 {
			first = append(first, p.Offer)
		}
	}
	return first
}
