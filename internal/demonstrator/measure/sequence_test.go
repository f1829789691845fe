package measure_test

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"aloi.dev/internal/demonstrator/measure"
)

func repeated(b measure.Block, n int) []measure.Block {
	return slices.Repeat([]measure.Block{b}, n)
}

// The whole decision, to the last digit: these figures come from another program,
// in exact rationals. Capitals are computed in software, so they hold on any
// machine and under any GOAMD64.
func TestDecide(t *testing.T) {
	t.Parallel()
	clean, slow, some, none := measure.Block{Requests: 20}, measure.Block{Requests: 20, Slow: 20}, measure.Block{Requests: 20, Slow: 1}, measure.Block{}
	for name, c := range map[string]struct {
		quantile   measure.Quantile
		confidence measure.Share
		minBlocks  int
		blocks     []measure.Block
		want       measure.Decision
	}{
		"nothing yet":                  {9500, 9500, 0, nil, measure.Decision{Answer: measure.Undecided, Floor: 59, Upper: 1e6}},
		"the floor alone":              {9500, 9500, 0, repeated(clean, 59), measure.Decision{Answer: measure.Undecided, Floor: 59, Blocks: 59, Requests: 1180, Upper: 60609}},
		"clean":                        {9500, 9500, 0, repeated(clean, 90), measure.Decision{Answer: measure.Met, Floor: 59, Blocks: 72, Requests: 1440, Upper: 49945}},
		"clean, p99":                   {9900, 9500, 0, repeated(clean, 380), measure.Decision{Answer: measure.Met, Floor: 299, Blocks: 368, Requests: 7360, Upper: 9975}},
		"clean, 99 %":                  {9500, 9900, 0, repeated(clean, 150), measure.Decision{Answer: measure.Met, Floor: 90, Blocks: 104, Requests: 2080, Upper: 49670}},
		"clean, at the minimum":        {9500, 9500, 200, repeated(clean, 300), measure.Decision{Answer: measure.Met, Floor: 200, Blocks: 200, Requests: 4000, Upper: 18276}},
		"all slow":                     {9500, 9500, 0, repeated(slow, 90), measure.Decision{Answer: measure.NotMet, Floor: 59, Blocks: 59, Requests: 1180, Slow: 1180, Lower: 730141, Upper: 1e6}},
		"twice the share":              {9500, 9500, 0, repeated(measure.Block{Requests: 20, Slow: 2}, 90), measure.Decision{Answer: measure.NotMet, Floor: 59, Blocks: 59, Requests: 1180, Slow: 118, Lower: 73014, Upper: 154549}},
		"at the bound":                 {9500, 9500, 0, repeated(some, 200), measure.Decision{Answer: measure.Undecided, Floor: 59, Blocks: 200, Requests: 4000, Slow: 200, Lower: 45413, Upper: 94249}},
		"the median":                   {5000, 9500, 0, slices.Repeat([]measure.Block{clean, some, slow}, 40), measure.Decision{Answer: measure.Undecided, Floor: 5, Blocks: 120, Requests: 2400, Slow: 840, Lower: 192056, Upper: 550485}},
		"a stall, then clean":          {9500, 9500, 0, slices.Concat(repeated(slow, 1), repeated(clean, 400)), measure.Decision{Answer: measure.Met, Floor: 59, Blocks: 319, Requests: 6380, Slow: 20, Upper: 49992}},
		"clean, then nothing":          {9500, 9500, 0, slices.Concat(repeated(clean, 71), repeated(none, 50)), measure.Decision{Answer: measure.Undecided, Floor: 59, Blocks: 71, Empty: 50, Requests: 1420, Upper: 50630}},
		"empty ones count for nothing": {9500, 9500, 0, slices.Concat(repeated(clean, 40), repeated(none, 7), repeated(clean, 60)), measure.Decision{Answer: measure.Met, Floor: 59, Blocks: 72, Empty: 7, Requests: 1440, Upper: 49945}},
		"worse after the answer":       {9500, 9500, 0, slices.Concat(repeated(clean, 80), repeated(slow, 80)), measure.Decision{Answer: measure.Met, Floor: 59, Blocks: 72, Requests: 1440, Upper: 49945}},
		"every other block empty":      {9500, 9500, 0, slices.Repeat([]measure.Block{slow, none}, 80), measure.Decision{Answer: measure.NotMet, Floor: 59, Blocks: 59, Empty: 58, Requests: 1180, Slow: 1180, Lower: 730141, Upper: 1e6}},
	} {
		got, err := measure.Decide(c.quantile, c.confidence, c.minBlocks, c.blocks)
		if err != nil || got != c.want {
			t.Errorf("%s: %+v (%v), want %+v", name, got, err, c.want)
		}
	}
}

