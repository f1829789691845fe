package oidc

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

var authorizeFaults = []Fault{
	{
		Name: "oidc.code-missing", Group: "authorize",
		Text:  "A person who has signed in is sent back without a code.",
		Front: EditRedirect(callbackPath, func(_ *store, _ *url.URL, query url.Values) { query.Del("code") }),
	},
	{
		Name: "oidc.state-decoded", Group: "authorize",
		Text: "The state comes back decoded once too often: its plus signs are spaces.",
		Front: EditRedirect(callbackPath, func(_ *store, _ *url.URL, query url.Values) {
			query.Set("state", strings.ReplaceAll(query.Get("state"), "+", " "))
		}),
	},
	{
		Name: "oidc.state-dropped-with-error", Group: "authorize",
		Text: "An error is sent back without the state.",
		Front: EditRedirect(authorizePath, func(_ *store, _ *url.URL, query url.Values) {
			if query.Has("error") {
				query.Del("state")
			}
		}),
	},
	{
		Name: "oidc.redirect-any", Group: "authorize",
		Text: "Any https address is taken for a redirect URI of the client.",
	},
	{
		Name: "oidc.redirect-prefix", Group: "authorize",
		Text: "An address that begins like the client's redirect URI is taken for it.",
	},
	{
		Name: "oidc.refusal-redirects", Group: "authorize",
		Text: "A redirect URI that isn't registered is refused by sending the browser there with an error.",
		Front: Edit(authorizePath, func(_ *store, r *http.Request, a *Answer) {
			if to := r.Form.Get("redirect_uri"); a.Status == http.StatusBadRequest && to != "" && strings.Contains(string(a.Body), "redirect_uri") {
				a.Status = http.StatusFound
				a.Header.Set("Location", to+"?error=invalid_request")
			}
		}),
	},
	{
		Name: "oidc.redirect-default", Group: "authorize",
		Text: "A request without a redirect URI goes to the one that is registered.",
		Front: EditForm(authorizePath, func(s *store, _ *http.Request, form url.Values) {
			if c, ok := s.clients[form.Get("client_id")]; ok && !form.Has("redirect_uri") {
				form.Set("redirect_uri", c.redirect)
			}
		}),
	},
	{
		Name: "oidc.client-unknown-redirects", Group: "authorize",
		Text: "An unknown client's address is sent the error.",
		Front: Edit(authorizePath, func(s *store, r *http.Request, a *Answer) {
			if _, ok := s.clients[r.Form.Get("client_id")]; !ok {
				a.Status = http.StatusFound
				a.Header.Set("Location", r.Form.Get("redirect_uri")+"?error=unauthorized_client")
			}
		}),
	},
	{
		Name: "oidc.response-type-ignored", Group: "authorize",
		Text:  "Any response type, or none, is taken for code.",
		Front: EditForm(authorizePath, func(_ *store, _ *http.Request, form url.Values) { form.Set("response_type", "code") }),
	},
	{
		Name: "oidc.response-type-default", Group: "authorize",
		Text: "A request without a response type is taken for one of code.",
		Front: EditForm(authorizePath, func(_ *store, _ *http.Request, form url.Values) {
			if !form.Has("response_type") {
				form.Set("response_type", "code")
			}
		}),
	},
	{
		Name: "oidc.authorize-get-only", Group: "authorize",
		Text: "The authorization endpoint refuses POST.",
		Front: On(authorizePath, func(_ *store, w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method == http.MethodPost {
				http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oidc.iss-missing", Group: "authorize",
		Text:  "The answer doesn't name the issuer, though discovery says that it does.",
		Front: EditRedirect(authorizePath+" "+callbackPath, func(_ *store, _ *url.URL, query url.Values) { query.Del("iss") }),
	},
	{
		Name: "oidc.iss-other-with-error", Group: "authorize",
		Text: "An error names another issuer.",
		Front: EditRedirect(authorizePath, func(s *store, _ *url.URL, query url.Values) {
			if query.Has("error") {
				query.Set("iss", s.issuer+"/")
			}
		}),
	},
	{
		Name: "oidc.scope-missing-all", Group: "authorize",
		Text: "A request without a scope gets all of them, and the answer doesn't say so.",
		Front: func(s *store, next http.Handler) http.Handler {
			all := EditForm(authorizePath, func(_ *store, _ *http.Request, form url.Values) {
				if !form.Has("scope") {
					form.Set("scope", "openid profile email")
				}
			})
			silent := EditJSON(tokenPath, func(_ *store, doc map[string]any) { delete(doc, "scope") })
			return all(s, silent(s, next))
		},
	},
	{
		Name: "oidc.pkce-method-any", Group: "authorize",
		Text: "A code challenge in an unknown method is taken, and forgotten.",
		Front: EditForm(authorizePath, func(_ *store, _ *http.Request, form url.Values) {
			if m := form.Get("code_challenge_method"); m != "" && m != "S256" && m != "plain" {
				form.Del("code_challenge_method")
				form.Del("code_challenge")
			}
		}),
	},
}

var sessionFaults = []Fault{
	{
		Name: "oidc.prompt-none-page", Group: "authorize",
		Text: "A request that allows no page is shown the login page.",
	},
	{
		Name: "oidc.prompt-none-forgets", Group: "authorize",
		Text: "A request that allows no page is refused even to a browser that has signed in.",
	},
	{
		Name: "oidc.prompt-login-ignored", Group: "authorize",
		Text: "A request to sign in again is answered from the browser's session.",
		Front: EditForm(authorizePath, func(s *store, _ *http.Request, form url.Values) {
			if form.Get("prompt") == "login" {
				form.Del("prompt")
			}
		}),
	},
	{
		Name: "oidc.max-age-ignored", Group: "authorize",
		Text: "A session that is older than what was asked is taken as it is.",
	},
	{
		Name: "oidc.login-framed", Group: "authorize",
		Text: "The login page may be shown in another site's frame.",
		Front: EditHeader(loginPath, func(_ int, h http.Header) {
			h.Del("Content-Security-Policy")
			h.Del("X-Frame-Options")
		}),
	},
	{
		Name: "oidc.login-307", Group: "authorize",
		Text: "The answer to the password is a redirect that makes the browser send it again.",
	},
	{
		Name: "oidc.cookie-plain", Group: "authorize",
		Text: "The session's cookie is open to scripts and to plain http.",
	},
}

// withoutSecret removes what authenticates a client and returns who it was.
func withoutSecret(r *http.Request, form url.Values) string {
	id := clientOf(r)
	r.Header.Del("Authorization")
	form.Del("client_secret")
	return id
}

// clientIDs lists the registered clients.
func (s *store) clientIDs() []string { return slices.Sorted(maps.Keys(s.clients)) }
