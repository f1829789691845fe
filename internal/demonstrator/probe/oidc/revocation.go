package oidc

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var revocationChecks = []probe.Check{
	{
		ID: "oidc/revocation/access-token", Rule: "RFC 7009 section 2", Features: []string{revocation},
		Title: lang.T("Un jeton d'accès révoqué ne vaut plus", "A revoked access token doesn't count any more"),
		Run: with(func(t *probe.T, p *Provider) {
			access := p.tokens(t, p.flow(t)).access
			p.wantAlive(t, access, "before the revocation")
			p.revoked(t, access, "access_token")
			p.wantDead(t, access, "after the revocation")
		}),
	},
	{
		ID: "oidc/revocation/refresh-token", Rule: "RFC 7009 section 2.1", Features: []string{revocation, refresh},
		Title: lang.T("Un jeton de rafraîchissement révoqué ne vaut plus", "A revoked refresh token doesn't count any more"),
		Run: with(func(t *probe.T, p *Provider) {
			_, r := p.refreshable(t)
			p.revoked(t, r.refresh, "refresh_token")
			p.tokenFor(t, clientAccount, renewal(r.refresh)).wantRefusal(t, "invalid_grant")
		}),
	},
	{
		ID: "oidc/revocation/unknown", Rule: "RFC 7009 section 2.2", Features: []string{revocation},
		Title: lang.T("Révoquer un jeton inconnu réussit : il ne vaut déjà plus", "Revoking an unknown token succeeds: it doesn't count already"),
		Run: with(func(t *probe.T, p *Provider) {
			access := p.tokens(t, p.flow(t)).access
			p.revoked(t, "aloi-"+random(24), "access_token")
			p.wantAlive(t, access, "after another token was revoked")
		}),
	},
	{
		ID: "oidc/revocation/client-wrong", Rule: "RFC 7009 section 2.1", Features: []string{revocation},
		Title: lang.T("Un client dont le secret est faux ne révoque rien", "A client with a wrong secret revokes nothing"),
		Run: with(func(t *probe.T, p *Provider) {
			access := p.tokens(t, p.flow(t)).access
			id, secret := p.account(clientAccount)
			a, err := p.as(t.Context(), p.metadataFor(t), "revocation_endpoint", "POST revoke with a wrong secret", id, secret+"x", url.Values{"token": {access}})
			must(t, a.Did, err)
			t.Want(a.oauthError() == "invalid_client", a.Did, a.Got(), "401 invalid_client")
			p.wantAlive(t, access, "after the refusal")
		}),
	},
	{
		ID: "oidc/revocation/other-client", Rule: "RFC 7009 section 2.1", Features: []string{revocation, secondClient},
		Title: lang.T("Un client ne révoque pas le jeton d'un autre", "A client can't revoke another one's token"),
		Run: with(func(t *probe.T, p *Provider) {
			access := p.tokens(t, p.flow(t)).access
			a, err := p.revoke(t.Context(), p.metadataFor(t), otherAccount, access, "access_token")
			must(t, a.Did, err)
			t.Want(a.Status < 500, a.Did, a.Got(), "a refusal, or an acknowledgement without effect")
			p.wantAlive(t, access, "after another client revoked it")
		}),
	},
}

// revoked revokes a token of the client and wants it acknowledged.
func (p *Provider) revoked(t *probe.T, token, hint string) {
	a, err := p.revoke(t.Context(), p.metadataFor(t), clientAccount, token, hint)
	must(t, a.Did, err)
	t.Want(a.Status == http.StatusOK, a.Did, a.Got(), "200")
}

