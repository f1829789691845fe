package report

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/score"
)

// stability is how sure one list of the ranking is.
type stability struct {
	Title         string // of the list
	Deep          bool   // it stands below a heading of level 3
	Summary       string
	Caption       string
	DrawsHead     string
	First, Second string
	Weights       []swayRow // those that can change who is ahead
	Others        string    // how many can't
	Still         []swayRow // which
	Shares        []shareRow
	Drawn         string // how many weightings, from which seed
}

// swayRow is one weight and how far it may move.
type swayRow struct {
	Anchor, Target string
	Weight         int
	First, Second  string // what each is worth
	Low, High      swayEnd
	Others         string // who else would pass the first before that
}

// swayEnd is a bound, or that there is none.
type swayEnd struct {
	Text  string // "below 4.9"; "never"
	Note  string // "4 in whole weights: -6"; when they only draw level, where
	Never bool
}

// shareRow is the share of weightings that put an offer first.
type shareRow struct {
	Rank, Offer, Share, Interval, Counts, Sure string
	Bar                                        string // a width in percent
}

// titles words what a stability names.
type titles struct {
	printer
	view View
}

func (t titles) target(id catalogue.TargetID) string {
	if known := t.view.Record.Catalogue.Target(id); known != nil {
		return t.say(known.Title)
	}
	return visible(string(id))
}

func (t titles) offers(ids []catalogue.OfferID) string {
	var names []string
	for _, id := range ids {
		names = append(names, t.view.name(id))
	}
	return t.list(names)
}

// scope names the list that a stability speaks of.
func (t titles) scope(needs []catalogue.NeedID) string {
	if len(needs) == 1 {
		if n := t.view.Record.Catalogue.Need(needs[0]); n != nil {
			return t.say(n.Title)
		}
	}
	return t.plural(len(needs), "common")
}

func (t titles) stabilities(list []score.Stability, deep bool) []stability {
	var out []stability
	for i := range list {
		one := t.stability(&list[i])
		one.Deep = deep
		out = append(out, one)
	}
	return out
}

func (t titles) stability(s *score.Stability) stability {
	out := stability{
		Title: t.scope(s.Needs), Summary: t.mostOften(s, t.summary(s)), First: t.view.name(s.Places[0].Offer), Second: t.view.name(s.Places[1].Offer),
		Drawn: t.word("stability.drawn", t.number(int64(s.Draws)), t.number(int64(len(s.Weights))), seedText(s.Seed)),
	}
	out.Caption, out.DrawsHead = t.word("stability.weights", out.Title), t.word("stability.draws", t.number(int64(s.Draws)))
	for _, w := range mostSensitive(s.Weights) {
		row := swayRow{Anchor: targetAnchor(w.Target), Target: t.target(w.Target), Weight: w.Weight, First: t.percent(w.Values[0]), Second: t.percent(w.Values[1])}
		row.Low, row.High = t.end(w, w.Second.Low, "below"), t.end(w, w.Second.High, "above")
		row.Others = t.others(w)
		if row.Low.Never && row.High.Never && row.Others == "" {
			out.Still = append(out.Still, row)
		} else {
			out.Weights = append(out.Weights, row)
		}
	}
	if n := len(out.Still); n > 0 {
		out.Others = t.word("stability.others", t.number(int64(n)), t.number(int64(len(s.Weights))))
	}
	for i, f := range s.Shares {
		out.Shares = append(out.Shares, t.share(s, i, f))
	}
	return out
}

func seedText(seed uint64) string { return new(big.Int).SetUint64(seed).String() }

// summary says in a sentence what a reader came for.
func (t titles) summary(s *score.Stability) string {
	first, second := t.view.name(s.Places[0].Offer), t.view.name(s.Places[1].Offer)
	n, of := len(decisive(s.Weights)), t.number(int64(len(s.Weights)))
	switch tied := s.Places[1].Rank == 1; {
	case tied && n == 0:
		return t.word("stability.level-ever", t.offers(leaders(s.Places)), of)
	case tied:
		return t.word("stability.tied", t.offers(leaders(s.Places)), t.number(int64(n)), of)
	case n == 0:
		return t.word("stability.none", first, second, of)
	}
	w := mostSensitive(s.Weights)[0]
	to := nearest(w.Second, w.Weight)
	key := "stability.some.many"
	if n == 1 {
		key = "stability.some.one"
	}
	return t.word(key, t.number(int64(n)), of, t.target(w.Target), t.number(int64(w.Weight)), t.weight(to.turn.At, to.way))
}

// mostOften adds to a sentence who is first under most weightings, when one offer
// alone is.
func (t titles) mostOften(s *score.Stability, sentence string) string {
	most := 0
	for i, f := range s.Shares {
		if f.Share.Cmp(s.Shares[most].Share) > 0 {
			most = i
		}
	}
	for i, f := range s.Shares {
		if i != most && f.Share.Cmp(s.Shares[most].Share) == 0 {
			return sentence
		}
	}
	return t.word("stability.most", sentence, t.view.name(s.Shares[most].Offer), t.percentUp(s.Shares[most].Share, false))
}

