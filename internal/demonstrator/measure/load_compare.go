package measure

import (
	"math/bits"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"aloi.dev/internal/lang"
)

// LeastSegments is the fewest segments in common from which two offers are compared.
const LeastSegments = 8

// Even is the ratio of equal quantiles: ratios are in parts per thousand.
const Even = 1000

// LoadRatio is how many times slower one offer is than another under the same load,
// at a quantile. It rests on what both met in the same rounds, so that what was
// slow for both isn't mistaken for either.
type LoadRatio struct {
	Slower   string   `json:"slower"` // in what was seen; when equal, the first by name
	Faster   string   `json:"faster"`
	Metric   string   `json:"metric"`
	Quantile Quantile `json:"quantile"`
	Segments int      `json:"segments"` // in common

	// Few: fewer segments than LeastSegments, and nothing else is known.
	Few bool `json:"few,omitempty"`
	// The quantile of the slower one over that of the faster one is from Low to High,
	// in parts per thousand, rounded outwards: an interval of 95 %. Beyond: it has no
	// upper end, since the slower one's quantile may be among its requests without a
	// right answer; High is 0. Lost: it is, and there is no ratio; Low is 0 too.
	Low    int64 `json:"low_permille"`
	High   int64 `json:"high_permille"`
	Beyond bool  `json:"beyond,omitempty"`
	Lost   bool  `json:"lost,omitempty"`
	Tie    bool  `json:"tie,omitempty"` // the interval contains Even
}

// Compare compares two offers, counted from 0, at a quantile of a metric. It
// reports false when one of them has no measurement of it. The order of the two
// doesn't matter.
//
// How: a bootstrap of segments, the same ones for both offers (paired). Runs of
// neighbours are drawn, round the end, since what slows a service lasts: the
// blocks of Künsch, "The jackknife and the bootstrap for general stationary
// observations", Annals of Statistics 17, 1989; round the end: Politis and Romano,
// 1992. A run is as long as the cube root of their number (the order of Hall,
// Horowitz and Jing, Biometrika 82, 1995). The interval is that of percentiles
// (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13),
// made wider for small numbers as in Hesterberg, "What Teachers Should Know About
// the Bootstrap", The American Statistician 69, 2015, section 4. It always contains what was
// seen. The random numbers come from the run's seed: the same run gives the same
// interval on any machine. load_compare_test.go says how often it is right.
func (r *LoadRun) Compare(a, b int, metric string, q Quantile) (LoadRatio, bool) {
	one, two := &r.Offers[a], &r.Offers[b]
	if len(one.Segments[metric]) == 0 || len(two.Segments[metric]) == 0 {
		return LoadRatio{}, false
	}
	x, y := common(one, two, metric)
	c := LoadRatio{Slower: one.Name, Faster: two.Name, Metric: metric, Quantile: q, Segments: len(x)}
	if c.Few = len(x) < LeastSegments; c.Few {
		return c, true
	}
	p, s := newColumns(x), newColumns(y)
	whole := make([]int64, len(x))
	for i := range whole {
		whole[i] = 1
	}
	seenP, seenS := p.quantile(whole, q), s.quantile(whole, q)
	if seenP < seenS || seenP == seenS && two.Name < one.Name {
		p, s, seenP, seenS = s, p, seenS, seenP
		c.Slower, c.Faster = c.Faster, c.Slower
	}
	c.interval(p, s, q, r.Seed, ratio(seenP, seenS))
	return c, true
}

// resamples is how many samples a bootstrap draws.
const resamples = 2000

func (c *LoadRatio) interval(slower, faster *columns, q Quantile, seed uint64, seen between) {
	draw, times := runs{random: SplitMix64(seed)}, make([]int64, c.Segments)
	lows, highs := make([]int64, 0, resamples), make([]int64, 0, resamples)
	for range resamples {
		draw.next(times)
		r := ratio(slower.quantile(times, q), faster.quantile(times, q))
		lows, highs = append(lows, r.low), append(highs, r.high)
	}
	slices.Sort(lows)
	slices.Sort(highs)
	out := left(c.Segments / runLength(c.Segments))
	c.Low, c.High = min(lows[out], seen.low), max(highs[resamples-1-out], seen.high)
	c.Tie = c.Low <= Even && Even <= c.High
	if c.Beyond = c.High == endless; c.Beyond {
		c.High = 0
	}
	if c.Lost = c.Low == endless; c.Lost {
		c.Low = 0
	}
}

