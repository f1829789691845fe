package inference

import (
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe/probetest/loadtest"
)

// TestLoads: every answer of each operation is whole; a stream that isn't is a failure.
func TestLoads(t *testing.T) {
	t.Parallel()
	b := loadtest.Start(t, Suite)
	b.Right(t, 30)
	for _, c := range []struct {
		operation, fault string
		kind             load.Kind
	}{
		{"chat-stream", "inference.stream-done-missing", load.Wrong},
		{"chat-stream", "inference.stream-finish-missing", load.Wrong},
		{"chat-stream", "inference.stream-bare", load.Wrong},
	} {
		b.Fails(t, c.operation, 30, c.fault, c.kind)
	}
}

// TestLoads_Series: the first word comes before the whole answer, gaps are what the
// simulator takes for a token and no less, and a stream that is sent when it is
// complete has its first word at its end. Good requests are within all bounds.
func TestLoads_Series(t *testing.T) {
	t.Parallel()
	const token = 600 * time.Microsecond // refcloud/inference, decode
	b := loadtest.Start(t, Suite)
	goals := []measure.Goal{
		{Metric: "time-to-first-token", Bound: time.Second, Quantile: 5000, Confidence: 9500, MinBlocks: 1000},
		{Metric: "inter-token-latency", Bound: token / 2, Quantile: 5000, Confidence: 9500, MinBlocks: 1000},
	}
	record := b.Run(t, "chat-stream", 30, goals)
	median := func(r *measure.LoadRecord, metric string) time.Duration {
		d, _ := r.Histogram(metric).Quantile(5000)
		return d
	}
	first, gap, longest, all := median(record, "time-to-first-token"), median(record, "inter-token-latency"), median(record, "longest-token-gap"), median(record, measure.Latency)
	if first >= all || gap < token || longest < gap || all < 10*token {
		t.Errorf("first %v, gap %v, longest %v, all %v", first, gap, longest, all)
	}
	if total := record.Total(); total.Slow[0] != 0 || total.Slow[1] != 30 || total.Good != 0 {
		t.Errorf("%+v", total)
	}
	late := b.Run(t, "chat-stream", 30, goals[:1], "inference.stream-buffered")
	if median(late, "time-to-first-token") < median(late, measure.Latency)*9/10 {
		t.Errorf("sent when complete: first %v of %v", median(late, "time-to-first-token"), median(late, measure.Latency))
	}
	if total := late.Total(); total.Good != 30 {
		t.Errorf("%+v", total)
	}
}
