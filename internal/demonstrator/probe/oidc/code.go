package oidc

import (
	"fmt"
	"net/http"
	"net/url"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var codeChecks = []probe.Check{
	{
		ID: "oidc/code/single-use", Rule: "RFC 6749 section 4.1.2",
		Title: lang.T("Un code ne sert qu'une fois", "A code can be used once only"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			code := p.code(t, f)
			p.redeem(t, f, code)
			p.tokenFor(t, clientAccount, p.exchange(f, code)).wantRefusal(t, "invalid_grant")
		}),
	},
	{
		ID: "oidc/code/reuse-revokes", Rule: "RFC 6749 section 4.1.2",
		Title: lang.T("Le réemploi d'un code révoque le jeton qu'il avait donné", "Using a code again revokes the token that it had given"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			code := p.code(t, f)
			access := p.redeem(t, f, code).access
			p.wantAlive(t, access, "before the code is used again")
			p.tokenFor(t, clientAccount, p.exchange(f, code))
			p.wantDead(t, access, "after the code was used again")
		}),
	},
	{
		ID: "oidc/code/other-client", Rule: "RFC 6749 section 4.1.3", Features: []string{secondClient},
		Title: lang.T("Un code n'est pas honoré pour un autre client", "A code isn't honoured for another client"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			p.tokenFor(t, otherAccount, p.exchange(f, p.code(t, f))).wantRefusal(t, "invalid_grant")
		}),
	},
	{
		ID: "oidc/code/redirect-uri", Rule: "RFC 6749 section 4.1.3",
		Title: lang.T("Un code n'est pas honoré avec une autre adresse de retour", "A code isn't honoured with another redirect URI"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			form := p.exchange(f, p.code(t, f))
			form.Set("redirect_uri", "https://attacker.invalid/callback")
			p.tokenFor(t, clientAccount, form).wantRefusal(t, "invalid_grant", "invalid_request")
		}),
	},
	{
		ID: "oidc/code/verifier-wrong", Rule: "RFC 7636 section 4.6", Features: []string{pkce},
		Title: lang.T("Un code n'est pas honoré avec un autre vérificateur PKCE", "A code isn't honoured with another verifier"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			form := p.exchange(f, p.code(t, f))
			form.Set("code_verifier", random(32))
			p.tokenFor(t, clientAccount, form).wantRefusal(t, "invalid_grant")
		}),
	},
	{
		ID: "oidc/code/verifier-missing", Rule: "RFC 7636 section 4.6", Features: []string{pkce},
		Title: lang.T("Un code n'est pas honoré sans le vérificateur PKCE", "A code isn't honoured without its verifier"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			form := p.exchange(f, p.code(t, f))
			form.Del("code_verifier")
			p.tokenFor(t, clientAccount, form).wantRefusal(t, "invalid_grant", "invalid_request")
		}),
	},
	{
		ID: "oidc/code/verifier-unasked", Rule: "RFC 9700 section 2.1.1", Features: []string{pkce},
		Title: lang.T("Un vérificateur sans défi est refusé : quelqu'un a pu retirer le défi", "A verifier without a challenge is refused: somebody may have removed the challenge"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			f.params.Del("code_challenge")
			f.params.Del("code_challenge_method")
			switch at := p.asked(t, p.newBrowser(), f); { // where PKCE is required, nothing can be removed
			case at.landed != nil:
				p.wantError(t, f, at, "invalid_request")
				return
			case !at.asksPassword():
				p.opens(t, p.newBrowser(), p.flow(t))
				p.wantStays(t, at)
				return
			}
			p.tokenFor(t, clientAccount, p.exchange(f, p.code(t, f))).wantRefusal(t, "invalid_grant", "invalid_request")
		}),
	},
	{
		ID: "oidc/code/unknown", Rule: "RFC 6749 section 5.2",
		Title: lang.T("Un code inconnu est refusé comme tel", "An unknown code is refused as such"),
		Run: with(func(t *probe.T, p *Provider) {
			p.tokenFor(t, clientAccount, p.exchange(p.flow(t), "aloi-"+random(24))).wantRefusal(t, "invalid_grant")
		}),
	},
	{
		ID: "oidc/code/guessable", Rule: "RFC 6749 section 10.10",
		Title: lang.T("Deux codes diffèrent et ne se devinent pas", "Two codes differ and can't be guessed"),
		Run: with(func(t *probe.T, p *Provider) {
			one, two := p.code(t, p.flow(t)), p.code(t, p.flow(t))
			t.Want(one != two, "authorize, twice", "the same code", "two codes")
			for _, code := range []string{one, two} { // 128 bits are 22 characters of base64url
				t.Want(len(code) >= 22, "authorize", fmt.Sprintf("a code of %d characters", len(code)), "22 characters at least, for 128 bits")
			}
		}),
	},
}

