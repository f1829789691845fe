package report

import (
	"fmt"

	"aloi.dev/internal/demonstrator/measure"
)

// barHeight is that of a bar and the space below it, in units.
const barHeight = 17

// failures draws a bar for each offer and kind of failure, dropped requests too.
func (v *loadView) failures() plot {
	p := newPlot(v.anchor+"-failures", v.word("load.failures"), v.word("load.axis.failures"), "")
	kinds := map[string]bool{}
	totals := make([]measure.LoadBlock, len(v.lines))
	for i, s := range v.lines {
		totals[i] = s.record.Total()
		for kind, n := range totals[i].Failures {
			kinds[kind] = kinds[kind] || n > 0
		}
		kinds[dropped] = kinds[dropped] || totals[i].Dropped > 0
	}
	var most int64
	var list []string
	for _, kind := range sortedKeys(kinds) {
		if kinds[kind] {
			list = append(list, kind)
		}
		for i := range totals {
			most = max(most, lostTo(&totals[i], kind))
		}
	}
	if most == 0 {
		p.Nothing = v.word("load.failures.none")
		return *p
	}
	v.bars(p, list, totals, most)
	p.Desc = v.word("load.failures.is", v.names())
	p.Table = v.tableOfLines(v.word("load.failures.caption"), v.word("load.kind"))
	for _, kind := range list {
		var cells []string
		for i := range totals {
			n := lostTo(&totals[i], kind)
			cells = append(cells, v.word("load.slow", v.number(n), v.number(totals[i].Requests), v.part(n, totals[i].Requests)))
		}
		p.Table.row(v.failure(kind), cells...)
	}
	return *p
}

// dropped stands among the kinds for requests that never started.
const dropped = "dropped"

func lostTo(total *measure.LoadBlock, kind string) int64 {
	if kind == dropped {
		return total.Dropped
	}
	return total.Failures[kind]
}

// bars draws the counts, those of a kind below its name.
func (v *loadView) bars(p *plot, kinds []string, totals []measure.LoadBlock, most int64) {
	p.Box.Left, p.Box.Right = 12, plotWidth-64
	x := scale{high: float64(most), from: p.Box.Left, to: p.Box.Right}
	y := p.Box.Top
	for _, kind := range kinds {
		y += barHeight
		p.Labels = append(p.Labels, label{X: coordinate(p.Box.Left), Y: coordinate(y - 4), Anchor: "start", Text: v.failure(kind), Class: "sort"})
		for i, s := range v.lines {
			n := lostTo(&totals[i], kind)
			if n == 0 {
				continue
			}
			end := max(x.at(float64(n)), p.Box.Left+2)
			p.Bands = append(p.Bands, curve{Class: s.class + " solid", Line: fmt.Sprintf("M%s %sH%sv%dH%sz", coordinate(p.Box.Left), coordinate(y), coordinate(end), barHeight-5, coordinate(p.Box.Left))})
			var mark path
			mark.mark(end+9, y+float64(barHeight-5)/2, s.shape)
			p.Curves = append(p.Curves, curve{Class: s.class, Marks: mark.String()})
			p.Labels = append(p.Labels, label{X: coordinate(end + 18), Y: coordinate(y + 10), Anchor: "start", Text: v.number(n)})
			y += barHeight
		}
		y += 6
	}
	p.Box.Bottom = y
	p.Height = int(y) + 12
	for _, s := range v.lines {
		p.Keys = append(p.Keys, s.key())
	}
}
