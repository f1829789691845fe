package oidc

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// The documentation of ProConnect that the rules of this group are read from.
const proConnectDoc = "ProConnect, documentation technique (mai 2025)"

// proConnectScopes are those whose claims ProConnect always supplies.
var proConnectScopes = []string{"openid", "given_name", "usual_name", "email", "uid", "siret"}

// assurances are the levels that ProConnect's documentation names; more are
// addresses below assurancePrefix.
var assurances = []string{"eidas1", "eidas2", "eidas3", "eidas1-mfa"}

const assurancePrefix = "https://proconnect.gouv.fr/assurance/"

// fourteenDigits is how ProConnect writes a SIRET.
var fourteenDigits = regexp.MustCompile(`^[0-9]{14}$`)

var proConnectChecks = []probe.Check{
	{
		ID: "oidc/proconnect/state-short", Rule: proConnectDoc + ", authorize", Features: []string{proConnect},
		Title: lang.T("Un state de moins de 32 caractères est refusé", "A state of fewer than 32 characters is refused"),
		Run:   with(func(t *probe.T, p *Provider) { wantStrict(t, p, "state", strings.Repeat("s", 31)) }),
	},
	{
		ID: "oidc/proconnect/state-missing", Rule: proConnectDoc + ", authorize", Features: []string{proConnect},
		Title: lang.T("Une demande sans state est refusée", "A request without a state is refused"),
		Run:   with(func(t *probe.T, p *Provider) { wantStrict(t, p, "state", "") }),
	},
	{
		ID: "oidc/proconnect/nonce-short", Rule: proConnectDoc + ", authorize", Features: []string{proConnect},
		Title: lang.T("Un nonce de moins de 32 caractères est refusé", "A nonce of fewer than 32 characters is refused"),
		Run:   with(func(t *probe.T, p *Provider) { wantStrict(t, p, "nonce", strings.Repeat("n", 31)) }),
	},
	{
		ID: "oidc/proconnect/nonce-missing", Rule: proConnectDoc + ", authorize", Features: []string{proConnect},
		Title: lang.T("Une demande sans nonce est refusée", "A request without a nonce is refused"),
		Run:   with(func(t *probe.T, p *Provider) { wantStrict(t, p, "nonce", "") }),
	},
	{
		ID: "oidc/proconnect/unknown-parameter", Rule: proConnectDoc + ", authorize", Features: []string{proConnect},
		Title: lang.T("Un paramètre inconnu est refusé", "An unknown parameter is refused"),
		Run:   with(func(t *probe.T, p *Provider) { wantStrict(t, p, "aloi_extra", "1") }),
	},
	{
		ID: "oidc/proconnect/userinfo-signed", Rule: proConnectDoc + ", userinfo; OpenID Connect Core 1.0 section 5.3.2", Features: []string{proConnect},
		Title: lang.T("Les informations sont un JWT signé, dans l'algorithme enregistré, pour ce client", "Claims are a signed JWT, in the registered algorithm, for this client"),
		Run: with(func(t *probe.T, p *Provider) {
			claims := p.signedClaims(t)
			id, _ := p.account(p.profileAccount())
			t.Want(claim(claims, "iss") == p.issuer, "the signed claims", fmt.Sprintf("iss %q", clip(claim(claims, "iss"))), "the issuer")
			t.Want(slices.Contains(audience(claims), id), "the signed claims", fmt.Sprintf("aud %v", audience(claims)), "the client's id in aud")
		}),
	},
	{
		ID: "oidc/proconnect/claims", Rule: proConnectDoc + ", scopes", Features: []string{proConnect},
		Title: lang.T("Les informations toujours fournies le sont, sous leurs noms", "The claims that are always supplied are there, under their names"),
		Run:   with(func(t *probe.T, p *Provider) { wantProConnectClaims(t, "GET userinfo", p.signedClaims(t)) }),
	},
	{
		ID: "oidc/proconnect/siret", Rule: proConnectDoc + ", scopes", Features: []string{proConnect},
		Title: lang.T("Le SIRET a 14 chiffres, sans rien d'autre", "The SIRET has 14 digits, and nothing else"),
		Run: with(func(t *probe.T, p *Provider) {
			siret := claim(p.signedClaims(t), "siret")
			t.Want(fourteenDigits.MatchString(siret), "GET userinfo", fmt.Sprintf("siret %q", clip(siret)), "14 digits")
		}),
	},
	{
		ID: "oidc/proconnect/acr", Rule: proConnectDoc + ", acr", Features: []string{proConnect},
		Title: lang.T("Le jeton d'identité dit un niveau d'assurance documenté", "The ID token says a documented level of assurance"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.newFlow(t.Name(), p.profileAccount())
			wantLevel(t, claim(p.idToken(t, f, p.tokens(t, f)), "acr"))
		}),
	},
	{
		ID: "oidc/proconnect/acr-asked", Rule: proConnectDoc + ", acr", Features: []string{proConnect},
		Title: lang.T("Le niveau d'assurance demandé est celui du jeton, ou la demande est refusée", "The level of assurance that is asked for is the token's, or the request is refused"),
		Run:   with(wantAskedLevel),
	},
	{
		ID: "oidc/proconnect/amr", Rule: proConnectDoc + ", amr", Features: []string{proConnect},
		Title: lang.T("La manière de s'identifier n'est dite que si elle est demandée", "How the person signed in is said only if it is asked for"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.newFlow(t.Name(), p.profileAccount())
			amr, said := p.idToken(t, f, p.tokens(t, f))["amr"]
			t.Want(!said, "the ID token", fmt.Sprintf("amr %v", amr), "no amr: the request has no claims")
		}),
	},
	{
		ID: "oidc/proconnect/token-lifetime", Rule: proConnectDoc + ", durées", Features: []string{proConnect},
		Title: lang.T("Un jeton d'accès vit 60 s au plus", "An access token lives for 60 s at most"),
		Run: with(func(t *probe.T, p *Provider) {
			r := p.tokens(t, p.newFlow(t.Name(), p.profileAccount()))
			n, ok := r.lifetime()
			t.Want(ok && n > 0 && n <= 60, r.answer.Did, fmt.Sprintf("expires_in %v", r.doc["expires_in"]), "60 at most")
		}),
	},
	{
		ID: "oidc/proconnect/code-lifetime", Rule: proConnectDoc + ", durées", Features: []string{proConnect}, Class: probe.Heavy,
		Title: lang.T("Un code ne vaut plus après sa durée de vie : 30 s, ou ce que dit l'offre", "A code doesn't count after its lifetime: 30 s, or what the offer says"),
		Run:   with(wantCodeExpired),
	},
	{
		ID: "oidc/proconnect/logout-exact", Rule: proConnectDoc + ", session/end", Features: []string{proConnect, logout},
		Title: lang.T("L'adresse après déconnexion est comparée jusqu'à la barre oblique finale", "The address after signing out is compared to the last slash"),
		Run:   with(func(t *probe.T, p *Provider) { wantNotFollowed(t, p, p.profileAccount(), slashed(p.signedOut)) }),
	},
}

