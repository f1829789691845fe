package report

import (
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// timeTable gives p50 and p99 of the blocks of each tenth of the time.
func (v *loadView) timeTable(metric string) plotTable {
	t := v.tableOfLines(v.word("load.time.caption", v.metric(metric)), v.word("load.from"))
	lows, highs := v.tenths(p50), v.tenths(p99)
	v.eachTenth(func(from, to time.Duration) {
		var cells []string
		for i := range v.lines {
			low, high := within(lows[i], from, to), within(highs[i], from, to)
			if low == nil || high == nil {
				cells = append(cells, "–")
				continue
			}
			cells = append(cells, v.word("load.time.cell", v.span(low.least), v.span(low.most), v.span(high.least), v.span(high.most)))
		}
		t.row(v.since(from), cells...)
	})
	return t
}

// span writes a value of a block.
func (v *loadView) span(us int64) string { return v.latency(us, us == lost) }

func (v *loadView) rateTable() plotTable {
	t := v.tableOfLines(v.word("load.rate.caption"), v.word("load.from"))
	all := v.tenths(perBlock)
	v.eachTenth(func(from, to time.Duration) {
		var cells []string
		for i := range v.lines {
			one := within(all[i], from, to)
			if one == nil {
				cells = append(cells, "–")
				continue
			}
			cells = append(cells, v.word("load.rate.cell", v.tenth(int64(one.mean()*1000), 1000), v.tenth(one.least, 1000), v.tenth(one.most, 1000)))
		}
		t.row(v.since(from), cells...)
	})
	return t
}

// tenths are the spans of each line for the tables.
func (v *loadView) tenths(value func(*measure.LoadBlock) int64) [][]span {
	all := make([][]span, len(v.lines))
	for i, s := range v.lines {
		all[i] = v.spans(s.record, tableSpans, value)
	}
	return all
}

// eachTenth goes through the time of a run.
func (v *loadView) eachTenth(do func(from, to time.Duration)) {
	width := v.length()/tableSpans + 1
	for i := range time.Duration(tableSpans) {
		do(i*width, (i+1)*width)
	}
}

// since writes how long after the start.
func (v *loadView) since(d time.Duration) string {
	if d == 0 {
		return "0" + hard + "s"
	}
	return v.took(d)
}

// within is the span that begins in a stretch of time; nil without one.
func within(spans []span, from, to time.Duration) *span {
	for i := range spans {
		if spans[i].from >= from && spans[i].from < to {
			return &spans[i]
		}
	}
	return nil
}
