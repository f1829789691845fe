package score_test

import (
	"math/big"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
)

func TestShares_AddUpToOne(t *testing.T) {
	forContests(t, func(t *testing.T, c *contest) {
		const n = 60
		s := c.stability(n)
		sum, alone, tied := new(big.Rat), 0, 0
		for _, f := range s.Shares {
			sum.Add(sum, f.Share)
			alone, tied = alone+f.Alone, tied+f.Tied
			if f.Share.Cmp(f.Low) < 0 || f.Share.Cmp(f.High) > 0 || f.Low.Sign() < 0 || f.High.Cmp(big.NewRat(1, 1)) > 0 {
				t.Errorf("%s has a share of %s, from %s to %s", f.Offer, f.Share, f.Low, f.High)
			}
			if f.Always && f.Alone+f.Tied != n {
				t.Errorf("%s is always first, and was in %d + %d draws of %d", f.Offer, f.Alone, f.Tied, n)
			}
		}
		if sum.Cmp(big.NewRat(1, 1)) != 0 || alone > n || alone+tied < n {
			t.Errorf("the shares add up to %s, %d alone, %d tied", sum, alone, tied)
		}
	})
}

// An offer that is better on every target is first in every draw, alone.
func TestShares_Dominating(t *testing.T) {
	forContests(t, func(t *testing.T, c *contest) {
		var weights []int
		var values []*big.Rat
		for _, target := range c.cards[0].Targets {
			weights, values = append(weights, target.Weight), append(values, big.NewRat(9, 8))
		}
		c.cards = append(c.cards, cardWorth("best", weights, values))
		s := c.stability(20)
		if first := s.Shares[0]; first.Offer != "best" || !first.Always || first.Alone != 20 || first.Share.Cmp(big.NewRat(1, 1)) != 0 {
			t.Errorf("the best of all is first as %s", text(t, first))
		}
		for _, w := range s.Weights {
			if w.First != (score.Span{}) && (w.First.Low == nil || w.First.Low.At.Sign() != 0) {
				t.Errorf("moving %s unseats the best of all: %s", w.Target, text(t, w))
			}
		}
	})
}

// What can be worked out by hand: with two targets the weight of the first is
// uniform on [0, 1]; alpha (1, 0) beats beta (0, 1) on half of it, and each of
// three offers that are the best on one target each is first on a third.
func TestShares_KnownValues(t *testing.T) {
	t.Parallel()
	zero, one := big.NewRat(0, 1), big.NewRat(1, 1)
	for name, c := range map[string]struct {
		values [][]*big.Rat
		want   []*big.Rat
	}{
		"two symmetric offers":   {[][]*big.Rat{{one, zero}, {zero, one}}, []*big.Rat{big.NewRat(1, 2), big.NewRat(1, 2)}},
		"three symmetric offers": {[][]*big.Rat{{one, zero, zero}, {zero, one, zero}, {zero, zero, one}}, []*big.Rat{big.NewRat(1, 3), big.NewRat(1, 3), big.NewRat(1, 3)}},
		"a quarter":              {[][]*big.Rat{{one, zero}, {big.NewRat(2, 3), one}}, []*big.Rat{big.NewRat(1, 4), big.NewRat(3, 4)}},
		"level for ever":         {[][]*big.Rat{{one, zero}, {one, zero}}, []*big.Rat{big.NewRat(1, 2), big.NewRat(1, 2)}},
	} {
		var cards []score.Card
		weights := make([]int, len(c.values[0]))
		for i := range weights {
			weights[i] = 1
		}
		if name == "a quarter" {
			weights[0] = 3 // level at the present weights, so that the offers stay in order
		}
		for o, values := range c.values {
			cards = append(cards, cardWorth(catalogue.OfferID(rune('a'+o)), weights, values))
		}
		s := score.StabilityOf(cards, onStorage, score.UsualDraws)
		for o, f := range s.Shares {
			if c.want[o].Cmp(f.Low) < 0 || c.want[o].Cmp(f.High) > 0 {
				t.Errorf("%s: %s is first on %s, from %s to %s; it should be %s", name, f.Offer, f.Share.FloatString(4), f.Low.FloatString(4), f.High.FloatString(4), c.want[o])
			}
		}
	}
}

