package postgres_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/demonstrator/probe/postgres"
)

const secret = "canary-5c1f/+password"

// hostile is a server that lets anybody in, serves control calls, and misbehaves
// on the queries of checks.
type hostile struct {
	host  string                                  // that its certificate bears
	first func(net.Conn) bool                     // takes the connection over before TLS
	query func(*tls.Conn, *pgproto3.Backend) bool // answers a query, or leaves

	address string
	ca      string
	mu      sync.Mutex
	heard   bytes.Buffer // all that clients said, in clear and inside TLS
}

func (h *hostile) start(t *testing.T) *hostile {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	h.address = l.Addr().String()
	pair, ca := certificate(t, h.host)
	h.ca = ca
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			go h.serve(conn, pair)
		}
	}()
	return h
}

func (h *hostile) serve(conn net.Conn, pair tls.Certificate) {
	defer conn.Close()
	if h.first != nil && h.first(conn) {
		return
	}
	head := make([]byte, 8)
	if _, err := io.ReadFull(h.hear(conn), head); err != nil || head[7] != 47 { // an SSLRequest
		return
	}
	if _, err := conn.Write([]byte("S")); err != nil {
		return
	}
	secure := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	b := pgproto3.NewBackend(h.hear(secure), secure)
	if _, err := b.ReceiveStartupMessage(); err != nil {
		return
	}
	b.Send(&pgproto3.AuthenticationOk{})
	for name, value := range map[string]string{"server_version": "17.5", "client_encoding": "UTF8", "server_encoding": "UTF8", "standard_conforming_strings": "on"} {
		b.Send(&pgproto3.ParameterStatus{Name: name, Value: value})
	}
	b.Send(&pgproto3.BackendKeyData{ProcessID: 7, SecretKey: []byte{0, 0, 0, 7}})
	for b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'}); b.Flush() == nil && h.converse(secure, b); b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'}) {
	}
}

// converse answers one exchange: the control's in full, others as it likes.
func (h *hostile) converse(conn *tls.Conn, b *pgproto3.Backend) bool {
	for {
		m, err := b.Receive()
		if err != nil {
			return false
		}
		switch m := m.(type) {
		case *pgproto3.Query:
			return h.query(conn, b)
		case *pgproto3.Parse:
			if m.Query != "SELECT 1" {
				return h.query(conn, b)
			}
		case *pgproto3.Sync:
			b.Send(&pgproto3.ParseComplete{})
			b.Send(&pgproto3.BindComplete{})
			b.Send(&pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("?column?"), DataTypeOID: 23, DataTypeSize: 4}}})
			b.Send(&pgproto3.DataRow{Values: [][]byte{[]byte("1")}})
			b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
			return true
		case *pgproto3.Terminate:
			return false
		}
	}
}

// hear keeps what a client says.
func (h *hostile) hear(from io.Reader) io.Reader {
	return io.TeeReader(from, writerFunc(func(p []byte) (int, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.heard.Write(p)
	}))
}

