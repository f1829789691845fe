package score_test

import (
	"encoding/json"
	"math/big"
	"testing"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/score"
)

func TestPercent_Truncates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value    string
		decimals int
		want     string
	}{
		{"0", 1, "0.0"},
		{"1", 1, "100.0"},
		{"1", 0, "100"},
		{"99999/100000", 1, "99.9"},
		{"99999/100000", 0, "99"},
		{"99999/100000", 3, "99.999"},
		{"99999999999999999999/100000000000000000000", 1, "99.9"},
		{"2/3", 1, "66.6"},
		{"2/3", 4, "66.6666"},
		{"1/8", 1, "12.5"},
		{"1/2000", 1, "0.0"},
		{"1/2000", 2, "0.05"},
		{"1/16", 0, "6"},
		{"-1/3", 1, "-33.3"},
		{"-1/3000", 0, "0"},
		{"2/3", -1, "66"},
	} {
		r, _ := new(big.Rat).SetString(c.value)
		if got := score.Percent(r, c.decimals); got != c.want {
			t.Errorf("Percent(%s, %d) = %s, want %s", c.value, c.decimals, got, c.want)
		}
		if after, _ := new(big.Rat).SetString(c.value); r.Cmp(after) != 0 {
			t.Errorf("Percent changed %s to %s", c.value, r)
		}
	}
	if got := score.Percent(nil, 1); got != "" {
		t.Errorf("Percent(nil) = %q", got)
	}
}

// A rational is written as text in JSON, and read back exactly.
func TestCard_JSON(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"3/4":         `{"value":"3/4","weight":3,"total":4}`,
		"1":           `{"value":"1","weight":3,"total":4}`,
		"0":           `{"value":"0","weight":3,"total":4}`,
		"22505/45009": `{"value":"22505/45009","weight":3,"total":4}`,
	} {
		r, _ := new(big.Rat).SetString(value)
		data, err := json.Marshal(score.Score{Value: r, Weight: 3, Total: 4})
		if err != nil || string(data) != want {
			t.Errorf("%s is written %s (%v), want %s", value, data, err, want)
		}
		var back score.Score
		if err := json.Unmarshal(data, &back); err != nil || back.Value.Cmp(r) != 0 {
			t.Errorf("%s is read back as %v (%v)", value, back.Value, err)
		}
	}
	data, err := json.Marshal(score.Score{Total: 4})
	if want := `{"weight":0,"total":4}`; err != nil || string(data) != want {
		t.Errorf("no value is written %s (%v), want %s", data, err, want)
	}
}

func TestCard_JSONRoundTrip(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *world) {
		want := text(t, w.card(w.offers[0]))
		var back score.Card
		if err := json.Unmarshal([]byte(want), &back); err != nil {
			t.Fatal(err)
		}
		if got := text(t, back); got != want {
			t.Errorf("a card is read back as %s, was %s", got, want)
		}
	})
}

func TestNothing(t *testing.T) {
	t.Parallel()
	cat := &catalogue.Catalogue{}
	card := score.Evaluate(cat, catalogue.Offer{ID: "alpha"}, score.Facts{}, "2026-06-01")
	if want := `{"offer":"alpha","gates":"not-evaluated","score":{"weight":0,"total":0},` +
		`"tally":{"required":0,"run":0,"passed":0,"failed":0,"unsupported":0,"blocked":0,"not_run":0,"errors":0},"targets":[],"needs":[]}`; compact(t, card) != want {
		t.Errorf("an empty card is %s", compact(t, card))
	}
	for _, cards := range [][]score.Card{nil, {card}} {
		if got, want := compact(t, score.Rank(cat, cards)), `{"common":[],"over":[],"needs":[]}`; got != want {
			t.Errorf("an empty ranking is %s", got)
		}
	}
}

// Cards of different dates may not have the same targets: only those that have
// the largest denominator are ranked.
func TestRank_OtherDate(t *testing.T) {
	t.Parallel()
	cat := &catalogue.Catalogue{Needs: []catalogue.Need{{ID: "storage"}}}
	card := func(offer catalogue.OfferID, weights ...int) score.Card {
		c := score.Card{Offer: offer, Needs: []score.NeedScore{{Need: "storage", Gates: score.Met}}}
		for _, weight := range weights {
			c.Targets = append(c.Targets, score.TargetVerdict{
				Need: "storage", Role: catalogue.Scored, Weight: weight, Verdict: score.Met, Value: big.NewRat(1, 1),
			})
		}
		return c
	}
	places := score.Rank(cat, []score.Card{card("alpha", 5), card("beta", 5, 5)}).Over
	if places[0].Offer != "beta" || places[0].Rank != 1 || places[1].Rank != 0 {
		t.Errorf("ranked across denominators: %s", compact(t, places))
	}
}

func TestWorst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		gates []score.Verdict
		want  score.Verdict
	}{
		{nil, score.NotEvaluated},
		{[]score.Verdict{score.Met, score.Met}, score.Met},
		{[]score.Verdict{score.Met, score.NotEvaluated}, score.NotEvaluated},
		{[]score.Verdict{score.NotEvaluated, score.NotEstablished, score.Met}, score.NotEstablished},
		{[]score.Verdict{score.NotMet, score.NotEstablished}, score.NotMet},
		{[]score.Verdict{score.Met, "something new"}, "something new"},
	} {
		var cards []score.Card
		for _, v := range c.gates {
			cards = append(cards, score.Card{Gates: v})
		}
		if got := score.Worst(cards); got != c.want {
			t.Errorf("Worst(%v) = %s, want %s", c.gates, got, c.want)
		}
	}
}

func compact(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
