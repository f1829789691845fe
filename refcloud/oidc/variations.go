package oidc

import (
	"net/http"
	"strings"
	"time"
)

var variations = []Variation{
	{
		Name: "oidc.odd-headers", Group: "transport",
		Text: "Answers carry headers that no standard names, and the type of JSON has a charset.",
		Front: EditHeader("*", func(_ int, h http.Header) {
			h.Set("Via", "1.1 edge")
			h.Set("X-Correlation", "12")
			if h.Get("Content-Type") == "application/json" {
				h.Set("Content-Type", "Application/JSON; charset=UTF-8")
			}
		}),
	},
	{
		Name: "oidc.slow-answers", Group: "transport",
		Text: "Each answer is delayed by 20 ms.",
		Front: On("*", func(_ *store, w http.ResponseWriter, r *http.Request, next http.Handler) {
			time.Sleep(20 * time.Millisecond)
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oidc.relative-locations", Group: "transport",
		Text: "Redirects within the provider are relative references.",
		Front: Edit("*", func(s *store, _ *http.Request, a *Answer) {
			if rest, ok := strings.CutPrefix(a.Header.Get("Location"), s.issuer); ok {
				_, realm, _ := strings.Cut(s.issuer, "/realms/")
				a.Header.Set("Location", "/realms/"+realm+rest)
			}
		}),
	},
	{Name: "oidc.jwt-access-tokens", Group: "tokens", Text: "Access tokens are JWT."},
	{Name: "oidc.es256", Group: "tokens", Text: "ID tokens are signed with ES256, by the other published key."},
	{
		Name: "oidc.at-hash-absent", Group: "tokens",
		Text:  "ID tokens have no hash of the access token, which the code flow doesn't ask for.",
		Front: EditToken(func(c map[string]any) { delete(c, "at_hash") }),
	},
	{
		Name: "oidc.audience-text", Group: "tokens",
		Text:  "The audience of an ID token is a text instead of a list of one.",
		Front: EditToken(func(c map[string]any) { c["aud"] = first(c["aud"]) }),
	},
	{
		Name: "oidc.token-type-lower", Group: "tokens",
		Text:  "The token type is written bearer.",
		Front: EditJSON(tokenPath, func(_ *store, doc map[string]any) { doc["token_type"] = "bearer" }),
	},
	{
		Name: "oidc.extra-members", Group: "discovery",
		Text: "The discovery document has members that no standard names.",
		Front: EditJSON(discoveryPath, func(_ *store, doc map[string]any) {
			doc["refcloud_note"] = map[string]any{"a": []int{1, 2}}
			doc["op_policy_uri"] = "https://policy.elsewhere.invalid/"
		}),
	},
	{
		Name: "oidc.post-only", Group: "discovery",
		Text: "Clients may authenticate in the body only.",
		Front: EditJSON(discoveryPath, func(_ *store, doc map[string]any) {
			doc["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
		}),
	},
	{
		Name: "oidc.other-keys", Group: "discovery",
		Text: "The key set also has a key to encrypt with and one of a kind that few know.",
		Front: editKeys(func(s *store, keys []any) []any {
			return append(keys,
				map[string]any{"kty": "OKP", "crv": "Ed448", "kid": "future", "use": "sig", "x": coordinate(7)},
				map[string]any{"kty": "EC", "crv": "P-256", "kid": "wrap", "use": "enc", "alg": "ECDH-ES", "x": part(s, "x"), "y": part(s, "y")})
		}),
	},
	{Name: "oidc.two-step-login", Group: "login", Text: "The name is asked on one page, the password on the next."},
	{Name: "oidc.consent-page", Group: "login", Text: "A page asks for consent, in HTML with upper-case tags, bare attributes and open elements."},
	{Name: "oidc.form-fields", Group: "login", Text: "The fields of the login form have other names."},
}
