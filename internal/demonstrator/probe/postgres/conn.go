package postgres

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"aloi.dev/internal/demonstrator/probe"
)

// conn is one session at the server. Its methods end the check when the connection
// breaks.
type conn struct {
	w    *work
	pg   *pgconn.PgConn
	away bool // a query of later is under way
}

// answer is what came back for the last statement of a text.
type answer struct {
	lines []string // of each row the values, joined by |
	tag   string
}

// most of a result that a check takes in; a server that sends more is at fault.
const (
	mostRows  = 100_000
	mostBytes = 8 << 20
)

var errTooMuch = errors.New("far more rows than the query has")

// try sends statements as one simple query. The error is the server's.
func (c *conn) try(sql string) (answer, *pgconn.PgError) {
	sql = c.w.text(sql)
	var last answer
	reader := c.pg.Exec(c.w.t.Context(), sql)
	var err error
	for err == nil && reader.NextResult() {
		last, err = collect(reader.ResultReader())
	}
	if !errors.Is(err, errTooMuch) { // closing would read it all
		err = reader.Close()
	}
	return c.heard("QUERY", sql, last, err)
}

// ask sends one statement with its parameters, as text, by the extended protocol.
func (c *conn) ask(sql string, values ...string) (answer, *pgconn.PgError) {
	sql = c.w.text(sql)
	params := make([][]byte, len(values))
	for i, v := range values {
		params[i] = []byte(v)
	}
	got, err := collect(c.pg.ExecParams(c.w.t.Context(), sql, params, nil, nil, nil))
	return c.heard("EXECUTE", sql, got, err)
}

// later sends statements, whose end the returned function waits for: meanwhile other
// sessions go on, and this one may not.
func (c *conn) later(sql string) (end func() *pgconn.PgError) {
	sql = c.w.text(sql)
	done := make(chan error, 1)
	c.away = true
	go func() { // only the client library: what ends a check must stay on its goroutine
		_, err := c.pg.Exec(c.w.t.Context(), sql).ReadAll()
		done <- err
	}()
	return func() *pgconn.PgError {
		err := <-done
		c.away = false
		_, refusal := c.heard("QUERY", sql, answer{tag: "its end"}, err)
		return refusal
	}
}

// heard notes an exchange and sorts its error out.
func (c *conn) heard(method, sql string, got answer, err error) (answer, *pgconn.PgError) {
	var refusal *pgconn.PgError
	switch {
	case err == nil:
		c.w.t.Note(method, clip(sql, 2000), got.String())
	case errors.As(err, &refusal):
		c.w.t.Note(method, clip(sql, 2000), said(refusal))
	default:
		c.w.t.Note(method, clip(sql, 2000), probe.Plain(err))
		c.w.t.Do(did(sql), err)
	}
	return got, refusal
}

// collect reads one result, within bounds.
func collect(r *pgconn.ResultReader) (answer, error) {
	var got answer
	size := 0
	for r.NextRow() {
		values := make([]string, len(r.Values()))
		for i, v := range r.Values() {
			values[i] = string(v)
			if v == nil {
				values[i] = "NULL"
			}
			size += len(v)
		}
		got.lines = append(got.lines, strings.Join(values, "|"))
		if len(got.lines) > mostRows || size > mostBytes {
			return got, errTooMuch
		}
	}
	tag, err := r.Close()
	got.tag = tag.String()
	return got, err
}

// String says what came back, for a note.
func (a answer) String() string {
	const shown = 5
	lines := a.lines[:min(shown, len(a.lines))]
	text := clip(strings.Join(lines, "\n"), 1000)
	if len(a.lines) > shown {
		text += fmt.Sprintf("\n… %d rows", len(a.lines))
	}
	if text != "" && a.tag != "" {
		text += "\n"
	}
	return text + a.tag
}

// exec sends statements that the check needs; a refusal ends the check.
func (c *conn) exec(sql string) answer {
	got, refusal := c.try(sql)
	if refusal != nil {
		c.w.t.Fail(did(sql), said(refusal), "its success")
	}
	return got
}

// value returns the only value of a query.
func (c *conn) value(sql string) string {
	got := c.exec(sql)
	if len(got.lines) != 1 {
		c.w.t.Fail(did(sql), fmt.Sprintf("%d rows", len(got.lines)), "one row")
	}
	return got.lines[0]
}

// want ends the check unless a query returns these rows, values joined by |.
func (c *conn) want(sql string, rows ...string) {
	wantRows(c.w.t, did(sql), c.exec(sql), rows)
}

// wantTag ends the check unless a statement ends with this tag.
func (c *conn) wantTag(sql, tag string) {
	got := c.exec(sql)
	c.w.t.Want(got.tag == tag, did(sql), got.tag, tag)
}

// fails ends the check unless a statement fails with one of the codes.
func (c *conn) fails(sql string, codes ...string) { _ = c.failure(sql, codes...) }

// failure is fails, and returns the error.
func (c *conn) failure(sql string, codes ...string) *pgconn.PgError {
	got, refusal := c.try(sql)
	if refusal == nil {
		c.w.t.Fail(did(sql), "no error but "+clip(got.String(), 100), "the error "+strings.Join(codes, " or "))
	}
	wantCode(c.w.t, did(sql), refusal, codes)
	return refusal
}

// serverTLS is how the suite meets the server: its certificate is verified for the
// endpoint's name, which is also asked for (SNI).
func serverTLS(s *probe.Session) *tls.Config {
	config := s.TLS()
	config.ServerName = hostOf(s)
	return config
}

// typed opens a connection with the client library's own types, in binary.
func (w *work) typed(account string) *pgx.Conn {
	config, err := configure(w.t.Context(), w.t.Session(), account)
	if err != nil {
		w.t.Bug(err)
	}
	typed, err := pgx.ParseConfig(neutral)
	if err != nil {
		w.t.Bug(err)
	}
	typed.Config = *config
	typed.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe // no named statements: they have checks of their own
	client, err := pgx.ConnectConfig(w.t.Context(), typed)
	w.t.Do("LOGIN "+account, err)
	w.open = append(w.open, &conn{w: w, pg: client.PgConn()})
	return client
}
