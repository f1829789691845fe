package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"

	"aloi.dev/internal/demonstrator/measure"
)

// Dial opens a TCP connection to a declared host for a suite that doesn't speak
// HTTP; other hosts are a [HostRefused]. Opening counts as a request against the
// offer's rate, bytes both ways against its bytes, and no more connections are
// open at once than it allows: over all its services, those of HTTP apart. The
// connection appears among the check's exchanges, and is closed when the check
// ends, if not before.
//
// Its form is that of a client's dial function; the context must come from the
// one of a [T]. A client that resolves names itself must be kept from it: the
// declared host is a name (of pgconn, LookupFunc).
func (s *Session) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	t := fromContext(ctx)
	if !strings.HasPrefix(network, "tcp") {
		return nil, net.UnknownNetworkError(network)
	}
	if err := s.config.Budget.waitTurn(ctx, t); err != nil {
		return nil, err
	}
	release, err := s.config.Budget.connection(ctx, t)
	if err != nil {
		return nil, err
	}
	x := t.rec.open(measure.Exchange{Method: "CONNECT " + network, URL: addr})
	conn, err := s.dial(ctx, network, addr)
	x.opened(err)
	if err != nil {
		release()
		return nil, err
	}
	c := &rawConn{Conn: conn, live: x, release: release}
	if !t.cleaning {
		c.budget = s.config.Budget
	}
	c.unwatch = context.AfterFunc(t.ctx, func() { _ = c.shut() })
	return c, nil
}

// Address is the host:port of the service's endpoint.
func (s *Session) Address() string { return s.declared[0] }

// TLS returns a configuration of the caller's own that trusts the authority of the
// service, or the system's when it names none; TLS 1.2 and later.
func (s *Session) TLS() *tls.Config { return s.base.TLSClientConfig.Clone() }

// Note adds a step that the check took on a raw connection to its exchanges, in
// the protocol's words: Note(ctx, "QUERY", "select 1", "1 row"). The context must
// come from the one of a [T]. Secrets are removed, and of a check that passes only
// the method and the first line of what are kept.
func (s *Session) Note(ctx context.Context, method, what, got string) {
	fromContext(ctx).Note(method, what, got)
}

// Dial is [Session.Dial] in the check's context.
func (t *T) Dial(network, addr string) (net.Conn, error) {
	return t.session.Dial(t.ctx, network, addr)
}

// Note is [Session.Note] in the check's context.
func (t *T) Note(method, what, got string) {
	line, _, more := strings.Cut(t.rec.redact.Text(strings.TrimSpace(what)), "\n") // before a cut could split a secret
	if r := []rune(line); len(r) > lineKept {
		line, more = string(r[:lineKept]), true
	}
	if more {
		line += "…"
	}
	x := t.rec.open(measure.Exchange{Method: method, URL: line})
	t.rec.mu.Lock()
	defer t.rec.mu.Unlock()
	x.request.note([]byte(what))
	x.response.note([]byte(got))
}

// lineKept is how much of a step is kept as its one line, in characters.
const lineKept = 200

// open adds an exchange that is not HTTP.
func (rec *recorder) open(e measure.Exchange) *live {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	x := &live{rec: rec, started: rec.now(), exchange: e, raw: true}
	x.request.limit = bodyKept + rec.redact.longest
	x.response.limit = x.request.limit
	rec.exchanges = append(rec.exchanges, x)
	return x
}

// opened notes how opening a connection ended. Its bytes are counted, not kept:
// they are mostly ciphertext, and steps are noted in clear.
func (x *live) opened(err error) {
	x.rec.mu.Lock()
	defer x.rec.mu.Unlock()
	x.exchange.Duration = x.rec.now().Sub(x.started)
	x.request.limit, x.response.limit = 0, 0
	if err != nil {
		x.exchange.Error = err.Error()
	}
}

// rawConn is a connection whose bytes are counted.
type rawConn struct {
	net.Conn
	live    *live
	budget  *Budget // nil: free of the byte cap
	release func()
	unwatch func() bool
	once    sync.Once
}

func (c *rawConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return n, c.passed(&c.live.response, p[:n], err)
}

func (c *rawConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	return n, c.passed(&c.live.request, p[:n], err)
}

// passed counts bytes and returns the error of the operation, or that the cap is
// passed.
func (c *rawConn) passed(into *capture, p []byte, err error) error {
	c.live.rec.mu.Lock()
	into.note(p)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) && c.live.exchange.Error == "" {
		c.live.exchange.Error = Plain(err)
	}
	c.live.rec.mu.Unlock()
	if c.budget == nil {
		return err
	}
	if over := c.budget.spend(len(p)); over != nil && (err == nil || errors.Is(err, io.EOF)) {
		return over
	}
	return err
}

// Close closes the connection and gives its place back, once.
func (c *rawConn) Close() error {
	c.unwatch()
	return c.shut()
}

func (c *rawConn) shut() error {
	err := net.ErrClosed
	c.once.Do(func() {
		err = c.Conn.Close()
		c.release()
	})
	return err
}

// connection takes one of the offer's connections, and returns how to give it
// back. One that isn't free in time is a cap's doing, not the offer's.
func (b *Budget) connection(ctx context.Context, t *T) (release func(), err error) {
	release = func() { b.open.Release(1) }
	if b.open.TryAcquire(1) {
		return release, nil
	}
	defer t.suspend()()
	ctx, stop := context.WithTimeoutCause(ctx, b.patience, &CapReached{Cap: fmt.Sprintf("connections %d", b.caps.Connections)})
	defer stop()
	if b.open.Acquire(ctx, 1) != nil {
		return nil, context.Cause(ctx)
	}
	return release, nil
}
