package score

import (
	"math/big"
	"math/bits"
	"slices"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
)

// FirstShare is the share of all weightings in which an offer is first: what
// stochastic multicriteria acceptability analysis calls its first rank
// acceptability index (Lahdelma, Hokkanen and Salminen, European Journal of
// Operational Research 106, 1998, 137-143), estimated on draws.
type FirstShare struct {
	Offer     catalogue.OfferID
	Alone     int      // draws in which it is first
	Tied      int      // draws in which it is first with others
	Share     *big.Rat // of the draws; one that k offers share counts 1/k for each
	Low, High *big.Rat // 95 % interval of the share, see wilson
	Always    bool     // it is worth at least as much as every other on every target: no draw is needed to know
}

// shares counts who is first under weights drawn uniformly on the simplex: the
// gaps between sorted uniform numbers (Devroye, Non-Uniform Random Variate
// Generation, 1986, chapter V). All in integers: the same seed gives the same
// counts on any machine.
func (c *contest) shares(d Draws) []FirstShare {
	f := c.field()
	g := measure.SplitMix64(d.Seed)
	weights := make([]uint64, len(c.targets))
	shared := make([][]int, len(c.places)) // by offer, by how many share a draw
	for o := range shared {
		shared[o] = make([]int, len(c.places)+1)
	}
	for range d.N {
		weighting(&g, weights)
		first := f.first(weights)
		k := 0
		for _, row := range first {
			k += len(f.rows[row].offers)
		}
		for _, row := range first {
			for _, o := range f.rows[row].offers {
				shared[o][k]++
			}
		}
	}
	list := make([]FirstShare, len(c.places))
	for o, counts := range shared {
		list[o] = c.counted(o, counts, d.N)
	}
	return list
}

func (c *contest) counted(offer int, counts []int, draws int) FirstShare {
	s := FirstShare{Offer: c.places[offer].Offer, Share: new(big.Rat), Low: new(big.Rat), High: whole(1), Always: c.always(offer)}
	for k := 1; k < len(counts); k++ {
		s.Share.Add(s.Share, big.NewRat(int64(counts[k]), int64(k)))
		if k == 1 {
			s.Alone = counts[k]
		} else {
			s.Tied += counts[k]
		}
	}
	if draws > 0 {
		s.Share.Quo(s.Share, whole(draws))
		s.Low, s.High = wilson(s.Share, draws)
	}
	return s
}

// always reports whether no weighting can put another offer ahead.
func (c *contest) always(offer int) bool {
	for other := range c.places {
		for t := range c.targets {
			if c.values[offer][t].Cmp(c.values[other][t]) < 0 {
				return false
			}
		}
	}
	return true
}

// field is a contest made ready for many weightings. Offers with the same values
// share a row, since they tie whatever the weights.
type field struct {
	rows   []fieldRow
	sums   []sum128
	leader []int
}

type fieldRow struct {
	offers []int
	rough  []uint64   // values times 2^62, rounded down
	exact  []*big.Int // values times one common denominator
}

type sum128 struct{ hi, lo uint64 }

const roughBits = 62

func (c *contest) field() *field {
	common := big.NewInt(1)
	for _, values := range c.values {
		for _, v := range values {
			gcd := new(big.Int).GCD(nil, nil, common, v.Denom())
			common.Mul(common, new(big.Int).Quo(v.Denom(), gcd))
		}
	}
	f := &field{}
	for o, values := range c.values {
		same := slices.IndexFunc(f.rows, func(r fieldRow) bool {
			return slices.EqualFunc(c.values[r.offers[0]], values, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 })
		})
		if same >= 0 {
			f.rows[same].offers = append(f.rows[same].offers, o)
			continue
		}
		row := fieldRow{offers: []int{o}}
		for _, v := range values {
			scaled := new(big.Int).Lsh(v.Num(), roughBits)
			row.rough = append(row.rough, scaled.Quo(scaled, v.Denom()).Uint64())
			exact := new(big.Int).Mul(v.Num(), common)
			row.exact = append(row.exact, exact.Quo(exact, v.Denom()))
		}
		f.rows = append(f.rows, row)
	}
	f.sums = make([]sum128, len(f.rows))
	return f
}

