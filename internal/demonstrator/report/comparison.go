package report

import (
	"cmp"
	"slices"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/lang"
)

// Comparison is several finished runs side by side: what they were decided by,
// each offer in its last run, the ranking and how sure it is, and what became of
// an offer from run to run. Every verdict is as of its own run's date.
type Comparison struct {
	views       []View
	on          catalogue.Date // when it is asked what still counts
	differences []difference   // between the runs' catalogues
	across      View           // each offer in its last run
	lasts       []int          // that run, for each offer of across
	unranked    *lang.Text     // why no ranking is given
	stabilities []score.Stability
	whatIfs     []score.WhatIf
	histories   []history
}

// CompareOptions says as of when verdicts are looked at for their validity (the
// day of the last run when empty) and which weightings are drawn.
type CompareOptions struct {
	On    catalogue.Date
	Draws score.Draws
}

// Compare puts runs side by side. Of an offer in several of them, the last one by
// date stands beside the other offers.
func Compare(views []View, opt CompareOptions) *Comparison {
	c := &Comparison{views: views, on: opt.On}
	if c.on == "" {
		c.on = c.LastDay()
	}
	if !c.sameCatalogue() {
		c.differences = differencesOf(views)
	}
	c.across = c.merged()
	c.unranked = c.whyUnranked()
	if c.unranked == nil {
		cat := c.across.Record.Catalogue
		c.across.Ranking = score.Rank(cat, c.across.Cards)
		c.stabilities = score.Stabilities(cat, c.across.Cards, opt.Draws)
		c.whatIfs = score.WhatIfs(cat, c.across.Cards)
	} else {
		for i, card := range c.across.Cards {
			c.whatIfs = append(c.whatIfs, score.WhatIfs(c.views[c.lasts[i]].Record.Catalogue, []score.Card{card})...)
		}
	}
	for _, o := range c.across.Record.Offers {
		c.histories = append(c.histories, c.historyOf(o.ID))
	}
	return c
}

// Offers is the number of different offers that are compared.
func (c *Comparison) Offers() int { return len(c.across.Cards) }

// LastDay is the day (UTC) on which the last of the runs began; empty without a run.
func (c *Comparison) LastDay() catalogue.Date {
	var last catalogue.Date
	for _, v := range c.views {
		last = max(last, dayOf(v))
	}
	return last
}

func dayOf(v View) catalogue.Date { return catalogue.DateOf(v.Record.Plan.Started.UTC()) }

func (c *Comparison) sameCatalogue() bool {
	return !slices.ContainsFunc(c.views, func(v View) bool {
		return v.Record.Plan.Catalogue != c.views[0].Record.Plan.Catalogue
	})
}

// merged is the view of a run that never was: each offer with its last card and
// the results of that run. Under different catalogues it has the targets of all
// of them, in their last form.
func (c *Comparison) merged() View {
	m := View{Record: &evidence.Record{Catalogue: c.mergedCatalogue()}}
	for _, id := range c.distinct() {
		runs := c.runsWith(id)
		last := runs[len(runs)-1]
		v := c.views[last]
		c.lasts = append(c.lasts, last)
		m.Cards = append(m.Cards, *v.card(id))
		if o := v.offer(id); o != nil {
			m.Record.Offers = append(m.Record.Offers, *o)
		} else {
			m.Record.Offers = append(m.Record.Offers, catalogue.Offer{ID: id})
		}
		m.Record.Plan.Offers = append(m.Record.Plan.Offers, evidence.OfferPlan{ID: id, Digest: digestOf(v, id)})
		for _, check := range v.Record.Plan.Checks {
			if !slices.ContainsFunc(m.Record.Plan.Checks, func(known evidence.CheckPlan) bool { return known.ID == check.ID }) {
				m.Record.Plan.Checks = append(m.Record.Plan.Checks, check)
			}
		}
		for _, r := range v.Record.Results {
			if r.Offer == string(id) {
				m.Record.Results = append(m.Record.Results, r)
			}
		}
	}
	return m
}

func (c *Comparison) mergedCatalogue() *catalogue.Catalogue {
	out := &catalogue.Catalogue{}
	for _, i := range slices.Backward(c.byDate()) {
		cat := c.views[i].Record.Catalogue
		for _, n := range cat.Needs {
			if out.Need(n.ID) == nil {
				out.Needs = append(out.Needs, n)
			}
		}
		for _, t := range cat.Targets {
			if out.Target(t.ID) == nil {
				out.Targets = append(out.Targets, t)
			}
		}
	}
	return out
}

// byDate lists the runs from the first to the last.
func (c *Comparison) byDate() []int {
	runs := make([]int, len(c.views))
	for i := range runs {
		runs[i] = i
	}
	slices.SortStableFunc(runs, func(a, b int) int {
		return c.views[a].Record.Plan.Started.Compare(c.views[b].Record.Plan.Started)
	})
	return runs
}

// distinct lists the offers of all runs, in the order in which they appear.
func (c *Comparison) distinct() []catalogue.OfferID {
	var ids []catalogue.OfferID
	for _, v := range c.views {
		for _, card := range v.Cards {
			ids = addOnce(ids, card.Offer)
		}
	}
	return ids
}

// runsWith lists the runs that have an offer, by date.
func (c *Comparison) runsWith(id catalogue.OfferID) []int {
	return slices.DeleteFunc(c.byDate(), func(i int) bool { return c.views[i].card(id) == nil })
}

// whyUnranked says why offers can't be ranked across these runs; nil when they can.
func (c *Comparison) whyUnranked() *lang.Text {
	cards := c.across.Cards
	key := ""
	switch {
	case len(cards) < 2:
		key = "compare.one"
	case !c.sameCatalogue():
		key = "compare.no-ranking"
	case slices.ContainsFunc(cards, func(card score.Card) bool { return !sameTargets(&card, &cards[0]) }):
		key = "compare.other-date"
	default:
		return nil
	}
	return new(wording(key))
}

// sameTargets reports whether two cards decide the same targets: of one
// catalogue, others may be effective at another date.
func sameTargets(a, b *score.Card) bool {
	id := func(t score.TargetVerdict) string { return string(t.Target) }
	return slices.Equal(sortedBy(a.Targets, id), sortedBy(b.Targets, id))
}

func sortedBy[T any, K cmp.Ordered](list []T, key func(T) K) []K {
	var keys []K
	for _, v := range list {
		keys = append(keys, key(v))
	}
	slices.Sort(keys)
	return keys
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

// letter names a run in a table.
func letter(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letter(i/26-1) + letter(i%26)
}

// lettered names several: "A, B".
func lettered(runs []int) []string {
	var list []string
	for _, i := range runs {
		list = append(list, letter(i))
	}
	return list
}
