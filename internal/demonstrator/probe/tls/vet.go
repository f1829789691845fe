package tls

import (
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// vetChecks examine an offer's description before any measure.
var vetChecks = []probe.Check{
	{
		ID: "tls/offer/endpoint", Rule: "offer.yaml",
		Title: lang.T("Le point d'accès parle TLS et le profil existe", "The endpoint speaks TLS and the profile exists"),
		Run:   with(func(t *probe.T, e *endpoint) { e.alive(t) }),
	},
	{
		ID: "tls/offer/settings", Rule: "offer.yaml",
		Title: lang.T("Chaque fonction déclarée a ses réglages", "Each declared feature has its settings"),
		Run:   with(vetSettings),
	},
	{
		ID: "tls/offer/resolver", Rule: "offer.yaml", Features: []string{names},
		Title: lang.T("Le serveur de la zone est déclaré et répond", "The zone's server is declared and answers"),
		Run:   zoned(func(t *probe.T, z *zone) { z.ask(t, query(z.apex, dns.TypeSOA)) }),
	},
}

// needed are the settings that a feature is nothing without.
var needed = map[string][]string{
	severalNames: {"other-name"}, names: {"zone", "resolver"}, caa: {"issuer"}, dnssec: {"trust-anchor"},
}

func vetSettings(t *probe.T, e *endpoint) {
	const did = "reading the offer"
	for _, feature := range e.session.Service.Features {
		for _, key := range needed[feature] {
			t.Want(e.session.Setting(key, "") != "", did, fmt.Sprintf("the feature %s without the setting %s", feature, key), "the setting "+key)
		}
	}
	if !slices.Contains(e.session.Service.Features, names) {
		return
	}
	z, err := zoneOf(e)
	t.Want(err == nil, did, fmt.Sprint(err), "a zone that holds the name, and its server")
	declared := strings.EqualFold(z.server, e.address)
	for _, h := range e.session.Service.Hosts {
		declared = declared || strings.EqualFold(h.Address(), z.server)
	}
	t.Want(declared, did, "the resolver "+z.server+" is not among the hosts", z.server+" under hosts")
	if slices.Contains(e.session.Service.Features, dnssec) {
		_, err := z.anchors()
		t.Want(err == nil, did, fmt.Sprint(err), "DS records")
	}
}
