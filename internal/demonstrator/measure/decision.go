package measure

import (
	"cmp"
	"maps"
	"math"
	"math/big"
	"slices"
	"sort"
)

// Million is the whole that an interval's ends are parts of.
const Million = 1_000_000

// Decision is what a Sequence has come to, in whole numbers: the same blocks
// give the same Decision on any machine.
type Decision struct {
	Answer   Answer `json:"answer"`
	Floor    int    `json:"floor"`  // blocks before which nothing is answered
	Blocks   int    `json:"blocks"` // with requests, up to the answer
	Empty    int    `json:"empty"`  // without requests
	Requests int64  `json:"requests"`
	Slow     int64  `json:"slow"`
	// The mean share of slow requests is from Lower to Upper, in parts per
	// million, rounded outwards. Each end by itself holds with the confidence, at
	// whatever block one looks, under the assumptions of Sequence. When the answer
	// is met, Upper is at most 1 - q, when it is not met, Lower at least.
	Lower int64 `json:"lower_ppm"`
	Upper int64 `json:"upper_ppm"`
}

// Decide replays a record of blocks. See NewSequence and Sequence.Add for what it
// refuses.
func Decide(q Quantile, confidence Share, minBlocks int, blocks []Block) (Decision, error) {
	s, err := NewSequence(q, confidence, minBlocks)
	if err != nil {
		return Decision{}, err
	}
	for _, b := range blocks {
		if err := s.Add(b); err != nil {
			return Decision{}, err
		}
	}
	return s.Decision(), nil
}

// Decision is the answer so far and what it rests on. The interval takes some
// milliseconds: to know when to stop, ask Answer.
//
// The interval is the set of means that the same bettors could not refute (the
// confidence sequence of Waudby-Smith and Ramdas, section 4): the further a mean
// is from what was seen, the more they make against it, so each end is found by
// bisection.
func (s *Sequence) Decision() Decision {
	d := Decision{Answer: s.answer, Floor: s.floor, Blocks: s.blocks, Empty: s.empty, Requests: s.requests, Slow: s.slow}
	var counts [2][]kind
	for i := range s.turns {
		counts[i] = kinds(s.turns[i].seen)
	}
	d.Upper = 1 + int64(sort.Search(Million-1, func(i int) bool {
		return s.refutes(high, counts, int64(i+1)) || s.thirdRefutes(counts, int64(i+1))
	}))
	d.Lower = int64(sort.Search(Million-1, func(i int) bool { return !s.refutes(low, counts, int64(i+1)) }))
	return d
}

// kind is a block and how often it was seen.
type kind struct {
	Block
	times int64
}

// kinds are in one order, since capitals are rounded.
func kinds(seen map[Block]int64) []kind {
	order := func(a, b Block) int { return cmp.Or(cmp.Compare(a.Requests, b.Requests), cmp.Compare(a.Slow, b.Slow)) }
	var list []kind
	for _, b := range slices.SortedFunc(maps.Keys(seen), order) {
		list = append(list, kind{b, seen[b]})
	}
	return list
}

// refutes reports whether both bettors would have refuted h for m = ppm.
func (s *Sequence) refutes(h hypothesis, counts [2][]kind, ppm int64) bool {
	for _, list := range counts {
		c := newCapital(h)
		for _, k := range list {
			f := factors(h, ppm, Million, k.Block)
			for i := range f {
				f[i] = power(f[i], k.times)
			}
			c.multiply(f)
		}
		if !c.reaches(s.goals[h]) {
			return false
		}
	}
	return true
}

// thirdRefutes is the same for the third bettor, while it is heard.
func (s *Sequence) thirdRefutes(counts [2][]kind, ppm int64) bool {
	if s.blocks > s.patience {
		return false
	}
	c := number(1)
	for _, k := range slices.Concat(counts[0], counts[1]) {
		c.Mul(c, power(all(ppm, Million, k.Block), k.times))
	}
	return c.Cmp(s.thirdGoal) >= 0
}

// FloorBlocks is the number of blocks before which quantile q can't be decided
// with a confidence: the least n for which q^n <= 1 - confidence. It is exact,
// so that no machine counts one block more than another. The confidence must be
// below 100 %.
func FloorBlocks(q Quantile, confidence Share) int {
	p, alpha := float64(q)/float64(Whole), float64(Whole-confidence)/float64(Whole)
	n := max(int64(math.Log(alpha)/math.Log(p))-1, 1) // one or two below; the integers say which
	for ; !enough(q, confidence, n); n++ {
	}
	return int(n)
}

// enough reports q^n <= 1 - confidence, in whole numbers.
func enough(q Quantile, confidence Share, n int64) bool {
	whole, exponent := big.NewInt(int64(Whole)), big.NewInt(n-1)
	left := new(big.Int).Exp(big.NewInt(int64(q)), big.NewInt(n), nil)
	right := new(big.Int).Exp(whole, exponent, nil)
	return left.Cmp(right.Mul(right, big.NewInt(int64(Whole-confidence)))) <= 0
}
