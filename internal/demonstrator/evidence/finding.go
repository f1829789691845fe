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

// findingPredicate is what the statement of a finding says; its subjects are the
// evidence.
type findingPredicate struct {
	Offer      catalogue.OfferID  `json:"offer"`
	Target     catalogue.TargetID `json:"target"`
	Asked      catalogue.Manual   `json:"asked"`     // as the catalogue put it
	Catalogue  string             `json:"catalogue"` // its digest
	Answer     measure.Share      `json:"answer"`
	Note       string             `json:"note"`
	Observer   string             `json:"observer"` // id of the key that signs first
	Observed   catalogue.Date     `json:"observed_on"`
	ValidUntil catalogue.Date     `json:"valid_until"`
}

func (p *findingPredicate) check(subjects []proof.Subject) error {
	_, catalogued := proof.HexDigest(p.Catalogue)
	switch {
	case !catalogued:
		return errors.New("the catalogue is not a digest")
	case p.Asked.Approvers < 2 || p.Asked.Approvers > 9:
		return errors.New("a finding is for 2 to 9 people to sign")
	case p.Answer < 0 || p.Answer > measure.Whole:
		return errors.New("the answer is not between 0 % and 100 %")
	case p.ValidUntil < p.Observed:
		return errors.New("it ends before it was observed")
	case len(subjects) == 0:
		return errors.New("it rests on no evidence")
	case slices.ContainsFunc(subjects, func(s proof.Subject) bool { return strings.ContainsAny(s.Name, `/\`) }):
		return errors.New("the name of a file of evidence is a path")
	}
	return errors.Join(
		checkID("the offer", string(p.Offer)), checkID("the target", string(p.Target)),
		checkText("the question", p.Asked.Question.FR, 1, maxTextLength), checkText("the question", p.Asked.Question.EN, 1, maxTextLength),
		checkText("the evidence asked for", p.Asked.Evidence.FR, 0, maxTextLength), checkText("the evidence asked for", p.Asked.Evidence.EN, 0, maxTextLength),
		checkText("the note", p.Note, 0, maxTextLength), checkLine("the observer", p.Observer),
		checkDate("the day of observation", p.Observed), checkDate("the last day", p.ValidUntil),
	)
}

// SignedFinding is a finding's file. By, in the finding, is empty until Check.
type SignedFinding struct {
	measure.Finding
	Observer  string // id of the key
	Catalogue string // digest of the catalogue that asked
	Envelope  *proof.Envelope
}

// NewFinding writes a finding that the observer signs, on a target that is asked
// in the catalogue of that digest.
func NewFinding(f measure.Finding, digest string, key *proof.Key) (*SignedFinding, error) {
	p := &findingPredicate{
		Offer: catalogue.OfferID(f.Offer), Target: catalogue.TargetID(f.Target), Catalogue: digest,
		Asked:  catalogue.Manual{Question: f.Question, Evidence: f.Expects, Approvers: f.Approvers},
		Answer: f.Answer, Note: f.Note, Observer: key.Public().ID(),
		Observed: catalogue.Date(f.Observed), ValidUntil: catalogue.Date(f.ValidUntil),
	}
	e, err := newSigned(FindingType, p, f.Evidence, key)
	if err != nil {
		return nil, err
	}
	return newSignedFinding(e, p), nil
}

// ParseFinding reads a finding's file. No signature is checked yet.
func ParseFinding(text []byte) (*SignedFinding, error) {
	p := &findingPredicate{}
	e, err := parseSigned(text, FindingType, p)
	if err != nil {
		return nil, err
	}
	return newSignedFinding(e, p), nil
}

func newSignedFinding(e *proof.Envelope, p *findingPredicate) *SignedFinding {
	f := &SignedFinding{Observer: p.Observer, Catalogue: p.Catalogue, Envelope: e, Finding: measure.Finding{
		Offer: string(p.Offer), Target: string(p.Target), Question: p.Asked.Question, Expects: p.Asked.Evidence, Approvers: p.Asked.Approvers,
		Answer: p.Answer, Note: p.Note, Observed: string(p.Observed), ValidUntil: string(p.ValidUntil),
	}}
	for _, s := range e.Statement.Subject {
		f.Evidence = append(f.Evidence, measure.Exhibit{Name: s.Name, Digest: s.SHA256()})
	}
	return f
}

// Check says who of the ring signed, in By: the observer first, who must be
// trusted, then the approvers. A signature of a key that the ring doesn't know
// counts for nothing; see Unknown.
func (f *SignedFinding) Check(ring *proof.Ring) error {
	by, err := signers(f.Envelope, ring, catalogue.Date(f.Observed))
	if err != nil {
		return err
	}
	if first := f.Envelope.Signers()[0]; first != f.Observer {
		return refused(lang.T("la première signature est de %s, et non de %s, qui dit avoir observé", "the first signature is of %s, not of %s, who is said to have observed", first, f.Observer), nil)
	}
	if by[0].Key != f.Observer {
		return unknownSigner(f.Observer)
	}
	f.By = by
	return nil
}

// Unknown lists the keys that signed and that the ring doesn't know.
func (f *SignedFinding) Unknown(ring *proof.Ring) []string {
	return slices.DeleteFunc(f.Envelope.Signers(), func(id string) bool { _, ok := ring.Find(id); return ok })
}

// Approve adds the signature of somebody else than those who signed before. The
// finding was checked.
func (f *SignedFinding) Approve(key *proof.Key, id proof.Identity) error {
	if err := sign(f.Envelope, f.By, key, id); err != nil {
		return err
	}
	f.By = append(f.By, measure.Person{Key: id.Key.ID(), Holder: id.Holder, Role: id.Role})
	return nil
}

// VerifyFinding says what holds of a finding's envelope on a date; the error, of
// kind fault.Invalid, says what doesn't. Whether its target still asks the same
// is for a catalogue to say.
func VerifyFinding(e *proof.Envelope, ring *proof.Ring, on catalogue.Date) ([]lang.Text, error) {
	p := &findingPredicate{}
	if err := readSigned(e, FindingType, p); err != nil {
		return nil, err
	}
	f := newSignedFinding(e, p)
	if err := f.Check(ring); err != nil {
		return nil, err
	}
	held := []lang.Text{
		lang.T("constat sur la cible %s de l'offre %s : réponse %s", "finding on the target %s of the offer %s: answer %s", f.Target, f.Offer,
			lang.Text{FR: strings.Replace(f.Answer.String(), ".", ",", 1), EN: f.Answer.String()}),
		lang.T("observé le %s et signé par %s (clé %s)", "observed on %s and signed by %s (key %s)", f.Observed, f.By[0].Holder, f.By[0].Key),
	}
	for _, p := range f.By[1:] {
		held = append(held, lang.T("approuvé par %s (clé %s)", "approved by %s (key %s)", p.Holder, p.Key))
	}
	switch {
	case f.Observed > string(on):
		return held, refused(lang.T("observé le %s, après le %s", "observed on %s, after %s", f.Observed, on), nil)
	case f.ValidUntil < string(on):
		return held, refused(lang.T("périmé : valable jusqu'au %s", "expired: valid until %s", f.ValidUntil), nil)
	case len(f.By) < f.Approvers:
		return held, refused(lang.T("en attente d'approbation : %d personnes sur %d ont signé", "awaiting approval: %d of %d people have signed", len(f.By), f.Approvers), nil)
	}
	return append(held, lang.T("valable jusqu'au %s", "valid until %s", f.ValidUntil)), nil
}
