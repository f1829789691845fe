package report

import (
	"cmp"
	"maps"
	"slices"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/score"
)

// card is the verdict on one offer, for the person who decides.
type card struct {
	ID, Name, Provider string
	Mark               mark
	Gates              string // "5 of 7"
	Bar                []segment
	Outside            string
	Missed             []missedGate
	Value              string // of the score; empty when there is none
	Weight             string
	ValueBar           int
	Tally              tally
}

// segment is a part of a bar, that many units long.
type segment struct {
	Class string
	Units int
}

// missedGate leads to a gate that keeps the offer from being eligible.
type missedGate struct {
	Anchor, Title string
	Mark          mark
	Tally         tally
}

// tally is three figures, never one without the others.
type tally struct{ Passed, Run, Required, Long string }

func (p printer) tally(t score.Tally) tally {
	passed, run, required := p.number(int64(t.Passed)), p.number(int64(t.Run)), p.number(int64(t.Required))
	return tally{passed, run, required, p.word("tally.long", passed, run, required)}
}

func (b *builder) cards() []card {
	var list []card
	for i := range b.view.Cards {
		list = append(list, b.card(&b.view.Cards[i]))
	}
	return list
}

func (b *builder) card(c *score.Card) card {
	g := gatesOf(c)
	out := card{
		ID: string(c.Offer), Name: b.view.name(c.Offer), Mark: b.eligible(c.Gates, g),
		Gates: b.word("gates.of", b.number(int64(g.met)), b.number(int64(g.evaluated()))),
		Tally: b.tally(c.Tally),
	}
	if o := b.view.offer(c.Offer); o != nil {
		out.Provider = b.provider(o)
		if o.Region != "" {
			out.Provider += " · " + visible(o.Region)
		}
	}
	for _, s := range []segment{{string(score.Met), g.met}, {string(score.NotMet), g.notMet}, {string(score.NotEstablished), g.notEstablished}} {
		if s.Units > 0 {
			out.Bar = append(out.Bar, s)
		}
	}
	if g.outside > 0 {
		out.Outside = b.plural(g.outside, "outside")
	}
	out.Value, out.Weight = b.scored(c.Score)
	if c.Score.Value != nil {
		f, _ := c.Score.Value.Float64()
		out.ValueBar = int(100 * f)
	}
	out.Missed = b.missed(c)
	return out
}

// scored writes a score and its denominator.
func (p printer) scored(s score.Score) (value, weight string) {
	switch {
	case s.Total == 0:
		return "", p.word("score.unscored")
	case s.Value == nil:
		return "", p.word("weight-of", s.Weight, s.Total)
	}
	return p.percent(s.Value), p.word("weight-of", s.Weight, s.Total)
}

// missed lists the gates that are not met, then those that are not established.
func (b *builder) missed(c *score.Card) []missedGate {
	var list []missedGate
	for _, v := range shortfalls(c) {
		g := missedGate{Anchor: targetAnchor(v.Target), Title: visible(string(v.Target)), Mark: b.verdict(v.Verdict), Tally: b.tally(v.Tally)}
		if t := b.view.Record.Catalogue.Target(v.Target); t != nil {
			g.Title = b.say(t.Title)
		}
		list = append(list, g)
	}
	return list
}

// shortfalls are a card's gates that are not met, then those not established.
func shortfalls(c *score.Card) []score.TargetVerdict {
	var list []score.TargetVerdict
	for _, wanted := range []score.Verdict{score.NotMet, score.NotEstablished} {
		for _, v := range c.Targets {
			if v.Role != catalogue.Scored && v.Verdict == wanted {
				list = append(list, v)
			}
		}
	}
	return list
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
