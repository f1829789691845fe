package cli

import (
	"slices"

	"aloi.dev/internal/demonstrator/campaign"
	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// rerunFlags refuses with --rerun what would make it another run.
func (f evaluateFlags) rerunFlags(paths []string) error {
	switch {
	case f.rerun == "" && len(f.answers) > 0:
		return usage(lang.T("--answer va avec --rerun DOSSIER.aloi", "--answer goes with --rerun BUNDLE"))
	case f.rerun == "":
		return nil
	case f.seed != 0:
		return usage(lang.T("une nouvelle exécution garde la graine de la première : retirer --seed", "a re-run keeps the seed of the first run: drop --seed"))
	case len(f.only) > 0 || f.class != "" || f.catalogue != "" || len(f.findings) > 0 || len(f.foreign) > 0 || len(f.imports) > 0:
		return usage(lang.T("une nouvelle exécution ne refait que les vérifications demandées, avec le catalogue d'origine : retirer --only, --class, --catalogue, --finding, --foreign et --import",
			"a re-run measures only the checks that were asked for, with the original catalogue: drop --only, --class, --catalogue, --finding, --foreign and --import"))
	case len(paths) != 1:
		return usage(lang.T("une nouvelle exécution porte sur une seule offre", "a re-run is about one offer"))
	case len(f.answers) == 0:
		return usage(lang.T("--answer manque : la réponse signée qui demande la nouvelle exécution", "--answer is missing: the signed answer that asks for the re-run"))
	}
	return nil
}

// again plans a re-run: the seed, the catalogue and the offer are those of the
// bundle, and the checks those whose re-run was asked for.
func (s *State) again(f evaluateFlags, path string) (*campaign.Campaign, error) {
	record, err := s.openBundle(f.rerun)
	if err != nil {
		return nil, err
	}
	if record.Plan.Rerun != nil {
		return nil, in(f.rerun, fault.New(fault.Invalid, lang.T("c'est déjà une nouvelle exécution : il n'y en a qu'une", "this is a re-run already: there is only one")))
	}
	shelf, err := s.loadShelf("")
	if err != nil {
		return nil, err
	}
	candidates, err := s.loadOffers(record.Catalogue, shelf.words(nil), []string{path})
	if err != nil {
		return nil, err
	}
	if err := sameOffer(record, candidates[0], path); err != nil {
		return nil, err
	}
	c := &campaign.Campaign{
		Catalogue: record.Catalogue, Offers: candidates, Parallel: record.Plan.Parallel, Seed: record.Plan.Seed,
		Rerun: &evidence.Rerun{Run: record.Plan.Run},
	}
	subject, err := s.bundleExhibit(f.rerun)
	if err != nil {
		return nil, err
	}
	c.Rerun.Of = subject.Digest
	ring, err := s.ring(f.trust)
	if err != nil {
		return nil, err
	}
	for _, answer := range f.answers {
		check, digest, err := s.asksAgain(answer, ring, record, subject.Digest, candidates[0].Offer.ID)
		if err != nil {
			return nil, in(answer, err)
		}
		if slices.Contains(c.Only, check) {
			return nil, usage(lang.T("la nouvelle exécution de %s est demandée deux fois", "the re-run of %s is asked for twice", check))
		}
		c.Only, c.Rerun.Answers = append(c.Only, check), append(c.Rerun.Answers, digest)
	}
	return c, nil
}

func sameOffer(r *evidence.Record, c campaign.Candidate, path string) error {
	i := slices.IndexFunc(r.Plan.Offers, func(o evidence.OfferPlan) bool { return o.ID == c.Offer.ID })
	if i < 0 {
		return fault.New(fault.Invalid, lang.T("l'offre %s n'est pas dans la campagne %s", "the offer %s is not in the run %s", c.Offer.ID, r.Plan.Run))
	}
	digest, err := c.Offer.Digest()
	if err == nil && digest != r.Plan.Offers[i].Digest {
		err = fault.New(fault.Invalid, lang.T("%s a changé depuis la campagne %s : une nouvelle exécution porte sur la même description", "%s has changed since the run %s: a re-run is about the same description", path, r.Plan.Run))
	}
	return err
}

// asksAgain returns the check that an answer asks to run again, and the digest of
// the answer.
func (s *State) asksAgain(path string, ring *proof.Ring, r *evidence.Record, bundle string, offer catalogue.OfferID) (check, digest string, err error) {
	e, err := s.readSigned(path)
	if err != nil {
		return "", "", err
	}
	a, err := evidence.ReadAnswer(e, ring)
	if err != nil {
		return "", "", err
	}
	switch {
	case a.Kind != evidence.Again:
		err = fault.New(fault.Invalid, lang.T("cette réponse ne demande pas de nouvelle exécution : %s", "this answer asks for no re-run: %s", a.Text()))
	case a.Bundle.Digest != bundle || a.Run != r.Plan.Run:
		err = otherBundle(a.Bundle.Name)
	case a.Offer != offer:
		err = fault.New(fault.Invalid, lang.T("cette réponse porte sur l'offre %s", "this answer is about the offer %s", a.Offer))
	case !slices.Contains(probe.Words(campaign.Suites).Checks(), a.Check):
		err = fault.New(fault.Invalid, lang.T("%s n'est pas une vérification que cet outil sait refaire", "%s is not a check that this tool can run again", a.Check))
	case !slices.ContainsFunc(r.Plan.Checks, func(c evidence.CheckPlan) bool { return c.ID == a.Check }):
		err = fault.New(fault.Invalid, lang.T("la campagne n'a pas de vérification %s", "the run has no check %s", a.Check))
	}
	if err != nil {
		return "", "", err
	}
	data, err := e.Bytes()
	return a.Check, proof.Digest(data), err
}

func otherBundle(name string) error {
	return fault.New(fault.Invalid, lang.T("elle porte sur un autre dossier de preuves, %s", "it is about another bundle, %s", name))
}
