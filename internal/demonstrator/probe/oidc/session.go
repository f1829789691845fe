package oidc

import (
	"fmt"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var sessionChecks = []probe.Check{
	{
		ID: "oidc/authorize/prompt-none", Rule: "OpenID Connect Core 1.0 section 3.1.2.6",
		Title: lang.T("Sans session, une demande qui interdit toute page est refusée au client", "Without a session, a request that allows no page is refused to the client"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t).with("prompt", "none")
			p.wantError(t, f, p.asked(t, p.newBrowser(), f), "login_required", "interaction_required", "account_selection_required", "consent_required")
		}),
	},
	{
		ID: "oidc/authorize/prompt-none-session", Rule: "OpenID Connect Core 1.0 section 3.1.2.1", Features: []string{singleSignOn},
		Title: lang.T("Avec une session, une demande qui interdit toute page obtient un code", "With a session, a request that allows no page gets a code"),
		Run: with(func(t *probe.T, p *Provider) {
			b, subject := signedIn(t, p)
			f := p.flow(t).with("prompt", "none")
			at := p.asked(t, b, f)
			t.Want(at.landed != nil && at.landed.Query().Get("code") != "", at.page.Did, at.got(), "a redirect to the client with a code")
			again := claim(p.idToken(t, f, p.redeem(t, f, at.landed.Query().Get("code"))), "sub")
			t.Want(again == subject, at.page.Did, "another subject", "the subject of the session")
		}),
	},
	{
		ID: "oidc/authorize/prompt-login", Rule: "OpenID Connect Core 1.0 section 3.1.2.1", Features: []string{singleSignOn},
		Title: lang.T("prompt=login fait s'identifier de nouveau malgré la session", "prompt=login asks to sign in again in spite of the session"),
		Run: with(func(t *probe.T, p *Provider) {
			b, _ := signedIn(t, p)
			at := p.asked(t, b, p.flow(t).with("prompt", "login"))
			t.Want(at.asksPassword(), at.page.Did, at.got(), "a login page")
		}),
	},
	{
		ID: "oidc/authorize/max-age", Rule: "OpenID Connect Core 1.0 section 3.1.2.1", Features: []string{singleSignOn, maxAge},
		Title: lang.T("Une session plus ancienne que max_age ne suffit pas", "A session that is older than max_age isn't enough"),
		Run: with(func(t *probe.T, p *Provider) {
			b, _ := signedIn(t, p)
			at := p.asked(t, b, p.flow(t).with("max_age", "0"))
			t.Want(at.asksPassword(), at.page.Did, at.got(), "a login page")
		}),
	},
	{
		ID: "oidc/authorize/framing", Rule: "RFC 9700 section 4.16; RFC 6749 section 10.13",
		Title: lang.T("La page d'identification ne s'affiche pas dans le cadre d'un autre site", "The login page can't be shown in another site's frame"),
		Run: with(func(t *probe.T, p *Provider) {
			a := p.opens(t, p.newBrowser(), p.flow(t)).page
			csp := strings.ToLower(strings.Join(a.Header.Values("Content-Security-Policy"), ";"))
			options := strings.ToLower(a.Header.Get("X-Frame-Options"))
			t.Want(strings.Contains(csp, "frame-ancestors") || options == "deny" || options == "sameorigin", a.Did,
				fmt.Sprintf("%d without frame-ancestors or X-Frame-Options", a.Status), "a page that forbids framing")
		}),
	},
	{
		ID: "oidc/authorize/login-redirect", Rule: "RFC 9700 sections 2.1, 4.12",
		Title: lang.T("Le mot de passe n'est jamais renvoyé plus loin par une redirection", "The password is never sent on by a redirect"),
		Run: with(func(t *probe.T, p *Provider) {
			b := p.newBrowser()
			p.signIn(t, b, p.flow(t))
			t.Want(!b.reposts, "POST login form", "a redirect that sends the form again (307 or 308)", "a redirect that doesn't (303)")
		}),
	},
	{
		ID: "oidc/authorize/cookie", Rule: "RFC 6265 section 8.3; RFC 9700 section 4.7",
		Title: lang.T("Les témoins de session sont réservés à https et fermés aux scripts", "Session cookies are for https only, and closed to scripts"),
		Run:   with(wantSafeCookies),
	},
}

// signedIn is a browser in which the person has signed in, and as whom.
func signedIn(t *probe.T, p *Provider) (b *browser, subject string) {
	b = p.newBrowser()
	f := p.flow(t)
	return b, claim(p.idToken(t, f, p.redeem(t, f, p.codeFrom(t, b, f))), "sub")
}

// wantSafeCookies looks at the cookies that are long enough to be secrets: none may
// travel in clear, and the session's own, one at least, is closed to scripts; a
// second one may be open to the page that watches the session's end.
func wantSafeCookies(t *probe.T, p *Provider) {
	b := p.newBrowser()
	p.signIn(t, b, p.flow(t))
	closed := false
	for _, one := range b.cookies {
		if len(one.Value) < 16 || one.MaxAge < 0 {
			continue
		}
		t.Want(one.Secure, "sign-in", "the cookie "+clip(one.Name)+" without Secure", "Secure")
		closed = closed || one.HttpOnly
	}
	t.Want(closed, "sign-in", "no session cookie with HttpOnly", "a session cookie with HttpOnly")
}
