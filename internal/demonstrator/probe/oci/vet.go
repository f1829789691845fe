package oci

import (
	"net/http"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// vetChecks examine an offer's description before any measure: that the accounts do
// what the suite needs, and are refused where they have no business.
var vetChecks = []probe.Check{
	{
		ID: "oci/offer/main", Rule: "offer.yaml",
		Title: lang.T("Le compte principal envoie une image, la relit et l'efface", "The main account pushes an image, pulls and deletes it"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Tag("vet")
			p.Get("manifests/vet").WantContent(m)
			p.Delete("manifests/" + m.digest()).Want(http.StatusAccepted)
		}),
	},
	{
		ID: "oci/offer/other", Rule: "offer.yaml", Features: []string{secondAccount},
		Title: lang.T("Le second compte entre, et n'a rien à voir dans les dépôts du premier", "The second account gets in, and has no business in the first one's repositories"),
		Run: in(func(t *probe.T, p *Repo) {
			if _, ok := p.reg.session.Account(otherAccount); !ok {
				t.Fail("reading the offer", "no account "+otherAccount, "credentials of the account "+otherAccount)
			}
			p.Do(Request{Method: http.MethodGet, Path: "/v2/", As: otherAccount}).Want(http.StatusOK)
			p.Tag("vet")
			p.wantDenied(Request{Method: http.MethodGet, Path: "manifests/vet", Header: accept("manifests/"), As: otherAccount})
		}),
	},
	{
		ID: "oci/offer/foreign", Rule: "offer.yaml",
		Title: lang.T("Le compte principal est refusé dans un dépôt étranger", "The main account is refused in a foreign repository"),
		Run: in(func(t *probe.T, p *Repo) {
			foreign := *p
			if foreign.Name = p.reg.session.Setting("foreign-repository", ""); foreign.Name == "" {
				t.Unsupported("foreign-repository")
			}
			foreign.wantDenied(Request{Method: http.MethodGet, Path: "tags/list"})
		}),
	},
}
