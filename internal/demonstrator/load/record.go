package load

import (
	"slices"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// record is a measure.LoadRecord being written.
type record struct {
	measure.LoadRecord
	series []string // the metrics beyond the latency
	phases [Phases]*measure.Histogram
}

func newRecord(name string, closed bool, series []string) *record {
	r := &record{series: series}
	r.LoadRecord = measure.LoadRecord{
		Name: name, State: measure.Pass, Closed: closed, PerBlocks: 1, Segments: map[string][]*measure.Histogram{},
		Service: new(measure.Histogram), Lateness: new(measure.Histogram), Phases: map[string]*measure.Histogram{},
	}
	for i := range r.phases {
		r.phases[i] = new(measure.Histogram)
	}
	return r
}

// segment returns the histogram of a metric to which a block belongs.
func (r *record) segment(metric string, number int) *measure.Histogram {
	for number/r.PerBlocks >= measure.MostSegments {
		r.halve()
	}
	list, i := r.Segments[metric], number/r.PerBlocks
	for len(list) <= i {
		list = append(list, new(measure.Histogram))
	}
	r.Segments[metric] = list
	return list[i]
}

// halve merges the segments two by two.
func (r *record) halve() {
	r.PerBlocks *= 2
	for metric, list := range r.Segments {
		for i := range list {
			if i%2 == 1 {
				_ = list[i/2].Merge(list[i]) // never full: as in lost
			} else {
				list[i/2] = list[i]
			}
		}
		r.Segments[metric] = list[:(len(list)+1)/2]
	}
}

// keep adds what a complete block measured to the segments.
func (r *record) keep(b *block) {
	lost := b.Failed + b.Dropped
	for i, values := range b.values {
		metric := measure.Latency
		if i > 0 {
			metric = r.series[i-1]
		}
		h := r.segment(metric, b.Number)
		for _, v := range values {
			h.Record(v)
		}
		_ = h.RecordN(measure.Slowest+1, lost) // never full: MaxCount is years at any rate
	}
}

// done is the record for the run's result.
func (r *record) done() measure.LoadRecord {
	for p, h := range r.phases {
		if h.Count() > 0 {
			r.Phases[Phase(p).String()] = h
		}
	}
	return r.LoadRecord
}

// block is one under way.
type block struct {
	measure.LoadBlock
	offsets []time.Duration   // of the intended starts, from Start
	left    int64             // requests whose end isn't known, and one until the leader turns to the next block
	values  [][]time.Duration // of answered requests: latencies, then each series
}

// summary completes what is known once all requests have ended. Its quantiles are of
// one of the values.
func (b *block) summary(primary int) measure.LoadBlock {
	values := b.values[primary]
	slices.Sort(values)
	s := b.LoadBlock
	s.P50, s.P99, s.P999 = quantile(s.Requests, values, 5000), quantile(s.Requests, values, 9900), quantile(s.Requests, values, 9990)
	if n := len(values); n > 0 {
		s.Max = micros(values[n-1])
	}
	return s
}

func quantile(requests int64, values []time.Duration, q measure.Quantile) int64 {
	rank := (requests*int64(q) + int64(measure.Whole) - 1) / int64(measure.Whole)
	if requests == 0 || rank > int64(len(values)) {
		return -1
	}
	return micros(values[max(rank, 1)-1])
}

func micros(d time.Duration) int64 { return int64((d + time.Microsecond - 1) / time.Microsecond) }
