package postgres

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var protocolChecks = []probe.Check{
	{
		ID: "postgres/protocol/prepared", Rule: "PostgreSQL 15 documentation, 55.2.3 Extended query",
		Title: lang.T("Une requête préparée sert à plusieurs transactions", "A prepared statement serves several transactions"),
		Run:   in(wantPrepared),
	},
	{
		ID: "postgres/protocol/prepare-sql", Rule: "PostgreSQL 15 documentation, PREPARE",
		Title: lang.T("Une requête préparée en SQL dure autant que sa session", "A statement prepared in SQL lasts as long as its session"),
		Run: on(func(c *conn) {
			c.exec("PREPARE add (int, int) AS SELECT $1 + $2")
			c.want("EXECUTE add(2, 3)", "5")
			c.exec("BEGIN")
			c.exec("ROLLBACK")
			c.want("EXECUTE add(20, 3)", "23")
		}),
	},
	{
		ID: "postgres/protocol/describe", Rule: "PostgreSQL 15 documentation, 55.2.3 Extended query, Describe",
		Title: lang.T("Le serveur décrit les types d'une requête avant de l'exécuter", "The server describes the types of a query before it runs it"),
		Run: on(func(c *conn) {
			d, err := c.pg.Prepare(c.w.t.Context(), "described", "SELECT $1::bigint AS n, $2::text || 'x' AS t, now() AS at", nil)
			c.w.step("Parse and Describe", err)
			got := fmt.Sprint(d.ParamOIDs)
			for _, f := range d.Fields {
				got += fmt.Sprintf(" %s:%d", f.Name, f.DataTypeOID)
			}
			same(c.w, "Describe", got, "[20 25] n:20 t:25 at:1184")
		}),
	},
	{
		ID: "postgres/protocol/portal", Rule: "PostgreSQL 15 documentation, 55.2.3 Extended query, Execute, PortalSuspended",
		Title: lang.T("Un résultat se lit par parties", "A result can be read in parts"),
		Run:   on(wantPortal),
	},
	{
		ID: "postgres/protocol/pipeline", Rule: "PostgreSQL 15 documentation, 55.2.4 Pipelining",
		Title: lang.T("Un train de requêtes est une seule transaction, dans l'ordre", "A pipeline of queries is one transaction, in order"),
		Run:   in(wantPipeline),
	},
	{
		ID: "postgres/protocol/several-statements", Rule: "PostgreSQL 15 documentation, 55.2.2.1 Multiple statements in a simple query",
		Title: lang.T("Plusieurs instructions en une requête réussissent ou échouent ensemble", "Several statements in one query succeed or fail together"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int)")
			results, err := c.pg.Exec(c.w.t.Context(), c.w.text("INSERT INTO {s}.t VALUES (1); SELECT n + 1 FROM {s}.t")).ReadAll()
			c.w.step("two statements in one query", err)
			same(c.w, "two statements in one query", len(results), 2)
			same(c.w, "two statements in one query", string(results[1].Rows[0][0]), "2")
			c.fails("INSERT INTO {s}.t VALUES (2); SELECT 1 / 0", "22012")
			c.want("SELECT n FROM {s}.t", "1")
		}),
	},
	{
		ID: "postgres/protocol/status", Rule: "PostgreSQL 15 documentation, 55.7 Message formats, ReadyForQuery",
		Title: lang.T("Le serveur dit à chaque pas où en est la transaction", "The server says at each step how the transaction stands"),
		Run: on(func(c *conn) {
			status := func(sql, want string) {
				_, _ = c.try(sql)
				same(c.w, "ReadyForQuery after "+sql, string(c.pg.TxStatus()), want)
			}
			status("SELECT 1", "I")
			status("BEGIN", "T")
			status("SELECT 1 / 0", "E")
			status("ROLLBACK", "I")
		}),
	},
	{
		ID: "postgres/protocol/tags", Rule: "PostgreSQL 15 documentation, 55.7 Message formats, CommandComplete",
		Title: lang.T("Le serveur compte les lignes touchées", "The server counts the rows affected"),
		Run: in(func(c *conn) {
			c.wantTag("CREATE TABLE {s}.t (n int)", "CREATE TABLE")
			c.wantTag("INSERT INTO {s}.t SELECT generate_series(1, 12)", "INSERT 0 12")
			c.wantTag("UPDATE {s}.t SET n = n WHERE n > 7", "UPDATE 5")
			c.wantTag("DELETE FROM {s}.t WHERE n < 3", "DELETE 2")
			c.wantTag("SELECT n FROM {s}.t", "SELECT 10")
		}),
	},
	{
		ID: "postgres/protocol/error-position", Rule: "PostgreSQL 15 documentation, 55.8 Error and notice message fields; appendix A, 42601, 42P01, 42703",
		Title: lang.T("Une erreur porte son code et sa place dans la requête", "An error bears its code and its place in the query"),
		Run: on(func(c *conn) {
			e := c.failure("SELECT 1 FRM x y z", "42601")
			same(c.w, "the position in the error 42601", e.Position, 14)
			c.w.t.Want(e.SeverityUnlocalized == "ERROR", "the severity in the error 42601", strconv.Quote(e.SeverityUnlocalized), "ERROR")
			e = c.failure("SELECT * FROM no_such_table_here", "42P01")
			same(c.w, "the position in the error 42P01", e.Position, 15)
			c.fails("SELECT no_such_column FROM pg_class", "42703")
		}),
	},
	{
		ID: "postgres/protocol/notice", Rule: "PostgreSQL 15 documentation, 55.2.7 Asynchronous operations, NoticeResponse",
		Title: lang.T("Les avis du serveur parviennent au client", "The server's notices reach the client"),
		Run: with(func(w *work) {
			var heard []string
			c := w.login(func(c *pgconn.Config) {
				c.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { heard = append(heard, n.Severity+" "+n.Message) }
			})
			c.exec("DO $d$ BEGIN RAISE NOTICE 'attention : %', 42; RAISE WARNING 'deux'; END $d$")
			same(w, "RAISE NOTICE, RAISE WARNING", strings.Join(heard, "; "), "NOTICE attention : 42; WARNING deux")
		}),
	},
	{
		ID: "postgres/protocol/empty-query", Rule: "PostgreSQL 15 documentation, 55.2.2 Simple query, EmptyQueryResponse",
		Title: lang.T("Une requête vide reçoit la réponse prévue", "An empty query gets the answer provided for"),
		Run: on(func(c *conn) {
			c.pg.Frontend().Send(&pgproto3.Query{String: " ; "})
			c.w.t.Do("an empty query", c.pg.Frontend().Flush())
			m := c.message("an empty query")
			_, ok := m.(*pgproto3.EmptyQueryResponse)
			c.w.t.Want(ok, "an empty query", describe(m), "EmptyQueryResponse")
		}),
	},
	{
		ID: "postgres/protocol/large-result", Rule: "PostgreSQL 15 documentation, 55.2.2 Simple query, DataRow",
		Title: lang.T("Un résultat de 30 000 lignes arrive entier et dans l'ordre", "A result of 30,000 rows arrives whole and in order"),
		Run: on(func(c *conn) {
			const sql, rows = "SELECT n, md5(n::text) FROM generate_series(1, 30000) AS n ORDER BY n", 30_000
			got := c.exec(sql)
			same(c.w, did(sql), fmt.Sprintf("%d rows, %s", len(got.lines), got.tag), fmt.Sprintf("%d rows, SELECT %d", rows, rows))
			for i, line := range got.lines {
				if !strings.HasPrefix(line, strconv.Itoa(i+1)+"|") {
					c.w.t.Fail(did(sql), fmt.Sprintf("row %d is %s", i+1, clip(line, 60)), "rows in order")
				}
			}
		}),
	},
}