func TestDecide_Refused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		quantile   measure.Quantile
		confidence measure.Share
		block      measure.Block
	}{
		{0, 9500, measure.Block{}}, {10000, 9500, measure.Block{}}, {-1, 9500, measure.Block{}},
		{9500, 4999, measure.Block{}}, {9500, 10000, measure.Block{}}, {9500, 0, measure.Block{}},
		{9500, 9500, measure.Block{Requests: -1, Slow: -1}}, {9500, 9500, measure.Block{Requests: 1, Slow: -1}},
		{9500, 9500, measure.Block{Requests: 1, Slow: 2}}, {9500, 9500, measure.Block{Slow: 1}}, {9500, 9500, measure.Block{Requests: measure.MaxRequests + 1}},
	} {
		if d, err := measure.Decide(c.quantile, c.confidence, 0, []measure.Block{c.block}); err == nil {
			t.Errorf("%v: %+v", c, d)
		}
	}
	largest := measure.Block{Requests: measure.MaxRequests, Slow: measure.MaxRequests}
	if d, err := measure.Decide(1, 5000, 0, repeated(largest, 3)); err != nil || d.Slow != 3*measure.MaxRequests {
		t.Errorf("the largest blocks: %+v (%v)", d, err)
	}
}

// random yields a record of blocks that is often near its bound.
func random(r *rand.Rand, quantile measure.Quantile, number int) []measure.Block {
	share := (1 - float64(quantile)/1e4) * []float64{0, 0.2, 0.7, 1, 1.5, 4}[r.IntN(6)]
	blocks := make([]measure.Block, number)
	for i := range blocks {
		b := measure.Block{Requests: []int64{0, 1, 5, 20, 20, 20, 20, 21}[r.IntN(8)]}
		for range b.Requests {
			if r.Float64() < share {
				b.Slow++
			}
		}
		blocks[i] = b
	}
	return blocks
}

// The rule as its documentation states it, in exact rationals, gives the same
// answer after every block.
func TestSequence_AsExactArithmetic(t *testing.T) {
	t.Parallel()
	answers := map[measure.Answer]int{}
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 1))
		quantile := []measure.Quantile{5000, 7500, 9000, 9500}[r.IntN(4)]
		confidence := []measure.Share{8000, 9000, 9500}[r.IntN(3)]
		s, err := measure.NewSequence(quantile, confidence, 0)
		if err != nil {
			t.Fatal(err)
		}
		blocks := random(r, quantile, 160)
		want, at := exact(quantile, confidence, blocks)
		for i, b := range blocks {
			if err := s.Add(b); err != nil {
				t.Fatal(err)
			}
			if got := s.Answer(); got == measure.Undecided && i >= at || got != measure.Undecided && (got != want || i < at) {
				t.Fatalf("seed %d, %v at %v, block %d: %s, exactly %s at %d", seed, quantile, confidence, i, got, want, at)
			}
		}
		answers[want]++
	}
	if answers[measure.Met] < 10 || answers[measure.NotMet] < 10 || answers[measure.Undecided] < 10 {
		t.Errorf("%v: too few of one kind to tell", answers)
	}
}

// exact is the answer and the index of the block that brought it.
func exact(quantile measure.Quantile, confidence measure.Share, blocks []measure.Block) (measure.Answer, int) {
	one, m, alpha := big.NewRat(1, 1), big.NewRat(int64(10000-quantile), 10000), big.NewRat(int64(10000-confidence), 10000)
	floor := measure.FloorBlocks(quantile, confidence)
	bet := func(c, numerator, denominator *big.Rat) *big.Rat {
		f := new(big.Rat).Quo(numerator, denominator)
		return f.Add(one, f.Mul(f, c))
	}
	third, high, low := big.NewRat(1, 1), [2][5]*big.Rat{}, [2][8]*big.Rat{}
	for turn := range 2 {
		for i := range high[turn] {
			high[turn][i] = big.NewRat(1, 5)
		}
		for i := range low[turn] {
			low[turn][i] = big.NewRat(1, 8)
		}
	}
	makes := func(parts []*big.Rat, times int64) bool {
		sum := new(big.Rat)
		for _, p := range parts {
			sum.Add(sum, p)
		}
		return sum.Cmp(new(big.Rat).Quo(big.NewRat(times, 1), alpha)) >= 0
	}
	used := 0
	for i, b := range blocks {
		if b.Requests == 0 {
			continue
		}
		turn := used % 2
		used++
		x := big.NewRat(b.Slow, b.Requests)
		under, rest := new(big.Rat).Sub(m, x), new(big.Rat).Sub(one, m)
		over := new(big.Rat).Neg(under)
		for j, p := range high[turn] {
			p.Mul(p, bet(big.NewRat([]int64{8, 7, 4, 2, 1}[j], 8), under, rest))
		}
		for j, p := range low[turn] {
			p.Mul(p, bet(big.NewRat(1, 2<<j), over, m))
		}
		third.Mul(third, bet(one, under, rest))
		switch {
		case used < floor:
		case makes(low[0][:], 1) && makes(low[1][:], 1):
			return measure.NotMet, i
		case makes(high[0][:], 2) && makes(high[1][:], 2), used <= floor*3/2 && makes([]*big.Rat{third}, 2):
			return measure.Met, i
		}
	}
	return measure.Undecided, len(blocks)
}

