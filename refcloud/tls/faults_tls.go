package tls

import (
	"crypto/tls"
	"slices"
)

const (
	ssl30 = 0x0300
	tls10 = 0x0301
	tls11 = 0x0302
	tls12 = 0x0303
	tls13 = 0x0304
)

var versionFaults = []Fault{
	{
		Name: "tls.tls13-missing", Group: "version", Text: "TLS 1.3 is not spoken.",
		Plant: setting(func(_ *hello, c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }),
	},
	{
		Name: "tls.tls12-cut", Group: "version", Text: "A client of TLS 1.2 is hung up on, without an alert.",
		Plant: on(func(h *hello, _ *pki) ([]byte, bool) { return nil, !h.ssl2 && h.newest() == tls12 }),
	},
	{
		Name: "tls.tls11", Group: "version", Text: "TLS 1.1 is spoken.",
		Plant: setting(old(tls11)),
	},
	{
		Name: "tls.tls10", Group: "version", Text: "TLS 1.0 is spoken.",
		Plant: setting(old(tls10)),
	},
	{
		Name: "tls.ssl3", Group: "version", Text: "SSL 3.0 is spoken.",
		Plant: on(func(h *hello, _ *pki) ([]byte, bool) { return serverHello(ssl30, 0x0035), h.version == ssl30 }),
	},
	{
		Name: "tls.ssl2", Group: "version", Text: "SSL 2.0 is spoken.",
		Plant: on(func(h *hello, _ *pki) ([]byte, bool) { return ssl2Hello, h.ssl2 }),
	},
	{
		Name: "tls.version-intolerant", Group: "version", Text: "A version that nobody knows yet ends the handshake.",
		Plant: on(func(h *hello, _ *pki) ([]byte, bool) {
			return alert(protocolVersion), slices.ContainsFunc(h.versions, func(v uint16) bool { return v > tls13 })
		}),
	},
	{
		Name: "tls.fallback-ignored", Group: "version", Text: "TLS_FALLBACK_SCSV is ignored.",
		Plant: setting(func(h *hello, c *tls.Config) {
			if h.offers(tls.TLS_FALLBACK_SCSV) {
				c.MaxVersion = tls.VersionTLS12
			}
		}),
	},
	{
		Name: "tls.downgrade-unmarked", Group: "version", Text: "The random of a TLS 1.2 answer doesn't say that TLS 1.3 is spoken.",
		Plant: setting(func(h *hello, c *tls.Config) {
			if h.newest() == tls12 && !h.offers(tls.TLS_FALLBACK_SCSV) {
				c.MaxVersion = tls.VersionTLS12
			}
		}),
	},
}

// old opens one old version, to clients that know no better one.
func old(version uint16) func(*hello, *tls.Config) {
	return func(h *hello, c *tls.Config) {
		if h.newest() == version {
			c.MinVersion, c.CipherSuites = version, append(slices.Clone(strongSuites), tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA)
		}
	}
}