// message returns the next message of the server, outside the client library's own
// conversations.
func (c *conn) message(did string) pgproto3.BackendMessage {
	m, err := c.pg.ReceiveMessage(c.w.t.Context())
	c.w.step(did, err)
	return m
}

func wantPrepared(c *conn) {
	ctx := c.w.t.Context()
	c.exec("CREATE TABLE {s}.t (n int)")
	_, err := c.pg.Prepare(ctx, "add", c.w.text("INSERT INTO {s}.t VALUES ($1::int) RETURNING n * 10"), nil)
	c.w.step("Parse", err)
	for i := 1; i <= 3; i++ {
		r := c.pg.ExecPrepared(ctx, "add", [][]byte{[]byte(strconv.Itoa(i))}, nil, nil).Read()
		c.w.step(fmt.Sprintf("Bind and Execute, transaction %d", i), r.Err)
		same(c.w, "Bind and Execute", string(r.Rows[0][0]), strconv.Itoa(i*10))
	}
	c.w.step("Close", c.pg.Deallocate(ctx, "add"))
	c.want("SELECT string_agg(n::text, ' ' ORDER BY n) FROM {s}.t", "1 2 3")
}

// wantPortal reads five rows two by two. A portal lives in a transaction.
func wantPortal(c *conn) {
	c.exec("BEGIN")
	f := c.pg.Frontend()
	f.Send(&pgproto3.Parse{Query: "SELECT generate_series(1, 5)"})
	f.Send(&pgproto3.Bind{DestinationPortal: "p"})
	var parts []string
	for range 3 {
		f.Send(&pgproto3.Execute{Portal: "p", MaxRows: 2})
		f.Send(&pgproto3.Sync{})
		c.w.t.Do("Execute of two rows", f.Flush())
		part := ""
		for ready := false; !ready; {
			switch m := c.message("Execute of two rows").(type) {
			case *pgproto3.DataRow:
				part += string(m.Values[0])
			case *pgproto3.PortalSuspended:
				part += "…"
			case *pgproto3.ErrorResponse:
				c.w.t.Fail("Execute of two rows", describe(m), "rows")
			case *pgproto3.ReadyForQuery:
				ready = true
			}
		}
		parts = append(parts, part)
	}
	same(c.w, "Execute of two rows, three times", strings.Join(parts, " "), "12… 34… 5")
	c.exec("ROLLBACK")
}

