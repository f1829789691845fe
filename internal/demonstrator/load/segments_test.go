package load

import (
	"context"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// TestRun_Series: goals may be on what the workload marks, a request without its mark
// is slow, and good requests are within every bound.
func TestRun_Series(t *testing.T) {
	t.Parallel()
	p := plan(do(func(_ context.Context, op *Op) error {
		switch op.Index % 4 {
		case 0: // not marked
		case 1:
			op.Mark(0, 30*time.Millisecond)
			return Fail(Wrong, errStopped)
		default:
			op.Mark(0, time.Duration(op.Index%4)*10*time.Millisecond)
		}
		return nil
	}), 400, 50*time.Millisecond, 500*time.Millisecond)
	p.Series = []string{"first"}
	p.Goals = []measure.Goal{
		{Metric: "first", Bound: 25 * time.Millisecond, Quantile: 9500, Confidence: 9500},
		{Metric: measure.Latency, Bound: time.Minute, Quantile: 9500, Confidence: 9500},
	}
	record := mustRun(t, p).Offers[0]
	total := record.Total()
	if total.Slow[0] != 150 || total.Slow[1] != 50 || total.Good != 50 {
		t.Errorf("in all %+v", total)
	}
	first := record.Histogram("first")
	if first.Count() != 200 || first.Overflow() != 100 || first.CountAbove(25*time.Millisecond) != 150 {
		t.Errorf("%d values, %d beyond any bound, %d above 25 ms", first.Count(), first.Overflow(), first.CountAbove(25*time.Millisecond))
	}
	if b := record.Blocks[0]; b.P50 != 30_000 || b.P99 != -1 {
		t.Errorf("the quantiles of a block are not those of the first goal's metric: %+v", b)
	}
}

// TestRecord_Segments: however many the blocks, there are 64 segments at most, they
// are of equal numbers of blocks, and no value is lost.
func TestRecord_Segments(t *testing.T) {
	t.Parallel()
	r := newRecord("alize", false, nil)
	const blocks = 1000
	for i := range blocks {
		r.keep(&block{LoadBlock: measure.LoadBlock{Number: i, Failed: 1}, values: [][]time.Duration{{time.Duration(i+1) * time.Microsecond}}})
	}
	r.Blocks = make([]measure.LoadBlock, blocks)
	done := r.done()
	list := done.Segments[measure.Latency]
	if r.PerBlocks != 16 || len(list) != (blocks+15)/16 {
		t.Fatalf("%d segments of %d blocks", len(list), r.PerBlocks)
	}
	for i, packed := range list {
		h := packed.Unpack()
		first, _ := h.Min()
		if want := min(16, blocks-16*i); h.Count() != int64(2*want) || first != time.Duration(16*i+1)*time.Microsecond {
			t.Errorf("segment %d: %d values from %v on", i, h.Count(), first)
		}
	}
	if whole := done.Latency(); whole.Count() != 2*blocks || whole.Overflow() != blocks {
		t.Errorf("%d values, %d beyond", whole.Count(), whole.Overflow())
	}
}
