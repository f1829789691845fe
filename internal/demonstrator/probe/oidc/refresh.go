package oidc

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var refreshChecks = []probe.Check{
	{
		ID: "oidc/refresh/access-token", Rule: "RFC 6749 section 6", Features: []string{refresh},
		Title: lang.T("Un jeton de rafraîchissement donne un nouveau jeton d'accès, qui vaut", "A refresh token gives a new access token, which counts"),
		Run: with(func(t *probe.T, p *Provider) {
			f, r := p.refreshable(t)
			again := p.read(t, f, p.tokenFor(t, clientAccount, renewal(r.refresh)))
			t.Want(again.access != r.access, again.answer.Did, "the same access_token", "a new access_token")
			p.wantAlive(t, again.access, "with the new access token")
		}),
	},
	{
		ID: "oidc/refresh/id-token", Rule: "OpenID Connect Core 1.0 section 12.2", Features: []string{refresh},
		Title: lang.T("Le jeton d'identité rafraîchi, s'il y en a un, est de la même personne, pour le même client", "The refreshed ID token, if there is one, is about the same person, for the same client"),
		Run:   with(wantSamePerson),
	},
	{
		ID: "oidc/refresh/other-client", Rule: "RFC 6749 sections 6, 10.4", Features: []string{refresh, secondClient},
		Title: lang.T("Un jeton de rafraîchissement n'est pas honoré pour un autre client", "A refresh token isn't honoured for another client"),
		Run: with(func(t *probe.T, p *Provider) {
			_, r := p.refreshable(t)
			p.tokenFor(t, otherAccount, renewal(r.refresh)).wantRefusal(t, "invalid_grant")
		}),
	},
	{
		ID: "oidc/refresh/unknown", Rule: "RFC 6749 section 5.2", Features: []string{refresh},
		Title: lang.T("Un jeton de rafraîchissement inconnu est refusé comme tel", "An unknown refresh token is refused as such"),
		Run: with(func(t *probe.T, p *Provider) {
			p.tokenFor(t, clientAccount, renewal("aloi-"+random(24))).wantRefusal(t, "invalid_grant")
		}),
	},
	{
		ID: "oidc/refresh/scope", Rule: "RFC 6749 section 6", Features: []string{refresh},
		Title: lang.T("Un rafraîchissement ne donne pas plus que ce qui fut accordé", "A refresh gives no more than what was granted"),
		Run:   with(wantNoMore),
	},
	{
		ID: "oidc/refresh/rotation", Rule: "RFC 9700 sections 2.2.2, 4.14.2", Features: []string{refresh, refreshRotation},
		Title: lang.T("Un jeton de rafraîchissement remplacé ne vaut plus", "A refresh token that was replaced doesn't count any more"),
		Run: with(func(t *probe.T, p *Provider) {
			rotated(t, p)
		}),
	},
	{
		ID: "oidc/refresh/replay", Rule: "RFC 9700 section 4.14.2", Features: []string{refresh, refreshRotation},
		Title: lang.T("Le rejeu d'un jeton remplacé, signe de vol, révoque celui qui le remplace", "The replay of a replaced token, a sign of theft, revokes the one in its place"),
		Run: with(func(t *probe.T, p *Provider) {
			next := rotated(t, p)
			p.tokenFor(t, clientAccount, renewal(next)).wantRefusal(t, "invalid_grant")
		}),
	},
}

// renewal is the request that turns a refresh token into tokens.
func renewal(token string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
}

// rotated replaces a refresh token, offers the old one again, and returns the new one.
func rotated(t *probe.T, p *Provider) string {
	f, r := p.refreshable(t)
	again := p.read(t, f, p.tokenFor(t, clientAccount, renewal(r.refresh)))
	t.Want(again.refresh != "" && again.refresh != r.refresh, again.answer.Did, "the same refresh token, or none", "another refresh_token in its place")
	p.tokenFor(t, clientAccount, renewal(r.refresh)).wantRefusal(t, "invalid_grant")
	return again.refresh
}

func wantSamePerson(t *probe.T, p *Provider) {
	const did = "the refreshed ID token"
	f, r := p.refreshable(t)
	before := p.idToken(t, f, r)
	again := p.read(t, f, p.tokenFor(t, clientAccount, renewal(r.refresh)))
	if again.idText == "" {
		p.wantAlive(t, again.access, "with the new access token")
		return
	}
	after := p.idToken(t, f, again)
	for _, name := range []string{"iss", "sub"} {
		t.Want(claim(after, name) == claim(before, name), did, fmt.Sprintf("%s %q", name, clip(claim(after, name))), "the same "+name)
	}
	t.Want(slices.Equal(audience(after), audience(before)), did, fmt.Sprintf("aud %v", audience(after)), "the same aud")
	nonce, said := after["nonce"]
	t.Want(!said || nonce == f.params.Get("nonce"), did, "another nonce", "no nonce, or the first one")
}

// wantNoMore asks for a scope that the person did not grant.
func wantNoMore(t *probe.T, p *Provider) {
	f := p.offline(t).with("scope", "openid offline_access")
	r := p.tokens(t, f)
	t.Want(r.refresh != "", r.answer.Did, "200 without refresh_token", "a refresh_token")
	more := "profile"
	if p.strict {
		more = "email"
	}
	form := renewal(r.refresh)
	form.Set("scope", "openid offline_access "+more)
	a := p.tokenFor(t, clientAccount, form)
	if a.Status == http.StatusOK { // a server may leave out what it doesn't grant, and say so (section 3.3)
		again := p.read(t, f, a)
		granted := again.granted()
		t.Want(len(granted) > 0 && !slices.Contains(granted, more), a.Did, fmt.Sprintf("200 with scope %v", granted), "invalid_scope, or a scope without "+more)
		return
	}
	a.wantRefusal(t, "invalid_scope", "invalid_request")
}
