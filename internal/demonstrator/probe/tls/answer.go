package tls

import (
	"errors"
	"fmt"
	"io"
	"net"

	"golang.org/x/crypto/cryptobyte"
)

// How much of an answer is read, whatever the server sends.
const (
	mostRecord   = 1<<14 + 2048 // of a record, RFC 5246 section 6.2.3
	mostMessage  = 256 << 10    // of a handshake message
	mostMessages = 8
	mostWarnings = 4
)

// answer is what came back on a hello, before anything is encrypted.
type answer struct {
	hello    *serverHello
	alert    byte // when fatal
	alerted  bool
	closed   bool   // nothing more came
	strange  string // what came that is not TLS
	messages []message
}

// message is a handshake message after the ServerHello, in TLS 1.2 and before.
type message struct {
	kind byte
	body []byte
}

// refused reports whether the server turned the hello down: by an alert, or by
// closing the connection.
func (a answer) refused() bool { return a.hello == nil && a.strange == "" && (a.alerted || a.closed) }

// String says what came back, for a sentence.
func (a answer) String() string {
	switch {
	case a.strange != "":
		return a.strange
	case a.hello != nil && a.hello.retry:
		return fmt.Sprintf("a HelloRetryRequest for group %s", groupName(a.hello.group))
	case a.hello != nil:
		return fmt.Sprintf("a ServerHello of %s with %s", versionName(a.hello.version), suiteName(a.hello.suite))
	case a.alerted:
		return "the alert " + alertName(a.alert)
	}
	return "a closed connection"
}

// errStrange ends the reading of an answer that is not TLS.
var errStrange = errors.New("not TLS")

// readAnswer reads up to the ServerHello, or with whole up to the end of the
// server's messages in clear. The error is that of the connection when it broke
// otherwise than by its end.
func readAnswer(r io.Reader, whole bool) (answer, error) {
	var a answer
	var pending []byte
	for warnings := 0; ; {
		kind, payload, err := readRecord(r)
		if err != nil {
			return a.ended(payload, err)
		}
		switch {
		case kind == recordAlert && len(payload) == 2 && payload[0] == 1 && payload[1] != 0 && warnings < mostWarnings:
			warnings++ // such as unrecognized_name, RFC 6066 section 3
			continue
		case kind == recordAlert && len(payload) == 2:
			a.alert, a.alerted = payload[1], true
			return a, nil
		case kind != recordHandshake || len(payload) == 0:
			a.strange = fmt.Sprintf("a record of type %d with %d bytes", kind, len(payload))
			return a, nil
		}
		pending = append(pending, payload...)
		if done := a.take(&pending, whole); done {
			return a, nil
		}
	}
}

// ended sorts what cut the reading short.
func (a answer) ended(got []byte, err error) (answer, error) {
	var network net.Error
	switch {
	case errors.Is(err, errStrange):
		a.strange = fmt.Sprintf("bytes that are not TLS (%.24q)", got)
	case errors.Is(err, net.ErrClosed): // by our side: the check is over
		return a, err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &network) && !network.Timeout():
		a.closed = true
	default:
		return a, err
	}
	return a, nil
}

// readRecord reads one record. With errStrange come the bytes that are none.
func readRecord(r io.Reader) (kind byte, payload []byte, err error) {
	var head [5]byte
	if n, err := io.ReadFull(r, head[:]); err != nil {
		if n > 0 && errors.Is(err, io.ErrUnexpectedEOF) && (head[0] < 20 || head[0] > 24) {
			return 0, head[:n], errStrange
		}
		return 0, nil, err
	}
	size := int(head[3])<<8 | int(head[4])
	if head[0] < 20 || head[0] > 24 || head[1] != 3 || size > mostRecord {
		return 0, head[:], errStrange
	}
	payload = make([]byte, size)
	_, err = io.ReadFull(r, payload)
	return head[0], payload, err
}

// take moves the complete messages of pending into the answer and reports whether
// it is all there.
func (a *answer) take(pending *[]byte, whole bool) (done bool) {
	s := cryptobyte.String(*pending)
	for {
		rest := s
		var kind byte
		var body cryptobyte.String
		if len(rest) >= 4 && int(rest[1])<<16|int(rest[2])<<8|int(rest[3]) > mostMessage {
			a.strange, a.hello = fmt.Sprintf("a handshake message of more than %d bytes", mostMessage), nil
			return true
		}
		if !rest.ReadUint8(&kind) || !rest.ReadUint24LengthPrefixed(&body) {
			*pending = s
			return false
		}
		s = rest
		if a.hello == nil {
			h, ok := parseServerHello(body)
			if kind != messageServerHello || !ok {
				a.strange = fmt.Sprintf("a handshake message of type %d that is no ServerHello", kind)
				return true
			}
			a.hello = h
			if !whole || h.version >= tls13 {
				return true
			}
			continue
		}
		a.messages = append(a.messages, message{kind, body})
		if kind == 14 || len(a.messages) == mostMessages { // ServerHelloDone
			return true
		}
	}
}

// serverKeyExchange is what a check reads of that message.
type serverKeyExchange struct {
	prime  int    // bits of the field of a DHE exchange; 0 when it isn't one
	curve  uint16 // the named group of an ECDHE exchange
	scheme uint16 // how the message is signed, in TLS 1.2
}

// keyExchange parses the ServerKeyExchange of a whole answer (RFC 5246 section
// 7.4.3, RFC 8422 section 5.4); false when there is none that can be read.
func (a answer) keyExchange() (x serverKeyExchange, ok bool) {
	for _, m := range a.messages {
		if m.kind != 12 || a.hello == nil {
			continue
		}
		s := cryptobyte.String(m.body)
		if familyOf(a.hello.suite) == finite {
			var p, g, y cryptobyte.String
			if !s.ReadUint16LengthPrefixed(&p) || !s.ReadUint16LengthPrefixed(&g) || !s.ReadUint16LengthPrefixed(&y) {
				return x, false
			}
			x.prime = bits(p)
		} else {
			var form byte
			var point cryptobyte.String
			if !s.ReadUint8(&form) || form != 3 || !s.ReadUint16(&x.curve) || !s.ReadUint8LengthPrefixed(&point) {
				return x, false
			}
		}
		return x, a.hello.version < tls12 || s.ReadUint16(&x.scheme)
	}
	return x, false
}

// bits is the length of a number in bits.
func bits(number []byte) int {
	for len(number) > 0 && number[0] == 0 {
		number = number[1:]
	}
	if len(number) == 0 {
		return 0
	}
	n := 8 * (len(number) - 1)
	for b := number[0]; b > 0; b >>= 1 {
		n++
	}
	return n
}

func familyOf(id uint16) family {
	for _, s := range suites {
		if s.id == id {
			return s.family
		}
	}
	return ""
}

func groupName(id uint16) string {
	if name, ok := groups[id]; ok {
		return name
	}
	return fmt.Sprintf("group %d", id)
}
