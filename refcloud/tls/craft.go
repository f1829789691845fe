package tls

import (
	"bytes"
	"crypto/rand"
	"net"

	"golang.org/x/crypto/cryptobyte"
)

// What the library can't be made to say is written by hand, up to the point where a
// client sees what the server is ready to do.

// alert is a fatal alert.
func alert(code byte) []byte { return []byte{21, 3, 3, 0, 2, 2, code} }

// The alerts that faults send.
const (
	handshakeFailure = 40
	illegalParameter = 47
	protocolVersion  = 70
)

// serverHello is a ServerHello of TLS 1.2 or before.
func serverHello(version, suite uint16) []byte {
	return record(version, message(2, func(b *cryptobyte.Builder) {
		random := make([]byte, 32)
		rand.Read(random)
		b.AddUint16(version)
		b.AddBytes(random)
		b.AddUint8(0)
		b.AddUint16(suite)
		b.AddUint8(0)
	}))
}

// serverHello13 is a ServerHello of TLS 1.3 with a share of x25519.
func serverHello13(suite uint16) []byte {
	return record(0x0303, message(2, func(b *cryptobyte.Builder) {
		random := make([]byte, 64)
		rand.Read(random)
		b.AddUint16(0x0303)
		b.AddBytes(random[:32])
		b.AddUint8(0)
		b.AddUint16(suite)
		b.AddUint8(0)
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddBytes([]byte{0, 43, 0, 2, 3, 4, 0, 51, 0, 36, 0, 29, 0, 32})
			b.AddBytes(random[32:])
		})
	}))
}

// certificates is a Certificate message of TLS 1.2.
func certificates(chain [][]byte) []byte {
	return record(0x0303, message(11, func(b *cryptobyte.Builder) {
		b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
			for _, der := range chain {
				b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(der) })
			}
		})
	}))
}

// finiteField is a ServerKeyExchange with a prime of some bits, signed with a scheme;
// nobody looks at the signature itself.
func finiteField(bits int, scheme uint16) []byte {
	prime := bytes.Repeat([]byte{0xff}, bits/8)
	return record(0x0303, message(12, func(b *cryptobyte.Builder) {
		for _, number := range [][]byte{prime, {2}, prime[:len(prime)-1]} {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(number) })
		}
		signature(b, scheme)
	}))
}

// curve is a ServerKeyExchange on x25519, signed with a scheme.
func curve(scheme uint16) []byte {
	return record(0x0303, message(12, func(b *cryptobyte.Builder) {
		b.AddUint8(3)
		b.AddUint16(29)
		b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(bytes.Repeat([]byte{9}, 32)) })
		signature(b, scheme)
	}))
}

func signature(b *cryptobyte.Builder, scheme uint16) {
	b.AddUint16(scheme)
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(make([]byte, 64)) })
}

var helloDone = record(0x0303, message(14, func(*cryptobyte.Builder) {}))

func message(kind byte, body func(*cryptobyte.Builder)) []byte {
	var b cryptobyte.Builder
	b.AddUint8(kind)
	b.AddUint24LengthPrefixed(body)
	return b.BytesOrPanic()
}

func record(version uint16, payload []byte) []byte {
	var b cryptobyte.Builder
	b.AddUint8(22)
	b.AddUint16(version)
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(payload) })
	return b.BytesOrPanic()
}

// ssl2Hello is a SERVER-HELLO of SSL 2.0 without certificate.
var ssl2Hello = append([]byte{0x80, 11 + 3 + 16, 4, 0, 1, 0, 2, 0, 0, 0, 3, 0, 16, 1, 0, 0x80}, make([]byte, 16)...)

// edit is what a fault does to a ServerHello of TLS 1.2.
type edit struct {
	compression byte
	drop        []uint16
	add         []uint16 // empty extensions
}

// edited is a connection whose first record, a ServerHello, goes out changed. The
// handshake can't be finished afterwards.
type edited struct {
	net.Conn
	edit edit
	done bool
}

// Write changes the first record of the first write.
func (e *edited) Write(p []byte) (int, error) {
	if e.done || len(p) < 5 || p[0] != 22 {
		return e.Conn.Write(p)
	}
	e.done = true
	size := 5 + int(p[3])<<8 + int(p[4])
	out, ok := e.edit.apply(p[5:size])
	if !ok {
		return e.Conn.Write(p)
	}
	if _, err := e.Conn.Write(append(record(0x0303, out), p[size:]...)); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (e edit) apply(in []byte) ([]byte, bool) {
	s := cryptobyte.String(in)
	var kind, compression byte
	var body, session, all cryptobyte.String
	var head []byte
	var suite uint16
	if !s.ReadUint8(&kind) || kind != 2 || !s.ReadUint24LengthPrefixed(&body) || !body.ReadBytes(&head, 34) ||
		!body.ReadUint8LengthPrefixed(&session) || !body.ReadUint16(&suite) || !body.ReadUint8(&compression) {
		return nil, false
	}
	body.ReadUint16LengthPrefixed(&all)
	return message(2, func(b *cryptobyte.Builder) {
		b.AddBytes(head)
		b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(session) })
		b.AddUint16(suite)
		b.AddUint8(compression | e.compression)
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { e.extensions(b, all) })
	}), true
}

func (e edit) extensions(b *cryptobyte.Builder, all cryptobyte.String) {
	for !all.Empty() {
		var kind uint16
		var data cryptobyte.String
		if !all.ReadUint16(&kind) || !all.ReadUint16LengthPrefixed(&data) {
			return
		}
		dropped := false
		for _, d := range e.drop {
			dropped = dropped || d == kind
		}
		if !dropped {
			b.AddUint16(kind)
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(data) })
		}
	}
	for _, kind := range e.add {
		b.AddUint16(kind)
		b.AddUint16(0)
	}
}