// slashed is an address with a final slash more, or less.
func slashed(u *url.URL) string {
	other := *u
	if strings.HasSuffix(u.Path, "/") {
		other.Path = strings.TrimSuffix(u.Path, "/")
	} else {
		other.Path += "/"
	}
	return other.String()
}

// wantStrict changes one parameter of a good request and wants it refused, on a page
// of the provider or at the client; the good request opens.
func wantStrict(t *probe.T, p *Provider, name, value string) {
	p.opens(t, p.newBrowser(), p.newFlow(t.Name(), p.profileAccount()))
	at := p.asked(t, p.newBrowser(), p.newFlow(t.Name(), p.profileAccount()).with(name, value))
	if at.landed != nil {
		answer := at.landed.Query()
		t.Want(answer.Get("error") != "" && answer.Get("code") == "", at.page.Did, at.got(), "a refusal")
		return
	}
	p.wantStays(t, at)
}

// signedClaims signs in and returns the claims of a signed answer, in the algorithm
// that the client registered and no other.
func (p *Provider) signedClaims(t *probe.T) map[string]any {
	f := p.newFlow(t.Name(), p.profileAccount())
	r := p.tokens(t, f)
	a := p.askUserinfo(t, http.MethodGet, bearer(r.access))
	t.Want(a.Status == http.StatusOK && a.media() == "application/jwt", a.Did, a.Got(), "200 with application/jwt")
	claims := p.verified(t, "the signed claims", strings.TrimSpace(string(a.Body)), f.account, []string{p.signedAlg})
	subject := claim(p.idToken(t, f, r), "sub")
	t.Want(claim(claims, "sub") == subject, "the signed claims", "another sub", "the sub of the ID token")
	return claims
}

// wantProConnectClaims wants the claims that are always supplied; family_name isn't
// one of them.
func wantProConnectClaims(t *probe.T, did string, claims map[string]any) {
	for _, name := range proConnectScopes[1:] {
		t.Want(claim(claims, name) != "", did, "no "+name, "the claim "+name)
	}
}

// wantLevel ends the check unless acr is a level of the documentation.
func wantLevel(t *probe.T, acr string) {
	known := slices.Contains(assurances, acr) || strings.HasPrefix(acr, assurancePrefix) && len(acr) > len(assurancePrefix)
	t.Want(known, "the ID token", fmt.Sprintf("acr %q", clip(acr)), "one of "+strings.Join(assurances, ", ")+" or an address below "+assurancePrefix)
}

func wantAskedLevel(t *probe.T, p *Provider) {
	const level = "eidas2"
	f := p.newFlow(t.Name(), p.profileAccount()).with("acr_values", level)
	answer := p.signIn(t, p.newBrowser(), f)
	if answer.Get("error") != "" {
		return // refused, and said
	}
	code := answer.Get("code")
	t.Want(code != "", "authorize"+f.note, "a redirect to the client without a code", "a code or an error")
	acr := claim(p.idToken(t, f, p.redeem(t, f, code)), "acr")
	t.Want(acr == level, "the ID token for acr_values "+level, fmt.Sprintf("acr %q", clip(acr)), "acr "+level)
}

// wantCodeExpired waits for the end of a code; another one, used at once, counts.
func wantCodeExpired(t *probe.T, p *Provider) {
	f := p.newFlow(t.Name(), p.profileAccount())
	p.tokens(t, f)
	f = p.newFlow(t.Name(), p.profileAccount())
	code := p.code(t, f)
	wait := time.NewTimer(p.codeLife + time.Second)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-t.Context().Done():
		t.Do("waiting for the end of a code", t.Context().Err())
	}
	p.tokenFor(t, f.account, p.exchange(f, code)).wantRefusal(t, "invalid_grant")
}
