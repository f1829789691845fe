package oidc

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

var codeFaults = []Fault{
	{Name: "oidc.code-reusable", Group: "code", Text: "A code can be used again."},
	{Name: "oidc.code-reuse-harmless", Group: "code", Text: "A code used twice is refused, but what it gave stays valid."},
	{Name: "oidc.code-any-client", Group: "code", Text: "A code is honoured for another client than the one it was given to."},
	{Name: "oidc.code-any-redirect", Group: "code", Text: "A code is honoured with another redirect URI than the one it was sent to."},
	{
		Name: "oidc.verifier-unchecked", Group: "code",
		Text:  "The code verifier is not looked at.",
		Front: EditForm(tokenPath, func(_ *store, _ *http.Request, form url.Values) { form.Del("code_verifier") }),
	},
	{Name: "oidc.verifier-optional", Group: "code", Text: "A code that was asked for with a challenge is honoured without a verifier."},
	{
		Name: "oidc.verifier-unasked", Group: "code",
		Text: "A verifier is ignored where no challenge was given: an attacker may have removed it.",
		Front: EditForm(tokenPath, func(s *store, _ *http.Request, form url.Values) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if c, ok := s.codes[form.Get("code")]; ok && c.request.CodeChallenge == "" {
				form.Del("code_verifier")
			}
		}),
	},
	{
		Name: "oidc.code-short", Group: "code",
		Text:  "Codes are numbers of eight digits.",
		Front: shortCodes,
	},
	{
		Name: "oidc.grant-invalid-500", Group: "code",
		Text: "A code or a refresh token that doesn't count is answered with a server error.",
		Front: EditError(tokenPath, func(a *Answer, code string) {
			if code == "invalid_grant" {
				a.Refuse(http.StatusInternalServerError, "server_error")
			}
		}),
	},
}

// shortCodes gives each code a short alias.
func shortCodes(s *store, next http.Handler) http.Handler {
	var mu sync.Mutex
	aliases, count := map[string]string{}, 10_000_000
	out := EditRedirect(callbackPath, func(_ *store, _ *url.URL, query url.Values) {
		mu.Lock()
		defer mu.Unlock()
		count++
		alias := strconv.Itoa(count)
		aliases[alias] = query.Get("code")
		query.Set("code", alias)
	})
	in := EditForm(tokenPath, func(_ *store, _ *http.Request, form url.Values) {
		mu.Lock()
		defer mu.Unlock()
		if real, ok := aliases[form.Get("code")]; ok {
			form.Set("code", real)
		}
	})
	return out(s, in(s, next))
}

var tokenFaults = []Fault{
	{
		Name: "oidc.token-type-mac", Group: "token",
		Text:  "Tokens are said to be of a type that nobody asked for.",
		Front: EditJSON(tokenPath, func(_ *store, doc map[string]any) { doc["token_type"] = "mac" }),
	},
	{
		Name: "oidc.expires-in-text", Group: "token",
		Text:  "The lifetime of an access token is written as text.",
		Front: EditJSON(tokenPath, func(_ *store, doc map[string]any) { doc["expires_in"] = "300" }),
	},
	{
		Name: "oidc.expires-in-year", Group: "token",
		Text:  "An access token lives for a year.",
		Front: EditJSON(tokenPath, func(_ *store, doc map[string]any) { doc["expires_in"] = 365 * 24 * 3600 }),
	},
	{
		Name: "oidc.token-cacheable", Group: "token",
		Text: "Token responses may be kept in caches.",
		Front: EditHeader(tokenPath, func(_ int, h http.Header) {
			h.Del("Pragma")
			h.Set("Cache-Control", "private, max-age=60")
		}),
	},
	{
		Name: "oidc.token-as-text", Group: "token",
		Text: "Token responses are served as plain text.",
		Front: EditHeader(tokenPath, func(status int, h http.Header) {
			if status == http.StatusOK {
				h.Set("Content-Type", "text/plain; charset=utf-8")
			}
		}),
	},
	{
		Name: "oidc.error-as-html", Group: "token",
		Text: "Errors of the token endpoint are served as web pages.",
		Front: EditHeader(tokenPath, func(status int, h http.Header) {
			if status != http.StatusOK {
				h.Set("Content-Type", "text/html; charset=utf-8")
			}
		}),
	},
	{
		Name: "oidc.secret-unchecked", Group: "token",
		Text: "A client's secret is not looked at, as long as there is one.",
		Front: EditForm(tokenPath, func(s *store, r *http.Request, form url.Values) {
			_, secret, basic := r.BasicAuth()
			if basic && secret == "" || !basic && !form.Has("client_secret") {
				return
			}
			s.authenticate(r, form)
		}),
	},
	{
		Name: "oidc.client-refused-400", Group: "token",
		Text: "A client that can't authenticate is answered with 400.",
		Front: EditError(tokenPath, func(a *Answer, code string) {
			if code == "invalid_client" {
				a.Status = http.StatusBadRequest
			}
		}),
	},
	{
		Name: "oidc.challenge-missing", Group: "token",
		Text:  "A client that can't authenticate isn't told how it could.",
		Front: EditHeader(tokenPath, func(_ int, h http.Header) { h.Del("WWW-Authenticate") }),
	},
	{
		Name: "oidc.client-secret-optional", Group: "token",
		Text: "A confidential client is served without a secret.",
		Front: EditForm(tokenPath, func(s *store, r *http.Request, form url.Values) {
			if _, _, basic := r.BasicAuth(); !basic && !form.Has("client_secret") {
				s.authenticate(r, form)
			}
		}),
	},
	{
		Name: "oidc.client-unknown-500", Group: "token",
		Text: "An unknown client is answered with a server error.",
		Front: Edit(tokenPath, func(s *store, r *http.Request, a *Answer) {
			if _, ok := s.clients[clientOf(r)]; !ok {
				a.Refuse(http.StatusInternalServerError, "server_error")
			}
		}),
	},
	{
		Name: "oidc.grant-type-ignored", Group: "token",
		Text: "An unknown grant type is taken for that of a code.",
		Front: EditForm(tokenPath, func(_ *store, _ *http.Request, form url.Values) {
			if form.Get("grant_type") != "refresh_token" {
				form.Set("grant_type", "authorization_code")
			}
		}),
	},
}

// authenticate gives a request the right secret of the client that it names.
func (s *store) authenticate(r *http.Request, form url.Values) {
	c, ok := s.clients[clientOf(r)]
	if !ok {
		return
	}
	withoutSecret(r, form)
	form.Set("client_id", c.id)
	form.Set("client_secret", c.secret)
}

// anyClient gives a request the name and the secret of a client, the one that it
// names when there is such a one.
func (s *store) anyClient(r *http.Request, form url.Values) {
	c, ok := s.clients[withoutSecret(r, form)]
	for _, id := range s.clientIDs() {
		if !ok && strings.HasPrefix(id, "client-") {
			c = s.clients[id]
		}
	}
	form.Del("client_id")
	r.SetBasicAuth(url.QueryEscape(c.id), url.QueryEscape(c.secret))
}