func (h *hostile) said() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.heard.String()
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// certificate makes a server's certificate with an authority of its own.
func certificate(t *testing.T, host string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "hostile"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

type vault struct{ ca string }

func (v vault) Resolve(ref catalogue.Ref) (string, error) {
	switch ref {
	case "file:ca":
		return v.ca, nil
	case "env:USER":
		return "client", nil
	}
	return secret, nil
}

type discard struct{ io.Writer }

func (discard) Sync() error { return nil }

// face runs checks of the suite on a hostile server and returns their results. Each
// check has a second.
func (h *hostile) face(t *testing.T, size measure.Size, ids ...string) map[string]measure.Result {
	t.Helper()
	account := catalogue.Credential{"username": "env:USER", "password": "env:PASSWORD"}
	offer := catalogue.Offer{ID: "hostile", Caps: catalogue.Caps{Rate: 10_000, Bytes: size, Connections: 64, Duration: measure.Duration(time.Minute)}}
	offer.Services = map[string]catalogue.Service{"postgres": {
		Endpoint: "postgres://" + h.address, Trust: "file:ca", Features: postgres.Suite.Features,
		Settings:    map[string]string{"connections": "3", "foreign-database": "foreign"},
		Credentials: map[string]catalogue.Credential{"main": account, "other": account},
	}}
	suite := postgres.Suite
	suite.Checks = slices.Clone(suite.Checks)
	for i := range suite.Checks {
		suite.Checks[i].Limit = time.Second
	}
	s, err := probe.Open(suite, probe.Config{
		Offer: offer, Secrets: vault{h.ca}, Ledger: probe.NewLedger(discard{io.Discard}), Budget: probe.NewBudget(offer.Caps, time.Now),
		Prefix: "aloi-hostile", Lifetime: time.Hour, Now: time.Now, Patience: 500 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	results := map[string]measure.Result{}
	run := &probe.Run{Sessions: []*probe.Session{s}, Parallel: 8, Selected: func(c probe.Check) bool { return c.Selected(ids, "") }, Sink: func(r measure.Result) error {
		if r.Reason == nil || r.Reason.Cause != measure.Filtered {
			results[r.Check] = r
		}
		return nil
	}}
	if err := run.Execute(context.Background()); err != nil {
		t.Fatal(err)
	}
	return results
}

func silence(net.Conn) bool { time.Sleep(time.Minute); return true }

func TestHostile(t *testing.T) {
	t.Parallel()
	const check = "postgres/sql/window"
	mute := func(*tls.Conn, *pgproto3.Backend) bool { time.Sleep(time.Minute); return false }
	for name, c := range map[string]struct {
		server *hostile
		size   measure.Size
		want   measure.State
		cause  measure.Cause
	}{
		"accepts and never answers": {server: &hostile{first: silence}, want: measure.Errored, cause: measure.Control},
		"answers N to SSLRequest": {server: &hostile{first: func(c net.Conn) bool {
			_, _ = io.ReadFull(c, make([]byte, 8))
			_, _ = c.Write([]byte("N"))
			return false
		}}, want: measure.Errored, cause: measure.Control},
		"garbage in place of TLS": {server: &hostile{first: func(c net.Conn) bool {
			_, _ = c.Write(bytes.Repeat([]byte("garbage "), 1000))
			return true
		}}, want: measure.Errored, cause: measure.Control},
		"a certificate of another name":         {server: &hostile{host: "other.example.org"}, want: measure.Errored, cause: measure.Control},
		"never answers the query":               {server: &hostile{query: mute}, want: measure.Fail, cause: measure.Timeout},
		"garbage for an answer":                 {server: &hostile{query: garbage}, want: measure.Fail, cause: measure.Broken},
		"a message of two gigabytes":            {server: &hostile{query: huge}, want: measure.Fail, cause: measure.Broken},
		"rows without end":                      {server: &hostile{query: endless}, want: measure.Fail, cause: measure.Broken},
		"rows without end, cut by the byte cap": {server: &hostile{query: endless}, size: 1 << 20, want: measure.NotRun, cause: measure.Cap},
		"a byte at a time":                      {server: &hostile{query: trickle}, want: measure.Fail, cause: measure.Timeout},
		"leaves at the query":                   {server: &hostile{query: func(*tls.Conn, *pgproto3.Backend) bool { return false }}, want: measure.Fail, cause: measure.Broken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.server.host == "" {
				c.server.host = "127.0.0.1"
			}
			h := c.server.start(t)
			began := time.Now()
			r := h.face(t, orGigabyte(c.size), check)[check]
			if r.State != c.want || r.Reason == nil || r.Reason.Cause != c.cause {
				t.Errorf("%s %+v, want %s (%s)", r.State, r.Reason, c.want, c.cause)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("took %s", took)
			}
			if strings.Contains(h.said(), secret) {
				t.Error("the password was sent")
			}
		})
	}
}

func orGigabyte(size measure.Size) measure.Size {
	if size > 0 {
		return size
	}
	return 1 << 30
}

// TestHostile_NoClear: a server that refuses TLS hears nothing after the request
// for it, not even the account's name.
func TestHostile_NoClear(t *testing.T) {
	t.Parallel()
	var h *hostile
	h = &hostile{host: "127.0.0.1", first: func(c net.Conn) bool {
		_, _ = io.ReadFull(c, make([]byte, 8))
		_, _ = c.Write([]byte("N"))
		_, _ = io.Copy(io.Discard, h.hear(c))
		return true
	}}
	h.start(t)
	for id, r := range h.face(t, 1<<30, "postgres/account", "postgres/transaction") {
		if r.State != measure.Errored {
			t.Errorf("%s: %s", id, r.State)
		}
	}
	if said := h.said(); said != "" {
		t.Errorf("in clear, after TLS was refused: %q", said)
	}
}

// TestHostile_Yes: a server that says yes to everything passes nothing but what is
// true of it.
func TestHostile_Yes(t *testing.T) {
	t.Parallel()
	h := (&hostile{host: "127.0.0.1", query: func(_ *tls.Conn, b *pgproto3.Backend) bool {
		b.Send(&pgproto3.CommandComplete{CommandTag: []byte("OK")})
		return true
	}}).start(t)
	honest := []string{"postgres/connect/tls-1.3", "postgres/connect/tls-old-refused", "postgres/limit/connections", "postgres/watch/version"}
	results := h.face(t, 1<<30)
	if len(results) != len(postgres.Suite.Checks) {
		t.Errorf("%d results of %d", len(results), len(postgres.Suite.Checks))
	}
	for id, r := range results {
		if r.State == measure.Pass && !slices.Contains(honest, id) {
			t.Errorf("%s passes on a server that looked at nothing", id)
		}
	}
}

func garbage(c *tls.Conn, _ *pgproto3.Backend) bool {
	_, err := c.Write(bytes.Repeat([]byte{'?', 0, 0, 0, 9, 1, 2, 3, 4, 5}, 1000))
	return err == nil
}

// huge announces a row of 2 GiB: nobody may make room for it.
func huge(c *tls.Conn, _ *pgproto3.Backend) bool {
	_, err := c.Write([]byte{'D', 0x7f, 0xff, 0xff, 0xff, 0, 1})
	time.Sleep(3 * time.Second)
	return err == nil
}

func endless(_ *tls.Conn, b *pgproto3.Backend) bool {
	b.Send(&pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("v"), DataTypeOID: 25, DataTypeSize: -1}}})
	row := &pgproto3.DataRow{Values: [][]byte{bytes.Repeat([]byte("x"), 10_000)}}
	for range 100_000 {
		b.Send(row)
		if b.Flush() != nil {
			return false
		}
	}
	return false
}

func trickle(c *tls.Conn, _ *pgproto3.Backend) bool {
	for _, b := range bytes.Repeat([]byte{'N', 0, 0, 0, 5, 0}, 100) {
		if _, err := c.Write([]byte{b}); err != nil {
			return false
		}
		time.Sleep(200 * time.Millisecond)
	}
	return true
}

// TestHostile_Memory: what a server announces takes no memory.
func TestHostile_Memory(t *testing.T) {
	var before, after runtime.MemStats
	h := (&hostile{host: "127.0.0.1", query: huge}).start(t)
	runtime.ReadMemStats(&before)
	h.face(t, 1<<30, "postgres/sql/window")
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
		t.Errorf("%d MiB were allocated", grown>>20)
	}
}
