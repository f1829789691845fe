package oidc

import (
	"fmt"
	"net/http"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var userinfoChecks = []probe.Check{
	{
		ID: "oidc/userinfo/subject", Rule: "OpenID Connect Core 1.0 section 5.3.2",
		Title: lang.T("Le sujet est celui du jeton d'identité", "The subject is that of the ID token"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			r := p.tokens(t, f)
			want, got := claim(p.idToken(t, f, r), "sub"), claim(p.userinfo(t, f, r.access), "sub")
			t.Want(got == want && got != "", "GET userinfo", fmt.Sprintf("sub %q", clip(got)), "the sub of the ID token")
		}),
	},
	{
		ID: "oidc/userinfo/type", Rule: "OpenID Connect Core 1.0 section 5.3.2",
		Title: lang.T("Les informations sont un objet JSON, ou un JWT, servi comme tel", "Claims are a JSON object, or a JWT, served as one"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			r := p.tokens(t, f)
			a := p.askUserinfo(t, http.MethodGet, bearer(r.access))
			t.Want(a.Status == http.StatusOK && oneOf(a.media(), "application/json", "application/jwt"), a.Did, a.Got(), "the type application/json or application/jwt")
			p.userinfo(t, f, r.access)
		}),
	},
	{
		ID: "oidc/userinfo/claims", Rule: "OpenID Connect Core 1.0 section 5.4",
		Title: lang.T("Les portées demandées donnent leurs informations", "The scopes that are asked for give their claims"),
		Run:   with(wantClaims),
	},
	{
		ID: "oidc/userinfo/minimal", Rule: "OpenID Connect Core 1.0 sections 5.4, 16.2",
		Title: lang.T("Ce qui n'est pas demandé n'est pas donné", "What isn't asked for isn't given"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t).with("scope", "openid")
			claims := p.userinfo(t, f, p.tokens(t, f).access)
			for _, name := range []string{"name", "given_name", "family_name", "usual_name", "email", "phone_number", "birthdate", "address", "siret"} {
				_, given := claims[name]
				t.Want(!given, "GET userinfo with the scope openid", "the claim "+name, "no claim about the person but sub")
			}
		}),
	},
	{
		ID: "oidc/userinfo/post", Rule: "OpenID Connect Core 1.0 section 5.3",
		Title: lang.T("La demande peut aussi venir par POST", "The request may come by POST too"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			a := p.askUserinfo(t, http.MethodPost, bearer(p.tokens(t, f).access))
			t.Want(a.Status == http.StatusOK && len(a.Body) > 0, a.Did, a.Got(), "200 with claims")
		}),
	},
	{
		ID: "oidc/userinfo/token-missing", Rule: "RFC 6750 section 3",
		Title: lang.T("Sans jeton, la demande est refusée et dit ce qu'il faut", "Without a token the request is refused, and told what it needs"),
		Run: with(func(t *probe.T, p *Provider) {
			a := p.askUserinfo(t, http.MethodGet, func(*http.Request) {})
			t.Want(a.Status == http.StatusUnauthorized && challenges(a), a.Did+" without a token", gotChallenge(a), "401 with WWW-Authenticate: Bearer")
		}),
	},
	{
		ID: "oidc/userinfo/token-invalid", Rule: "RFC 6750 section 3.1",
		Title: lang.T("Un jeton qui ne vaut rien est refusé, et la réponse le dit", "A token that isn't one is refused, and the answer says so"),
		Run: with(func(t *probe.T, p *Provider) {
			a := p.askUserinfo(t, http.MethodGet, bearer("aloi-"+random(24)))
			ok := a.Status == http.StatusUnauthorized && challenges(a) && strings.Contains(a.Header.Get("WWW-Authenticate"), "invalid_token")
			t.Want(ok, a.Did+" with an unknown token", gotChallenge(a), "401 with WWW-Authenticate: Bearer error=\"invalid_token\"")
		}),
	},
}

// wantClaims asks for the default scopes of the client's profile.
func wantClaims(t *probe.T, p *Provider) {
	f := p.flow(t)
	claims := p.userinfo(t, f, p.tokens(t, f).access)
	if p.strict {
		wantProConnectClaims(t, "GET userinfo", claims)
		return
	}
	t.Want(strings.Contains(claim(claims, "email"), "@"), "GET userinfo", "no email", "the claim email, for the scope email")
	named := claim(claims, "name") + claim(claims, "given_name") + claim(claims, "family_name") + claim(claims, "preferred_username")
	t.Want(named != "", "GET userinfo", "no name", "a claim of the scope profile: name, given_name, family_name or preferred_username")
}

// challenges reports whether an answer asks for a bearer token.
func challenges(a Answer) bool {
	scheme, _, _ := strings.Cut(a.Header.Get("WWW-Authenticate"), " ")
	return strings.EqualFold(scheme, "Bearer")
}

func gotChallenge(a Answer) string {
	return fmt.Sprintf("%d with WWW-Authenticate %q", a.Status, clip(a.Header.Get("WWW-Authenticate")))
}

// directive reports whether Cache-Control has a directive.
func directive(h http.Header, name string) bool {
	for part := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		if strings.EqualFold(strings.TrimSpace(part), name) {
			return true
		}
	}
	return false
}
