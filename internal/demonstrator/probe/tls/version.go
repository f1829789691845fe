package tls

import (
	"bytes"
	stdtls "crypto/tls"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// versionChecks ask which versions are spoken, and how the others are turned down.
var versionChecks = []probe.Check{
	{
		ID: "tls/version/tls13", Rule: "RFC 8446, RFC 9325 section 3.1.1",
		Title: lang.T("TLS 1.3 est parlé", "TLS 1.3 is spoken"),
		Run:   with(func(t *probe.T, e *endpoint) { wantVersion(t, e, tls13) }),
	},
	{
		ID: "tls/version/tls12", Rule: "RFC 9325 section 3.1.1, RFC 5246 appendix E.1",
		Title: lang.T("TLS 1.2 est parlé, ou refusé par une alerte", "TLS 1.2 is spoken, or refused by an alert"),
		Run:   with(func(t *probe.T, e *endpoint) { wantVersion(t, e, tls12) }),
	},
	{
		ID: "tls/version/tls11", Rule: "RFC 8996 section 5",
		Title: lang.T("TLS 1.1 est refusé", "TLS 1.1 is refused"),
		Run:   with(func(t *probe.T, e *endpoint) { e.wantRefused(t, "a hello of TLS 1.1", e.helloOld(tls11)) }),
	},
	{
		ID: "tls/version/tls10", Rule: "RFC 8996 section 4",
		Title: lang.T("TLS 1.0 est refusé", "TLS 1.0 is refused"),
		Run:   with(func(t *probe.T, e *endpoint) { e.wantRefused(t, "a hello of TLS 1.0", e.helloOld(tls10)) }),
	},
	{
		ID: "tls/version/ssl3", Rule: "RFC 7568 section 3",
		Title: lang.T("SSL 3.0 est refusé", "SSL 3.0 is refused"),
		Run:   with(func(t *probe.T, e *endpoint) { e.wantRefused(t, "a hello of SSL 3.0", e.helloOld(ssl3)) }),
	},
	{
		ID: "tls/version/ssl2", Rule: "RFC 6176 section 3",
		Title: lang.T("SSL 2.0 est refusé", "SSL 2.0 is refused"),
		Run:   with(wantNoSSL2),
	},
	{
		ID: "tls/version/future", Rule: "RFC 8446 sections 4.2.1 and 9.3",
		Title: lang.T("Une version inconnue est ignorée, pas refusée", "An unknown version is ignored, not refused"),
		Run:   with(wantFuture),
	},
	{
		ID: "tls/version/fallback", Rule: "RFC 7507 section 3",
		Title: lang.T("Un repli vers une version ancienne est reconnu et refusé", "A fallback to an older version is recognised and refused"),
		Run:   with(wantFallback),
	},
	{
		ID: "tls/version/downgrade", Rule: "RFC 8446 section 4.1.3",
		Title: lang.T("Un repli forcé par un tiers se voit dans la réponse", "A downgrade forced by a third party shows in the answer"),
		Run:   with(wantSentinel),
	},
}

// wantVersion holds one version against what the profile makes of it: it is spoken
// to the end of a handshake, or turned down as the protocol says.
func wantVersion(t *probe.T, e *endpoint, v uint16) {
	did := "a hello of " + versionName(v)
	h := e.hello12(e.profile.suiteIDs(true, strong)...)
	if len(h.suites) == 1 { // the profile has no suite of TLS 1.2
		h.suites = of(strong)
	}
	if v == tls13 {
		h = e.hello13(e.profile.suiteIDs(true, modern)...)
		h.versions = []uint16{tls13}
	}
	a := e.ask(t, did, h)
	use := e.profile.version(v)
	switch {
	case a.hello == nil && use != required && a.alerted:
		e.alive(t)
		return
	case a.hello == nil && use != required:
		t.Fail(did, a.String(), "a ServerHello, or an alert")
	case a.hello == nil || use == forbidden || a.hello.version != v:
		t.Fail(did, a.String(), "that "+versionName(v)+" is "+string(use))
	}
	did = "a handshake of " + versionName(v)
	c, err := e.handshake(t.Context(), did, func(c *stdtls.Config) { c.MinVersion, c.MaxVersion = v, v })
	t.Do(did, err)
	c.Close()
}

// wantNoSSL2 sends a CLIENT-HELLO of SSL 2.0 with the seven ciphers that it has.
func wantNoSSL2(t *probe.T, e *endpoint) {
	const did = "a CLIENT-HELLO of SSL 2.0"
	out := []byte{0x80, 0, 1, 0, 2, 0, 21, 0, 0, 0, 16}
	for _, kind := range [][]byte{{1, 0, 0x80}, {2, 0, 0x80}, {3, 0, 0x80}, {4, 0, 0x80}, {5, 0, 0x80}, {6, 0, 0x40}, {7, 0, 0xc0}} {
		out = append(out, kind...)
	}
	out = append(out, bytes.Repeat([]byte{0x5a}, 16)...) // the challenge
	out[1] = byte(len(out) - 2)
	if a := e.send(t.Context(), t, did, out, false); !a.refused() {
		t.Fail(did, a.String(), "an alert, or a closed connection")
	}
	e.alive(t)
}

// wantFuture puts a version that nobody knows yet before the ones of today.
func wantFuture(t *probe.T, e *endpoint) {
	const did = "a hello of an unknown version, TLS 1.3 and 1.2"
	best := e.alive(t).hello.version
	h := e.hello13()
	h.versions = []uint16{0x7a7a, 0x03ff, tls13, tls12}
	if got := e.wantHello(t, did, h); got.version != best {
		t.Fail(did, versionName(got.version), versionName(best)+", as without the unknown version")
	}
}

// wantFallback says, as a browser that was driven back would, that it could do
// better than what it offers.
func wantFallback(t *probe.T, e *endpoint) {
	best := e.alive(t).hello.version
	h := e.hello12(append(e.profile.suiteIDs(true, strong), fallbackSCSV)...)
	did := "a hello of TLS 1.2 with TLS_FALLBACK_SCSV"
	if best < tls13 {
		h.version, did = tls11, "a hello of TLS 1.1 with TLS_FALLBACK_SCSV"
	}
	a := e.ask(t, did, h)
	ok := a.alerted && (alertName(a.alert) == "inappropriate_fallback" || alertName(a.alert) == "protocol_version")
	t.Want(ok, did, a.String(), "the alert inappropriate_fallback (the endpoint speaks "+versionName(best)+")")
}

// wantSentinel looks at the end of the server's random of a TLS 1.2 handshake.
func wantSentinel(t *probe.T, e *endpoint) {
	const did = "a hello of TLS 1.2"
	best := e.alive(t).hello.version
	a := e.ask(t, did, e.hello12(e.profile.suiteIDs(true, strong)...))
	if a.refused() || best < tls13 {
		return // nothing to be driven back from, or to
	}
	t.Want(a.hello != nil && bytes.HasSuffix(a.hello.random, []byte("DOWNGRD\x01")), did,
		a.String()+" whose random doesn't end with DOWNGRD", "a random that ends with DOWNGRD 01 (the endpoint speaks TLS 1.3)")
}
