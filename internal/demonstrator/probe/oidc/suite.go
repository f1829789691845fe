// Package oidc is the suite of checks for an OpenID Provider: what an application
// that signs people in by the code flow must obtain from any offer, seen through
// its endpoints only. A person's browser is played by browser.go, which follows
// redirects and fills forms; the redirect URI need not exist.
//
// The checks stand in tables, one file a group. provider.go has what they share,
// flow.go a sign-in from its request to its tokens, want.go the sentences that
// they end with.
package oidc

import (
	"slices"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// The features that an offer may declare. A check that needs another one is
// "unsupported" there.
const (
	pkce            = "pkce"
	secondClient    = "second-client"
	singleSignOn    = "single-sign-on"
	maxAge          = "max-age"
	issParameter    = "iss-parameter"
	refresh         = "refresh"
	refreshRotation = "refresh-rotation"
	revocation      = "revocation"
	introspection   = "introspection"
	logout          = "logout"
	proConnect      = "proconnect"
)

// The accounts of an offer: a person, and the applications that are registered.
const (
	userAccount       = "user"
	clientAccount     = "client"
	otherAccount      = "other"
	proConnectAccount = "proconnect"
)

// Suite is the table of all checks.
var Suite = probe.Suite{
	ID:    "oidc",
	Title: lang.T("Identité (OpenID Connect)", "Identity (OpenID Connect)"),
	Features: []string{
		pkce, secondClient, singleSignOn, maxAge, issParameter, refresh, refreshRotation, revocation, introspection, logout, proConnect,
	},
	Settings: []string{"issuer", "redirect-uri", "post-logout-redirect-uri", "profile", "userinfo-signed-alg", "code-lifetime"},
	Credentials: map[string][]string{
		userAccount:       {"username", "password"},
		clientAccount:     {"client-id", "client-secret"},
		otherAccount:      {"client-id", "client-secret"},
		proConnectAccount: {"client-id", "client-secret"},
	},
	Required: []string{userAccount, clientAccount},
	Slots:    20,
	Checks: slices.Concat(
		discoveryChecks, keyChecks, authorizeChecks, sessionChecks, codeChecks, tokenChecks, idTokenChecks,
		userinfoChecks, refreshChecks, revocationChecks, introspectionChecks, logoutChecks, proConnectChecks,
	),
	Vet:       vetChecks,
	Control:   control,
	Delete:    remove,
	Inventory: inventory,
}

// with gives a check the provider of its session.
func with(run func(*probe.T, *Provider)) func(*probe.T) {
	return func(t *probe.T) {
		p := providerOf(t.Session())
		if p.invalid != nil {
			t.Bug(p.invalid)
		}
		run(t, p)
	}
}
