package tls_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	stdtls "crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/demonstrator/probe/tls"
)

// hostile is an offer whose servers mean no good.
type hostile struct {
	endpoint string // host:port
	hosts    []catalogue.Host
	settings map[string]string
	trust    string
}

// Resolve gives the authority of the offer.
func (h hostile) Resolve(catalogue.Ref) (string, error) { return h.trust, nil }

// limit is what a check has here: ample for a busy machine, short for a server that
// never ends.
const limit = 3 * time.Second

// states runs the checks that match the patterns, within the limit each, and wants
// it to be over soon.
func (h hostile) states(t *testing.T, patterns ...string) map[string]measure.Result {
	t.Helper()
	offer := catalogue.Offer{
		ID: "hostile", Caps: catalogue.Caps{Rate: 5000, Bytes: 100 << 20, Connections: 64, Duration: measure.Duration(time.Minute)},
		Services: map[string]catalogue.Service{"tls": {
			Endpoint: "tls://" + h.endpoint, Hosts: h.hosts, Settings: h.settings, Features: tls.Suite.Features,
		}},
	}
	if h.trust != "" {
		s := offer.Services["tls"]
		s.Trust = "file:ca.pem"
		offer.Services["tls"] = s
	}
	suite := tls.Suite
	suite.Checks = slices.Clone(suite.Checks)
	for i := range suite.Checks {
		suite.Checks[i].Limit = limit
	}
	session, err := probe.Open(suite, probe.Config{
		Offer: offer, Secrets: h, Ledger: probe.NewLedger(nil), Budget: probe.NewBudget(offer.Caps, time.Now),
		Prefix: "aloi-hostile", Lifetime: time.Hour, Now: time.Now, Patience: limit / 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	results := map[string]measure.Result{}
	run := &probe.Run{
		Sessions: []*probe.Session{session}, Parallel: 20,
		Selected: func(c probe.Check) bool { return c.Selected(patterns, "") },
		Sink: func(r measure.Result) error {
			if r.Reason == nil || r.Reason.Cause != measure.Filtered {
				results[r.Check] = r
			}
			return nil
		},
	}
	began := time.Now()
	if err := run.Execute(context.Background()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
	if len(results) == 0 {
		t.Fatal("nothing ran")
	}
	return results
}

// want holds results against a state and words of the reason.
func want(t *testing.T, results map[string]measure.Result, state measure.State, cause measure.Cause, words string) {
	t.Helper()
	for id, r := range results {
		if r.State != state || r.Reason.Cause != cause || !strings.Contains(r.Reason.Text().EN, words) {
			t.Errorf("%s: %s %+v, want %s (%s) with %q", id, r.State, r.Reason, state, cause, words)
		}
	}
}

// serve accepts connections until the test ends, and closes each after handle.
func serve(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(func() { stop(); listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			context.AfterFunc(ctx, func() { conn.Close() })
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

func hang(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// dribble writes a byte at a time, slowly.
type dribble struct{ net.Conn }

func (d dribble) Write(p []byte) (int, error) {
	for i := range p {
		if _, err := d.Conn.Write(p[i : i+1]); err != nil {
			return i, err
		}
		time.Sleep(60 * time.Millisecond)
	}
	return len(p), nil
}

// certificate makes a self-signed certificate with some bytes of padding.
func certificate(t *testing.T, padding int) (stdtls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "www.test"}, DNSNames: []string{"www.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	if padding > 0 {
		template.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999}, Value: make([]byte, padding)}}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return stdtls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// speaking is an endpoint that the library serves, with what comes after the handshake.
func speaking(t *testing.T, pair stdtls.Certificate, wrap func(net.Conn) net.Conn, after func(*stdtls.Conn)) string {
	return serve(t, func(conn net.Conn) {
		if wrap != nil {
			conn = wrap(conn)
		}
		c := stdtls.Server(conn, &stdtls.Config{Certificates: []stdtls.Certificate{pair}})
		if c.Handshake() == nil && after != nil {
			after(c)
		}
	})
}

// TestHostile_NoEndpoint: where nothing that is TLS comes back, nothing is said of
// the offer.
func TestHostile_NoEndpoint(t *testing.T) {
	t.Parallel()
	pair, _ := certificate(t, 0)
	for name, c := range map[string]struct{ address, words string }{
		"silent":  {serve(t, hang), "no answer within"},
		"garbage": {serve(t, func(c net.Conn) { _, _ = c.Write([]byte("220 mail.test ESMTP\r\n")); hang(c) }), "not TLS"},
		"refusing": {serve(t, func(c net.Conn) {
			_, _ = c.Write([]byte{21, 3, 3, 0, 2, 2, 40})
			hang(c)
		}), "handshake_failure"},
		"slow": {speaking(t, pair, func(c net.Conn) net.Conn { return dribble{c} }, nil), "no answer within"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want(t, hostile{endpoint: c.address}.states(t), measure.Errored, measure.Control, c.words)
		})
	}
}

// TestHostile_TakesAll: an endpoint that agrees to every hello passes for nothing.
func TestHostile_TakesAll(t *testing.T) {
	t.Parallel()
	address := serve(t, func(c net.Conn) {
		head := make([]byte, 5)
		_, err := io.ReadFull(c, head)
		size := int(binary.BigEndian.Uint16(head[3:]))
		body := make([]byte, min(size, 1<<14))
		if _, short := io.ReadFull(c, body); err != nil || short != nil {
			return
		}
		suite, version := []byte{0x13, 1}, []byte{3, 3}
		if len(body) > 41 && body[38] == 0 { // no session: the suites follow
			suite, version = body[41:43], body[4:6]
		}
		message := slices.Concat([]byte{2, 0, 0, 38}, version, make([]byte, 32), []byte{0}, suite, []byte{0})
		_, _ = c.Write(slices.Concat([]byte{22, 3, 3, 0, byte(len(message))}, message))
		hang(c)
	})
	for id, r := range (hostile{endpoint: address}).states(t, "tls/version/*", "tls/suite/*", "tls/group/*", "tls/session/resumed", "tls/certificate/*") {
		if r.State != measure.Fail && id != "tls/suite/tls13-mandatory" && id != "tls/version/future" && id != "tls/version/downgrade" && id != "tls/group/retry" {
			t.Errorf("%s: %s %+v", id, r.State, r.Reason)
		}
	}
}

// TestHostile_SlowAfterHello: the hello comes at once, the rest dribbles.
func TestHostile_SlowAfterHello(t *testing.T) {
	t.Parallel()
	pair, trust := certificate(t, 0)
	address := speaking(t, pair, func(c net.Conn) net.Conn { return &slowLater{Conn: c} }, nil)
	results := hostile{endpoint: address, trust: trust}.states(t, "tls/certificate/trusted", "tls/certificate/name", "tls/http/hsts")
	want(t, results, measure.Fail, measure.Timeout, "no complete answer within the deadline (3s)")
}

type slowLater struct {
	net.Conn
	spoke bool
}

func (s *slowLater) Write(p []byte) (int, error) {
	if s.spoke {
		return dribble{s.Conn}.Write(p)
	}
	s.spoke = true
	size := 5 + int(binary.BigEndian.Uint16(p[3:]))
	if n, err := s.Conn.Write(p[:size]); err != nil || size == len(p) {
		return n, err
	}
	n, err := dribble{s.Conn}.Write(p[size:])
	return size + n, err
}

func TestHostile_Certificates(t *testing.T) {
	t.Parallel()
	long, trust := certificate(t, 0)
	for range 99 {
		other, _ := certificate(t, 0)
		long.Certificate = append(long.Certificate, other.Certificate[0])
	}
	r := hostile{endpoint: speaking(t, long, nil, nil), trust: trust, settings: map[string]string{"server-name": "www.test"}}.states(t, "tls/certificate/*")
	for id, words := range map[string]string{"tls/certificate/size": "100 certificates", "tls/certificate/constraints": "authority's"} {
		if r[id].State != measure.Fail || !strings.Contains(r[id].Reason.Text().EN, words) {
			t.Errorf("%s: %s %+v", id, r[id].State, r[id].Reason)
		}
	}
	if r["tls/certificate/trusted"].State != measure.Pass || r["tls/certificate/name"].State != measure.Pass {
		t.Errorf("the first certificate is the trusted one: %+v", r["tls/certificate/trusted"].Reason)
	}
	large, trust := certificate(t, 1<<20)
	results := hostile{endpoint: speaking(t, large, nil, nil), trust: trust}.states(t, "tls/certificate/trusted", "tls/certificate/size", "tls/certificate/stapled")
	want(t, results, measure.Fail, measure.Broken, "exceeds maximum")
}

// TestHostile_Pages: answers that never end, in their head or in their body.
func TestHostile_Pages(t *testing.T) {
	t.Parallel()
	pair, trust := certificate(t, 0)
	endless := func(begin string) hostile {
		return hostile{trust: trust, endpoint: speaking(t, pair, nil, func(c *stdtls.Conn) {
			_, err := io.WriteString(c, begin)
			for junk := bytes.Repeat([]byte("x"), 16<<10); err == nil; {
				_, err = c.Write(junk)
			}
		})}
	}
	head := endless("HTTP/1.1 200 OK\r\nX-Endless: ")
	want(t, head.states(t, "tls/http/hsts", "tls/http/trace", "tls/http/close-notify"), measure.Fail, measure.Broken, "unexpected EOF")
	body := endless("HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=63072000\r\n\r\n")
	if r := body.states(t, "tls/http/hsts")["tls/http/hsts"]; r.State != measure.Pass {
		t.Errorf("the head was there: %s %+v", r.State, r.Reason)
	}
	want(t, body.states(t, "tls/http/close-notify"), measure.Fail, measure.Assertion, "more bytes than the answer has")
}

// TestHostile_Zone: servers that answer for ever, in circles, to another question,
// or that the offer does not declare.
func TestHostile_Zone(t *testing.T) {
	t.Parallel()
	pair, trust := certificate(t, 0)
	endpoint := speaking(t, pair, nil, nil)
	reply := func(build func(query []byte) []byte) func(net.Conn) {
		return func(c net.Conn) {
			head := make([]byte, 2)
			if _, err := io.ReadFull(c, head); err != nil {
				return
			}
			query := make([]byte, binary.BigEndian.Uint16(head))
			if _, err := io.ReadFull(c, query); err != nil {
				return
			}
			out := build(query)
			_, _ = c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(out))), out...))
			hang(c)
		}
	}
	for name, c := range map[string]struct {
		address string
		cause   measure.Cause
		words   string
	}{
		"silent":  {serve(t, hang), measure.Timeout, "(3s)"},
		"endless": {serve(t, func(c net.Conn) { _, _ = c.Write([]byte{0xff, 0xff}); _, _ = dribble{c}.Write(make([]byte, 9999)) }), measure.Timeout, "(3s)"},
		"circles": {serve(t, reply(func(q []byte) []byte { // a name that points to itself
			return slices.Concat(q[:2], []byte{0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0xc0, 12, 0, 6, 0, 1})
		})), measure.Broken, "exchange broke"},
		"another": {serve(t, reply(func(q []byte) []byte {
			q[0], q[2] = q[0]^0xff, q[2]|0x80
			return q
		})), measure.Broken, "another question"},
		"not dns": {serve(t, func(c net.Conn) { _, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) }), measure.Broken, "exchange broke"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := map[string]string{"server-name": "www.test", "zone": "test", "resolver": c.address, "trust-anchor": "1 13 2 " + strings.Repeat("AB", 32)}
			h := hostile{endpoint: endpoint, trust: trust, hosts: []catalogue.Host{catalogue.Host(c.address)}, settings: settings}
			want(t, h.states(t, "tls/dns/authoritative", "tls/dns/transfer", "tls/dnssec/anchor"), measure.Fail, c.cause, c.words)
			h.hosts = nil
			want(t, h.states(t, "tls/dns/address", "tls/dnssec/answer"), measure.Fail, measure.Redirected, "which the offer doesn't declare")
		})
	}
}

// TestMisdescribed: what is wrong in the offer's file is no failure of the offer.
func TestMisdescribed(t *testing.T) {
	t.Parallel()
	pair, trust := certificate(t, 0)
	endpoint := speaking(t, pair, nil, nil)
	h := hostile{endpoint: endpoint, trust: trust}
	want(t, h.states(t, "tls/dns/address"), measure.Errored, measure.Engine, "setting resolver")
	h.settings = map[string]string{"server-name": "www.test", "resolver": "127.0.0.1:53", "zone": "elsewhere.test"}
	want(t, h.states(t, "tls/dns/address"), measure.Errored, measure.Engine, "setting zone")
	h.settings = map[string]string{"profile": "loose"}
	want(t, h.states(t, "tls/version/tls13"), measure.Errored, measure.Control, "anssi-2020, intermediate, modern")
}
