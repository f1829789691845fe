package report_test

import (
	"time"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/report"
)

// loaded is a run of two offers, one with a hostile name, under two loads: one whose
// second offer stalls and fails, and a shorter one that is void.
func loaded() report.View {
	v := sample(2)
	v.Record.Offers[1].Name = "Brume " + hostile
	v.Record.Loads = []measure.LoadRun{sampleLoad(80, 3), sampleLoad(6, 300)}
	v.Record.Loads[1].Plan.Operation = "put-" + hostile
	v.Record.Loads[1].Goals, v.Record.Loads[1].Stopped = v.Record.Loads[1].Goals[:1], true
	v.Record.Loads[1].Offers[1] = measure.LoadRecord{Name: "brume", State: measure.Unsupported, Reason: &measure.Reason{Cause: measure.Feature, Want: "versioning"}}
	return v
}

// draws are numbers of a linear congruential generator (Knuth's MMIX), in whole
// numbers, so that pages are the same on any machine.
type draws struct{ state uint64 }

func (d *draws) below(n int64) int64 {
	d.state = d.state*6364136223846793005 + 1442695040888963407
	return int64(d.state>>33) % n
}

// latency is around middle, with a long tail.
func (d *draws) latency(middle time.Duration) time.Duration {
	return middle*7/10 + middle*time.Duration(d.below(60))/100 + middle*time.Duration(d.below(9)*d.below(9)*d.below(9))/256
}

const perBlock = 20

// sampleLoad has so many blocks, and a null server that takes so many tens of microseconds.
func sampleLoad(blocks, null int) measure.LoadRun {
	r := measure.LoadRun{
		Plan: measure.LoadPlan{Service: "s3", Operation: "get", Shape: "poisson", Rate: 50, Block: 400 * time.Millisecond, Connections: 16},
		Seed: 42, Began: began,
		Goals: []measure.Goal{
			{Metric: measure.Latency, Bound: 25 * time.Millisecond, Quantile: 9500, Confidence: 9500},
			{Metric: "first-byte", Bound: 20 * time.Millisecond, Quantile: 9000, Confidence: 9500},
		},
	}
	d := &draws{state: 7}
	for i, middle := range []time.Duration{8 * time.Millisecond, 12 * time.Millisecond, time.Duration(null) * 10 * time.Microsecond} {
		record := measure.LoadRecord{Name: []string{"alpage", "brume", "null"}[i], State: measure.Pass, Ended: measure.LoadDecided, PerBlocks: max(1, blocks/40),
			Segments: map[string][]measure.Packed{}}
		s := sampled{LoadRecord: &record, segments: map[string][]*measure.Histogram{}}
		for n := range blocks {
			start := time.Duration(3*n+(i+n)%3)*400*time.Millisecond + time.Duration(i)*time.Millisecond
			record.Blocks = append(record.Blocks, sampleBlock(&s, d, n, start, middle, i == 1))
		}
		if i == 1 {
			record.Ended, record.Cap = measure.LoadCapped, "bytes"
			record.Blocks = append(record.Blocks, measure.LoadBlock{Number: blocks, Start: time.Duration(3*blocks) * 400 * time.Millisecond, Requests: 3, Slow: []int64{0, 0}, Partial: true})
		}
		s.pack()
		if i < 2 {
			r.Offers = append(r.Offers, record)
		} else {
			record.Ended = ""
			r.Null = &record
		}
	}
	for i := range r.Null.Blocks { // its Slow counts what is above a tenth of each bound
		b := &r.Null.Blocks[i]
		b.Slow = []int64{0, 0}
		if null > 50 {
			b.Slow = []int64{b.Requests, b.Requests}
		}
	}
	return r
}

// sampled is a record whose histograms are not packed yet.
type sampled struct {
	*measure.LoadRecord
	lateness measure.Histogram
	segments map[string][]*measure.Histogram
}

func (s *sampled) pack() {
	s.Lateness = s.lateness.Pack()
	for metric, list := range s.segments {
		for _, h := range list {
			s.Segments[metric] = append(s.Segments[metric], h.Pack())
		}
	}
}

// sampleBlock is one block, recorded too; every other offer stalls in the middle of
// the run, and fails now and then.
func sampleBlock(r *sampled, d *draws, n int, start, middle time.Duration, weak bool) measure.LoadBlock {
	b := measure.LoadBlock{Number: n, Start: start, Length: 300*time.Millisecond + time.Duration(d.below(200))*time.Millisecond, Requests: perBlock, Slow: []int64{0, 0}, Failures: map[string]int64{}}
	stall := weak && n%40 >= 20 && n%40 < 23
	h, first := segmentOf(r, measure.Latency, n), segmentOf(r, "first-byte", n)
	var values []time.Duration
	for range perBlock {
		latency := d.latency(middle)
		r.lateness.Record(time.Duration(d.below(90)) * time.Microsecond)
		switch {
		case stall && n%40 == 21:
			b.Dropped++
			latency = measure.Slowest + 1
		case weak && d.below(60) == 0:
			b.Failed++
			b.Failures[[]string{"status", "timeout", "throttled"}[d.below(3)]]++
			latency = measure.Slowest + 1
		case stall:
			latency += 900 * time.Millisecond
			b.Late++
		}
		h.Record(latency)
		early := latency
		if latency <= measure.Slowest {
			values = append(values, latency)
			b.Bytes += 4400
			early = latency * 3 / 4
		}
		first.Record(early)
		good := true
		for goal, bound := range []time.Duration{25 * time.Millisecond, 20 * time.Millisecond} {
			if []time.Duration{latency, early}[goal] > bound {
				b.Slow[goal]++
				good = false
			}
		}
		if good {
			b.Good++
		}
	}
	b.P50, b.P99, b.P999 = blockQuantile(values, 50), blockQuantile(values, 99), blockQuantile(values, 100)
	return b
}

func segmentOf(r *sampled, metric string, block int) *measure.Histogram {
	for len(r.segments[metric]) <= block/r.PerBlocks {
		r.segments[metric] = append(r.segments[metric], new(measure.Histogram))
	}
	return r.segments[metric][block/r.PerBlocks]
}

// blockQuantile is in microseconds, of perBlock requests; -1 when they failed.
func blockQuantile(values []time.Duration, percent int) int64 {
	rank := (perBlock*percent + 99) / 100
	if rank > len(values) {
		return -1
	}
	list := append([]time.Duration{}, values...)
	for i := range list {
		for j := i; j > 0 && list[j] < list[j-1]; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
	return (list[rank-1].Nanoseconds() + 999) / 1000
}
