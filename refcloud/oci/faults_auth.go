package oci

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/distribution/distribution/v3/registry/auth/token"
)

const registryOps = "GetManifest HeadManifest PutManifest DeleteManifest GetBlob HeadBlob DeleteBlob StartUpload " +
	"PatchUpload PutUpload UploadStatus CancelUpload ListTags ListReferrers"

var authFaults = []Fault{
	{
		Name: "oci.challenge-missing", Group: "auth",
		Text:  "A request without credentials is refused without saying how to obtain some.",
		Front: DropHeader("GetManifest", "WWW-Authenticate"),
	},
	{
		Name: "oci.challenge-without-scope", Group: "auth",
		Text: "The challenge doesn't say for what a token is needed.",
		Front: editChallenge(func(challenge string) string {
			before, _, _ := strings.Cut(challenge, ",scope=")
			return before
		}),
	},
	{
		Name: "oci.challenge-403", Group: "auth",
		Text:  "A request without credentials answers 403.",
		Front: turn("GetManifest", http.StatusUnauthorized, http.StatusForbidden),
	},
	{
		Name: "oci.realm-elsewhere", Group: "auth",
		Text: "The challenge sends clients, with their password, to a host that the offer doesn't declare.",
		Front: editChallenge(func(challenge string) string {
			_, rest, _ := strings.Cut(challenge, "/token")
			return `Bearer realm="https://elsewhere.invalid/token` + rest
		}),
	},
	{Name: "oci.anonymous-push", Group: "auth", Text: "Anybody may push.", Front: letIn("StartUpload PutManifest")},
	{Name: "oci.anonymous-pull", Group: "auth", Text: "Anybody may pull.", Front: letIn("GetManifest GetBlob ListTags")},
	{Name: "oci.anonymous-delete", Group: "auth", Text: "Anybody may delete.", Front: letIn("DeleteManifest")},
	{
		Name: "oci.password-unchecked", Group: "auth",
		Text: "The token server takes any password.",
		Front: EditRequest("Token", func(r *http.Request) {
			name, _, _ := r.BasicAuth()
			for _, a := range r.Context().Value(ticketsKey{}).(tickets).tokens.accounts {
				if a.name == name {
					r.SetBasicAuth(name, a.password)
				}
			}
		}),
	},
	{
		Name: "oci.accounts-mixed", Group: "auth",
		Text: "The token server gives every account what it asks for.",
		Front: On("Token", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			t := *r.Context().Value(ticketsKey{}).(tickets).tokens
			t.accounts = append([]account{}, t.accounts...)
			scope := strings.Split(r.URL.Query().Get("scope"), ":")
			for i := range t.accounts {
				if len(scope) == 3 {
					t.accounts[i].namespace, _, _ = strings.Cut(scope[1], "/")
				}
			}
			t.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.token-any-repository", Group: "scope",
		Text: "A token for one repository opens every other.",
		Front: widen(func(claims *token.ClaimSet, repository string) []*token.ResourceActions {
			if len(claims.Access) == 0 {
				return nil
			}
			return []*token.ResourceActions{{Type: "repository", Name: repository, Actions: claims.Access[0].Actions}}
		}),
	},
	{
		Name: "oci.token-any-action", Group: "scope",
		Text: "A token to pull allows all the rest.",
		Front: widen(func(claims *token.ClaimSet, repository string) []*token.ResourceActions {
			for _, a := range claims.Access {
				if a.Name == repository {
					return []*token.ResourceActions{everything(repository)}
				}
			}
			return nil
		}),
	},
	{
		Name: "oci.mount-from-anywhere", Group: "scope",
		Text: "A mount needs no right to its source.",
		Front: On("StartUpload", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			t := r.Context().Value(ticketsKey{}).(tickets).tokens
			from := r.URL.Query().Get("from")
			if claims := t.read(r); claims != nil && from != "" && len(claims.Access) > 0 {
				r.Header.Set("Authorization", t.rights(append(claims.Access, everything(from))...))
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.token-signature-unchecked", Group: "scope",
		Text: "The signature of a token isn't verified.",
		Front: EditRequest(registryOps, func(r *http.Request) {
			parts := strings.Split(bearerOf(r), ".")
			var claims token.ClaimSet
			if len(parts) != 3 {
				return
			}
			if payload, err := base64.RawURLEncoding.DecodeString(parts[1]); err == nil && json.Unmarshal(payload, &claims) == nil {
				r.Header.Set("Authorization", r.Context().Value(ticketsKey{}).(tickets).tokens.rights(claims.Access...))
			}
		}),
	},
	{
		Name: "oci.token-five-seconds", Group: "scope",
		Text:  "Tokens are said to be good for five seconds.",
		Front: EditDocument("Token", func(_ *http.Request, doc map[string]any) { doc["expires_in"] = 5 }),
	},
	{
		Name: "oci.token-issued-later", Group: "scope",
		Text:  "Tokens are said to be issued in another year.",
		Front: EditDocument("Token", func(_ *http.Request, doc map[string]any) { doc["issued_at"] = "2001-01-01T00:00:00Z" }),
	},
}

func everything(repository string) *token.ResourceActions {
	return &token.ResourceActions{Type: "repository", Name: repository, Actions: []string{"pull", "push", "delete"}}
}

// editChallenge edits how a refused pull says where to obtain a token.
func editChallenge(edit func(string) string) func(http.Handler) http.Handler {
	return EditHeader("GetManifest", func(_ *http.Request, status int, h http.Header) int {
		if challenge := h.Get("WWW-Authenticate"); challenge != "" {
			h.Set("WWW-Authenticate", edit(challenge))
		}
		return status
	})
}

// letIn serves some operations to who has no token, or one without any right.
func letIn(operations string) func(http.Handler) http.Handler {
	return EditRequest(operations, func(r *http.Request) {
		t := r.Context().Value(ticketsKey{}).(tickets).tokens
		claims := t.read(r)
		if r.Header.Get("Authorization") == "" || claims != nil && claims.Subject == "" {
			repository, _ := Target(r)
			r.Header.Set("Authorization", t.rights(everything(repository)))
		}
	})
}

// widen exchanges a token that is good for one with more rights.
func widen(more func(claims *token.ClaimSet, repository string) []*token.ResourceActions) func(http.Handler) http.Handler {
	return EditRequest(registryOps, func(r *http.Request) {
		t := r.Context().Value(ticketsKey{}).(tickets).tokens
		repository, _ := Target(r)
		if claims := t.read(r); claims != nil {
			if rights := more(claims, repository); rights != nil {
				r.Header.Set("Authorization", t.rights(append(claims.Access, rights...)...))
			}
		}
	})
}
