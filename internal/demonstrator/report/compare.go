package report

import (
	"io"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/lang"
)

// Terminal writes the comparison for a terminal.
func (c *Comparison) Terminal(w io.Writer, l lang.Lang, opt TerminalOptions) error {
	s := newScreen(printer{l}, opt.Width, opt.Color)
	if len(c.views) == 0 {
		s.line(s.word("compare.none"))
		return s.flush(w)
	}
	s.line(s.tint(bold, s.word("compare.title", s.plural(len(c.views), "compare.runs"))))
	for i, v := range c.views {
		s.runLine(letter(i), v)
	}
	s.line("")
	if len(c.differences) == 0 && c.sameCatalogue() {
		s.para(0, 0, "", s.word("compare.same", short(c.views[0].Record.Plan.Catalogue)))
	} else {
		s.differences(c)
	}
	for _, warning := range c.expired(s.printer) {
		s.para(0, 2, yellow, "! "+warning)
	}
	s.across(c)
	if c.Offers() > 1 {
		s.comparedRanking(c)
	}
	s.open(c)
	for _, h := range c.histories {
		if h.eventful() {
			s.history(c, h)
		}
	}
	return s.flush(w)
}

// runLine introduces a run by the letter that the tables use.
func (s *screen) runLine(name string, v View) {
	r := v.Record
	var offers []string
	for _, o := range r.Offers {
		offers = append(offers, line(v.name(o.ID)))
	}
	state := s.word("term.complete")
	if why := s.unfinished(r); why != "" {
		state = s.word("term.incomplete", line(why))
	}
	parts := []string{name + "  " + s.word("compare.in", line(r.Plan.Run)), s.instant(r.Plan.Started), strings.Join(offers, ", "), state}
	if by := s.sealedBy(r); by != "" {
		parts = append(parts, line(by))
	}
	s.para(2, 3, "", strings.Join(parts, " · "))
	if what := s.selected(r.Plan.Selection); what != "" {
		s.para(5, 0, "", s.word("term.selection", line(what)))
	}
}

// differences says what the runs' catalogues don't have in common.
func (s *screen) differences(c *Comparison) {
	s.para(0, 2, yellow, "! "+s.word("compare.differ"))
	for i, v := range c.views {
		s.para(2, 3, "", letter(i)+"  "+line(v.Record.Plan.Catalogue))
	}
	for _, d := range c.differenceRows(s.printer) {
		s.para(2, 4, "", s.word("pair", d.Kind+" "+line(d.ID), d.Remark))
		for _, f := range d.Fields {
			var values []string
			for _, v := range f.Values {
				values = append(values, v.Run+" "+line(v.Text))
			}
			s.para(6, 2, "", s.word("pair", line(f.Name), strings.Join(values, " · ")))
		}
	}
	if len(c.differences) == 0 {
		s.para(2, 0, "", s.word("differences.nothing"))
	}
}

// across puts the offers side by side, each in its last run.
func (s *screen) across(c *Comparison) {
	s.title(s.word("compare.across"))
	summary, targets := s.summary(c.across, c.across.Cards), s.targets(c.across)
	for i, card := range c.across.Cards {
		head := line(c.across.name(card.Offer)) + " (" + letter(c.lasts[i]) + ")"
		summary.heads[i], targets.heads[i] = head, head
	}
	s.grid(summary)
	s.line("")
	s.grid(targets)
	s.line("")
	s.aside(c.across)
	s.para(0, 0, dim, s.word("term.figures"))
}

// comparedRanking is the ranking and how sure it is.
func (s *screen) comparedRanking(c *Comparison) {
	if c.unranked != nil {
		s.title(s.word("ranking"))
		s.para(2, 0, "", s.say(*c.unranked))
		return
	}
	s.ranking(c.across)
	s.title(s.word("stability"))
	if len(c.stabilities) == 0 {
		s.para(2, 0, "", s.word("stability.few"))
	}
	t := titles{s.printer, c.across}
	for i, st := range t.stabilities(c.stabilities, false) {
		if len(c.stabilities) > 1 {
			s.para(0, 0, bold, line(st.Title))
		}
		if i == 0 {
			s.stability(st)
			continue
		}
		s.para(2, 2, "", line(st.Summary)) // the page has the rest
		var shares []string
		for _, f := range st.Shares {
			shares = append(shares, line(f.Offer)+" "+f.Share)
		}
		s.para(2, 2, "", s.word("stability.first-in", strings.Join(shares, ", ")))
	}
}

func (s *screen) stability(st stability) {
	s.para(2, 2, "", line(st.Summary))
	for _, w := range st.Weights {
		s.para(4, 2, "", s.word("pair", line(w.Target)+" ("+s.word("weight", w.Weight)+")", s.swayText(w)))
	}
	if len(st.Weights) > 0 && st.Others != "" {
		s.para(4, 2, "", st.Others)
	}
	g := grid{heads: []string{s.word("stability.share"), s.word("stability.between"), st.DrawsHead}}
	for _, f := range st.Shares {
		g.rows = append(g.rows, gridRow{head: "    " + line(f.Offer), cells: []gridCell{{f.Share, ""}, {f.Interval, ""}, {f.Counts, ""}}})
	}
	s.grid(g)
	for _, f := range st.Shares {
		if f.Sure != "" {
			s.para(4, 2, "", s.word("pair", line(f.Offer), f.Sure))
		}
	}
	s.para(4, 2, dim, st.Drawn)
}

