package measure_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"aloi.dev/internal/demonstrator/measure"
)

// shapes are latencies in microseconds.
var shapes = map[string]func(*rand.Rand) int64{
	"log-normal":  func(r *rand.Rand) int64 { return int64(math.Ceil(20e3 * math.Exp(0.7*r.NormFloat64()))) },
	"log-uniform": func(r *rand.Rand) int64 { return int64(math.Exp(r.Float64() * math.Log(300e6))) },
	"narrow":      func(r *rand.Rand) int64 { return 2040 + r.Int64N(20) },
	"top":         func(r *rand.Rand) int64 { return 300e6 - r.Int64N(1e6) },
}

// filled records n latencies of a shape, and returns them too.
func filled(t testing.TB, shape string, n int, seed uint64) (*measure.Histogram, []int64) {
	t.Helper()
	r, h, values := rand.New(rand.NewPCG(seed, 0)), new(measure.Histogram), make([]int64, n)
	for i := range values {
		values[i] = shapes[shape](r)
		h.Record(us(values[i]))
	}
	return h, values
}

func us(v int64) time.Duration { return time.Duration(v) * time.Microsecond }

// Slots and quantiles are those of the library, and so of every other tool.
func TestHistogram_AsHdrHistogram(t *testing.T) {
	t.Parallel()
	for shape := range shapes {
		h, values := filled(t, shape, 20000, 1)
		peer := hdrhistogram.New(1, 300e6, 3)
		for _, v := range values {
			if err := peer.RecordValue(v); err != nil {
				t.Fatal(err)
			}
		}
		// p0.01 and up are whole ranks of 20,000: the library rounds the others otherwise
		for _, q := range []measure.Quantile{1, 100, 5000, 9000, 9500, 9900, 9990, 9999} {
			got, beyond := h.Quantile(q)
			if want := us(min(peer.ValueAtPercentile(float64(q)/100), 300e6)); got != want || beyond {
				t.Errorf("%s %v: %v, the library says %v", shape, q, got, want)
			}
		}
		peers := peer.Distribution()
		for b := range h.Buckets() {
			for len(peers) > 0 && peers[0].Count == 0 {
				peers = peers[1:]
			}
			if len(peers) == 0 || us(peers[0].From) != b.Low || us(min(peers[0].To, 300e6)) != b.High || peers[0].Count != b.Count {
				t.Fatalf("%s: %+v isn't the library's", shape, b)
			}
			peers = peers[1:]
		}
	}
}

func TestHistogram_Range(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]measure.Bucket{
		math.MinInt64:              {Low: us(1), High: us(1), Count: 1},
		-1:                         {Low: us(1), High: us(1), Count: 1},
		0:                          {Low: us(1), High: us(1), Count: 1},
		1000:                       {Low: us(1), High: us(1), Count: 1},
		1001:                       {Low: us(2), High: us(2), Count: 1},
		us(2047):                   {Low: us(2047), High: us(2047), Count: 1},
		us(2049):                   {Low: us(2048), High: us(2049), Count: 1},
		20 * time.Millisecond:      {Low: us(20000), High: us(20015), Count: 1},
		measure.Slowest:            {Low: us(1144 << 18), High: us(300e6), Count: 1},
		measure.Slowest + 1:        {},
		time.Duration(1<<63 - 1):   {},
		measure.Slowest - us(1e3):  {Low: us(1144 << 18), High: us(300e6), Count: 1},
		us(1144<<18) - us(1) - 999: {Low: us(1143 << 18), High: us(1144<<18 - 1), Count: 1},
	} {
		var h measure.Histogram
		h.Record(d)
		var got measure.Bucket
		for b := range h.Buckets() {
			got = b
		}
		if got != want || h.Count() != 1 || h.Overflow() != 1-want.Count {
			t.Errorf("%v: %+v and %d beyond, want %+v", d, got, h.Overflow(), want)
		}
	}
}

func TestHistogram_Overflow(t *testing.T) {
	t.Parallel()
	var h measure.Histogram
	for _, c := range []struct {
		record        time.Duration
		n             int64
		p50, min, max time.Duration
		beyond        [3]bool // p50, min, max
		mean          time.Duration
		partial       bool
		above         int64 // an hour
	}{
		{0, 0, 0, 0, 0, [3]bool{}, 0, false, 0},
		{time.Hour, 1, measure.Slowest, measure.Slowest, measure.Slowest, [3]bool{true, true, true}, 0, true, 1},
		{us(10), 1, us(10), us(10), measure.Slowest, [3]bool{false, false, true}, us(10), true, 1},
		{us(4), 2, us(4), us(4), measure.Slowest, [3]bool{false, false, true}, us(6), true, 1},
		{time.Hour, 4, measure.Slowest, us(4), measure.Slowest, [3]bool{true, false, true}, us(6), true, 5},
		{us(9), 3, us(10), us(4), measure.Slowest, [3]bool{false, false, true}, 7500, true, 5},
	} {
		if err := h.RecordN(c.record, c.n); err != nil {
			t.Fatal(err)
		}
		p50, b0 := h.Quantile(5000)
		low, b1 := h.Min()
		high, b2 := h.Max()
		mean, partial := h.Mean()
		if p50 != c.p50 || low != c.min || high != c.max || [3]bool{b0, b1, b2} != c.beyond || mean != c.mean || partial != c.partial || h.CountAbove(time.Hour) != c.above {
			t.Errorf("after %d of %v: p50 %v min %v max %v %v mean %v %v above %d, want %+v",
				c.n, c.record, p50, low, high, [3]bool{b0, b1, b2}, mean, partial, h.CountAbove(time.Hour), c)
		}
	}
}

