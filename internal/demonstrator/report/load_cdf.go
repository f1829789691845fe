package report

import (
	"math"

	"aloi.dev/internal/demonstrator/measure"
)

// distribution draws how large a share of the requests was answered within a time.
// The axis of shares counts nines, since bounds are on the tail: 90 %, 99 % and 99.9 % are
// equally far apart.
func (v *loadView) distribution(metric string) plot {
	p := newPlot(v.anchor+"-"+anchor(metric), v.word("load.cdf", v.metric(metric)), v.word("load.axis.ms"), v.word("load.axis.within"))
	low, high, most := math.Inf(1), 0.0, int64(1)
	whole := make([]*measure.Histogram, len(v.lines))
	for i, s := range v.lines {
		if len(s.record.Segments[metric]) == 0 {
			continue
		}
		h := s.record.Histogram(metric)
		if h.Count() == h.Overflow() {
			continue // nothing to draw
		}
		whole[i] = h
		least, _ := h.Min()
		low, high, most = min(low, least.Seconds()*1000), max(high, longest(h)), max(most, h.Count())
	}
	if high == 0 {
		p.Nothing = v.word("load.cdf.none")
		return *p
	}
	for _, g := range v.run.Goals {
		if g.Metric == metric {
			low, high = min(low, g.Bound.Seconds()*1000), max(high, g.Bound.Seconds()*1000)
		}
	}
	x := logScale(low, high, p.Box.Left, p.Box.Right)
	y := scale{high: math.Max(2, math.Min(5, math.Ceil(math.Log10(float64(most))-0.01))), from: p.Box.Bottom, to: p.Box.Top}
	p.X = x.along(x.values(7), 0, v.figure)
	p.Y = v.nines(y)
	v.wantedPoints(p, metric, x, y)
	for i, s := range v.lines {
		if whole[i] != nil {
			p.Curves = append(p.Curves, s.distribution(whole[i], x, y))
			p.Keys = append(p.Keys, s.key())
		}
	}
	p.Desc = v.word("load.cdf.is", v.names(), v.metric(metric))
	p.Table = v.distributionTable(metric, whole)
	return *p
}

// longest is the longest answer in milliseconds.
func longest(h *measure.Histogram) float64 {
	last := 0.0
	for b := range h.Buckets() {
		last = b.High.Seconds() * 1000
	}
	return last
}

// nines are the ticks of an axis of shares.
func (v *loadView) nines(y scale) []tick {
	var ticks []tick
	shares := []int64{0, 50, 90, 99}
	if y.high > 4 {
		shares = []int64{0, 90, 99} // 50 % is too close to 0
	}
	for _, q := range shares {
		ticks = append(ticks, tick{coordinate(y.at(level(float64(q) / 100))), coordinate(y.at(level(float64(q)/100)) + 4), v.number(q) + hard + "%"})
	}
	for n, name := 3, "99."; float64(n) <= y.high; n++ {
		name += "9"
		ticks = append(ticks, tick{coordinate(y.at(float64(n))), coordinate(y.at(float64(n)) + 4), v.decimal(name) + hard + "%"})
	}
	return ticks
}

// level is the number of nines of a share below 1.
func level(share float64) float64 { return -math.Log10(1 - share) }

// wantedPoints draws each bound, and a ring at its quantile: the curve must pass above
// it.
func (v *loadView) wantedPoints(p *plot, metric string, x, y scale) {
	rows := 0
	for _, g := range v.run.Goals {
		if g.Metric != metric {
			continue
		}
		at, of := x.at(g.Bound.Seconds()*1000), y.at(level(float64(g.Quantile)/float64(measure.Whole)))
		ref := reference{X1: coordinate(at), X2: coordinate(at), Y1: coordinate(p.Box.Top), Y2: coordinate(p.Box.Bottom), Ring: &label{X: coordinate(at), Y: coordinate(of)}}
		ref.Label = label{X: coordinate(at + 5), Y: coordinate(p.Box.Top + 12 + float64(15*rows)), Anchor: "start", Text: v.word("load.bound", v.decimal(g.Quantile.String()), v.duration(g))}
		if at > p.Box.Right-100 {
			ref.Label.X, ref.Label.Anchor = coordinate(at-5), "end"
		}
		p.Refs = append(p.Refs, ref)
		rows++
	}
}

// distribution is the line of one histogram, with a mark at each quantile of the tables.
// It has fewer than 300 points: one for each one and a half units of the height, or three of the width.
func (s series) distribution(h *measure.Histogram, x, y scale) curve {
	var line, marks path
	count, sum := h.Count(), int64(0)
	lastX, lastY := math.Inf(-1), math.Inf(-1)
	for b := range h.Buckets() {
		if sum == 0 {
			line.to(x.at(b.Low.Seconds()*1000), y.at(0))
		}
		sum += b.Count
		share := math.Min(float64(sum)/float64(count), 1-0.5/float64(count))
		px, py := x.at(b.High.Seconds()*1000), y.at(level(share))
		if math.Abs(px-lastX) < 3 && math.Abs(py-lastY) < 1.5 && sum < count-h.Overflow() {
			continue
		}
		line.to(px, py)
		lastX, lastY = px, py
	}
	for _, q := range figures {
		if d, lost := h.Quantile(q); !lost && level(float64(q)/float64(measure.Whole)) <= y.high {
			marks.mark(x.at(d.Seconds()*1000), y.at(level(float64(q)/float64(measure.Whole))), s.shape)
		}
	}
	return curve{s.class, line.String(), marks.String()}
}

func (s series) key() key {
	var mark path
	mark.mark(14, 6, s.shape)
	return key{s.class, s.name, mark.String()}
}

// names are those of the lines, as a sentence has them.
func (v *loadView) names() string {
	names := make([]string, 0, len(v.lines))
	for _, s := range v.lines {
		names = append(names, s.name)
	}
	return v.list(names)
}

func (v *loadView) distributionTable(metric string, whole []*measure.Histogram) plotTable {
	t := plotTable{Caption: v.word("load.cdf.caption", v.metric(metric)), Heads: []string{v.word("load.quantile")}}
	for i, s := range v.lines {
		if whole[i] != nil {
			t.Heads = append(t.Heads, s.name)
		}
	}
	for _, q := range []measure.Quantile{1000, 2500, 5000, 7500, 9000, 9500, 9900, 9990, 9999} {
		var cells []string
		for _, h := range whole {
			if h != nil {
				cells = append(cells, v.quantile(h, q))
			}
		}
		t.row(v.decimal(q.String()), cells...)
	}
	return t
}
