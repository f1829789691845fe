package oidc

import (
	"crypto"
	_ "crypto/sha256" // the hashes of at_hash
	_ "crypto/sha512"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// skew is how far the clocks of a client and of a provider may be apart.
const skew = 5 * time.Minute

var idTokenChecks = []probe.Check{
	{
		ID: "oidc/id-token/signature", Rule: "OpenID Connect Core 1.0 section 3.1.3.7; RFC 7515 section 5.2",
		Title: lang.T("Le jeton d'identité est signé par une clé publiée, dans un algorithme annoncé", "The ID token is signed by a published key, in an announced algorithm"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			p.idToken(t, f, p.tokens(t, f))
		}),
	},
	{
		ID: "oidc/id-token/issuer", Rule: "OpenID Connect Core 1.0 section 3.1.3.7",
		Title: lang.T("Le jeton d'identité nomme l'émetteur, au caractère près", "The ID token names the issuer, to the character"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			got := claim(p.idToken(t, f, p.tokens(t, f)), "iss")
			t.Want(got == p.issuer, "the ID token", fmt.Sprintf("iss %q", clip(got)), fmt.Sprintf("iss %q", p.issuer))
		}),
	},
	{
		ID: "oidc/id-token/audience", Rule: "OpenID Connect Core 1.0 sections 2, 3.1.3.7",
		Title: lang.T("Le jeton d'identité est pour ce client", "The ID token is for this client"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			claims := p.idToken(t, f, p.tokens(t, f))
			id, _ := p.account(clientAccount)
			aud := audience(claims)
			t.Want(slices.Contains(aud, id), "the ID token", fmt.Sprintf("aud %v", aud), "the client's id in aud")
			azp, said := claims["azp"]
			t.Want(!said || azp == id, "the ID token", fmt.Sprintf("azp %v", azp), "the client's id as azp")
		}),
	},
	{
		ID: "oidc/id-token/window", Rule: "OpenID Connect Core 1.0 sections 2, 3.1.3.7",
		Title: lang.T("Le jeton d'identité vaut maintenant, et un jour au plus", "The ID token counts now, and for a day at most"),
		Run:   with(wantWindow),
	},
	{
		ID: "oidc/id-token/nonce", Rule: "OpenID Connect Core 1.0 section 3.1.3.7",
		Title: lang.T("Le jeton d'identité rend le nonce au caractère près", "The ID token gives the nonce back to the character"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t)
			got := claim(p.idToken(t, f, p.tokens(t, f)), "nonce")
			t.Want(got == f.params.Get("nonce"), "the ID token", fmt.Sprintf("nonce %q", clip(got)), fmt.Sprintf("nonce %q", f.params.Get("nonce")))
		}),
	},
	{
		ID: "oidc/id-token/at-hash", Rule: "OpenID Connect Core 1.0 sections 3.1.3.6, 3.1.3.8",
		Title: lang.T("L'empreinte du jeton d'accès, si le jeton d'identité la donne, est la bonne", "The hash of the access token, if the ID token has one, is the right one"),
		Run:   with(wantHash),
	},
	{
		ID: "oidc/id-token/auth-time", Rule: "OpenID Connect Core 1.0 sections 2, 3.1.2.1", Features: []string{maxAge},
		Title: lang.T("Quand max_age est demandé, le jeton d'identité dit quand la personne s'est identifiée", "When max_age is asked, the ID token says when the person signed in"),
		Run: with(func(t *probe.T, p *Provider) {
			f := p.flow(t).with("max_age", "3600")
			claims := p.idToken(t, f, p.tokens(t, f))
			at, ok := seconds(claims, "auth_time")
			off := t.Now().Sub(time.Unix(at, 0)).Abs()
			t.Want(ok && off < skew, "the ID token", fmt.Sprintf("auth_time %v", claims["auth_time"]), "the instant of the sign-in, a moment ago")
		}),
	},
	{
		ID: "oidc/id-token/subject", Rule: "OpenID Connect Core 1.0 section 2",
		Title: lang.T("Une personne garde le même sujet d'une session à l'autre", "A person keeps the same subject from one session to the next"),
		Run: with(func(t *probe.T, p *Provider) {
			_, one := signedIn(t, p)
			_, two := signedIn(t, p)
			t.Want(one != "" && len(one) <= 255, "the ID token", fmt.Sprintf("a sub of %d characters", len(one)), "a sub of 1 to 255 characters")
			t.Want(one == two, "the ID tokens of two sign-ins", "two subjects", "the same sub")
		}),
	},
}

func wantWindow(t *probe.T, p *Provider) {
	const did = "the ID token"
	f := p.flow(t)
	claims := p.idToken(t, f, p.tokens(t, f))
	now := t.Now()
	exp, ok := seconds(claims, "exp")
	left := time.Unix(exp, 0).Sub(now)
	t.Want(ok && left > 0 && left <= 24*time.Hour+skew, did, fmt.Sprintf("exp %v, %s from now", claims["exp"], left.Round(time.Second)), "an exp within a day")
	iat, ok := seconds(claims, "iat")
	age := now.Sub(time.Unix(iat, 0))
	t.Want(ok && age.Abs() <= skew, did, fmt.Sprintf("iat %v, %s ago", claims["iat"], age.Round(time.Second)), "the instant of its making, a moment ago")
	if nbf, said := seconds(claims, "nbf"); said {
		t.Want(time.Unix(nbf, 0).Sub(now) <= skew, did, fmt.Sprintf("nbf %v", claims["nbf"]), "an nbf that has passed")
	}
}

// wantHash: the left half of the hash that the token's algorithm uses.
func wantHash(t *probe.T, p *Provider) {
	f := p.flow(t)
	r := p.tokens(t, f)
	claims := p.idToken(t, f, r)
	got, said := claims["at_hash"]
	if !said {
		return // optional in the code flow
	}
	h, err := headerOf(r.idText)
	must(t, "the ID token", err)
	hash := crypto.SHA256
	switch {
	case strings.HasSuffix(h.Alg, "384"):
		hash = crypto.SHA384
	case strings.HasSuffix(h.Alg, "512"), h.Alg == "EdDSA":
		hash = crypto.SHA512
	}
	sum := hash.New()
	sum.Write([]byte(r.access))
	half := sum.Sum(nil)[:hash.Size()/2]
	t.Want(got == base64.RawURLEncoding.EncodeToString(half), "the ID token", "an at_hash of something else", "the at_hash of the access token")
}
