package oci

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

const (
	tokenRule  = "Distribution, Token Authentication Specification"
	deniedRule = "OCI Distribution Spec 1.1.1, Error Codes, UNAUTHORIZED and DENIED"
)

var authChecks = []probe.Check{
	{
		ID: "oci/auth/challenge", Rule: "RFC 9110 section 11.6.1; " + tokenRule,
		Title: lang.T("Sans identification, le registre dit comment en obtenir une, et elle ouvre", "Without credentials the registry says how to obtain some, and they open"),
		Run:   in(wantChallenge),
	},
	{
		ID: "oci/auth/anonymous-push", Rule: deniedRule,
		Title: lang.T("Un envoi anonyme est refusé", "An anonymous push is refused"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Tag("v1")
			begin := Request{Method: http.MethodPost, Path: "blobs/uploads/"}
			put := Request{Method: http.MethodPut, Path: "manifests/v2", Body: m.body, Header: []string{"Content-Type", m.kind}}
			for _, r := range []Request{begin, put} {
				p.wantStranger(r)
			}
			p.Get("manifests/v2").WantRefusal(http.StatusNotFound, "MANIFEST_UNKNOWN")
		}),
	},
	{
		ID: "oci/auth/anonymous-pull", Rule: deniedRule,
		Title: lang.T("Une lecture anonyme d'un dépôt privé est refusée", "An anonymous pull from a private repository is refused"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Tag("v1")
			p.wantStranger(Request{Method: http.MethodGet, Path: "manifests/v1", Header: accept("manifests/")})
			p.wantStranger(Request{Method: http.MethodGet, Path: "blobs/" + p.Blob("v1", 600).digest()})
			p.wantStranger(Request{Method: http.MethodGet, Path: "tags/list"})
			p.Get("manifests/v1").WantContent(m)
		}),
	},
	{
		ID: "oci/auth/anonymous-delete", Rule: deniedRule, Features: []string{deletion},
		Title: lang.T("Une suppression anonyme est refusée", "An anonymous deletion is refused"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Tag("v1")
			p.wantStranger(Request{Method: http.MethodDelete, Path: "manifests/" + m.digest()})
			p.Get("manifests/v1").WantContent(m)
		}),
	},
	{
		ID: "oci/auth/wrong-password", Rule: "RFC 7617; " + tokenRule,
		Title: lang.T("Un mauvais mot de passe est refusé", "A wrong password is refused"),
		Run:   in(wrongPassword),
	},
	{
		ID: "oci/auth/other-account", Rule: deniedRule, Features: []string{secondAccount},
		Title: lang.T("Un autre client ne lit, n'écrit ni n'efface rien dans le dépôt", "Another customer reads, writes and deletes nothing in the repository"),
		Run:   in(otherAccountDenied),
	},
	{
		ID: "oci/auth/foreign-repository", Rule: deniedRule,
		Title: lang.T("Le dépôt d'autrui ne se lit pas", "Somebody else's repository can't be read"),
		Run: in(func(t *probe.T, p *Repo) {
			foreign := *p
			if foreign.Name = p.reg.session.Setting("foreign-repository", ""); foreign.Name == "" {
				t.Unsupported("foreign-repository")
			}
			p.Tag("v1")
			p.Get("manifests/v1").Want(http.StatusOK)
			foreign.wantDenied(Request{Method: http.MethodGet, Path: "tags/list"})
			foreign.wantDenied(Request{Method: http.MethodGet, Path: "manifests/kept", Header: accept("manifests/")})
		}),
	},
}

// wantDenied ends the check unless access is refused: by the registry, or by the
// token server that gives no token for it.
func (p *Repo) wantDenied(r Request) Answer {
	a, err := p.reg.send(p.t.Context(), p.Name, r)
	a.t = p.t
	var refused *tokenRefused
	if errors.As(err, &refused) {
		return a
	}
	p.broken(a.Did, err)
	a.Did += " of " + map[string]string{"": "the main account", otherAccount: "another account", anonymous: "nobody"}[r.As]
	return a.WantDenied()
}