// A bound inside a slot counts the whole slot as above: never too few, and no
// more than a bound a thousandth lower would.
func TestHistogram_CountAbove(t *testing.T) {
	t.Parallel()
	for shape := range shapes {
		h, values := filled(t, shape, 2000, 2)
		for _, v := range values[:200] {
			for _, bound := range []time.Duration{us(v) - 1, us(v), us(v) + 1} {
				var exact, lower int64
				for _, w := range values {
					if us(w) > bound {
						exact++
					}
					if us(w) > bound-bound/1024-1 {
						lower++
					}
				}
				if got := h.CountAbove(bound); got < exact || got > lower {
					t.Errorf("%s: %d above %v, want %d to %d", shape, got, bound, exact, lower)
				}
			}
		}
		for _, q := range []measure.Quantile{1, 5000, 9500, 9999} { // the end of a slot
			end, _ := h.Quantile(q)
			var exact int64
			for _, w := range values {
				if us(w) > end {
					exact++
				}
			}
			if got := h.CountAbove(end); got != exact || exact*int64(measure.Whole) > int64(measure.Whole-measure.Share(q))*h.Count() {
				t.Errorf("%s: %d above %v %v, counted %d", shape, got, q, end, exact)
			}
		}
	}
}

func TestHistogram_Merge(t *testing.T) {
	t.Parallel()
	for a := range shapes {
		for b := range shapes {
			left, _ := filled(t, a, 3000, 3)
			right, values := filled(t, b, 2000, 4)
			left.Record(time.Hour)
			right.Record(time.Hour)
			both := new(measure.Histogram)
			*both = *left
			for _, v := range values {
				both.Record(us(v))
			}
			both.Record(time.Hour)
			swapped := new(measure.Histogram)
			*swapped = *right
			if err := swapped.Merge(left); err != nil {
				t.Fatal(err)
			}
			if err := left.Merge(right); err != nil || *left != *both || *swapped != *both {
				t.Errorf("%s and %s merged aren't what recording both makes (%v)", a, b, err)
			}
		}
	}
	var empty, one measure.Histogram
	one.Record(us(7))
	if want := one; one.Merge(&empty) != nil || one != want || empty.Merge(&one) != nil || empty != want {
		t.Error("merging with an empty histogram changes more than it should")
	}
}

func TestHistogram_Full(t *testing.T) {
	t.Parallel()
	var h, one measure.Histogram
	one.Record(us(1))
	for _, c := range []struct {
		n  int64
		ok bool
	}{{-1, false}, {math.MinInt64, false}, {measure.MaxCount + 1, false}, {math.MaxInt64, false}, {0, true}, {measure.MaxCount - 1, true}, {2, false}, {1, true}, {1, false}} {
		before := h
		err := h.RecordN(measure.Slowest, c.n)
		if (err == nil) != c.ok || err != nil && h != before {
			t.Errorf("%d more after %d: %v", c.n, before.Count(), err)
		}
	}
	if mean, _ := h.Mean(); mean != measure.Slowest || h.Sum() != measure.MaxCount*300e6 {
		t.Errorf("mean %v, sum %d", mean, h.Sum())
	}
	if q, _ := h.Quantile(9999); q != measure.Slowest {
		t.Errorf("p99.99 %v of a full histogram", q)
	}
	if before := h; h.Merge(&one) == nil || h != before {
		t.Error("merging beyond the most is accepted")
	}
	h.Record(us(1))
	if _, err := h.MarshalBinary(); err == nil {
		t.Error("more than the most is written")
	}
}

func TestHistogram_RecordAllocatesNothing(t *testing.T) {
	h := new(measure.Histogram)
	if n := testing.AllocsPerRun(100, func() { h.Record(us(12345)) }); n != 0 {
		t.Errorf("%v allocations a latency", n)
	}
}

func BenchmarkHistogram_Record(b *testing.B) {
	h, values := filled(b, "log-normal", 1<<16, 5)
	b.ReportAllocs()
	for i := range b.N {
		h.Record(us(values[i&(1<<16-1)]))
	}
}

func BenchmarkHistogram_Quantile(b *testing.B) {
	h, _ := filled(b, "log-normal", 1e5, 5)
	for range b.N {
		h.Quantile(9900)
	}
}
