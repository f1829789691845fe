package report

import (
	"slices"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/score"
)

// rankGroup is one list of places: over the common needs, or on one need.
type rankGroup struct {
	Title  string
	Note   string
	Places []placeView
}

type placeView struct {
	Rank, Offer, Value, Weight, Remark string
	Gates                              mark
	First                              bool
}

func (b *builder) rankings() []rankGroup {
	r := b.view.Ranking
	over := rankGroup{Title: b.word("ranking"), Places: b.places(r.Over, r.Common...)}
	switch {
	case len(b.view.Cards) == 1:
		over.Note = b.word("common.single")
	case len(r.Common) == 0:
		over.Note = b.word("common.none")
	}
	if n := len(r.Common); n > 0 {
		over.Title = b.plural(n, "common")
	}
	groups := []rankGroup{over}
	nobody := 0
	for _, need := range r.Needs {
		if len(need.Places) == 0 {
			nobody++
			continue
		}
		g := rankGroup{Title: visible(string(need.Need)), Places: b.places(need.Places, need.Need), Note: b.unclaimed(need)}
		if n := b.view.Record.Catalogue.Need(need.Need); n != nil {
			g.Title = b.say(n.Title)
		}
		groups = append(groups, g)
	}
	if nobody > 0 {
		groups = append(groups, rankGroup{Title: b.plural(nobody, "aside")})
	}
	return groups
}

func (b *builder) unclaimed(need score.NeedRanking) string {
	var names []string
	for _, o := range b.view.Record.Offers {
		if !slices.ContainsFunc(need.Places, func(p score.Place) bool { return p.Offer == o.ID }) {
			names = append(names, b.view.name(o.ID))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return b.word("unclaimed", b.list(names))
}

func (b *builder) places(list []score.Place, needs ...catalogue.NeedID) []placeView {
	var out []placeView
	for _, p := range list {
		v := placeView{Offer: b.view.name(p.Offer), Gates: b.gatesAlone(p, needs), First: p.Rank == 1}
		v.Value, v.Weight = b.scored(p.Score)
		v.Rank, v.Remark = b.place(list, p)
		out = append(out, v)
	}
	return out
}

// gatesAlone shows a place's gates over some needs, without claiming any where
// there are none.
func (b *builder) gatesAlone(p score.Place, needs []catalogue.NeedID) mark {
	gates := func(t score.TargetVerdict) bool {
		return t.Role != catalogue.Scored && slices.Contains(needs, t.Need)
	}
	m := b.verdict(p.Gates)
	if c := b.view.card(p.Offer); p.Gates == score.Met && (c == nil || !slices.ContainsFunc(c.Targets, gates)) {
		m = b.verdict(score.NotEvaluated)
		m.Word = b.word("gates.none")
	} else if key := "gates-are." + string(p.Gates); words[key].FR != "" {
		m.Word = b.word(key)
	}
	return m
}

// place writes a rank and what is to say of it: a tie, or why there is none.
func (p printer) place(list []score.Place, place score.Place) (rank, remark string) {
	if place.Rank == 0 {
		return "–", p.unranked(list, place)
	}
	if tied(list, place) {
		remark = p.word("rank.tie")
	}
	return p.number(int64(place.Rank)), remark
}

// tied reports whether another place has the same rank.
func tied(list []score.Place, place score.Place) bool {
	same := 0
	for _, other := range list {
		if place.Rank > 0 && other.Rank == place.Rank {
			same++
		}
	}
	return same > 1
}

// unranked says why a place has no rank.
func (p printer) unranked(list []score.Place, place score.Place) string {
	total := 0
	for _, other := range list {
		total = max(total, other.Score.Total)
	}
	switch {
	case place.Gates != score.Met:
		if key := "unranked." + string(place.Gates); words[key].FR != "" {
			return p.word(key)
		}
		return p.word("unranked." + string(score.NotEstablished))
	case total == 0:
		return p.word("unranked.unscored")
	}
	return p.word("unranked.weight", place.Score.Weight, total)
}
