package tls

import (
	"context"
	stdtls "crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"reflect"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/probe"
)

// patience is what an endpoint has to turn nonsense down.
const patience = 3 * time.Second

// endpoint is the service as the checks see it: hellos of their own, whose answers
// are read in clear, and the handshakes of a library. Certificates are never
// trusted by the way: the checks that look at them say what they find.
type endpoint struct {
	session *probe.Session
	address string
	name    string // that the endpoint is asked for: the certificate must bear it
	profile *profile
}

// with gives a check the endpoint of its session.
func with(run func(*probe.T, *endpoint)) func(*probe.T) {
	return func(t *probe.T) {
		e, err := endpointOf(t.Session())
		if err != nil {
			t.Bug(err)
		}
		run(t, e)
	}
}

func endpointOf(s *probe.Session) (*endpoint, error) {
	p, err := profileNamed(s.Setting("profile", defaultProfile))
	if err != nil {
		return nil, err
	}
	host, _, err := net.SplitHostPort(s.Address())
	if err != nil {
		return nil, err
	}
	return &endpoint{session: s, address: s.Address(), name: s.Setting("server-name", host), profile: p}, nil
}

// sni is the name in a hello: RFC 6066 section 3 has no addresses.
func sni(name string) string {
	if _, err := netip.ParseAddr(name); err == nil {
		return ""
	}
	return strings.TrimSuffix(name, ".")
}

// hello12 is a hello of at most TLS 1.2 that offers suites, and the groups and
// signatures of the profile.
func (e *endpoint) hello12(suites ...uint16) *hello {
	return newHello(hello{
		version: tls12, suites: append(suites, renegotiationSCSV), serverName: sni(e.name), groups: e.profile.groupIDs(true),
		signatures: signatures, more: []extension{{extExtendedSecret, nil}},
	})
}

// helloOld is a hello of at most an older version, with everything that such a
// client could offer.
func (e *endpoint) helloOld(version uint16) *hello {
	h := e.hello12(of(cbc, static, finite, des, rc4, clear, export, unsigned)...)
	h.version = version
	if version == ssl3 {
		h.serverName, h.groups, h.signatures, h.more = "", nil, nil, nil
	} else {
		h.groups = []uint16{23, 24, 25, 29}
	}
	return h
}

// hello13 is a hello of TLS 1.3 and 1.2 that every endpoint that meets the profile
// can answer.
func (e *endpoint) hello13(suites ...uint16) *hello {
	if len(suites) == 0 {
		suites = e.profile.suiteIDs(true)
	}
	h := e.hello12(suites...)
	h.session, h.versions = h.random[:], []uint16{tls13, tls12}
	h.shares = []share{{29, basePoint()}}
	return h
}

// basePoint is a valid share of x25519: nothing is ever encrypted under it.
func basePoint() []byte {
	key := make([]byte, 32)
	key[0] = 9
	return key
}

// ask sends a hello and returns the answer, whatever it is.
func (e *endpoint) ask(t *probe.T, did string, h *hello) answer {
	return e.send(t.Context(), t, did, h.framed(), false)
}

// askWhole is ask that reads on to the end of what comes in clear.
func (e *endpoint) askWhole(t *probe.T, did string, h *hello) answer {
	return e.send(t.Context(), t, did, h.framed(), true)
}

// send writes bytes in a connection of their own and reads the answer. An exchange
// that our side ended says nothing: it ends the check.
func (e *endpoint) send(ctx context.Context, t *probe.T, did string, out []byte, whole bool) answer {
	a, err := e.exchange(ctx, did, reading{whole: whole}, out)
	t.Do(did, err)
	return a
}

// reading says how an answer is read: to the end of what comes in clear, and within
// what time, from the moment at which the connection is there; the check's when zero.
type reading struct {
	whole  bool
	within time.Duration
}

func (e *endpoint) exchange(ctx context.Context, did string, how reading, out ...[]byte) (answer, error) {
	conn, err := e.session.Dial(ctx, "tcp", e.address)
	if err != nil {
		return answer{}, err
	}
	defer conn.Close()
	if how.within > 0 {
		_ = conn.SetDeadline(time.Now().Add(how.within))
	}
	for i, part := range out {
		if i > 0 {
			time.Sleep(20 * time.Millisecond) // so that the parts arrive one by one
		}
		if _, err := conn.Write(part); err != nil {
			break // the server may have hung up; what it said first is still there
		}
	}
	a, err := readAnswer(conn, how.whole)
	if ctx.Err() != nil {
		return a, context.Cause(ctx)
	}
	if err != nil {
		return a, err
	}
	e.session.Note(ctx, "HELLO", did, a.String())
	return a, nil
}

