package report

import (
	"fmt"
	"io"
	"strings"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/lang"
)

// TerminalOptions says what the terminal can show. A Width of 0 is 80.
type TerminalOptions struct {
	Width int
	Color bool
}

// Terminal writes what a person reads in ten seconds at the end of a run: the
// run, the offers side by side, their targets, what is missing, the ranking.
func Terminal(w io.Writer, v View, l lang.Lang, opt TerminalOptions) error {
	s := newScreen(printer{l}, opt.Width, opt.Color)
	s.opening(v)
	s.line("")
	s.grid(s.summary(v, v.Cards))
	s.title(s.word("targets"))
	s.grid(s.targets(v))
	s.line("")
	s.aside(v)
	s.para(0, 0, dim, s.word("term.figures"))
	s.loads(v)
	for i := range v.Cards {
		s.shortfalls(v, &v.Cards[i])
	}
	s.findings(v)
	s.remarks(v)
	s.ranking(v)
	s.foreign(v)
	return s.flush(w)
}

// opening says which run this is, and whether it is whole.
func (s *screen) opening(v View) {
	r := v.Record
	head := s.tint(bold, s.word("term.run", line(r.Plan.Run)))
	why := s.unfinished(r)
	if why == "" {
		head += " · " + s.tint(green, s.word("term.complete"))
	}
	s.line(head)
	e := r.Environment
	facts := []string{s.instant(r.Plan.Started), s.word("term.catalogue", short(r.Plan.Catalogue)), s.word("term.from", line(e.OS), line(e.Arch), version(e))}
	s.para(0, 0, "", strings.Join(facts, " · "))
	if why != "" {
		s.para(0, 2, red, "! "+s.word("term.incomplete", line(why)))
	}
	if what := s.rerun(r); what != "" {
		s.para(0, 2, yellow, "! "+what)
	}
	if what := s.selected(r.Plan.Selection); what != "" {
		s.para(0, 2, yellow, "! "+s.word("term.selection", line(what)))
	}
}

// summary is the table of what each offer comes to.
func (s *screen) summary(v View, cards []score.Card) grid {
	g := grid{rows: []gridRow{{}, {head: s.word("term.gates")}, {head: s.word("score")}, {head: s.word("tally")}}}
	for i := range cards {
		c := &cards[i]
		counts := gatesOf(c)
		m := s.eligible(c.Gates, counts)
		g.heads = append(g.heads, line(v.name(c.Offer)))
		for row, cell := range []gridCell{
			{m.Sign + " " + m.Word, tintOf(m.Class)},
			{s.word("gates.of", s.number(int64(counts.met)), s.number(int64(counts.evaluated()))), ""},
			{s.scoreLine(c.Score), ""},
			{fmt.Sprintf("%s / %s / %s", s.number(int64(c.Tally.Passed)), s.number(int64(c.Tally.Run)), s.number(int64(c.Tally.Required))), ""},
		} {
			g.rows[row].cells = append(g.rows[row].cells, cell)
		}
	}
	return g
}

// scoreLine writes a score with its denominator: "82.4 % (weight 60 of 60)".
func (p printer) scoreLine(s score.Score) string {
	value, weight := p.scored(s)
	if value == "" {
		return "– (" + weight + ")"
	}
	return value + " (" + weight + ")"
}

// targets is the table of verdicts, need by need.
func (s *screen) targets(v View) grid {
	var g grid
	for i := range v.Cards {
		g.heads = append(g.heads, line(v.name(v.Cards[i].Offer)))
	}
	for _, need := range v.byNeed() {
		if !v.claims(need.need.ID) {
			continue
		}
		g.rows = append(g.rows, gridRow{head: line(s.say(need.need.Title)), title: true})
		for _, row := range need.targets {
			r := gridRow{head: "  " + line(s.say(row.target.Title)) + " [" + s.shortRole(row.target) + "]"}
			for _, verdict := range row.verdicts {
				r.cells = append(r.cells, s.cell(verdict))
			}
			g.rows = append(g.rows, r)
		}
	}
	return g
}

