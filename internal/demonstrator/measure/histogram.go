package measure

import (
	"errors"
	"fmt"
	"iter"
	"math/bits"
	"time"
)

// Fastest and Slowest are the ends of a Histogram's range.
const (
	Fastest = time.Microsecond
	Slowest = 5 * time.Minute
)

// MaxCount is the most values that a Histogram holds: with it, the sum in
// microseconds of any content fits in 63 bits.
const MaxCount = 1 << 34

// The layout of HdrHistogram for lowest 1, highest 300,000,000 (microseconds)
// and 3 significant digits: 2,048 slots one microsecond wide, then 1,024 slots
// for each doubling, the slots twice as wide each time. Hence a slot is at most
// 1/1,024 as wide as its values.
const (
	halfBits = 10
	half     = 1 << halfBits
	slowest  = int64(Slowest / Fastest)
	slots    = 18*half + int(slowest>>18) + 1 // up to the one that holds slowest; slot 0 stays empty
)

// Histogram is a distribution of latencies, kept whole: HdrHistogram's layout
// (Gil Tene, "HdrHistogram: A High Dynamic Range Histogram", hdrhistogram.org;
// slots as in its Java reference, so quantiles agree with other tools), from
// 1 microsecond to 5 minutes with 3 significant digits. Its quantiles are wrong
// by at most 0.1 %, upwards only.
//
// A latency is rounded up to a whole microsecond, never down; what is below
// 1 microsecond counts as 1, what is above 5 minutes is counted apart, as
// Overflow, and is slower than any bound. The number, the sum, the smallest and
// the largest are exact to the microsecond.
//
// The zero value is empty and ready. It takes 157 kB: pass it by pointer. Two
// are equal (==) if and only if they hold the same. It isn't safe for
// concurrent use. It is our own because a sealed result needs one encoding for
// each content, see MarshalBinary and docs/decisions/histogram.md.
type Histogram struct {
	counts   [slots]int64
	within   int64 // values in range
	overflow int64
	sum      int64 // of the values in range, microseconds
	min, max int64 // of the values in range, microseconds; 0 when there are none
}

// Bucket is one slot of a Histogram: Count latencies from Low to High, both
// included, to the microsecond.
type Bucket struct {
	Low, High time.Duration
	Count     int64
}

var errFull = errors.New("a histogram holds at most 2^34 values")

// Record adds one latency. It doesn't allocate.
func (h *Histogram) Record(d time.Duration) { h.add(d, 1) }

// RecordN adds n equal latencies. It refuses a negative n and what would exceed
// MaxCount, and then leaves h as it was.
func (h *Histogram) RecordN(d time.Duration, n int64) error {
	if n < 0 {
		return fmt.Errorf("a histogram can't lose %d values", -n)
	}
	if n > MaxCount-h.Count() {
		return errFull
	}
	if n > 0 {
		h.add(d, n)
	}
	return nil
}

func (h *Histogram) add(d time.Duration, n int64) {
	if d > Slowest {
		h.overflow += n
		return
	}
	v := max(int64((d+Fastest-1)/Fastest), 1)
	h.counts[slot(v)] += n
	h.sum += v * n
	h.max = max(h.max, v)
	if h.within == 0 || v < h.min {
		h.min = v
	}
	h.within += n
}

// Merge adds what o holds, as if each of its latencies had been recorded in h.
// It refuses what would exceed MaxCount, and then leaves h as it was.
func (h *Histogram) Merge(o *Histogram) error {
	if o.Count() > MaxCount-h.Count() {
		return errFull
	}
	for i, n := range &o.counts {
		h.counts[i] += n
	}
	if h.within == 0 || o.within > 0 && o.min < h.min {
		h.min = o.min
	}
	h.max = max(h.max, o.max)
	h.within += o.within
	h.overflow += o.overflow
	h.sum += o.sum
	return nil
}

// Count is the number of latencies, those above Slowest included.
func (h *Histogram) Count() int64 { return h.within + h.overflow }

