package score_test

import (
	"slices"
	"testing"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
)

// An effect says what changes and nothing else: it is compared with a ranking of
// cards that were written with the other verdict.
func TestWhatIfs(t *testing.T) {
	seen := 0
	forWorlds(t, func(t *testing.T, w *world) {
		var cards []score.Card
		open := 0
		for _, o := range w.offers[:2] {
			cards = append(cards, w.card(o))
		}
		for _, c := range cards {
			for _, v := range c.Targets {
				if v.Verdict == score.NotEstablished {
					open++
				}
			}
		}
		before := text(t, cards)
		singles := 0
		for _, what := range score.WhatIfs(w.cat, cards) {
			if len(what.Targets) == 1 {
				singles++
			}
			i := slices.IndexFunc(cards, func(c score.Card) bool { return c.Offer == what.Offer })
			if w.changed(t, cards, i, what, what.Met, 1) || w.changed(t, cards, i, what, what.NotMet, 0) {
				seen++
			}
		}
		if singles != open {
			t.Errorf("%d targets are open, %d are examined", open, singles)
		}
		if text(t, cards) != before {
			t.Error("the cards were changed")
		}
	})
	if seen < 100 {
		t.Errorf("only %d effects were seen", seen)
	}
}

// changed checks one effect by writing the verdicts into the catalogue's stead.
func (w *world) changed(t *testing.T, cards []score.Card, i int, what score.WhatIf, e score.Effect, passing int) bool {
	t.Helper()
	cat := *w.cat
	cat.Targets = slices.Clone(cat.Targets)
	for j := range cat.Targets {
		if target := &cat.Targets[j]; slices.Contains(what.Targets, target.ID) {
			target.Manual, target.Functional = nil, &catalogue.Functional{Checks: []string{"made/up"}}
		}
	}
	result := measure.Result{Offer: string(cards[i].Offer), Check: "made/up", State: measure.Fail, Started: worldNow}
	if passing > 0 {
		result.State = measure.Pass
	}
	results := append(slices.Clone(w.results), result)
	offer := w.offers[slices.IndexFunc(w.offers, func(o catalogue.Offer) bool { return o.ID == cards[i].Offer })]
	want := score.Evaluate(&cat, offer, score.Facts{Results: results}, worldDate)
	after := slices.Clone(cards)
	after[i] = want
	was, is := score.Rank(w.cat, cards).Over, score.Rank(w.cat, after).Over

	if got := e.Gates; (got != nil) != (want.Gates != cards[i].Gates) || got != nil && *got != want.Gates {
		t.Errorf("%v of %s: gates %v, were %s, would be %s", what.Targets, what.Offer, got, cards[i].Gates, want.Gates)
	}
	if got := e.Score; (got != nil) != (text(t, want.Score) != text(t, cards[i].Score)) || got != nil && text(t, *got) != text(t, want.Score) {
		t.Errorf("%v of %s: score %v, would be %s", what.Targets, what.Offer, got, text(t, want.Score))
	}
	if got, old, now := e.Rank, rank(was, what.Offer), rank(is, what.Offer); (got != nil) != (old != now) || got != nil && *got != now {
		t.Errorf("%v of %s: rank %v, was %d, would be %d", what.Targets, what.Offer, got, old, now)
	}
	if old, now := firsts(was), firsts(is); (e.First != nil) != !slices.Equal(old, now) || e.First != nil && !slices.Equal(e.First, now) {
		t.Errorf("%v of %s: first %v, was %v, would be %v", what.Targets, what.Offer, e.First, old, now)
	}
	return !e.IsZero()
}

func rank(places []score.Place, offer catalogue.OfferID) int {
	for _, p := range places {
		if p.Offer == offer {
			return p.Rank
		}
	}
	return 0
}

func firsts(places []score.Place) []catalogue.OfferID {
	list := []catalogue.OfferID{}
	for _, p := range places {
		if p.Rank == 1 {
			list = append(list, p.Offer)
		}
	}
	return list
}

// A card alone has no rank to lose.
func TestWhatIfs_Alone(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *world) {
		for _, what := range score.WhatIfs(w.cat, []score.Card{w.card(w.offers[0])}) {
			for _, e := range []score.Effect{what.Met, what.NotMet} {
				if e.Rank != nil || e.NeedRank != nil || e.First != nil {
					t.Errorf("%v moves the rank of an offer alone", what.Targets)
				}
			}
		}
	})
}
