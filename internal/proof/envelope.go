package proof

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// The types of what an envelope holds (in-toto attestation framework, v1).
const (
	payloadType   = "application/vnd.in-toto+json"
	statementType = "https://in-toto.io/Statement/v1"
)

// Statement is an in-toto statement: something is said (the predicate) about
// things that are named by their digests (the subjects).
type Statement struct {
	Type          string          `json:"_type"`
	Subject       []Subject       `json:"subject"`
	PredicateType string          `json:"predicateType"` // a URI that says how to read the predicate
	Predicate     json.RawMessage `json:"predicate"`
}

// Subject is a thing that a statement is about.
type Subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"` // {"sha256": 64 hexadecimal digits}
}

// SHA256 returns the subject's digest as Digest writes it; of a subject that has
// none, a text that is no digest.
func (s Subject) SHA256() string { return digestPrefix + s.Digest["sha256"] }

// NewStatement makes a statement; subjects are given by name and Digest.
func NewStatement(predicateType string, predicate any, subjects ...[2]string) (Statement, error) {
	s := Statement{Type: statementType, PredicateType: predicateType, Subject: []Subject{}}
	for _, subject := range subjects {
		digits, ok := HexDigest(subject[1])
		if !ok {
			return s, fmt.Errorf("%q is not a digest", subject[1])
		}
		s.Subject = append(s.Subject, Subject{Name: subject[0], Digest: map[string]string{"sha256": digits}})
	}
	var err error
	s.Predicate, err = Canonical(predicate)
	return s, err
}

// About returns the digest of the subject with that name.
func (s Statement) About(name string) (string, bool) {
	for _, subject := range s.Subject {
		if subject.Name == name {
			digest := subject.SHA256()
			_, ok := HexDigest(digest)
			return digest, ok
		}
	}
	return "", false
}

// Envelope is a statement with its signatures (DSSE v1). Its bytes are canonical
// JSON with standard base64, so that one content has one encoding.
type Envelope struct {
	Statement Statement
	wire      dsse.Envelope
	payload   []byte
}

// NewEnvelope wraps a statement; it bears no signature yet.
func NewEnvelope(s Statement) (*Envelope, error) {
	payload, err := Canonical(s)
	if err != nil {
		return nil, err
	}
	wire := dsse.Envelope{PayloadType: payloadType, Payload: base64.StdEncoding.EncodeToString(payload), Signatures: []dsse.Signature{}}
	return &Envelope{s, wire, payload}, nil
}

// Seal is NewEnvelope with the signatures of the keys, in their order.
func Seal(s Statement, keys ...*Key) (*Envelope, error) {
	e, err := NewEnvelope(s)
	for _, k := range keys {
		if err == nil {
			err = e.Sign(k)
		}
	}
	return e, err
}

// Sign adds the signature of a key that has not signed yet.
func (e *Envelope) Sign(k *Key) error {
	id := k.Public().ID()
	if slices.Contains(e.Signers(), id) {
		return fmt.Errorf("the key %s has signed already", id)
	}
	sig := k.sign(dsse.PAE(payloadType, e.payload))
	e.wire.Signatures = append(e.wire.Signatures, dsse.Signature{KeyID: id, Sig: base64.StdEncoding.EncodeToString(sig)})
	return nil
}

// Signers returns the ids of the keys that are said to have signed.
func (e *Envelope) Signers() []string {
	var ids []string
	for _, s := range e.wire.Signatures {
		ids = append(ids, s.KeyID)
	}
	return ids
}

// Bytes returns the canonical encoding.
func (e *Envelope) Bytes() ([]byte, error) { return Canonical(e.wire) }

// ParseEnvelope reads an envelope in its canonical encoding. It checks no
// signature: see Verify.
func ParseEnvelope(text []byte) (*Envelope, error) {
	e := &Envelope{}
	if err := Decode(text, &e.wire); err != nil {
		return nil, err
	}
	if e.wire.PayloadType != payloadType {
		return nil, fmt.Errorf("an envelope of %q, not of an in-toto statement", e.wire.PayloadType)
	}
	var err error
	if e.payload, err = decodeBase64(e.wire.Payload); err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	if err := Decode(e.payload, &e.Statement); err != nil {
		return nil, fmt.Errorf("statement: %w", err)
	}
	if e.Statement.Type != statementType {
		return nil, fmt.Errorf("a statement of type %q, not %q", e.Statement.Type, statementType)
	}
	for i, id := range e.Signers() {
		if _, err := decodeBase64(e.wire.Signatures[i].Sig); err != nil {
			return nil, fmt.Errorf("signature %d: %w", i+1, err)
		}
		if slices.Contains(e.Signers()[:i], id) {
			return nil, fmt.Errorf("the key %s signs twice", id)
		}
	}
	return e, nil
}

// decodeBase64 reads standard base64 and refuses a second way to write it.
func decodeBase64(text string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || base64.StdEncoding.EncodeToString(b) != text {
		return nil, errors.New("not canonical base64")
	}
	return b, nil
}

// Untrusted is the error of an envelope signed by nobody that the ring knows.
type Untrusted struct{ Signers []string }

func (e *Untrusted) Error() string {
	return fmt.Sprintf("signed by %q, none of them trusted", e.Signers)
}

// Forged is the error of a signature that its key did not make.
type Forged struct{ Signer string }

func (e *Forged) Error() string { return "the signature of " + e.Signer + " is wrong" }

// Verify returns the identities of the ring that signed. Signatures of unknown
// keys say nothing; a wrong one of a known key is refused, and so is an envelope
// that nobody known has signed.
func (e *Envelope) Verify(ring *Ring) ([]Identity, error) {
	var by []Identity
	message := dsse.PAE(payloadType, e.payload)
	for _, s := range e.wire.Signatures {
		id, ok := ring.Find(s.KeyID)
		if !ok {
			continue
		}
		sig, err := decodeBase64(s.Sig)
		if err != nil || !id.Key.verify(message, sig) {
			return nil, &Forged{s.KeyID}
		}
		by = append(by, id)
	}
	if len(by) == 0 {
		return nil, &Untrusted{e.Signers()}
	}
	return by, nil
}
