package postgres

import (
	"fmt"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var transactionChecks = []probe.Check{
	{
		ID: "postgres/transaction/rollback", Rule: "PostgreSQL 15 documentation, 3.4 Transactions, and ROLLBACK",
		Title: lang.T("Une transaction annulée ne laisse rien, pas même une table", "A transaction rolled back leaves nothing, not even a table"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int); INSERT INTO {s}.t VALUES (1)")
			c.exec("BEGIN")
			c.exec("UPDATE {s}.t SET n = 2")
			c.exec("CREATE TABLE {s}.made_inside (n int)")
			c.want("SELECT n FROM {s}.t", "2")
			c.exec("ROLLBACK")
			c.want("SELECT n, to_regclass('{s}.made_inside') FROM {s}.t", "1|NULL")
		}),
	},
	{
		ID: "postgres/transaction/savepoint", Rule: "PostgreSQL 15 documentation, SAVEPOINT",
		Title: lang.T("Un point de reprise défait une partie de la transaction", "A savepoint undoes a part of the transaction"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int PRIMARY KEY)")
			c.exec("BEGIN")
			c.exec("INSERT INTO {s}.t VALUES (1)")
			c.exec("SAVEPOINT here")
			c.exec("INSERT INTO {s}.t VALUES (2)")
			c.fails("INSERT INTO {s}.t VALUES (1)", "23505")
			c.exec("ROLLBACK TO SAVEPOINT here")
			c.exec("INSERT INTO {s}.t VALUES (3)")
			c.exec("COMMIT")
			c.want("SELECT n FROM {s}.t ORDER BY n", "1", "3")
		}),
	},
	{
		ID: "postgres/transaction/aborted", Rule: "PostgreSQL 15 documentation, appendix A, 25P02; 55.2.2.1 Multiple statements in a simple query",
		Title: lang.T("Après une erreur, la transaction refuse tout jusqu'à son annulation", "After an error, the transaction refuses everything until it is rolled back"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int)")
			c.exec("BEGIN")
			c.exec("INSERT INTO {s}.t VALUES (1)")
			c.fails("SELECT 1 / 0", "22012")
			c.fails("INSERT INTO {s}.t VALUES (2)", "25P02")
			c.wantTag("COMMIT", "ROLLBACK")
			c.want("SELECT count(*) FROM {s}.t", "0")
		}),
	},
	{
		ID: "postgres/transaction/read-committed", Rule: "PostgreSQL 15 documentation, 13.2.1 Read committed isolation level",
		Title: lang.T("Ce qui n'est pas validé ne se voit pas, ce qui l'est se voit aussitôt", "What isn't committed isn't seen, what is is seen at once"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int); INSERT INTO {s}.t VALUES (1)")
			other := c.w.login()
			other.exec("BEGIN ISOLATION LEVEL READ COMMITTED")
			c.exec("BEGIN")
			c.exec("UPDATE {s}.t SET n = 2")
			other.want("SELECT n FROM {s}.t", "1")
			c.exec("COMMIT")
			other.want("SELECT n FROM {s}.t", "2")
			other.exec("ROLLBACK")
		}),
	},
	{
		ID: "postgres/transaction/repeatable-read", Rule: "PostgreSQL 15 documentation, 13.2.2 Repeatable read isolation level; appendix A, 40001",
		Title: lang.T("Une lecture répétable voit un état stable et refuse d'écraser", "A repeatable read sees a stable state and refuses to overwrite"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int); INSERT INTO {s}.t VALUES (1)")
			other := c.w.login()
			c.exec("BEGIN ISOLATION LEVEL REPEATABLE READ")
			c.want("SELECT n FROM {s}.t", "1")
			other.exec("UPDATE {s}.t SET n = 2")
			c.want("SELECT n FROM {s}.t", "1")
			c.fails("UPDATE {s}.t SET n = n + 10", "40001")
			c.exec("ROLLBACK")
			c.want("SELECT n FROM {s}.t", "2")
		}),
	},
	{
		ID: "postgres/transaction/serializable", Rule: "PostgreSQL 15 documentation, 13.2.3 Serializable isolation level; appendix A, 40001",
		Title: lang.T("Deux transactions sérialisables qui se contredisent ne passent pas toutes deux", "Two serializable transactions that contradict each other don't both pass"),
		Run:   in(wantSerializable),
	},
	{
		ID: "postgres/transaction/read-only", Rule: "PostgreSQL 15 documentation, SET TRANSACTION, READ ONLY; appendix A, 25006",
		Title: lang.T("Une transaction en lecture seule n'écrit pas", "A read-only transaction doesn't write"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int)")
			c.exec("BEGIN READ ONLY")
			c.fails("INSERT INTO {s}.t VALUES (1)", "25006")
			c.exec("ROLLBACK")
			c.want("SELECT count(*) FROM {s}.t", "0")
		}),
	},
	{
		ID: "postgres/transaction/snapshot", Rule: "PostgreSQL 15 documentation, 9.27.5 Snapshot synchronization functions",
		Title: lang.T("Deux sessions partagent un même état, pour une sauvegarde en parallèle", "Two sessions share one state, for a backup in parallel"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int); INSERT INTO {s}.t VALUES (1)")
			c.exec("BEGIN ISOLATION LEVEL REPEATABLE READ")
			id := c.value("SELECT pg_export_snapshot()")
			second := c.w.login()
			second.exec("INSERT INTO {s}.t VALUES (2)")
			second.exec("BEGIN ISOLATION LEVEL REPEATABLE READ")
			second.exec("SET TRANSACTION SNAPSHOT " + literal(id))
			second.want("SELECT count(*) FROM {s}.t", "1")
			second.exec("ROLLBACK")
			c.exec("ROLLBACK")
		}),
	},
	{
		ID: "postgres/transaction/two-phase", Rule: "PostgreSQL 15 documentation, PREPARE TRANSACTION", Features: []string{twoPhase},
		Title: lang.T("Une transaction préparée se valide depuis une autre session", "A prepared transaction is committed from another session"),
		Run:   in(wantTwoPhase),
	},
}