// wantStranger is wantDenied for somebody without credentials, then with the token
// that the token server gives to such a one.
func (p *Repo) wantStranger(r Request) {
	r.As = anonymous
	p.wantDenied(r).Want(0, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound)
	c, err := p.reg.asked(p.t.Context())
	p.broken("GET /v2/", err)
	if c.scheme != "bearer" {
		return
	}
	free, err := p.reg.ask(p.t.Context(), c, anonymous, allOf(p.Name))
	var refused *tokenRefused
	if errors.As(err, &refused) {
		return
	}
	p.broken("GET token for nobody", err)
	r.Bearer = free.value()
	a := p.Do(r)
	a.Did += " with a token for nobody"
	a.WantDenied()
}

// wantChallenge does by hand what a client does that knows nothing of the registry:
// it asks, is told where to obtain a token and for what, and comes back with it.
func wantChallenge(t *probe.T, p *Repo) {
	m := p.Tag("v1")
	pull := Request{Method: http.MethodGet, Path: "manifests/v1", Header: accept("manifests/"), As: anonymous}
	a := p.Do(pull).Want(http.StatusUnauthorized)
	c := readChallenge(a)
	told := fmt.Sprintf("%d with WWW-Authenticate %q", a.Status, strings.Join(a.Header.Values("Www-Authenticate"), ", "))
	switch c.scheme {
	case "basic":
		pull.As = mainAccount
	case "bearer":
		t.Want(c.realm != "" && c.service != "", a.Did, told, "the realm and the service of the token server")
		t.Want(strings.HasPrefix(c.scope, "repository:"+p.Name+":") && strings.Contains(c.scope, "pull"), a.Did, told, "the scope repository:"+p.Name+":pull")
		fresh, err := p.reg.ask(t.Context(), &c, mainAccount, c.scope)
		p.broken("GET token from the realm", err)
		pull.Bearer = fresh.value()
	default:
		t.Fail(a.Did, told, "a challenge, Bearer or Basic")
	}
	p.Do(pull).WantContent(m)
}

func wrongPassword(t *probe.T, p *Repo) {
	p.Tag("v1")
	c, err := p.reg.asked(t.Context())
	p.broken("GET /v2/", err)
	at := p.reg.address(p.Name, Request{Path: "manifests/v1"}).String()
	if c.scheme == "bearer" {
		at = c.realm + "?service=" + c.service + "&scope=repository:" + p.Name + ":pull"
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at, nil)
	if err != nil {
		t.Fail("GET /v2/", "the realm "+c.realm, "an address")
	}
	fields, _ := p.reg.session.Account(mainAccount)
	req.SetBasicAuth(fields["user"], "not-"+fields["password"][:min(4, len(fields["password"]))])
	const did = "GET with a wrong password"
	res, err := p.reg.session.HTTP().Do(req)
	t.Do(did, err)
	res.Body.Close()
	t.Want(res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden, did, fmt.Sprint(res.StatusCode), "401")
}

func otherAccountDenied(_ *probe.T, p *Repo) {
	m := p.Tag("v1")
	layer := p.Blob("v1", 600)
	for _, r := range []Request{
		{Method: http.MethodGet, Path: "manifests/v1", Header: accept("manifests/")},
		{Method: http.MethodGet, Path: "blobs/" + layer.digest()},
		{Method: http.MethodGet, Path: "tags/list"},
		{Method: http.MethodPost, Path: "blobs/uploads/"},
		{Method: http.MethodPut, Path: "manifests/v2", Body: m.body, Header: []string{"Content-Type", m.kind}},
		{Method: http.MethodDelete, Path: "manifests/" + m.digest()},
	} {
		r.As = otherAccount
		p.wantDenied(r)
	}
	p.Get("manifests/v1").WantContent(m)
	p.Get("manifests/v2").WantRefusal(http.StatusNotFound, "MANIFEST_UNKNOWN")
}