// Values that differ by less than the rough sums can see are still told apart,
// also where the rough sums say the contrary.
func TestShares_Exact(t *testing.T) {
	t.Parallel()
	third := big.NewRat(1, 3)
	above := func(num, den int64, shift uint) *big.Rat { // 1/4 + num/den 2^-shift
		return new(big.Rat).Add(big.NewRat(1, 4), new(big.Rat).SetFrac(big.NewInt(num), new(big.Int).Lsh(big.NewInt(den), shift)))
	}
	draws := score.Draws{Seed: 3, N: 500}
	s := score.StabilityOf([]score.Card{
		cardWorth("alpha", []int{3, 5}, []*big.Rat{big.NewRat(1, 4), third}),
		cardWorth("beta", []int{3, 5}, []*big.Rat{above(1, 1, 90), third}),
	}, onStorage, draws)
	if f := s.Shares[0]; f.Offer != "beta" || f.Alone != 500 || s.Shares[1].Alone+s.Shares[1].Tied != 0 {
		t.Errorf("the better by 2^-90 is first as %s", text(t, s.Shares))
	}
	// rounded down to 62 bits alpha is worth 1/4 on both and beta more on one; in
	// truth alpha is ahead wherever the first weight is below nine tenths
	s = score.StabilityOf([]score.Card{
		cardWorth("alpha", []int{1, 1}, []*big.Rat{above(9, 10, 62), above(9, 10, 62)}),
		cardWorth("beta", []int{1, 1}, []*big.Rat{above(1, 1, 62), big.NewRat(1, 4)}),
	}, onStorage, draws)
	if f := s.Shares[0]; f.Offer != "alpha" || f.Low.Cmp(big.NewRat(9, 10)) > 0 || f.High.Cmp(big.NewRat(9, 10)) < 0 {
		t.Errorf("alpha is first on %s, from %s to %s", f.Share, f.Low, f.High)
	}
}

// The draws are the same for ever, on any machine: the counts are written down.
func TestShares_SameForEver(t *testing.T) {
	t.Parallel()
	s := big60()
	var alone []int
	for _, f := range s(score.Draws{Seed: 1234567, N: 10_000}).Shares {
		alone = append(alone, f.Alone)
	}
	if got, want := compact(t, alone), `[1854,929,990,1765,1405,728,1768,561]`; got != want {
		t.Errorf("the draws gave %s, were %s", got, want)
	}
}

// big60 is the largest case that the product promises a time for: 60 targets
// and 8 offers.
func big60() func(score.Draws) *score.Stability {
	weights := make([]int, 60)
	for i := range weights {
		weights[i] = 1 + i%20
	}
	var cards []score.Card
	for o := range 8 {
		var values []*big.Rat
		for i := range weights {
			values = append(values, big.NewRat(int64((i*7+o*11+i*o)%23), 23))
		}
		cards = append(cards, cardWorth(catalogue.OfferID(rune('a'+o)), weights, values))
	}
	return func(d score.Draws) *score.Stability { return score.StabilityOf(cards, onStorage, d) }
}

// 100,000 draws take about a fifth of a second; the limit is for a busy machine.
func TestShares_Time(t *testing.T) {
	s := big60()
	began := time.Now()
	s(score.UsualDraws)
	took := time.Since(began)
	t.Logf("%d draws of 60 weights, 8 offers: %s", score.UsualDraws.N, took)
	if took > 3*time.Second {
		t.Errorf("%d draws took %s", score.UsualDraws.N, took)
	}
}

func BenchmarkFirstShare(b *testing.B) {
	s := big60()
	for b.Loop() {
		s(score.UsualDraws)
	}
}

// The first numbers of SplitMix64 from the seed 1234567, as other implementations
// give them (Rosetta Code, Pseudo-random numbers/Splitmix64).
func TestGenerator(t *testing.T) {
	t.Parallel()
	g := measure.SplitMix64(1234567)
	for _, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		if got := g.Next(); got != want {
			t.Errorf("drew %d, want %d", got, want)
		}
	}
	for n := 1; n < 70; n++ {
		weights, sum := make([]uint64, n), uint64(0)
		score.Weighting(&g, weights)
		for _, w := range weights {
			if sum+w < sum {
				t.Fatalf("%d weights add up to more than 64 bits", n)
			}
			sum += w
		}
		if sum != ^uint64(0) {
			t.Errorf("%d weights add up to %d", n, sum)
		}
	}
}

// The examples of Newcombe, Statistics in Medicine 17 (1998), 857-872, table I,
// method 3.
func TestWilson(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		count     int64
		n         int
		low, high string
	}{
		{81, 263, "0.2553", "0.3662"}, {15, 148, "0.0624", "0.1605"}, {0, 20, "0.0000", "0.1611"}, {1, 29, "0.0061", "0.1718"}, {29, 29, "0.8830", "1.0000"},
	} {
		low, high := score.Wilson(big.NewRat(c.count, int64(c.n)), c.n)
		if low.FloatString(4) != c.low || high.FloatString(4) != c.high {
			t.Errorf("%d of %d: %s to %s, want %s to %s", c.count, c.n, low.FloatString(4), high.FloatString(4), c.low, c.high)
		}
	}
}