func (s *screen) swayText(w swayRow) string {
	var parts []string
	for _, end := range []swayEnd{w.Low, w.High} {
		if !end.Never {
			parts = append(parts, end.Text+" ("+line(end.Note)+")")
		}
	}
	text := strings.Join(parts, ", ")
	if text == "" {
		text = s.word("stability.never")
	}
	return strings.TrimSpace(text + ". " + line(w.Others))
}

// What the terminal shows of long lists.
const (
	mostOpen  = 8
	mostMoved = 30
)

// open says what the targets that are not established could change.
func (s *screen) open(c *Comparison) {
	offers := titles{s.printer, c.across}.openOffers(c.whatIfs)
	if len(offers) == 0 {
		return
	}
	s.title(s.word("open-targets"))
	for _, o := range offers {
		s.para(0, 2, "", s.word("pair", line(o.Name), o.Count))
		for i, t := range o.Open {
			if i == mostOpen {
				s.para(2, 2, dim, s.word("compare.more", s.number(int64(len(o.Open)-i))))
				break
			}
			head := line(t.Target)
			if t.Role != "" {
				head += " [" + t.Role + "]"
			}
			s.para(2, 2, "", head)
			s.para(6, 2, "", s.word("pair", s.word("open-targets.met"), line(s.also(t.Met))))
			s.para(6, 2, "", s.word("pair", s.word("open-targets.not-met"), line(s.also(t.NotMet))))
		}
	}
}

// history writes what became of one offer from run to run.
func (s *screen) history(c *Comparison, h history) {
	s.title(s.word("pair", s.word("history"), line(c.across.name(h.offer))))
	if !h.sameDescription {
		s.para(2, 2, "", "! "+s.word("compare.described", strings.Join(lettered(h.runs), ", ")))
	}
	s.para(0, 2, "", s.word("history.targets", s.counts(h.targetCounts()), s.number(int64(len(h.targets)))))
	s.para(0, 2, "", s.word("history.checks", s.counts(h.checkCounts()), s.number(int64(len(h.checks)))))
	heads := append(lettered(h.runs), s.word("history.change"))
	targets := grid{heads: heads}
	for _, t := range h.movedTargets() {
		row := gridRow{head: "  " + line(titles{s.printer, c.across}.target(t.target))}
		for _, v := range t.verdicts {
			if v == nil {
				row.cells = append(row.cells, gridCell{text: s.word("compare.absent")})
			} else {
				row.cells = append(row.cells, s.cell(v))
			}
		}
		row.cells = append(row.cells, s.changeCell(t.course))
		targets.rows = append(targets.rows, row)
	}
	checks := grid{heads: slices.Clone(heads)}
	for _, k := range h.movedChecks() {
		row := gridRow{head: "  " + line(k.check)}
		for _, state := range k.states {
			m := s.state(state)
			row.cells = append(row.cells, gridCell{text: m.Sign + " " + m.Word})
		}
		row.cells = append(row.cells, s.changeCell(k.course))
		checks.rows = append(checks.rows, row)
	}
	for _, part := range []struct {
		title string
		g     grid
	}{{"compare.targets", targets}, {"compare.checks", checks}} {
		if len(part.g.rows) > 0 {
			s.para(0, 0, "", s.word(part.title))
			more := len(part.g.rows) - mostMoved
			part.g.rows = part.g.rows[:min(mostMoved, len(part.g.rows))]
			s.grid(part.g)
			if more > 0 {
				s.para(2, 2, dim, s.word("compare.more", s.number(int64(more))))
			}
		}
	}
	if len(targets.rows)+len(checks.rows) == 0 {
		s.para(2, 0, "", s.word("compare.nothing"))
	}
}

func (s *screen) changeCell(c course) gridCell {
	m := s.change(c.now())
	return gridCell{m.Sign + " " + m.Word, tintOf(m.Class)}
}

// also joins clauses with semicolons.
func (p printer) also(parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	text := parts[0]
	for _, part := range parts[1:] {
		text = p.word("semicolon", text, part)
	}
	return text
}

// counts writes "2 newly failing, 30 unchanged".
func (p printer) counts(counts []changeCount) string {
	var parts []string
	for _, k := range counts {
		parts = append(parts, p.plural(k.n, "changes."+string(k.change)))
	}
	return strings.Join(parts, ", ")
}

// expired says, offer by offer, how many verdicts no longer count.
func (c *Comparison) expired(p printer) []string {
	var list []string
	for i, card := range c.across.Cards {
		past := c.expiredOf(card.Offer)
		if len(past) == 0 {
			continue
		}
		of := 0
		for _, t := range card.Targets {
			if t.Verdict != score.NotEvaluated {
				of++
			}
		}
		list = append(list, p.word("expired.of", p.number(int64(len(past))), p.number(int64(of)), c.across.name(c.across.Cards[i].Offer)))
	}
	if len(list) == 0 {
		return nil
	}
	return []string{p.word("expired.is", p.civil(c.on), strings.Join(list, ", "))}
}
