package score_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
)

// order ranks verdicts from the worst to the best, for one role.
type order map[score.Verdict]int

// For a gate, not knowing is better than failing. For a scored target it is
// worse: a value that is not established is below every value.
var orders = map[catalogue.Role]order{
	catalogue.Gate:   {score.NotMet: 0, score.NotEstablished: 1, score.Met: 2, score.NotEvaluated: 3},
	catalogue.Scored: {score.NotEstablished: 0, score.NotMet: 1, score.Met: 2, score.NotEvaluated: 3},
}

// forWorlds runs a property on many random worlds, each named by its seed.
func forWorlds(t *testing.T, property func(*testing.T, *world)) {
	t.Parallel()
	for seed := range uint64(1000) {
		property(t, newWorld(seed))
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
}

func TestPassing_NeverWorsens(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *world) {
		before := w.card(w.offers[0])
		w.improve(w.offers[0].ID)
		after := w.card(w.offers[0])
		for i, b := range before.Targets {
			a := after.Targets[i]
			if o := orders[b.Role]; o[a.Verdict] < o[b.Verdict] {
				t.Errorf("%s went from %s to %s", b.Target, b.Verdict, a.Verdict)
			}
			if b.Value != nil && (a.Value == nil || a.Value.Cmp(b.Value) < 0) {
				t.Errorf("%s went from %s to %v", b.Target, b.Value, a.Value)
			}
		}
		for i, b := range append(before.Needs, score.NeedScore{Gates: before.Gates, Score: before.Score}) {
			a := append(after.Needs, score.NeedScore{Gates: after.Gates, Score: after.Score})[i]
			noWorse(t, b, a)
		}
	})
}

// noWorse compares sums. A mean may fall when more of it is established, so that
// values compare only over the same weight.
func noWorse(t *testing.T, before, after score.NeedScore) {
	t.Helper()
	o := orders[catalogue.Gate]
	if o[after.Gates] < o[before.Gates] {
		t.Errorf("gates of need %q went from %s to %s", before.Need, before.Gates, after.Gates)
	}
	b, a := before.Score, after.Score
	if a.Total != b.Total || a.Weight < b.Weight {
		t.Errorf("weight of need %q went from %d of %d to %d of %d", before.Need, b.Weight, b.Total, a.Weight, a.Total)
	}
	if b.Value != nil && a.Weight == b.Weight && a.Value.Cmp(b.Value) < 0 {
		t.Errorf("score of need %q went from %s to %s", before.Need, b.Value, a.Value)
	}
}

// A gate that is decided stays so whatever the unknown checks turn out to be, and
// one that is not would be met if they all passed.
func TestGate_DecidedOnlyWhenSure(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *world) {
		offer := w.offers[0]
		w.ageless()
		before := w.card(offer)
		known := w.results
		w.settle(offer.ID, measure.Pass)
		best := w.card(offer)
		w.results = known
		w.settle(offer.ID, measure.Pass, measure.Fail, measure.Unsupported)
		some := w.card(offer)
		for i, b := range before.Targets {
			switch {
			case b.Role != catalogue.Gate || b.Tally.Required == 0:
			case b.Verdict == score.NotEstablished && best.Targets[i].Verdict != score.Met:
				t.Errorf("%s was not established (%s), and could only be %s", b.Target, b.Reason.EN, best.Targets[i].Verdict)
			case b.Verdict != score.NotEstablished && some.Targets[i].Verdict != b.Verdict:
				t.Errorf("%s was %s (%s), then %s", b.Target, b.Verdict, b.Reason.EN, some.Targets[i].Verdict)
			}
		}
	})
}

