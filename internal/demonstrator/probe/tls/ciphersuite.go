package tls

import (
	"fmt"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// suiteChecks ask which cipher suites are taken. The families that broke, or that
// protect nobody, have a check each; the profile's own list has one for the rest.
var suiteChecks = []probe.Check{
	noFamily("null", "RFC 9325 section 4.1", clear, lang.T("Aucune suite sans chiffrement", "No suite without encryption")),
	noFamily("export", "RFC 9325 section 4.1", export, lang.T("Aucune suite à clé bridée", "No suite with export-grade keys")),
	noFamily("anonymous", "RFC 9325 section 4.1", unsigned, lang.T("Aucune suite sans authentification", "No suite without authentication")),
	noFamily("rc4", "RFC 7465 section 2", rc4, lang.T("RC4 est refusé", "RC4 is refused")),
	noFamily("des", "RFC 9325 section 4.1", des, lang.T("DES et 3DES sont refusés", "DES and 3DES are refused")),
	noFamily("forward-secrecy", "RFC 9325 section 4.1", static,
		lang.T("L'échange de clés par RSA ou ECDH statique est refusé", "Key exchange by RSA or static ECDH is refused")),
	noFamily("cbc", "RFC 9325 section 4.2", cbc, lang.T("Les suites CBC sont refusées", "CBC suites are refused")),
	{
		ID: "tls/suite/others", Rule: "RFC 9325 section 4.2",
		Title: lang.T("Aucune autre suite hors du profil n'est acceptée en TLS 1.2", "No other suite outside the profile is accepted in TLS 1.2"),
		Run: with(func(t *probe.T, e *endpoint) {
			e.wantRefused(t, "TLS 1.2 with the other suites outside the profile", e.hello12(e.profile.suiteIDs(false, strong, finite)...))
		}),
	},
	{
		ID: "tls/suite/preference", Rule: "RFC 9325 section 4.2.1",
		Title: lang.T("Une suite du profil est choisie quel que soit l'ordre du client", "A suite of the profile is chosen whatever the client's order"),
		Run:   with(wantPreference),
	},
	{
		ID: "tls/suite/tls13-mandatory", Rule: "RFC 8446 section 9.1",
		Title: lang.T("La suite obligatoire de TLS 1.3 est acceptée", "The mandatory suite of TLS 1.3 is accepted"),
		Run:   with(wantMandatory),
	},
	{
		ID: "tls/suite/tls13-others", Rule: "RFC 8446 appendix B.4, RFC 9150 section 1",
		Title: lang.T("Les suites de TLS 1.3 sans chiffrement ou à étiquette courte sont refusées", "TLS 1.3 suites without encryption or with a short tag are refused"),
		Run: with(func(t *probe.T, e *endpoint) {
			h := e.hello13(e.profile.suiteIDs(false, modern, short)...)
			h.versions = []uint16{tls13}
			e.wantRefused(t, "TLS 1.3 with the suites outside the profile", h)
		}),
	},
	{
		ID: "tls/suite/sha1-signature", Rule: "RFC 9155 sections 2 and 4",
		Title: lang.T("La clé n'est pas signée avec SHA-1 ou MD5", "The key exchange is not signed with SHA-1 or MD5"),
		Run:   with(wantNoSHA1),
	},
}

// noFamily is the check that a family of suites is turned down in TLS 1.2.
func noFamily(name, rule string, f family, title lang.Text) probe.Check {
	return probe.Check{
		ID: "tls/suite/" + name, Rule: rule, Title: title,
		Run: with(func(t *probe.T, e *endpoint) {
			e.wantRefused(t, "TLS 1.2 with the suites "+string(f), e.hello12(of(f)...))
		}),
	}
}

// wantPreference offers the weak suites that servers still have before the strong ones.
func wantPreference(t *probe.T, e *endpoint) {
	const did = "TLS 1.2 with weak suites first"
	good := e.profile.suiteIDs(true, strong)
	a := e.ask(t, did, e.hello12(slices.Concat(of(rc4, des, static, cbc), good)...))
	if a.refused() {
		e.alive(t) // no TLS 1.2 at all
		return
	}
	t.Want(a.hello != nil && slices.Contains(good, a.hello.suite), did, a.String(), "a suite of the profile "+e.profile.ID)
}

// wantMandatory offers the suites of TLS 1.3 that the profile requires, one by one.
func wantMandatory(t *probe.T, e *endpoint) {
	best := e.alive(t).hello.version
	for _, id := range e.profile.suiteIDs(true, modern) {
		if best < tls13 || useOf(e.profile.Suites, suiteName(id)) != required {
			continue
		}
		h, did := e.hello13(id), "TLS 1.3 with "+suiteName(id)+" only"
		h.versions = []uint16{tls13}
		if got := e.wantHello(t, did, h); got.suite != id {
			t.Fail(did, "a ServerHello with "+suiteName(got.suite), suiteName(id))
		}
	}
}

// wantNoSHA1 offers no signature but those of broken hash functions, and looks at
// how a server that goes on signs its key.
func wantNoSHA1(t *probe.T, e *endpoint) {
	const did = "TLS 1.2 with SHA-1 and MD5 signatures only"
	h := e.hello12(slices.Concat(e.profile.suiteIDs(true, strong), of(cbc))...)
	h.signatures = weakSignatures
	a := e.askWhole(t, did, h)
	if a.refused() || len(a.messages) < 2 && (a.alerted || a.closed) { // some stop at the point of signing
		e.alive(t)
		return
	}
	x, ok := a.keyExchange()
	t.Want(ok, did, a.String()+describe(a.messages)+" without a key exchange that can be read", "an alert, or a ServerKeyExchange")
	t.Want(!slices.Contains(weakSignatures, x.scheme), did, fmt.Sprintf("a key signed with scheme 0x%04x", x.scheme), "no signature with SHA-1 or MD5")
}

// describe lists the kinds of the messages that came.
func describe(list []message) string {
	var kinds []string
	for _, m := range list {
		kinds = append(kinds, fmt.Sprint(m.kind))
	}
	if len(kinds) == 0 {
		return ""
	}
	return " and messages " + strings.Join(kinds, ", ")
}
