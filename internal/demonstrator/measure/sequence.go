package measure

import (
	"fmt"
	"math/big"
)

// MaxRequests is the most requests of one block.
const MaxRequests = 1e9

// Block is what one block of a load brought back about one bound.
type Block struct {
	Requests int64 `json:"requests"` // intended by the schedule in this block
	Slow     int64 `json:"slow"`     // of them: slower than the bound, late, dropped, failed, or without an answer
}

// Answer is what a Sequence says of its target.
type Answer string

// The answers. Undecided asks for more blocks.
const (
	Undecided Answer = "undecided"
	Met       Answer = "met"
	NotMet    Answer = "not-met"
)

// Sequence decides whether a quantile q of the latency is within a bound, from
// the number of slow requests in each block of a load, in the order of time. It
// may be asked after every block: stopping when it answers doesn't make it wrong
// more often than alpha = 1 - confidence. It answers once; what comes later is
// ignored. It isn't safe for concurrent use.
//
// What is decided: is p, the mean of the blocks' shares of slow requests, at most
// m = 1 - q? With blocks of equal numbers of requests p is the share of all
// requests; so a Poisson schedule is best cut into blocks by number.
//
// How: two bettors (see capital.go), who see the blocks in turn, every other one
// each, bet against each hypothesis; a third, who stakes all, sees all blocks.
//
//	not met: each of the two has made 1/alpha out of 1 against "p <= m"
//	met:     each of the two has made 2/alpha out of 1 against "p >= m", or the
//	         third has, whose capital is (1 - x1) (1 - x2) ... / q^n, in the first
//	         1.5 times FloorBlocks blocks
//
// Nothing is answered before FloorBlocks, nor before the target's minimum; when
// that is beyond the 1.5 floors, the third is heard once, at the minimum.
//
// What is proven, p being the same throughout:
//
//   - Not met, wrong with probability at most alpha, and met by the two, alpha/2,
//     if blocks that aren't neighbours are independent: dependence may reach over
//     a block's length. One bettor alone would be wrong no more often than that,
//     since no two blocks that it sees are neighbours; and both must be. Less is
//     enough: that no block's mean can be foreseen from those two, four, six and
//     so on before it.
//   - Met by the third, alpha/2, if neighbours are independent too. No rule that
//     answers within 1.5 floors can do without: if blocks came in equal pairs, 88
//     clean ones at p95 would be 44 trials, of which 0.95^44 = 10 % all succeed.
//
// What is shown by simulation only (sequence_sim_test.go, docs/benchmarks.md):
// that met is wrong in less than alpha where neighbours do depend on each other,
// with autocorrelation 0.9 from request to request, and with stalls as long as a
// block that begin anywhere. Dependence longer than a block isn't guarded
// against: a target's block must be as long as the service's stalls.
type Sequence struct {
	part       int64 // m = part / Whole
	confidence Share
	floor      int // blocks before which nothing is answered
	patience   int // blocks after which the third bettor isn't heard: long play is what dependence makes it win

	answer         Answer
	blocks, empty  int
	requests, slow int64

	third, thirdGoal *big.Float
	turns            [2]turn
	goals            [2]*big.Float
	known            map[Block]*outcome
}

// turn is what is kept of every other block with requests.
type turn struct {
	capital [2]capital // by hypothesis
	seen    map[Block]int64
}

// outcome is what a block does to every capital.
type outcome struct {
	third   *big.Float
	factors [2][]*big.Float
}

// mostKnown bounds the memory for outcomes: a load has few kinds of blocks, a
// forged record may have many.
const mostKnown = 4096

// NewSequence begins a decision on quantile q with a confidence from 50 % to
// below 100 %, that doesn't answer before minBlocks (0: the floor alone).
func NewSequence(q Quantile, confidence Share, minBlocks int) (*Sequence, error) {
	if q <= 0 || q >= Quantile(Whole) {
		return nil, fmt.Errorf("quantile %d: it must be above p0 and below p100", q)
	}
	if confidence < Whole/2 || confidence >= Whole {
		return nil, fmt.Errorf("confidence %v: it must be at least 50 %% and below 100 %%", confidence)
	}
	floor := FloorBlocks(q, confidence)
	s := &Sequence{
		part: int64(Whole) - int64(q), confidence: confidence,
		floor: max(floor, minBlocks), patience: max(floor*3/2, minBlocks),
		answer: Undecided, third: number(1), thirdGoal: goal(2, confidence), known: map[Block]*outcome{},
	}
	for h := range s.goals {
		s.goals[h] = mixedGoal(hypothesis(h), confidence)
	}
	for i := range s.turns {
		s.turns[i] = turn{capital: [2]capital{newCapital(high), newCapital(low)}, seen: map[Block]int64{}}
	}
	return s, nil
}

// mixedGoal is what the parts of a capital must be worth together.
func mixedGoal(h hypothesis, confidence Share) *big.Float {
	times := len(fractions[h].parts)
	if h == high {
		times *= 2 // the third has the other half of alpha
	}
	return goal(times, confidence)
}

// Add takes the next block. One without requests says nothing and is only counted,
// as Empty. Add refuses negative numbers, more
// than MaxRequests and more slow requests than there are, and then nothing has
// changed.
func (s *Sequence) Add(b Block) error {
	if b.Requests < 0 || b.Slow < 0 || b.Slow > b.Requests || b.Requests > MaxRequests {
		return fmt.Errorf("block %d: %d slow requests of %d; from 0 to %d, and no more slow ones than there are",
			s.blocks+s.empty+1, b.Slow, b.Requests, int64(MaxRequests))
	}
	if s.answer != Undecided {
		return nil
	}
	if b.Requests == 0 {
		s.empty++
		return nil
	}
	t, o := &s.turns[s.blocks%2], s.outcome(b)
	s.blocks++
	s.requests += b.Requests
	s.slow += b.Slow
	t.seen[b]++
	for h := range t.capital {
		t.capital[h].multiply(o.factors[h])
	}
	if s.blocks <= s.patience {
		s.third.Mul(s.third, o.third)
	}
	if s.blocks >= s.floor {
		s.decide()
	}
	return nil
}

func (s *Sequence) outcome(b Block) *outcome {
	if o := s.known[b]; o != nil {
		return o
	}
	o := &outcome{third: all(s.part, int64(Whole), b)}
	for h := range o.factors {
		o.factors[h] = factors(hypothesis(h), s.part, int64(Whole), b)
	}
	if len(s.known) < mostKnown {
		s.known[b] = o
	}
	return o
}

func (s *Sequence) decide() {
	switch {
	case s.refuted(low):
		s.answer = NotMet
	case s.refuted(high), s.blocks <= s.patience && s.third.Cmp(s.thirdGoal) >= 0:
		s.answer = Met
	}
}

func (s *Sequence) refuted(h hypothesis) bool {
	return s.turns[0].capital[h].reaches(s.goals[h]) && s.turns[1].capital[h].reaches(s.goals[h])
}

// Answer is the answer so far.
func (s *Sequence) Answer() Answer { return s.answer }