var suiteFaults = []Fault{
	chosen("tls.null-suites", "Suites without encryption are accepted.", 0xc006, 0xc010, 0x003b, 0x0002),
	chosen("tls.export-suites", "Suites with export-grade keys are accepted.", 0x0014, 0x0008, 0x0003),
	chosen("tls.anonymous-suites", "Suites without authentication are accepted.", 0xc018, 0x00a6, 0x0034),
	chosen("tls.short-tags", "Suites with an authentication tag of 8 bytes are accepted.", 0xc0ae, 0xc0af),
	{
		Name: "tls.rc4", Group: "suite", Text: "RC4 is accepted.",
		Plant: setting(more(tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA, tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA)),
	},
	{
		Name: "tls.3des", Group: "suite", Text: "3DES is accepted.",
		Plant: setting(more(tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA)),
	},
	{
		Name: "tls.static-rsa", Group: "suite", Text: "Keys are exchanged by RSA, without forward secrecy.",
		Plant: func(p *plan) {
			setting(more(tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384))(p)
			p.leaf = append(p.leaf, func(l *leaf) { l.template.KeyUsage |= 4 }) // keyEncipherment
		},
	},
	{
		Name: "tls.cbc", Group: "suite", Text: "CBC suites are accepted.",
		Plant: setting(more(tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA)),
	},
	{
		Name: "tls.client-order", Group: "suite", Text: "CBC suites are accepted, and the client's order decides.",
		Plant: setting(func(h *hello, c *tls.Config) {
			cbc := []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA}
			for _, offered := range h.suites {
				if slices.Contains(cbc, offered) || slices.Contains(strongSuites, offered) {
					c.CipherSuites = []uint16{offered}
					return
				}
			}
		}),
	},
	{
		Name: "tls.aes128-missing", Group: "suite", Text: "The mandatory suite of TLS 1.3 is refused.",
		Plant: on(func(h *hello, _ *pki) ([]byte, bool) {
			return alert(handshakeFailure), h.newest() == tls13 && h.offers(0x1301) && !h.offers(0x1302, 0x1303)
		}),
	},
	{
		Name: "tls.tls13-unencrypted", Group: "suite", Text: "A suite of TLS 1.3 without encryption is accepted.",
		Plant: on(func(h *hello, _ *pki) ([]byte, bool) {
			return serverHello13(0xc0b4), h.newest() == tls13 && h.offers(0xc0b4)
		}),
	},
	{
		Name: "tls.sha1-signature", Group: "suite", Text: "The key exchange is signed with SHA-1 when the client asks for it.",
		Plant: on(func(h *hello, p *pki) ([]byte, bool) {
			mine := h.newest() == tls12 && slices.Contains(h.signatures, 0x0201) && !slices.Contains(h.signatures, 0x0401)
			return slices.Concat(serverHello(tls12, 0xc02f), certificates([][]byte{p.between.cert.Raw}), curve(0x0201), helloDone), mine
		}),
	},
}

// chosen answers clients of TLS 1.2 that offer one of the suites, by hand.
func chosen(name, text string, suites ...uint16) Fault {
	return Fault{Name: name, Group: "suite", Text: text, Plant: on(func(h *hello, _ *pki) ([]byte, bool) {
		return serverHello(tls12, h.pick(suites...)), h.newest() == tls12 && h.offers(suites...)
	})}
}

// more adds suites after those of the clean endpoint.
func more(suites ...uint16) func(*hello, *tls.Config) {
	return func(_ *hello, c *tls.Config) { c.CipherSuites = append(slices.Clone(c.CipherSuites), suites...) }
}

var groupFaults = []Fault{
	{
		Name: "tls.p256-missing", Group: "group", Text: "The group P-256 is refused.",
		Plant: setting(func(_ *hello, c *tls.Config) {
			c.CurvePreferences = []tls.CurveID{tls.X25519MLKEM768, tls.X25519}
		}),
	},
	{
		Name: "tls.x25519-missing", Group: "group", Text: "The group X25519 is refused.",
		Plant: setting(func(_ *hello, c *tls.Config) {
			c.CurvePreferences = []tls.CurveID{tls.X25519MLKEM768, tls.CurveP256}
		}),
	},
	{
		Name: "tls.post-quantum-missing", Group: "group", Text: "The hybrid post-quantum exchange is refused.",
		Plant: setting(func(_ *hello, c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.X25519, tls.CurveP256} }),
	},
	{
		Name: "tls.retry-missing", Group: "group", Text: "A client that sends no ready key is refused instead of asked for one.",
		Plant: on(func(h *hello, _ *pki) ([]byte, bool) {
			return alert(handshakeFailure), string(h.extensions[51]) == "\x00\x00"
		}),
	},
	{
		Name: "tls.weak-curves", Group: "group", Text: "Curves of less than 256 bits are accepted.",
		Plant: on(func(h *hello, _ *pki) ([]byte, bool) {
			return serverHello(tls12, h.pick(strongSuites...)), len(h.groups) > 0 && slices.Max(h.groups) < 23 && h.offers(strongSuites...)
		}),
	},
	{
		Name: "tls.dh-1024", Group: "group", Text: "Diffie-Hellman is accepted, in a field of 1,024 bits.",
		Plant: on(func(h *hello, p *pki) ([]byte, bool) {
			dhe := h.pick(0x009e, 0x009f, 0x0033, 0x0039)
			return slices.Concat(serverHello(tls12, dhe), certificates([][]byte{p.between.cert.Raw}), finiteField(1024, 0x0401), helloDone), dhe != 0 && h.newest() == tls12
		}),
	},
}
