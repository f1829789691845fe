package report

import (
	"reflect"
	"slices"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/lang"
)

// comparison is what differs between runs, in the order they were given.
type comparison struct {
	Runs          []comparedRun        `json:"runs"`
	SameCatalogue bool                 `json:"same_catalogue"`
	Changed       []catalogue.TargetID `json:"changed_targets"` // of the same id, with other requirements
	Offers        []offerChanges       `json:"offers"`          // those of several runs
	views         []View
}

type comparedRun struct {
	ID        string               `json:"id"`
	Started   time.Time            `json:"started"`
	Complete  bool                 `json:"complete"`
	Catalogue string               `json:"catalogue"`
	Offers    []catalogue.OfferID  `json:"offers"`
	Alone     []catalogue.TargetID `json:"targets_of_this_run_only"`
}

// offerChanges is what changed for one offer between the runs that have it.
type offerChanges struct {
	Offer           catalogue.OfferID `json:"offer"`
	RunIDs          []string          `json:"runs"`
	SameDescription bool              `json:"same_description"`
	Targets         []targetChange    `json:"targets"`
	Checks          []checkChange     `json:"checks"`
	runs            []int
}

// targetChange and checkChange have one entry for each of the offer's runs.
type targetChange struct {
	Target   catalogue.TargetID `json:"target"`
	Verdicts []*score.Verdict   `json:"verdicts"` // null: the run's catalogue lacks it
	verdicts []*score.TargetVerdict
}

type checkChange struct {
	Check  string          `json:"check"`
	States []measure.State `json:"states"` // "missing": the run has no result
}

func compareRuns(views []View) comparison {
	c := comparison{SameCatalogue: true, Changed: []catalogue.TargetID{}, Offers: []offerChanges{}, Runs: []comparedRun{}, views: views}
	for i, v := range views {
		plan := v.Record.Plan
		run := comparedRun{ID: plan.Run, Started: plan.Started, Complete: v.Record.Complete(), Catalogue: plan.Catalogue, Offers: []catalogue.OfferID{}, Alone: c.alone(i)}
		for _, o := range v.Record.Offers {
			run.Offers = append(run.Offers, o.ID)
		}
		c.SameCatalogue = c.SameCatalogue && plan.Catalogue == views[0].Record.Plan.Catalogue
		c.Runs = append(c.Runs, run)
	}
	if !c.SameCatalogue {
		c.Changed = c.changedTargets()
	}
	for _, id := range c.distinct() {
		if runs := c.runsWith(id); len(runs) > 1 {
			c.Offers = append(c.Offers, c.changesOf(id, runs))
		}
	}
	return c
}

// alone lists the targets that only one run's catalogue has.
func (c *comparison) alone(run int) []catalogue.TargetID {
	ids := []catalogue.TargetID{}
	for _, t := range c.views[run].Record.Catalogue.Targets {
		elsewhere := false
		for i, v := range c.views {
			elsewhere = elsewhere || i != run && v.Record.Catalogue.Target(t.ID) != nil
		}
		if !elsewhere && len(c.views) > 1 {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// changedTargets lists those of the same id that don't ask for the same.
func (c *comparison) changedTargets() []catalogue.TargetID {
	ids := []catalogue.TargetID{}
	for i, v := range c.views {
		for _, t := range v.Record.Catalogue.Targets {
			for _, other := range c.views[:i] {
				before := other.Record.Catalogue.Target(t.ID)
				if before != nil && !sameDemand(before, &t) && !slices.Contains(ids, t.ID) {
					ids = append(ids, t.ID)
				}
			}
		}
	}
	return ids
}

// sameDemand leaves titles and sources aside.
func sameDemand(a, b *catalogue.Target) bool {
	bare := func(t *catalogue.Target) catalogue.Target {
		return catalogue.Target{Need: t.Need, Role: t.Role, Weight: t.Weight, States: t.States, Validity: t.Validity,
			Functional: t.Functional, Quantitative: t.Quantitative, Manual: t.Manual}
	}
	return reflect.DeepEqual(bare(a), bare(b))
}

// distinct lists the offers of all runs, in the order in which they appear.
func (c *comparison) distinct() []catalogue.OfferID {
	var ids []catalogue.OfferID
	for _, v := range c.views {
		for _, card := range v.Cards {
			if !slices.Contains(ids, card.Offer) {
				ids = append(ids, card.Offer)
			}
		}
	}
	return ids
}

func (c *comparison) runsWith(id catalogue.OfferID) []int {
	var runs []int
	for i, v := range c.views {
		if v.card(id) != nil {
			runs = append(runs, i)
		}
	}
	return runs
}

func (c *comparison) lastWith(id catalogue.OfferID) int {
	runs := c.runsWith(id)
	return runs[len(runs)-1]
}

func (c *comparison) nameOf(id catalogue.OfferID) string { return c.views[c.lastWith(id)].name(id) }

func (c *comparison) titleOf(id catalogue.TargetID) lang.Text {
	for _, v := range slices.Backward(c.views) {
		if t := v.Record.Catalogue.Target(id); t != nil {
			return t.Title
		}
	}
	return lang.Same(string(id))
}

func (c *comparison) changesOf(id catalogue.OfferID, runs []int) offerChanges {
	out := offerChanges{Offer: id, SameDescription: true, Targets: []targetChange{}, Checks: []checkChange{}, runs: runs}
	var targets []catalogue.TargetID
	var checks []string
	for _, i := range runs {
		v := c.views[i]
		out.RunIDs = append(out.RunIDs, v.Record.Plan.Run)
		out.SameDescription = out.SameDescription && digestOf(v, id) == digestOf(c.views[runs[0]], id)
		for _, t := range v.card(id).Targets {
			targets = addOnce(targets, t.Target)
		}
		for _, check := range v.checks() {
			checks = addOnce(checks, check.ID)
		}
	}
	for _, t := range targets {
		if change, changed := c.targetChange(id, t, runs); changed {
			out.Targets = append(out.Targets, change)
		}
	}
	out.Checks = c.checkChanges(id, checks, runs)
	return out
}

func (c *comparison) targetChange(id catalogue.OfferID, target catalogue.TargetID, runs []int) (change targetChange, changed bool) {
	change.Target = target
	for n, i := range runs {
		t := verdictOn(c.views[i].card(id), target)
		var v *score.Verdict
		if t != nil {
			v = &t.Verdict
		}
		change.verdicts, change.Verdicts = append(change.verdicts, t), append(change.Verdicts, v)
		first := change.Verdicts[0]
		changed = changed || n > 0 && ((v == nil) != (first == nil) || v != nil && *v != *first)
	}
	return change, changed
}

func (c *comparison) checkChanges(id catalogue.OfferID, checks []string, runs []int) []checkChange {
	changes := []checkChange{}
	var results []map[string]*measure.Result
	for _, i := range runs {
		results = append(results, c.views[i].results(id))
	}
	for _, check := range checks {
		change, changed := checkChange{Check: check}, false
		for _, latest := range results {
			change.States = append(change.States, stateOf(latest[check]))
			changed = changed || change.States[len(change.States)-1] != change.States[0]
		}
		if changed {
			changes = append(changes, change)
		}
	}
	return changes
}

func digestOf(v View, id catalogue.OfferID) string {
	for _, o := range v.Record.Plan.Offers {
		if o.ID == id {
			return o.Digest
		}
	}
	return ""
}

func addOnce[T comparable](list []T, v T) []T {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}
