package score

import (
	"cmp"
	"slices"

	"aloi.dev/internal/demonstrator/catalogue"
)

// Rank compares offers where they can be compared: on each need, those that
// claim it; and all of them on the needs that all claim. The cards come from one
// catalogue at one date.
func Rank(cat *catalogue.Catalogue, cards []Card) Ranking {
	r := Ranking{Common: []catalogue.NeedID{}, Over: []Place{}, Needs: make([]NeedRanking, 0, len(cat.Needs))}
	for _, need := range cat.Needs {
		places := []Place{}
		for i := range cards {
			if cards[i].claims(need.ID) {
				places = append(places, cards[i].place(need.ID))
			}
		}
		if len(cards) > 0 && len(places) == len(cards) {
			r.Common = append(r.Common, need.ID)
		}
		order(places)
		r.Needs = append(r.Needs, NeedRanking{Need: need.ID, Places: places})
	}
	if len(r.Common) == 0 {
		return r
	}
	for i := range cards {
		r.Over = append(r.Over, cards[i].place(r.Common...))
	}
	order(r.Over)
	return r
}

func (c *Card) claims(need catalogue.NeedID) bool {
	return slices.ContainsFunc(c.Needs, func(n NeedScore) bool { return n.Need == need && n.Gates != NotEvaluated })
}

// place is the offer's place over some needs that it claims, not yet ranked.
func (c *Card) place(needs ...catalogue.NeedID) Place {
	gates, score := c.over(needs...)
	return Place{Offer: c.Offer, Gates: gates, Score: score}
}

// order ranks the places that have met their gates and have the whole of the
// denominator, 1, 1, 3 when the first two tie. The others follow with rank 0.
func order(places []Place) {
	total := 0
	for i := range places {
		total = max(total, places[i].Score.Total)
	}
	for i := range places {
		if places[i].rankable(total) {
			places[i].Rank = 1 // of some rank: settled once sorted
		}
	}
	slices.SortFunc(places, before)
	for i := range places {
		if places[i].Rank == 0 {
			return
		}
		places[i].Rank = i + 1
		if i > 0 && byScore(places[i-1], places[i]) == 0 {
			places[i].Rank = places[i-1].Rank
		}
	}
}

// rankable reports whether the place's score rests on the whole of the largest
// denominator of its list. Where nothing is scored, nobody is first.
func (p *Place) rankable(total int) bool {
	return p.Gates == Met && total > 0 && p.Score.Weight == total
}

// before sorts the ranked places first, then by gates, score and offer.
func before(a, b Place) int {
	return cmp.Or(
		cmp.Compare(b.Rank, a.Rank),
		cmp.Compare(severity(a.Gates), severity(b.Gates)),
		byScore(a, b),
		cmp.Compare(a.Offer, b.Offer),
	)
}

// byScore puts the better score first. Scores over another weight are never
// compared: the one with more of it established goes first.
func byScore(a, b Place) int {
	if a.Score.Weight != b.Score.Weight || a.Score.Value == nil || b.Score.Value == nil {
		return cmp.Compare(b.Score.Weight, a.Score.Weight)
	}
	return b.Score.Value.Cmp(a.Score.Value)
}
