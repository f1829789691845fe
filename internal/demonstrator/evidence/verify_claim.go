package evidence

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// claim wants the statement to say what the files say.
func (v *verifier) claim() error {
	record, n, err := readLean(v.archive)
	if err != nil {
		return refused(lang.T("le contenu ne se lit pas", "the content can't be read"), err)
	}
	if err := v.seen.against(record.Plan, v.listed); err != nil {
		return err
	}
	if err := record.onlyFindings(v.listed); err != nil {
		return err
	}
	v.Record = record
	want, err := proof.Canonical(claim(record, n, v.Claim.By))
	if err != nil {
		return err
	}
	got, err := proof.Canonical(v.Claim)
	if err != nil {
		return err
	}
	if v.Claim.Rules != score.Rules {
		return refused(lang.T("décidé par les règles %d ; cette version décide par les règles %d : vérifier avec une version de l'époque",
			"decided by the rules %d; this version decides by the rules %d: verify with a version of that time", v.Claim.Rules, score.Rules), nil)
	}
	if !bytes.Equal(want, got) {
		return refused(lang.T("la déclaration ne dit pas ce que disent les fichiers : %s", "the statement doesn't say what the files say: %s", differing(got, want)), nil)
	}
	if n := len(record.Findings); n > 0 {
		v.holds("signatures et pièces des constats exactes (%d)", "signatures and evidence files of the findings exact (%d)", n)
		v.Not = append(v.Not, lang.T("qui sont les signataires des constats : leurs clés sont celles à qui le signataire du dossier se fie", "who the signers of the findings are: their keys are those that the bundle's signer trusts"))
	}
	v.holds("%d résultats, tous prévus, aucun en double", "%d results, all of them planned, none twice", n)
	if n := len(record.Loads); n > 0 {
		v.holds("%d mesures sous charge, %d blocs : toutes prévues, rien ne s'y contredit", "%d loads, %d blocks: all of them planned, nothing contradicts itself", n, record.blocks())
	}
	return nil
}

// differing names the fields in which two JSON objects differ.
func differing(a, b []byte) string {
	var x, y map[string]json.RawMessage
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return "?"
	}
	var names []string
	for name := range y {
		if !bytes.Equal(x[name], y[name]) {
			names = append(names, name)
		}
	}
	for name := range x {
		if y[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
