package report

import (
	"strings"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/lang"
)

// page is all that the templates show, worded in one language.
type page struct {
	Lang, Other lang.Lang
	OtherName   string // of the other language, in that language
	Title       string

	Facts     []fact // what a reader quotes
	MadeFrom  string
	Warnings  []warning
	Offers    []offerRow
	Columns   []column // of every table that has one for each offer
	Cards     []card
	Needs     []needGroup // that an offer claims
	Aside     *aside      // those that none does; nil without any
	Loads     []loadSection
	Ranking   []rankGroup
	Stability []stability
	Groups    []checkGroup
	Stock     []stockRow
	Machine   []fact
	States    []legend
	Verdicts  []legend
}

// fact is a name and a value; Code values are digests and ids.
type fact struct {
	Name, Value string
	Machine     string // what a machine reads, for a date
	Code        bool
}

// warning stands above everything else.
type warning struct{ Head, Text string }

// column is an offer at the head of a table.
type column struct{ ID, Name string }

// offerRow is an offer as its file describes it.
type offerRow struct {
	Name, ID, Provider, Region, Claims, Digest string
	Services                                   []string
}

// legend explains a mark.
type legend struct {
	Mark    mark
	Meaning string
}

// builder words a view in one language.
type builder struct {
	printer
	view    View
	checks  []evidence.CheckPlan
	room    int // bytes of exchanges that the page may still show
	byOffer map[catalogue.OfferID]map[string]*measure.Result
}

// roomForExchanges keeps a page below 2 MB, whatever failed.
const roomForExchanges = 700_000

func build(v View, l lang.Lang) page {
	b := &builder{printer: printer{l}, view: v, checks: v.checks(), room: roomForExchanges}
	p := page{
		Lang:  l,
		Facts: b.facts(), MadeFrom: b.madeFrom(), Warnings: b.warnings(), Columns: b.columns(), Offers: b.offerRows(),
		Cards: b.cards(), Needs: b.needs(), Aside: b.aside(), Loads: b.loads(), Ranking: b.rankings(), Groups: b.groups(), Stock: b.stock(), Machine: b.machine(),
	}
	p.Other, p.OtherName = otherOf(l)
	p.Stability = titles{b.printer, v}.stabilities(score.Stabilities(v.Record.Catalogue, v.Cards, score.UsualDraws), true)
	var names []string
	for _, c := range p.Columns {
		names = append(names, c.Name)
	}
	p.Title = b.list(names)
	for _, s := range shown {
		p.States = append(p.States, legend{b.state(s), b.word("legend." + string(s))})
	}
	for _, v := range verdicts {
		p.Verdicts = append(p.Verdicts, legend{b.verdict(v), b.word("legend." + string(v))})
	}
	return p
}

func (b *builder) facts() []fact {
	r := b.view.Record
	facts := []fact{
		{Name: b.word("when"), Value: b.instant(r.Plan.Started), Machine: r.Plan.Started.Format("2006-01-02T15:04:05Z07:00")},
	}
	if r.End != nil {
		facts = append(facts, fact{Name: b.word("ended"), Value: b.instant(r.End.At) + ", " + b.took(r.End.At.Sub(r.Plan.Started)), Machine: r.End.At.Format("2006-01-02T15:04:05Z07:00")})
	}
	return append(facts,
		fact{Name: b.word("run"), Value: visible(r.Plan.Run), Code: true},
		fact{Name: b.word("catalogue"), Value: visible(r.Plan.Catalogue), Code: true},
	)
}

func (b *builder) madeFrom() string {
	e := b.view.Record.Environment
	return b.word("made-from", visible(e.OS), visible(e.Arch), version(e))
}

func version(e evidence.Environment) string {
	if e.Version == "" {
		return "?"
	}
	return visible(e.Version)
}

// unfinished says why a run is incomplete; empty when it is complete.
func (p printer) unfinished(r *evidence.Record) string {
	switch {
	case r.End == nil:
		return p.word("killed")
	case r.End.Complete:
		return ""
	case r.End.Reason.IsZero():
		return p.word("no-reason")
	}
	return p.say(r.End.Reason)
}

// selected says what the run was limited to; empty when to nothing.
func (p printer) selected(s evidence.Selection) string {
	var parts []string
	for _, only := range s.Only {
		parts = append(parts, visible(only))
	}
	if s.Class != "" {
		parts = append(parts, p.word("selection.cls", visible(s.Class)))
	}
	if s.NoLoad {
		parts = append(parts, p.word("selection.nol"))
	}
	return strings.Join(parts, ", ")
}

func (b *builder) warnings() []warning {
	var list []warning
	r := b.view.Record
	if why := b.unfinished(r); why != "" {
		list = append(list, warning{b.word("incomplete"), sentence(why) + " " + b.word("incomplete.is")})
	}
	if what := b.rerun(r); what != "" {
		list = append(list, warning{b.word("rerun"), what})
	}
	if what := b.selected(r.Plan.Selection); what != "" {
		list = append(list, warning{b.word("selection"), b.word("selection.is", what)})
	}
	if r.End != nil && r.End.Left > 0 {
		list = append(list, warning{b.word("left"), b.plural(r.End.Left, "left")})
	}
	return list
}

// sentence gives a reason its capital and its full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return s
	}
	first := []rune(s)
	s = strings.ToUpper(string(first[:1])) + string(first[1:])
	if !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return s
}

func (b *builder) columns() []column {
	var list []column
	for _, o := range b.view.Record.Offers {
		list = append(list, column{ID: string(o.ID), Name: b.view.name(o.ID)})
	}
	return list
}

func (b *builder) offerRows() []offerRow {
	var rows []offerRow
	for i, o := range b.view.Record.Offers {
		row := offerRow{Name: b.view.name(o.ID), ID: visible(string(o.ID)), Provider: b.provider(&o), Region: visible(o.Region), Claims: b.claims(&o)}
		if plans := b.view.Record.Plan.Offers; i < len(plans) {
			row.Digest = visible(plans[i].Digest)
		}
		for _, id := range sortedKeys(o.Services) {
			row.Services = append(row.Services, visible(id+" "+o.Services[id].Endpoint))
		}
		rows = append(rows, row)
	}
	return rows
}

func (b *builder) provider(o *catalogue.Offer) string {
	if o.Provider.SIREN == "" {
		return visible(o.Provider.Name)
	}
	return visible(o.Provider.Name + " (SIREN" + hard + spaced(o.Provider.SIREN) + ")")
}

// spaced writes the nine figures of a SIREN number in threes.
func spaced(siren string) string {
	if len(siren) != 9 {
		return siren
	}
	return siren[:3] + narrow + siren[3:6] + narrow + siren[6:]
}

func (b *builder) claims(o *catalogue.Offer) string {
	var titles []string
	for _, n := range b.view.Record.Catalogue.Needs {
		for _, id := range o.Positions {
			if id == n.ID {
				titles = append(titles, b.say(n.Title))
			}
		}
	}
	if len(titles) == 0 {
		return b.word("claims.none")
	}
	return strings.Join(titles, narrow+"; ")
}

// share writes a part of a whole as a width for a bar, in whole percent.
func share(n, of int) int {
	if of <= 0 {
		return 0
	}
	return 100 * n / of
}

func barOf(v *score.TargetVerdict) int {
	if v.Value == nil {
		return 0
	}
	f, _ := v.Value.Float64()
	return int(100 * f)
}
