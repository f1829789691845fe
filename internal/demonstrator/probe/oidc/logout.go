package oidc

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var logoutChecks = []probe.Check{
	{
		ID: "oidc/logout/redirect", Rule: "OpenID Connect RP-Initiated Logout 1.0 sections 2, 3", Features: []string{logout},
		Title: lang.T("La personne qui se déconnecte revient à l'adresse enregistrée, avec le state", "A person who signs out comes back to the registered address, with the state"),
		Run: with(func(t *probe.T, p *Provider) {
			b, hint := hinted(t, p, clientAccount)
			wantSignedOut(t, p, b, hint)
		}),
	},
	{
		ID: "oidc/logout/redirect-unregistered", Rule: "OpenID Connect RP-Initiated Logout 1.0 section 3", Features: []string{logout},
		Title: lang.T("Une adresse non enregistrée n'est pas suivie", "An address that isn't registered isn't followed"),
		Run: with(func(t *probe.T, p *Provider) {
			wantNotFollowed(t, p, clientAccount, "https://attacker.invalid/signed-out")
		}),
	},
	{
		ID: "oidc/logout/redirect-exact", Rule: "OpenID Connect RP-Initiated Logout 1.0 section 3", Features: []string{logout},
		Title: lang.T("L'adresse est comparée au caractère près", "The address is compared to the character"),
		Run:   with(func(t *probe.T, p *Provider) { wantNotFollowed(t, p, clientAccount, p.signedOut.String()+"x") }),
	},
	{
		ID: "oidc/logout/session", Rule: "OpenID Connect RP-Initiated Logout 1.0 section 2", Features: []string{logout, singleSignOn},
		Title: lang.T("La déconnexion met fin à la session", "Signing out ends the session"),
		Run: with(func(t *probe.T, p *Provider) {
			b, hint := hinted(t, p, clientAccount)
			at := p.asked(t, b, p.flow(t))
			t.Want(at.landed != nil && at.landed.Query().Get("code") != "", at.page.Did+" before signing out", at.got(), "a redirect to the client with a code")
			wantSignedOut(t, p, b, hint)
			at = p.asked(t, b, p.flow(t))
			t.Want(at.asksPassword(), at.page.Did+" after signing out", at.got(), "a login page")
		}),
	},
	{
		ID: "oidc/logout/hint-forged", Rule: "OpenID Connect RP-Initiated Logout 1.0 section 2", Features: []string{logout},
		Title: lang.T("Un jeton d'identité dont la signature est fausse ne fait suivre aucune adresse", "An ID token with a wrong signature makes no address be followed"),
		Run: with(func(t *probe.T, p *Provider) {
			b, hint := hinted(t, p, clientAccount)
			at := leave(t, p, b, forged(hint), p.signedOut)
			t.Want(at.landed == nil && at.page.Status < 500, at.page.Did, at.got(), "a page of the provider")
			wantSignedOut(t, p, b, hint)
		}),
	},
}

// hinted signs in and returns the browser with the ID token that names its session.
func hinted(t *probe.T, p *Provider, account string) (*browser, string) {
	b := p.newBrowser()
	f := p.newFlow(t.Name(), account)
	r := p.redeem(t, f, p.codeFrom(t, b, f))
	p.idToken(t, f, r)
	return b, r.idText
}

// forged is an ID token with another signature.
func forged(idToken string) string {
	i := strings.LastIndexByte(idToken, '.') + 1
	other := byte('A')
	if idToken[i] == other {
		other = 'B'
	}
	return idToken[:i] + string(other) + idToken[i+1:]
}

// leave asks the provider to sign the person out and to send them to an address,
// and confirms where it asks to.
func leave(t *probe.T, p *Provider, b *browser, hint string, to *url.URL) place {
	endpoint, err := p.metadataFor(t).endpoint("end_session_endpoint")
	must(t, "GET discovery", err)
	query := endpoint.Query()
	query.Set("id_token_hint", hint)
	query.Set("post_logout_redirect_uri", to.String())
	query.Set("state", signOutState)
	endpoint.RawQuery = query.Encode()
	at, err := b.visit(t.Context(), call{did: "GET end_session", url: endpoint.String()}, to)
	var stray *probe.HostRefused
	if errors.As(err, &stray) { // the answer that redirects there is the place
		return at
	}
	must(t, "GET end_session", err)
	if at.landed != nil {
		return at
	}
	if f := signIn(forms(at.page.Body, at.page.URL)); f != nil && f.password == "" && f.name == "" {
		at = b.visitFor(t, call{did: "POST sign-out form", url: f.action.String(), form: f.filled("", "")}, to)
	}
	return at
}

// signOutState is what a sign-out must give back; ProConnect wants 32 characters.
const signOutState = "aloi-signed-out-0123456789-abcdefghij"

// wantSignedOut signs out to the registered address.
func wantSignedOut(t *probe.T, p *Provider, b *browser, hint string) {
	at := leave(t, p, b, hint, p.signedOut)
	t.Want(at.landed != nil, at.page.Did, at.got(), "a redirect to the registered address")
	state := at.landed.Query().Get("state")
	t.Want(state == signOutState, at.page.Did, fmt.Sprintf("the state %q", clip(state)), fmt.Sprintf("the state %q", signOutState))
}

// wantNotFollowed signs out to another address, then to the registered one: that one
// is followed, so the other was refused for what it is.
func wantNotFollowed(t *probe.T, p *Provider, account, address string) {
	to, err := url.Parse(address)
	if err != nil {
		t.Bug(err)
	}
	b, hint := hinted(t, p, account)
	at := leave(t, p, b, hint, to)
	ok := at.landed == nil && at.page.Status < 500 && at.page.redirect() == nil
	t.Want(ok, at.page.Did+" to "+clip(address), at.got(), "a page of the provider")
	b, hint = hinted(t, p, account)
	wantSignedOut(t, p, b, hint)
}
