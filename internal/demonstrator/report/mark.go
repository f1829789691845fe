package report

import (
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
)

// mark is how a state or a verdict shows: a sign and a word, and a class for the
// colour that only ever repeats them.
type mark struct {
	Class string
	Sign  string
	Word  string
}

var stateSigns = map[measure.State]string{
	measure.Pass: "✓", measure.Fail: "✗", measure.Unsupported: "⊘", measure.NotRun: "○", measure.Errored: "!", missing: "…",
}

var verdictSigns = map[score.Verdict]string{
	score.Met: "✓", score.NotMet: "✗", score.NotEstablished: "?", score.NotEvaluated: "–",
}

// shown lists the states in the order of the legend.
var shown = append(append([]measure.State{}, measure.States...), missing)

var verdicts = []score.Verdict{score.Met, score.NotMet, score.NotEstablished, score.NotEvaluated}

func (p printer) state(s measure.State) mark {
	if stateSigns[s] == "" {
		s = measure.Errored
	}
	return mark{Class: string(s), Sign: stateSigns[s], Word: p.word("state." + string(s))}
}

// verdict shows a verdict; one that this version doesn't know is not established.
func (p printer) verdict(v score.Verdict) mark {
	if verdictSigns[v] == "" {
		v = score.NotEstablished
	}
	return mark{Class: string(v), Sign: verdictSigns[v], Word: p.word("verdict." + string(v))}
}

// eligible shows what an offer's gates come to.
func (p printer) eligible(v score.Verdict, g gates) mark {
	m := p.verdict(v)
	switch {
	case v == score.Met && g.evaluated() == 0:
		m = mark{Class: string(score.NotEvaluated), Sign: verdictSigns[score.NotEvaluated], Word: p.word("gates.none")}
	case verdictSigns[v] == "":
		m.Word = p.word("gates." + string(score.NotEstablished))
	default:
		m.Word = p.word("gates." + string(v))
	}
	return m
}

var changeMarks = map[score.Change]mark{
	score.NewlyFailing: {Class: string(score.NotMet), Sign: "✗"},
	score.Worse:        {Class: string(score.NotMet), Sign: "↘"},
	score.Expired:      {Class: string(score.NotEstablished), Sign: "?"},
	score.Lost:         {Class: string(score.NotEstablished), Sign: "?"},
	score.Fixed:        {Class: string(score.Met), Sign: "✓"},
	score.Better:       {Class: string(score.Met), Sign: "↗"},
	score.Established:  {Class: "change", Sign: "+"},
	score.Appeared:     {Class: "change", Sign: "+"},
	score.Gone:         {Class: "change", Sign: "−"},
	score.Incomparable: {Class: string(measure.Unsupported), Sign: "≠"},
	score.Unchanged:    {Class: "change", Sign: "="},
}

// change shows what became of a verdict; one that this version doesn't know says
// nothing.
func (p printer) change(c score.Change) mark {
	m, ok := changeMarks[c]
	if !ok {
		c, m = score.Incomparable, changeMarks[score.Incomparable]
	}
	m.Word = p.word("change." + string(c))
	return m
}