var tokenChecks = []probe.Check{
	{
		ID: "oidc/token/bearer", Rule: "OpenID Connect Core 1.0 section 3.1.3.3",
		Title: lang.T("Un code donne un jeton d'accès au porteur et un jeton d'identité", "A code gives a bearer access token and an ID token"),
		Run:   with(wantTokens),
	},
	{
		ID: "oidc/token/expires-in", Rule: "RFC 6749 section 5.1",
		Title: lang.T("La réponse dit combien de temps vit le jeton d'accès, un jour au plus", "The answer says how long the access token lives, a day at most"),
		Run: with(func(t *probe.T, p *Provider) {
			r := p.tokens(t, p.flow(t))
			n, ok := r.lifetime()
			t.Want(ok && n > 0 && n <= 24*3600, r.answer.Did, fmt.Sprintf("expires_in %#v", r.doc["expires_in"]), "a number of seconds from 1 to 86400")
		}),
	},
	{
		ID: "oidc/token/no-store", Rule: "RFC 6749 section 5.1; OpenID Connect Core 1.0 section 3.1.3.3",
		Title: lang.T("Les jetons ne restent dans aucun cache", "Tokens stay in no cache"),
		Run: with(func(t *probe.T, p *Provider) {
			a := p.tokens(t, p.flow(t)).answer
			t.Want(directive(a.Header, "no-store"), a.Did, fmt.Sprintf("Cache-Control %q", clip(a.Header.Get("Cache-Control"))), "Cache-Control: no-store")
		}),
	},
	{
		ID: "oidc/token/json", Rule: "RFC 6749 section 5.1",
		Title: lang.T("Les jetons sont dans un objet JSON servi comme tel", "Tokens are in a JSON object, served as one"),
		Run: with(func(t *probe.T, p *Provider) {
			a := p.tokens(t, p.flow(t)).answer
			t.Want(a.media() == "application/json", a.Did, a.Got(), "the type application/json")
		}),
	},
	{
		ID: "oidc/token/error-json", Rule: "RFC 6749 section 5.2",
		Title: lang.T("Une erreur est un objet JSON servi comme tel", "An error is a JSON object, served as one"),
		Run: with(func(t *probe.T, p *Provider) {
			a := p.tokenFor(t, clientAccount, p.exchange(p.flow(t), "aloi-"+random(24)))
			t.Want(a.oauthError() != "" && a.media() == "application/json", a.Did, a.Got()+" as "+clip(a.media()), "an error of the type application/json")
		}),
	},
	{
		ID: "oidc/token/client-secret-wrong", Rule: "RFC 6749 section 5.2",
		Title: lang.T("Un client dont le secret est faux est refusé, et son code reste perdu pour lui", "A client with a wrong secret is refused, and gets nothing for its code"),
		Run: with(func(t *probe.T, p *Provider) {
			id, secret := p.account(clientAccount)
			wantStranger(t, p, id, secret+"x")
		}),
	},
	{
		ID: "oidc/token/client-challenge", Rule: "RFC 6749 section 5.2",
		Title: lang.T("Un client refusé par l'authentification HTTP apprend comment s'authentifier", "A client refused by HTTP authentication is told how to authenticate"),
		Run: with(func(t *probe.T, p *Provider) {
			m := p.metadataFor(t)
			id, secret := p.account(clientAccount)
			a, err := p.as(t.Context(), m, "token_endpoint", "POST token with a wrong secret", id, secret+"x", p.exchange(p.flow(t), "aloi-"+random(24)))
			must(t, a.Did, err)
			ok := a.Status == http.StatusUnauthorized && a.Header.Get("WWW-Authenticate") != "" || !m.basic("token_endpoint") && a.oauthError() == "invalid_client"
			t.Want(ok, a.Did, fmt.Sprintf("%s, WWW-Authenticate %q", a.Got(), clip(a.Header.Get("WWW-Authenticate"))), "401 with WWW-Authenticate")
		}),
	},
	{
		ID: "oidc/token/client-secret-missing", Rule: "RFC 6749 sections 3.2.1, 5.2",
		Title: lang.T("Un client qui doit un secret est refusé sans lui", "A client that owes a secret is refused without it"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			form := p.exchange(f, p.code(t, f))
			id, _ := p.account(clientAccount)
			form.Set("client_id", id)
			to, err := p.metadataFor(t).endpoint("token_endpoint")
			must(t, "GET discovery", err)
			p.do(t, call{did: "POST token without a secret", url: to.String(), form: form}).wantRefusal(t, "invalid_client", "invalid_request", "unauthorized_client")
		}),
	},
	{
		ID: "oidc/token/client-unknown", Rule: "RFC 6749 section 5.2",
		Title: lang.T("Un client inconnu est refusé", "An unknown client is refused"),
		Run:   with(func(t *probe.T, p *Provider) { wantStranger(t, p, "aloi-unknown", random(16)) }),
	},
	{
		ID: "oidc/token/grant-unknown", Rule: "RFC 6749 section 5.2",
		Title: lang.T("Un type d'octroi inconnu est refusé comme tel", "An unknown grant type is refused as such"),
		Run: with(func(t *probe.T, p *Provider) {
			p.tokenFor(t, clientAccount, url.Values{"grant_type": {"urn:aloi:unknown"}}).wantRefusal(t, "unsupported_grant_type")
		}),
	},
}

func wantTokens(t *probe.T, p *Provider) {
	f := p.flow(t)
	r := p.tokens(t, f)
	kind, _ := r.doc["token_type"].(string)
	t.Want(len(kind) == 6 && http.CanonicalHeaderKey(kind) == "Bearer", r.answer.Did, fmt.Sprintf("token_type %q", clip(kind)), "token_type Bearer")
	t.Want(r.idText != "", r.answer.Did, "200 without id_token", "an id_token")
	p.wantAlive(t, r.access, "with the access token")
}

// wantStranger offers a true code as somebody who may not have it: 401 when the
// client used HTTP authentication (RFC 6749, section 5.2).
func wantStranger(t *probe.T, p *Provider, id, secret string) {
	f := p.flow(t)
	m := p.metadataFor(t)
	a, err := p.as(t.Context(), m, "token_endpoint", "POST token as a stranger", id, secret, p.exchange(f, p.code(t, f)))
	must(t, a.Did, err)
	ok := a.oauthError() == "invalid_client" && (a.Status == http.StatusUnauthorized || !m.basic("token_endpoint") && a.Status == http.StatusBadRequest)
	t.Want(ok, a.Did, a.Got(), "401 invalid_client")
}
