package oidc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"fmt"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// key is one of the provider's signing keys. It serves as the library's key to
// sign with and, by public, as the one to publish.
type key struct {
	id      string
	alg     jose.SignatureAlgorithm
	private crypto.Signer
}

func (k *key) ID() string                                  { return k.id }
func (k *key) SignatureAlgorithm() jose.SignatureAlgorithm { return k.alg }
func (k *key) Key() any                                    { return k.private }
func (k *key) public() op.Key                              { return published{k} }

// published is the public half of a key.
type published struct{ *key }

func (p published) Algorithm() jose.SignatureAlgorithm { return p.alg }
func (p published) Use() string                        { return "sig" }
func (p published) Key() any                           { return p.private.Public() }

// keyring holds the provider's keys: it signs with the first unless a variation
// says otherwise, and publishes both.
type keyring struct{ rsa, ec *key }

func newKeyring() (keyring, error) {
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return keyring{}, fmt.Errorf("make a key: %w", err)
	}
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return keyring{}, fmt.Errorf("make a key: %w", err)
	}
	return keyring{
		rsa: &key{id: "rsa-" + randomID(4), alg: jose.RS256, private: r},
		ec:  &key{id: "ec-" + randomID(4), alg: jose.ES256, private: e},
	}, nil
}

// sign returns a compact JWS of a payload.
func (k *key) sign(payload []byte) (string, error) {
	return signWith(k.alg, k.private, k.id, payload)
}

func signWith(alg jose.SignatureAlgorithm, private any, id string, payload []byte) (string, error) {
	options := (&jose.SignerOptions{}).WithType("JWT")
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: private, KeyID: id}}, options)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return signed.CompactSerialize()
}

// randomID returns n random bytes in hexadecimal.
func randomID(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