// Overflow is the number of latencies above Slowest.
func (h *Histogram) Overflow() int64 { return h.overflow }

// Quantile is the shortest time within which at least the share q of the
// latencies lie, as the upper end of its slot (HdrHistogram's "highest
// equivalent value"). When that lies in the overflow, it is Slowest and beyond
// is true: all that is known is that it is longer. It is 0 for an empty
// histogram.
func (h *Histogram) Quantile(q Quantile) (d time.Duration, beyond bool) {
	hi, lo := bits.Mul64(uint64(h.Count()), uint64(q))
	rank, rest := bits.Div64(hi, lo, uint64(Whole))
	if rest > 0 {
		rank++
	}
	rank = max(rank, 1)
	for b := range h.Buckets() {
		if rank <= uint64(b.Count) {
			return b.High, false
		}
		rank -= uint64(b.Count)
	}
	return h.orBeyond(0)
}

// CountAbove is the number of latencies slower than the bound. It is exact at
// the end of a slot; a slot that the bound divides counts as above in full, so
// that the number is never too low, and the effective bound at most 0.1 % under
// the one given. The overflow is always above.
func (h *Histogram) CountAbove(bound time.Duration) int64 {
	above := h.overflow
	for b := range h.Buckets() {
		if b.High > bound {
			above += b.Count
		}
	}
	return above
}

// Min is the shortest latency, rounded up to a microsecond; Slowest and true
// when all are longer than that; 0 for an empty histogram.
func (h *Histogram) Min() (d time.Duration, beyond bool) {
	if h.within > 0 {
		return time.Duration(h.min) * Fastest, false
	}
	return h.orBeyond(0)
}

// Max is the longest latency, rounded up to a microsecond; Slowest and true
// when it is longer than that; 0 for an empty histogram.
func (h *Histogram) Max() (d time.Duration, beyond bool) {
	return h.orBeyond(time.Duration(h.max) * Fastest)
}

func (h *Histogram) orBeyond(d time.Duration) (time.Duration, bool) {
	if h.overflow > 0 {
		return Slowest, true
	}
	return d, false
}

// Mean is the mean latency to the nanosecond below; partial says that the
// overflow, whose latencies aren't known, is left out. It is 0 when no latency
// is in range.
func (h *Histogram) Mean() (d time.Duration, partial bool) {
	if h.within == 0 {
		return 0, h.overflow > 0
	}
	whole, rest := h.sum/h.within, h.sum%h.within
	return time.Duration(whole)*Fastest + time.Duration(rest*int64(Fastest)/h.within), h.overflow > 0
}

// Sum is the sum of the latencies in range, each rounded up to a microsecond,
// in microseconds: a time.Duration could not hold it.
func (h *Histogram) Sum() int64 { return h.sum }

// Buckets yields the slots that hold something, fastest first, without the
// overflow.
func (h *Histogram) Buckets() iter.Seq[Bucket] {
	return func(yield func(Bucket) bool) {
		if h.within == 0 {
			return
		}
		for i := slot(h.min); i <= slot(h.max); i++ {
			if h.counts[i] == 0 {
				continue
			}
			low, high := ends(i)
			if !yield(Bucket{Low: time.Duration(low) * Fastest, High: time.Duration(high) * Fastest, Count: h.counts[i]}) {
				return
			}
		}
	}
}

// slot is HdrHistogram's counts index of v, in microseconds, 1 to slowest.
func slot(v int64) int {
	doublings := bits.Len64(uint64(v)|(2*half-1)) - (halfBits + 1)
	return doublings<<halfBits + int(v>>doublings)
}

// ends are the lowest and the highest value of slot i, in microseconds. The
// last slot ends at slowest.
func ends(i int) (low, high int64) {
	doublings := max(i>>halfBits-1, 0)
	low = int64(i-doublings<<halfBits) << doublings
	return low, min(low+1<<doublings-1, slowest)
}
