package report

import (
	"strings"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
)

// findingView is what people found on a manual target, and whether it counts.
type findingView struct {
	State, Answer, Note, Observed, Approved, Until string
	Evidence                                       []measure.Exhibit
}

// findingView words the finding of a verdict; nil when there is none.
func (p printer) findingView(v *score.TargetVerdict) *findingView {
	f := v.Finding
	if f == nil || len(f.By) == 0 {
		return nil
	}
	out := &findingView{
		State: p.word("finding.is." + string(v.State)), Answer: p.typeset(p.decimal(f.Answer.String())), Note: visible(f.Note),
		Observed: p.word("finding.by", p.civil(catalogue.Date(f.Observed)), p.person(f.By[0])), Until: p.civil(catalogue.Date(f.ValidUntil)),
	}
	if v.State == measure.Awaiting {
		out.State = p.word("finding.awaiting.of", len(f.By), max(f.Approvers, 2))
	}
	var names []string
	for _, who := range f.By[1:] {
		names = append(names, p.person(who))
	}
	if out.Approved = p.list(names); out.Approved == "" {
		out.Approved = p.word("finding.nobody")
	}
	for _, e := range f.Evidence {
		out.Evidence = append(out.Evidence, measure.Exhibit{Name: visible(e.Name), Digest: visible(e.Digest)})
	}
	return out
}

// person is who signed, with the key.
func (p printer) person(who measure.Person) string {
	return line(who.Holder) + " (" + line(who.Key) + ")"
}

// findingText is the finding of a verdict in lines; empty when there is none.
func (p printer) findingText(v *score.TargetVerdict) string {
	f := p.findingView(v)
	if f == nil {
		return ""
	}
	lines := []string{
		p.word("pair", p.word("finding.state"), f.State), p.word("pair", p.word("finding.answer"), f.Answer),
		p.word("pair", p.word("finding.observed"), f.Observed), p.word("pair", p.word("finding.approved"), f.Approved),
		p.word("pair", p.word("finding.until"), f.Until),
	}
	if f.Note != "" {
		lines = append(lines, p.word("pair", p.word("finding.note"), f.Note))
	}
	for _, e := range f.Evidence {
		lines = append(lines, p.word("pair", p.word("finding.evidence"), e.Name+" "+e.Digest))
	}
	return strings.Join(lines, "\n")
}

// findings writes what people found on each offer.
func (s *screen) findings(v View) {
	for i := range v.Cards {
		titled := false
		for j := range v.Cards[i].Targets {
			t := &v.Cards[i].Targets[j]
			f := s.findingView(t)
			if f == nil {
				continue
			}
			if !titled {
				s.title(s.word("finding.title", line(v.name(v.Cards[i].Offer))))
				titled = true
			}
			title := string(t.Target)
			if known := v.Record.Catalogue.Target(t.Target); known != nil {
				title = s.say(known.Title)
			}
			m, worth := s.verdict(t.Verdict), ""
			if t.Value != nil {
				worth = " " + s.percent(t.Value)
			}
			s.para(2, 2, s.cell(t).tint, m.Sign+" "+s.word("pair", line(title), m.Word+worth+" · "+f.State))
			s.para(6, 0, "", line(s.say(t.Reason)))
			for _, e := range f.Evidence {
				s.para(6, 2, dim, s.word("pair", line(e.Name), short(e.Digest)))
			}
		}
	}
}

// jsonFinding is what people found, as the JSON report has it.
type jsonFinding struct {
	State      measure.FindingState `json:"state"`
	Answer     string               `json:"answer"` // "80 %"
	Note       string               `json:"note"`
	Observed   string               `json:"observed_on"`
	ValidUntil string               `json:"valid_until"`
	Approvers  int                  `json:"approvers"` // people who must sign, the observer included
	By         []measure.Person     `json:"by"`        // the observer, then who approved
	Evidence   []measure.Exhibit    `json:"evidence"`
}

func findingOf(v *score.TargetVerdict) *jsonFinding {
	f := v.Finding
	if f == nil {
		return nil
	}
	return &jsonFinding{v.State, f.Answer.String(), f.Note, f.Observed, f.ValidUntil, f.Approvers, listed(f.By), listed(f.Evidence)}
}
