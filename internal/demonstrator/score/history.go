package score

import (
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
)

// Change is what became of a verdict, or of a check, from one run to a later one.
type Change string

// The changes. What says nothing of the offer on either side is neither better
// nor worse: it is newly established, or no longer.
const (
	Unchanged    Change = "unchanged"
	Better       Change = "better"        // a scored target worth more, or a gate still not met of which more passes
	Worse        Change = "worse"         // the contrary
	NewlyFailing Change = "newly-failing" // a gate that was met, or a check that passed, and doesn't any more
	Fixed        Change = "fixed"         // the contrary
	Established  Change = "established"   // it was not established, or did not run
	Lost         Change = "lost"          // it was established and no longer is
	Expired      Change = "expired"       // its last measurement no longer counts
	Appeared     Change = "appeared"      // only the later run has it
	Gone         Change = "gone"          // only the earlier run has it
	Incomparable Change = "incomparable"  // the target doesn't ask for the same any more
)

// Changes lists all of them, what a reader looks for first.
var Changes = []Change{NewlyFailing, Worse, Expired, Lost, Fixed, Better, Established, Appeared, Gone, Incomparable, Unchanged}

// ChangeOf compares two verdicts on one target, nil where the run has none. That
// both ask for the same is the caller's to know.
func ChangeOf(before, after *TargetVerdict) Change {
	switch was, is := before.established(), after.established(); {
	case before == nil && after == nil:
		return Unchanged
	case before == nil:
		return Appeared
	case after == nil:
		return Gone
	case !was && !is:
		return Unchanged
	case !was:
		return Established
	case !is:
		return Lost
	}
	if before.Role == catalogue.Scored {
		return direction(after.Value.Cmp(before.Value))
	}
	switch {
	case before.Verdict == after.Verdict && after.Verdict == NotMet:
		return direction(after.Tally.Passed*before.Tally.Required - before.Tally.Passed*after.Tally.Required)
	case before.Verdict == after.Verdict:
		return Unchanged
	case after.Verdict == Met:
		return Fixed
	}
	return NewlyFailing
}

func (v *TargetVerdict) established() bool {
	return v != nil && (v.Verdict == Met || v.Verdict == NotMet) && (v.Role != catalogue.Scored || v.Value != nil)
}

func direction(sign int) Change {
	switch {
	case sign > 0:
		return Better
	case sign < 0:
		return Worse
	}
	return Unchanged
}

// CheckChange compares two results of one check, nil where the run has none.
func CheckChange(before, after *measure.Result) Change {
	was, is := missing, missing
	if before != nil {
		was = outcomeOf(before)
	}
	if after != nil {
		is = outcomeOf(after)
	}
	switch {
	case was == is, was.unknown() && is.unknown():
		return Unchanged
	case was.unknown():
		return Established
	case is.unknown():
		return Lost
	case is == passed:
		return Fixed
	case was == passed:
		return NewlyFailing
	}
	return Unchanged // two ways of not passing
}

// LastDay is the last day (UTC) on which a measurement made at that instant
// counts for a target; empty when it counts for ever. One without an instant has
// no known age: its last day is the zero date, long past.
func LastDay(target *catalogue.Target, started time.Time) catalogue.Date {
	if target.Validity == nil {
		return ""
	}
	if started.IsZero() {
		return catalogue.DateOf(time.Time{})
	}
	return catalogue.DateOf(started.UTC().Add(time.Duration(*target.Validity)))
}
