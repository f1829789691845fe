package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var sessionChecks = []probe.Check{
	{
		ID: "postgres/session/notify", Rule: "PostgreSQL 15 documentation, LISTEN, and NOTIFY",
		Title: lang.T("Un message publié parvient aux sessions abonnées, dans l'ordre", "A published message reaches the sessions that listen, in order"),
		Run: with(func(w *work) {
			l, other := w.listen(), w.login()
			l.exec("SELECT 'another transaction'")
			other.exec("NOTIFY " + l.channel + ", 'un : été'")
			other.exec("SELECT pg_notify(" + literal(l.name) + ", repeat('x', 7000))")
			l.want("un : été", strings.Repeat("x", 7000))
		}),
	},
	{
		ID: "postgres/session/notify-commit", Rule: "PostgreSQL 15 documentation, NOTIFY",
		Title: lang.T("Un message part à la validation, et jamais d'une transaction annulée", "A message leaves at the commit, and never from a transaction rolled back"),
		Run: with(func(w *work) {
			l, other := w.listen(), w.login()
			other.exec("BEGIN")
			other.exec("NOTIFY " + l.channel + ", 'annulé'")
			other.exec("ROLLBACK")
			other.exec("BEGIN")
			other.exec("NOTIFY " + l.channel + ", 'validé'")
			l.conn.want("SELECT 1", "1")
			same(w, "NOTIFY before the commit", strings.Join(l.heard, "; "), "")
			other.exec("COMMIT")
			l.want("validé")
		}),
	},
	{
		ID: "postgres/session/settings", Rule: "PostgreSQL 15 documentation, SET",
		Title: lang.T("Un réglage de session tient d'une transaction à l'autre", "A setting of the session holds from one transaction to the next"),
		Run: on(func(c *conn) {
			c.exec("SET work_mem = '3MB'")
			c.exec("SET DateStyle = 'SQL, DMY'")
			c.want("SELECT current_setting('work_mem'), date '2026-03-04'", "3MB|04/03/2026")
			c.exec("BEGIN")
			c.exec("SET LOCAL work_mem = '5MB'")
			c.want("SELECT current_setting('work_mem')", "5MB")
			c.exec("COMMIT")
			c.want("SELECT current_setting('work_mem')", "3MB")
		}),
	},
	{
		ID: "postgres/session/cursor", Rule: "PostgreSQL 15 documentation, DECLARE, and FETCH",
		Title: lang.T("Un curseur avance et recule", "A cursor goes forward and backward"),
		Run: on(func(c *conn) {
			c.exec("BEGIN")
			c.exec("DECLARE walk SCROLL CURSOR FOR SELECT generate_series(1, 10)")
			c.want("FETCH 3 FROM walk", "1", "2", "3")
			c.want("FETCH BACKWARD 2 FROM walk", "2", "1")
			c.want("FETCH LAST FROM walk", "10")
			c.want("FETCH NEXT FROM walk")
			c.exec("COMMIT")
			c.fails("FETCH NEXT FROM walk", "34000")
		}),
	},
	{
		ID: "postgres/session/cursor-hold", Rule: "PostgreSQL 15 documentation, DECLARE, WITH HOLD",
		Title: lang.T("Un curseur maintenu survit à sa transaction", "A held cursor outlives its transaction"),
		Run: on(func(c *conn) {
			c.exec("BEGIN")
			c.exec("DECLARE held CURSOR WITH HOLD FOR SELECT generate_series(1, 4)")
			c.want("FETCH 2 FROM held", "1", "2")
			c.exec("COMMIT")
			c.want("FETCH 2 FROM held", "3", "4")
			c.exec("CLOSE held")
		}),
	},
	{
		ID: "postgres/session/sequence", Rule: "PostgreSQL 15 documentation, 9.17 Sequence manipulation functions",
		Title: lang.T("Une séquence ne rend jamais deux fois le même nombre", "A sequence never gives the same number twice"),
		Run: in(func(c *conn) {
			other := c.w.login()
			c.exec("CREATE SEQUENCE {s}.n START 10")
			c.want("SELECT nextval('{s}.n')", "10")
			other.want("SELECT nextval('{s}.n')", "11")
			c.exec("BEGIN")
			c.want("SELECT nextval('{s}.n')", "12")
			c.exec("ROLLBACK")
			other.want("SELECT nextval('{s}.n')", "13")
			c.want("SELECT currval('{s}.n')", "12")
		}),
	},
}

// listener is a session that listens to a channel of its own.
type listener struct {
	*conn
	name    string
	channel string // quoted
	heard   []string
}

func (w *work) listen() *listener {
	l := &listener{name: w.t.Name()}
	l.channel = quote(l.name)
	l.conn = w.login(func(c *pgconn.Config) {
		c.OnNotification = func(_ *pgconn.PgConn, n *pgconn.Notification) {
			if n.Channel == l.name {
				l.heard = append(l.heard, n.Payload)
			}
		}
	})
	l.exec("LISTEN " + l.channel)
	return l
}

// want waits until as many messages came, a few seconds at most, and compares them.
func (l *listener) want(messages ...string) {
	ctx, stop := context.WithTimeout(l.w.t.Context(), 4*time.Second)
	defer stop()
	for len(l.heard) < len(messages) {
		if err := l.pg.WaitForNotification(ctx); err != nil {
			if ctx.Err() == nil {
				l.w.t.Do("LISTEN", err)
			}
			break
		}
	}
	l.w.t.Note("LISTEN", l.channel, strings.Join(l.heard, "\n"))
	same(l.w, "LISTEN", clip(strings.Join(l.heard, "; "), 60), clip(strings.Join(messages, "; "), 60))
	same(l.w, "LISTEN", len(strings.Join(l.heard, "; ")), len(strings.Join(messages, "; ")))
}
