package oidc

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var authorizeChecks = []probe.Check{
	{
		ID: "oidc/authorize/code", Rule: "OpenID Connect Core 1.0 section 3.1.2.5",
		Title: lang.T("Une personne qui s'identifie est renvoyée au client avec un code", "A person who signs in is sent back to the client with a code"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			answer := p.signIn(t, p.newBrowser(), f)
			t.Want(answer.Get("code") != "" && answer.Get("error") == "", "authorize", "a redirect to the client without a code"+noted(answer), "a code")
		}),
	},
	{
		ID: "oidc/authorize/state", Rule: "RFC 6749 section 4.1.2",
		Title: lang.T("Le paramètre state revient au caractère près", "The state comes back to the character"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			f.params.Set("state", f.params.Get("state")+`+/= &%2B;"{}~`)
			p.wantState(t, "authorize", f, p.signIn(t, p.newBrowser(), f))
		}),
	},
	{
		ID: "oidc/authorize/redirect-unregistered", Rule: "RFC 6749 section 3.1.2.4; RFC 9700 section 2.1",
		Title: lang.T("Une adresse de retour non enregistrée est refusée, sans y renvoyer", "A redirect URI that isn't registered is refused, without redirecting there"),
		Run:   with(func(t *probe.T, p *Provider) { wantNoRedirect(t, p, "https://attacker.invalid/callback") }),
	},
	{
		ID: "oidc/authorize/redirect-exact", Rule: "RFC 9700 section 4.1.3; OpenID Connect Core 1.0 section 3.1.2.1",
		Title: lang.T("L'adresse de retour est comparée au caractère près", "The redirect URI is compared to the character"),
		Run: with(func(t *probe.T, p *Provider) {
			wantNoRedirect(t, p, p.redirect.String()+"/more")
			wantNoRedirect(t, p, strings.TrimSuffix(p.redirect.String(), "/")+"x")
		}),
	},
	{
		ID: "oidc/authorize/redirect-missing", Rule: "OpenID Connect Core 1.0 section 3.1.2.1",
		Title: lang.T("Une demande sans adresse de retour est refusée", "A request without a redirect URI is refused"),
		Run:   with(func(t *probe.T, p *Provider) { wantNoRedirect(t, p, "") }),
	},
	{
		ID: "oidc/authorize/client-unknown", Rule: "RFC 6749 section 4.1.2.1",
		Title: lang.T("Un client inconnu est refusé, sans renvoyer à l'adresse qu'il donne", "An unknown client is refused, without redirecting to the address that it gives"),
		Run: with(func(t *probe.T, p *Provider) {
			b := p.newBrowser()
			p.opens(t, b, p.flow(t))
			f := p.flow(t).with("client_id", "aloi-unknown")
			f.params.Set("redirect_uri", "https://attacker.invalid/callback")
			p.wantStays(t, p.asked(t, p.newBrowser(), f))
			at := p.asked(t, p.newBrowser(), p.flow(t).with("client_id", "aloi-unknown"))
			p.wantStays(t, at)
		}),
	},
	{
		ID: "oidc/authorize/response-type-unknown", Rule: "RFC 6749 section 4.1.2.1",
		Title: lang.T("Un type de réponse inconnu est refusé au client, avec son state", "An unknown response type is refused to the client, with its state"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t).with("response_type", "aloi")
			p.wantError(t, f, p.asked(t, p.newBrowser(), f), "unsupported_response_type", "unauthorized_client", "invalid_request")
		}),
	},
	{
		ID: "oidc/authorize/response-type-missing", Rule: "RFC 6749 section 3.1.1",
		Title: lang.T("Une demande sans type de réponse est refusée au client, avec son state", "A request without a response type is refused to the client, with its state"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t).with("response_type", "")
			p.wantError(t, f, p.asked(t, p.newBrowser(), f), "invalid_request", "unsupported_response_type")
		}),
	},
	{
		ID: "oidc/authorize/post", Rule: "OpenID Connect Core 1.0 section 3.1.2.1",
		Title: lang.T("La demande peut aussi venir par POST", "The request may come by POST too"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			f.post = true
			answer := p.signIn(t, p.newBrowser(), f)
			t.Want(answer.Get("code") != "", "POST authorize", "a redirect to the client without a code"+noted(answer), "a code")
		}),
	},
	{
		ID: "oidc/authorize/scope-missing", Rule: "RFC 6749 sections 3.3, 5.1",
		Title: lang.T("Une demande sans portée est refusée, ou la réponse dit ce qui est accordé", "A request without a scope is refused, or the answer says what is granted"),
		Run:   with(wantScopeSaid),
	},
	{
		ID: "oidc/authorize/challenge-method", Rule: "RFC 7636 section 4.4.1", Features: []string{pkce},
		Title: lang.T("Une méthode PKCE inconnue est refusée", "An unknown method of PKCE is refused"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t).with("code_challenge_method", "aloi")
			p.wantError(t, f, p.asked(t, p.newBrowser(), f), "invalid_request")
		}),
	},
	{
		ID: "oidc/authorize/iss", Rule: "RFC 9207 sections 2, 3", Features: []string{issParameter},
		Title: lang.T("La réponse nomme l'émetteur, ce qui déjoue la confusion entre fournisseurs", "The answer names the issuer, which defeats the mix-up of providers"),
		Run: with(func(t *probe.T, p *Provider) {
			m := p.metadataFor(t)
			t.Want(m.doc["authorization_response_iss_parameter_supported"] == true, m.answer.Did,
				fmt.Sprintf("authorization_response_iss_parameter_supported %v", m.doc["authorization_response_iss_parameter_supported"]), "true")
			wantIssuer(t, p, "authorize", p.signIn(t, p.newBrowser(), p.flow(t)))
		}),
	},
	{
		ID: "oidc/authorize/iss-error", Rule: "RFC 9207 section 2", Features: []string{issParameter},
		Title: lang.T("Une erreur nomme l'émetteur aussi", "An error names the issuer too"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t).with("response_type", "aloi")
			at := p.asked(t, p.newBrowser(), f)
			t.Want(at.landed != nil && at.landed.Query().Get("error") != "", at.page.Did, at.got(), "a redirect to the client with an error")
			wantIssuer(t, p, at.page.Did, at.landed.Query())
		}),
	},
}

