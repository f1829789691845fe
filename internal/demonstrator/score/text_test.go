package score_test

import (
	"fmt"
	"strings"

	"aloi.dev/internal/demonstrator/score"
)

// cardText writes every field of a card but the list of checks.
func cardText(c score.Card) string {
	var b strings.Builder
	fmt.Fprintf(&b, "gates   %s\nscore   %s\nchecks  %s\n", c.Gates, scoreText(c.Score), tallyText(c.Tally))
	for _, n := range c.Needs {
		fmt.Fprintf(&b, "need    %-10s gates %s, score %s\n", n.Need, n.Gates, scoreText(n.Score))
	}
	for _, v := range c.Targets {
		fmt.Fprintf(&b, "\n%s %s (%s)", v.Role, v.Target, v.Need)
		if v.Weight > 0 {
			fmt.Fprintf(&b, " weight %d", v.Weight)
		}
		fmt.Fprintf(&b, ": %s", v.Verdict)
		if v.Value != nil {
			fmt.Fprintf(&b, ", value %s", v.Value.RatString())
		}
		fmt.Fprintf(&b, "\n  %s\n  en: %s\n  fr: %s\n", tallyText(v.Tally), v.Reason.EN, v.Reason.FR)
	}
	return b.String()
}

func rankingText(r score.Ranking) string {
	var b strings.Builder
	for _, n := range r.Needs {
		fmt.Fprintf(&b, "on %s\n%s", n.Need, placesText(n.Places))
	}
	common := make([]string, 0, len(r.Common))
	for _, id := range r.Common {
		common = append(common, string(id))
	}
	if len(common) == 0 {
		common = []string{"nothing"}
	}
	fmt.Fprintf(&b, "over %s\n%s", strings.Join(common, ", "), placesText(r.Over))
	return b.String()
}

func placesText(places []score.Place) string {
	var b strings.Builder
	for _, p := range places {
		rank := "-"
		if p.Rank > 0 {
			rank = fmt.Sprint(p.Rank)
		}
		fmt.Fprintf(&b, "  %s  %-8s gates %s, score %s\n", rank, p.Offer, p.Gates, scoreText(p.Score))
	}
	return b.String()
}

func scoreText(s score.Score) string {
	if s.Value == nil {
		return fmt.Sprintf("none (%d of %d)", s.Weight, s.Total)
	}
	return fmt.Sprintf("%s = %s %% (%d of %d)", s.Value.RatString(), score.Percent(s.Value, 1), s.Weight, s.Total)
}

// tallyText shows passed / run / required, then whatever is not zero.
func tallyText(t score.Tally) string {
	text := fmt.Sprintf("%d/%d/%d", t.Passed, t.Run, t.Required)
	for _, part := range []struct {
		name string
		n    int
	}{{"failed", t.Failed}, {"unsupported", t.Unsupported}, {"blocked", t.Blocked}, {"not run", t.NotRun}, {"errors", t.Errors}} {
		if part.n > 0 {
			text += fmt.Sprintf(", %d %s", part.n, part.name)
		}
	}
	return text
}

func stabilityText(list []score.Stability) string {
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "over %s\n", joinIDs(s.Needs))
		for _, w := range s.Weights {
			var values []string
			for _, v := range w.Values {
				values = append(values, v.RatString())
			}
			fmt.Fprintf(&b, "  weight %d of %s, worth %s: second %s; first %s\n", w.Weight, w.Target, strings.Join(values, " "), spanText(w.Second), spanText(w.First))
		}
		fmt.Fprintf(&b, "  %d draws from %d\n", s.Draws, s.Seed)
		for _, f := range s.Shares {
			fmt.Fprintf(&b, "  %s first on %s %%, from %s to %s, %d alone, %d tied", f.Offer, score.Percent(f.Share, 1), score.Percent(f.Low, 1), score.Percent(f.High, 1), f.Alone, f.Tied)
			if f.Always {
				b.WriteString(", always")
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func spanText(s score.Span) string {
	return turnText("below", s.Low) + ", " + turnText("above", s.High)
}

func turnText(way string, t *score.Turn) string {
	if t == nil {
		return "never " + way
	}
	whole := "none"
	if t.Whole != nil {
		whole = fmt.Sprint(*t.Whole)
	}
	return fmt.Sprintf("%s %s (%s) %s", way, t.At.RatString(), whole, t.Ahead)
}

func whatIfText(list []score.WhatIf) string {
	var b strings.Builder
	for _, w := range list {
		fmt.Fprintf(&b, "%s of %s\n  met: %s\n  not: %s\n", joinIDs(w.Targets), w.Offer, effectText(w.Met), effectText(w.NotMet))
	}
	return b.String()
}

func effectText(e score.Effect) string {
	parts := []string{}
	if e.Gates != nil {
		parts = append(parts, "gates "+string(*e.Gates))
	}
	if e.Score != nil {
		parts = append(parts, "score "+scoreText(*e.Score))
	}
	if e.Rank != nil {
		parts = append(parts, fmt.Sprintf("rank %d", *e.Rank))
	}
	if e.NeedRank != nil {
		parts = append(parts, fmt.Sprintf("rank %d on its need", *e.NeedRank))
	}
	if e.First != nil {
		parts = append(parts, "first ["+joinIDs(e.First)+"]")
	}
	if len(parts) == 0 {
		return "nothing changes"
	}
	return strings.Join(parts, ", ")
}

func joinIDs[T ~string](ids []T) string {
	var names []string
	for _, id := range ids {
		names = append(names, string(id))
	}
	return strings.Join(names, ", ")
}
