package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"aloi.dev/internal/demonstrator/probe"
)

// The accounts of an offer.
const (
	mainAccount  = "main"
	otherAccount = "other"
)

// work is what one check does at an offer: its connections, and the schema that it
// made for itself.
type work struct {
	t      *probe.T
	schema string
	// extension is the schema of the extension that the check uses
	extension string
	open      []*conn
}

// with gives a check its work and closes the connections that it opened.
func with(run func(*work)) func(*probe.T) {
	return func(t *probe.T) {
		w := &work{t: t}
		defer w.close()
		run(w)
	}
}

// on gives a check a connection of the main account.
func on(run func(*conn)) func(*probe.T) {
	return with(func(w *work) { run(w.login()) })
}

// in gives a check a connection of the main account and a schema of its own, {s} in
// the statements.
func in(run func(*conn)) func(*probe.T) {
	return on(func(c *conn) {
		c.w.makeSchema(c)
		run(c)
	})
}

// close leaves politely, so that the server has let go of what the check held
// before its schema is dropped.
func (w *work) close() {
	ctx, stop := context.WithTimeout(w.t.Context(), time.Second)
	defer stop()
	for _, c := range w.open {
		if c.away { // the client library serves one goroutine at a time
			_ = c.pg.Conn().Close()
			continue
		}
		_ = c.pg.Close(ctx)
	}
}

// makeSchema creates the schema of the check, which is dropped with all it holds.
func (w *work) makeSchema(c *conn) {
	name := w.t.Name()
	w.t.Own(kindSchema, name, mainAccount, "DROP SCHEMA "+quote(name)+" CASCADE")
	w.schema = name
	c.exec("CREATE SCHEMA {s}")
}

// text puts the names of the schema and of the accounts into a statement.
func (w *work) text(sql string) string {
	if !strings.Contains(sql, "{") {
		return sql
	}
	return strings.NewReplacer("{s}", quote(w.schema), "{x}", quote(w.extension), "{main}", quote(w.user(mainAccount)), "{other}", quote(w.user(otherAccount))).Replace(sql)
}

func (w *work) user(account string) string {
	a, _ := w.t.Session().Account(account)
	return a["username"]
}

// quote writes a name as an identifier.
func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// literal writes a text as a constant, whatever standard_conforming_strings is.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// login opens a connection of the main account; what keeps it from that ends the
// check.
func (w *work) login(edits ...func(*pgconn.Config)) *conn { return w.loginAs(mainAccount, edits...) }

func (w *work) loginAs(account string, edits ...func(*pgconn.Config)) *conn {
	pg, err := w.try(account, edits...)
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) {
		w.t.Fail("LOGIN "+account, said(refusal), "the session of the account "+account)
	}
	w.t.Do("LOGIN "+account, err)
	c := &conn{w: w, pg: pg}
	w.open = append(w.open, c)
	return c
}

// try opens a connection and notes how that went.
func (w *work) try(account string, edits ...func(*pgconn.Config)) (*pgconn.PgConn, error) {
	config, err := configure(w.t.Context(), w.t.Session(), account)
	if err != nil {
		w.t.Bug(err)
	}
	for _, edit := range edits {
		edit(config)
	}
	pg, err := pgconn.ConnectConfig(w.t.Context(), config)
	got := ""
	if err != nil {
		got = probe.Plain(err)
	} else {
		got = "PostgreSQL " + pg.ParameterStatus("server_version")
	}
	w.t.Note("LOGIN", account+" to "+config.Database, got)
	return pg, err
}

// refused wants a login of the main account to fail with one of the codes.
func (w *work) refused(did string, edit func(*pgconn.Config), codes ...string) {
	pg, err := w.try(mainAccount, edit)
	if err == nil {
		_ = pg.Close(w.t.Context())
		w.t.Fail(did, "a session", "the error "+strings.Join(codes, " or "))
	}
	var refusal *pgconn.PgError
	if !errors.As(err, &refusal) {
		w.t.Do(did, err)
	}
	wantCode(w.t, did, refusal, codes)
}

// longestMessage bounds what the server may announce as one message, in bytes: far
// above what any check asks for.
const longestMessage = 16 << 20

// neutral names all that the client library would else take from the machine's
// variables and files; it is replaced before anybody connects.
const neutral = "host=localhost port=1 user=- dbname=- password=- sslmode=disable sslrootcert='' sslcert='' sslkey='' sslnegotiation=postgres " +
	"channel_binding=prefer require_auth='' min_protocol_version=3.0 max_protocol_version=3.0 target_session_attrs=any"

// configure returns how an account connects: over verified TLS or not at all, to
// the declared host only, and as no variable or file of this machine says.
func configure(ctx context.Context, s *probe.Session, account string) (*pgconn.Config, error) {
	host, port, err := net.SplitHostPort(s.Address())
	if err != nil {
		return nil, fmt.Errorf("address of the endpoint: %w", err)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("port of the endpoint: %w", err)
	}
	config, err := pgconn.ParseConfig(neutral)
	if err != nil {
		return nil, fmt.Errorf("the PG… variables of this machine: %w", err)
	}
	fields, _ := s.Account(account)
	config.Host, config.Port, config.Fallbacks = host, uint16(number), nil
	config.User, config.Password = fields["username"], fields["password"]
	config.Database = s.Setting("database", "postgres")
	config.TLSConfig = serverTLS(s)
	config.RuntimeParams = map[string]string{"application_name": "aloi", "client_encoding": "UTF8"}
	config.RequireAuth, config.ChannelBinding, config.SSLCertMode, config.SSLNegotiation = "", "prefer", "", ""
	config.MinProtocolVersion, config.MaxProtocolVersion = "3.0", "3.0"
	config.ValidateConnect, config.ConnectTimeout = nil, 0
	config.MaxProtocolMessageBodyLen = longestMessage
	config.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	config.DialFunc = func(dial context.Context, network, _ string) (net.Conn, error) {
		return dialFor(ctx, dial, s, network)
	}
	return config, nil
}

// dialFor dials the declared endpoint in the context of the check: the client asks
// for the address behind the name when it cancels, and with a context of its own
// when it closes.
func dialFor(check, dial context.Context, s *probe.Session, network string) (net.Conn, error) {
	ctx, stop := context.WithCancelCause(check)
	defer stop(nil)
	defer context.AfterFunc(dial, func() { stop(context.Cause(dial)) })()
	return s.Dial(ctx, network, s.Address())
}

// hostOf returns the name that the server's certificate must bear.
func hostOf(s *probe.Session) string {
	u, err := url.Parse(s.Service.Endpoint)
	if err != nil {
		return "" // the session parsed it already
	}
	return u.Hostname()
}
