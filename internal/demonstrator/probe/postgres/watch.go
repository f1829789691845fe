package postgres

import (
	"fmt"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var watchChecks = []probe.Check{
	{
		ID: "postgres/watch/version", Rule: "PostgreSQL versioning policy, https://www.postgresql.org/support/versioning/",
		Title: lang.T("La version est encore maintenue", "The version is still maintained"),
		Run:   on(wantMaintained),
	},
	{
		ID: "postgres/watch/activity", Rule: "PostgreSQL 15 documentation, 28.2.3 pg_stat_activity",
		Title: lang.T("Le client voit ses sessions et ce qu'elles font", "The customer sees their sessions and what these do"),
		Run: with(func(w *work) {
			c, watched := w.login(), w.login()
			name := w.t.Name()
			watched.exec("SET application_name = " + literal(name))
			watched.exec("BEGIN")
			watched.exec("SELECT 'observée'")
			c.want("SELECT state, query, pid = "+number(watched.pg.PID())+", xact_start IS NOT NULL FROM pg_stat_activity WHERE application_name = "+literal(name),
				"idle in transaction|SELECT 'observée'|t|t")
			watched.exec("ROLLBACK")
		}),
	},
	{
		ID: "postgres/watch/blocking", Rule: "PostgreSQL 15 documentation, 9.26 System information functions, pg_blocking_pids, and 54.12 pg_locks",
		Title: lang.T("Le client voit qui bloque qui", "The customer sees who blocks whom"),
		Run:   in(wantBlocking),
	},
	{
		ID: "postgres/watch/statistics", Rule: "PostgreSQL 15 documentation, 54.27 pg_stats, and ANALYZE",
		Title: lang.T("Le client calcule et lit les statistiques de ses tables", "The customer computes and reads the statistics of their tables"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t AS SELECT n % 2 AS k FROM generate_series(1, 1000) AS n; ANALYZE {s}.t")
			c.want("SELECT reltuples FROM pg_class WHERE oid = '{s}.t'::regclass", "1000")
			c.want("SELECT n_distinct, null_frac, array_length(most_common_freqs, 1) FROM pg_stats WHERE schemaname = "+literal(c.w.schema)+" AND tablename = 't'", "2|0|2")
		}),
	},
	{
		ID: "postgres/watch/size", Rule: "PostgreSQL 15 documentation, 9.27.7 Database object management functions",
		Title: lang.T("Le client sait la place que prennent ses données", "The customer knows how much room their data take"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t AS SELECT n, repeat('x', 100) AS v FROM generate_series(1, 2000) AS n")
			c.want("SELECT pg_total_relation_size('{s}.t') BETWEEN 200000 AND 2000000, pg_database_size(current_database()) > pg_total_relation_size('{s}.t')", "t|t")
		}),
	},
	{
		ID: "postgres/watch/terminate", Rule: "PostgreSQL 15 documentation, 9.27.2 Server signaling functions; appendix A, 57P01",
		Title: lang.T("Le client met fin à une de ses sessions", "The customer ends a session of theirs"),
		Run: with(func(w *work) {
			c, victim := w.login(), w.login()
			c.want("SELECT pg_terminate_backend("+number(victim.pg.PID())+")", "t")
			victim.wantEnd("pg_terminate_backend", "57P01")
		}),
	},
	{
		ID: "postgres/watch/settings", Rule: "PostgreSQL 15 documentation, 54.24 pg_settings",
		Title: lang.T("Le client lit les réglages du serveur", "The customer reads the server's settings"),
		Run: on(func(c *conn) {
			got := c.exec("SELECT name FROM pg_settings WHERE name IN ('max_connections', 'shared_buffers', 'work_mem', 'max_wal_size', 'autovacuum') AND setting <> '' ORDER BY name").lines
			same(c.w, "SELECT from pg_settings", strings.Join(got, " "), "autovacuum max_connections max_wal_size shared_buffers work_mem")
			c.want("SELECT current_setting('autovacuum')", "on")
		}),
	},
}

// wantMaintained holds the version that the server reports against the dates of its
// authors.
func wantMaintained(c *conn) {
	reported := c.pg.ParameterStatus("server_version")
	end, known, err := maintainedUntil(reported)
	if err != nil {
		c.w.t.Fail("ParameterStatus server_version", clip(reported, 40), err.Error())
	}
	if !known { // later than the list: its end is years away
		return
	}
	c.w.t.Want(c.w.t.Now().Before(end), "ParameterStatus server_version", fmt.Sprintf("%s, maintained until %s", clip(reported, 40), end.Format(time.DateOnly)), "a version that is maintained")
}

func wantBlocking(c *conn) {
	c.exec("CREATE TABLE {s}.t (n int); INSERT INTO {s}.t VALUES (1)")
	holder, waiter := c.w.login(), c.w.login()
	holder.exec("BEGIN")
	holder.exec("UPDATE {s}.t SET n = 2")
	waiter.exec("SET statement_timeout = '8s'")
	const sql = "UPDATE {s}.t SET n = 3"
	pid := waiter.pg.PID()
	end := waiter.later(sql)
	asked := fmt.Sprintf("SELECT pg_blocking_pids(%d), (SELECT count(*) FROM pg_locks WHERE pid = %d AND NOT granted)", pid, pid)
	want, got := fmt.Sprintf("{%d}|1", holder.pg.PID()), ""
	for range 100 {
		answer, refusal := c.try(asked)
		if refusal != nil {
			got = said(refusal)
			break
		}
		if got = strings.Join(answer.lines, ""); got == want {
			break
		}
		c.w.pause(20 * time.Millisecond)
	}
	holder.exec("ROLLBACK")
	refusal := end()
	same(c.w, "SELECT pg_blocking_pids(…)", got, want)
	c.w.t.Want(refusal == nil, did(sql), fmt.Sprint(refusal), "its success once the lock is free")
}
