package report

import (
	"slices"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/score"
)

// openOffer is an offer with the targets that are not established for it, and what
// they could change.
type openOffer struct {
	Name  string
	Count string // how many of its targets
	Open  []openTarget
}

type openTarget struct {
	Anchor, Target, Role string
	Met, NotMet          []string // what would change; never empty
	All                  bool     // all of them at once
}

// openOffers lists what is not established, offer by offer.
func (t titles) openOffers(list []score.WhatIf) []openOffer {
	var out []openOffer
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b score.WhatIf) int { return t.importance(b) - t.importance(a) })
	for _, o := range t.view.Record.Offers {
		card := t.view.card(o.ID)
		offer := openOffer{Name: t.view.name(o.ID)}
		n := 0
		for _, w := range list {
			if w.Offer != o.ID {
				continue
			}
			row := openTarget{Met: t.effects(card, w, w.Met), NotMet: t.effects(card, w, w.NotMet)}
			if len(w.Targets) == 1 {
				n++
				row.Anchor, row.Target = targetAnchor(w.Targets[0]), t.target(w.Targets[0])
				row.Role = t.roleOf(card, w.Targets[0])
			} else {
				row.Target, row.All = t.word("open-targets.all", len(w.Targets)), true
			}
			offer.Open = append(offer.Open, row)
		}
		if n > 0 {
			key := "open-targets.count"
			if n == 1 {
				key = "open-targets.single"
			}
			offer.Count = t.word(key, t.number(int64(n)), t.number(int64(decided(card))))
			out = append(out, offer)
		}
	}
	return out
}

// importance puts all of an offer's open targets at once before each of them.
func (t titles) importance(w score.WhatIf) int {
	if known := t.view.Record.Catalogue.Target(w.Targets[0]); known != nil && len(w.Targets) == 1 {
		return importance(known)
	}
	return 2000
}

// decided counts the targets of the needs that the offer claims.
func decided(c *score.Card) int {
	n := 0
	for _, t := range c.Targets {
		if t.Verdict != score.NotEvaluated {
			n++
		}
	}
	return n
}

func (t titles) roleOf(c *score.Card, id catalogue.TargetID) string {
	v := verdictOn(c, id)
	if v.Role == catalogue.Gate {
		return t.word("gate")
	}
	return t.word("weight", v.Weight)
}

// effects words what would change, each as "before → after".
func (t titles) effects(c *score.Card, w score.WhatIf, e score.Effect) []string {
	var list []string
	add := func(key, before, after string) {
		list = append(list, t.word("pair", t.word(key), before+" → "+after))
	}
	if e.Gates != nil {
		add("gates", t.word("gates-are."+string(c.Gates)), t.word("gates-are."+string(*e.Gates)))
	}
	if e.Score != nil {
		add("score", t.scoreLine(c.Score), t.scoreLine(*e.Score))
	}
	over := t.view.Ranking.Over
	if e.Rank != nil {
		add("rank", t.rankText(placeOf(over, c.Offer)), t.rankText(*e.Rank))
	}
	if e.NeedRank != nil {
		need := verdictOn(c, w.Targets[0]).Need
		i := slices.IndexFunc(t.view.Ranking.Needs, func(n score.NeedRanking) bool { return n.Need == need })
		add("open-targets.need-rank", t.rankText(placeOf(t.view.Ranking.Needs[i].Places, c.Offer)), t.rankText(*e.NeedRank))
	}
	if e.First != nil {
		add("open-targets.first", t.firstText(leaders(over)), t.firstText(e.First))
	}
	if len(list) == 0 {
		list = append(list, t.word("open-targets.nothing"))
	}
	return list
}

func placeOf(places []score.Place, offer catalogue.OfferID) int {
	for _, p := range places {
		if p.Offer == offer {
			return p.Rank
		}
	}
	return 0
}

func (t titles) rankText(rank int) string {
	if rank == 0 {
		return t.word("rank.none")
	}
	return t.number(int64(rank))
}

func (t titles) firstText(offers []catalogue.OfferID) string {
	if len(offers) == 0 {
		return t.word("open-targets.nobody")
	}
	return t.offers(offers)
}
