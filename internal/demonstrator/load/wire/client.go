// Package wire is a lean HTTP/1.1 client for workloads: one connection, no
// allocation for a request, and an answer is believed only when it keeps to the
// letter of its framing. It connects through a function that it is given, follows
// no redirect, and repeats nothing.
package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strconv"
	"syscall"
	"time"

	"aloi.dev/internal/demonstrator/load"
)

// Server is where requests go.
type Server struct {
	Address string // host:port
	// Dial connects. It must refuse what may not be connected to. A connection that
	// is a syscall.Conn, as those of package net are, is checked before each request.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	TLS  *tls.Config // nil: no TLS; ServerName is required, HTTP/1.1 is chosen
	// MostBody is the longest body that is read, in bytes.
	MostBody int64
}

// Request is one request, written as it stands.
type Request struct {
	// Head is the request line and the header, each line with its CRLF, up to and
	// with the empty line. Its length fields must agree with Body.
	Head []byte
	Body []byte
	// NoBody says that the answer has none, whatever its header says: HEAD.
	NoBody bool
}

// Conn is a connection to a server, opened when it is needed, and again when it was
// closed. It is used by one goroutine at a time.
type Conn struct {
	server *Server

	conn   net.Conn
	ctx    context.Context // the one that closes conn when it is done
	unbind func() bool
	raw    syscall.RawConn
	quiet  func(fd uintptr) bool // for raw; kept, because a closure would be allocated each time
	state  peeked
	peeker

	reader
	out []byte
}

// New returns a connection that isn't open yet.
func New(server *Server) *Conn {
	c := &Conn{server: server, reader: reader{buf: make([]byte, 16<<10)}}
	c.answer.reader = &c.reader
	c.quiet = func(fd uintptr) bool {
		c.state = c.peek(fd)
		return true
	}
	return c
}

// Close closes the connection.
func (c *Conn) Close() error {
	if c.conn == nil {
		return nil
	}
	c.unbind()
	err := c.conn.Close()
	c.conn, c.raw, c.ctx = nil, nil, nil
	return err
}

// Connect opens the connection unless it is open, and notes how long that took.
func (c *Conn) Connect(ctx context.Context, op *load.Op) error {
	if c.conn != nil {
		return nil
	}
	began := op.Now()
	conn, err := c.server.Dial(ctx, "tcp", c.server.Address)
	connected := op.Now()
	op.Note(load.Connect, connected-began)
	if err != nil {
		return load.Fail(load.NoConnection, err)
	}
	if s, ok := conn.(syscall.Conn); ok {
		c.raw, _ = s.SyscallConn()
	}
	if c.server.TLS != nil {
		secured := tls.Client(conn, c.server.TLS)
		err := secured.HandshakeContext(ctx)
		op.Note(load.TLS, op.Now()-connected)
		if err != nil {
			_ = conn.Close()
			c.raw = nil
			return load.Fail(load.NoTLS, err)
		}
		conn = secured
	}
	c.conn, c.start, c.end = conn, 0, 0
	c.bind(ctx)
	return nil
}

// bind makes the end of ctx end whatever the connection is waiting for.
func (c *Conn) bind(ctx context.Context) {
	conn := c.conn
	c.ctx, c.unbind = ctx, context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
}

// Do makes a request. The body of the answer goes to body, in pieces, as it comes;
// nil when only its length matters. The answer is valid until the next request. On
// an error the connection is closed, and nothing of the answer may be believed. A
// status is not an error here: see Answer.Check.
func (c *Conn) Do(ctx context.Context, op *load.Op, req *Request, body io.Writer) (*Answer, error) {
	err := c.ready(ctx, op)
	if err == nil {
		err = c.exchange(op, req, body)
	}
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	if c.answer.Closes {
		_ = c.Close()
	}
	return &c.answer, nil
}

// ready opens the connection unless it is open and silent. What a server has sent
// already can't be the answer to a request that it hasn't seen.
func (c *Conn) ready(ctx context.Context, op *load.Op) error {
	if c.conn != nil && c.raw != nil {
		c.state = silent
		if err := c.raw.Read(c.quiet); err != nil {
			c.state = gone
		}
		switch {
		case c.state == gone:
			_ = c.Close()
		case c.state == talks && c.server.TLS == nil:
			return load.Fail(load.Malformed, errUnasked)
		}
	}
	if c.conn != nil && c.ctx != ctx {
		if c.unbind() {
			c.bind(ctx)
		} else { // the end of the old one is ending the connection
			_ = c.Close()
		}
	}
	return c.Connect(ctx, op)
}

func (c *Conn) exchange(op *load.Op, req *Request, body io.Writer) error {
	out := req.Head
	if len(req.Body) > 0 {
		c.out = append(append(c.out[:0], req.Head...), req.Body...)
		out = c.out
	}
	began := op.Now()
	n, err := c.conn.Write(out)
	op.Sent += int64(n)
	if err != nil && n == 0 {
		return load.Fail(load.Broken, err)
	}
	// A server may answer and close before it has read all, to refuse a body.
	c.from, c.received, c.first = c.conn, 0, 0
	c.clock = op
	refused := err != nil
	err = c.read(req.NoBody, c.server.MostBody, body)
	op.Received += c.received
	if err != nil {
		return err
	}
	c.answer.Closes = c.answer.Closes || refused
	op.Note(load.FirstByte, c.first-began)
	op.Note(load.Body, op.Now()-c.first)
	return nil
}

var (
	errUnasked = errors.New("bytes that nothing had asked for")
)

// Check returns an error unless the answer has the wanted status: Throttled for a
// 429, and for a 503 that says when to come back; Status for others.
func (a *Answer) Check(want int) error {
	if a.Status == want {
		return nil
	}
	kind := load.Status
	if a.Status == 429 || a.Status == 503 && a.Header("retry-after") != nil {
		kind = load.Throttled
	}
	return load.Fail(kind, &StatusError{Status: a.Status, Want: want})
}

// StatusError is a status that wasn't wanted.
type StatusError struct{ Status, Want int }

// Error returns both.
func (e *StatusError) Error() string {
	return "status " + strconv.Itoa(e.Status) + ", not " + strconv.Itoa(e.Want)
}