func TestResults_OrderDoesNotMatter(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *world) {
		before := text(t, w.card(w.offers[0]))
		w.rng.Shuffle(len(w.results), func(i, j int) { w.results[i], w.results[j] = w.results[j], w.results[i] })
		if diff := cmp.Diff(before, text(t, w.card(w.offers[0]))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOtherOffers_DoNotMatter(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *world) {
		few := []score.Card{w.card(w.offers[0]), w.card(w.offers[1])}
		alone := score.Rank(w.cat, few)
		w.results = append(w.results, w.measured(w.offers[2].ID)...)
		if diff := cmp.Diff(text(t, few[0]), text(t, w.card(w.offers[0]))); diff != "" {
			t.Error(diff)
		}
		among := score.Rank(w.cat, append(few, w.card(w.offers[2])))
		for i, need := range alone.Needs {
			places := map[catalogue.OfferID]score.Place{}
			for _, p := range among.Needs[i].Places {
				p.Rank = 0
				places[p.Offer] = p
			}
			for _, p := range need.Places {
				p.Rank = 0
				if diff := cmp.Diff(text(t, p), text(t, places[p.Offer])); diff != "" {
					t.Errorf("on %s: %s", need.Need, diff)
				}
			}
		}
	})
}

func TestFigures_AddUp(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *world) {
		c := w.card(w.offers[0])
		addsUp(t, c.Tally)
		for _, v := range c.Targets {
			addsUp(t, v.Tally)
			if v.Verdict == score.Met && v.Tally.Passed == 0 && !w.trivial {
				t.Errorf("%s is met and nothing passed", v.Target)
			}
			if v.Value != nil && (v.Value.Sign() < 0 || v.Value.Num().Cmp(v.Value.Denom()) > 0) {
				t.Errorf("%s is worth %s", v.Target, v.Value)
			}
			if (v.Value != nil) != (v.Role == catalogue.Scored && (v.Verdict == score.Met || v.Verdict == score.NotMet)) {
				t.Errorf("%s %s is %s and its value is %v", v.Role, v.Target, v.Verdict, v.Value)
			}
			if v.Reason.FR == "" || v.Reason.EN == "" {
				t.Errorf("%s has no reason", v.Target)
			}
		}
	})
}

func addsUp(t *testing.T, c score.Tally) {
	t.Helper()
	if c.Passed > c.Run || c.Run > c.Required || c.Passed < 0 ||
		c.Run != c.Passed+c.Failed+c.Unsupported+c.Blocked || c.Required != c.Run+c.NotRun+c.Errors {
		t.Errorf("%+v doesn't add up", c)
	}
}

func TestRank_OneDenominator(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *world) {
		cards := []score.Card{w.card(w.offers[0]), w.card(w.offers[1]), w.card(w.offers[2])}
		r := score.Rank(w.cat, cards)
		w.rng.Shuffle(len(cards), func(i, j int) { cards[i], cards[j] = cards[j], cards[i] })
		if diff := cmp.Diff(text(t, r), text(t, score.Rank(w.cat, cards))); diff != "" {
			t.Errorf("the order of the cards matters: %s", diff)
		}
		ranksHold(t, r.Over)
		for _, need := range r.Needs {
			ranksHold(t, need.Places)
		}
	})
}

func ranksHold(t *testing.T, places []score.Place) {
	t.Helper()
	for i, p := range places {
		if p.Rank == 0 {
			continue
		}
		if p.Gates != score.Met || p.Score.Weight != p.Score.Total || p.Score.Total != places[0].Score.Total {
			t.Errorf("%s is ranked %d: gates %s, %d of %d", p.Offer, p.Rank, p.Gates, p.Score.Weight, p.Score.Total)
		}
		better := 0
		for _, q := range places {
			if q.Rank > 0 && q.Score.Value.Cmp(p.Score.Value) > 0 {
				better++
			}
		}
		if p.Rank != better+1 || i > 0 && places[i-1].Rank == 0 {
			t.Errorf("%s is ranked %d, at position %d, with %d better", p.Offer, p.Rank, i, better)
		}
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func pick[T any](rng *rand.Rand, choices ...T) T { return choices[rng.IntN(len(choices))] }
