package oidc

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var keyChecks = []probe.Check{
	{
		ID: "oidc/jwks/served", Rule: "RFC 7517 section 5",
		Title: lang.T("Le jeu de clés est un objet JSON servi comme tel", "The key set is a JSON object, served as one"),
		Run: with(func(t *probe.T, p *Provider) {
			a, _ := p.keySet(t)
			t.Want(oneOf(a.media(), "application/json", "application/jwk-set+json"), a.Did, a.Got(), "the type application/jwk-set+json or application/json")
		}),
	},
	{
		ID: "oidc/jwks/valid", Rule: "RFC 7517 section 4; RFC 7518 section 6",
		Title: lang.T("Chaque clé se lit, et l'une au moins vérifie des signatures", "Every key can be read, and one at least verifies signatures"),
		Run:   with(wantValidKeys),
	},
	{
		ID: "oidc/jwks/kid", Rule: "OpenID Connect Core 1.0 section 10.1; RFC 7517 section 4.5",
		Title: lang.T("Chaque clé d'une espèce a son propre identifiant", "Every key of a kind has an identifier of its own"),
		Run: with(func(t *probe.T, p *Provider) {
			a, keys := p.keySet(t)
			seen := map[string]bool{}
			for _, k := range keys {
				kid := k.text("kid")
				t.Want(kid != "" || len(keys) == 1, a.Did, k.label()+" without kid, among several", "a kid")
				one := k.text("kty") + " " + kid // keys of two kinds may stand for each other
				t.Want(!seen[one], a.Did, k.label()+" twice", "a kid of its own for each key of a kind")
				seen[one] = true
			}
		}),
	},
	{
		ID: "oidc/jwks/strength", Rule: "RFC 7518 sections 3.3, 3.4",
		Title: lang.T("Chaque clé a la taille que ses algorithmes demandent : 2 048 bits pour RSA, P-256 au moins", "Every key is as long as its algorithms want: 2048 bits for RSA, P-256 at least"),
		Run:   with(wantStrongKeys),
	},
	{
		ID: "oidc/jwks/public", Rule: "RFC 7517 section 9.2; RFC 7518 sections 6.2.2, 6.3.2",
		Title: lang.T("Aucune clé ne montre sa partie privée", "No key shows its private half"),
		Run: with(func(t *probe.T, p *Provider) {
			a, keys := p.keySet(t)
			for _, k := range keys {
				for _, member := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
					_, shown := k.raw[member]
					t.Want(!shown, a.Did, k.label()+" with the private member "+member, "public members only")
				}
			}
		}),
	},
	{
		ID: "oidc/jwks/algorithm", Rule: "RFC 7517 section 4.4; RFC 7518 section 3.1",
		Title: lang.T("L'algorithme d'une clé est de son espèce", "The algorithm of a key is of its kind"),
		Run:   with(wantFittingAlgs),
	},
}

// wantValidKeys passes over kinds of key that RFC 7518 and RFC 8037 don't define:
// clients ignore them (RFC 7517, section 5).
func wantValidKeys(t *probe.T, p *Provider) {
	a, keys := p.keySet(t)
	signing := 0
	for _, k := range keys {
		kty := k.text("kty")
		t.Want(kty != "", a.Did, "a key without kty", "kty in every key")
		known := kty == "RSA" || kty == "EC" || kty == "OKP" && k.text("crv") == "Ed25519"
		if !known {
			continue
		}
		t.Want(k.err == nil && k.key.Valid(), a.Did, k.label()+" that can't be read", "keys with valid members")
		if k.text("use") != "enc" {
			signing++
		}
	}
	t.Want(signing > 0, a.Did, fmt.Sprintf("%d keys, none to verify with", len(keys)), "a key that verifies signatures")
}

func wantStrongKeys(t *probe.T, p *Provider) {
	a, keys := p.keySet(t)
	for _, k := range keys {
		switch public := k.key.Public().Key.(type) {
		case *rsa.PublicKey:
			t.Want(public.N.BitLen() >= 2048, a.Did, fmt.Sprintf("%s of %d bits", k.label(), public.N.BitLen()), "2048 bits or more")
		case *ecdsa.PublicKey:
			t.Want(public.Curve.Params().BitSize >= 256, a.Did, fmt.Sprintf("%s on %s", k.label(), public.Curve.Params().Name), "P-256 or more")
		case ed25519.PublicKey:
		case nil: // unreadable, or of a kind that this client doesn't know
			t.Want(k.text("kty") != "RSA", a.Did, k.label()+" that can't be read", "a modulus of 2048 bits or more")
		}
	}
}

// kinds are the kinds of key that the signature algorithms of RFC 7518 and RFC 8037 use.
var kinds = map[string]string{"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP", "HS": "oct"}

func wantFittingAlgs(t *probe.T, p *Provider) {
	a, keys := p.keySet(t)
	for _, k := range keys {
		alg := k.text("alg")
		if alg == "" || k.text("use") == "enc" {
			continue
		}
		kind := kinds[alg[:min(2, len(alg))]]
		fits := kind == "" || kind == k.text("kty")
		if curve, ok := map[string]string{"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}[alg]; ok {
			fits = fits && k.text("crv") == curve
		}
		t.Want(fits, a.Did, k.label()+" for "+clip(alg), "an algorithm of "+k.text("kty"))
		t.Want(!strings.EqualFold(alg, "none"), a.Did, k.label()+" for none", "an algorithm that signs")
		ops, ok := k.raw["key_ops"].([]any)
		t.Want(!ok || !slices.Contains(ops, any("sign")), a.Did, k.label()+" whose key_ops has sign", "a public key: key_ops verify")
	}
}
