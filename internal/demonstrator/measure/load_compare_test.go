package measure_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// rounds makes runs of two offers with known distributions.
type rounds struct{ random measure.SplitMix64 }

func (g *rounds) unit() float64 {
	return float64(g.random.Next()>>11) / (1 << 53)
}

func (g *rounds) normal() float64 {
	return math.Sqrt(-2*math.Log(1-g.unit())) * math.Cos(2*math.Pi*g.unit())
}

// run has latencies around 10 ms; those of the first offer are slower times longer.
// Both are slower at the same times, by so much in one standard deviation, with a
// memory from one segment to the next, and lost in a thousand are.
func (g *rounds) run(segments, requests int, slower, shared, memory, lost float64) *measure.LoadRun {
	r := &measure.LoadRun{Seed: uint64(g.random), Offers: []measure.LoadRecord{{Name: "alize"}, {Name: "bise"}}}
	for i := range r.Offers {
		o := &r.Offers[i]
		o.State, o.PerBlocks, o.Segments = measure.Pass, 1, map[string][]measure.Packed{measure.Latency: {}}
	}
	load := 0.0
	for n := range segments {
		load = memory*load + math.Sqrt(1-memory*memory)*g.normal()
		for i := range r.Offers {
			o, h := &r.Offers[i], new(measure.Histogram)
			for range requests {
				d := 1e7 * math.Exp(0.5*g.normal()+shared*load)
				if i == 0 {
					d *= slower
				}
				if i == 0 && g.unit() < lost/1000 {
					d = 1e18
				}
				h.Record(time.Duration(d))
			}
			o.Segments[measure.Latency] = append(o.Segments[measure.Latency], h.Pack())
			o.Blocks = append(o.Blocks, measure.LoadBlock{Number: n, Requests: int64(requests), Slow: []int64{0}})
		}
	}
	return r
}

func compare(t *testing.T, r *measure.LoadRun, a, b int, q measure.Quantile) measure.LoadRatio {
	t.Helper()
	c, ok := r.Compare(a, b, measure.Latency, q)
	if !ok {
		t.Fatal("no comparison")
	}
	return c
}

// TestCompare_Coverage: equal offers tie, and the interval contains a ratio of 2, in
// about 95 % of runs; also when slow times last from one segment to the next, and
// for few segments.
func TestCompare_Coverage(t *testing.T) {
	t.Parallel()
	const pairs = 300
	for _, c := range []struct {
		segments       int
		shared, memory float64
		q              measure.Quantile
	}{{48, 0, 0, 9500}, {32, 0.3, 0.6, 9500}, {40, 0.3, 0.6, 5000}, {12, 0.2, 0, 9000}} {
		t.Run(fmt.Sprintf("%d segments, %v shared, memory %v, %v", c.segments, c.shared, c.memory, c.q), func(t *testing.T) {
			t.Parallel()
			g, ties, found, told := &rounds{random: 7}, 0, 0, 0
			for range pairs {
				if compare(t, g.run(c.segments, 40, 1, c.shared, c.memory, 0), 0, 1, c.q).Tie {
					ties++
				}
				two := compare(t, g.run(c.segments, 40, 2, c.shared, c.memory, 0), 0, 1, c.q)
				if two.Low <= 2000 && 2000 <= two.High {
					found++
				}
				if two.Slower == "alize" && !two.Tie {
					told++
				}
			}
			t.Logf("%d ties, %d contain 2, %d say who is slower, of %d", ties, found, told, pairs)
			if least := pairs * 90 / 100; ties < least || found < least {
				t.Errorf("%d ties and %d that contain 2, of %d: at least %d", ties, found, pairs, least)
			}
			if ties == pairs || told < pairs*98/100 {
				t.Errorf("%d ties and %d that say who is slower, of %d: an interval that wide says nothing", ties, told, pairs)
			}
		})
	}
}

