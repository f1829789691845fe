package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/lang"
)

// comparePage is all that the page of a comparison shows, worded in one language.
// It has the parts of a run's page that speak of offers and targets.
type comparePage struct {
	page
	Sister      string // the file of the other language; empty for none
	On          string
	Apart       bool // not all offers come from one run
	Same        string
	Runs        []comparedRun
	Differences []differenceRow
	Differ      bool
	Unranked    string
	Several     bool // offers
	Open        []openOffer
	Histories   []historyView
}

// comparedRun is a run as the first table shows it.
type comparedRun struct {
	Letter, ID, Date, Machine, Offers, Signer, Digest, Selection string
	Unfinished                                                   string
}

// differenceRow is a difference between catalogues, worded.
type differenceRow struct {
	Kind, ID, Title, Remark string
	Fields                  []fieldRow
}

type fieldRow struct {
	Name   string
	Values []runValue
}

type runValue struct{ Run, Text string }

// historyView is what became of one offer.
type historyView struct {
	Name, Described string
	Targets, Checks string // how many came to what
	CaptionTargets  string
	CaptionChecks   string
	Heads           []string
	TargetRows      []historyRow
	CheckRows       []historyRow
}

type historyRow struct {
	Title, ID string
	Cells     []historyCell
	Change    mark
	Until     string
}

type historyCell struct {
	Run    string
	Mark   mark
	Tally  *tally
	Value  string
	Scored bool
}

// HTML writes the comparison as a page in one language, whole by itself. sister
// is the name of the same page in the other language, in the same folder; empty
// for none.
func (c *Comparison) HTML(w io.Writer, l lang.Lang, sister string) error {
	if l != lang.EN {
		l = lang.FR
	}
	var out bytes.Buffer
	if err := pages[l].ExecuteTemplate(&out, "compare.html", c.page(l, sister)); err != nil {
		return fmt.Errorf("render the comparison: %w", err)
	}
	_, err := w.Write(out.Bytes())
	return err
}

func (c *Comparison) page(l lang.Lang, sister string) comparePage {
	b := &builder{printer: printer{l}, view: c.across, checks: c.across.checks()}
	t := titles{b.printer, c.across}
	p := comparePage{
		page:   page{Lang: l, Columns: b.columns(), Cards: b.cards(), Needs: b.needs(), Stability: t.stabilities(c.stabilities, false)},
		Sister: sister, On: b.civil(c.on), Differences: c.differenceRows(b.printer), Differ: !c.sameCatalogue(),
		Several: c.Offers() > 1, Open: t.openOffers(c.whatIfs),
	}
	p.Other, p.OtherName = otherOf(l)
	for _, v := range verdicts {
		p.Verdicts = append(p.Verdicts, legend{b.verdict(v), b.word("legend." + string(v))})
	}
	var names []string
	for i, column := range p.Columns {
		names = append(names, column.Name)
		p.Columns[i].Name = b.word("compared.last", column.Name, letter(c.lasts[i]))
		p.Apart = p.Apart || c.lasts[i] != c.lasts[0]
	}
	p.Title = b.list(names)
	if c.unranked != nil {
		p.Unranked = b.say(*c.unranked)
	} else {
		p.Ranking = b.rankings()
	}
	for _, text := range c.expired(b.printer) {
		p.Warnings = append(p.Warnings, warning{b.word("expired"), text})
	}
	for i, v := range c.views {
		p.Runs = append(p.Runs, c.runRow(b.printer, i, v))
	}
	c.noteExpired(b.printer, p.Needs)
	for _, h := range c.histories {
		if h.eventful() {
			p.Histories = append(p.Histories, c.historyView(t, h))
		}
	}
	return p
}

// otherOf is the other language and its name in itself.
func otherOf(l lang.Lang) (lang.Lang, string) {
	if l == lang.EN {
		return lang.FR, "Français"
	}
	return lang.EN, "English"
}

func (c *Comparison) runRow(p printer, i int, v View) comparedRun {
	r := v.Record
	row := comparedRun{
		Letter: letter(i), ID: visible(r.Plan.Run), Date: p.instant(r.Plan.Started), Machine: r.Plan.Started.Format("2006-01-02T15:04:05Z07:00"),
		Signer: p.sealedBy(r), Digest: visible(r.Plan.Catalogue), Unfinished: sentence(p.unfinished(r)),
	}
	if row.Signer == "" {
		row.Signer = p.word("compared.unsealed")
	}
	if what := p.selected(r.Plan.Selection); what != "" {
		row.Selection = p.word("selection.is", what)
	}
	var names []string
	for _, o := range r.Offers {
		names = append(names, v.name(o.ID))
	}
	row.Offers = p.list(names)
	return row
}

