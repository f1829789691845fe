package score

import (
	"math/big"
	"slices"

	"aloi.dev/internal/demonstrator/catalogue"
)

// The weights that a catalogue may give, and 0: the target taken out.
const (
	leastWeight = 0
	mostWeight  = 100
)

// Stability says how sure a list of the ranking is. Ties are exact: the scores
// are equal. A tie because the interval of a difference contains 0, which load
// results will bring, is another thing and is not decided here.
type Stability struct {
	Needs   []catalogue.NeedID // the list that it speaks of
	Places  []Place            // the offers that are ranked in it, two or more, best first
	Weights []Sway             // of each scored target, in the order of the catalogue
	Seed    uint64
	Draws   int
	Shares  []FirstShare // in the order of Places
}

// Sway is what moving one weight does, all the others staying as they are.
type Sway struct {
	Target catalogue.TargetID
	Weight int
	Values []*big.Rat // 0 to 1, in the order of Places
	Second Span       // within it first and second keep their order
	First  Span       // within it the first is passed by nobody; the narrower of the two
}

// Span is how far a weight may move. A nil end: no weight from 0 to 100 that way
// changes the order.
type Span struct{ Low, High *Turn }

// Turn is a weight at which two offers have the same score; past it, away from
// the present weight, Ahead leads.
type Turn struct {
	At    *big.Rat
	Whole *int // the nearest whole weight past At; nil when that is outside 0 to 100
	Ahead catalogue.OfferID
}

// Draws says how many weightings to draw, and from which seed.
type Draws struct {
	Seed uint64
	N    int
}

// UsualDraws is what a report shows unless it is asked for other draws: always
// the same ones, so that two readers see the same figures.
var UsualDraws = Draws{Seed: 1, N: 100_000}

// Stabilities examines the overall ranking, then that of each need, leaving out
// those in which fewer than two offers are ranked and a need's that is the
// overall one. The cards come from one catalogue at one date.
func Stabilities(cat *catalogue.Catalogue, cards []Card, d Draws) []Stability {
	list := []Stability{}
	common := Rank(cat, cards).Common
	add := func(needs []catalogue.NeedID) {
		if s := StabilityOf(cards, needs, d); s != nil {
			list = append(list, *s)
		}
	}
	if len(common) > 0 {
		add(common)
	}
	for _, need := range cat.Needs {
		if only := []catalogue.NeedID{need.ID}; !slices.Equal(only, common) {
			add(only)
		}
	}
	return list
}

// StabilityOf examines the ranking over some needs, of the offers that claim
// them all; nil when fewer than two are ranked, or when they were not measured
// by the same targets.
func StabilityOf(cards []Card, needs []catalogue.NeedID, d Draws) *Stability {
	c := contestOf(cards, needs)
	if len(c.places) < 2 || !c.same {
		return nil
	}
	s := &Stability{Needs: needs, Places: c.places, Seed: d.Seed, Draws: d.N}
	for t := range c.targets {
		s.Weights = append(s.Weights, c.sway(t))
	}
	s.Shares = c.shares(d)
	return s
}

// contest is the offers that a list ranks, and what each is worth on each target.
type contest struct {
	places  []Place
	targets []TargetVerdict
	values  [][]*big.Rat // by place, by target
	same    bool         // every place has the same targets with the same weights
}

func contestOf(cards []Card, needs []catalogue.NeedID) contest {
	c := contest{same: true}
	var places []Place
	for i := range cards {
		if !slices.ContainsFunc(needs, func(n catalogue.NeedID) bool { return !cards[i].claims(n) }) {
			places = append(places, cards[i].place(needs...))
		}
	}
	order(places)
	for _, p := range places {
		if p.Rank == 0 {
			break
		}
		i := slices.IndexFunc(cards, func(card Card) bool { return card.Offer == p.Offer })
		targets := cards[i].scored(needs)
		if len(c.places) == 0 {
			c.targets = targets
		}
		c.same = c.same && slices.EqualFunc(c.targets, targets, func(a, b TargetVerdict) bool { return a.Target == b.Target && a.Weight == b.Weight })
		var values []*big.Rat
		for _, t := range targets {
			values = append(values, t.Value)
		}
		c.places, c.values = append(c.places, p), append(c.values, values)
	}
	return c
}

