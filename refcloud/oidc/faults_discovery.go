package oidc

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

var discoveryFaults = []Fault{
	{
		Name: "oidc.discovery-as-text", Group: "discovery",
		Text:  "The discovery document is served as plain text.",
		Front: EditHeader(discoveryPath, func(_ int, h http.Header) { h.Set("Content-Type", "text/plain") }),
	},
	{
		Name: "oidc.issuer-trailing-slash", Group: "discovery",
		Text:  "The discovery document writes the issuer with a slash at the end.",
		Front: EditJSON(discoveryPath, func(s *store, doc map[string]any) { doc["issuer"] = s.issuer + "/" }),
	},
	{
		Name: "oidc.discovery-incomplete", Group: "discovery",
		Text:  "The discovery document doesn't say which subject types there are.",
		Front: EditJSON(discoveryPath, func(_ *store, doc map[string]any) { delete(doc, "subject_types_supported") }),
	},
	{
		Name: "oidc.endpoint-http", Group: "discovery",
		Text: "An endpoint of the discovery document is plain http.",
		Front: EditJSON(discoveryPath, func(s *store, doc map[string]any) {
			doc["device_authorization_endpoint"] = strings.Replace(s.issuer, "https://", "http://", 1) + "/device_authorization"
		}),
	},
	{
		Name: "oidc.endpoint-elsewhere", Group: "discovery",
		Text: "An endpoint of the discovery document is at a host that the offer doesn't declare.",
		Front: EditJSON(discoveryPath, func(_ *store, doc map[string]any) {
			doc["device_authorization_endpoint"] = "https://elsewhere.invalid/device_authorization"
		}),
	},
	{
		Name: "oidc.code-flow-hidden", Group: "discovery",
		Text: "The discovery document leaves the code flow out.",
		Front: EditJSON(discoveryPath, func(_ *store, doc map[string]any) {
			doc["response_types_supported"] = []string{"id_token", "id_token token"}
		}),
	},
	{
		Name: "oidc.pkce-hidden", Group: "discovery",
		Text:  "The discovery document doesn't say that S256 is supported.",
		Front: EditJSON(discoveryPath, func(_ *store, doc map[string]any) { doc["code_challenge_methods_supported"] = []string{"plain"} }),
	},
	{
		Name: "oidc.rs256-hidden", Group: "discovery",
		Text: "The discovery document leaves RS256 out of the algorithms of ID tokens.",
		Front: EditJSON(discoveryPath, func(_ *store, doc map[string]any) {
			doc["id_token_signing_alg_values_supported"] = []string{"ES256"}
		}),
	},
	{
		Name: "oidc.none-offered", Group: "discovery",
		Text: "The discovery document offers ID tokens without a signature.",
		Front: EditJSON(discoveryPath, func(_ *store, doc map[string]any) {
			doc["id_token_signing_alg_values_supported"] = []string{"RS256", "ES256", "none"}
		}),
	},
	{
		Name: "oidc.scope-openid-hidden", Group: "discovery",
		Text:  "The discovery document lists scopes without openid.",
		Front: EditJSON(discoveryPath, func(_ *store, doc map[string]any) { doc["scopes_supported"] = []string{"profile", "email"} }),
	},
}

var keyFaults = []Fault{
	{
		Name: "oidc.jwks-as-html", Group: "jwks",
		Text:  "The key set is served as a web page.",
		Front: EditHeader(keysPath, func(_ int, h http.Header) { h.Set("Content-Type", "text/html; charset=utf-8") }),
	},
	{
		Name: "oidc.jwks-broken-key", Group: "jwks",
		Text: "The key set has an elliptic key whose point is not on its curve.",
		Front: editKeys(func(s *store, keys []any) []any {
			return append(keys, map[string]any{"kty": "EC", "crv": "P-256", "kid": "off", "use": "sig", "x": coordinate(1), "y": coordinate(2)})
		}),
	},
	{
		Name: "oidc.kid-repeated", Group: "jwks",
		Text: "Two keys of the set bear the same identifier.",
		Front: editKeys(func(s *store, keys []any) []any {
			return append(keys, shown(jose.JSONWebKey{Key: weak().Public(), KeyID: s.keys.rsa.id, Use: "enc"}, 2048))
		}),
	},
	{
		Name: "oidc.key-1024", Group: "jwks",
		Text: "The key set has an RSA key of 1024 bits.",
		Front: editKeys(func(_ *store, keys []any) []any {
			return append(keys, shown(jose.JSONWebKey{Key: weak().Public(), KeyID: "weak", Use: "sig", Algorithm: "RS256"}, 1024))
		}),
	},
	{
		Name: "oidc.key-private", Group: "jwks",
		Text: "The key set shows the private half of a key.",
		Front: editKeys(func(s *store, keys []any) []any {
			private := s.keys.ec.private.(*ecdsa.PrivateKey)
			return edited(keys, s.keys.ec.id, func(k map[string]any) {
				text, _ := json.Marshal(jose.JSONWebKey{Key: private})
				var whole map[string]any
				_ = json.Unmarshal(text, &whole)
				k["d"] = whole["d"]
			})
		}),
	},
	{
		Name: "oidc.key-alg-mismatch", Group: "jwks",
		Text: "A key of the set names an algorithm of another kind of key.",
		Front: editKeys(func(s *store, keys []any) []any {
			return edited(keys, s.keys.ec.id, func(k map[string]any) { k["alg"] = "RS256" })
		}),
	},
}

// editKeys edits the keys of the set.
func editKeys(edit func(s *store, keys []any) []any) Front {
	return EditJSON(keysPath, func(s *store, doc map[string]any) {
		if keys, ok := doc["keys"].([]any); ok {
			doc["keys"] = edit(s, keys)
		}
	})
}

// edited edits the key with that identifier.
func edited(keys []any, kid string, edit func(k map[string]any)) []any {
	for _, one := range keys {
		if k, ok := one.(map[string]any); ok && k["kid"] == kid {
			edit(k)
		}
	}
	return keys
}

// weak is an RSA key that is too short, made once. Its modulus is that of a longer
// key, cut: nobody signs with it.
var weak = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err) // only without randomness
	}
	return k
})

// shown writes an RSA key with a modulus of that many bits.
func shown(k jose.JSONWebKey, bits int) map[string]any {
	text, _ := k.MarshalJSON()
	var doc map[string]any
	_ = json.Unmarshal(text, &doc)
	if public, ok := k.Key.(*rsa.PublicKey); ok && bits < public.N.BitLen() {
		doc["n"] = base64.RawURLEncoding.EncodeToString(public.N.Bytes()[:bits/8])
	}
	return doc
}

func coordinate(b byte) string {
	return base64.RawURLEncoding.EncodeToString(append(make([]byte, 31), b))
}

// part is a coordinate of the provider's elliptic key.
func part(s *store, name string) any {
	text, _ := json.Marshal(jose.JSONWebKey{Key: s.keys.ec.private.Public()})
	var doc map[string]any
	_ = json.Unmarshal(text, &doc)
	return doc[name]
}
