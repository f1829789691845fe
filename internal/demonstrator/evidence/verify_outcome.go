package evidence

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// decide decides again, and wants exactly what the bundle says.
func (v *verifier) decide() error {
	said, err := v.read(outcomeFile)
	if err != nil {
		return err
	}
	v.Outcome = Decide(v.Record)
	again, err := proof.Canonical(v.Outcome)
	if err != nil {
		return err
	}
	if !bytes.Equal(said, again) {
		return refused(lang.T("les résultats bruts donnent autre chose que ce que le dossier affirme : %s",
			"the raw results give something else than the bundle says: %s", v.difference(said)), nil)
	}
	targets := 0
	for _, c := range v.Outcome.Cards {
		targets += len(c.Targets)
	}
	v.holds("%d verdicts, scores et rangs décidés de nouveau, identiques", "%d verdicts, with scores and ranks, decided again: identical", targets)
	return nil
}

// difference says the first thing in which what is said differs from what was
// decided again.
func (v *verifier) difference(said []byte) lang.Text {
	var o Outcome
	if err := json.Unmarshal(said, &o); err != nil {
		return lang.Same(outcomeFile)
	}
	if o.Rules != v.Outcome.Rules || o.On != v.Outcome.On {
		return lang.T("règles %d au %s, et non %d au %s", "rules %d as of %s, not %d as of %s", o.Rules, o.On, v.Outcome.Rules, v.Outcome.On)
	}
	for i, want := range v.Outcome.Cards {
		if i >= len(o.Cards) || o.Cards[i].Offer != want.Offer {
			return lang.T("la fiche de %s manque", "the card of %s is missing", want.Offer)
		}
		if t, differs := cardDifference(o.Cards[i], want); differs {
			return t
		}
	}
	if len(o.Cards) > len(v.Outcome.Cards) {
		return lang.T("une fiche de trop, %s", "one card too many, %s", o.Cards[len(v.Outcome.Cards)].Offer)
	}
	return rankDifference(o.Ranking, v.Outcome.Ranking)
}

func cardDifference(said, decided score.Card) (lang.Text, bool) {
	for _, want := range decided.Targets {
		i := slices.IndexFunc(said.Targets, func(t score.TargetVerdict) bool { return t.Target == want.Target })
		if i < 0 {
			return lang.T("%s, cible %s : absente, alors que les résultats donnent %s", "%s, target %s: absent, and the results give %s", decided.Offer, want.Target, want.Verdict), true
		}
		got := said.Targets[i]
		if same(got, want) {
			continue
		}
		return lang.T("%s, cible %s : affirmé %s (%s), décidé %s (%s)", "%s, target %s: said %s (%s), decided %s (%s)",
			decided.Offer, want.Target, got.Verdict, figures(got), want.Verdict, figures(want)), true
	}
	if len(said.Targets) > len(decided.Targets) {
		return lang.T("%s : des cibles que le catalogue n'a pas", "%s: targets that the catalogue doesn't have", decided.Offer), true
	}
	if !same(said, decided) {
		return lang.T("%s : affirmé cibles éliminatoires %s et score %s, décidé %s et %s", "%s: said gates %s and score %s, decided %s and %s",
			decided.Offer, said.Gates, scoreOf(said.Score), decided.Gates, scoreOf(decided.Score)), true
	}
	return lang.Text{}, false
}

// figures shows what a verdict rests on: passed / run / required, and the value.
func figures(t score.TargetVerdict) string {
	text := strconv.Itoa(t.Tally.Passed) + "/" + strconv.Itoa(t.Tally.Run) + "/" + strconv.Itoa(t.Tally.Required)
	if t.Value != nil {
		text += ", " + t.Value.RatString()
	}
	return text
}

func scoreOf(s score.Score) string {
	value := "-"
	if s.Value != nil {
		value = s.Value.RatString()
	}
	return value + " (" + strconv.Itoa(s.Weight) + "/" + strconv.Itoa(s.Total) + ")"
}

func rankDifference(said, decided score.Ranking) lang.Text {
	for i, n := range decided.Needs {
		if i >= len(said.Needs) || said.Needs[i].Need != n.Need {
			return lang.T("le classement sur %s manque", "the ranking on %s is missing", n.Need)
		}
		if t, differs := placesDifference(said.Needs[i].Places, n.Places); differs {
			return lang.T("sur %s, %s", "on %s, %s", n.Need, t)
		}
	}
	if t, differs := placesDifference(said.Over, decided.Over); differs {
		return t
	}
	return lang.T("le classement diffère", "the ranking differs")
}

func placesDifference(said, decided []score.Place) (lang.Text, bool) {
	for i, p := range decided {
		if i >= len(said) || said[i].Offer != p.Offer {
			return lang.T("%s n'est pas à sa place", "%s is out of place", p.Offer), true
		}
		if said[i].Rank != p.Rank {
			return lang.T("rang de %s : affirmé %d, décidé %d", "rank of %s: said %d, decided %d", p.Offer, said[i].Rank, p.Rank), true
		}
	}
	return lang.Text{}, false
}

// same reports whether two values are written alike.
func same(a, b any) bool {
	x, errA := proof.Canonical(a)
	y, errB := proof.Canonical(b)
	return errA == nil && errB == nil && bytes.Equal(x, y)
}
