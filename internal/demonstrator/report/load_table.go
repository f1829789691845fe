package report

import (
	"strings"

	"aloi.dev/internal/demonstrator/measure"
)

// figures are the quantiles of the tables.
var figures = []measure.Quantile{5000, 9000, 9500, 9900, 9990}

// metrics are those of the goals, the first one's first, and the latency.
func (v *loadView) metrics() []string {
	var list []string
	seen := map[string]bool{}
	for _, g := range v.run.Goals {
		if !seen[g.Metric] {
			list, seen[g.Metric] = append(list, g.Metric), true
		}
	}
	if !seen[measure.Latency] {
		list = append(list, measure.Latency)
	}
	return list
}

// bounds is what each offer did with each goal: how many requests were too slow.
func (v *loadView) bounds() *plotTable {
	if len(v.run.Goals) == 0 {
		return nil
	}
	t := &plotTable{Caption: v.word("load.bounds"), Heads: []string{v.word("load.goal")}}
	for _, s := range v.lines {
		if s.offer >= 0 {
			t.Heads = append(t.Heads, s.name)
		}
	}
	for i, g := range v.run.Goals {
		var cells []string
		for _, s := range v.lines {
			if s.offer < 0 {
				continue
			}
			total := s.record.Total()
			cells = append(cells, v.word("load.slow", v.number(total.Slow[i]), v.number(total.Requests), v.part(total.Slow[i], total.Requests)))
		}
		t.row(v.goal(g), cells...)
	}
	return t
}

// goal writes a bound: "p99 of the latency at most 200 ms: at most 1 % slower".
func (v *loadView) goal(g measure.Goal) string {
	return v.word("load.goal.is", v.decimal(g.Quantile.String()), v.metric(g.Metric), v.duration(g), v.decimal((measure.Whole - measure.Share(g.Quantile)).String()))
}

func (v *loadView) duration(g measure.Goal) string {
	return v.millis(g.Bound.Microseconds()) + hard + "ms"
}

// part writes n of all in percent, to three figures and rounded up: one in ten thousand isn't none.
func (p printer) part(n, of int64) string {
	if of <= 0 {
		return "–"
	}
	return p.millis((n*100_000+of-1)/of) + hard + "%"
}

// latencies has a row for each offer and metric.
func (v *loadView) latencies() *plotTable {
	t := &plotTable{Caption: v.word("load.latencies"), Heads: []string{v.word("offer"), v.word("load.requests")}}
	for _, q := range figures {
		t.Heads = append(t.Heads, v.decimal(q.String()))
	}
	t.Heads = append(t.Heads, v.word("load.max"))
	metrics := v.metrics()
	for _, s := range v.lines {
		for _, metric := range metrics {
			if len(s.record.Segments[metric]) == 0 {
				continue
			}
			h := s.record.Histogram(metric)
			cells := []string{v.number(h.Count())}
			for _, q := range figures {
				cells = append(cells, v.quantile(h, q))
			}
			longest, lost := h.Max()
			cells = append(cells, v.latency(longest.Microseconds(), lost))
			head := s.name
			if len(metrics) > 1 {
				head = v.word("pair", head, v.metric(metric))
			}
			t.row(head, cells...)
		}
	}
	return t
}

func (p printer) quantile(h *measure.Histogram, q measure.Quantile) string {
	d, lost := h.Quantile(q)
	return p.latency(d.Microseconds(), lost)
}

// latency writes microseconds, or that the value is that of no right answer.
func (p printer) latency(us int64, lost bool) string {
	if lost || us < 0 {
		return p.word("load.lost")
	}
	return p.millis(us) + hard + "ms"
}

// became says what became of the requests of each offer.
func (v *loadView) became() *plotTable {
	t := &plotTable{Caption: v.word("load.became"), Heads: []string{v.word("offer"), v.word("load.throughput")}}
	goodput := len(v.metrics()) > 1 && len(v.run.Goals) > 1
	if goodput {
		t.Heads = append(t.Heads, v.word("load.goodput"))
	}
	for _, key := range []string{"late", "dropped", "failed", "bytes", "blocks"} {
		t.Heads = append(t.Heads, v.word("load."+key))
	}
	for _, s := range v.lines {
		total := s.record.Total()
		cells := []string{v.perSecond(total.Requests-total.Failed-total.Dropped, &total)}
		if goodput {
			cells = append(cells, v.perSecond(total.Good, &total))
		}
		blocks := v.number(int64(total.Number))
		if s.record.Ended != "" {
			blocks += " (" + v.ended(s.record) + ")"
		}
		t.row(s.name, append(cells, v.number(total.Late), v.number(total.Dropped), v.failed(&total), v.bytes(total.Bytes), blocks)...)
	}
	return t
}

func (p printer) perSecond(n int64, total *measure.LoadBlock) string {
	return p.tenth(n*1000, total.Length.Milliseconds()) + "/s"
}

// failed writes how many requests failed, by kind.
func (p printer) failed(total *measure.LoadBlock) string {
	var kinds []string
	for _, kind := range sortedKeys(total.Failures) {
		kinds = append(kinds, p.failure(kind)+" "+p.number(total.Failures[kind]))
	}
	if len(kinds) == 0 {
		return p.number(total.Failed)
	}
	return p.number(total.Failed) + " (" + strings.Join(kinds, ", ") + ")"
}

func (p printer) failure(kind string) string {
	if _, known := words["failure."+kind]; known {
		return p.word("failure." + kind)
	}
	return visible(kind)
}

// ended says why an offer's turns ended.
func (p printer) ended(r *measure.LoadRecord) string {
	if _, known := words["load.ended."+string(r.Ended)]; !known {
		return visible(string(r.Ended))
	}
	if r.Ended == measure.LoadCapped && r.Cap != "" {
		return p.word("load.ended.cap", p.capped(r.Cap))
	}
	return p.word("load.ended." + string(r.Ended))
}

func (p printer) capped(name string) string {
	if _, known := words["load.cap."+name]; known {
		return p.word("load.cap." + name)
	}
	return visible(name)
}
