package catalogue

import (
	"slices"
	"time"
)

// Need returns the need with that id; nil when there is none.
func (c *Catalogue) Need(id NeedID) *Need {
	i := slices.IndexFunc(c.Needs, func(n Need) bool { return n.ID == id })
	if i < 0 {
		return nil
	}
	return &c.Needs[i]
}

// Target returns the target with that id; nil when there is none.
func (c *Catalogue) Target(id TargetID) *Target {
	i := slices.IndexFunc(c.Targets, func(t Target) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return &c.Targets[i]
}

// NeedIDs lists the needs in order.
func (c *Catalogue) NeedIDs() []NeedID {
	ids := make([]NeedID, len(c.Needs))
	for i, n := range c.Needs {
		ids[i] = n.ID
	}
	return ids
}

// Probed parts the needs into those for which a target that probes measure is or
// will be in force, and the others.
func (c *Catalogue) Probed() (probed, others []Need) {
	for _, n := range c.Needs {
		if slices.ContainsFunc(c.Targets, func(t Target) bool { return t.Need == n.ID && t.Manual == nil && !t.onlyDraft() }) {
			probed = append(probed, n)
		} else {
			others = append(others, n)
		}
	}
	return probed, others
}

// TargetsOf lists the targets of a need, whatever their state, in order.
func (c *Catalogue) TargetsOf(need NeedID) []Target {
	return c.targets(func(t *Target) bool { return t.Need == need })
}

// Active lists the targets that are effective on a date, in order.
func (c *Catalogue) Active(on Date) []Target {
	return c.targets(func(t *Target) bool { return t.StateAt(on) == Effective })
}

func (c *Catalogue) targets(keep func(*Target) bool) []Target {
	var kept []Target
	for i := range c.Targets {
		if keep(&c.Targets[i]) {
			kept = append(kept, c.Targets[i])
		}
	}
	return kept
}

// StateAt returns the state of the target on a date; Draft before its first phase.
func (t *Target) StateAt(on Date) TargetState {
	state := Draft
	for _, phase := range t.States {
		if phase.From <= on {
			state = phase.State
		}
	}
	return state
}

// onlyDraft reports whether the target is a draft at any date.
func (t *Target) onlyDraft() bool {
	return !slices.ContainsFunc(t.States, func(p Phase) bool { return p.State != Draft })
}

// DateOf returns the civil date of an instant in the time zone that it carries.
func DateOf(at time.Time) Date { return Date(at.Format(time.DateOnly)) }

// Suite returns the words of the suite with that id; nil when there is none.
func (v Vocabulary) Suite(id string) *SuiteWords {
	i := slices.IndexFunc(v, func(s SuiteWords) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return &v[i]
}

// Checks lists the checks of all suites, in order.
func (v Vocabulary) Checks() []string {
	var ids []string
	for _, s := range v {
		ids = append(ids, s.Checks...)
	}
	slices.Sort(ids)
	return ids
}

// own lists the checks of our own suites, in order.
func (v Vocabulary) own() []string {
	return slices.DeleteFunc(slices.Clone(v), func(s SuiteWords) bool { return s.Foreign }).Checks()
}

// suites lists the ids of the suites.
func (v Vocabulary) suites() []string {
	ids := make([]string, len(v))
	for i, s := range v {
		ids[i] = s.ID
	}
	return ids
}
