package report

import (
	"math"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// What a line over time is reduced to: so many spans of time, of each of which the lowest and
// the highest value are kept, so that the shortest stall is still seen.
const (
	mostSpans  = 140
	tableSpans = 10
)

// span is a stretch of blocks of one offer.
type span struct {
	from, to    time.Duration
	least, most int64 // of the value; lost is most of all
	known       int64 // the most that isn't lost; -1 when all are
	sum, count  int64
	blocks      int
}

// lost stands for a quantile that is among the requests without a right answer.
const lost = math.MaxInt64

// spans cuts the blocks of an offer into at most n stretches of equal length.
func (v *loadView) spans(r *measure.LoadRecord, n int, value func(*measure.LoadBlock) int64) []span {
	var list []span
	width := max(v.length()/time.Duration(n)+1, 1)
	at := time.Duration(-1)
	for i := range r.Blocks {
		b := &r.Blocks[i]
		if b.Partial || b.Requests == 0 {
			continue
		}
		x := value(b)
		if len(list) == 0 || b.Start/width != at {
			at = b.Start / width
			list = append(list, span{from: b.Start, least: x, most: x, known: -1})
		}
		s := &list[len(list)-1]
		s.to, s.blocks = b.Start+b.Length, s.blocks+1
		s.least, s.most = min(s.least, x), max(s.most, x)
		if x != lost {
			s.known = max(s.known, x)
		}
		s.sum += b.Requests - b.Failed - b.Dropped
		s.count += b.Length.Milliseconds()
	}
	return list
}

func (s span) middle() time.Duration { return s.from + (s.to-s.from)/2 }

// few reports that each block may have its own point.
func few(r *measure.LoadRecord) int {
	if len(r.Blocks) <= mostSpans {
		return math.MaxInt32
	}
	return mostSpans
}

func p50(b *measure.LoadBlock) int64 { return known(b.P50) }

func p99(b *measure.LoadBlock) int64 { return known(b.P99) }

func known(us int64) int64 {
	if us < 0 {
		return lost
	}
	return us
}

// overTime draws p50 and p99 of each block. Above the box, a row for each offer marks
// when they are among the requests without a right answer.
func (v *loadView) overTime() plot {
	metric := v.metrics()[0]
	p := newPlot(v.anchor+"-time", v.word("load.time", v.metric(metric)), "", v.word("load.axis.log-ms"))
	low, high := int64(math.MaxInt64), int64(0)
	for _, s := range v.lines {
		for i := range s.record.Blocks {
			b := &s.record.Blocks[i]
			for _, us := range []int64{b.P50, b.P99} {
				if us > 0 {
					low, high = min(low, us), max(high, us)
				}
			}
		}
	}
	for _, g := range v.run.Goals {
		if g.Metric == metric {
			low, high = min(low, g.Bound.Microseconds()), max(high, g.Bound.Microseconds())
		}
	}
	p.Box.Top += float64(9 * len(v.lines))
	x := v.timeAxis(p)
	y := logScale(float64(min(low, max(high, 1)))/1000, float64(high)/1000, p.Box.Bottom, p.Box.Top)
	p.Y = y.along(y.values(7), 4, v.figure)
	for _, g := range v.run.Goals {
		if g.Metric == metric {
			p.across(y.at(g.Bound.Seconds()*1000), 4, v.word("load.bound", v.decimal(g.Quantile.String()), v.duration(g)))
		}
	}
	p.Labels = append(p.Labels, label{X: coordinate(p.Box.Left - 6), Y: coordinate(p.Box.Top - 9), Anchor: "end", Text: v.word("load.lost"), Class: "lost"})
	for i, s := range v.lines {
		p.Curves = append(p.Curves, s.percentiles(v, p, x, y, i)...)
		p.Keys = append(p.Keys, s.key())
	}
	p.Desc = v.word("load.time.is", v.names(), v.metric(metric))
	p.Table = v.timeTable(metric)
	return *p
}

// timeAxis is the axis of time, in the largest unit that suits.
func (v *loadView) timeAxis(p *plot) scale {
	unit, name := time.Second, "s"
	if all := v.length(); all >= 3*time.Hour {
		unit, name = time.Hour, "h"
	} else if all >= 3*time.Minute {
		unit, name = time.Minute, "min"
	}
	x := scale{high: float64(v.length()) / float64(unit), from: p.Box.Left, to: p.Box.Right}
	p.X = x.along(x.values(6), 0, v.figure)
	p.XName = v.word("load.axis.time", name)
	x.high = float64(v.length())
	return x
}

// percentiles are the lines of p50 and p99 of an offer, through the worst of each span, and
// the band of p99.
func (s series) percentiles(v *loadView, p *plot, x, y scale, row int) []curve {
	strip := p.Box.Top - float64(9*row) - 5
	low, high := v.spans(s.record, few(s.record), p50), v.spans(s.record, few(s.record), p99)
	missed := path{}
	for i, at := range high {
		px := x.at(float64(at.middle()))
		switch {
		case low[i].most == lost:
			missed.mark(px, strip, square)
		case at.most == lost:
			missed.WriteString("M" + coordinate(px) + " " + coordinate(strip) + "m-2.6 -2.6l5.2 5.2m0 -5.2l-5.2 5.2")
		}
	}
	p.Bands = append(p.Bands, s.band(high, x, y))
	thin := s.worst(low, x, y)
	thin.Class += " thin"
	return []curve{thin, s.worst(high, x, y), {s.class + " missed", "", missed.String()}}
}

// square is the shape of a block without any right answer to speak of.
const square = 1

// worst is the line through the slowest value of each span that is known. It is broken
// where none is.
func (s series) worst(spans []span, x, y scale) curve {
	var line, marks path
	broken := true
	for i, at := range spans {
		us := at.known
		if us < 0 {
			broken = true
			continue
		}
		px, py := x.at(float64(at.middle())), y.at(float64(us)/1000)
		if broken {
			line.WriteString("M" + coordinate(px) + " " + coordinate(py))
			broken = false
		}
		line.to(px, py)
		if i%(len(spans)/5+1) == len(spans)/10 {
			marks.mark(px, py, s.shape)
		}
	}
	return curve{s.class, line.String(), marks.String()}
}

// band reaches from the fastest value of each span to the slowest that is known.
func (s series) band(spans []span, x, y scale) curve {
	var edge path
	for _, at := range spans {
		if at.known >= 0 && at.blocks > 1 {
			edge.to(x.at(float64(at.middle())), y.at(float64(at.known)/1000))
		}
	}
	for i := range spans {
		at := spans[len(spans)-1-i]
		if at.known >= 0 && at.blocks > 1 {
			edge.to(x.at(float64(at.middle())), y.at(float64(at.least)/1000))
		}
	}
	return curve{s.class, edge.String(), ""}
}

// throughput draws the right answers per second: their mean over a span, and between which values the
// blocks of the span are.
func (v *loadView) throughput() plot {
	p := newPlot(v.anchor+"-rate", v.word("load.rate"), "", v.word("load.axis.rate"))
	x := v.timeAxis(p)
	all, top := make([][]span, len(v.lines)), float64(v.run.Plan.Rate)
	for i, s := range v.lines {
		all[i] = v.spans(s.record, min(max(len(s.record.Blocks)/3, 1), mostSpans/2), perBlock)
		for _, one := range all[i] {
			top = max(top, float64(one.most)/1000)
		}
	}
	y := scale{high: roundTo(top*1.02, true), from: p.Box.Bottom, to: p.Box.Top}
	if step := roundTo(top/5, true); step > 0 {
		y.high = math.Ceil(top*1.02/step) * step
	}
	p.Y = y.along(y.values(6), 4, v.figure)
	p.across(y.at(float64(v.run.Plan.Rate)), 5, v.word("load.asked", v.rate(v.run.Plan.Rate)))
	for i, s := range v.lines {
		line, band := s.rates(all[i], x, y)
		p.Curves, p.Bands = append(p.Curves, line), append(p.Bands, band)
		p.Keys = append(p.Keys, s.key())
	}
	p.Desc = v.word("load.rate.is", v.names())
	p.Table = v.rateTable()
	return *p
}

// perBlock is the right answers of a block per thousand seconds.
func perBlock(b *measure.LoadBlock) int64 {
	return int64(float64(b.Requests-b.Failed-b.Dropped) * 1e12 / float64(max(b.Length, 1)))
}

func (s series) rates(spans []span, x, y scale) (line, band curve) {
	var mean, marks, edge path
	for i, at := range spans {
		px := x.at(float64(at.middle()))
		py := y.at(at.mean())
		mean.to(px, py)
		if i%(len(spans)/5+1) == len(spans)/10 {
			marks.mark(px, py, s.shape)
		}
		edge.to(px, y.at(float64(at.most)/1000))
	}
	for i := range spans {
		at := spans[len(spans)-1-i]
		edge.to(x.at(float64(at.middle())), y.at(float64(at.least)/1000))
	}
	return curve{s.class, mean.String(), marks.String()}, curve{s.class, edge.String() + "z", ""}
}

// mean is the right answers per second of a span.
func (s span) mean() float64 {
	if s.count == 0 {
		return float64(s.most) / 1000
	}
	return float64(s.sum) * 1000 / float64(s.count)
}
