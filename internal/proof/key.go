package proof

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// Keys are written as signed notes write them (C2SP signed-note): a public key
// "NAME+HASH+DATA", a secret key "PRIVATE+KEY+NAME+HASH+DATA". The name with the
// hash is the key's id. One key signs envelopes, checkpoints and identities:
// each begins with other bytes, so that none can be taken for another.
const (
	algEd25519    = 1
	privatePrefix = "PRIVATE+KEY+"
)

// Key is a secret Ed25519 key (RFC 8032). Its signatures are deterministic.
type Key struct {
	name    string
	private ed25519.PrivateKey
}

// NewKey draws a key from random. The name has neither spaces nor plus signs.
func NewKey(name string, random io.Reader) (*Key, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	_, private, err := ed25519.GenerateKey(random)
	if err != nil {
		return nil, fmt.Errorf("draw a key: %w", err)
	}
	return &Key{name, private}, nil
}

// CheckName says what is wrong with the name of a key.
func CheckName(name string) error {
	switch {
	case name == "":
		return errors.New("a key needs a name")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsSpace) || strings.Contains(name, "+"):
		return fmt.Errorf("the name of a key has neither spaces nor plus signs: %q", name)
	}
	return nil
}

// ParseKey reads a secret key; the error never repeats it.
func ParseKey(text string) (*Key, error) {
	text = strings.TrimSpace(text)
	if _, err := note.NewSigner(text); err != nil {
		return nil, errors.New("not a secret key: it is one line that begins with " + privatePrefix)
	}
	parts := strings.Split(strings.TrimPrefix(text, privatePrefix), "+") // the data may hold a plus
	data, err := base64.StdEncoding.DecodeString(strings.Join(parts[2:], "+"))
	if err != nil || len(data) != 1+ed25519.SeedSize || data[0] != algEd25519 {
		return nil, errors.New("not a secret Ed25519 key")
	}
	return &Key{parts[0], ed25519.NewKeyFromSeed(data[1:])}, nil
}

// String hides the secret.
func (k *Key) String() string { return k.Public().ID() + " (secret key)" }

// Secret returns the text that ParseKey reads: whoever has it can sign.
func (k *Key) Secret() string {
	p := k.Public()
	return fmt.Sprintf("%s%s+%08x+%s", privatePrefix, k.name, p.hash, base64.StdEncoding.EncodeToString(append([]byte{algEd25519}, k.private.Seed()...)))
}

// Public returns the public half.
func (k *Key) Public() PublicKey {
	public, _ := k.private.Public().(ed25519.PublicKey)
	return newPublicKey(k.name, public)
}

// sign signs a message of one of the formats of this package.
func (k *Key) sign(message []byte) []byte { return ed25519.Sign(k.private, message) }

// Name and the methods below make a Key a note.Signer.
func (k *Key) Name() string { return k.name }

// KeyHash is the first four bytes of the hash of the name and the public key.
func (k *Key) KeyHash() uint32 { return k.Public().hash }

// Sign signs the text of a note.
func (k *Key) Sign(message []byte) ([]byte, error) { return k.sign(message), nil }

// PublicKey checks signatures. Two are the same key if and only if they are ==.
type PublicKey struct {
	name string
	hash uint32
	key  [ed25519.PublicKeySize]byte
}

func newPublicKey(name string, key ed25519.PublicKey) PublicKey {
	p := PublicKey{name: name}
	copy(p.key[:], key)
	vkey, err := note.NewEd25519VerifierKey(name, key)
	if err != nil {
		panic("proof: a key of the wrong size") // its type forbids it
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		panic("proof: a key with a bad name") // NewKey and the parsers refuse it
	}
	p.hash = v.KeyHash()
	return p
}

// ParsePublicKey reads "NAME+HASH+DATA".
func ParsePublicKey(text string) (PublicKey, error) {
	v, err := note.NewVerifier(text)
	if err != nil {
		return PublicKey{}, errors.New("not a public key: it is one line NAME+HASH+DATA")
	}
	parts := strings.SplitN(text, "+", 3)
	data, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(data) != 1+ed25519.PublicKeySize || data[0] != algEd25519 {
		return PublicKey{}, errors.New("not a public Ed25519 key")
	}
	p := PublicKey{name: v.Name(), hash: v.KeyHash()}
	copy(p.key[:], data[1:])
	if p.String() != text {
		return PublicKey{}, errors.New("not a public key in its canonical form")
	}
	return p, nil
}

// String returns "NAME+HASH+DATA".
func (p PublicKey) String() string {
	return p.ID() + "+" + base64.StdEncoding.EncodeToString(append([]byte{algEd25519}, p.key[:]...))
}

// ID returns "NAME+HASH", by which signatures name their key. Its 32 bits tell
// keys apart, they don't prove which is which: the whole key does.
func (p PublicKey) ID() string {
	return p.name + "+" + fmt.Sprintf("%08x", p.hash)
}

// Bytes returns the 32 bytes of the Ed25519 key.
func (p PublicKey) Bytes() []byte { return p.key[:] }

// IsZero reports whether there is no key.
func (p PublicKey) IsZero() bool { return p == PublicKey{} }

// verify reports whether sig signs the message.
func (p PublicKey) verify(message, sig []byte) bool {
	return len(sig) == ed25519.SignatureSize && ed25519.Verify(p.key[:], message, sig)
}

// Name and the methods below make a PublicKey a note.Verifier.
func (p PublicKey) Name() string { return p.name }

// KeyHash is the first four bytes of the hash of the name and the key.
func (p PublicKey) KeyHash() uint32 { return p.hash }

// Verify checks the signature of a note.
func (p PublicKey) Verify(message, sig []byte) bool { return p.verify(message, sig) }