var introspectionChecks = []probe.Check{
	{
		ID: "oidc/introspection/active", Rule: "RFC 7662 section 2.2", Features: []string{introspection},
		Title: lang.T("Un jeton qui vaut est dit actif, et décrit sans erreur", "A token that counts is said to be active, and described without a mistake"),
		Run:   with(wantDescribed),
	},
	{
		ID: "oidc/introspection/unknown", Rule: "RFC 7662 section 2.2", Features: []string{introspection},
		Title: lang.T("Un jeton inconnu est dit inactif, sans rien de plus", "An unknown token is said to be inactive, and nothing more"),
		Run: with(func(t *probe.T, p *Provider) {
			a, doc := p.introspected(t, "aloi-"+random(24))
			t.Want(doc["active"] == false, a.Did, fmt.Sprintf("active %v", doc["active"]), "active false")
			t.Want(len(doc) == 1, a.Did, fmt.Sprintf("%d members", len(doc)), "active, and nothing more")
		}),
	},
	{
		ID: "oidc/introspection/revoked", Rule: "RFC 7662 section 2.2; RFC 7009 section 2", Features: []string{introspection, revocation},
		Title: lang.T("Un jeton révoqué est dit inactif", "A revoked token is said to be inactive"),
		Run: with(func(t *probe.T, p *Provider) {
			access := p.tokens(t, p.flow(t)).access
			a, doc := p.introspected(t, access)
			t.Want(doc["active"] == true, a.Did+" before the revocation", fmt.Sprintf("active %v", doc["active"]), "active true")
			p.revoked(t, access, "access_token")
			_, doc = p.introspected(t, access)
			t.Want(doc["active"] == false, a.Did+" after the revocation", fmt.Sprintf("active %v", doc["active"]), "active false")
		}),
	},
	{
		ID: "oidc/introspection/anonymous", Rule: "RFC 7662 section 2.1", Features: []string{introspection},
		Title: lang.T("Qui ne s'authentifie pas n'apprend rien d'un jeton", "Who doesn't authenticate learns nothing of a token"),
		Run: with(func(t *probe.T, p *Provider) {
			access := p.tokens(t, p.flow(t)).access
			to, err := p.metadataFor(t).endpoint("introspection_endpoint")
			must(t, "GET discovery", err)
			a := p.do(t, call{did: "POST introspect as nobody", url: to.String(), form: url.Values{"token": {access}}})
			t.Want(a.Status == http.StatusUnauthorized || a.Status == http.StatusBadRequest && a.oauthError() != "", a.Did, a.Got(), "401")
		}),
	},
}

// introspected asks the introspection endpoint about a token.
func (p *Provider) introspected(t *probe.T, token string) (Answer, map[string]any) {
	a, err := p.asClient(t.Context(), p.metadataFor(t), "introspection_endpoint", "POST introspect", clientAccount, url.Values{"token": {token}})
	must(t, a.Did, err)
	t.Want(a.Status == http.StatusOK && a.media() == "application/json", a.Did, a.Got(), "200 with application/json")
	doc, err := a.object()
	must(t, a.Did, err)
	return a, doc
}

// wantDescribed holds each member that is there against what is known of the token.
func wantDescribed(t *probe.T, p *Provider) {
	f := p.flow(t)
	r := p.tokens(t, f)
	subject := claim(p.idToken(t, f, r), "sub")
	a, doc := p.introspected(t, r.access)
	t.Want(doc["active"] == true, a.Did, fmt.Sprintf("active %v", doc["active"]), "active true")
	id, _ := p.account(clientAccount)
	for name, want := range map[string]string{"sub": subject, "client_id": id, "iss": p.issuer} {
		got, said := doc[name]
		t.Want(!said || got == want, a.Did, fmt.Sprintf("another %s", name), "the "+name+" of the token")
	}
	if exp, said := seconds(doc, "exp"); said {
		t.Want(exp > t.Now().Unix(), a.Did, fmt.Sprintf("exp %d, in the past", exp), "an exp to come")
	}
	if scope, said := doc["scope"].(string); said {
		t.Want(slices.Contains(strings.Fields(scope), "openid"), a.Did, "scope "+clip(scope), "a scope with openid")
	}
}