// shortRole is role, for a narrow column.
func (s *screen) shortRole(t *catalogue.Target) string {
	if t.Role == catalogue.Gate {
		return s.word("term.gate")
	}
	return s.role(t)
}

// cell writes a verdict: its sign, its word and passed/required.
func (s *screen) cell(t *score.TargetVerdict) gridCell {
	if t == nil {
		return gridCell{"–", dim}
	}
	m := s.verdict(t.Verdict)
	text := m.Sign + " " + m.Word
	if t.Verdict != score.NotEvaluated && t.Tally.Required > 0 {
		text += fmt.Sprintf(" %d/%d", t.Tally.Passed, t.Tally.Required)
	}
	tint := tintOf(m.Class)
	if t.Role == catalogue.Scored && t.Verdict == score.NotMet {
		tint = ""
	}
	return gridCell{text, tint}
}

// examples is how many failing checks a gate shows.
const examples = 2

// shortfalls says, for one offer, which gates are missing and why.
func (s *screen) shortfalls(v View, c *score.Card) {
	list := shortfalls(c)
	if len(list) == 0 {
		return
	}
	s.title(s.word("term.missed", line(v.name(c.Offer))))
	latest, said := v.results(c.Offer), map[string]bool{}
	for _, t := range list {
		title := string(t.Target)
		if known := v.Record.Catalogue.Target(t.Target); known != nil {
			title = s.say(known.Title)
		}
		m := s.verdict(t.Verdict)
		s.para(2, 2, tintOf(m.Class), m.Sign+" "+s.word("pair", line(title), fmt.Sprintf("%s %d/%d", m.Word, t.Tally.Passed, t.Tally.Required)))
		states := []measure.State{measure.Fail, measure.Unsupported, measure.NotRun, measure.Errored, missing}
		if t.Verdict == score.NotEstablished { // its reason already says what did not run
			s.para(6, 0, "", line(s.say(t.Reason)))
			states = []measure.State{measure.Fail, measure.Errored}
		}
		s.failing(t.Checks, states, latest, said)
	}
}

// failing names the first checks in the given states, in the order of the states.
// The trouble that all checks of a service share is said once.
func (s *screen) failing(checks []string, states []measure.State, latest map[string]*measure.Result, said map[string]bool) {
	var bad []string
	for _, state := range states {
		for _, id := range checks {
			if stateOf(latest[id]) == state {
				bad = append(bad, id)
			}
		}
	}
	for _, id := range bad[:min(examples, len(bad))] {
		r := latest[id]
		why := s.because(r)
		if why == "" {
			why = s.word("legend." + string(missing))
		}
		if stateOf(r) == measure.Errored && said[why] {
			continue
		}
		said[why] = true
		s.para(6, 2, "", s.word("pair", line(id), line(why)))
	}
	if more := len(bad) - examples; more > 0 {
		s.para(6, 2, dim, s.plural(more, "term.more"))
	}
}

// ranking writes the places over the common needs; one offer alone has none.
func (s *screen) ranking(v View) {
	if len(v.Cards) < 2 {
		return
	}
	if len(v.Ranking.Common) == 0 {
		s.line("")
		s.para(0, 0, "", s.word("term.common.none"))
		return
	}
	s.title(s.plural(len(v.Ranking.Common), "term.common"))
	first := 0
	for _, p := range v.Ranking.Over {
		first = max(first, min(columnsOf(line(v.name(p.Offer))), s.width/2))
	}
	for _, p := range v.Ranking.Over {
		rank, remark := s.place(v.Ranking.Over, p)
		text := fmt.Sprintf("%3s  %s  %s", rank, pad(cut(line(v.name(p.Offer)), first), first), s.scoreLine(p.Score))
		if p.Rank > 0 && remark != "" {
			text += " · " + remark
		}
		s.line(text)
		if p.Rank == 0 {
			s.para(5, 0, dim, s.word("term.unranked", remark))
		}
	}
}
