package measure_test

import (
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// TestLoadRun_Void_Generator: the null server's quantile is above a tenth of the bound
// from the first request too many on.
func TestLoadRun_Void_Generator(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		requests, slow int64
		q              measure.Quantile
		want           bool
	}{
		{100, 5, 9500, false},
		{100, 6, 9500, true},
		{1000, 1, 9990, false},
		{999, 1, 9990, true},
	} {
		r := measure.LoadRun{
			Goals:  []measure.Goal{{Metric: measure.Latency, Bound: time.Second, Quantile: c.q, Confidence: 9500}},
			Offers: []measure.LoadRecord{{Name: "alize", State: measure.Pass}},
			Null:   &measure.LoadRecord{Blocks: []measure.LoadBlock{{Requests: c.requests, Slow: []int64{c.slow}}}},
		}
		if got := r.Void(0, 0); (len(got) > 0) != c.want || len(got) > 0 && got[0].Rule != measure.Generator {
			t.Errorf("%d of %d above %v: %+v", c.slow, c.requests, c.q, got)
		}
	}
}