// first lists the rows with the best score under these weights, whose sum is
// below 2^64. A rounded sum is at most that far below the true one: a row that
// is further behind the best is beaten, and the exact values decide between the
// others, which almost never are several.
func (f *field) first(weights []uint64) []int {
	best := sum128{}
	for i := range f.rows {
		f.sums[i] = dot(weights, f.rows[i].rough)
		if f.sums[i].above(best) {
			best = f.sums[i]
		}
	}
	f.leader = f.leader[:0]
	for i, s := range f.sums {
		s.hi++ // by 2^64
		if s.above(best) || s == best {
			f.leader = append(f.leader, i)
		}
	}
	if len(f.leader) > 1 {
		f.settle(weights)
	}
	return f.leader
}

func (s sum128) above(t sum128) bool { return s.hi > t.hi || s.hi == t.hi && s.lo > t.lo }

func dot(weights, values []uint64) sum128 {
	var s sum128
	values = values[:len(weights)]
	for i, w := range weights {
		hi, lo := bits.Mul64(w, values[i])
		var carry uint64
		s.lo, carry = bits.Add64(s.lo, lo, 0)
		s.hi += hi + carry
	}
	return s
}

// settle keeps of the leaders those whose exact score is the best.
func (f *field) settle(weights []uint64) {
	var best *big.Int
	var kept []int
	for _, i := range f.leader {
		score := new(big.Int)
		for t, w := range weights {
			product := new(big.Int).SetUint64(w)
			score.Add(score, product.Mul(product, f.rows[i].exact[t]))
		}
		if best == nil || score.Cmp(best) > 0 {
			best, kept = score, kept[:0]
		}
		if score.Cmp(best) == 0 {
			kept = append(kept, i)
		}
	}
	f.leader = append(f.leader[:0], kept...)
}

// weighting draws weights whose sum is 2^64 - 1.
func weighting(g *measure.SplitMix64, weights []uint64) {
	last := len(weights) - 1
	for i := range last {
		weights[i] = g.Next()
	}
	weights[last] = ^uint64(0)
	slices.Sort(weights)
	for i := last; i > 0; i-- {
		weights[i] -= weights[i-1]
	}
}

// z is the 97.5 % quantile of the normal distribution, rounded up, in millionths.
const z = 1_959_964

// wilson is the 95 % score interval of a share of n draws (Wilson, Journal of the
// American Statistical Association 22, 1927, 209-212), its ends rounded away
// from the share to 9 decimals. A draw that several offers share counts for less
// than 1 and varies less than one that counts 0 or 1: the interval is then wider
// than it need be.
func wilson(share *big.Rat, n int) (low, high *big.Rat) {
	const decimals = 1_000_000_000
	count := new(big.Rat).Mul(share, whole(n))
	square := big.NewRat(z*z, 1_000_000*1_000_000)
	// centre = count + z2/2, spread = z sqrt(count(1 - share) + z2/4), both over n + z2
	centre := new(big.Rat).Add(count, new(big.Rat).Quo(square, whole(2)))
	inside := new(big.Rat).Mul(count, new(big.Rat).Sub(whole(1), share))
	inside.Add(inside, new(big.Rat).Quo(square, whole(4)))
	inside.Mul(inside, square)
	over := new(big.Rat).Add(whole(n), square)

	// sqrt(a/b) = sqrt(a b)/b, its root taken to 12 decimals and rounded up
	const fine = 1_000_000_000_000
	root := new(big.Int).Mul(inside.Num(), inside.Denom())
	root.Mul(root, big.NewInt(fine)).Mul(root, big.NewInt(fine)).Sqrt(root).Add(root, big.NewInt(1))
	spread := new(big.Rat).SetFrac(root, new(big.Int).Mul(inside.Denom(), big.NewInt(fine)))

	end := func(r *big.Rat, up bool) *big.Rat {
		r.Mul(r.Quo(r, over), whole(decimals))
		floor := new(big.Int).Div(r.Num(), r.Denom())
		if up && !r.IsInt() {
			floor.Add(floor, big.NewInt(1))
		}
		return new(big.Rat).SetFrac(floor, big.NewInt(decimals))
	}
	low, high = end(new(big.Rat).Sub(centre, spread), false), end(new(big.Rat).Add(centre, spread), true)
	if low.Sign() < 0 {
		low = new(big.Rat)
	}
	if one := whole(1); high.Cmp(one) > 0 {
		high = one
	}
	return low, high
}
