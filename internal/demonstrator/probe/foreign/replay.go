package foreign

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/strict"
)

// maxWords is how much of a suite's message a reason repeats; the kept bytes have
// all of it.
const maxWords = 400

// Replay gives the results of a suite on an offer: a pure function of the mapping,
// the kept bytes and how they came about. A suite that was cut short, ended with an
// exit code that nothing explains, or left what can't be read, gives errors only.
//
// A check of several tests has the state that decides most against it: one failed
// test makes it fail, one unsupported unsupported, then error, then not-run; it
// passes when all of its tests do and none can be missing.
//
// Where the mapping names no exit codes, 0 is the end of a whole run, and 1 too if a
// test failed or was in error.
func Replay(m *Mapping, kept []byte, run measure.ForeignRun) []measure.Result {
	p := replay{m: m, run: run}
	if run.Halt != "" {
		return p.halted(run.Halt, run.Detail)
	}
	report, err := Parse(m.Format, run.File, kept)
	if err != nil {
		return p.halted(measure.HaltUnreadable, err.Error())
	}
	if !run.Imported && !m.ended(run.Exit, report) {
		return p.halted(measure.HaltExit, strconv.Itoa(run.Exit))
	}
	assigned, err := m.Assign(run.File, report)
	if err != nil {
		return p.halted(measure.HaltMapping, firstOf(err))
	}
	p.missing = m.missing(report)
	p.total = len(report.Cases) + p.missing
	var results []measure.Result
	for _, g := range assigned.Checks {
		results = append(results, p.result(g))
	}
	at := len(m.Known()) - 1
	return slices.Insert(results, at, p.whole(report))
}

type replay struct {
	m              *Mapping
	run            measure.ForeignRun
	missing, total int
}

// ended reports whether an exit code is that of a run that went to its end.
func (m *Mapping) ended(code int, r *Report) bool {
	if m.Exit != nil {
		return slices.Contains(m.Exit, code)
	}
	return code == 0 || code == 1 && slices.ContainsFunc(r.Cases, func(c Case) bool { return c.Outcome == Failed || c.Outcome == Errored })
}

// missing is how many tests of a whole run the report lacks.
func (m *Mapping) missing(r *Report) int {
	n := r.Missing
	if m.Totals == Ignored {
		n = 0
	}
	return max(n, m.Expect-len(r.Cases))
}

// halted puts every check that the mapping knows in error; it was not run where the
// person stopped it.
func (p replay) halted(why measure.Halt, detail string) []measure.Result {
	var results []measure.Result
	for _, c := range p.m.Known() {
		state, reason := measure.Errored, measure.Reason{Cause: measure.Halted, Did: string(why), Got: detail}
		if why == measure.HaltStop {
			state, reason = measure.NotRun, measure.Reason{Cause: measure.Interrupted}
		}
		results = append(results, p.of(c.ID, state, &reason, 0))
	}
	return results
}

func (p replay) of(check string, state measure.State, reason *measure.Reason, took time.Duration) measure.Result {
	return measure.Result{Offer: p.run.Offer, Check: check, State: state, Reason: reason, Started: p.run.Started, Duration: took}
}

// gravity lists the states in the order in which one decides against the others:
// what is known not to pass comes before what nobody knows.
var gravity = []measure.State{measure.Fail, measure.Unsupported, measure.Errored, measure.NotRun}

// result decides one check by its tests.
func (p replay) result(g Gathered) measure.Result {
	by := map[measure.State][]Case{}
	var took time.Duration
	for _, c := range g.Cases {
		state := p.m.States.of(c.Outcome)
		by[state] = append(by[state], c)
		took = min(took+c.Took, maxTook)
	}
	for _, state := range gravity {
		if cases := by[state]; len(cases) > 0 {
			return p.of(g.Check.ID, state, because(cases), took)
		}
	}
	switch {
	case len(g.short) > 0:
		return p.of(g.Check.ID, measure.NotRun, lacking(g), took)
	case !g.exact && p.missing > 0:
		return p.of(g.Check.ID, measure.NotRun, p.partial(p.total-p.missing), took)
	}
	return p.of(g.Check.ID, measure.Pass, nil, took)
}

// because words the reason of tests that share a state other than pass.
func because(cases []Case) *measure.Reason {
	r := &measure.Reason{Cause: measure.Foreign, Did: cases[0].Name, Got: cut(strings.Join(strings.Fields(cases[0].Message), " "), maxWords)}
	if more := len(cases) - 1; more > 0 {
		r.Want = strconv.Itoa(more)
	}
	if o := cases[0].Outcome; o == Skipped || o == Disabled {
		r.Cause = measure.Skipped
	}
	return r
}

// lacking says which tests of a check are not in the report.
func lacking(g Gathered) *measure.Reason {
	rule := g.short[0]
	name := rule.Match
	if name == "" {
		name = rule.Regexp
	}
	if len(g.Cases) == 0 {
		return &measure.Reason{Cause: measure.Absent, Want: name}
	}
	return &measure.Reason{Cause: measure.Absent, Want: fmt.Sprintf("%s (%d)", name, rule.Tests)}
}

func (p replay) partial(ran int) *measure.Reason {
	return &measure.Reason{Cause: measure.Partial, Got: strconv.Itoa(ran), Want: strconv.Itoa(p.total)}
}

// whole says whether every test gave an answer on the offer.
func (p replay) whole(r *Report) measure.Result {
	ran := 0
	var took time.Duration
	for _, c := range r.Cases {
		took = min(took+c.Took, maxTook)
		switch p.m.States.of(c.Outcome) {
		case measure.Pass, measure.Fail, measure.Unsupported:
			ran++
		}
	}
	if ran == 0 || ran < p.total {
		return p.of(p.m.id(whole), measure.NotRun, p.partial(ran), took)
	}
	return p.of(p.m.id(whole), measure.Pass, nil, took)
}

// firstOf returns the first problem in English, and how many there are.
func firstOf(err error) string {
	var problems strict.Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		return err.Error()
	}
	text := problems[0].In("en")
	if more := len(problems) - 1; more > 0 {
		text += fmt.Sprintf(" (+%d)", more)
	}
	return text
}
