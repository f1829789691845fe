// Package tls is the suite of checks for the transport security of an offer's
// public endpoint: versions and cipher suites, key exchange, certificates, the
// headers of a site, and the zone in which its name stands. What is asked beyond
// the standards is in profiles, which are data. The suite creates nothing.
package tls

import (
	"context"
	"errors"
	"slices"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// The features that an offer may declare. A check that needs another one is
// "unsupported" there.
const (
	web          = "http"          // an HTTPS site answers there
	http2        = "h2"            // HTTP/2 too
	alpn         = "alpn"          // the protocol is agreed on in the handshake
	resumption   = "resumption"    // sessions can be resumed
	severalNames = "names"         // a second name is served there, setting other-name
	strictSNI    = "strict-sni"    // other names are refused
	stapling     = "ocsp-stapling" // an OCSP response comes with the certificate
	postQuantum  = "post-quantum"  // X25519MLKEM768
	preload      = "hsts-preload"  // HSTS asks for preloading
	names        = "dns"           // settings zone and resolver
	ipv6         = "ipv6"
	caa          = "caa"
	dnssec       = "dnssec" // setting trust-anchor
	dane         = "dane"
)

// Suite is the table of all checks.
var Suite = probe.Suite{
	ID:      "tls",
	Title:   lang.T("Sécurité du transport (TLS, certificats, en-têtes, DNS)", "Transport security (TLS, certificates, headers, DNS)"),
	Schemes: []string{"tls"},
	Features: []string{
		web, http2, alpn, resumption, severalNames, strictSNI, stapling, postQuantum, preload,
		names, ipv6, caa, dnssec, dane,
	},
	Settings: []string{"server-name", "profile", "other-name", "path", "zone", "resolver", "trust-anchor", "issuer"},
	Slots:    20,
	Checks: slices.Concat(
		versionChecks, suiteChecks, groupChecks, helloChecks, sessionChecks, certificateChecks,
		webChecks, zoneChecks, dnssecChecks,
	),
	Vet:     vetChecks,
	Loads:   loads,
	Control: control,
	Delete: func(context.Context, *probe.Session, probe.Resource) error {
		return errors.New("this suite creates nothing: the ledger is another's")
	},
	Inventory: func(context.Context, *probe.Session) ([]string, error) { return nil, nil },
}
