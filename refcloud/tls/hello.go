package tls

import (
	"errors"
	"io"
	"slices"

	"golang.org/x/crypto/cryptobyte"
)

// hello is what the front reads of a ClientHello before it decides who answers.
type hello struct {
	ssl2        bool
	version     uint16
	versions    []uint16 // supported_versions
	suites      []uint16
	compression []byte
	name        string
	groups      []uint16
	signatures  []uint16
	protocols   []string
	extensions  map[uint16][]byte
	records     int
}

// errNoHello says that the bytes are no ClientHello; they are given all the same.
var errNoHello = errors.New("no ClientHello")

const mostHello = 64 << 10

// newest is the newest version that a hello offers and that exists.
func (h *hello) newest() uint16 {
	if len(h.versions) == 0 {
		return h.version
	}
	best := uint16(0)
	for _, v := range h.versions {
		if v > best && v <= tls13 {
			best = v
		}
	}
	return best
}

// offers reports whether one of the suites is among those of the hello.
func (h *hello) offers(suites ...uint16) bool { return h.pick(suites...) != 0 }

// pick returns the first of the suites that the hello has, 0 when it has none.
func (h *hello) pick(suites ...uint16) uint16 {
	for _, s := range suites {
		if slices.Contains(h.suites, s) {
			return s
		}
	}
	return 0
}

// signals reports whether a client says by a suite that it renegotiates safely, as
// OpenSSL's do.
func (h *hello) signals() bool { return slices.Contains(h.suites, 0x00ff) }

// readHello reads the records of a hello, and returns all bytes that it took.
func readHello(r io.Reader) (*hello, []byte, error) {
	var raw, message []byte
	for records := 1; ; records++ {
		head := make([]byte, 5)
		n, err := io.ReadFull(r, head)
		raw = append(raw, head[:n]...)
		if err != nil {
			return nil, raw, err
		}
		if head[0]&0x80 != 0 {
			return &hello{ssl2: true}, raw, nil
		}
		size := int(head[3])<<8 | int(head[4])
		if head[0] != 22 || size == 0 || size > 1<<14 {
			return nil, raw, errNoHello
		}
		body := make([]byte, size)
		n, err = io.ReadFull(r, body)
		raw = append(raw, body[:n]...)
		if err != nil {
			return nil, raw, err
		}
		message = append(message, body...)
		if message[0] != 1 || len(message) > mostHello {
			return nil, raw, errNoHello
		}
		if len(message) < 4 || len(message) < 4+int(message[1])<<16+int(message[2])<<8+int(message[3]) {
			continue
		}
		h, ok := parseHello(message[4:])
		if !ok {
			return nil, raw, errNoHello
		}
		h.records = records
		return h, raw, nil
	}
}

func parseHello(body []byte) (*hello, bool) {
	h := &hello{extensions: map[uint16][]byte{}}
	s := cryptobyte.String(body)
	var session, suites, compression, all cryptobyte.String
	if !s.ReadUint16(&h.version) || !s.Skip(32) || !s.ReadUint8LengthPrefixed(&session) || !s.ReadUint16LengthPrefixed(&suites) || !s.ReadUint8LengthPrefixed(&compression) {
		return nil, false
	}
	h.suites, h.compression = words(suites), compression
	if s.Empty() {
		return h, true
	}
	if !s.ReadUint16LengthPrefixed(&all) {
		return nil, false
	}
	for !all.Empty() {
		var kind uint16
		var data cryptobyte.String
		if !all.ReadUint16(&kind) || !all.ReadUint16LengthPrefixed(&data) {
			return nil, false
		}
		h.extensions[kind] = data
		h.read(kind, data)
	}
	return h, true
}

func (h *hello) read(kind uint16, data cryptobyte.String) {
	var list, one cryptobyte.String
	switch kind {
	case 0:
		var form byte
		if data.ReadUint16LengthPrefixed(&list) && list.ReadUint8(&form) && list.ReadUint16LengthPrefixed(&one) {
			h.name = string(one)
		}
	case 10:
		if data.ReadUint16LengthPrefixed(&list) {
			h.groups = words(list)
		}
	case 13:
		if data.ReadUint16LengthPrefixed(&list) {
			h.signatures = words(list)
		}
	case 16:
		for data.ReadUint16LengthPrefixed(&list); list.ReadUint8LengthPrefixed(&one); {
			h.protocols = append(h.protocols, string(one))
		}
	case 43:
		if data.ReadUint8LengthPrefixed(&list) {
			h.versions = words(list)
		}
	}
}

func words(s cryptobyte.String) []uint16 {
	var list []uint16
	for v := uint16(0); s.ReadUint16(&v); {
		list = append(list, v)
	}
	return list
}
