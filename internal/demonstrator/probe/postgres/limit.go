package postgres

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var limitChecks = []probe.Check{
	{
		ID: "postgres/limit/statement-timeout", Rule: "PostgreSQL 15 documentation, 20.11.1 Statement behavior, statement_timeout; appendix A, 57014",
		Title: lang.T("La durée d'une requête se limite", "The duration of a query can be limited"),
		Run: on(func(c *conn) {
			c.exec("SET statement_timeout = '80ms'")
			c.fails("SELECT pg_sleep(2)", "57014")
			same(c.w, "ReadyForQuery after the error", string(c.pg.TxStatus()), "I") // the session goes on; on a slow machine the limit could hit whatever was asked next
		}),
	},
	{
		ID: "postgres/limit/idle-in-transaction", Rule: "PostgreSQL 15 documentation, 20.11.1 Statement behavior, idle_in_transaction_session_timeout; appendix A, 25P03",
		Title: lang.T("Une transaction oubliée est close au bout du temps choisi", "A forgotten transaction is ended after the time chosen"),
		Run: on(func(c *conn) {
			c.exec("SET idle_in_transaction_session_timeout = '80ms'")
			c.exec("BEGIN")
			c.wantEnd("an idle transaction", "25P03")
		}),
	},
	{
		ID: "postgres/limit/connections", Rule: "offer.yaml, setting connections; PostgreSQL 15 documentation, 20.3.1 Connection settings", Slots: places,
		Title: lang.T("Le nombre de connexions annoncé s'obtient", "The number of connections announced can be had"),
		Limit: 30 * time.Second, Run: with(wantConnections),
	},
	{
		ID: "postgres/limit/field-1mb", Rule: "PostgreSQL 15 documentation, appendix K, PostgreSQL limits, field size",
		Title: lang.T("Un champ d'un mégaoctet revient entier", "A field of one megabyte comes back whole"),
		Run:   in(wantLargeField),
	},
	{
		ID: "postgres/limit/query-1mb", Rule: "PostgreSQL 15 documentation, 55.7 Message formats, Query",
		Title: lang.T("Une requête d'un mégaoctet est acceptée", "A query of one megabyte is accepted"),
		Run: on(func(c *conn) {
			got := c.value("SELECT length('" + strings.Repeat("requête ", 110_000) + "')")
			same(c.w, "the length of a text of 880,000 characters", got, "880000")
		}),
	},
	{
		ID: "postgres/limit/parameters", Rule: "PostgreSQL 15 documentation, appendix K, PostgreSQL limits, query parameters",
		Title: lang.T("Une requête prend 40 000 paramètres", "A query takes 40,000 parameters"),
		Run:   on(wantManyParameters),
	},
	{
		ID: "postgres/limit/columns", Rule: "PostgreSQL 15 documentation, appendix K, PostgreSQL limits, columns per table",
		Title: lang.T("Une table a 1 000 colonnes", "A table has 1,000 columns"),
		Run: in(func(c *conn) {
			names := make([]string, 1000)
			for i := range names {
				names[i] = "c" + strconv.Itoa(i) + " int"
			}
			c.exec("CREATE TABLE {s}.wide (" + strings.Join(names, ", ") + "); INSERT INTO {s}.wide (c0, c999) VALUES (1, 2)")
			got := c.value("SELECT * FROM {s}.wide")
			same(c.w, "a row of 1,000 columns", got, "1|"+strings.Repeat("NULL|", 998)+"2")
		}),
	},
	{
		ID: "postgres/limit/temporary", Rule: "PostgreSQL 15 documentation, CREATE TABLE, TEMPORARY",
		Title: lang.T("Une table temporaire vit autant que sa session, et pour elle seule", "A temporary table lives as long as its session, and for it alone"),
		Run: with(func(w *work) {
			a, b := w.login(), w.login()
			a.exec("CREATE TEMPORARY TABLE scratch (n int)")
			a.exec("INSERT INTO scratch VALUES (1), (2)")
			a.want("SELECT count(*) FROM scratch", "2")
			b.fails("SELECT count(*) FROM pg_temp.scratch", "42P01")
		}),
	},
}