// scored lists the card's scored targets over some needs that have a value.
func (c *Card) scored(needs []catalogue.NeedID) []TargetVerdict {
	var list []TargetVerdict
	for _, t := range c.Targets {
		if t.Role == catalogue.Scored && t.Value != nil && slices.Contains(needs, t.Need) {
			list = append(list, t)
		}
	}
	return list
}

// sway finds how far the weight of one target may move.
func (c *contest) sway(target int) Sway {
	s := Sway{Target: c.targets[target].Target, Weight: c.targets[target].Weight}
	for o := range c.places {
		s.Values = append(s.Values, c.values[o][target])
	}
	if c.places[1].Rank == 1 {
		s.Second = c.parting(target)
		s.First = s.Second
		return s
	}
	for o := 1; o < len(c.places); o++ {
		low, high := c.turns(o, target)
		if c.places[o].Rank == c.places[1].Rank {
			s.Second.narrow(low, high)
		}
		s.First.narrow(low, high)
	}
	return s
}

// turns finds the weight x of a target at which another offer draws level with
// the first. With W the total weight, the lead W x (score of the first - score
// of the other) is linear in x: it is gap at the present weight w and has the
// slope d, the difference of their values on the target; so x = w - gap/d.
func (c *contest) turns(other, target int) (low, high *Turn) {
	d := new(big.Rat).Sub(c.values[0][target], c.values[other][target])
	if d.Sign() == 0 {
		return nil, nil
	}
	w := c.targets[target].Weight
	gap := new(big.Rat).Sub(c.places[0].Score.Value, c.places[other].Score.Value)
	gap.Mul(gap, whole(c.places[0].Score.Total))
	at := gap.Sub(whole(w), gap.Quo(gap, d))
	if d.Sign() > 0 {
		return c.turn(at, -1, other), nil
	}
	return nil, c.turn(at, +1, other)
}

// parting is the span of a tie at the top: any move of the weight ends it, in
// favour of the offer that is worth the least, or the most, on the target; the
// first of those in the order of the places.
func (c *contest) parting(target int) Span {
	least, most := 0, 0
	for o := 1; o < len(c.places) && c.places[o].Rank == 1; o++ {
		v := c.values[o][target]
		if v.Cmp(c.values[least][target]) < 0 {
			least = o
		}
		if v.Cmp(c.values[most][target]) > 0 {
			most = o
		}
	}
	if least == most {
		return Span{}
	}
	w := whole(c.targets[target].Weight)
	return Span{Low: c.turn(w, -1, least), High: c.turn(w, +1, most)}
}

// turn is nil when the weight is outside what a catalogue may give.
func (c *contest) turn(at *big.Rat, way int, ahead int) *Turn {
	if at.Cmp(whole(leastWeight)) < 0 || at.Cmp(whole(mostWeight)) > 0 {
		return nil
	}
	t := &Turn{At: at, Ahead: c.places[ahead].Offer}
	past := new(big.Int).Quo(at.Num(), at.Denom()) // at is not negative: rounded down
	switch {
	case way > 0:
		past.Add(past, big.NewInt(1))
	case at.IsInt():
		past.Sub(past, big.NewInt(1))
	}
	if n := int(past.Int64()); n >= leastWeight && n <= mostWeight {
		t.Whole = &n
	}
	return t
}

// narrow keeps the turns that come first; of two at the same weight, the one of
// the better place.
func (s *Span) narrow(low, high *Turn) {
	if low != nil && (s.Low == nil || low.At.Cmp(s.Low.At) > 0) {
		s.Low = low
	}
	if high != nil && (s.High == nil || high.At.Cmp(s.High.At) < 0) {
		s.High = high
	}
}
