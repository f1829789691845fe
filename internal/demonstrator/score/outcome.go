package score

import (
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
)

// outcome is what a check's result is worth to a target: the result's state,
// told apart by cause, and by age.
type outcome int

// The outcomes, in the order in which a reason names them. Those from inError on
// say nothing of the offer: had the check run, it might have passed.
const (
	passed outcome = iota
	failed
	unsupported
	blocked
	inError
	expired
	filtered
	capped
	interrupted
	skipped
	missing
	outcomeCount
)

func (o outcome) unknown() bool { return o >= inError }

// outcomes holds the distinct checks that a target requires, each with what
// became of it, in the target's order.
type outcomes struct {
	checks []string
	of     map[string]outcome
}

// outcomesOf reads what became of each check of a functional target.
func outcomesOf(target *catalogue.Target, latest map[string]*measure.Result, on catalogue.Date) outcomes {
	var seen outcomes
	for _, check := range target.Functional.Checks {
		o := missing
		if result := latest[check]; result != nil {
			o = outcomeOf(result)
			if !o.unknown() && outdated(result.Started, target, on) {
				o = expired
			}
		}
		seen.add(check, o)
	}
	return seen
}

// add notes a check's outcome. Targets may disagree on one check only by their
// validity: it has then expired, so that a sum never looks better than its parts.
func (s *outcomes) add(check string, o outcome) {
	if s.of == nil {
		s.of = make(map[string]outcome)
	}
	known, ok := s.of[check]
	if !ok {
		s.checks = append(s.checks, check)
	}
	if !ok || o == expired && !known.unknown() {
		s.of[check] = o
	}
}

func (s *outcomes) merge(other outcomes) {
	for _, check := range other.checks {
		s.add(check, other.of[check])
	}
}

func (s *outcomes) tally() Tally {
	t := Tally{Required: len(s.checks)}
	for _, o := range s.of {
		switch o {
		case passed:
			t.Passed++
		case failed:
			t.Failed++
		case unsupported:
			t.Unsupported++
		case blocked:
			t.Blocked++
		case inError:
			t.Errors++
		default:
			t.NotRun++
		}
	}
	t.Run = t.Passed + t.Failed + t.Unsupported + t.Blocked
	return t
}

// outcomeOf leaves age aside. A state that this version doesn't know is in error.
func outcomeOf(r *measure.Result) outcome {
	switch r.State {
	case measure.Pass:
		return passed
	case measure.Fail:
		return failed
	case measure.Unsupported:
		return unsupported
	case measure.NotRun:
		return whyNotRun(r.Reason)
	}
	return inError
}

func whyNotRun(r *measure.Reason) outcome {
	if r == nil {
		return missing
	}
	switch r.Cause {
	case measure.Prerequisite:
		return blocked
	case measure.Filtered:
		return filtered
	case measure.Cap:
		return capped
	case measure.Interrupted:
		return interrupted
	case measure.Skipped:
		return skipped
	}
	return missing
}

// outdated reports whether a measurement no longer counts; see LastDay.
func outdated(started time.Time, target *catalogue.Target, on catalogue.Date) bool {
	last := LastDay(target, started)
	return last != "" && last < on
}