// differenceRows words what differs between the catalogues.
func (c *Comparison) differenceRows(p printer) []differenceRow {
	var rows []differenceRow
	for _, d := range c.differences {
		row := differenceRow{Kind: p.word("kind." + d.kind), ID: visible(d.id)}
		if d.kind == "target" {
			row.Title = titles{p, c.across}.target(catalogue.TargetID(d.id))
		} else if n := c.across.Record.Catalogue.Need(catalogue.NeedID(d.id)); n != nil {
			row.Title = p.say(n.Title)
		}
		var remarks []string
		if len(d.runs) < len(c.views) {
			remarks = append(remarks, p.word("differences.only", strings.Join(lettered(d.runs), ", ")))
		}
		switch {
		case len(d.fields) > 0 && d.demand:
			remarks = append(remarks, p.word("differences.demand"))
		case len(d.fields) > 0:
			remarks = append(remarks, p.word("differences.wording"))
		}
		row.Remark = p.also(remarks)
		for _, f := range d.fields {
			field := fieldRow{Name: visible(f.name)}
			for n, value := range f.values {
				if value == "" {
					value = "–"
				}
				field.Values = append(field.Values, runValue{letter(d.runs[n]), visible(value)})
			}
			row.Fields = append(row.Fields, field)
		}
		rows = append(rows, row)
	}
	return rows
}

// noteExpired adds to the cells of the table that their verdict no longer counts.
func (c *Comparison) noteExpired(p printer, needs []needGroup) {
	for i, card := range c.across.Cards {
		past := map[string]string{}
		for _, t := range c.expiredOf(card.Offer) {
			past[targetAnchor(t.target)] = p.word("expired.since", p.civil(t.lastDay))
		}
		for _, need := range needs {
			for _, target := range need.Targets {
				target.Cells[i].Expired = past[target.Anchor]
			}
		}
	}
}

func (c *Comparison) historyView(t titles, h history) historyView {
	name := t.view.name(h.offer)
	out := historyView{
		Name: name, Targets: t.word("history.targets", t.counts(h.targetCounts()), t.number(int64(len(h.targets)))),
		Checks:         t.word("history.checks", t.counts(h.checkCounts()), t.number(int64(len(h.checks)))),
		CaptionTargets: t.word("history.caption", name), CaptionChecks: t.word("history.caption-k", name),
	}
	if !h.sameDescription {
		out.Described = t.word("compare.described", strings.Join(lettered(h.runs), ", "))
	}
	for _, i := range h.runs {
		out.Heads = append(out.Heads, letter(i)+" · "+t.day(c.views[i].Record.Plan.Started))
	}
	for _, target := range h.movedTargets() {
		row := historyRow{Title: t.target(target.target), ID: visible(string(target.target))}
		for n, v := range target.verdicts {
			row.Cells = append(row.Cells, t.historyCell(out.Heads[n], v))
		}
		row.close(t.printer, target.course)
		out.TargetRows = append(out.TargetRows, row)
	}
	for _, check := range h.movedChecks() {
		row := historyRow{ID: visible(check.check)}
		for n, state := range check.states {
			row.Cells = append(row.Cells, historyCell{Run: out.Heads[n], Mark: t.state(state)})
		}
		row.close(t.printer, check.course)
		out.CheckRows = append(out.CheckRows, row)
	}
	return out
}

func (t titles) historyCell(run string, v *score.TargetVerdict) historyCell {
	if v == nil {
		return historyCell{Run: run, Mark: mark{Class: string(missing), Sign: "–", Word: t.word("compare.absent")}}
	}
	cell := historyCell{Run: run, Mark: t.verdict(v.Verdict), Value: t.percent(v.Value), Scored: v.Role == catalogue.Scored}
	if v.Verdict != score.NotEvaluated && v.Tally.Required > 0 {
		cell.Tally = new(t.tally(v.Tally))
	}
	return cell
}

func (r *historyRow) close(p printer, c course) {
	r.Change = p.change(c.now())
	if c.expired {
		r.Until = p.word("history.until", p.civil(c.lastDay))
	}
}
