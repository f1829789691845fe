package oidc

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

var userinfoFaults = []Fault{
	{
		Name: "oidc.userinfo-other-subject", Group: "userinfo",
		Text:  "The userinfo endpoint names another subject than the ID token.",
		Front: EditJSON(userinfoPath, func(_ *store, doc map[string]any) { doc["sub"] = "somebody-else" }),
	},
	{
		Name: "oidc.userinfo-open", Group: "userinfo",
		Text: "The userinfo endpoint answers without a token, with nothing in the answer.",
		Front: Edit(userinfoPath, func(_ *store, r *http.Request, a *Answer) {
			if a.Status == http.StatusUnauthorized && r.Header.Get("Authorization") == "" {
				a.Status, a.Body = http.StatusOK, []byte("{}")
				a.Header.Set("Content-Type", "application/json")
			}
		}),
	},
	{
		Name: "oidc.userinfo-unchallenged", Group: "userinfo",
		Text:  "The userinfo endpoint refuses without saying what it wants.",
		Front: EditHeader(userinfoPath, func(_ int, h http.Header) { h.Del("WWW-Authenticate") }),
	},
	{
		Name: "oidc.userinfo-403", Group: "userinfo",
		Text: "The userinfo endpoint answers 403 to a token that doesn't count.",
		Front: Edit(userinfoPath, func(_ *store, r *http.Request, a *Answer) {
			if a.Status == http.StatusUnauthorized && r.Header.Get("Authorization") != "" {
				a.Status = http.StatusForbidden
			}
		}),
	},
	{Name: "oidc.claims-missing", Group: "userinfo", Text: "The scope email gives no e-mail address."},
	{Name: "oidc.claims-unasked", Group: "userinfo", Text: "Names and e-mail address are given to a client that asked for neither."},
	{
		Name: "oidc.userinfo-get-only", Group: "userinfo",
		Text: "The userinfo endpoint refuses POST.",
		Front: On(userinfoPath, func(_ *store, w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method == http.MethodPost {
				http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oidc.userinfo-as-text", Group: "userinfo",
		Text: "Claims are served as plain text.",
		Front: EditHeader(userinfoPath, func(status int, h http.Header) {
			if status == http.StatusOK {
				h.Set("Content-Type", "text/plain")
			}
		}),
	},
}

var refreshFaults = []Fault{
	{
		Name: "oidc.refresh-dead-token", Group: "refresh",
		Text: "A refreshed access token isn't one.",
		Front: onGrant("refresh_token", func(_ *store, doc map[string]any) {
			doc["access_token"] = randomID(16)
		}),
	},
	{
		Name: "oidc.refresh-other-subject", Group: "refresh",
		Text: "A refreshed ID token is about somebody else.",
		Front: onGrant("refresh_token", func(s *store, doc map[string]any) {
			resigned(doc, func(claims map[string]any) (string, error) {
				claims["sub"] = "somebody-else"
				payload, err := json.Marshal(claims)
				if err != nil {
					return "", err
				}
				return s.signer().sign(payload)
			})
		}),
	},
	{Name: "oidc.refresh-any-client", Group: "refresh", Text: "A refresh token is honoured for another client than its own."},
	{Name: "oidc.refresh-old-valid", Group: "refresh", Text: "A refresh token that was replaced stays valid."},
	{Name: "oidc.refresh-replay-harmless", Group: "refresh", Text: "The replay of a replaced refresh token is refused, and the new one stays valid."},
	{
		Name: "oidc.refresh-scope-widened", Group: "refresh",
		Text: "A refresh may ask for more scopes than the person granted.",
		Front: func(s *store, next http.Handler) http.Handler {
			asked := EditForm(tokenPath, func(_ *store, r *http.Request, form url.Values) {
				if form.Get("grant_type") == "refresh_token" && form.Has("scope") {
					r.Header.Set("X-Refcloud-Scope", form.Get("scope"))
					form.Del("scope")
				}
			})
			granted := Edit(tokenPath, func(_ *store, r *http.Request, a *Answer) {
				var doc map[string]any
				if scope := r.Header.Get("X-Refcloud-Scope"); scope != "" && a.Status == http.StatusOK && json.Unmarshal(a.Body, &doc) == nil {
					doc["scope"] = scope
					a.Body, _ = json.Marshal(doc)
				}
			})
			return asked(s, granted(s, next))
		},
	},
}

// onGrant edits the documents that answer one grant type.
func onGrant(kind string, edit func(s *store, doc map[string]any)) Front {
	return Edit(tokenPath, func(s *store, r *http.Request, a *Answer) {
		var doc map[string]any
		if a.Status != http.StatusOK || r.Form.Get("grant_type") != kind || json.Unmarshal(a.Body, &doc) != nil {
			return
		}
		edit(s, doc)
		a.Body, _ = json.Marshal(doc)
	})
}

var revocationFaults = []Fault{
	{Name: "oidc.revoke-nothing", Group: "revocation", Text: "A revocation is acknowledged, and nothing is revoked."},
	{Name: "oidc.revoke-refresh-kept", Group: "revocation", Text: "The revocation of a refresh token is acknowledged, and the token stays valid."},
	{
		Name: "oidc.revoke-unknown-400", Group: "revocation",
		Text: "The revocation of a token that doesn't exist is refused.",
		Front: Edit(revokePath, func(s *store, r *http.Request, a *Answer) {
			if value := r.Form.Get("token"); a.Status == http.StatusOK && strings.HasPrefix(value, "aloi-") {
				a.Refuse(http.StatusBadRequest, "invalid_request")
			}
		}),
	},
	{
		Name: "oidc.revoke-open", Group: "revocation",
		Text:  "Anyone may revoke a token.",
		Front: EditForm(revokePath, func(s *store, r *http.Request, form url.Values) { s.anyClient(r, form) }),
	},
	{Name: "oidc.revoke-any-client", Group: "revocation", Text: "A client may revoke the tokens of another one."},
}

var introspectionFaults = []Fault{
	{
		Name: "oidc.introspect-always-active", Group: "introspection",
		Text:  "Every token is said to be active.",
		Front: EditJSON(introspectPath, func(_ *store, doc map[string]any) { doc["active"] = true }),
	},
	{
		Name: "oidc.introspect-never-active", Group: "introspection",
		Text: "No token is said to be active.",
		Front: EditJSON(introspectPath, func(_ *store, doc map[string]any) {
			clear(doc)
			doc["active"] = false
		}),
	},
	{
		Name: "oidc.introspect-other-client", Group: "introspection",
		Text: "A token is said to be another client's.",
		Front: EditJSON(introspectPath, func(_ *store, doc map[string]any) {
			if doc["active"] == true {
				doc["client_id"] = "somebody-else"
			}
		}),
	},
	{
		Name: "oidc.introspect-talkative", Group: "introspection",
		Text: "The answer about a token that isn't active tells whose it might be.",
		Front: EditJSON(introspectPath, func(s *store, doc map[string]any) {
			if doc["active"] == false {
				doc["sub"] = s.person.subject
			}
		}),
	},
	{
		Name: "oidc.introspect-open", Group: "introspection",
		Text:  "Anyone may introspect a token.",
		Front: EditForm(introspectPath, func(s *store, r *http.Request, form url.Values) { s.anyClient(r, form) }),
	},
}

var logoutFaults = []Fault{
	{Name: "oidc.logout-any-redirect", Group: "logout", Text: "A person who signs out is sent to any https address."},
	{Name: "oidc.logout-prefix", Group: "logout", Text: "An address that begins like the registered one after signing out is taken for it."},
	{
		Name: "oidc.logout-state-dropped", Group: "logout",
		Text:  "A person who has signed out is sent back without the state.",
		Front: EditRedirect(endSessionPath, func(_ *store, _ *url.URL, query url.Values) { query.Del("state") }),
	},
	{Name: "oidc.logout-session-kept", Group: "logout", Text: "Signing out doesn't end the session."},
	{
		Name: "oidc.logout-hint-unchecked", Group: "logout",
		Text: "The ID token of a logout is believed whoever signed it.",
		Front: EditForm(endSessionPath, func(s *store, _ *http.Request, form url.Values) {
			claims := claimsOf(form.Get("id_token_hint"))
			if claims == nil {
				return
			}
			if payload, err := json.Marshal(claims); err == nil {
				if signed, err := s.signer().sign(payload); err == nil {
					form.Set("id_token_hint", signed)
				}
			}
		}),
	},
}
