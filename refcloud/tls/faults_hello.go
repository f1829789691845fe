package tls

import (
	"crypto/tls"
	"slices"
)

const (
	compressionDeflate = 1
	truncatedMAC       = 4
	extendedSecret     = 23
	renegotiationInfo  = 0xff01
)

var helloFaults = []Fault{
	{
		Name: "tls.grease-intolerant", Group: "hello", Text: "A suite that nobody knows ends the handshake.",
		Plant: on(func(h *hello, _ *pki) ([]byte, bool) {
			return alert(illegalParameter), slices.ContainsFunc(h.suites, func(s uint16) bool { return s&0x0f0f == 0x0a0a && s>>8 == s&0xff })
		}),
	},
	{
		Name: "tls.fragments-refused", Group: "hello", Text: "A ClientHello in several records ends the handshake.",
		Plant: on(func(h *hello, _ *pki) ([]byte, bool) { return alert(handshakeFailure), h.records > 1 }),
	},
	{
		Name: "tls.garbage-held", Group: "hello", Text: "A connection that begins with nonsense is kept, and nothing said.",
		Plant: func(p *plan) { p.hold = func(garbage, _ bool) bool { return garbage } },
	},
	{
		Name: "tls.overflow-held", Group: "hello", Text: "A record that is too long is waited for.",
		Plant: func(p *plan) { p.hold = func(_, overflow bool) bool { return overflow } },
	},
	{
		Name: "tls.compression", Group: "hello", Text: "The compression of TLS is chosen when it is offered.",
		Plant: editing(func(h *hello) (edit, bool) {
			return edit{compression: compressionDeflate}, slices.Contains(h.compression, compressionDeflate)
		}),
	},
	{
		Name: "tls.renegotiation-unprotected", Group: "hello", Text: "A client that signals safe renegotiation by a suite isn't answered.",
		Plant: editing(func(h *hello) (edit, bool) { return edit{drop: []uint16{renegotiationInfo}}, h.signals() }),
	},
	{
		Name: "tls.extended-secret-missing", Group: "hello", Text: "The session's secret isn't bound to the handshake, for clients that signal as OpenSSL's do.",
		Plant: editing(func(h *hello) (edit, bool) { return edit{drop: []uint16{extendedSecret}}, h.signals() }),
	},
	{
		Name: "tls.truncated-mac", Group: "hello", Text: "The truncated authentication code is accepted.",
		Plant: editing(func(h *hello) (edit, bool) {
			_, asked := h.extensions[truncatedMAC]
			return edit{add: []uint16{truncatedMAC}}, asked
		}),
	},
	{
		Name: "tls.any-name", Group: "hello", Text: "A name that isn't served gets the certificate of another.",
		Plant: func(p *plan) { p.anyName = true },
	},
	{
		Name: "tls.alpn-ignored", Group: "hello", Text: "ALPN is ignored.",
		Plant: setting(func(_ *hello, c *tls.Config) { c.NextProtos = nil }),
	},
	{
		Name: "tls.h2-missing", Group: "hello", Text: "HTTP/2 isn't chosen.",
		Plant: setting(func(_ *hello, c *tls.Config) { c.NextProtos = []string{"http/1.1"} }),
	},
	{
		Name: "tls.alpn-any", Group: "hello", Text: "Whatever protocol is offered first is agreed to.",
		Plant: setting(func(h *hello, c *tls.Config) {
			if len(h.protocols) > 0 && !slices.Contains(c.NextProtos, h.protocols[0]) {
				c.NextProtos = h.protocols
			}
		}),
	},
}

// editing changes ServerHellos of TLS 1.2 for some clients.
func editing(change func(*hello) (edit, bool)) func(*plan) {
	return func(p *plan) {
		p.edit = func(h *hello) (edit, bool) {
			e, mine := change(h)
			return e, mine && h.newest() == tls12
		}
	}
}

var sessionFaults = []Fault{
	{
		Name: "tls.tickets-shared", Group: "session", Text: "The session ticket of one name is good for another.",
		Plant: func(p *plan) { p.shared = true },
	},
	{
		Name: "tls.tickets-missing", Group: "session", Text: "Sessions can't be resumed.",
		Plant: setting(func(_ *hello, c *tls.Config) { c.SessionTicketsDisabled = true }),
	},
	{
		Name: "tls.names-mixed", Group: "session", Text: "The second name gets the certificate of the first.",
		Plant: func(p *plan) { p.mixed = true },
	},
}

// serviceFaults disturb everything alike, the control call too.
var serviceFaults = []Fault{
	{
		Name: "tls.hang", Group: "service", Text: "Connections are accepted and never answered.",
		Plant: func(p *plan) { p.silent = true },
	},
	{
		Name: "tls.garbage", Group: "service", Text: "Connections are answered with bytes that are not TLS.",
		Plant: on(func(*hello, *pki) ([]byte, bool) { return []byte("\x00\x01 this is not TLS \xff\xfe\r\n"), true }),
	},
}

var handshakeVariations = []Variation{
	{
		Name: "tls.key-rsa", Group: "handshake", Text: "The certificates have RSA keys.",
		Plant: func(p *plan) { p.rsaOnly = true },
	},
	{
		Name: "tls.key-p384", Group: "handshake", Text: "The certificate has a key on P-384.",
		Plant: func(p *plan) { p.p384 = true },
	},
	{
		Name: "tls.root-sent", Group: "handshake", Text: "The chain ends with the root.",
		Plant: func(p *plan) {
			p.chain = func(k *pki, chain [][]byte) [][]byte { return append(chain, k.root.cert.Raw) }
		},
	},
	{
		Name: "tls.tls13-only", Group: "handshake", Text: "TLS 1.2 is refused by an alert.",
		Plant: setting(func(_ *hello, c *tls.Config) { c.MinVersion = tls.VersionTLS13 }),
	},
	{
		Name: "tls.aes-only", Group: "handshake", Text: "TLS 1.2 has the suites of AES-GCM only.",
		Plant: setting(func(_ *hello, c *tls.Config) { c.CipherSuites = strongSuites[:4] }),
	},
	{
		Name: "tls.in-pieces", Group: "handshake", Text: "Answers arrive in small pieces.",
		Plant: func(p *plan) { p.pieces = true },
	},
	{
		Name: "tls.promised-staple", Group: "handshake", Text: "The certificate promises the OCSP response that comes with it.",
		Plant: func(p *plan) { p.leaf = append(p.leaf, func(l *leaf) { l.promise = true }) },
	},
	{
		Name: "tls.six-days", Group: "handshake", Text: "Certificates live for six days.",
		Plant: func(p *plan) {
			p.leaf = append(p.leaf, func(l *leaf) {
				l.template.NotBefore = l.template.NotBefore.Add(7 * day)
				l.template.NotAfter = l.template.NotBefore.Add(6 * day)
			})
		},
	},
}
