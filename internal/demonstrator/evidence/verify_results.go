package evidence

import (
	"fmt"
	"io"
	"path"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// seen gathers, from the lines of results, what other files must agree with.
type seen struct {
	results map[[2]string]int // offer and check -> the line
	lines   int
}

// resultLines reads the results: each in its one encoding, with a state that
// exists and a reason where it must have one.
func (v *verifier) resultLines(r io.Reader) error {
	v.seen = seen{results: map[[2]string]int{}}
	return v.lineFile(r, func(line []byte) error {
		var result measure.Result
		if err := proof.Decode(line, &result); err != nil {
			return err
		}
		return v.seen.add(result)
	})
}

func (s *seen) add(r measure.Result) error {
	s.lines++
	key := [2]string{r.Offer, r.Check}
	switch first, twice := s.results[key]; {
	case !r.State.Valid():
		return fmt.Errorf("unknown state %q", r.State)
	case (r.State == measure.Pass) != (r.Reason == nil):
		return fmt.Errorf("%s with or without a reason, against what its state demands", r.Check)
	case twice:
		return fmt.Errorf("a second result of %s on %s, after the one of line %d", r.Check, r.Offer, first)
	}
	s.results[key] = s.lines
	return nil
}

// against wants every result to be planned, or to be of a foreign suite that is, and every load to be planned.
func (s *seen) against(p Plan, listed Manifest) error {
	offers, checks := map[string]bool{}, map[string]bool{}
	for _, o := range p.Offers {
		offers[string(o.ID)] = true
	}
	for _, c := range p.Checks {
		checks[c.ID] = true
	}
	for key, line := range s.results {
		if !offers[key[0]] || !checks[key[1]] && !p.foreign(key[1]) {
			return refused(lang.T("résultats, ligne %d : %s sur %s n'est pas dans le plan", "results, line %d: %s on %s is not in the plan", line, key[1], key[0]), nil)
		}
	}
	loads := map[string]bool{}
	for i := range p.Loads {
		loads[loadFile(i)] = true
	}
	for _, f := range listed.Files {
		if path.Dir(f.Name) == loadsFolder && !loads[f.Name] {
			return refused(lang.T("la charge %s n'est pas dans le plan", "the load %s is not in the plan", f.Name), nil)
		}
	}
	return nil
}
