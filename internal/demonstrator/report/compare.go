package report

import (
	"io"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/lang"
)

// Compare writes what differs between finished runs: for an offer in several of
// them, the verdicts and the checks that changed; for several offers, their
// targets side by side.
func Compare(w io.Writer, views []View, l lang.Lang) error {
	s := newScreen(printer{l}, 100, false)
	if len(views) == 0 {
		s.line(s.word("compare.none"))
		return s.flush(w)
	}
	c := compareRuns(views)
	s.line(s.word("compare.title", s.number(int64(len(views)))))
	for i, v := range views {
		s.runLine(letter(i), v)
	}
	s.catalogues(c)
	for _, o := range c.Offers {
		s.changes(c, o)
	}
	if ids := c.distinct(); len(ids) > 1 {
		s.across(c, ids)
	}
	return s.flush(w)
}

// CompareJSON writes the same for machines.
func CompareJSON(w io.Writer, views []View) error { return writeJSON(w, compareRuns(views)) }

// letter names a run in a table.
func letter(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letter(i/26-1) + letter(i%26)
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
	s.para(2, 3, "", strings.Join([]string{name + "  " + s.word("compare.in", line(r.Plan.Run)), s.instant(r.Plan.Started), strings.Join(offers, ", "), state}, " · "))
	if what := s.selected(r.Plan.Selection); what != "" {
		s.para(5, 0, "", s.word("term.selection", line(what)))
	}
}

// catalogues says whether the runs were decided by the same targets.
func (s *screen) catalogues(c comparison) {
	s.line("")
	if c.SameCatalogue {
		s.para(0, 0, "", s.word("compare.same", short(c.Runs[0].Catalogue)))
		return
	}
	s.para(0, 2, "", "! "+s.word("compare.differ"))
	for i, r := range c.Runs {
		s.para(2, 3, "", letter(i)+"  "+line(r.Catalogue))
		if len(r.Alone) > 0 {
			s.para(5, 2, "", s.word("compare.only", letter(i), idList(r.Alone)))
		}
	}
	if len(c.Changed) > 0 {
		s.para(2, 2, "", s.word("compare.changed", idList(c.Changed)))
	}
}

func idList[T ~string](ids []T) string {
	var names []string
	for _, id := range ids {
		names = append(names, line(string(id)))
	}
	return strings.Join(names, ", ")
}

// changes writes what changed for one offer from run to run.
func (s *screen) changes(c comparison, o offerChanges) {
	s.title(line(c.nameOf(o.Offer)))
	if !o.SameDescription {
		s.para(2, 2, "", "! "+s.word("compare.described", strings.Join(lettersOf(o.runs), ", ")))
	}
	if len(o.Targets)+len(o.Checks) == 0 {
		s.para(2, 0, "", s.word("compare.nothing"))
		return
	}
	heads := lettersOf(o.runs)
	targets := grid{heads: heads}
	for _, t := range o.Targets {
		row := gridRow{head: "  " + line(s.say(c.titleOf(t.Target)))}
		for _, v := range t.verdicts {
			if v == nil {
				row.cells = append(row.cells, gridCell{text: s.word("compare.absent")})
			} else {
				row.cells = append(row.cells, s.cell(v))
			}
		}
		targets.rows = append(targets.rows, row)
	}
	checks := grid{heads: heads}
	for _, k := range o.Checks {
		row := gridRow{head: "  " + line(k.Check)}
		for _, state := range k.States {
			m := s.state(state)
			row.cells = append(row.cells, gridCell{text: m.Sign + " " + m.Word})
		}
		checks.rows = append(checks.rows, row)
	}
	for _, part := range []struct {
		title string
		g     grid
	}{{"compare.targets", targets}, {"compare.checks", checks}} {
		if len(part.g.rows) > 0 {
			s.para(0, 0, "", s.word(part.title))
			s.grid(part.g)
		}
	}
}

func lettersOf(runs []int) []string {
	var list []string
	for _, i := range runs {
		list = append(list, letter(i))
	}
	return list
}

// across puts different offers side by side, each in the last run that has it.
// Under different catalogues their figures have different denominators, so only
// the summary is left out.
func (s *screen) across(c comparison, ids []catalogue.OfferID) {
	s.title(s.word("compare.across"))
	g := grid{}
	var cards []score.Card
	var from []View
	for _, id := range ids {
		i := c.lastWith(id)
		cards, from = append(cards, *c.views[i].card(id)), append(from, c.views[i])
		g.heads = append(g.heads, line(c.nameOf(id))+" ("+letter(i)+")")
	}
	if c.SameCatalogue {
		summary := s.summary(c.views[len(c.views)-1], cards)
		summary.heads = g.heads
		s.grid(summary)
		s.line("")
	}
	var seen []catalogue.TargetID
	for _, v := range from {
		for _, need := range v.byNeed() {
			var rows []gridRow
			for _, row := range need.targets {
				if slices.Contains(seen, row.target.ID) {
					continue
				}
				seen = append(seen, row.target.ID)
				r := gridRow{head: "  " + line(s.say(row.target.Title)) + " [" + s.shortRole(row.target) + "]"}
				for i := range cards {
					r.cells = append(r.cells, s.cell(verdictOn(&cards[i], row.target.ID)))
				}
				rows = append(rows, r)
			}
			if len(rows) > 0 {
				g.rows = append(append(g.rows, gridRow{head: line(s.say(need.need.Title)), title: true}), rows...)
			}
		}
	}
	s.grid(g)
}