// left is how many of the resamples an interval of 95 % leaves out at each end:
// the part of the normal distribution beyond t sqrt(n/(n-1)), t being Student's
// 97.5 % with n-1 degrees of freedom, for n independent runs. Between two rows the
// one for fewer runs counts.
func left(n int) int {
	rows := []struct{ runs, out int }{{4, 0}, {5, 1}, {6, 4}, {7, 8}, {8, 11}, {9, 14}, {10, 17}, {12, 21}, {16, 27}, {20, 31}, {32, 38}}
	out := 0
	for _, row := range rows {
		if n >= row.runs {
			out = row.out
		}
	}
	return out
}

// between holds a ratio, rounded both ways.
type between struct{ low, high int64 }

// endless is above any ratio of two latencies: 300,000,000 to 1 in parts per thousand.
const endless = int64(1) << 40

// ratio is how many times a is b; beyond stands for a quantile that isn't known but
// for being slower than any other.
func ratio(a, b time.Duration) between {
	switch {
	case a == beyond && b == beyond:
		return between{0, endless}
	case a == beyond:
		return between{endless, endless}
	case b == beyond:
		return between{0, 0}
	}
	x, y := int64(a/Fastest), int64(b/Fastest)
	return between{x * Even / y, (x*Even + y - 1) / y}
}

// common returns the segments of two offers that are of the same rounds. The offer
// that ended first may have finer ones, which are merged; what only one of them went through is
// left out.
func common(a, b *LoadRecord, metric string) (x, y []*Histogram) {
	per := max(a.PerBlocks, b.PerBlocks, 1)
	x, y = coarser(a.Segments[metric], a.PerBlocks, per), coarser(b.Segments[metric], b.PerBlocks, per)
	n := min(len(x), len(y))
	if lastA, lastB := a.rounds(), b.rounds(); lastA != lastB {
		n = min(n, lastA/per, lastB/per)
	}
	return x[:n], y[:n]
}

// rounds is the number of rounds up to the last block that is complete.
func (r *LoadRecord) rounds() int {
	for i := range slices.Backward(r.Blocks) {
		if !r.Blocks[i].Partial {
			return r.Blocks[i].Number + 1
		}
	}
	return 0
}

func coarser(list []Packed, per, want int) []*Histogram {
	step := max(1, want/max(per, 1))
	var merged []*Histogram
	for part := range slices.Chunk(list, step) {
		h := new(Histogram)
		for _, one := range part {
			_ = h.Merge(one.Unpack()) // never full: see LoadRecord.Histogram
		}
		merged = append(merged, h)
	}
	return merged
}

// columns are segments laid out for many resamples: how many values each has up to
// the end of each slot that one of them uses.
type columns struct {
	ends   []time.Duration
	upTo   [][]int64 // by end, by segment
	counts []int64   // by segment, the overflow included
}

func newColumns(segments []*Histogram) *columns {
	c := &columns{}
	for _, h := range segments {
		for b := range h.Buckets() {
			c.ends = append(c.ends, b.High)
		}
		c.counts = append(c.counts, h.Count())
	}
	slices.Sort(c.ends)
	c.ends = slices.Compact(c.ends)
	flat := make([]int64, len(c.ends)*len(segments))
	for i := range c.ends {
		c.upTo = append(c.upTo, flat[i*len(segments):(i+1)*len(segments)])
	}
	for j, h := range segments {
		at, sum := 0, int64(0)
		for b := range h.Buckets() {
			for ; c.ends[at] < b.High; at++ {
				c.upTo[at][j] = sum
			}
			sum += b.Count
		}
		for ; at < len(c.ends); at++ {
			c.upTo[at][j] = sum
		}
	}
	return c
}

// beyond is the quantile that lies in the overflow.
const beyond = Slowest + 1