// alive ends the check unless the endpoint answers a hello that it should: what
// refuses everything must not pass for careful.
func (e *endpoint) alive(t *probe.T) answer {
	const did = "a hello of the profile"
	a := e.ask(t, did, e.hello13())
	if a.hello == nil {
		t.Fail(did, a.String(), "a ServerHello")
	}
	return a
}

// wantRefused ends the check unless a hello is turned down by an endpoint that
// answers others.
func (e *endpoint) wantRefused(t *probe.T, did string, h *hello) {
	if a := e.ask(t, did, h); !a.refused() {
		t.Fail(did, a.String(), "an alert, or a closed connection")
	}
	e.alive(t)
}

// wantHello ends the check unless the answer is a ServerHello.
func (e *endpoint) wantHello(t *probe.T, did string, h *hello) *serverHello {
	a := e.ask(t, did, h)
	if a.hello == nil {
		t.Fail(did, a.String(), "a ServerHello")
	}
	return a.hello
}

// handshake makes a whole handshake with the library, which accepts any certificate
// from TLS 1.2 on; edit may change what it offers. The caller closes.
func (e *endpoint) handshake(ctx context.Context, did string, edit func(*stdtls.Config)) (*stdtls.Conn, error) {
	conn, err := e.session.Dial(ctx, "tcp", e.address)
	if err != nil {
		return nil, err
	}
	config := e.session.TLS()
	config.ServerName, config.InsecureSkipVerify = e.name, true
	if edit != nil {
		edit(config)
	}
	c := stdtls.Client(&watched{Conn: conn}, config)
	if err := c.HandshakeContext(ctx); err != nil {
		conn.Close()
		e.session.Note(ctx, "HANDSHAKE", did, probe.Plain(err))
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, err
	}
	s := c.ConnectionState()
	e.session.Note(ctx, "HANDSHAKE", did, fmt.Sprintf("%s, %s, ALPN %q, %d certificates",
		stdtls.VersionName(s.Version), stdtls.CipherSuiteName(s.CipherSuite), s.NegotiatedProtocol, len(s.PeerCertificates)))
	return c, nil
}

// watched remembers the kind and size of the last record that came: the library
// takes an end of the connection for the end that the protocol announces.
type watched struct {
	net.Conn
	head []byte // of the record under way
	left int    // of its payload
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	for p = p[:n]; len(p) > 0; {
		if w.left > 0 {
			skip := min(w.left, len(p))
			w.left, p = w.left-skip, p[skip:]
			continue
		}
		if len(w.head) == 5 {
			w.head = nil
		}
		take := min(5-len(w.head), len(p))
		w.head, p = append(w.head, p[:take]...), p[take:]
		if len(w.head) == 5 {
			w.left = int(w.head[3])<<8 | int(w.head[4])
		}
	}
	return n, err
}

// announced reports whether the last record was an alert: in TLS 1.3, where kinds
// are encrypted too, one of an alert's size.
func (w *watched) announced() bool {
	const sealed = 2 + 1 + 16 // an alert, its kind and a tag
	return len(w.head) == 5 && w.left == 0 && (w.head[0] == recordAlert || w.head[0] == 23 && w.head[4] == sealed && w.head[3] == 0)
}

// state is handshake for checks that need no more than what was agreed on.
func (e *endpoint) state(t *probe.T, did string, edit func(*stdtls.Config)) stdtls.ConnectionState {
	c, err := e.handshake(t.Context(), did, edit)
	t.Do(did, err)
	defer c.Close()
	return c.ConnectionState()
}

// alertOf returns the alert with which the server ended a handshake of the library,
// which keeps the type of its alerts to itself.
func alertOf(err error) (name string, ok bool) {
	var remote *net.OpError
	if !errors.As(err, &remote) || remote.Op != "remote error" {
		return "", false
	}
	code := reflect.ValueOf(remote.Err)
	if code.Kind() != reflect.Uint8 {
		return "", false
	}
	return alertName(byte(code.Uint())), true
}

// control asks for a ServerHello and nothing more: what comes after it is what the
// checks are about.
func control(ctx context.Context, s *probe.Session) error {
	e, err := endpointOf(s)
	if err != nil {
		return err
	}
	a, err := e.exchange(ctx, "control", reading{}, e.hello13(append(e.profile.suiteIDs(true), of(cbc, static)...)...).framed())
	if err != nil {
		return err
	}
	if a.hello == nil {
		return fmt.Errorf("a hello of TLS 1.3 and 1.2 was answered by %s", a)
	}
	return nil
}
