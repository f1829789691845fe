// Package proof turns facts into things that anyone can check later: canonical
// bytes and their digests, keys and their succession, signed envelopes, the
// transparency log with its proofs, and the archive that holds them. It knows
// nothing of what the facts are about.
//
// Every format is a published one: JSON canonicalization (RFC 8785), Ed25519
// (RFC 8032), signed notes, tiled logs and their proofs (C2SP; RFC 6962), DSSE
// envelopes with in-toto statements, and zip without compression.
package proof

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"strings"
)

// Canonical returns the one JSON encoding that RFC 8785 gives to v: object keys in
// UTF-16 order, no space, numbers as ECMAScript writes them. Two values that
// encoding/json writes alike have the same bytes on every machine.
//
// Whole numbers beyond 2^53 and texts that are not UTF-8 don't survive such an
// encoding; the caller keeps them out of v or writes them as strings.
func Canonical(v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode as JSON: %w", err)
	}
	canonical, err := Canonicalize(plain)
	if err != nil {
		return nil, fmt.Errorf("make JSON canonical: %w", err)
	}
	return canonical, nil
}

const digestPrefix = "sha256:"

// Digest returns the SHA-256 of b, written "sha256:" and 64 hexadecimal digits.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return digestPrefix + hex.EncodeToString(sum[:])
}

// Digester is Digest for what is too long to be held: the digest of all that was
// written to it.
type Digester struct{ sum hash.Hash }

// NewDigester returns a Digester of nothing yet.
func NewDigester() Digester { return Digester{sha256.New()} }

// Write adds p; it never fails.
func (d Digester) Write(p []byte) (int, error) { return d.sum.Write(p) }

// Digest returns the digest of all that was written.
func (d Digester) Digest() string { return digestPrefix + hex.EncodeToString(d.sum.Sum(nil)) }

// HexDigest returns the 64 hexadecimal digits of a digest, as in-toto writes
// them; false when it isn't one.
func HexDigest(digest string) (string, bool) {
	digits, ok := strings.CutPrefix(digest, digestPrefix)
	b, err := hex.DecodeString(digits)
	return digits, ok && err == nil && len(b) == sha256.Size && digits == strings.ToLower(digits)
}
