package report

import (
	"fmt"
	"strings"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/measure"
)

// foreign returns the suite that isn't ours and that a check or a group of checks
// belongs to; nil for ours.
func (v View) foreign(id string) *evidence.ForeignPlan {
	suite, _, _ := strings.Cut(id, "/")
	for i := range v.Record.Plan.Foreign {
		if p := &v.Record.Plan.Foreign[i]; p.Suite == suite {
			return p
		}
	}
	return nil
}

// foreignRun is how the result of a suite on an offer came about; nil when there is
// none.
func (v View) foreignRun(suite string, offer catalogue.OfferID) *measure.ForeignRun {
	for i := range v.Record.Foreign {
		if r := &v.Record.Foreign[i]; r.Suite == suite && r.Offer == string(offer) {
			return r
		}
	}
	return nil
}

// foreignTitle names a suite as what it is: not ours.
func (p printer) foreignTitle(f *evidence.ForeignPlan) string {
	return p.word("foreign.is", p.say(f.Title), visible(f.Version))
}

// provenance says how a result came about; empty without one.
func (p printer) provenance(r *measure.ForeignRun) string {
	switch {
	case r == nil:
		return p.word("foreign.none")
	case r.Imported:
		return p.word("foreign.imported", short(r.Handed))
	case r.Halt != "":
		return p.word("foreign.halted")
	}
	return p.word("foreign.run", p.took(r.Duration), short(r.Digest))
}

// foreign is the part of the terminal's summary on suites that aren't ours.
func (s *screen) foreign(v View) {
	for i := range v.Record.Plan.Foreign {
		f := &v.Record.Plan.Foreign[i]
		s.title(line(s.foreignTitle(f)))
		for _, o := range v.Record.Offers {
			passed, run, listed := v.foreignCounts(f.Suite, o.ID)
			figures := fmt.Sprintf("%s / %s / %s", s.number(int64(passed)), s.number(int64(run)), s.number(int64(listed)))
			s.para(2, 2, "", s.word("pair", line(v.name(o.ID)), figures+" · "+line(s.provenance(v.foreignRun(f.Suite, o.ID)))))
		}
	}
}

// foreignCounts counts the checks of a suite on an offer: passed, run and listed.
func (v View) foreignCounts(suite string, offer catalogue.OfferID) (passed, run, listed int) {
	latest := v.results(offer)
	for _, c := range v.checks() {
		if !strings.HasPrefix(c.ID, suite+"/") {
			continue
		}
		listed++
		switch stateOf(latest[c.ID]) {
		case measure.Pass:
			passed, run = passed+1, run+1
		case measure.Fail, measure.Unsupported:
			run++
		}
	}
	return passed, run, listed
}

// foreignNote heads the groups of a suite that isn't ours.
type foreignNote struct {
	Title, Kind, Source, URL string
	Runs                     []fact
}

func (b *builder) foreignNote(group string) *foreignNote {
	f := b.view.foreign(group)
	if f == nil {
		return nil
	}
	n := &foreignNote{Title: b.foreignTitle(f), Kind: b.word("source." + string(f.Source.Kind)), Source: b.say(f.Source.Title), URL: f.Source.URL}
	for _, o := range b.view.Record.Offers {
		n.Runs = append(n.Runs, fact{Name: b.view.name(o.ID), Value: b.provenance(b.view.foreignRun(f.Suite, o.ID))})
	}
	return n
}

// jsonForeign is a suite that isn't ours in the JSON report.
type jsonForeign struct {
	evidence.ForeignPlan
	Runs []measure.ForeignRun `json:"runs"`
}

func (v View) foreignOf() []jsonForeign {
	out := []jsonForeign{}
	for _, p := range v.Record.Plan.Foreign {
		f := jsonForeign{ForeignPlan: p, Runs: []measure.ForeignRun{}}
		for _, r := range v.Record.Foreign {
			if r.Suite == p.Suite {
				f.Runs = append(f.Runs, r)
			}
		}
		out = append(out, f)
	}
	return out
}
