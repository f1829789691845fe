package score

import (
	"math/big"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
)

// leastPeople is how many must sign a finding, whatever a catalogue says: one
// observes, another approves.
const leastPeople = 2

// StateOf says whether a finding counts for a target on a date. A nil target, or
// one that isn't manual, asks nothing any more.
func StateOf(f *measure.Finding, target *catalogue.Target, on catalogue.Date) measure.FindingState {
	switch {
	case target == nil || target.Manual == nil || string(target.ID) != f.Target || put(f) != *target.Manual:
		return measure.Void
	case f.Observed > string(on):
		return measure.Early
	case FindingLastDay(f, target) < on:
		return measure.Expired
	case len(f.By) < max(target.Manual.Approvers, leastPeople):
		return measure.Awaiting
	}
	return measure.Approved
}

// put is what the finding answers, as a catalogue has it.
func put(f *measure.Finding) catalogue.Manual {
	return catalogue.Manual{Question: f.Question, Evidence: f.Expects, Approvers: f.Approvers}
}

// FindingLastDay is the last day on which a finding counts for a target: its own,
// or that of the target's validity when it comes first. A finding whose date isn't
// one has no known age: its last day is long past.
func FindingLastDay(f *measure.Finding, target *catalogue.Target) catalogue.Date {
	observed, _ := time.Parse(time.DateOnly, f.Observed) // the zero time when it isn't a date
	if observed.IsZero() {
		return catalogue.DateOf(observed)
	}
	last := catalogue.Date(f.ValidUntil)
	if day := LastDay(target, observed); day != "" {
		last = min(last, day)
	}
	return last
}

// findingOn returns the last finding on a target of an offer; nil when there is none.
func findingOn(findings []measure.Finding, offer catalogue.OfferID, target catalogue.TargetID) *measure.Finding {
	for i := len(findings) - 1; i >= 0; i-- {
		if f := &findings[i]; f.Offer == string(offer) && f.Target == string(target) {
			return f
		}
	}
	return nil
}

// answered decides a manual target: one thing is required, and it has run when an
// approved finding answers it.
func (v *TargetVerdict) answered(target *catalogue.Target, f *measure.Finding, on catalogue.Date) {
	v.Tally = Tally{Required: 1, NotRun: 1}
	if f == nil {
		v.Reason = lang.T("Aucun constat approuvé dans cette campagne.", "No approved finding in this run.")
		return
	}
	v.Finding, v.State = f, StateOf(f, target, on)
	if v.State != measure.Approved {
		v.Reason = uncounted(f, v.State, target)
		return
	}
	v.Verdict, v.Tally = NotMet, Tally{Required: 1, Run: 1, Failed: 1}
	if f.Answer >= measure.Whole {
		v.Verdict, v.Tally = Met, Tally{Required: 1, Run: 1, Passed: 1}
	}
	if target.Role == catalogue.Scored {
		v.Value = big.NewRat(min(int64(f.Answer), int64(measure.Whole)), int64(measure.Whole))
	}
	v.Reason = lang.T("Constat du %[2]s : réponse %[1]s, par %[3]s, approuvé par %[4]s, valable jusqu'au %[5]s.",
		"Finding of %[2]s: answer %[1]s, by %[3]s, approved by %[4]s, valid until %[5]s.",
		local(f.Answer.String()), f.Observed, f.By[0].Holder, holders(f.By[1:]), FindingLastDay(f, target))
}

// uncounted says why a finding decides nothing.
func uncounted(f *measure.Finding, state measure.FindingState, target *catalogue.Target) lang.Text {
	switch state {
	case measure.Void:
		return lang.T("Constat sans effet : la question de la cible a changé depuis.", "Void finding: the question of the target has changed since.")
	case measure.Early:
		return lang.T("Constat du %s, postérieur à la date de la décision.", "Finding of %s, after the date of the decision.", f.Observed)
	case measure.Expired:
		return lang.T("Constat du %s périmé (valable jusqu'au %s).", "Finding of %s expired (valid until %s).", f.Observed, FindingLastDay(f, target))
	}
	return lang.T("Constat en attente d'approbation (%d sur %d).", "Finding awaiting approval (%d of %d).", len(f.By), max(target.Manual.Approvers, leastPeople))
}

func holders(people []measure.Person) string {
	names := make([]string, len(people))
	for i, p := range people {
		names[i] = p.Holder
	}
	return strings.Join(names, ", ")
}