// quantile is that of each segment taken so many times, as Histogram.Quantile.
func (c *columns) quantile(times []int64, q Quantile) time.Duration {
	hi, lo := bits.Mul64(uint64(weighted(c.counts, times)), uint64(q))
	rank, rest := bits.Div64(hi, lo, uint64(Whole))
	if rest > 0 {
		rank++
	}
	i := sort.Search(len(c.ends), func(i int) bool { return uint64(weighted(c.upTo[i], times)) >= rank })
	if i == len(c.ends) {
		return beyond
	}
	return c.ends[i]
}

func weighted(counts, times []int64) int64 {
	sum := int64(0)
	for i, n := range times {
		sum += n * counts[i]
	}
	return sum
}

// runs draws resamples.
type runs struct{ random SplitMix64 }

// next counts how often each segment is drawn.
func (r *runs) next(times []int64) {
	clear(times)
	n := len(times)
	for drawn, length := 0, runLength(n); drawn < n; drawn += length {
		start := int(r.below(uint64(n)))
		for i := range min(length, n-drawn) {
			times[(start+i)%n]++
		}
	}
}

// below is a number from 0 to n-1, all as likely to one part in 2^64/n.
func (r *runs) below(n uint64) uint64 {
	hi, _ := bits.Mul64(r.random.Next(), n)
	return hi
}

// runLength is the whole part of the cube root of n.
func runLength(n int) int {
	l := 1
	for (l+1)*(l+1)*(l+1) <= n {
		l++
	}
	return l
}

// Text says it in a sentence without a full stop.
func (c LoadRatio) Text() lang.Text {
	at := lang.T("au %s", "at %s", c.Quantile.text())
	if c.Metric != Latency {
		at = lang.T("%s (%s)", "%s (%s)", at, c.Metric)
	}
	low, high := times(c.Low, false), times(c.High, true)
	switch {
	case c.Few:
		return lang.T("%s et %s : trop peu de blocs communs pour comparer (%d segments, il en faut %d)", "%s and %s: too few blocks in common to compare (%d segments, %d are needed)", c.Slower, c.Faster, c.Segments, LeastSegments)
	case c.Tie && c.Beyond:
		return lang.T("%s et %s ne se distinguent pas %s : trop de requêtes y restent sans réponse juste", "%s and %s can't be told apart %s: too many requests have no right answer", c.Slower, c.Faster, at)
	case c.Tie:
		return lang.T("%s et %s ne se distinguent pas %s (rapport de %s à %s)", "%s and %s can't be told apart %s (ratio from %s to %s)", c.Slower, c.Faster, at, low, high)
	case c.Lost:
		return lang.T("%[2]s est plus rapide que %[1]s %[3]s : %[1]s y laisse des requêtes sans réponse juste", "%[2]s is faster than %[1]s %[3]s: there, requests to %[1]s have no right answer", c.Slower, c.Faster, at)
	case c.Beyond:
		return lang.T("%[2]s est au moins %[4]s fois plus rapide que %[1]s %[3]s", "%[2]s is at least %[4]s times faster than %[1]s %[3]s", c.Slower, c.Faster, at, low)
	}
	return lang.T("%[2]s est de %[4]s à %[5]s fois plus rapide que %[1]s %[3]s", "%[2]s is %[4]s to %[5]s times faster than %[1]s %[3]s", c.Slower, c.Faster, at, low, high)
}

// text writes a quantile with the decimal mark of each language.
func (q Quantile) text() lang.Text {
	return lang.Text{FR: strings.Replace(q.String(), ".", ",", 1), EN: q.String()}
}

// times writes parts per thousand, rounded outwards to three figures; near 1, to
// the thousandth.
func times(permille int64, up bool) lang.Text {
	step := int64(1)
	for step < 1000 && permille >= 1100*step {
		step *= 10
	}
	if up {
		permille += step - 1
	}
	permille -= permille % step
	s := strconv.FormatInt(permille/Even, 10)
	if part := permille % Even; part > 0 {
		s += "." + strings.TrimRight(strconv.FormatInt(Even+part, 10)[1:], "0")
	}
	return lang.Text{FR: strings.Replace(s, ".", ",", 1), EN: s}
}
