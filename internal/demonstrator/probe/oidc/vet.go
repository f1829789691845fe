package oidc

import (
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// vetChecks examine an offer's description before any measure: that the accounts do
// what the suite needs.
var vetChecks = []probe.Check{
	{
		ID: "oidc/offer/client", Rule: "offer.yaml",
		Title: lang.T("La personne s'identifie, revient à l'adresse enregistrée, et le client obtient des jetons", "The person signs in, comes back to the registered address, and the client gets tokens"),
		Run:   with(func(t *probe.T, p *Provider) { vetClient(t, p, clientAccount) }),
	},
	{
		ID: "oidc/offer/other", Rule: "offer.yaml", Features: []string{secondClient},
		Title: lang.T("Le second client est enregistré avec la même adresse, et obtient des jetons", "The second client is registered with the same address, and gets tokens"),
		Run:   with(func(t *probe.T, p *Provider) { vetClient(t, p, otherAccount) }),
	},
	{
		ID: "oidc/offer/proconnect", Rule: "offer.yaml", Features: []string{proConnect},
		Title: lang.T("Le client du profil ProConnect obtient des jetons", "The client of the ProConnect profile gets tokens"),
		Run:   with(func(t *probe.T, p *Provider) { vetClient(t, p, p.profileAccount()) }),
	},
	{
		ID: "oidc/offer/stranger", Rule: "offer.yaml",
		Title: lang.T("Le client est refusé avec un autre secret", "The client is refused with another secret"),
		Run: with(func(t *probe.T, p *Provider) {
			id, secret := p.account(clientAccount)
			wantStranger(t, p, id, secret+"x")
		}),
	},
}

func vetClient(t *probe.T, p *Provider, account string) {
	if _, ok := p.session.Account(account); !ok {
		t.Fail("reading the offer", "no account "+account, "credentials of the account "+account)
	}
	f := p.newFlow(t.Name(), account)
	p.idToken(t, f, p.tokens(t, f))
}
