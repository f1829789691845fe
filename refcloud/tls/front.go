package tls

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"aloi.dev/refcloud/service"
)

// strongSuites is all that the clean endpoint takes in TLS 1.2.
var strongSuites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// idle is how long a connection may say nothing.
const idle = 30 * time.Second

// active is what holds from one switch to the next.
type active struct {
	plan        *plan
	main, other []tls.Certificate
	site        http.Handler
}

// front reads the hello of each connection, and lets a fault or the library answer.
type front struct {
	pki     *pki
	listen  net.Listener
	now     atomic.Pointer[active]
	tickets map[string][32]byte // by name; "" for all
	ready   chan *tls.Conn      // to the web server
	web     *http.Server
	log     *slog.Logger

	mu     sync.Mutex
	open   map[net.Conn]bool
	closed chan struct{}
}

func newFront(p *pki, env service.Env) (*front, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &front{
		pki: p, listen: listener, ready: make(chan *tls.Conn), log: env.Log, open: map[net.Conn]bool{}, closed: make(chan struct{}),
		tickets: map[string][32]byte{"": newTicketKey(), p.main: newTicketKey(), p.other: newTicketKey()},
	}
	f.web = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a := f.now.Load()
			a.site.ServeHTTP(w, r)
			if a.plan.cut {
				cutShort(w)
			}
		}),
		ErrorLog: slog.NewLogLogger(env.Log.Handler(), slog.LevelDebug), ReadHeaderTimeout: idle, IdleTimeout: idle,
	}
	return f, nil
}

// plant makes the certificates of a plan and puts it in force.
func (f *front) plant(p *plan) (*active, error) {
	a := &active{plan: p, site: site(p)}
	for _, second := range []bool{false, true} {
		for into, main := range map[*[]tls.Certificate]bool{&a.main: true, &a.other: false} {
			pair, err := f.pki.pair(main, second, p)
			if err != nil {
				return nil, err
			}
			*into = append(*into, pair)
		}
	}
	if p.mixed {
		a.other = a.main
	}
	f.now.Store(a)
	return a, nil
}

// run serves until the listener is closed.
func (f *front) run() error {
	go f.web.Serve(handed{f})
	for {
		conn, err := f.listen.Accept()
		if err != nil {
			return err
		}
		kept := &tracked{conn, f}
		f.keep(kept, true)
		go f.serve(kept)
	}
}

func (f *front) keep(conn net.Conn, open bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if open {
		f.open[conn] = true
	} else {
		delete(f.open, conn)
	}
}

// close stops at once: connections that are held too.
func (f *front) close() {
	f.listen.Close()
	close(f.closed)
	f.web.Close()
	f.mu.Lock()
	held := slices.Collect(maps.Keys(f.open))
	f.mu.Unlock()
	for _, conn := range held {
		conn.Close()
	}
}

// serve takes one connection up to the end of its handshake.
func (f *front) serve(raw net.Conn) {
	handedOver := false
	defer func() {
		if !handedOver {
			raw.Close()
		}
	}()
	raw.SetDeadline(time.Now().Add(idle))
	h, seen, err := readHello(raw)
	a := f.now.Load()
	switch {
	case a.plan.silent:
		io.Copy(io.Discard, raw)
		return
	case errors.Is(err, errNoHello):
		overflow := len(seen) == 5 && seen[0] == 22
		if a.plan.hold != nil && a.plan.hold(!overflow, overflow) {
			io.Copy(io.Discard, raw)
			return
		}
	case err != nil:
		return
	}
	if h != nil {
		for _, answer := range a.plan.answer {
			if out, mine := answer(h, f.pki); mine {
				raw.Write(out)
				linger(raw, len(out) > 0)
				return
			}
		}
		if h.ssl2 {
			return
		}
	}
	conn := tls.Server(f.wrap(raw, seen, h, a), &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return f.configure(h, a), nil }})
	ctx, stop := context.WithTimeout(context.Background(), idle)
	defer stop()
	if err := conn.HandshakeContext(ctx); err != nil {
		return
	}
	raw.SetDeadline(time.Time{})
	select {
	case f.ready <- conn:
		handedOver = true
	case <-f.closed:
	}
}

// linger lets the client read before it sees the end.
func linger(conn net.Conn, answered bool) {
	if answered {
		conn.SetDeadline(time.Now().Add(2 * time.Second))
		io.Copy(io.Discard, conn)
	}
}

// wrap gives back what was read, and changes what goes out as the plan says.
func (f *front) wrap(raw net.Conn, seen []byte, h *hello, a *active) net.Conn {
	var conn net.Conn = &replayed{Conn: raw, first: bytes.NewReader(seen)}
	if a.plan.pieces {
		conn = &pieces{conn}
	}
	if h != nil && a.plan.edit != nil {
		if e, ok := a.plan.edit(h); ok {
			conn = &edited{Conn: conn, edit: e}
		}
	}
	return conn
}

// configure is the library's configuration for one client.
func (f *front) configure(h *hello, a *active) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: strongSuites, NextProtos: []string{"h2", "http/1.1"}}
	key := f.tickets[f.pki.main]
	switch {
	case h == nil || h.name == f.pki.main || h.name == "" || a.plan.anyName && h.name != f.pki.other:
		c.GetCertificate = choose(a.main)
	case h.name == f.pki.other:
		c.GetCertificate, key = choose(a.other), f.tickets[f.pki.other]
	} // else no certificate: unrecognized_name
	if a.plan.shared {
		key = f.tickets[""]
	}
	c.SetSessionTicketKeys([][32]byte{key})
	if h != nil {
		for _, change := range a.plan.config {
			change(h, c)
		}
	}
	return c
}

// choose takes the first certificate whose key suits the client, whatever its name:
// a wrong one must show.
func choose(pairs []tls.Certificate) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return func(info *tls.ClientHelloInfo) (*tls.Certificate, error) {
		nameless := *info
		nameless.ServerName = ""
		for i := range pairs {
			if nameless.SupportsCertificate(&pairs[i]) == nil {
				return &pairs[i], nil
			}
		}
		return &pairs[0], nil
	}
}

// replayed gives the bytes of the hello again before those that follow.
type replayed struct {
	net.Conn
	first *bytes.Reader
}

func (r *replayed) Read(p []byte) (int, error) {
	if r.first.Len() > 0 {
		return r.first.Read(p)
	}
	return r.Conn.Read(p)
}

// pieces sends what it is given in parts.
type pieces struct{ net.Conn }

func (s *pieces) Write(p []byte) (int, error) {
	for at := 0; at < len(p); at += 700 {
		if n, err := s.Conn.Write(p[at:min(at+700, len(p))]); err != nil {
			return at + n, err
		}
	}
	return len(p), nil
}

// tracked is a raw connection that is forgotten when it is closed.
type tracked struct {
	net.Conn
	front *front
}

// Close ends the connection and forgets it.
func (t *tracked) Close() error {
	t.front.keep(t, false)
	return t.Conn.Close()
}

// handed is the listener of the web server: connections whose handshake is done.
type handed struct{ front *front }

func (l handed) Accept() (net.Conn, error) {
	select {
	case conn := <-l.front.ready:
		return conn, nil
	case <-l.front.closed:
		return nil, net.ErrClosed
	}
}

func (l handed) Close() error   { return nil }
func (l handed) Addr() net.Addr { return l.front.listen.Addr() }
