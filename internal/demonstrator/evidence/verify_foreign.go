package evidence

import (
	"fmt"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe/foreign"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// foreign reports whether a check is of a suite that isn't ours and is planned.
func (p Plan) foreign(check string) bool {
	suite, _, _ := strings.Cut(check, "/")
	return slices.ContainsFunc(p.Foreign, func(f ForeignPlan) bool { return f.Suite == suite })
}

// foreign has the results of foreign suites again, from their mappings and the bytes
// that they left, and wants the recorded ones to be the same.
func (v *verifier) foreign() error {
	if len(v.Record.Plan.Foreign) == 0 {
		return nil
	}
	want, err := v.replayed()
	if err != nil {
		return err
	}
	n := len(want)
	file, err := v.archive.Open(resultsFile)
	if err != nil {
		return err
	}
	defer file.Close()
	err = lines(file, func(line []byte) error {
		var r measure.Result
		if err := proof.Decode(line, &r); err != nil || !v.Record.Plan.foreign(r.Check) {
			return err
		}
		key := [2]string{r.Offer, r.Check}
		again, ok := want[key]
		delete(want, key)
		if ok && again != string(line) || !ok && !v.unrun(r) {
			return fmt.Errorf("%s on %s isn't what the suite's own bytes give", r.Check, r.Offer)
		}
		return nil
	})
	if err != nil {
		return refused(lang.T("un résultat d'une suite étrangère ne vient pas d'elle", "a result of a foreign suite doesn't come from it"), err)
	}
	if len(want) > 0 && v.Record.Complete() {
		return refused(lang.T("il manque %d résultats d'une suite étrangère", "%d results of a foreign suite are missing", len(want)), nil)
	}
	v.holds("%d résultats de suites étrangères, tirés de nouveau de leurs propres octets : identiques", "%d results of foreign suites, had again from their own bytes: identical", n)
	return nil
}

// replayed gives the canonical line of each result that the kept bytes make.
func (v *verifier) replayed() (map[[2]string]string, error) {
	want := map[[2]string]string{}
	for _, run := range v.Record.Foreign {
		mapping, output, err := v.Record.ForeignBytes(v.archive, run)
		if err != nil {
			return nil, damaged(foreignFolder, err)
		}
		m, err := foreign.FromJSON(mapping)
		if err != nil {
			return nil, damaged(foreignFolder, err)
		}
		if string(m.Suite) != run.Suite {
			return nil, damaged(foreignFolder, fmt.Errorf("the mapping of %s is that of %s", run.Suite, m.Suite))
		}
		for _, r := range foreign.Replay(m, output, run) {
			line, err := proof.Canonical(r)
			if err != nil {
				return nil, err
			}
			want[[2]string{r.Offer, r.Check}] = string(line)
		}
	}
	return want, nil
}

// unrun reports whether a result only says that its suite did not run on the offer:
// that can't be a pass, and the check must be planned.
func (v *verifier) unrun(r measure.Result) bool {
	ran := slices.ContainsFunc(v.Record.Foreign, func(run measure.ForeignRun) bool {
		return run.Offer == r.Offer && strings.HasPrefix(r.Check, run.Suite+"/")
	})
	planned := slices.ContainsFunc(v.Record.Plan.Checks, func(c CheckPlan) bool { return c.ID == r.Check })
	return !ran && planned && (r.State == measure.NotRun || r.State == measure.Unsupported)
}
