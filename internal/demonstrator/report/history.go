package report

import (
	"slices"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
)

// history is what became of one offer from its first run to its last.
type history struct {
	offer           catalogue.OfferID
	runs            []int // by date
	sameDescription bool
	targets         []targetHistory
	checks          []checkHistory
}

// course is what became of a target or a check: a step between each run and the
// next, and the whole way.
type course struct {
	steps   []score.Change
	since   score.Change   // from the first run to the last
	lastDay catalogue.Date // on which what was last established counts; empty: for ever, or nothing was
	expired bool           // that day is past
}

// now is what to say of it today.
func (c course) now() score.Change {
	if c.expired {
		return score.Expired
	}
	return c.since
}

// targetHistory has a verdict for each run; nil where its catalogue lacks the target.
type targetHistory struct {
	target   catalogue.TargetID
	verdicts []*score.TargetVerdict
	course
}

// checkHistory has a state for each run.
type checkHistory struct {
	check  string
	states []measure.State // "missing": the run has no result
	course
}

func (c *Comparison) historyOf(id catalogue.OfferID) history {
	h := history{offer: id, runs: c.runsWith(id), sameDescription: true}
	var targets []catalogue.TargetID
	var checks []string
	for _, i := range h.runs {
		v := c.views[i]
		h.sameDescription = h.sameDescription && digestOf(v, id) == digestOf(c.views[h.runs[0]], id)
		for _, t := range v.card(id).Targets {
			targets = addOnce(targets, t.Target)
		}
		for _, check := range v.checks() {
			checks = addOnce(checks, check.ID)
		}
	}
	for _, t := range targets {
		h.targets = append(h.targets, c.targetHistory(h, t))
	}
	var results []map[string]*measure.Result
	for _, i := range h.runs {
		results = append(results, c.views[i].results(id))
	}
	for _, check := range checks {
		h.checks = append(h.checks, c.checkHistory(h, check, results))
	}
	return h
}

func (c *Comparison) targetHistory(h history, id catalogue.TargetID) targetHistory {
	out := targetHistory{target: id}
	for _, i := range h.runs {
		v := verdictOn(c.views[i].card(h.offer), id)
		out.verdicts = append(out.verdicts, v)
		if v != nil && (v.Verdict == score.Met || v.Verdict == score.NotMet) {
			out.lastDay = c.lastDayOf(i, h.offer, id)
		}
	}
	between := func(a, b int) score.Change {
		x, y := c.views[h.runs[a]].Record.Catalogue.Target(id), c.views[h.runs[b]].Record.Catalogue.Target(id)
		if x != nil && y != nil && !sameDemand(x, y) {
			return score.Incomparable
		}
		return score.ChangeOf(out.verdicts[a], out.verdicts[b])
	}
	out.follow(len(h.runs), between, c.on)
	return out
}

// lastDayOf is the last day on which a verdict counts: that of the first of its
// measurements to expire.
func (c *Comparison) lastDayOf(run int, offer catalogue.OfferID, id catalogue.TargetID) catalogue.Date {
	v := c.views[run]
	target := v.Record.Catalogue.Target(id)
	if verdict := verdictOn(v.card(offer), id); target != nil && verdict.Finding != nil {
		return score.FindingLastDay(verdict.Finding, target)
	}
	if target == nil || target.Functional == nil {
		return ""
	}
	var last catalogue.Date
	results := v.results(offer)
	for _, check := range target.Functional.Checks {
		r := results[check]
		if r == nil || r.State == measure.NotRun || r.State == measure.Errored {
			continue
		}
		if day := score.LastDay(target, r.Started); day != "" && (last == "" || day < last) {
			last = day
		}
	}
	return last
}

func (c *Comparison) checkHistory(h history, check string, results []map[string]*measure.Result) checkHistory {
	out := checkHistory{check: check}
	for n, i := range h.runs {
		r := results[n][check]
		out.states = append(out.states, stateOf(r))
		if r != nil && r.State != measure.NotRun && r.State != measure.Errored {
			out.lastDay = c.lastDayOfCheck(i, r)
		}
	}
	between := func(a, b int) score.Change { return score.CheckChange(results[a][check], results[b][check]) }
	out.follow(len(h.runs), between, c.on)
	return out
}

// lastDayOfCheck is the last day on which a result counts for all the targets that
// require its check.
func (c *Comparison) lastDayOfCheck(run int, r *measure.Result) catalogue.Date {
	var last catalogue.Date
	targets := c.views[run].Record.Catalogue.Targets
	for i := range targets {
		if targets[i].Functional == nil || !slices.Contains(targets[i].Functional.Checks, r.Check) {
			continue
		}
		if day := score.LastDay(&targets[i], r.Started); day != "" && (last == "" || day < last) {
			last = day
		}
	}
	return last
}

func (c *course) follow(runs int, between func(a, b int) score.Change, on catalogue.Date) {
	for i := 1; i < runs; i++ {
		c.steps = append(c.steps, between(i-1, i))
	}
	c.since = between(0, runs-1)
	c.expired = c.lastDay != "" && c.lastDay < on
}

// moved reports whether anything happened on the way, or has expired.
func (c course) moved() bool {
	return c.expired || slices.ContainsFunc(c.steps, func(s score.Change) bool { return s != score.Unchanged })
}

// eventful reports whether the history has something to tell: several runs, or
// something that has expired.
func (h history) eventful() bool {
	return len(h.runs) > 1 || slices.ContainsFunc(h.targets, func(t targetHistory) bool { return t.expired })
}

// changeCount is how many targets, or checks, came to the same.
type changeCount struct {
	change score.Change
	n      int
}

func counted[T any](list []T, now func(T) score.Change) []changeCount {
	var counts []changeCount
	for _, change := range score.Changes {
		n := 0
		for _, v := range list {
			if now(v) == change {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, changeCount{change, n})
		}
	}
	return counts
}

func (h history) targetCounts() []changeCount {
	return counted(h.targets, func(t targetHistory) score.Change { return t.now() })
}

func (h history) checkCounts() []changeCount {
	return counted(h.checks, func(k checkHistory) score.Change { return k.now() })
}

// movedTargets and movedChecks are those with something to tell, what matters
// most first.
func (h history) movedTargets() []targetHistory {
	return sortedMoved(h.targets, func(t targetHistory) course { return t.course })
}

func (h history) movedChecks() []checkHistory {
	return sortedMoved(h.checks, func(k checkHistory) course { return k.course })
}

func sortedMoved[T any](list []T, of func(T) course) []T {
	var kept []T
	for _, v := range list {
		if of(v).moved() {
			kept = append(kept, v)
		}
	}
	slices.SortStableFunc(kept, func(a, b T) int {
		return slices.Index(score.Changes, of(a).now()) - slices.Index(score.Changes, of(b).now())
	})
	return kept
}

// expired lists the targets of an offer's last run whose verdict no longer counts.
func (c *Comparison) expiredOf(id catalogue.OfferID) []targetHistory {
	for _, h := range c.histories {
		if h.offer == id {
			return slices.DeleteFunc(slices.Clone(h.targets), func(t targetHistory) bool { return !t.expired })
		}
	}
	return nil
}
