package load

import (
	"math/bits"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// random draws what a schedule needs. It must be the same on any machine and with any
// version of Go, so it uses neither math/rand, whose algorithms may change, nor floating
// point, whose last bit may differ between processors.
type random struct{ measure.SplitMix64 }

// scramble is a number that shows nothing of the one that it depends on.
func scramble(n uint64) uint64 {
	r := measure.SplitMix64(n)
	return r.Next()
}

// stream returns the generator of one purpose and number: those of a seed don't
// depend on how much was drawn from the others.
func stream(seed uint64, purpose string, number int) random {
	for _, b := range []byte(purpose) {
		seed = scramble(seed ^ uint64(b))
	}
	return random{measure.SplitMix64(scramble(seed ^ uint64(number)))}
}

// below returns a number from 0 to n-1, all equally likely (Lemire, "Fast random
// integer generation in an interval", 2019).
func (r *random) below(n int) int {
	limit := -uint64(n) % uint64(n)
	for {
		hi, lo := bits.Mul64(r.Next(), uint64(n))
		if lo >= limit {
			return int(hi)
		}
	}
}

// shuffle puts n things in a random order (Fisher and Yates).
func (r *random) shuffle(n int, swap func(i, j int)) {
	for i := n - 1; i > 0; i-- {
		swap(i, r.below(i+1))
	}
}

// ln2 is the natural logarithm of 2, as a fraction of 2^64.
const ln2 = 0xb17217f7d1cf79ac

// exponential returns a gap between two arrivals of a Poisson process with that
// mean: -ln(u) times the mean, u uniform in (0, 1]. It is below 45 means.
func (r *random) exponential(mean time.Duration) time.Duration {
	whole, part := negLog2(r.Next())
	hi, _ := bits.Mul64(part, ln2) // the part of 1, in units of 2^-64
	carryHi, carryLo := bits.Mul64(uint64(whole), ln2)
	lo, carry := bits.Add64(carryLo, hi, 0)
	units := carryHi + carry // -ln(u) = units + lo / 2^64
	fracHi, _ := bits.Mul64(lo, uint64(mean))
	return time.Duration(units)*mean + time.Duration(fracHi)
}

// negLog2 is -log2((x+1) / 2^64), its fraction in units of 2^-64 and exact to
// 2^-48. A bit of the logarithm is had by squaring: what then is 2 or more has a
// 1 there and is halved (Turner, "A fast binary logarithm algorithm", IEEE Signal
// Processing Magazine 27, 2010).
func negLog2(x uint64) (whole int, part uint64) {
	x++
	if x == 0 {
		return 0, 0 // u = 1
	}
	whole = bits.LeadingZeros64(x)
	m := x << whole // 1 <= m / 2^63 < 2
	var log uint64  // of m / 2^63
	for bit := 63; bit >= 16; bit-- {
		hi, _ := bits.Mul64(m, m) // of the square, in units of 2^-62
		if hi>>63 == 1 {
			log |= 1 << bit
			m = hi
		} else {
			m = hi << 1
		}
	}
	if log == 0 {
		return whole + 1, 0
	}
	return whole, -log
}