// wantPipeline sends four statements and one Sync: the third fails, so that the
// first two are undone and the fourth is passed over.
func wantPipeline(c *conn) {
	ctx := c.w.t.Context()
	c.exec("CREATE TABLE {s}.t (n int PRIMARY KEY)")
	good := &pgconn.Batch{}
	for i := 1; i <= 3; i++ {
		good.ExecParams(c.w.text("INSERT INTO {s}.t VALUES ($1::int) RETURNING n"), [][]byte{[]byte(strconv.Itoa(i))}, nil, nil, nil)
	}
	results, err := c.pg.ExecBatch(ctx, good).ReadAll()
	c.w.step("a pipeline of three statements", err)
	order := ""
	for _, r := range results {
		order += string(r.Rows[0][0])
	}
	same(c.w, "a pipeline of three statements", order, "123")
	bad := &pgconn.Batch{}
	for _, n := range []string{"4", "5", "1", "6"} {
		bad.ExecParams(c.w.text("INSERT INTO {s}.t VALUES ($1::int)"), [][]byte{[]byte(n)}, nil, nil, nil)
	}
	_, err = c.pg.ExecBatch(ctx, bad).ReadAll()
	_, refusal := c.heard("PIPELINE", "four inserts, the third of a key that is taken", answer{tag: "no error"}, err)
	c.w.t.Want(refusal != nil && refusal.Code == "23505", "a pipeline whose third statement fails", fmt.Sprint(refusal), "the error 23505")
	c.want("SELECT string_agg(n::text, ' ' ORDER BY n) FROM {s}.t", "1 2 3")
}
