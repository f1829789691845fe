package evidence

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// AnswerKind is what a provider says of a result.
type AnswerKind string

// The answers.
const (
	Accept  AnswerKind = "accept"
	Contest AnswerKind = "contest" // with a reason
	Again   AnswerKind = "rerun"   // asks for one re-run, with the same seed
)

// Answer is what a provider says, before publication, of the result of one check
// in a bundle. It changes neither the result nor a verdict.
type Answer struct {
	Bundle measure.Exhibit   `json:"bundle"`
	Run    string            `json:"run"`
	Offer  catalogue.OfferID `json:"offer"`
	Check  string            `json:"check"`
	Kind   AnswerKind        `json:"kind"`
	Reason string            `json:"reason"`
	On     catalogue.Date    `json:"on"` // when it was signed, as the signer says
	By     measure.Person    `json:"by"`
}

// answerPredicate is what the statement of an answer says; its one subject is the
// bundle.
type answerPredicate struct {
	Run    string            `json:"run"`
	Offer  catalogue.OfferID `json:"offer"`
	Check  string            `json:"check"`
	Kind   AnswerKind        `json:"kind"`
	Reason string            `json:"reason"`
	On     catalogue.Date    `json:"on"`
	By     string            `json:"by"` // id of the key
}

func (p *answerPredicate) check(subjects []proof.Subject) error {
	switch {
	case len(subjects) != 1:
		return errors.New("an answer is about one bundle")
	case !slices.Contains([]AnswerKind{Accept, Contest, Again}, p.Kind):
		return fmt.Errorf("unknown answer %.20q", p.Kind)
	case p.Kind == Contest && strings.TrimSpace(p.Reason) == "":
		return errors.New("contested without a reason")
	}
	return errors.Join(
		checkLine("the run", p.Run), checkID("the offer", string(p.Offer)), checkLine("the check", p.Check),
		checkText("the reason", p.Reason, 0, maxTextLength), checkDate("its date", p.On), checkLine("the signer", p.By),
	)
}

// NewAnswer writes and signs an answer.
func NewAnswer(a Answer, key *proof.Key) (*proof.Envelope, error) {
	p := &answerPredicate{Run: a.Run, Offer: a.Offer, Check: a.Check, Kind: a.Kind, Reason: a.Reason, On: a.On, By: key.Public().ID()}
	return newSigned(AnswerType, p, []measure.Exhibit{a.Bundle}, key)
}

// ReadAnswer reads an answer, which somebody whom the ring knows has signed alone.
func ReadAnswer(e *proof.Envelope, ring *proof.Ring) (Answer, error) {
	p := &answerPredicate{}
	if err := readSigned(e, AnswerType, p); err != nil {
		return Answer{}, err
	}
	by, err := signers(e, ring, p.On)
	if err != nil {
		return Answer{}, err
	}
	if len(e.Signers()) != 1 || by[0].Key != p.By {
		return Answer{}, refused(lang.T("la réponse est signée par %q, et non par %s seul", "the answer is signed by %q, not by %s alone", e.Signers(), p.By), nil)
	}
	subject := e.Statement.Subject[0]
	return Answer{measure.Exhibit{Name: subject.Name, Digest: subject.SHA256()}, p.Run, p.Offer, p.Check, p.Kind, p.Reason, p.On, by[0]}, nil
}

// VerifyAnswer says what holds of an answer's envelope; the error, of kind
// fault.Invalid, says what doesn't.
func VerifyAnswer(e *proof.Envelope, ring *proof.Ring, on catalogue.Date) ([]lang.Text, error) {
	a, err := ReadAnswer(e, ring)
	if err != nil {
		return nil, err
	}
	held := []lang.Text{a.Text(), lang.T("sur le dossier de preuves %s (%s), campagne %s", "about the bundle %s (%s), run %s", a.Bundle.Name, a.Bundle.Digest, a.Run)}
	if a.On > on {
		return held, refused(lang.T("datée du %s, après le %s", "dated %s, after %s", a.On, on), nil)
	}
	return held, nil
}

// Text is the answer as a sentence without its full stop.
func (a Answer) Text() lang.Text {
	said := map[AnswerKind]lang.Text{
		Accept: lang.T("accepte le résultat de", "accepts the result of"), Contest: lang.T("conteste le résultat de", "contests the result of"), Again: lang.T("demande une nouvelle exécution de", "asks for a re-run of"),
	}[a.Kind]
	t := lang.T("le %s, %s (clé %s) %s %s sur %s", "on %s, %s (key %s) %s %s on %s", a.On, a.By.Holder, a.By.Key, said, a.Check, a.Offer)
	if a.Reason != "" {
		t = lang.T("%s : « %s »", "%s: \"%s\"", t, a.Reason)
	}
	return t
}

// Rerun says of which bundle a run measures some checks again, and who asked.
type Rerun struct {
	Of      string   `json:"of"` // digest of the bundle
	Run     string   `json:"run"`
	Answers []string `json:"answers"` // digests of the answers that ask for it
}
