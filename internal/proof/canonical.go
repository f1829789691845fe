// Package proof turns facts into things that anyone can check later: canonical
// bytes and their digests, and, built on them, keys, signatures, the transparency
// log and receipts. It knows nothing of what the facts are about.
package proof

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/gowebpki/jcs"
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
	canonical, err := jcs.Transform(plain)
	if err != nil {
		return nil, fmt.Errorf("make JSON canonical: %w", err)
	}
	return canonical, nil
}

// Digest returns the SHA-256 of b, written "sha256:" and 64 hexadecimal digits.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}