func leaders(places []score.Place) []catalogue.OfferID {
	var ids []catalogue.OfferID
	for _, p := range places {
		if p.Rank == 1 {
			ids = append(ids, p.Offer)
		}
	}
	return ids
}

// decisive are the weights that alone can change the order of first and second.
func decisive(weights []score.Sway) []score.Sway {
	return slices.DeleteFunc(slices.Clone(weights), func(w score.Sway) bool { return nearest(w.Second, w.Weight).turn == nil })
}

// mostSensitive puts the weights that need the smallest move first.
func mostSensitive(weights []score.Sway) []score.Sway {
	list := slices.Clone(weights)
	slices.SortStableFunc(list, func(a, b score.Sway) int {
		x, y := nearest(a.Second, a.Weight), nearest(b.Second, b.Weight)
		if x.turn == nil || y.turn == nil {
			return cmp.Compare(presence(y.turn), presence(x.turn))
		}
		return x.move.Cmp(y.move)
	})
	return list
}

func presence(t *score.Turn) int {
	if t == nil {
		return 0
	}
	return 1
}

// near is the turn of a span that a weight reaches and passes first. One at 0 or
// 100 can't be passed: the offers are level there, and never swapped.
type near struct {
	turn *score.Turn
	way  int // -1 down, 1 up
	move *big.Rat
}

func nearest(s score.Span, weight int) near {
	var best near
	for way, turn := range map[int]*score.Turn{-1: s.Low, 1: s.High} {
		if turn == nil || turn.Whole == nil {
			continue
		}
		move := new(big.Rat).Sub(turn.At, big.NewRat(int64(weight), 1))
		move.Abs(move)
		if best.turn == nil || move.Cmp(best.move) < 0 || move.Cmp(best.move) == 0 && way < best.way {
			best = near{turn, way, move}
		}
	}
	return best
}

// end words one end of a span.
func (t titles) end(w score.Sway, turn *score.Turn, way string) swayEnd {
	if turn == nil {
		return swayEnd{Text: t.word("stability.never"), Never: true}
	}
	sign := map[string]int{"below": -1, "above": 1}[way]
	at := t.weight(turn.At, sign)
	if turn.Whole == nil {
		return swayEnd{Text: t.word("stability.never"), Note: t.word("stability.level", at), Never: true}
	}
	return swayEnd{
		Text: t.word("stability."+way, at),
		Note: t.word("stability.whole", t.number(int64(*turn.Whole)), t.signed(*turn.Whole-w.Weight), t.view.name(turn.Ahead)),
	}
}

// others names the offer, other than the second, that would take the first place
// for a smaller move, or where the second never would.
func (t titles) others(w score.Sway) string {
	var parts []string
	for _, side := range []struct {
		first, second *score.Turn
		way           int
		key           string
	}{{w.First.Low, w.Second.Low, -1, "below"}, {w.First.High, w.Second.High, 1, "above"}} {
		if side.first == nil || side.first.Whole == nil || side.second != nil && side.first.At.Cmp(side.second.At) == 0 {
			continue
		}
		key := "stability.other."
		if side.second != nil {
			key = "stability.sooner."
		}
		parts = append(parts, t.word(key+side.key, t.weight(side.first.At, side.way), t.view.name(side.first.Ahead)))
	}
	return strings.Join(parts, " ")
}

// weight writes a bound with two decimals at most, rounded toward the present
// weight: it never promises more room than there is.
func (p printer) weight(r *big.Rat, way int) string {
	scaled := new(big.Rat).Mul(r, big.NewRat(100, 1))
	n := new(big.Int).Quo(scaled.Num(), scaled.Denom())
	if way < 0 && !scaled.IsInt() {
		n.Add(n, big.NewInt(1))
	}
	text := new(big.Rat).SetFrac(n, big.NewInt(100)).FloatString(2)
	return p.decimal(strings.TrimSuffix(strings.TrimRight(text, "0"), "."))
}

// signed writes a move with its sign.
func (p printer) signed(n int) string {
	if n > 0 {
		return "+" + p.number(int64(n))
	}
	return "−" + p.number(int64(-n))
}

func (t titles) share(s *score.Stability, i int, f score.FirstShare) shareRow {
	rank, _ := t.place(s.Places, s.Places[i])
	row := shareRow{
		Rank: rank, Offer: t.view.name(f.Offer), Share: t.percentUp(f.Share, false), Bar: score.Percent(f.Share, 1),
		Interval: t.word("stability.interval", t.percentUp(f.Low, false), t.percentUp(f.High, true)),
		Counts:   t.word("stability.counts", t.number(int64(f.Alone)), t.number(int64(f.Tied))),
	}
	if f.Always {
		row.Sure = t.word("stability.always")
	}
	return row
}

// percentUp writes a percentage with two decimals, rounded down or up: an
// interval is never shown narrower than it is.
func (p printer) percentUp(r *big.Rat, up bool) string {
	scaled := new(big.Rat).Mul(r, big.NewRat(10_000, 1))
	n := new(big.Int).Quo(scaled.Num(), scaled.Denom())
	if up && !scaled.IsInt() {
		n.Add(n, big.NewInt(1))
	}
	return p.decimal(score.Percent(new(big.Rat).SetFrac(n, big.NewInt(10_000)), 2)) + hard + "%"
}
