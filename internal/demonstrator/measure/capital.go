package measure

import "math/big"

// A bettor with a capital of 1 bets against a hypothesis on the mean share of
// slow requests. If the hypothesis holds, the probability that the capital ever
// reaches 1/alpha is at most alpha (Ville, "Étude critique de la notion de
// collectif", 1939): a capital that gets there refutes the hypothesis, at
// whatever moment one looks.
//
// Against "the mean is m or more", a bet of the fraction c of the most that can
// be staked multiplies the capital, after a block with the share x, by
//
//	1 + c (m - x) / (1 - m)
//
// and against "the mean is m or less", by
//
//	1 + c (x - m) / m
//
// Neither is ever negative for c and x in [0, 1], and their mean is 1 when the
// mean of x is m. This is the capital process of Waudby-Smith and Ramdas,
// "Estimating means of bounded random variables by betting", Journal of the
// Royal Statistical Society B 86 (2024), section 4, with lambda = c / (1 - m)
// and c / m. Instead of adapting one bet, several fractions are played side by
// side with equal parts of the capital (as in Cover's universal portfolio;
// Orabona and Jun, "Tight concentrations and confidence sequences from the
// regret of universal portfolio", IEEE Transactions on Information Theory 70,
// 2024): the mean of such capitals is one too, and is worth at least the best
// of them divided by their number.

// hypothesis says on which side of m the mean is.
type hypothesis int

const (
	high hypothesis = iota // m or more
	low                    // m or less
)

// fractions of the most that can be staked are those that are played, as
// numerators over a denominator. Staking all against "m or less" would be ruin at
// the first block without a slow request. The large ones are for services far
// from m, which may have a stall all the same; the small ones for those close to
// it, and for shares that vary much.
var fractions = [...]struct {
	of    int64
	parts []int64
}{
	high: {8, []int64{8, 7, 4, 2, 1}},
	low:  {256, []int64{128, 64, 32, 16, 8, 4, 2, 1}},
}

// precision is that of capitals, in bits. They are computed in software, hence
// the same on any machine, and rounded down: never in favour of a verdict.
const precision = 128

func number(n int64) *big.Float {
	return new(big.Float).SetPrec(precision).SetMode(big.ToZero).SetInt64(n)
}

// factor is what a block does to the capital that plays c of the stake against h
// with m = part / whole. The whole is at most 1,000,000 and a block has at most
// MaxRequests, so that the products fit in 63 bits.
func factor(h hypothesis, c, part, whole int64, b Block) *big.Float {
	room, gain := whole-part, part*b.Requests-whole*b.Slow
	if h == low {
		room, gain = part, -gain
	}
	stake := room * b.Requests * fractions[h].of
	f := number(stake + c*gain)
	return f.Quo(f, number(stake))
}

// all is what a block does to the capital that stakes all against "m or more".
func all(part, whole int64, b Block) *big.Float {
	return factor(high, fractions[high].of, part, whole, b)
}

// factors are those of one block for every fraction.
func factors(h hypothesis, part, whole int64, b Block) []*big.Float {
	var f []*big.Float
	for _, c := range fractions[h].parts {
		f = append(f, factor(h, c, part, whole, b))
	}
	return f
}

// capital is one bettor's, in equal parts, each worth 1 at first.
type capital []*big.Float

func newCapital(h hypothesis) capital {
	c := make(capital, len(fractions[h].parts))
	for i := range c {
		c[i] = number(1)
	}
	return c
}

func (c capital) multiply(f []*big.Float) {
	for i := range c {
		c[i].Mul(c[i], f[i])
	}
}

// reaches reports whether the parts together are worth the sum.
func (c capital) reaches(sum *big.Float) bool {
	near := false // else the largest is too small by its exponent alone: the usual case, and cheap
	for _, part := range c {
		near = near || part.MantExp(nil)+len(c) >= sum.MantExp(nil)
	}
	if !near {
		return false
	}
	total := number(0)
	for _, part := range c {
		total.Add(total, part)
	}
	return total.Cmp(sum) >= 0
}

// goal is times / alpha, rounded up.
func goal(times int, confidence Share) *big.Float {
	g := new(big.Float).SetPrec(precision).SetMode(big.ToPositiveInf)
	return g.Quo(number(int64(times)*int64(Whole)), number(int64(Whole-confidence)))
}

// power is x^n for n of at least 1, rounded down.
func power(x *big.Float, n int64) *big.Float {
	result, square := number(1), number(0).Set(x)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			result.Mul(result, square)
		}
		square.Mul(square, square)
	}
	return result
}
