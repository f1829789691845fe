package tls

import (
	"crypto/rand"

	"golang.org/x/crypto/cryptobyte"
)

// The extensions that the checks write or look for.
const (
	extServerName      uint16 = 0
	extTruncatedMAC    uint16 = 4
	extGroups          uint16 = 10
	extPoints          uint16 = 11
	extSignatures      uint16 = 13
	extProtocols       uint16 = 16
	extExtendedSecret  uint16 = 23
	extTicket          uint16 = 35
	extVersions        uint16 = 43
	extModes           uint16 = 45
	extKeyShare        uint16 = 51
	extRenegotiation   uint16 = 0xff01
	recordAlert        byte   = 21
	recordHandshake    byte   = 22
	messageServerHello byte   = 2
)

// extension is one extension of a hello, its content as it is on the wire.
type extension struct {
	kind uint16
	data []byte
}

// share is a client's half of a key exchange.
type share struct {
	group uint16
	key   []byte
}

// hello is a ClientHello (RFC 8446 section 4.1.2) that says what its author wants,
// be it what no library would say. Extensions whose content is empty are left out.
type hello struct {
	version     uint16
	random      [32]byte
	session     []byte
	suites      []uint16
	compression []byte // null only when empty
	serverName  string
	versions    []uint16 // supported_versions, TLS 1.3
	groups      []uint16
	shares      []share
	noShares    bool // an empty list of shares: the server must ask for one
	signatures  []uint16
	protocols   []string
	more        []extension
}

// bytes returns the message in its handshake frame, without a record's.
func (h *hello) bytes() []byte {
	var b cryptobyte.Builder
	b.AddUint8(1)
	b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddUint16(h.version)
		b.AddBytes(h.random[:])
		b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(h.session) })
		list16(b, h.suites)
		b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) {
			if len(h.compression) == 0 {
				b.AddUint8(0)
			}
			b.AddBytes(h.compression)
		})
		if all := h.extensions(); len(all) > 0 {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				for _, x := range all {
					b.AddUint16(x.kind)
					b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(x.data) })
				}
			})
		}
	})
	return b.BytesOrPanic()
}

// extensions lists what the hello carries, in the order in which it is written.
func (h *hello) extensions() []extension {
	var all []extension
	add := func(kind uint16, given bool, write func(*cryptobyte.Builder)) {
		if given {
			var b cryptobyte.Builder
			write(&b)
			all = append(all, extension{kind, b.BytesOrPanic()})
		}
	}
	add(extServerName, h.serverName != "", func(b *cryptobyte.Builder) {
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddUint8(0)
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(h.serverName)) })
		})
	})
	add(extGroups, len(h.groups) > 0, func(b *cryptobyte.Builder) { list16(b, h.groups) })
	add(extPoints, len(h.groups) > 0, func(b *cryptobyte.Builder) { b.AddBytes([]byte{1, 0}) })
	add(extSignatures, len(h.signatures) > 0, func(b *cryptobyte.Builder) { list16(b, h.signatures) })
	add(extProtocols, len(h.protocols) > 0, func(b *cryptobyte.Builder) {
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			for _, p := range h.protocols {
				b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(p)) })
			}
		})
	})
	add(extVersions, len(h.versions) > 0, func(b *cryptobyte.Builder) {
		b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) {
			for _, v := range h.versions {
				b.AddUint16(v)
			}
		})
	})
	add(extModes, len(h.versions) > 0, func(b *cryptobyte.Builder) { b.AddBytes([]byte{1, 1}) })
	add(extKeyShare, len(h.shares) > 0 || h.noShares, func(b *cryptobyte.Builder) {
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			for _, s := range h.shares {
				b.AddUint16(s.group)
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(s.key) })
			}
		})
	})
	return append(all, h.more...)
}

func list16(b *cryptobyte.Builder, list []uint16) {
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
		for _, v := range list {
			b.AddUint16(v)
		}
	})
}

// record frames a payload of at most 16 KiB (RFC 8446 section 5.1).
func record(kind byte, version uint16, payload []byte) []byte {
	var b cryptobyte.Builder
	b.AddUint8(kind)
	b.AddUint16(version)
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(payload) })
	return b.BytesOrPanic()
}

// framed returns the hello as it goes out: in one record, whose version is the
// oldest that its readers know (RFC 8446 section 5.1).
func (h *hello) framed() []byte { return record(recordHandshake, min(h.version, tls10), h.bytes()) }

// newHello fills in what each hello has of its own.
func newHello(h hello) *hello {
	_, _ = rand.Read(h.random[:]) // never fails
	return &h
}

// serverHello is the answer (RFC 8446 section 4.1.3, RFC 5246 section 7.4.1.3).
type serverHello struct {
	version     uint16 // negotiated, whichever field says so
	random      []byte
	suite       uint16
	compression byte
	extensions  []extension
	retry       bool   // a HelloRetryRequest
	group       uint16 // of key_share, in TLS 1.3
}

// retryRandom marks a HelloRetryRequest: SHA-256 of that word.
var retryRandom = [32]byte{
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
}

// parseServerHello reads a message without its frame; false when it isn't one.
func parseServerHello(body []byte) (*serverHello, bool) {
	s, h := cryptobyte.String(body), &serverHello{}
	var session, all cryptobyte.String
	if !s.ReadUint16(&h.version) || !s.ReadBytes(&h.random, 32) || !s.ReadUint8LengthPrefixed(&session) || len(session) > 32 ||
		!s.ReadUint16(&h.suite) || !s.ReadUint8(&h.compression) {
		return nil, false
	}
	if s.Empty() { // a server may send none
		return h, true
	}
	if !s.ReadUint16LengthPrefixed(&all) || !s.Empty() {
		return nil, false
	}
	for !all.Empty() {
		var x extension
		var data cryptobyte.String
		if !all.ReadUint16(&x.kind) || !all.ReadUint16LengthPrefixed(&data) {
			return nil, false
		}
		if _, twice := h.find(x.kind); twice {
			return nil, false
		}
		x.data = data
		h.extensions = append(h.extensions, x)
		if x.kind == extVersions && (!data.ReadUint16(&h.version) || !data.Empty()) {
			return nil, false
		}
		if x.kind == extKeyShare && !data.ReadUint16(&h.group) {
			return nil, false
		}
	}
	h.retry = [32]byte(h.random) == retryRandom
	return h, true
}

// find returns the content of an extension.
func (h *serverHello) find(kind uint16) ([]byte, bool) {
	for _, x := range h.extensions {
		if x.kind == kind {
			return x.data, true
		}
	}
	return nil, false
}
