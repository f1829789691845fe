package score_test

import (
	"math/big"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/score"
)

// A hair is less than any two turns can differ by.
var hair = big.NewRat(1, 1_000_000_000_000_000_000)

// Just inside its span the order of first and second holds, on the bound they
// are level, just outside they are swapped; and so for whoever passes the first.
func TestSway_Bounds(t *testing.T) {
	turns := 0
	forContests(t, func(t *testing.T, c *contest) {
		s := c.stability(1)
		first := s.Places[0]
		for _, w := range s.Weights {
			turns += c.holds(t, w, w.Second, s.Places, func(p score.Place) bool { return p.Rank == s.Places[1].Rank })
			turns += c.holds(t, w, w.First, s.Places, func(p score.Place) bool { return true })
			if s.Places[1].Rank == 1 && w.Second.Low != nil && (w.Second.Low.At.Cmp(w.Second.High.At) != 0 || w.Second.Low.Ahead == w.Second.High.Ahead) {
				t.Errorf("a tie with %s ends as %+v", first.Offer, w.Second)
			}
		}
	})
	if turns < 1000 {
		t.Errorf("only %d turns were seen", turns)
	}
}

// holds checks a span against every rival, by computing the scores again.
func (c *contest) holds(t *testing.T, w score.Sway, span score.Span, places []score.Place, rivals func(score.Place) bool) (turns int) {
	t.Helper()
	first := places[0]
	tied := places[1].Rank == 1
	inside, outside := []*big.Rat{big.NewRat(int64(w.Weight), 1)}, map[*big.Rat]catalogue.OfferID{}
	for end, turn := range map[int]*score.Turn{-1: span.Low, 1: span.High} {
		limit := big.NewRat(map[int]int64{-1: 0, 1: 100}[end], 1)
		if turn == nil {
			if !tied {
				inside = append(inside, limit)
			}
			continue
		}
		turns++
		toward := new(big.Rat).Mul(hair, big.NewRat(int64(end), 1))
		outside[new(big.Rat).Add(turn.At, toward)] = turn.Ahead
		inside = append(inside, new(big.Rat).Sub(turn.At, toward))
		if level := c.lead(first.Offer, turn.Ahead, w.Target, turn.At); level != 0 && !tied {
			t.Errorf("%s: at %s first and %s aren't level", w.Target, turn.At, turn.Ahead)
		}
		if turn.At.Sign() < 0 || turn.At.Cmp(big.NewRat(100, 1)) > 0 {
			t.Errorf("%s: a turn at %s", w.Target, turn.At)
		}
		if i := slices.IndexFunc(places, func(p score.Place) bool { return p.Offer == turn.Ahead }); !tied && !rivals(places[i]) {
			t.Errorf("%s: %s passes the first at %s and is none of the rivals", w.Target, turn.Ahead, turn.At)
		}
		c.wholeHolds(t, w, turn, end, first.Offer, tied)
	}
	if tied {
		return turns
	}
	for _, x := range inside {
		for _, p := range places[1:] {
			if rivals(p) && x.Sign() > 0 && c.lead(first.Offer, p.Offer, w.Target, x) <= 0 && !c.atBound(x, span) {
				t.Errorf("%s: with a weight of %s %s isn't ahead of %s", w.Target, x, first.Offer, p.Offer)
			}
		}
	}
	for x, ahead := range outside {
		if c.lead(first.Offer, ahead, w.Target, x) >= 0 {
			t.Errorf("%s: with a weight of %s %s isn't ahead of %s", w.Target, x, ahead, first.Offer)
		}
	}
	return turns
}

// atBound allows for a limit of the weights that is a turn itself.
func (c *contest) atBound(x *big.Rat, span score.Span) bool {
	return span.Low != nil && x.Cmp(span.Low.At) == 0 || span.High != nil && x.Cmp(span.High.At) == 0
}

