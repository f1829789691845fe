package report

import (
	"slices"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/score"
)

// aside is what a run says nothing of: the needs that no offer claims, folded
// into one line with their counts.
type aside struct {
	Title string
	Needs []asideNeed
}

type asideNeed struct {
	Anchor, Title, Count string
	Targets              []asideTarget
}

type asideTarget struct {
	Anchor, Title, Role string
	Gate                bool
}

// claims reports whether an offer positions itself on the need.
func (v View) claims(need catalogue.NeedID) bool {
	claimed := func(n score.NeedScore) bool { return n.Need == need && n.Gates != score.NotEvaluated }
	return slices.ContainsFunc(v.Cards, func(c score.Card) bool { return slices.ContainsFunc(c.Needs, claimed) })
}

// unclaimed lists the needs that no offer claims, in the order of the catalogue,
// with the targets in force; a need may have none.
func (v View) unclaimed() (list []needRows, targets int) {
	decided := v.byNeed()
	for i := range v.Record.Catalogue.Needs {
		need := &v.Record.Catalogue.Needs[i]
		if v.claims(need.ID) {
			continue
		}
		rows := needRows{need: need}
		if i := slices.IndexFunc(decided, func(r needRows) bool { return r.need == need }); i >= 0 {
			rows = decided[i]
		}
		list, targets = append(list, rows), targets+len(rows.targets)
	}
	return list, targets
}

// unclaimedLine says how many needs no offer claims, and how many targets are
// therefore not evaluated; empty when all are claimed.
func (p printer) unclaimedLine(v View) string {
	needs, targets := v.unclaimed()
	if len(needs) == 0 {
		return ""
	}
	return p.word("pair", p.plural(len(needs), "aside"), p.inForce(targets))
}

func (p printer) inForce(targets int) string {
	if targets == 0 {
		return p.word("aside.none")
	}
	return p.plural(targets, "aside.targets")
}

// aside writes the line, if there is one.
func (s *screen) aside(v View) {
	if text := s.unclaimedLine(v); text != "" {
		s.para(0, 2, dim, text+".")
	}
}

// aside returns nil when every need is claimed.
func (b *builder) aside() *aside {
	needs, _ := b.view.unclaimed()
	if len(needs) == 0 {
		return nil
	}
	out := &aside{Title: b.unclaimedLine(b.view)}
	for _, rows := range needs {
		n := asideNeed{Anchor: needAnchor(rows.need.ID), Title: b.say(rows.need.Title), Count: b.inForce(len(rows.targets))}
		for _, row := range rows.targets {
			n.Targets = append(n.Targets, asideTarget{targetAnchor(row.target.ID), b.say(row.target.Title), b.role(row.target), row.target.Role == catalogue.Gate})
		}
		out.Needs = append(out.Needs, n)
	}
	return out
}

func needAnchor(id catalogue.NeedID) string { return "need-" + anchor(string(id)) }
