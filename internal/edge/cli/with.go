package cli

import (
	"path/filepath"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/report"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// withFolder holds the reports that show answers and exceptions, in the folder of
// those that don't.
const withFolder = "answered"

// with adds answers and exceptions to what a report shows. Verdicts and scores
// stay as they are.
func (s *State) with(view *report.View, path string, files, trust []string) error {
	ring, err := s.ring(trust)
	if err != nil {
		return err
	}
	seen := map[string]string{}
	for _, file := range files {
		e, err := s.readSigned(file)
		if err != nil {
			return err
		}
		data, err := e.Bytes()
		if err != nil {
			return err
		}
		digest := proof.Digest(data)
		if first, twice := seen[digest]; twice {
			return fault.New(fault.Invalid, lang.T("%s et %s sont le même fichier", "%s and %s are the same file", first, file))
		}
		seen[digest] = file
		switch e.Statement.PredicateType {
		case evidence.AnswerType:
			err = s.withAnswer(view, path, e, ring)
		case evidence.ExceptionType:
			err = s.withException(view, path, e, ring)
		default:
			err = fault.New(fault.Invalid, lang.T("ni une réponse, ni une dérogation", "neither an answer nor an exception"))
		}
		if err != nil {
			return in(file, err)
		}
	}
	return nil
}

func (s *State) withAnswer(view *report.View, path string, e *proof.Envelope, ring *proof.Ring) error {
	a, err := evidence.ReadAnswer(e, ring)
	if err != nil {
		return err
	}
	if err := s.aboutBundle(view.Record, path, a.Bundle.Name, a.Bundle.Digest); err != nil {
		return err
	}
	if err := hasOffer(view.Record, a.Offer); err != nil {
		return err
	}
	if !slices.ContainsFunc(view.Record.Plan.Checks, func(c evidence.CheckPlan) bool { return c.ID == a.Check }) {
		return fault.New(fault.Invalid, lang.T("la campagne n'a pas de vérification %s", "the run has no check %s", a.Check))
	}
	view.Answers = append(view.Answers, a)
	return nil
}

func (s *State) withException(view *report.View, path string, e *proof.Envelope, ring *proof.Ring) error {
	x, err := evidence.ReadException(e)
	if err != nil {
		return err
	}
	if err := x.Check(ring); err != nil {
		return err
	}
	if x.Bundle != nil {
		if err := s.aboutBundle(view.Record, path, x.Bundle.Name, x.Bundle.Digest); err != nil {
			return err
		}
	}
	if err := hasOffer(view.Record, x.Offer); err != nil {
		return err
	}
	view.Exceptions = append(view.Exceptions, x.Stand(catalogue.Date(day(s.Now()))))
	return nil
}

func hasOffer(r *evidence.Record, id catalogue.OfferID) error {
	if slices.ContainsFunc(r.Offers, func(o catalogue.Offer) bool { return o.ID == id }) {
		return nil
	}
	return fault.New(fault.Invalid, lang.T("l'offre %s n'est pas dans la campagne %s", "the offer %s is not in the run %s", id, r.Plan.Run))
}

// aboutBundle wants the bundle of what is reported: itself, or the one that was
// sealed from the run folder.
func (s *State) aboutBundle(r *evidence.Record, path, name, digest string) error {
	bundle := path
	if !strings.HasSuffix(path, evidence.Ext) {
		bundle = filepath.Join(path, r.Plan.Run+evidence.Ext)
	}
	have, err := s.bundleExhibit(bundle)
	if err != nil {
		return fault.Wrap(fault.NotFound, lang.T("il faut le dossier de preuves de la campagne (aloi seal %s)", "the bundle of the run is needed (aloi seal %s)", path), err)
	}
	if have.Digest != digest {
		return otherBundle(name)
	}
	return nil
}