// wholeHolds ranks again with whole weights on both sides of a turn.
func (c *contest) wholeHolds(t *testing.T, w score.Sway, turn *score.Turn, way int, first catalogue.OfferID, tied bool) {
	t.Helper()
	if turn.Whole == nil {
		if room := new(big.Rat).Add(turn.At, big.NewRat(int64(way), 1)); room.Sign() >= 0 && room.Cmp(big.NewRat(100, 1)) <= 0 {
			t.Errorf("%s: no whole weight past %s", w.Target, turn.At)
		}
		return
	}
	past, within := *turn.Whole, *turn.Whole-way
	if way*past <= way*w.Weight {
		t.Errorf("%s: %d is not past the weight %d", w.Target, past, w.Weight)
	}
	if past > 0 {
		if order := c.ranked(w.Target, past); !tied && before(order, first, turn.Ahead) >= 0 || tied && before(order, first, turn.Ahead) > 0 {
			t.Errorf("%s: with a weight of %d %s doesn't pass %s", w.Target, past, turn.Ahead, first)
		}
	}
	if within > 0 {
		if order := c.ranked(w.Target, within); before(order, first, turn.Ahead) < 0 {
			t.Errorf("%s: with a weight of %d %s passes %s already", w.Target, within, turn.Ahead, first)
		}
	}
}

// before is positive when a is ranked before b, 0 when they tie.
func before(places []score.Place, a, b catalogue.OfferID) int {
	rank := map[catalogue.OfferID]int{}
	for _, p := range places {
		rank[p.Offer] = p.Rank
	}
	return rank[b] - rank[a]
}

func TestStability_Permutation(t *testing.T) {
	forContests(t, func(t *testing.T, c *contest) {
		want := text(t, c.stability(50))
		c.rng.Shuffle(len(c.cards), func(i, j int) { c.cards[i], c.cards[j] = c.cards[j], c.cards[i] })
		if diff := cmp.Diff(want, text(t, c.stability(50))); diff != "" {
			t.Errorf("the order of the cards matters: %s", diff)
		}
	})
}

// Only offers that a list ranks are in its stability, and only lists of two.
func TestStabilities(t *testing.T) {
	seen := 0
	forWorlds(t, func(t *testing.T, w *world) {
		for _, o := range w.offers {
			w.settle(o.ID, "pass", "pass", "pass", "pass", "pass", "fail")
		}
		var cards []score.Card
		for _, o := range w.offers {
			cards = append(cards, w.card(o))
		}
		r := score.Rank(w.cat, cards)
		for _, s := range score.Stabilities(w.cat, cards, score.Draws{Seed: 1, N: 3}) {
			seen++
			places := r.Over
			if !slices.Equal(s.Needs, r.Common) {
				places = r.Needs[slices.IndexFunc(r.Needs, func(n score.NeedRanking) bool { return n.Need == s.Needs[0] })].Places
			}
			for i, p := range places {
				if ranked := i < len(s.Places); ranked != (p.Rank > 0) || ranked && text(t, p) != text(t, s.Places[i]) {
					t.Errorf("place %d is %s, examined are %s", i, text(t, p), text(t, s.Places))
				}
			}
		}
	})
	if seen < 100 {
		t.Errorf("only %d rankings of two offers were seen", seen)
	}
}

func TestStability_None(t *testing.T) {
	t.Parallel()
	half, full := []*big.Rat{big.NewRat(1, 2)}, []*big.Rat{big.NewRat(1, 1)}
	alpha, beta := cardWorth("alpha", []int{4}, half), cardWorth("beta", []int{4}, full)
	if score.StabilityOf([]score.Card{alpha, beta}, onStorage, score.Draws{N: 1}) == nil {
		t.Error("two ranked offers have no stability")
	}
	other := cardWorth("gamma", []int{4}, half)
	other.Targets[0].Target = "target-9"
	failing := cardWorth("delta", []int{4}, half)
	failing.Targets = append(failing.Targets, score.TargetVerdict{Target: "gate", Need: "storage", Role: catalogue.Gate, Verdict: score.NotMet})
	for name, cards := range map[string][]score.Card{"nothing": nil, "one": {alpha}, "other targets": {alpha, other}, "a gate that is not met": {alpha, failing}} {
		if s := score.StabilityOf(cards, onStorage, score.Draws{N: 1}); s != nil {
			t.Errorf("%s gives %s", name, text(t, s))
		}
	}
}
