package oci

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

const scopeRule = "Distribution, Token Scope Documentation"

// scopeChecks: what a token opens, and nothing else.
var scopeChecks = []probe.Check{
	{
		ID: "oci/scope/token", Rule: tokenRule + ", token response fields", Features: []string{tokenAuth},
		Title: lang.T("La réponse du serveur de jetons dit combien de temps vaut le jeton", "The token server's answer tells how long the token is good"),
		Run:   in(wantToken),
	},
	{
		ID: "oci/scope/other-repository", Rule: scopeRule + ", resource provider use", Features: []string{tokenAuth},
		Title: lang.T("Un jeton pour un dépôt n'en ouvre pas un autre", "A token for one repository doesn't open another"),
		Run: in(func(t *probe.T, p *Repo) {
			m := p.Tag("v1")
			other := p.reg.Repo(t)
			token := p.scoped(allOf(other.Name))
			p.wantShut(token, Request{Method: http.MethodGet, Path: "manifests/v1", Header: accept("manifests/")})
			p.wantShut(token, Request{Method: http.MethodPost, Path: "blobs/uploads/"})
			p.Get("manifests/v1").WantContent(m)
		}),
	},
	{
		ID: "oci/scope/pull-only", Rule: scopeRule + ", resource actions", Features: []string{tokenAuth},
		Title: lang.T("Un jeton de lecture lit, et n'envoie rien", "A token to pull reads, and pushes nothing"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Tag("v1")
			token := p.scoped("repository:" + p.Name + ":pull")
			p.Do(Request{Method: http.MethodGet, Path: "manifests/v1", Header: accept("manifests/"), Bearer: token}).WantContent(m)
			p.wantShut(token, Request{Method: http.MethodPost, Path: "blobs/uploads/"})
			p.wantShut(token, Request{Method: http.MethodPut, Path: "manifests/v2", Body: m.body, Header: []string{"Content-Type", m.kind}})
			p.Get("manifests/v2").WantRefusal(http.StatusNotFound, "MANIFEST_UNKNOWN")
		}),
	},
	{
		ID: "oci/scope/no-delete", Rule: scopeRule + ", resource actions", Features: []string{tokenAuth, deletion},
		Title: lang.T("Un jeton de lecture n'efface rien", "A token to pull deletes nothing"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Tag("v1")
			token := p.scoped("repository:" + p.Name + ":pull")
			p.wantShut(token, Request{Method: http.MethodDelete, Path: "manifests/" + m.digest()})
			p.Get("manifests/v1").WantContent(m)
		}),
	},
	{
		ID: "oci/scope/mount", Rule: scopeRule + "; " + mounting, Features: []string{tokenAuth},
		Title: lang.T("Un blob ne se monte pas d'un dépôt que le jeton n'ouvre pas", "A blob isn't mounted from a repository that the token doesn't open"),
		Run: in(func(t *probe.T, p *Repo) {
			c := p.Push(p.Blob("secret", 400))
			to := p.reg.Repo(t)
			to.OwnBlobs(c.digest())
			a := to.Do(Request{
				Method: http.MethodPost, Path: "blobs/uploads/", Query: pairs([]string{"mount", c.digest(), "from", p.Name}), Bearer: to.scoped(allOf(to.Name)),
			})
			a.Did += " with a token for the target only"
			if a.Status == http.StatusAccepted {
				t.Cleanup(to.cancel(a.Location()))
			}
			a.Want(http.StatusAccepted, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound)
			to.Head("blobs/" + c.digest()).WantRefusal(http.StatusNotFound)
		}),
	},
	{
		ID: "oci/scope/tampered", Rule: "RFC 6750 section 3.1, invalid_token", Features: []string{tokenAuth},
		Title: lang.T("Un jeton retouché est refusé", "A token that was tampered with is refused"),
		Run: in(func(_ *probe.T, p *Repo) {
			p.Tag("v1")
			token := p.scoped("repository:" + p.Name + ":pull")
			pull := Request{Method: http.MethodGet, Path: "manifests/v1", Header: accept("manifests/")}
			p.wantShut(tampered(token), pull)
			p.wantShut("nonsense", pull)
		}),
	},
}

// scoped returns a fresh token of the main account for that scope.
func (p *Repo) scoped(scope string) string {
	c, err := p.reg.asked(p.t.Context())
	p.broken("GET /v2/", err)
	p.t.Want(c.scheme == "bearer", "GET /v2/", "no challenge for a bearer token", "the challenge of the feature "+tokenAuth)
	fresh, err := p.reg.ask(p.t.Context(), c, mainAccount, scope)
	p.broken("GET token", err)
	return fresh.value()
}

// wantShut ends the check unless a token doesn't open something.
func (p *Repo) wantShut(token string, r Request) {
	r.Bearer = token
	a := p.Do(r)
	a.Did += " with a token that doesn't open it"
	a.Want(http.StatusUnauthorized, http.StatusForbidden)
}

// tampered changes one character in the middle of a token's last part, its signature.
func tampered(token string) string {
	i := strings.LastIndex(token, ".") + 1
	i += (len(token) - i) / 2
	swap := "A"
	if token[i] == 'A' {
		swap = "B"
	}
	return token[:i] + swap + token[i+1:]
}

// wantToken reads the answer's fields. Those that it leaves out have a default.
func wantToken(t *probe.T, p *Repo) {
	c, err := p.reg.asked(t.Context())
	p.broken("GET /v2/", err)
	t.Want(c.scheme == "bearer", "GET /v2/", "no challenge for a bearer token", "the challenge of the feature "+tokenAuth)
	const did = "GET token"
	fresh, err := p.reg.ask(t.Context(), c, mainAccount, allOf(p.Name))
	p.broken(did, err)
	if fresh.ExpiresIn != nil {
		t.Want(*fresh.ExpiresIn >= int(leastLifetime/time.Second), did, fmt.Sprintf("expires_in %d", *fresh.ExpiresIn), "60 seconds at least")
	}
	if fresh.IssuedAt != "" {
		at, err := time.Parse(time.RFC3339, fresh.IssuedAt)
		t.Want(err == nil && t.Now().Sub(at).Abs() < 15*time.Minute, did, fmt.Sprintf("issued_at %q", fresh.IssuedAt), "the moment at which it was issued, as RFC 3339 writes it")
	}
	t.Want(fresh.Token == "" || fresh.AccessToken == "" || fresh.Token == fresh.AccessToken, did, "a token and another access_token", "the same in both")
}
