package oidc

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var discoveryChecks = []probe.Check{
	{
		ID: "oidc/discovery/served", Rule: "OpenID Connect Discovery 1.0 section 4.2",
		Title: lang.T("Le document de découverte est un objet JSON servi comme tel", "The discovery document is a JSON object, served as one"),
		Run: with(func(t *probe.T, p *Provider) {
			a := p.do(t, call{did: "GET discovery", url: p.discoveryURL()})
			t.Want(a.Status == http.StatusOK, a.Did, a.Got(), "200")
			t.Want(a.media() == "application/json", a.Did, a.Got(), "the type application/json")
			doc, err := a.object()
			must(t, a.Did, err)
			_, said := doc["issuer"].(string)
			t.Want(said, a.Did, "a JSON object without issuer", "a discovery document")
		}),
	},
	{
		ID: "oidc/discovery/issuer", Rule: "OpenID Connect Discovery 1.0 section 4.3",
		Title: lang.T("L'émetteur annoncé est, au caractère près, celui où le document se trouve", "The issuer is, to the character, the one where the document is found"),
		Run: with(func(t *probe.T, p *Provider) {
			m := p.metadataFor(t)
			t.Want(m.text("issuer") == p.issuer, m.answer.Did, fmt.Sprintf("issuer %q", clip(m.text("issuer"))), fmt.Sprintf("issuer %q", p.issuer))
		}),
	},
	{
		ID: "oidc/discovery/required", Rule: "OpenID Connect Discovery 1.0 section 3",
		Title: lang.T("Le document contient tout ce qui est obligatoire", "The document has every member that is required"),
		Run:   with(wantRequired),
	},
	{
		ID: "oidc/discovery/https", Rule: "OpenID Connect Discovery 1.0 section 3",
		Title: lang.T("Chaque adresse est en https, sans fragment", "Every address is https, without a fragment"),
		Run: with(func(t *probe.T, p *Provider) {
			m := p.metadataFor(t)
			for _, name := range append(m.endpoints(), "issuer") {
				u, err := url.Parse(m.text(name))
				ok := err == nil && u.Scheme == "https" && u.Host != "" && u.Fragment == ""
				t.Want(ok, m.answer.Did, fmt.Sprintf("%s %q", name, clip(m.text(name))), "an https address without a fragment")
			}
		}),
	},
	{
		ID: "oidc/discovery/hosts", Rule: "offer.yaml, hosts",
		Title: lang.T("Chaque point d'accès est chez un hôte que l'offre déclare", "Every endpoint is at a host that the offer declares"),
		Run: with(func(t *probe.T, p *Provider) {
			m := p.metadataFor(t)
			t.Want(len(m.endpoints()) > 0, m.answer.Did, "no endpoint", "endpoints")
			for _, name := range m.endpoints() {
				u, err := m.endpoint(name)
				must(t, m.answer.Did, err)
				t.Want(p.declared(u), m.answer.Did, name+" at "+clip(u.Host), "a host that the offer declares")
			}
		}),
	},
	{
		ID: "oidc/discovery/code-flow", Rule: "OpenID Connect Discovery 1.0 section 3",
		Title: lang.T("Le flux par code est annoncé", "The code flow is announced"),
		Run:   with(func(t *probe.T, p *Provider) { p.metadataFor(t).says(t, "response_types_supported", "code") }),
	},
	{
		ID: "oidc/discovery/pkce", Rule: "RFC 8414 section 2; RFC 9700 section 2.1.1", Features: []string{pkce},
		Title: lang.T("PKCE est annoncé, avec S256", "PKCE is announced, with S256"),
		Run:   with(func(t *probe.T, p *Provider) { p.metadataFor(t).says(t, "code_challenge_methods_supported", "S256") }),
	},
	{
		ID: "oidc/discovery/rs256", Rule: "OpenID Connect Discovery 1.0 section 3",
		Title: lang.T("RS256, que tout client connaît, est parmi les algorithmes des jetons d'identité", "RS256, which every client knows, is among the algorithms of ID tokens"),
		Run: with(func(t *probe.T, p *Provider) {
			p.metadataFor(t).says(t, "id_token_signing_alg_values_supported", "RS256")
		}),
	},
	{
		ID: "oidc/discovery/no-none", Rule: "RFC 8725 section 3.2",
		Title: lang.T("Aucun jeton sans signature n'est proposé", "No token without a signature is offered"),
		Run: with(func(t *probe.T, p *Provider) {
			m := p.metadataFor(t)
			for name := range m.doc {
				if algs, ok := m.list(name); ok && strings.Contains(name, "_alg_values_") {
					t.Want(!slices.Contains(algs, "none"), m.answer.Did, fmt.Sprintf("%s %v", name, algs), "algorithms that sign")
				}
			}
			_, ok := m.list("id_token_signing_alg_values_supported")
			t.Want(ok, m.answer.Did, "no list of algorithms", "algorithms that sign")
		}),
	},
	{
		ID: "oidc/discovery/scopes", Rule: "OpenID Connect Discovery 1.0 section 3",
		Title: lang.T("La portée openid est parmi celles qui sont annoncées, s'il y en a", "The scope openid is among those that are announced, if any are"),
		Run: with(func(t *probe.T, p *Provider) {
			m := p.metadataFor(t)
			if _, said := m.doc["scopes_supported"]; said {
				m.says(t, "scopes_supported", "openid")
			}
			t.Want(len(m.endpoints()) > 0, m.answer.Did, "no endpoint", "a discovery document")
		}),
	},
}

func wantRequired(t *probe.T, p *Provider) {
	m := p.metadataFor(t)
	for _, name := range []string{"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"} {
		t.Want(m.text(name) != "", m.answer.Did, fmt.Sprintf("%s %v", name, m.doc[name]), name+" as a text")
	}
	for _, name := range []string{"response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported"} {
		list, ok := m.list(name)
		t.Want(ok && len(list) > 0, m.answer.Did, fmt.Sprintf("%s %v", name, m.doc[name]), name+" as a list of texts")
	}
}
