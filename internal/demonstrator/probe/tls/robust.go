package tls

import (
	"bytes"
	stdtls "crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// helloChecks ask how hellos are read: what is new in them, what is dangerous, and
// what is no hello at all.
var helloChecks = []probe.Check{
	{
		ID: "tls/hello/unknown-values", Rule: "RFC 8446 section 9.3, RFC 8701",
		Title: lang.T("Suites, groupes et extensions inconnus sont ignorés", "Unknown suites, groups and extensions are ignored"),
		Run:   with(wantGrease),
	},
	{
		ID: "tls/hello/fragmented", Rule: "RFC 8446 section 5.1",
		Title: lang.T("Un ClientHello en plusieurs morceaux est recollé", "A ClientHello in several pieces is put together"),
		Run:   with(wantFragments),
	},
	{
		ID: "tls/hello/garbage", Rule: "RFC 8446 sections 5 and 6",
		Title: lang.T("Ce qui n'est pas un ClientHello est refusé sans attendre", "What isn't a ClientHello is refused without a wait"),
		Run: with(func(t *probe.T, e *endpoint) {
			wantTurnedDown(t, e, "a handshake record of nonsense", record(recordHandshake, tls10, bytes.Repeat([]byte{0xa1}, 64)))
		}),
	},
	{
		ID: "tls/hello/record-overflow", Rule: "RFC 8446 section 5.1",
		Title: lang.T("Un enregistrement trop long est refusé sans attendre", "A record that is too long is refused without a wait"),
		Run: with(func(t *probe.T, e *endpoint) {
			wantTurnedDown(t, e, "a record that announces 65,535 bytes", append([]byte{recordHandshake, 3, 1, 0xff, 0xff, 1, 0, 0xff, 0xfb}, make([]byte, 18<<10)...))
		}),
	},
	{
		ID: "tls/hello/compression", Rule: "RFC 9325 section 3.3",
		Title: lang.T("La compression de TLS n'est jamais choisie", "The compression of TLS is never chosen"),
		Run:   with(wantNoCompression),
	},
	{
		ID: "tls/hello/renegotiation", Rule: "RFC 5746 section 3.6, RFC 9325 section 3.5",
		Title: lang.T("La renégociation est protégée", "Renegotiation is protected"),
		Run: with(func(t *probe.T, e *endpoint) {
			wantExtension(t, e, "TLS 1.2 with TLS_EMPTY_RENEGOTIATION_INFO_SCSV", extRenegotiation, "renegotiation_info", []byte{0})
		}),
	},
	{
		ID: "tls/hello/extended-secret", Rule: "RFC 7627 section 5.2",
		Title: lang.T("Le secret de session est lié à toute la négociation", "The session's secret is bound to the whole handshake"),
		Run: with(func(t *probe.T, e *endpoint) {
			wantExtension(t, e, "TLS 1.2 with extended_master_secret", extExtendedSecret, "extended_master_secret", nil)
		}),
	},
	{
		ID: "tls/hello/truncated-mac", Rule: "RFC 9325 section 4.6",
		Title: lang.T("L'authentification tronquée n'est jamais acceptée", "The truncated authentication code is never accepted"),
		Run:   with(wantWholeMAC),
	},
	{
		ID: "tls/hello/other-name", Rule: "RFC 6066 section 3", Features: []string{strictSNI},
		Title: lang.T("Un nom inconnu est refusé, pas servi avec le certificat d'un autre", "An unknown name is refused, not served with another's certificate"),
		Run:   with(wantNameRefused),
	},
	{
		ID: "tls/hello/alpn-http11", Rule: "RFC 7301 section 3.2", Features: []string{alpn, web},
		Title: lang.T("http/1.1 est choisi quand il est seul offert", "http/1.1 is chosen when it is the only one offered"),
		Run:   with(func(t *probe.T, e *endpoint) { wantProtocol(t, e, "http/1.1", "http/1.1") }),
	},
	{
		ID: "tls/hello/alpn-h2", Rule: "RFC 9113 section 3.2, RFC 7301", Features: []string{alpn, http2},
		Title: lang.T("h2 est choisi quand il est offert", "h2 is chosen when it is offered"),
		Run:   with(func(t *probe.T, e *endpoint) { wantProtocol(t, e, "h2", "h2", "http/1.1") }),
	},
	{
		ID: "tls/hello/alpn-unknown", Rule: "RFC 7301 section 3.2", Features: []string{alpn},
		Title: lang.T("Un protocole inconnu est refusé par no_application_protocol", "An unknown protocol is refused by no_application_protocol"),
		Run:   with(wantNoProtocol),
	},
}

// wantGrease puts values that nobody assigned among those that count.
func wantGrease(t *probe.T, e *endpoint) {
	const did = "a hello with reserved suites, groups and extensions"
	h := e.hello13(append([]uint16{0x3a3a}, e.profile.suiteIDs(true)...)...)
	h.groups = append([]uint16{0x5a5a}, h.groups...)
	h.signatures = append([]uint16{0x8a8a}, h.signatures...)
	h.shares = append([]share{{0x5a5a, []byte{0}}}, h.shares...)
	h.more = append(h.more, extension{0x6a6a, nil}, extension{0x9a9a, []byte{0}})
	a := e.ask(t, did, h)
	if a.hello == nil {
		e.alive(t)
		t.Fail(did, a.String(), "a ServerHello, as without them")
	}
	t.Want(a.hello.suite != 0x3a3a && a.hello.group != 0x5a5a, did, a.String(), "values that exist")
}

// wantFragments cuts a hello in two records, and the first record in two writes.
func wantFragments(t *probe.T, e *endpoint) {
	const did = "a hello in two records and three writes"
	message := e.hello13().bytes()
	first, second := record(recordHandshake, tls10, message[:len(message)/2]), record(recordHandshake, tls10, message[len(message)/2:])
	a, err := e.exchange(t.Context(), did, reading{}, first[:40], first[40:], second)
	t.Do(did, err)
	if a.hello == nil {
		e.alive(t)
		t.Fail(did, a.String(), "a ServerHello, as in one piece")
	}
}

// wantTurnedDown sends what no server should wait on.
func wantTurnedDown(t *probe.T, e *endpoint, did string, out []byte) {
	a, err := e.exchange(t.Context(), did, reading{within: patience}, out)
	var network net.Error
	if errors.As(err, &network) && network.Timeout() && t.Context().Err() == nil {
		t.Fail(did, "nothing within "+patience.String(), "an alert, or a closed connection")
	}
	t.Do(did, err)
	t.Want(a.refused(), did, a.String(), "an alert, or a closed connection")
	e.alive(t)
}

// wantNoCompression offers DEFLATE, which only TLS 1.2 and before could take.
func wantNoCompression(t *probe.T, e *endpoint) {
	const did = "TLS 1.2 with the compression DEFLATE"
	h := e.hello12(e.profile.suiteIDs(true, strong)...)
	h.compression = []byte{1, 0}
	a := e.ask(t, did, h)
	if a.refused() {
		e.alive(t)
		return
	}
	t.Want(a.hello != nil && a.hello.compression == 0, did, a.String()+compressed(a), "the compression null")
}

func compressed(a answer) string {
	if a.hello == nil {
		return ""
	}
	return fmt.Sprintf(" and compression %d", a.hello.compression)
}

// wantExtension wants an answer of TLS 1.2 to carry an extension with that content.
func wantExtension(t *probe.T, e *endpoint, did string, kind uint16, name string, content []byte) {
	a := e.ask(t, did, e.hello12(e.profile.suiteIDs(true, strong)...))
	if a.refused() {
		e.alive(t) // TLS 1.3 has no need of it
		return
	}
	t.Want(a.hello != nil, did, a.String(), "a ServerHello, or an alert")
	data, ok := a.hello.find(kind)
	t.Want(ok, did, a.String()+" without "+name, name+" in the answer")
	t.Want(bytes.Equal(data, content), did, fmt.Sprintf("%s with %x", name, data), fmt.Sprintf("%s with %q", name, content))
}

func wantWholeMAC(t *probe.T, e *endpoint) {
	const did = "TLS 1.2 with truncated_hmac"
	h := e.hello12(e.profile.suiteIDs(true, strong)...)
	h.more = append(h.more, extension{extTruncatedMAC, nil})
	a := e.ask(t, did, h)
	if a.refused() {
		e.alive(t)
		return
	}
	t.Want(a.hello != nil, did, a.String(), "a ServerHello, or an alert")
	_, ok := a.hello.find(extTruncatedMAC)
	t.Want(!ok, did, a.String()+" with truncated_hmac", "an answer without it")
}

// wantNameRefused asks for a name that nobody can own (RFC 6761).
func wantNameRefused(t *probe.T, e *endpoint) {
	const name = "aloi-unknown.invalid"
	for _, v := range []uint16{tls13, tls12} {
		did := "a handshake of " + versionName(v) + " for " + name
		c, err := e.handshake(t.Context(), did, func(c *stdtls.Config) { c.ServerName, c.MinVersion, c.MaxVersion = name, v, v })
		if err == nil {
			defer c.Close()
			t.Fail(did, fmt.Sprintf("a certificate for %q", c.ConnectionState().PeerCertificates[0].DNSNames), "the alert unrecognized_name")
		}
		if _, refused := alertOf(err); !refused && !errors.Is(err, io.EOF) && !reset(err) {
			t.Do(did, err)
		}
	}
	e.alive(t)
}

// wantProtocol offers protocols and wants one of them agreed on.
func wantProtocol(t *probe.T, e *endpoint, want string, offered ...string) {
	did := fmt.Sprintf("a handshake with ALPN %q", offered)
	s := e.state(t, did, func(c *stdtls.Config) { c.NextProtos = offered })
	t.Want(s.NegotiatedProtocol == want, did, fmt.Sprintf("ALPN %q", s.NegotiatedProtocol), fmt.Sprintf("ALPN %q", want))
}

// wantNoProtocol offers one protocol that no server has.
func wantNoProtocol(t *probe.T, e *endpoint) {
	offered := []string{"aloi/0"}
	did := fmt.Sprintf("a handshake with ALPN %q", offered)
	c, err := e.handshake(t.Context(), did, func(c *stdtls.Config) { c.NextProtos = offered })
	if err == nil {
		defer c.Close()
		t.Fail(did, fmt.Sprintf("a handshake with ALPN %q", c.ConnectionState().NegotiatedProtocol), "the alert no_application_protocol")
	}
	alert, ok := alertOf(err)
	if !ok {
		t.Do(did, err)
	}
	t.Want(alert == "no_application_protocol", did, "the alert "+alert, "the alert no_application_protocol")
	e.alive(t)
}