// TestCompare_Same: on any machine (all is whole numbers), and in whatever order the
// offers are named.
func TestCompare_Same(t *testing.T) {
	t.Parallel()
	r := counted(64)
	want := measure.LoadRatio{Slower: "alize", Faster: "bise", Metric: measure.Latency, Quantile: 9500, Segments: 64, Low: 1477, High: 1518}
	for i := range 2 {
		if got := compare(t, r, i, 1-i, 9500); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	r.Seed++
	if got := compare(t, r, 0, 1, 9500); got == want {
		t.Error("another seed gives the same interval to the thousandth")
	}
}

// counted is a run made in whole numbers.
func counted(segments int) *measure.LoadRun {
	r := &measure.LoadRun{Seed: 42, Offers: []measure.LoadRecord{{Name: "alize"}, {Name: "bise"}}}
	g := &rounds{random: 3}
	for i := range r.Offers {
		o := &r.Offers[i]
		o.PerBlocks, o.Segments = 1, map[string][]measure.Packed{}
		for n := range segments {
			h := new(measure.Histogram)
			for range 100 {
				u := time.Duration(g.unit() * 1024)
				h.Record((u*u + 100_000) * time.Duration(3-i) * 10)
			}
			o.Segments[measure.Latency] = append(o.Segments[measure.Latency], h.Pack())
			o.Blocks = append(o.Blocks, measure.LoadBlock{Number: n, Requests: 100})
		}
	}
	return r
}

func TestCompare_Beyond(t *testing.T) {
	t.Parallel()
	g := &rounds{random: 5}
	some := compare(t, g.run(32, 100, 1, 0, 0, 10), 0, 1, 9900)
	all := compare(t, g.run(32, 100, 1, 0, 0, 100), 0, 1, 9900)
	if some.Lost || !some.Beyond || some.High != 0 || some.Slower != "alize" {
		t.Errorf("one in a hundred lost, at p99: %+v", some)
	}
	if !all.Lost || !all.Beyond || all.Tie || all.Slower != "alize" {
		t.Errorf("one in ten lost, at p99: %+v", all)
	}
	both := g.run(32, 100, 1, 0, 0, 100)
	both.Offers[1].Segments = both.Offers[0].Segments
	if c := compare(t, both, 0, 1, 9900); !c.Tie || !c.Beyond || c.Low != 0 {
		t.Errorf("both lost: %+v", c)
	}
}

func TestCompare_Few(t *testing.T) {
	t.Parallel()
	r := counted(7)
	if c := compare(t, r, 0, 1, 9500); !c.Few || c.Segments != 7 || c.Low != 0 {
		t.Errorf("seven segments: %+v", c)
	}
	if _, ok := r.Compare(0, 1, "first-token", 9500); ok {
		t.Error("a metric that nobody measured")
	}
}

// TestCompare_Coarser: an offer that ended first has finer segments than the other.
func TestCompare_Coarser(t *testing.T) {
	t.Parallel()
	r := counted(64)
	whole := counted(64)
	o := &r.Offers[1]
	var merged []measure.Packed
	for i, packed := range o.Segments[measure.Latency] {
		h := packed.Unpack()
		if i%2 == 0 {
			merged = append(merged, h.Pack())
			continue
		}
		_ = h.Merge(merged[i/2].Unpack())
		merged[i/2] = h.Pack()
	}
	o.PerBlocks, o.Segments[measure.Latency] = 2, merged
	if c := compare(t, r, 0, 1, 9500); c.Segments != 32 {
		t.Errorf("64 segments of 1 and 32 of 2: %+v", c)
	}
	first := &r.Offers[0]
	first.Blocks, first.Segments[measure.Latency] = first.Blocks[:33], first.Segments[measure.Latency][:33]
	if c := compare(t, r, 0, 1, 9500); c.Segments != 16 {
		t.Errorf("33 rounds against 64, two to a segment: %+v", c)
	}
	whole.Offers[0].Blocks[63].Partial = true
	if c := compare(t, whole, 0, 1, 9500); c.Segments != 63 {
		t.Errorf("63 rounds against 64: %+v", c)
	}
}

func TestLoadRatio_Text(t *testing.T) {
	t.Parallel()
	base := measure.LoadRatio{Slower: "A", Faster: "B", Metric: measure.Latency, Quantile: 9900, Segments: 32, Low: 1808, High: 2291}
	with := func(change func(*measure.LoadRatio)) measure.LoadRatio {
		c := base
		change(&c)
		return c
	}
	for _, c := range []struct {
		ratio  measure.LoadRatio
		fr, en string
	}{
		{base, "B est de 1,8 à 2,3 fois plus rapide que A au p99", "B is 1.8 to 2.3 times faster than A at p99"},
		{with(func(c *measure.LoadRatio) { c.Low, c.High, c.Quantile = 1004, 12345, 9990 }),
			"B est de 1,004 à 12,4 fois plus rapide que A au p99,9", "B is 1.004 to 12.4 times faster than A at p99.9"},
		{with(func(c *measure.LoadRatio) { c.Low, c.High, c.Tie = 970, 1050, true }),
			"A et B ne se distinguent pas au p99 (rapport de 0,97 à 1,05)", "A and B can't be told apart at p99 (ratio from 0.97 to 1.05)"},
		{with(func(c *measure.LoadRatio) { c.High, c.Beyond, c.Metric = 0, true, "first-token" }),
			"B est au moins 1,8 fois plus rapide que A au p99 (first-token)", "B is at least 1.8 times faster than A at p99 (first-token)"},
		{with(func(c *measure.LoadRatio) { c.Low, c.High, c.Beyond, c.Lost = 0, 0, true, true }),
			"B est plus rapide que A au p99 : A y laisse des requêtes sans réponse juste", "B is faster than A at p99: there, requests to A have no right answer"},
		{with(func(c *measure.LoadRatio) { c.Low, c.High, c.Beyond, c.Tie = 0, 0, true, true }),
			"A et B ne se distinguent pas au p99 : trop de requêtes y restent sans réponse juste", "A and B can't be told apart at p99: too many requests have no right answer"},
		{with(func(c *measure.LoadRatio) { c.Few, c.Segments = true, 5 }),
			"A et B : trop peu de blocs communs pour comparer (5 segments, il en faut 8)", "A and B: too few blocks in common to compare (5 segments, 8 are needed)"},
	} {
		if got := c.ratio.Text(); got.FR != c.fr || got.EN != c.en {
			t.Errorf("%+v:\n%s\n%s", c.ratio, got.FR, got.EN)
		}
	}
}

// BenchmarkCompare: 64 segments of two offers, 2,000 slots each.
func BenchmarkCompare(b *testing.B) {
	r := (&rounds{random: 9}).run(64, 2000, 1, 0.3, 0.5, 1)
	for b.Loop() {
		r.Compare(0, 1, measure.Latency, 9900)
	}
}
