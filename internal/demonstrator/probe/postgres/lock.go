package postgres

import (
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var lockChecks = []probe.Check{
	{
		ID: "postgres/lock/timeout", Rule: "PostgreSQL 15 documentation, 20.11.1 Statement behavior, lock_timeout; appendix A, 55P03",
		Title: lang.T("L'attente d'un verrou se limite", "The wait for a lock can be limited"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int); INSERT INTO {s}.t VALUES (1)")
			holder := c.w.login()
			holder.exec("BEGIN")
			holder.exec("UPDATE {s}.t SET n = 2")
			c.exec("SET statement_timeout = '6s'; SET lock_timeout = '60ms'")
			c.fails("UPDATE {s}.t SET n = 3", "55P03")
			holder.exec("ROLLBACK")
		}),
	},
	{
		ID: "postgres/lock/nowait", Rule: "PostgreSQL 15 documentation, SELECT, the locking clause, NOWAIT; appendix A, 55P03",
		Title: lang.T("Un verrou pris se constate sans attendre", "A lock that is taken is noticed without waiting"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int); INSERT INTO {s}.t VALUES (1); SET statement_timeout = '6s'")
			holder := c.w.login()
			holder.exec("BEGIN")
			holder.want("SELECT n FROM {s}.t FOR UPDATE", "1")
			c.fails("SELECT n FROM {s}.t FOR UPDATE NOWAIT", "55P03")
			holder.exec("ROLLBACK")
			c.want("SELECT n FROM {s}.t FOR UPDATE NOWAIT", "1")
		}),
	},
	{
		ID: "postgres/lock/skip-locked", Rule: "PostgreSQL 15 documentation, SELECT, the locking clause, SKIP LOCKED",
		Title: lang.T("Deux sessions se partagent une file sans se gêner", "Two sessions share a queue without getting in each other's way"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.queue AS SELECT n FROM generate_series(1, 4) AS n; SET statement_timeout = '6s'")
			other := c.w.login()
			other.exec("BEGIN")
			other.want("SELECT n FROM {s}.queue ORDER BY n LIMIT 2 FOR UPDATE SKIP LOCKED", "1", "2")
			c.want("SELECT n FROM {s}.queue ORDER BY n LIMIT 2 FOR UPDATE SKIP LOCKED", "3", "4")
			other.exec("ROLLBACK")
		}),
	},
	{
		ID: "postgres/lock/deadlock", Rule: "PostgreSQL 15 documentation, 13.3.4 Deadlocks; appendix A, 40P01",
		Title: lang.T("Un interblocage est dénoué, une des deux transactions l'apprend", "A deadlock is resolved, and one of the two transactions is told"),
		Run:   in(wantDeadlock),
	},
	{
		ID: "postgres/lock/advisory", Rule: "PostgreSQL 15 documentation, 13.3.5 Advisory locks",
		Title: lang.T("Un verrou consultatif tient d'une transaction à l'autre, jusqu'au départ", "An advisory lock holds from one transaction to the next, until its session leaves"),
		Run:   with(wantAdvisory),
	},
}

// wantDeadlock has two sessions wait for each other. deadlock_timeout, a second by
// default, is how long the server takes to notice.
func wantDeadlock(c *conn) {
	c.exec("CREATE TABLE {s}.t (id int, n int); INSERT INTO {s}.t VALUES (1, 0), (2, 0)")
	other := c.w.login()
	c.exec("BEGIN")
	other.exec("BEGIN")
	c.exec("UPDATE {s}.t SET n = 1 WHERE id = 1")
	other.exec("UPDATE {s}.t SET n = 2 WHERE id = 2")
	end := c.later("UPDATE {s}.t SET n = 1 WHERE id = 2")
	const second = "UPDATE {s}.t SET n = 2 WHERE id = 1"
	_, refused := other.try(second)
	_, _ = other.try("ROLLBACK")
	victims := 0
	for _, refusal := range []*pgconn.PgError{refused, end()} {
		if refusal != nil {
			wantCode(c.w.t, did(second), refusal, []string{"40P01"})
			victims++
		}
	}
	c.w.t.Want(victims == 1, "two transactions that wait for each other", fmt.Sprintf("%d errors", victims), "the error 40P01 for one of them")
	_, _ = c.try("ROLLBACK")
}

// wantAdvisory takes a lock whose key is drawn from the check's name.
func wantAdvisory(w *work) {
	key := "hashtextextended(" + literal(w.t.Name()) + ", 0)"
	holder, other := w.login(), w.login()
	holder.exec("BEGIN")
	holder.want("SELECT pg_try_advisory_lock("+key+")", "t")
	holder.exec("COMMIT")
	holder.want("SELECT 1", "1")
	other.want("SELECT pg_try_advisory_lock("+key+")", "f")
	pid := holder.pg.PID()
	_ = holder.pg.Close(w.t.Context())
	for range 100 { // the server frees it as the session ends, a moment after it is told
		if got := other.value("SELECT pg_try_advisory_lock(" + key + ")"); got == "t" {
			return
		}
		w.pause(20 * time.Millisecond)
	}
	w.t.Fail("the lock after its session left", fmt.Sprintf("still held, by %s", strings.Join(other.exec(fmt.Sprintf("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND pid = %d", pid)).lines, " ")), "a free lock")
}

// pause waits, unless the check ends.
func (w *work) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.t.Context().Done():
	}
}
