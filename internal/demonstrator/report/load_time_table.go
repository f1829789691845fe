package report

import "time"

// timeTable gives p50 and p99 of the blocks of each tenth of the time.
func (v *loadView) timeTable(metric string) plotTable {
	t := plotTable{Caption: v.word("load.time.caption", v.metric(metric)), Heads: []string{v.word("load.from")}}
	for _, s := range v.lines {
		t.Heads = append(t.Heads, s.name)
	}
	v.eachTenth(func(from, to time.Duration) {
		var cells []string
		for _, s := range v.lines {
			low, high := within(v.spans(s.record, tableSpans, p50), from, to), within(v.spans(s.record, tableSpans, p99), from, to)
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
	t := plotTable{Caption: v.word("load.rate.caption"), Heads: []string{v.word("load.from")}}
	for _, s := range v.lines {
		t.Heads = append(t.Heads, s.name)
	}
	v.eachTenth(func(from, to time.Duration) {
		var cells []string
		for _, s := range v.lines {
			one := within(v.spans(s.record, tableSpans, perBlock), from, to)
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