// wantEnd waits until the server ends the session with a code. It reads, and writes
// nothing: a write to a closed connection could lose what the server said.
func (c *conn) wantEnd(did, code string) {
	ctx, stop := context.WithTimeout(c.w.t.Context(), 3*time.Second)
	defer stop()
	m, err := c.pg.ReceiveMessage(ctx)
	if e, ok := m.(*pgproto3.ErrorResponse); ok && err == nil { // which the library knows to be fatal in English only
		err = pgconn.ErrorResponseToPgError(e)
	}
	var refusal *pgconn.PgError
	switch {
	case errors.As(err, &refusal):
		c.w.t.Note("END", did, said(refusal))
		wantCode(c.w.t, did, refusal, []string{code})
	case err == nil:
		c.w.t.Fail(did, "another message", "the end of the session, with the error "+code)
	case ctx.Err() != nil:
		c.w.t.Fail(did, "nothing within 3 s", "the end of the session, with the error "+code)
	default:
		c.w.t.Do(did, err)
	}
}

// wantConnections holds as many sessions as the offer announces, all at once, and
// has the last one answer.
func wantConnections(w *work) {
	setting := w.t.Session().Setting("connections", "")
	if setting == "" {
		w.t.Unsupported("connections")
	}
	want, err := strconv.Atoi(setting)
	if err != nil || want < 1 {
		w.t.Bug(fmt.Errorf("the setting connections is %q, not a number from 1", setting))
	}
	var group sync.WaitGroup
	sessions, errs := make([]*pgconn.PgConn, want), make([]error, want)
	for i := range want {
		group.Go(func() {
			config, err := configure(w.t.Context(), w.t.Session(), mainAccount)
			if err == nil {
				sessions[i], err = pgconn.ConnectConfig(w.t.Context(), config)
			}
			errs[i] = err
		})
	}
	group.Wait()
	var refused error
	for i, pg := range sessions {
		if errs[i] != nil {
			refused = errs[i]
			continue
		}
		w.open = append(w.open, &conn{w: w, pg: pg})
	}
	asked := fmt.Sprintf("LOGIN of %d sessions at once", want)
	w.t.Note("LOGIN", setting+" sessions at once", fmt.Sprintf("%d", len(w.open)))
	var refusal *pgconn.PgError
	if errors.As(refused, &refusal) {
		w.t.Fail(asked, fmt.Sprintf("%d sessions, then %s", len(w.open), said(refusal)), setting+" sessions")
	}
	w.t.Do(asked, refused)
	w.open[len(w.open)-1].want("SELECT 1", "1")
}

// wantLargeField compares by digest what the server has with what was sent, and
// then byte by byte what comes back.
func wantLargeField(c *conn) {
	text := strings.Repeat("Un dossier complet, à l'octet près. ", 30_000)
	sum := md5.Sum([]byte(text)) //nolint:gosec // a digest that every server computes, not a protection
	c.exec("CREATE TABLE {s}.t (v text)")
	_, refusal := c.ask("INSERT INTO {s}.t VALUES ($1)", text)
	c.w.t.Want(refusal == nil, "INSERT of 1 MB", fmt.Sprint(refusal), "its success")
	c.want("SELECT md5(v), octet_length(v) FROM {s}.t", hex.EncodeToString(sum[:])+"|"+strconv.Itoa(len(text)))
	got := c.value("SELECT v FROM {s}.t")
	c.w.t.Want(got == text, "SELECT of 1 MB", fmt.Sprintf("%d bytes", len(got)), fmt.Sprintf("the %d bytes that were written", len(text)))
}

func wantManyParameters(c *conn) {
	const n = 40_000
	marks, values := make([]string, n), make([]string, n)
	for i := range marks {
		marks[i], values[i] = "$"+strconv.Itoa(i+1), strconv.Itoa(i)
	}
	got, refusal := c.ask("SELECT cardinality(a), a[1], a["+strconv.Itoa(n)+"] FROM (SELECT ARRAY["+strings.Join(marks, ",")+"]::int[] AS a) AS x", values...)
	asked := fmt.Sprintf("a query with %d parameters", n)
	if refusal != nil {
		c.w.t.Fail(asked, said(refusal), "its result")
	}
	wantRows(c.w.t, asked, got, []string{fmt.Sprintf("%d|0|%d", n, n-1)})
}
