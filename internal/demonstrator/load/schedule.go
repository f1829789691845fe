package load

import (
	"math"
	"math/bits"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// Shape is how requests come.
type Shape string

// The shapes. Closed is no schedule: each connection asks as soon as it has its
// answer, which tells how much the service can do, not how long people wait.
const (
	Constant Shape = "constant" // at equal distances
	Poisson  Shape = "poisson"  // independently of each other, as people do
	Steps    Shape = "steps"    // constant, at one rate after the other
	Closed   Shape = "closed"   // at full speed; its latencies decide no target
)

// Load is what is asked of a service. Its blocks have equal numbers of requests,
// so that each weighs the same in the decision on a quantile: the nearest whole
// number to rate x block. A block of Poisson arrivals lasts as long as they take.
type Load struct {
	Shape Shape        `json:"shape"`
	Rate  measure.Rate `json:"rate,omitempty"` // constant, poisson
	// Block is the length of a block: at least 10 ms. Each contestant in turn gets
	// one, in random order.
	Block time.Duration `json:"block_ns"`
	Steps []Step        `json:"steps,omitempty"`
}

// Step is one rate of Steps, for a time that is rounded to whole blocks, at least
// one.
type Step struct {
	Rate measure.Rate  `json:"rate"`
	For  time.Duration `json:"for_ns"`
}

// MaxBlock is the most requests of a block: their instants are laid out before it
// begins.
const MaxBlock = 1_000_000

// rate is that of a block, counted from 0; false when the steps are over.
func (l *Load) rate(number int) (measure.Rate, bool) {
	if l.Shape != Steps {
		return l.Rate, true
	}
	for _, s := range l.Steps {
		blocks := l.blocksFor(s.For)
		if number < blocks {
			return s.Rate, true
		}
		number -= blocks
	}
	return 0, false
}

// blocksFor is the number of blocks that a time is, to the nearest.
func (l *Load) blocksFor(d time.Duration) int {
	return max(1, int((d+l.Block/2)/l.Block))
}

// perBlock is the number of requests of a block at a rate.
func (l *Load) perBlock(rate measure.Rate) int64 {
	return max(1, int64(math.Round(float64(rate)*float64(l.Block)/1e9)))
}

// peak is the highest rate of the load.
func (l *Load) peak() measure.Rate {
	highest := l.Rate
	for _, s := range l.Steps {
		highest = max(highest, s.Rate)
	}
	return highest
}

// arrivals lays out block number of a load: the instants at which its requests are
// meant to start, from its beginning, and its length, at which the next block may
// begin. The same seed and number give the same arrivals on any machine, and to
// each contestant: all meet the same crowd. The slice is into's when that is large
// enough. It reports false when the steps are over. A closed block has a length
// and no arrivals.
func (l *Load) arrivals(seed uint64, number int, into []time.Duration) (offsets []time.Duration, length time.Duration, ok bool) {
	if l.Shape == Closed {
		return into[:0], l.Block, true
	}
	rate, ok := l.rate(number)
	if !ok {
		return nil, 0, false
	}
	n := l.perBlock(rate)
	length = time.Duration(math.Round(float64(n) * 1e9 / float64(rate)))
	offsets = into[:0]
	if l.Shape != Poisson {
		for i := range n {
			offsets = append(offsets, evenly(i, n, length))
		}
		return offsets, length, true
	}
	mean, r, at := length/time.Duration(n), stream(seed, "arrivals", number), time.Duration(0)
	for range n {
		at += r.exponential(mean)
		offsets = append(offsets, at)
	}
	return offsets, at, true
}

// evenly is i x length / n, to the nanosecond below.
func evenly(i, n int64, length time.Duration) time.Duration {
	hi, lo := bits.Mul64(uint64(i), uint64(length))
	q, _ := bits.Div64(hi, lo, uint64(n))
	return time.Duration(q)
}

// order is the order of n contestants in a round, counted from 0.
func order(seed uint64, round, n int) []int {
	places := make([]int, n)
	for i := range places {
		places[i] = i
	}
	r := stream(seed, "order", round)
	r.shuffle(n, func(i, j int) { places[i], places[j] = places[j], places[i] })
	return places
}
