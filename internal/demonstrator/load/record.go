package load

import (
	"slices"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// record is a measure.LoadRecord being written.
type record struct {
	measure.LoadRecord
	series   []string // the metrics beyond the latency
	service  measure.Histogram
	lateness measure.Histogram
	phases   [Phases]measure.Histogram
	number   int                           // of the present segment
	present  map[string]*measure.Histogram // by metric; those before it are packed
}

func newRecord(name string, closed bool, series []string) *record {
	r := &record{series: series, present: map[string]*measure.Histogram{}}
	r.LoadRecord = measure.LoadRecord{Name: name, State: measure.Pass, Closed: closed, PerBlocks: 1, Segments: map[string][]measure.Packed{}, Phases: map[string]measure.Packed{}}
	for _, metric := range append([]string{measure.Latency}, series...) {
		r.present[metric] = new(measure.Histogram)
	}
	return r
}

// turn makes the segment of a block the present one. Blocks come in order.
func (r *record) turn(number int) {
	for number/r.PerBlocks >= measure.MostSegments {
		r.turnTo(r.number + 1)
		r.halve()
	}
	if segment := number / r.PerBlocks; segment > r.number {
		r.turnTo(segment)
	}
}

// turnTo packs the present segment, and leaves those between it and the next one empty.
func (r *record) turnTo(segment int) {
	for metric, h := range r.present {
		r.Segments[metric] = append(r.Segments[metric], h.Pack())
		for len(r.Segments[metric]) < segment {
			r.Segments[metric] = append(r.Segments[metric], measure.Packed{})
		}
		*h = measure.Histogram{}
	}
	r.number = segment
}

// halve merges the segments two by two, and goes on with the last one.
func (r *record) halve() {
	r.PerBlocks *= 2
	for metric, list := range r.Segments {
		var merged []measure.Packed
		for i := 0; i < len(list); i += 2 {
			h := list[i].Unpack()
			if i+1 < len(list) {
				_ = h.Merge(list[i+1].Unpack()) // never full: as in keep
			}
			merged = append(merged, h.Pack())
		}
		last := len(merged) - 1
		*r.present[metric] = *merged[last].Unpack()
		r.Segments[metric], r.number = merged[:last], last
	}
}

// keep adds what a complete block measured to the segments.
func (r *record) keep(b *block) {
	r.turn(b.Number)
	lost := b.Failed + b.Dropped
	for i, values := range b.values {
		metric := measure.Latency
		if i > 0 {
			metric = r.series[i-1]
		}
		h := r.present[metric]
		for _, v := range values {
			h.Record(v)
		}
		_ = h.RecordN(measure.Slowest+1, lost) // never full: MaxCount is years at any rate
	}
}

// done is the record for the run's result.
func (r *record) done() measure.LoadRecord {
	if len(r.Blocks) > 0 {
		r.turnTo(r.number + 1)
	}
	r.Service, r.Lateness = r.service.Pack(), r.lateness.Pack()
	for p := range r.phases {
		if h := &r.phases[p]; h.Count() > 0 {
			r.Phases[Phase(p).String()] = h.Pack()
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
