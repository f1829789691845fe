package evidence

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// What people sign, each in a file of its own: an envelope whose statement has
// one of these types.
const (
	FindingType   = "https://aloi.dev/finding/v1"
	AnswerType    = "https://aloi.dev/answer/v1"
	ExceptionType = "https://aloi.dev/exception/v1"
)

var kinds = map[string]lang.Text{
	RunType: lang.T("une campagne", "a run"), FindingType: lang.T("un constat", "a finding"),
	AnswerType: lang.T("une réponse", "an answer"), ExceptionType: lang.T("une dérogation", "an exception"),
}

func kindOf(t string) lang.Text {
	if k, ok := kinds[t]; ok {
		return k
	}
	return lang.Same(fmt.Sprintf("%.100q", t))
}

// predicate is what such a statement says; check refuses what no command of ours
// would have written.
type predicate interface {
	check(subjects []proof.Subject) error
}

// parseSigned reads an envelope and its predicate. No signature is checked yet.
func parseSigned(text []byte, kind string, into predicate) (*proof.Envelope, error) {
	e, err := proof.ParseEnvelope(text)
	if err != nil {
		return nil, refused(lang.T("ce n'est pas une déclaration signée intacte", "this is not an intact signed statement"), err)
	}
	return e, readSigned(e, kind, into)
}

func readSigned(e *proof.Envelope, kind string, into predicate) error {
	s := e.Statement
	if s.PredicateType != kind {
		return refused(lang.T("c'est %s, pas %s", "this is %s, not %s", kindOf(s.PredicateType), kindOf(kind)), nil)
	}
	err := proof.Decode(s.Predicate, into)
	if err == nil {
		err = checkSubjects(s.Subject)
	}
	if err == nil {
		err = into.check(s.Subject)
	}
	if err != nil {
		return refused(lang.T("le contenu n'a pas la forme attendue (%s)", "the content is not of the expected form (%s)", kindOf(kind)), err)
	}
	return nil
}

// newSigned writes a statement and signs it.
func newSigned(kind string, p predicate, subjects []measure.Exhibit, key *proof.Key) (*proof.Envelope, error) {
	pairs := make([][2]string, len(subjects))
	for i, s := range subjects {
		pairs[i] = [2]string{s.Name, s.Digest}
	}
	statement, err := proof.NewStatement(kind, p, pairs...)
	if err != nil {
		return nil, err
	}
	if err := readSigned(&proof.Envelope{Statement: statement}, kind, p); err != nil {
		return nil, err
	}
	return proof.Seal(statement, key)
}

func checkSubjects(subjects []proof.Subject) error {
	for i, s := range subjects {
		if _, ok := proof.HexDigest(s.SHA256()); !ok || len(s.Digest) != 1 {
			return fmt.Errorf("subject %d has no SHA-256 of its own", i+1)
		}
		if err := checkLine("the name of a subject", s.Name); err != nil {
			return err
		}
		if slices.ContainsFunc(subjects[:i], func(other proof.Subject) bool { return other.Name == s.Name }) {
			return fmt.Errorf("two subjects have the name %q", s.Name)
		}
	}
	return nil
}

// signers returns who of the ring signed, in the order of signing, each person
// once: two keys of one holder are one person. A key must not have been replaced
// before the day of what it signs.
func signers(e *proof.Envelope, ring *proof.Ring, day catalogue.Date) ([]measure.Person, error) {
	by, err := e.Verify(ring)
	var untrusted *proof.Untrusted
	switch {
	case errors.As(err, &untrusted) && len(untrusted.Signers) == 0:
		return nil, refused(lang.T("personne n'a signé", "nobody has signed"), nil)
	case errors.As(err, &untrusted):
		return nil, unknownSigner(untrusted.Signers...)
	case err != nil:
		return nil, refused(lang.T("une signature est fausse : la déclaration a été changée ou forgée", "a signature is wrong: the statement was changed or forged"), err)
	}
	var people []measure.Person
	for _, id := range by {
		if at, ok := ring.ReplacedAt(id.Key.ID()); ok && catalogue.DateOf(at.UTC()) < day {
			return nil, refused(lang.T("la clé %s a été remplacée le %s, avant ce qu'elle signe (%s)", "the key %s was replaced on %s, before what it signs (%s)", id.Key.ID(), catalogue.DateOf(at.UTC()), day), nil)
		}
		if !slices.ContainsFunc(people, func(p measure.Person) bool { return SameHolder(p.Holder, id.Holder) }) {
			people = append(people, measure.Person{Key: id.Key.ID(), Holder: id.Holder, Role: id.Role})
		}
	}
	return people, nil
}

func unknownSigner(ids ...string) error {
	return refused(lang.T("signé par %s, à qui vous ne faites pas confiance : « aloi key trust FICHIER » ou « --trust FICHIER » avec sa clé publique, obtenue de son titulaire",
		"signed by %s, whom you don't trust: `aloi key trust FILE` or `--trust FILE` with the public key, obtained from its holder", strings.Join(ids, ", ")), nil)
}

// SameHolder reports whether two keys are the same person's: their holders read
// alike, whatever the case, the spaces and the way to write accents.
func SameHolder(a, b string) bool { return folded(a) == folded(b) }

func folded(holder string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(holder))), " ")
}

// sign adds the signature of somebody who has not signed yet, in any guise.
func sign(e *proof.Envelope, people []measure.Person, key *proof.Key, id proof.Identity) error {
	for _, p := range people {
		if SameHolder(p.Holder, id.Holder) {
			return fault.New(fault.Conflict, lang.T("%s a déjà signé, avec la clé %s : il faut la signature d'une autre personne", "%s has signed already, with the key %s: another person must sign", p.Holder, p.Key))
		}
	}
	if err := e.Sign(key); err != nil {
		return fault.Wrap(fault.Conflict, lang.T("déjà signé", "signed already"), err)
	}
	return nil
}

// The limits of what people write, in characters.
const (
	maxNameLength = 200
	maxTextLength = 4000
)

// checkLine wants one line of visible characters, and at least one.
func checkLine(what, s string) error {
	if strings.ContainsRune(s, '\n') {
		return fmt.Errorf("%s is not one line", what)
	}
	return checkText(what, s, 1, maxNameLength)
}

func checkText(what, s string, least, most int) error {
	n := utf8.RuneCountInString(s)
	switch {
	case n < least || n > most:
		return fmt.Errorf("%s has %d characters, and wants %d to %d", what, n, least, most)
	case strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && !unicode.IsGraphic(r) }):
		return fmt.Errorf("%s has invisible characters", what)
	case strings.TrimSpace(s) == "" && least > 0:
		return fmt.Errorf("%s is blank", what)
	}
	return nil
}

func checkDate(what string, d catalogue.Date) error {
	if _, err := time.Parse(time.DateOnly, string(d)); err != nil {
		return fmt.Errorf("%s is not a date: %.20q", what, d)
	}
	return nil
}

// checkID wants an id as the catalogue writes them.
func checkID(what, id string) error {
	begins := id != "" && id[0] >= 'a' && id[0] <= 'z'
	if !begins || len(id) > 60 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("%s is not an id: %.80q", what, id)
	}
	return nil
}
