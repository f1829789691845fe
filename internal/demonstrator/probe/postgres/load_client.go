package postgres

import (
	"context"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/probe"
)

// traffic is a workload: the same statements over and over, prepared once a connection.
type traffic struct {
	session *probe.Session
	config  *pgconn.Config
	sends   []statement
	answer  int
}

// Open returns the client of one connection.
func (w *traffic) Open() (load.Client, error) {
	r := &rider{w: w, config: w.config.Copy()}
	r.config.DialFunc = func(ctx context.Context, network, _ string) (net.Conn, error) {
		conn, err := w.session.Connect(ctx, network, w.session.Address())
		r.dialled = time.Now()
		if err != nil {
			return nil, err
		}
		return &counted{Conn: conn, rider: r}, nil
	}
	return r, nil
}

// rider is the client of one connection, on the driver's lowest level: values stay
// text in buffers that are used again. Deadlines come through the connection, because
// the driver starts a goroutine a statement for a context that may end.
type rider struct {
	w      *traffic
	config *pgconn.Config
	pg     *pgconn.PgConn
	ctx    context.Context
	unbind func() bool

	dialled        time.Time
	sent, received int64
	values         [][]byte
}

// counted counts the bytes on the wire.
type counted struct {
	net.Conn
	rider *rider
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.rider.received += int64(n)
	return n, err
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.rider.sent += int64(n)
	return n, err
}

// Warm connects before the schedule begins. A workload that only reads reads once: a
// session's first statement fills caches, and applications keep their sessions.
func (r *rider) Warm(ctx context.Context) error {
	op := load.NewOp(load.System())
	if r.w.answer < 0 {
		return r.connect(ctx, op)
	}
	return r.Do(ctx, op)
}

// Close ends the connection without a word: the driver's own goodbye may wait.
func (r *rider) Close() error {
	if r.pg == nil {
		return nil
	}
	r.unbind()
	err := r.pg.Conn().Close()
	r.pg, r.ctx = nil, nil
	return err
}

// connect opens the connection unless it is open, and prepares the statements. The
// handshake's time includes the login.
func (r *rider) connect(ctx context.Context, op *load.Op) error {
	if r.pg != nil && r.ctx == ctx {
		return nil
	}
	if r.pg != nil {
		if r.unbind() {
			r.bind(ctx)
			return nil
		}
		_ = r.Close() // the end of the old one is ending the connection
	}
	began := time.Now()
	r.dialled = began
	pg, err := pgconn.ConnectConfig(ctx, r.config)
	op.Note(load.Connect, r.dialled.Sub(began))
	op.Note(load.TLS, time.Since(r.dialled))
	if err != nil {
		return load.Fail(load.NoConnection, err)
	}
	r.pg = pg
	r.bind(ctx)
	for i, s := range r.w.sends {
		if _, err := pg.Prepare(context.Background(), name(i), s.sql, nil); err != nil {
			return err
		}
	}
	return nil
}

// bind makes the end of ctx end whatever the connection is waiting for.
func (r *rider) bind(ctx context.Context) {
	conn := r.pg.Conn()
	r.ctx, r.unbind = ctx, context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
}

func name(i int) string { return names[i] }

var names = [...]string{"aloi_0", "aloi_1", "aloi_2", "aloi_3", "aloi_4", "aloi_5", "aloi_6"}

// Do sends the statements of one request. On an error the connection is closed, but
// for a statement that the server refuses outside of a transaction.
func (r *rider) Do(ctx context.Context, op *load.Op) error {
	sent, received := r.sent, r.received
	err := r.connect(ctx, op)
	if err == nil {
		err = r.exchange(op)
	}
	op.Sent, op.Received = r.sent-sent, r.received-received
	if err == nil {
		return nil
	}
	var refusal *pgconn.PgError
	refused := errors.As(err, &refusal)
	if !refused || r.pg == nil || r.pg.IsClosed() || r.pg.TxStatus() != idle {
		_ = r.Close()
	}
	if refused {
		return load.Fail(load.Status, err)
	}
	return err
}

// idle is the status of a session outside of any transaction.
const idle = 'I'

var errAnswer = errors.New("another row than the one that was stored")

func (r *rider) exchange(op *load.Op) error {
	random, began := op.Random(), op.Now()
	for i, s := range r.w.sends {
		r.values = s.values(random, r.values[:0])
		result := r.pg.ExecPrepared(context.Background(), name(i), r.values, nil, nil)
		right := i != r.w.answer
		for result.NextRow() {
			if i == r.w.answer {
				row := result.Values()
				right = len(row) == 1 && string(row[0]) == strconv.FormatUint(balanceOf(accountOf(random)), 10)
			}
		}
		_, err := result.Close()
		if i == 0 {
			op.Note(load.FirstByte, op.Now()-began)
			began = op.Now()
		}
		if err != nil {
			return err
		}
		if !right {
			return load.Fail(load.Wrong, errAnswer)
		}
	}
	op.Note(load.Body, op.Now()-began)
	return nil
}
