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