// wantSerializable is the write skew of two doctors on call: each sees the other
// and leaves.
func wantSerializable(c *conn) {
	c.exec("CREATE TABLE {s}.call (who text, duty bool); INSERT INTO {s}.call VALUES ('a', true), ('b', true)")
	sessions := []*conn{c, c.w.login()}
	for _, s := range sessions {
		s.exec("BEGIN ISOLATION LEVEL SERIALIZABLE")
		s.want("SELECT count(*) FROM {s}.call WHERE duty", "2")
	}
	passed := 0
	for i, s := range sessions {
		refused := false
		for _, sql := range []string{fmt.Sprintf("UPDATE {s}.call SET duty = false WHERE who = '%c'", 'a'+i), "COMMIT"} {
			_, refusal := s.try(sql)
			if refusal == nil {
				continue
			}
			wantCode(c.w.t, did(sql), refusal, []string{"40001"})
			refused = true
			break
		}
		if refused {
			_, _ = s.try("ROLLBACK")
		} else {
			passed++
		}
	}
	c.w.t.Want(passed == 1, "two serializable transactions, each of which reads what the other writes", fmt.Sprintf("%d commits", passed), "one commit, and the error 40001 for the other")
	c.want("SELECT count(*) FROM {s}.call WHERE duty", "1")
}

func wantTwoPhase(c *conn) {
	name := c.w.t.Name()
	c.exec("CREATE TABLE {s}.t (n int)")
	c.w.t.Own(kindPrepared, name, mainAccount, "ROLLBACK PREPARED "+literal(name))
	other := c.w.login()
	other.exec("BEGIN")
	other.exec("INSERT INTO {s}.t VALUES (1)")
	other.exec("PREPARE TRANSACTION " + literal(name))
	c.want("SELECT count(*) FROM {s}.t", "0")
	seen := c.value("SELECT string_agg(gid, ' ') FROM pg_prepared_xacts WHERE database = current_database()")
	c.w.t.Want(strings.Contains(seen, name), "SELECT from pg_prepared_xacts", seen, name+" among them")
	c.exec("COMMIT PREPARED " + literal(name))
	c.want("SELECT count(*) FROM {s}.t", "1")
}
