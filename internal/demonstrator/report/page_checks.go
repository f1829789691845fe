package report

import (
	"slices"
	"strconv"
	"strings"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
)

// checkGroup is the checks that share the first two parts of their id.
type checkGroup struct {
	ID, Anchor string
	Foreign    *foreignNote // of the first group of a suite that isn't ours
	Counts     []groupCount
	Rows       []checkLine
	Findings   []finding
	Notes      []note
}

// groupCount is how many of the group's checks passed for one offer.
type groupCount struct {
	Offer               string
	Passed, Run, Listed string
	Whole               bool
}

// finding explains one check that failed or was in error.
type finding struct {
	Anchor, Offer, ID, Title, Sentence, Rule, Took, When string
	Mark                                                 mark
	UsedBy                                               []link
	transcript
}

// note explains, once, the checks of a group and an offer that share a state
// without exchanges and its sentence.
type note struct {
	Anchor, Offer, Sentence string
	Mark                    mark
	Checks                  []string
}

type link struct{ Anchor, Text string }

// group is the beginning of a check's id: "s3/object" of "s3/object/put-get".
func group(check string) string {
	i := strings.LastIndex(check, "/")
	if i < 0 {
		return check
	}
	return check[:i]
}

func (b *builder) groups() []checkGroup {
	var order []string
	members := map[string][]int{}
	for i, c := range b.checks {
		g := group(c.ID)
		if members[g] == nil {
			order = append(order, g)
		}
		members[g] = append(members[g], i)
	}
	usedBy := b.usedBy()
	seen := map[string]bool{}
	var list []checkGroup
	for _, id := range order {
		g := checkGroup{ID: visible(id), Anchor: "group-" + anchor(id)}
		for _, i := range members[id] {
			c := b.checks[i]
			g.Rows = append(g.Rows, b.checkLine(c.ID, b.say(c.Title)))
			for _, o := range b.view.Record.Offers {
				b.explain(&g, i, o.ID, usedBy[c.ID])
			}
		}
		g.Counts = b.counts(members[id])
		if suite, _, _ := strings.Cut(id, "/"); !seen[suite] {
			seen[suite], g.Foreign = true, b.foreignNote(id)
		}
		list = append(list, g)
	}
	return list
}

// explain adds what is to say of one check on one offer: a finding of its own,
// or its name to a note.
func (b *builder) explain(g *checkGroup, i int, offer catalogue.OfferID, usedBy []link) {
	c := b.checks[i]
	r := b.latest(offer)[c.ID]
	s := stateOf(r)
	switch s {
	case measure.Pass:
		return
	case measure.Fail, measure.Errored:
	default:
		b.note(g, c.ID, offer, r, s)
		return
	}
	f := finding{
		Anchor: findingAnchor(c.ID, string(offer)), Offer: b.view.name(offer), ID: visible(c.ID), Title: b.say(c.Title),
		Sentence: b.because(r), Rule: visible(c.Rule), Took: b.took(r.Duration), When: b.instant(r.Started), Mark: b.state(s), UsedBy: usedBy,
		transcript: b.exchanges(r.Exchanges),
	}
	if f.Title == "" {
		f.Title = f.ID
	}
	if f.Rule == "" && r.Reason != nil {
		f.Rule = visible(r.Reason.Rule)
	}
	g.Findings = append(g.Findings, f)
}

// because is the sentence of a result; empty for one that passed.
func (p printer) because(r *measure.Result) string {
	if r == nil || r.Reason == nil {
		return ""
	}
	return p.say(r.Reason.Text())
}

func (b *builder) note(g *checkGroup, check string, offer catalogue.OfferID, r *measure.Result, s measure.State) {
	id := noteAnchor(group(check), string(offer), noteKey(r))
	if i := slices.IndexFunc(g.Notes, func(n note) bool { return n.Anchor == id }); i >= 0 {
		g.Notes[i].Checks = append(g.Notes[i].Checks, visible(check))
		return
	}
	n := note{Anchor: id, Offer: b.view.name(offer), Mark: b.state(s), Sentence: b.because(r), Checks: []string{visible(check)}}
	if r == nil {
		n.Sentence = b.word("legend." + string(missing))
	}
	g.Notes = append(g.Notes, n)
}

// noteKey tells notes apart by all that their sentence is made of.
func noteKey(r *measure.Result) string {
	if r == nil || r.Reason == nil {
		return string(stateOf(r))
	}
	return strings.Join([]string{string(r.State), string(r.Reason.Cause), r.Reason.Want, r.Reason.Got, r.Reason.Did}, " ")
}

func (b *builder) counts(members []int) []groupCount {
	var list []groupCount
	for _, o := range b.view.Record.Offers {
		passed, run := 0, 0
		for _, i := range members {
			switch r := b.latest(o.ID)[b.checks[i].ID]; stateOf(r) {
			case measure.Pass:
				passed, run = passed+1, run+1
			case measure.Fail, measure.Unsupported:
				run++
			case measure.NotRun:
				if r.Reason != nil && r.Reason.Cause == measure.Prerequisite {
					run++ // as score counts it: its prerequisite answered for it
				}
			}
		}
		list = append(list, groupCount{b.view.name(o.ID), b.number(int64(passed)), b.number(int64(run)), b.number(int64(len(members))), passed == len(members)})
	}
	return list
}

// usedBy lists the targets that require each check.
func (b *builder) usedBy() map[string][]link {
	by := map[string][]link{}
	for _, rows := range b.view.byNeed() {
		for _, row := range rows.targets {
			if row.target.Functional == nil {
				continue
			}
			for _, check := range row.target.Functional.Checks {
				by[check] = append(by[check], link{targetAnchor(row.target.ID), b.say(row.target.Title)})
			}
		}
	}
	return by
}

// latest gives the results of an offer, gathered once.
func (b *builder) latest(offer catalogue.OfferID) map[string]*measure.Result {
	if b.byOffer == nil {
		b.byOffer = map[catalogue.OfferID]map[string]*measure.Result{}
	}
	if b.byOffer[offer] == nil {
		b.byOffer[offer] = b.view.results(offer)
	}
	return b.byOffer[offer]
}

func targetAnchor(id catalogue.TargetID) string { return "target-" + anchor(string(id)) }

func rowAnchor(check string) string { return "row-" + anchor(check) }

func findingAnchor(check, offer string) string {
	return "check-" + anchor(check) + "--" + anchor(offer)
}

func noteAnchor(group, offer, key string) string {
	return "note-" + anchor(group) + "--" + anchor(offer) + "--" + strconv.FormatUint(fingerprint(key), 36)
}
