package postgres

import "strings"

var transactionFaults = []Fault{
	{
		Name: "postgres.rollback-commits", Group: "transaction",
		Text:  "A rolled-back transaction is committed.",
		Front: rewrite(`^ROLLBACK$`, "COMMIT"),
	},
	{
		Name: "postgres.commit-lost", Group: "transaction",
		Text: "A commit is confirmed, and its transaction rolled back.",
		Front: func() Hooks {
			h := editTag(func(tag string) string {
				if tag == "ROLLBACK" {
					return "COMMIT"
				}
				return tag
			})()
			h.Query = func(sql string) string {
				if strings.EqualFold(strings.TrimSpace(sql), "commit") {
					return "ROLLBACK"
				}
				return sql
			}
			return h
		},
	},
	{
		Name: "postgres.begin-ignored", Group: "transaction",
		Text:  "Each statement is a transaction of its own, whatever BEGIN says.",
		Front: rewrite(`(?i)^begin( .*)?$`, "SELECT 1"),
	},
	{
		Name: "postgres.definitions-commit", Group: "transaction",
		Text:  "Creating a table commits the transaction under way.",
		Front: rewrite(`^(CREATE TABLE \S+made_inside.*)$`, "COMMIT; $1"),
	},
	{
		Name: "postgres.savepoint-released", Group: "transaction",
		Text:  "Going back to a savepoint goes back to the beginning.",
		Front: rewrite(`ROLLBACK TO SAVEPOINT \w+`, "ROLLBACK; BEGIN"),
	},
	{
		Name: "postgres.commit-tag", Group: "transaction",
		Text: "COMMIT is confirmed as such when the transaction had failed.",
		Front: editTag(func(tag string) string {
			if tag == "ROLLBACK" {
				return "COMMIT"
			}
			return tag
		}),
	},
	{
		Name: "postgres.repeatable-read-weak", Group: "transaction",
		Text:  "REPEATABLE READ is taken for READ COMMITTED.",
		Front: rewrite(`REPEATABLE READ`, "READ COMMITTED"),
	},
	{
		Name: "postgres.serializable-weak", Group: "transaction",
		Text:  "SERIALIZABLE is taken for REPEATABLE READ.",
		Front: rewrite(`SERIALIZABLE`, "REPEATABLE READ"),
	},
	{
		Name: "postgres.serialization-code", Group: "transaction",
		Text:  "A conflict between transactions is reported as an internal error.",
		Front: recode("40001", "XX000"),
	},
	{
		Name: "postgres.read-only-ignored", Group: "transaction",
		Text:  "READ ONLY is accepted and not enforced.",
		Front: rewrite(`BEGIN READ ONLY`, "BEGIN"),
	},
	{
		Name: "postgres.snapshot-missing", Group: "transaction",
		Text: "Snapshots can't be exported.",
		Do:   []string{"REVOKE EXECUTE ON FUNCTION pg_export_snapshot() FROM PUBLIC"},
		Undo: []string{"GRANT EXECUTE ON FUNCTION pg_export_snapshot() TO PUBLIC"},
	},
	{
		Name: "postgres.two-phase-off", Group: "transaction",
		Text:  "Prepared transactions are disabled.",
		Front: refuse(`PREPARE TRANSACTION`, "55000", "prepared transactions are disabled"),
	},
}

var lockFaults = []Fault{
	{
		Name: "postgres.lock-timeout-ignored", Group: "lock",
		Text:  "The limit of the wait for a lock is accepted and not enforced.",
		Front: rewrite(`SET lock_timeout = '\w+'`, "SET lock_timeout = 0"),
	},
	{
		Name: "postgres.lock-code", Group: "lock",
		Text:  "A lock that can't be had is reported as a cancelled query.",
		Front: recode("55P03", "57014"),
	},
	{
		Name: "postgres.nowait-ignored", Group: "lock",
		Text:  "NOWAIT is accepted, and waits.",
		Front: rewrite(` NOWAIT`, ""),
	},
	{
		Name: "postgres.skip-locked-ignored", Group: "lock",
		Text:  "SKIP LOCKED is accepted, and waits.",
		Front: rewrite(` SKIP LOCKED`, ""),
	},
	{
		Name: "postgres.deadlock-code", Group: "lock",
		Text:  "A deadlock is reported as a general rollback.",
		Front: recode("40P01", "40000"),
	},
	{
		Name: "postgres.pool-unlock", Group: "lock",
		Text:  "Advisory locks end with the transaction, as behind a transaction pooler.",
		Front: pool("SELECT pg_advisory_unlock_all()"),
	},
}
