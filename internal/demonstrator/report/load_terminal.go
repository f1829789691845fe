package report

import "aloi.dev/internal/demonstrator/measure"

// loads has a table for each load: what each offer took, and what failed.
func (s *screen) loads(v View) {
	if len(v.Record.Loads) == 0 {
		return
	}
	s.title(s.word("loads"))
	for i := range v.Record.Loads {
		b := &builder{printer: s.printer, view: v}
		l := loadView{builder: b, run: &v.Record.Loads[i]}
		l.lines = l.series()
		if i > 0 {
			s.line("")
		}
		s.para(0, 2, "", line(s.loadTitle(l.run.Plan)))
		if len(l.lines) > 0 {
			s.grid(l.grid(l.metrics()[0]))
		}
		for _, a := range l.absent() {
			s.para(2, 2, tintOf(a.Mark.Class), a.Mark.Sign+" "+s.word("pair", line(a.Offer), line(a.Reason)))
		}
		for _, void := range l.voids() {
			s.para(2, 2, yellow, "! "+line(void))
		}
		for _, text := range (titles{s.printer, v}).compared(l.run) {
			s.para(2, 2, "", line(text))
		}
	}
}

// grid has a row for each line, of the first goal's metric; the null server has its
// latency alone.
func (v *loadView) grid(metric string) grid {
	g := grid{}
	quantiles := []measure.Quantile{5000, 9500, 9900}
	for _, q := range quantiles {
		g.heads = append(g.heads, v.decimal(q.String()))
	}
	g.heads = append(g.heads, v.word("load.no-answer"))
	for _, s := range v.lines {
		of := metric
		if len(s.record.Segments[of]) == 0 {
			of = measure.Latency
		}
		total, h := s.record.Total(), s.record.Histogram(of)
		row := gridRow{head: "  " + line(s.name)}
		if metric != measure.Latency {
			row.head += " (" + v.metric(of) + ")"
		}
		for _, q := range quantiles {
			row.cells = append(row.cells, gridCell{v.quantile(h, q), ""})
		}
		cell := gridCell{v.word("gates.of", v.number(total.Failed+total.Dropped), v.number(total.Requests)), ""}
		if total.Failed+total.Dropped > 0 {
			cell.tint = red
		}
		row.cells = append(row.cells, cell)
		g.rows = append(g.rows, row)
	}
	return g
}
