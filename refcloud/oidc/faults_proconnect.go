package oidc

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

var proConnectFaults = []Fault{
	{Name: "oidc.proconnect-state-short", Group: "proconnect", Text: "A state of fewer than 32 characters is taken."},
	{Name: "oidc.proconnect-state-optional", Group: "proconnect", Text: "A request without a state is taken."},
	{Name: "oidc.proconnect-nonce-short", Group: "proconnect", Text: "A nonce of fewer than 32 characters is taken."},
	{Name: "oidc.proconnect-nonce-optional", Group: "proconnect", Text: "A request without a nonce is taken."},
	{Name: "oidc.proconnect-extra-ignored", Group: "proconnect", Text: "A parameter that nobody knows is ignored."},
	{Name: "oidc.proconnect-code-long", Group: "proconnect", Text: "A code lives longer than documented."},
	{Name: "oidc.proconnect-token-long", Group: "proconnect", Text: "An access token lives for an hour."},
	{Name: "oidc.proconnect-logout-slash", Group: "proconnect", Text: "The address after signing out is taken with a slash more."},
	{
		Name: "oidc.proconnect-userinfo-plain", Group: "proconnect",
		Text: "Claims are not signed.",
		Front: editSigned(func(_ *store, a *Answer, claims map[string]any) {
			a.Header.Set("Content-Type", "application/json")
			a.Body, _ = json.Marshal(claims)
		}),
	},
	{
		Name: "oidc.proconnect-userinfo-alg", Group: "proconnect",
		Text:  "Claims are signed with another algorithm than the client registered.",
		Front: signedUserinfoWith(func(s *store, payload []byte) (string, error) { return s.keys.ec.sign(payload) }),
	},
	{
		Name: "oidc.proconnect-userinfo-key", Group: "proconnect",
		Text: "Claims are signed with a key that isn't published.",
		Front: signedUserinfoWith(func(s *store, payload []byte) (string, error) {
			return signWith(jose.RS256, stranger(), s.keys.rsa.id, payload)
		}),
	},
	{
		Name: "oidc.proconnect-userinfo-audience", Group: "proconnect",
		Text:  "Signed claims are for another client.",
		Front: editSignedClaims(func(c map[string]any) { c["aud"] = "somebody-else" }),
	},
	{
		Name: "oidc.proconnect-siret-spaced", Group: "proconnect",
		Text:  "The SIRET is written with spaces.",
		Front: editSignedClaims(func(c map[string]any) { c["siret"] = "123 456 782 00010" }),
	},
	{
		Name: "oidc.proconnect-family-name", Group: "proconnect",
		Text: "The name is given as family_name.",
		Front: editSignedClaims(func(c map[string]any) {
			c["family_name"] = c["usual_name"]
			delete(c, "usual_name")
		}),
	},
	{
		Name: "oidc.proconnect-acr-missing", Group: "proconnect",
		Text:  "ID tokens don't say how sure the identity is.",
		Front: EditToken(func(c map[string]any) { delete(c, "acr") }),
	},
	{
		Name: "oidc.proconnect-acr-ignored", Group: "proconnect",
		Text: "The level that the client asks for is ignored.",
		Front: EditToken(func(c map[string]any) {
			if c["acr"] != nil {
				c["acr"] = levels[0]
			}
		}),
	},
	{
		Name: "oidc.proconnect-amr-unasked", Group: "proconnect",
		Text: "ID tokens say how the person signed in though nobody asked.",
		Front: EditToken(func(c map[string]any) {
			if c["acr"] != nil {
				c["amr"] = []string{"pwd"}
			}
		}),
	},
}

// editSigned edits the signed answers of the userinfo endpoint.
func editSigned(edit func(s *store, a *Answer, claims map[string]any)) Front {
	return Edit(userinfoPath, func(s *store, _ *http.Request, a *Answer) {
		if a.Status == http.StatusOK && strings.HasPrefix(a.Header.Get("Content-Type"), "application/jwt") {
			edit(s, a, claimsOf(string(a.Body)))
		}
	})
}

// editSignedClaims edits their claims and signs them again.
func editSignedClaims(edit func(claims map[string]any)) Front {
	return editSigned(func(s *store, a *Answer, claims map[string]any) {
		edit(claims)
		a.sign(claims, s.keys.rsa.sign)
	})
}

// signedUserinfoWith signs them in a wrong way.
func signedUserinfoWith(sign func(s *store, payload []byte) (string, error)) Front {
	return editSigned(func(s *store, a *Answer, claims map[string]any) {
		a.sign(claims, func(payload []byte) (string, error) { return sign(s, payload) })
	})
}

func (a *Answer) sign(claims map[string]any, sign func([]byte) (string, error)) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return
	}
	if signed, err := sign(payload); err == nil {
		a.Body = []byte(signed)
	}
}
