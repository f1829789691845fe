package oidc

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

var idTokenFaults = []Fault{
	{
		Name: "oidc.id-token-unknown-key", Group: "id-token",
		Text: "ID tokens are signed with a key that isn't published.",
		Front: resign(func(s *store, payload []byte) (string, error) {
			return signWith(jose.RS256, stranger(), s.keys.rsa.id, payload)
		}),
	},
	{
		Name: "oidc.id-token-unsigned", Group: "id-token",
		Text: "ID tokens bear no signature, and say so.",
		Front: resign(func(_ *store, payload []byte) (string, error) {
			return encoded(map[string]string{"alg": "none", "typ": "JWT"}) + "." + base64.RawURLEncoding.EncodeToString(payload) + ".", nil
		}),
	},
	{
		Name: "oidc.id-token-hmac", Group: "id-token",
		Text: "ID tokens are signed with HS256 and the public key as the secret.",
		Front: resign(func(s *store, payload []byte) (string, error) {
			public := s.keys.rsa.private.Public().(*rsa.PublicKey)
			return signWith(jose.HS256, public.N.Bytes(), s.keys.rsa.id, payload)
		}),
	},
	{
		Name: "oidc.id-token-altered", Group: "id-token",
		Text: "ID tokens are changed after they were signed.",
		Front: EditJSON(tokenPath, func(_ *store, doc map[string]any) {
			text, _ := doc["id_token"].(string)
			claims := claimsOf(text)
			if claims == nil {
				return
			}
			claims["edited"] = true
			parts := strings.Split(text, ".")
			doc["id_token"] = parts[0] + "." + encoded(claims) + "." + parts[2]
		}),
	},
	{
		Name: "oidc.id-token-other-issuer", Group: "id-token",
		Text:  "ID tokens name another issuer than the discovery document.",
		Front: EditToken(func(c map[string]any) { c["iss"] = strings.Replace(c["iss"].(string), "/realms/", "/realm/", 1) }),
	},
	{
		Name: "oidc.id-token-other-audience", Group: "id-token",
		Text: "ID tokens are for another client.",
		Front: EditToken(func(c map[string]any) {
			c["aud"] = "somebody-else"
			delete(c, "azp")
		}),
	},
	{
		Name: "oidc.id-token-other-party", Group: "id-token",
		Text: "ID tokens are for several clients, and authorise another one.",
		Front: EditToken(func(c map[string]any) {
			c["aud"] = []any{first(c["aud"]), "somebody-else"}
			c["azp"] = "somebody-else"
		}),
	},
	{
		Name: "oidc.id-token-expired", Group: "id-token",
		Text: "ID tokens have expired when they arrive.",
		Front: EditToken(func(c map[string]any) {
			c["iat"], c["exp"] = time.Now().Add(-2*time.Hour).Unix(), time.Now().Add(-time.Hour).Unix()
		}),
	},
	{
		Name: "oidc.id-token-eternal", Group: "id-token",
		Text:  "ID tokens live for ten years.",
		Front: EditToken(func(c map[string]any) { c["exp"] = time.Now().AddDate(10, 0, 0).Unix() }),
	},
	{
		Name: "oidc.id-token-future", Group: "id-token",
		Text:  "ID tokens were issued an hour from now.",
		Front: EditToken(func(c map[string]any) { c["iat"] = time.Now().Add(time.Hour).Unix() }),
	},
	{
		Name: "oidc.nonce-missing", Group: "id-token",
		Text:  "ID tokens lack the nonce.",
		Front: EditToken(func(c map[string]any) { delete(c, "nonce") }),
	},
	{
		Name: "oidc.nonce-lower-case", Group: "id-token",
		Text: "The nonce comes back in lower case.",
		Front: EditToken(func(c map[string]any) {
			if nonce, ok := c["nonce"].(string); ok {
				c["nonce"] = strings.ToLower(nonce)
			}
		}),
	},
	{
		Name: "oidc.at-hash-whole", Group: "id-token",
		Text:  "The hash of the access token isn't that of the access token.",
		Front: EditToken(func(c map[string]any) { c["at_hash"] = base64.RawURLEncoding.EncodeToString(make([]byte, 16)) }),
	},
	{
		Name: "oidc.auth-time-missing", Group: "id-token",
		Text:  "ID tokens don't say when the person signed in, though the client asked.",
		Front: EditToken(func(c map[string]any) { delete(c, "auth_time") }),
	},
	{
		Name: "oidc.auth-time-old", Group: "id-token",
		Text:  "ID tokens say that the person signed in a day ago.",
		Front: EditToken(func(c map[string]any) { c["auth_time"] = time.Now().AddDate(0, 0, -1).Unix() }),
	},
	{
		Name: "oidc.subject-random", Group: "id-token",
		Text:  "A person has another subject in each ID token.",
		Front: EditToken(func(c map[string]any) { c["sub"] = randomID(8) }),
	},
}

// resign signs the ID tokens of token responses in a wrong way.
func resign(sign func(s *store, payload []byte) (string, error)) Front {
	return EditJSON(tokenPath, func(s *store, doc map[string]any) {
		resigned(doc, func(claims map[string]any) (string, error) {
			payload, err := json.Marshal(claims)
			if err != nil {
				return "", err
			}
			return sign(s, payload)
		})
	})
}

// stranger is a key that nobody publishes, made once.
var stranger = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err) // only without randomness
	}
	return k
})

// encoded is a part of a compact JWS.
func encoded(doc any) string {
	text, _ := json.Marshal(doc)
	return base64.RawURLEncoding.EncodeToString(text)
}

// first is an audience, or the first of several.
func first(aud any) any {
	if list, ok := aud.([]any); ok && len(list) > 0 {
		return list[0]
	}
	return aud
}
