package score_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/score"
)

// contest is a random set of offers that are all ranked on one need.
type contest struct {
	rng   *rand.Rand
	cat   *catalogue.Catalogue
	cards []score.Card
}

var onStorage = []catalogue.NeedID{"storage"}

// newContest draws values with few different ones, so that ties are common.
func newContest(seed uint64) *contest {
	rng := rand.New(rand.NewPCG(seed, 2))
	weights := make([]int, 1+rng.IntN(7))
	for i := range weights {
		weights[i] = pick(rng, 1, 2, 3, 5, 20, 99, 100)
	}
	c := &contest{rng: rng, cat: &catalogue.Catalogue{Needs: []catalogue.Need{{ID: "storage"}}}}
	for o := range 2 + rng.IntN(5) {
		var values []*big.Rat
		for range weights {
			den := pick(rng, int64(1), 2, 3, 4, 7, 4501)
			values = append(values, big.NewRat(rng.Int64N(den+1), den))
		}
		c.cards = append(c.cards, cardWorth(catalogue.OfferID(fmt.Sprintf("offer-%d", o)), weights, values))
	}
	return c
}

// cardWorth is the card of an offer with its gates met and these values.
func cardWorth(offer catalogue.OfferID, weights []int, values []*big.Rat) score.Card {
	card := score.Card{Offer: offer, Gates: score.Met, Needs: []score.NeedScore{{Need: "storage", Gates: score.Met}}}
	for i, weight := range weights {
		verdict := score.NotMet
		if values[i].Cmp(big.NewRat(1, 1)) == 0 {
			verdict = score.Met
		}
		card.Targets = append(card.Targets, score.TargetVerdict{
			Target: catalogue.TargetID(fmt.Sprintf("target-%d", i)), Need: "storage", Role: catalogue.Scored, Weight: weight, Verdict: verdict, Value: values[i],
		})
	}
	return card
}

func forContests(t *testing.T, property func(*testing.T, *contest)) {
	t.Parallel()
	for seed := range uint64(1000) {
		property(t, newContest(seed))
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
}

// stability draws few weightings: what it says of the weights needs none.
func (c *contest) stability(n int) *score.Stability {
	return score.StabilityOf(c.cards, onStorage, score.Draws{Seed: 7, N: n})
}

func (c *contest) card(id catalogue.OfferID) *score.Card {
	for i := range c.cards {
		if c.cards[i].Offer == id {
			return &c.cards[i]
		}
	}
	return nil
}

// under is the sum of weight times value of an offer with another weight on one target.
func (c *contest) under(id catalogue.OfferID, target catalogue.TargetID, weight *big.Rat) *big.Rat {
	sum := new(big.Rat)
	for _, t := range c.card(id).Targets {
		w := new(big.Rat).SetInt64(int64(t.Weight))
		if t.Target == target {
			w = weight
		}
		sum.Add(sum, new(big.Rat).Mul(w, t.Value))
	}
	return sum
}

// lead compares two offers with another weight on one target.
func (c *contest) lead(a, b catalogue.OfferID, target catalogue.TargetID, weight *big.Rat) int {
	return c.under(a, target, weight).Cmp(c.under(b, target, weight))
}

// ranked ranks again with another whole weight on one target, as a catalogue
// that gave it would.
func (c *contest) ranked(target catalogue.TargetID, weight int) []score.Place {
	var cards []score.Card
	for _, card := range c.cards {
		card.Targets = append([]score.TargetVerdict{}, card.Targets...)
		for i := range card.Targets {
			if card.Targets[i].Target == target {
				card.Targets[i].Weight = weight
			}
		}
		cards = append(cards, card)
	}
	return score.Rank(c.cat, cards).Over
}