// More slow requests never turn an answer towards met, nor make it come sooner.
func TestSequence_Monotone(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 2))
		blocks := random(r, 9500, 400)
		worse := slices.Clone(blocks)
		for i := range worse {
			worse[i].Slow += r.Int64N(min(2, worse[i].Requests-worse[i].Slow+1))
		}
		a, err := measure.Decide(9500, 9500, 0, blocks)
		if err != nil {
			t.Fatal(err)
		}
		b, err := measure.Decide(9500, 9500, 0, worse)
		if err != nil {
			t.Fatal(err)
		}
		if b.Answer == measure.Met && (a.Answer != measure.Met || a.Blocks > b.Blocks) || a.Answer == measure.NotMet && (b.Answer != measure.NotMet || b.Blocks > a.Blocks) {
			t.Errorf("seed %d: %+v, and with more slow requests %+v", seed, a, b)
		}
	}
}

// Replaying a record, whole, in part or with what came after the answer, gives
// the same decision; so does another order among the blocks of each turn, as long
// as nothing is decided; and the interval agrees with the answer.
func TestSequence_Replay(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 3))
		blocks := random(r, 9000, 150)
		d, err := measure.Decide(9000, 9500, 0, blocks)
		if err != nil {
			t.Fatal(err)
		}
		used := len(blocks)
		if d.Answer != measure.Undecided {
			used = 0
			for left := d.Blocks; left > 0; used++ {
				if blocks[used].Requests > 0 {
					left--
				}
			}
		}
		if again, err := measure.Decide(9000, 9500, 0, blocks[:used]); err != nil || again != d {
			t.Errorf("seed %d: %+v (%v), with all blocks %+v", seed, again, err, d)
		}
		if share := 1e6 * float64(d.Slow) / float64(d.Requests); d.Lower > int64(share)+1 || d.Upper < int64(share) || d.Lower >= d.Upper {
			t.Errorf("seed %d: %+v: an interval without the share that was seen", seed, d)
		}
		if d.Answer == measure.Met && d.Upper > 100_000 || d.Answer == measure.NotMet && d.Lower < 100_000 || d.Answer == measure.Undecided && (d.Lower >= 100_000 || d.Upper <= 100_000) && d.Blocks >= d.Floor {
			t.Errorf("seed %d: %+v: the interval contradicts the answer", seed, d)
		}
		first := slices.DeleteFunc(slices.Clone(blocks[:28]), func(b measure.Block) bool { return b.Requests == 0 })
		want, err := measure.Decide(9000, 9500, 0, first)
		if err != nil {
			t.Fatal(err)
		}
		shuffled := slices.Clone(first)
		for i := range shuffled {
			j := i%2 + 2*r.IntN(i/2+1)
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		}
		if got, err := measure.Decide(9000, 9500, 0, shuffled); err != nil || got != want || got.Answer != measure.Undecided {
			t.Errorf("seed %d: %+v (%v) in another order, %+v in the first", seed, got, err, want)
		}
	}
}

func BenchmarkSequence_Add(b *testing.B) {
	s, err := measure.NewSequence(9900, 9500, 1<<40)
	if err != nil {
		b.Fatal(err)
	}
	blocks := random(rand.New(rand.NewPCG(1, 4)), 9500, 1024)
	b.ReportAllocs()
	for i := range b.N {
		if err := s.Add(blocks[i%1024]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSequence_Decision(b *testing.B) {
	s, err := measure.NewSequence(9900, 9500, 1<<40)
	if err != nil {
		b.Fatal(err)
	}
	for _, block := range random(rand.New(rand.NewPCG(1, 4)), 9500, 3000) {
		if err := s.Add(block); err != nil {
			b.Fatal(err)
		}
	}
	for range b.N {
		s.Decision()
	}
}
