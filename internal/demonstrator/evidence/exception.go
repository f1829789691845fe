package evidence

import (
	"errors"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// secondSignature is how many people an exception takes.
const secondSignature = 2

// Exception says that somebody takes it upon themselves to go without something,
// until a date. It changes no result and no verdict, and never counts as passed.
type Exception struct {
	Bundle  *measure.Exhibit  `json:"bundle,omitempty"` // what it was written about, if only that
	Offer   catalogue.OfferID `json:"offer"`
	Scope   []string          `json:"scope"` // ids of targets, and patterns of checks
	Owner   string            `json:"owner"` // who answers for it
	Reason  string            `json:"reason"`
	On      catalogue.Date    `json:"on"`      // when it was signed first, as the signer says
	Expires catalogue.Date    `json:"expires"` // its last day
	By      []measure.Person  `json:"by"`      // who signed, nobody twice
}

// exceptionPredicate is what the statement of an exception says; its subject, if
// it has one, is a bundle.
type exceptionPredicate struct {
	Offer   catalogue.OfferID `json:"offer"`
	Scope   []string          `json:"scope"`
	Owner   string            `json:"owner"`
	Reason  string            `json:"reason"`
	On      catalogue.Date    `json:"on"`
	Expires catalogue.Date    `json:"expires"`
	By      string            `json:"by"` // id of the key that signs first
}

func (p *exceptionPredicate) check(subjects []proof.Subject) error {
	switch {
	case len(subjects) > 1:
		return errors.New("an exception is about one bundle at most")
	case len(p.Scope) == 0 || len(p.Scope) > 100:
		return errors.New("its scope has 1 to 100 targets and patterns of checks")
	case p.Expires < p.On:
		return errors.New("it ends before it was signed")
	}
	err := errors.Join(
		checkID("the offer", string(p.Offer)), checkLine("the owner", p.Owner), checkText("the reason", p.Reason, 1, maxTextLength),
		checkDate("its date", p.On), checkDate("its last day", p.Expires), checkLine("the signer", p.By),
	)
	for i, s := range p.Scope {
		err = errors.Join(err, checkLine("the scope", s))
		if slices.Contains(p.Scope[:i], s) {
			err = errors.Join(err, errors.New("its scope says the same twice"))
		}
	}
	return err
}

// SignedException is an exception's file. By, in the exception, is empty until
// Check.
type SignedException struct {
	Exception
	Author   string // id of the key that signs first
	Envelope *proof.Envelope
}

// NewException writes an exception with its first signature.
func NewException(x Exception, key *proof.Key) (*SignedException, error) {
	p := &exceptionPredicate{Offer: x.Offer, Scope: x.Scope, Owner: x.Owner, Reason: x.Reason, On: x.On, Expires: x.Expires, By: key.Public().ID()}
	var subjects []measure.Exhibit
	if x.Bundle != nil {
		subjects = append(subjects, *x.Bundle)
	}
	e, err := newSigned(ExceptionType, p, subjects, key)
	if err != nil {
		return nil, err
	}
	return newSignedException(e, p), nil
}

// ReadException reads an exception. No signature is checked yet.
func ReadException(e *proof.Envelope) (*SignedException, error) {
	p := &exceptionPredicate{}
	if err := readSigned(e, ExceptionType, p); err != nil {
		return nil, err
	}
	return newSignedException(e, p), nil
}

func newSignedException(e *proof.Envelope, p *exceptionPredicate) *SignedException {
	x := &SignedException{Author: p.By, Envelope: e, Exception: Exception{Offer: p.Offer, Scope: p.Scope, Owner: p.Owner, Reason: p.Reason, On: p.On, Expires: p.Expires}}
	for _, s := range e.Statement.Subject {
		x.Bundle = &measure.Exhibit{Name: s.Name, Digest: s.SHA256()}
	}
	return x
}

// Check says who of the ring signed, in By: the author first, who must be
// trusted. A signature of a key that the ring doesn't know counts for nothing.
func (x *SignedException) Check(ring *proof.Ring) error {
	by, err := signers(x.Envelope, ring, x.On)
	if err != nil {
		return err
	}
	if by[0].Key != x.Author || x.Envelope.Signers()[0] != x.Author {
		return unknownSigner(x.Author)
	}
	x.By = by
	return nil
}

// Approve adds the signature of somebody else. The exception was checked.
func (x *SignedException) Approve(key *proof.Key, id proof.Identity) error {
	if err := sign(x.Envelope, x.By, key, id); err != nil {
		return err
	}
	x.By = append(x.By, measure.Person{Key: id.Key.ID(), Holder: id.Holder, Role: id.Role})
	return nil
}

// StateOn says whether the exception is in force on a date.
func (x *Exception) StateOn(on catalogue.Date) measure.FindingState {
	switch {
	case x.On > on:
		return measure.Early
	case x.Expires < on:
		return measure.Expired
	case len(x.By) < secondSignature:
		return measure.Awaiting
	}
	return measure.Approved
}

// CoversTarget reports whether the scope names the target.
func (x *Exception) CoversTarget(id catalogue.TargetID) bool {
	return slices.Contains(x.Scope, string(id))
}

// CoversCheck reports whether a pattern of the scope matches the check.
func (x *Exception) CoversCheck(id string) bool {
	return slices.ContainsFunc(x.Scope, func(p string) bool { return strings.ContainsAny(p, "/*") && measure.Matches(p, id) })
}

// Text is the exception on a date as a sentence without its full stop.
func (x *Exception) Text(on catalogue.Date) lang.Text {
	var names []string
	for _, p := range x.By {
		names = append(names, p.Holder)
	}
	about := lang.T("responsable %s, signée par %s : « %s »", "owner %s, signed by %s: \"%s\"", x.Owner, strings.Join(names, ", "), x.Reason)
	switch x.StateOn(on) {
	case measure.Approved:
		return lang.T("dérogation jusqu'au %s, ne compte pas comme passé ; %s", "exception until %s, does not count as passed; %s", x.Expires, about)
	case measure.Expired:
		return lang.T("dérogation périmée depuis le %s ; %s", "exception expired after %s; %s", x.Expires, about)
	case measure.Early:
		return lang.T("dérogation datée du %s, pas encore en vigueur ; %s", "exception dated %s, not yet in force; %s", x.On, about)
	}
	return lang.T("dérogation sans effet, en attente d'une seconde signature ; %s", "exception without effect, awaiting a second signature; %s", about)
}

// VerifyException says what holds of an exception's envelope on a date; the error,
// of kind fault.Invalid, says what doesn't.
func VerifyException(e *proof.Envelope, ring *proof.Ring, on catalogue.Date) ([]lang.Text, error) {
	x, err := ReadException(e)
	if err == nil {
		err = x.Check(ring)
	}
	if err != nil {
		return nil, err
	}
	held := []lang.Text{lang.T("dérogation sur %s de l'offre %s, responsable %s : « %s »", "exception about %s of the offer %s, owner %s: \"%s\"", strings.Join(x.Scope, ", "), x.Offer, x.Owner, x.Reason)}
	for _, p := range x.By {
		held = append(held, lang.T("signée par %s (clé %s)", "signed by %s (key %s)", p.Holder, p.Key))
	}
	if x.Bundle != nil {
		held = append(held, lang.T("sur le dossier de preuves %s (%s)", "about the bundle %s (%s)", x.Bundle.Name, x.Bundle.Digest))
	}
	switch x.StateOn(on) {
	case measure.Early:
		return held, refused(lang.T("datée du %s, après le %s", "dated %s, after %s", x.On, on), nil)
	case measure.Expired:
		return held, refused(lang.T("périmée : valable jusqu'au %s", "expired: valid until %s", x.Expires), nil)
	case measure.Awaiting:
		return held, refused(lang.T("en attente d'une seconde signature, d'une autre personne", "awaiting a second signature, of another person"), nil)
	}
	return append(held, lang.T("valable jusqu'au %s ; ne compte jamais comme passé", "valid until %s; never counts as passed", x.Expires)), nil
}

// Standing is an exception with its state on the date of a report.
type Standing struct {
	Exception
	State measure.FindingState `json:"state"`
	Said  lang.Text            `json:"said"` // as a sentence
}

// Stand is the exception on a date.
func (x *Exception) Stand(on catalogue.Date) Standing { return Standing{*x, x.StateOn(on), x.Text(on)} }