// wantNoRedirect asks with another redirect URI, none when it is empty, and wants a
// page that refuses. The same request with the registered one must open.
func wantNoRedirect(t *probe.T, p *Provider, to string) {
	p.opens(t, p.newBrowser(), p.flow(t))
	p.wantStays(t, p.asked(t, p.newBrowser(), p.flow(t).with("redirect_uri", to)))
}

func wantIssuer(t *probe.T, p *Provider, did string, answer url.Values) {
	t.Want(answer.Get("iss") == p.issuer, did, fmt.Sprintf("iss %q", clip(answer.Get("iss"))), fmt.Sprintf("iss %q", p.issuer))
}

// wantScopeSaid: what is granted without being asked for must be said.
func wantScopeSaid(t *probe.T, p *Provider) {
	f := p.flow(t).with("scope", "")
	b := p.newBrowser()
	at := p.asked(t, b, f)
	if at.landed != nil {
		p.wantError(t, f, at, "invalid_scope", "invalid_request")
		return
	}
	if !at.asksPassword() {
		p.wantStays(t, at)
		p.opens(t, p.newBrowser(), p.flow(t))
		return
	}
	at, err := b.pass(t.Context(), at, p.redirect)
	must(t, at.page.Did, err)
	answer := at.landed.Query()
	if answer.Get("code") == "" {
		p.wantError(t, f, at, "invalid_scope", "invalid_request")
		return
	}
	a := p.tokenFor(t, clientAccount, p.exchange(f, answer.Get("code")))
	t.Want(a.Status == http.StatusOK, a.Did, a.Got(), "200")
	r := p.read(t, f, a)
	t.Want(len(r.granted()) > 0, a.Did, "200 without scope", "the scope that is granted, since none was asked for")
}
