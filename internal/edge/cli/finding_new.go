package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

func newFindingNew(s *State, f *findingFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "new TARGET",
		Short: s.say(lang.T("Écrire et signer un constat sur une cible manuelle", "Write and sign a finding on a manual target")),
		Args:  exactly(1),
		RunE:  func(_ *cobra.Command, args []string) error { return s.findingNew(*f, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.offer, "offer", "", s.say(lang.T("offre : son fichier .yaml ou son identifiant", "offer: its .yaml file or its id")))
	flags.StringVar(&f.answer, "answer", "", s.say(lang.T("réponse, de \"0 %\" à \"100 %\" de ce qui est demandé", "answer, \"0 %\" to \"100 %\" of what is asked")))
	flags.StringVar(&f.observed, "observed-on", "", s.say(lang.T("jour de l'observation, AAAA-MM-JJ (par défaut aujourd'hui)", "day of the observation, YYYY-MM-DD (today by default)")))
	flags.StringVar(&f.until, "valid-until", "", s.say(lang.T("dernier jour de validité, AAAA-MM-JJ", "last day of validity, YYYY-MM-DD")))
	flags.StringVar(&f.note, "note", "", s.say(lang.T("ce qu'un lecteur doit savoir", "what a reader must know")))
	flags.StringArrayVar(&f.evidence, "evidence", nil, s.say(lang.T("fichier de pièce (répétable)", "file of evidence (repeatable)")))
	flags.StringVar(&f.out, "out", "", s.say(lang.T("fichier à écrire (par défaut TARGET.finding.json)", "file to write (TARGET.finding.json by default)")))
	s.keyFlag(cmd, &f.key)
	return cmd
}

// manualTarget returns the target with that id, if it is people who decide it.
func manualTarget(cat *catalogue.Catalogue, id string) (*catalogue.Target, error) {
	target := cat.Target(catalogue.TargetID(id))
	var manual []string
	for _, t := range cat.Targets {
		if t.Manual != nil {
			manual = append(manual, string(t.ID))
		}
	}
	list := lang.T(" ; cibles manuelles : %s", "; manual targets: %s", strings.Join(manual, ", "))
	if len(manual) == 0 {
		list = lang.T(" ; ce catalogue n'a pas de cible manuelle", "; this catalogue has no manual target")
	}
	switch {
	case target == nil:
		return nil, fault.New(fault.NotFound, lang.T("cible « %s » inconnue%s%s", "unknown target %q%s%s", id, hint(id, manual), list))
	case target.Manual == nil:
		return nil, fault.New(fault.Invalid, lang.T("la cible %s se mesure automatiquement, un constat n'y change rien%s", "the target %s is measured automatically, a finding changes nothing about it%s", id, list))
	}
	return target, nil
}

// offerID takes an offer's id, or reads it from its file.
func (s *State) offerID(k *shelf, offer string) (string, error) {
	if offer == "" {
		return "", usage(lang.T("--offer manque : le fichier de l'offre ou son identifiant", "--offer is missing: the offer's file or its id"))
	}
	if !strings.HasSuffix(offer, ".yaml") && !strings.HasSuffix(offer, ".yml") {
		return offer, nil
	}
	candidates, err := s.loadOffers(k.cat, k.words(nil), []string{offer})
	if err != nil {
		return "", err
	}
	return string(candidates[0].Offer.ID), nil
}

func (s *State) findingNew(f findingFlags, id string) error {
	shelf, err := s.loadShelf(f.catalogue)
	if err != nil {
		return err
	}
	target, err := manualTarget(shelf.cat, id)
	if err != nil {
		return err
	}
	finding := measure.Finding{Target: id, Question: target.Manual.Question, Expects: target.Manual.Evidence, Approvers: target.Manual.Approvers, Note: f.note}
	if finding.Offer, err = s.offerID(shelf, f.offer); err != nil {
		return err
	}
	if err := finding.Answer.UnmarshalText([]byte(f.answer)); err != nil {
		return fault.Wrap(fault.Invalid, lang.Same("--answer"), err)
	}
	if finding.Observed, finding.ValidUntil, err = s.period(f); err != nil {
		return err
	}
	if finding.Evidence, err = s.exhibits(f.evidence); err != nil {
		return err
	}
	key, _, err := s.signer(f.key)
	if err != nil {
		return err
	}
	digest, err := shelf.cat.Digest()
	if err != nil {
		return err
	}
	signed, err := evidence.NewFinding(finding, digest, key)
	if err != nil {
		return err
	}
	path := f.out
	if path == "" {
		path = id + ".finding.json"
	}
	if err := s.writeSigned(path, signed.Envelope); err != nil {
		return err
	}
	if f.json {
		return s.printJSON(map[string]any{"file": path, "finding": finding})
	}
	fmt.Fprintln(s.Stdout, s.say(lang.T("%s écrit et signé. Il ne compte qu'une fois approuvé par une autre personne, pièces à l'appui : aloi finding approve %s",
		"%s written and signed. It counts only once another person, with the evidence at hand, has approved it: aloi finding approve %s", path, shellWord(path))))
	return nil
}

// period checks when the finding was observed and until when it holds.
func (s *State) period(f findingFlags) (observed, until string, err error) {
	today := day(s.Now())
	if observed = f.observed; observed == "" {
		observed = today
	}
	if f.until == "" {
		return "", "", usage(lang.T("--valid-until manque : le dernier jour de validité", "--valid-until is missing: the last day of validity"))
	}
	for flag, d := range map[string]string{"--observed-on": observed, "--valid-until": f.until} {
		if _, err := s.date(d, flag); err != nil {
			return "", "", err
		}
	}
	switch {
	case observed > today:
		err = usage(lang.T("--observed-on %s est à venir : un constat porte sur ce qui a été observé", "--observed-on %s is yet to come: a finding is about what was observed", observed))
	case f.until < today || f.until < observed:
		err = usage(lang.T("--valid-until %s est passé : le constat serait périmé en naissant", "--valid-until %s has passed: the finding would be born expired", f.until))
	}
	return observed, f.until, err
}
