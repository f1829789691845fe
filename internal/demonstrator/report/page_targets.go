package report

import (
	"strings"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
)

// needGroup is a need and its targets.
type needGroup struct {
	Anchor, Title, Statement, ExpressedBy, Priority, Date string
	Source                                                source
	Targets                                               []targetView
}

// source is where a need or a target comes from; URL only when it is a web address.
type source struct{ Kind, Title, URL string }

// targetView is a target: a row, and what it opens to.
type targetView struct {
	Anchor, Title, Role, Why string
	Opens                    string // what the row opens to
	Gate                     bool
	Source                   source
	Question, Bound          string // of a manual target, of a measured one
	Load                     string // anchor of its load, if it was measured
	Cells                    []cell
	Remarks                  []remark
	Checks                   []checkLine
}

// cell is the verdict on a target for one offer.
type cell struct {
	Offer   string
	Mark    mark
	Tally   *tally // nil where nothing is required
	Value   string // of a scored target
	Bar     int
	Scored  bool
	Reason  string
	Expired string // in a comparison: that the verdict no longer counts

	Finding *findingView // on a manual target, if there is one
}

// checkLine is a check that a target requires, with its state for each offer.
type checkLine struct {
	Anchor, ID, Title string
	States            []stateCell
	Remarks           []remark
}

// stateCell is a state that leads to its explanation, if it has one.
type stateCell struct {
	Offer string
	Mark  mark
	Href  string // anchor without #; empty for none
}

func (b *builder) needs() []needGroup {
	titles := make(map[string]string, len(b.checks))
	for _, c := range b.checks {
		titles[c.ID] = b.say(c.Title)
	}
	var groups []needGroup
	for _, rows := range b.view.byNeed() {
		n := rows.need
		if !b.view.claims(n.ID) {
			continue // see aside
		}
		g := needGroup{
			Anchor: needAnchor(n.ID), Title: b.say(n.Title), Statement: b.say(n.Statement),
			ExpressedBy: b.say(n.ExpressedBy), Priority: visible(string(n.Priority)), Date: b.civil(n.Date), Source: b.source(n.Source),
		}
		if _, known := words["priority."+string(n.Priority)]; known {
			g.Priority = b.word("priority." + string(n.Priority))
		}
		for _, row := range rows.targets {
			g.Targets = append(g.Targets, b.target(row, titles))
		}
		groups = append(groups, g)
	}
	return groups
}

func (b *builder) source(s catalogue.Source) source {
	out := source{Kind: b.word("source.proposal"), Title: b.say(s.Title)}
	if s.Kind == catalogue.Public {
		out.Kind = b.word("source.public")
	}
	if strings.EqualFold(out.Kind, out.Title) {
		out.Title = "" // it says no more
	}
	if strings.HasPrefix(s.URL, "https://") || strings.HasPrefix(s.URL, "http://") {
		out.URL = s.URL
	}
	return out
}

func (b *builder) target(row targetRow, titles map[string]string) targetView {
	t := row.target
	out := targetView{
		Anchor: targetAnchor(t.ID), Title: b.say(t.Title), Why: b.say(t.Why), Source: b.source(t.Source),
		Role: b.role(t), Gate: t.Role == catalogue.Gate,
	}
	out.Remarks = b.remarks(b.view.onTarget(t.ID))
	if t.Manual != nil {
		out.Question = b.say(t.Manual.Question)
	}
	if q := t.Quantitative; q != nil {
		out.Bound, out.Load = b.bound(q), b.loadAnchor(q.LoadPlan())
	}
	for i, v := range row.verdicts {
		out.Cells = append(out.Cells, b.cell(b.view.Cards[i].Offer, v))
	}
	if t.Functional != nil {
		for _, id := range t.Functional.Checks {
			out.Checks = append(out.Checks, b.checkLine(id, titles[id]))
		}
	}
	out.Opens = b.word("open")
	if n := len(out.Checks); n > 0 {
		out.Opens = b.plural(n, "open")
	}
	return out
}

func (p printer) role(t *catalogue.Target) string {
	if t.Role == catalogue.Gate {
		return p.word("gate")
	}
	return p.word("weight", t.Weight)
}

// bound writes what a load measurement must show: "s3 put: p95 latency at 50
// requests per second, at most 200 ms".
func (b *builder) bound(q *catalogue.Quantitative) string {
	limit := q.Bound
	if limit == nil {
		limit = q.Want
	}
	text := b.word("bound.is", visible(q.Service+" "+q.Operation), b.decimal(q.Quantile.String()), b.metric(q.Metric), b.rate(q.Load.Rate))
	if limit != nil {
		text = b.word("bound.most", text, b.decimal(limit.String()))
	}
	return text
}

func (b *builder) cell(offer catalogue.OfferID, v *score.TargetVerdict) cell {
	out := cell{Offer: b.view.name(offer)}
	if v == nil {
		out.Mark = b.verdict(score.NotEvaluated)
		return out
	}
	out.Mark, out.Scored, out.Reason = b.verdict(v.Verdict), v.Role == catalogue.Scored, b.say(v.Reason)
	if v.Verdict != score.NotEvaluated && v.Tally.Required > 0 {
		out.Tally = new(b.tally(v.Tally))
	}
	if v.Value != nil {
		out.Value, out.Bar = b.percent(v.Value), barOf(v)
	}
	out.Finding = b.findingView(v)
	return out
}

func (b *builder) checkLine(id, title string) checkLine {
	c := checkLine{Anchor: rowAnchor(id), ID: visible(id), Title: title}
	if title == "" {
		c.Title = c.ID
	}
	for _, o := range b.view.Record.Offers {
		c.States = append(c.States, b.stateCell(o.ID, id))
	}
	c.Remarks = b.remarks(b.view.onCheck(id))
	return c
}

func (b *builder) stateCell(offer catalogue.OfferID, check string) stateCell {
	r := b.latest(offer)[check]
	s := stateOf(r)
	out := stateCell{Offer: b.view.name(offer), Mark: b.state(s)}
	switch s {
	case measure.Pass:
	case measure.Fail, measure.Errored:
		out.Href = findingAnchor(check, string(offer))
	default:
		out.Href = noteAnchor(group(check), string(offer), noteKey(r))
	}
	return out
}

// anchor turns a name into a part of an id; different names give different ones,
// and none holds "--".
func anchor(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '/':
			b.WriteByte('.')
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-' && !strings.HasSuffix(b.String(), "-"):
			b.WriteRune(r)
		default:
			b.WriteString("_" + strings.ToUpper(hexOf(r)) + "_")
		}
	}
	return b.String()
}
