package report

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
)

// loadSection is what one load brought back.
type loadSection struct {
	Anchor, Title string
	Shape         string // the load in words
	Wanted        []link // the targets that ask for it
	Warnings      []string
	Absent        []loadAbsent
	Compared      []string
	Bounds        *plotTable // nil without goals
	Latencies     *plotTable // nil when nobody was put under load, as Became
	Became        *plotTable
	Plots         []plot
}

// loadAbsent is an offer that wasn't put under load.
type loadAbsent struct {
	Offer, Reason string
	Mark          mark
}

// loadView words one load.
type loadView struct {
	*builder
	run    *measure.LoadRun
	anchor string
	lines  []series
}

// series is a line of each plot: an offer, or the null server.
type series struct {
	record *measure.LoadRecord
	offer  int // in the run; -1 for the null server
	name   string
	class  string
	shape  int
}

// lineClasses is how many colours and dashes the style has.
const lineClasses = 6

func loadAnchor(i int) string { return "load-" + strconv.Itoa(i+1) }

// loadAnchor is where a load is shown; empty when it wasn't measured.
func (b *builder) loadAnchor(plan measure.LoadPlan) string {
	i := slices.IndexFunc(b.view.Record.Loads, func(r measure.LoadRun) bool { return r.Plan == plan })
	if i < 0 {
		return ""
	}
	return loadAnchor(i)
}

func (b *builder) loads() []loadSection {
	var list []loadSection
	for i := range b.view.Record.Loads {
		v := loadView{builder: b, run: &b.view.Record.Loads[i], anchor: loadAnchor(i)}
		v.lines = v.series()
		list = append(list, v.section())
	}
	return list
}

// measured reports whether an offer was put under load.
func measured(r *measure.LoadRecord) bool {
	return r.State == measure.Pass && r.Total().Requests > 0
}

func (v *loadView) series() []series {
	var lines []series
	for i := range v.run.Offers {
		if r := &v.run.Offers[i]; measured(r) {
			n := len(lines)
			lines = append(lines, series{r, i, v.view.name(catalogue.OfferID(r.Name)), "s" + strconv.Itoa(n%lineClasses), n})
		}
	}
	if n := v.run.Null; n != nil && n.Total().Requests > 0 {
		lines = append(lines, series{n, -1, v.word("load.null"), "null", len(shapes) - 1})
	}
	return lines
}

func (v *loadView) section() loadSection {
	s := loadSection{Anchor: v.anchor, Title: v.loadTitle(v.run.Plan), Shape: v.shape(), Wanted: v.wanted(), Warnings: v.voids(), Absent: v.absent()}
	if v.run.Stopped {
		s.Warnings = append(s.Warnings, v.word("load.stopped"))
	}
	s.Compared = titles{v.printer, v.view}.compared(v.run)
	if !slices.ContainsFunc(v.lines, func(l series) bool { return l.offer >= 0 }) {
		return s
	}
	s.Bounds, s.Latencies, s.Became = v.bounds(), v.latencies(), v.became()
	for _, metric := range v.metrics() {
		s.Plots = append(s.Plots, v.distribution(metric))
	}
	s.Plots = append(s.Plots, v.overTime(), v.throughput(), v.failures())
	return s
}

// loadTitle names a load: "s3, get-4k: 200 requests per second".
func (p printer) loadTitle(plan measure.LoadPlan) string {
	return p.word("load.title", visible(plan.Service), visible(plan.Operation), p.rate(plan.Rate))
}

// rate writes how many requests a second.
func (p printer) rate(r measure.Rate) string { return p.decimal(strings.TrimSuffix(r.String(), "/s")) }

func (v *loadView) shape() string {
	plan := v.run.Plan
	key := "load.shape.constant"
	if plan.Shape == "poisson" {
		key = "load.shape.poisson"
	}
	return v.word(key, v.rate(plan.Rate),
		v.decimal(measure.Duration(plan.Block).String()), v.number(int64(plan.Connections)), v.instant(v.run.Began), v.took(v.length()))
}

// length is the time from the start of the run to the end of its last block.
func (v *loadView) length() time.Duration {
	var end time.Duration
	for _, s := range v.lines {
		if n := len(s.record.Blocks); n > 0 {
			last := &s.record.Blocks[n-1]
			end = max(end, last.Start+last.Length)
		}
	}
	return end
}

// wanted lists the targets that ask for this load, those that the page shows.
func (v *loadView) wanted() []link {
	var list []link
	plan := v.run.Plan
	for _, rows := range v.view.byNeed() {
		for _, row := range rows.targets {
			q := row.target.Quantitative
			if q == nil || !v.view.claims(rows.need.ID) {
				continue
			}
			if q.LoadPlan() == plan {
				list = append(list, link{targetAnchor(row.target.ID), v.say(row.target.Title)})
			}
		}
	}
	return list
}

func (v *loadView) absent() []loadAbsent {
	var list []loadAbsent
	for i := range v.run.Offers {
		r := &v.run.Offers[i]
		if measured(r) {
			continue
		}
		a := loadAbsent{Offer: v.view.name(catalogue.OfferID(r.Name)), Reason: v.word("load.nothing"), Mark: v.state(r.State)}
		if r.State == measure.Pass {
			a.Mark = v.state(missing)
		}
		if r.Reason != nil {
			a.Reason = v.say(r.Reason.Text())
		}
		list = append(list, a)
	}
	return list
}

// voids says why what was measured says nothing, once for the offers and goals that
// share a reason.
func (v *loadView) voids() []string {
	var reasons []string
	names := map[string][]string{}
	for _, s := range v.lines {
		for goal := range v.run.Goals {
			if s.offer < 0 {
				continue
			}
			for _, void := range v.run.Void(s.offer, goal) {
				text := v.say(void.Text())
				if names[text] == nil {
					reasons = append(reasons, text)
				}
				if !slices.Contains(names[text], s.name) {
					names[text] = append(names[text], s.name)
				}
			}
		}
	}
	for i, text := range reasons {
		reasons[i] = v.word("pair", v.list(names[text]), text)
	}
	return reasons
}
