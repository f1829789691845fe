package postgres

import "github.com/jackc/pgx/v5/pgproto3"

// What a server lacks that speaks PostgreSQL's protocol and isn't PostgreSQL, or
// that takes some of its statements for others.
var sqlFaults = []Fault{
	{
		Name: "postgres.upsert-does-nothing", Group: "sql",
		Text:  "ON CONFLICT DO UPDATE leaves the row that is there.",
		Front: rewrite(`(DO UPDATE SET) (\w+) = \S+ \+ \S+`, "$1 $2 = stock.$2"),
	},
	{
		Name: "postgres.with-changes-missing", Group: "sql",
		Text:  "Statements that change data are not allowed in WITH.",
		Front: refuse(`WITH \w+ AS \(DELETE`, "0A000", "WITH clause containing a data-modifying statement is not supported"),
	},
	{
		Name: "postgres.recursive-missing", Group: "sql",
		Text:  "Recursive queries are not implemented.",
		Front: refuse(`WITH RECURSIVE`, "0A000", "WITH RECURSIVE is not supported"),
	},
	{
		Name: "postgres.window-frame-ignored", Group: "sql",
		Text:  "The frame of a window is not looked at.",
		Front: rewrite(`ROWS BETWEEN 1 PRECEDING AND CURRENT ROW`, ""),
	},
	{
		Name: "postgres.rollup-missing", Group: "sql",
		Text:  "Groups have no subtotals.",
		Front: refuse(`ROLLUP|CUBE|GROUPING SETS`, "0A000", "GROUPING SETS are not supported"),
	},
	{
		Name: "postgres.lateral-missing", Group: "sql",
		Text:  "Subqueries can't refer to what stands before them in FROM.",
		Front: refuse(`LATERAL`, "0A000", "LATERAL is not supported"),
	},
	{
		Name: "postgres.plpgsql-missing", Group: "sql",
		Text:  "Only functions in SQL may be created.",
		Front: refuse(`LANGUAGE plpgsql`, "0A000", "language plpgsql is not supported"),
	},
	{
		Name: "postgres.triggers-never-fire", Group: "sql",
		Text:  "Triggers are created and never fire.",
		Front: rewrite(`(CREATE TRIGGER .*) FOR EACH ROW (EXECUTE.*)`, "$1 FOR EACH ROW WHEN (false) $2"),
	},
	{
		Name: "postgres.procedure-one-transaction", Group: "sql",
		Text:  "A procedure can't end transactions.",
		Front: rewrite(`(?s)^(CALL .*)$`, "BEGIN; $1; COMMIT"),
	},
	{
		Name: "postgres.refresh-does-nothing", Group: "sql",
		Text:  "Materialized views keep their first content.",
		Front: rewrite(`REFRESH MATERIALIZED VIEW CONCURRENTLY (\S+)`, "REFRESH MATERIALIZED VIEW $1 WITH NO DATA"),
	},
	{
		Name: "postgres.explain-plain", Group: "sql",
		Text:  "EXPLAIN shows its estimates as text, whatever it is asked for.",
		Front: rewrite(`EXPLAIN \(ANALYZE[^)]*\)`, "EXPLAIN"),
	},
}

var schemaFaults = []Fault{
	{
		Name: "postgres.error-names-lost", Group: "schema",
		Text: "Errors don't name the schema, the table and the constraint.",
		Front: editError("", func(e *pgproto3.ErrorResponse) {
			e.SchemaName, e.TableName, e.ConstraintName, e.ColumnName = "", "", "", ""
		}),
	},
	{
		Name: "postgres.unique-ignored", Group: "schema",
		Text:  "Unique constraints are accepted and not enforced.",
		Front: rewrite(`(CONSTRAINT \w+ )?\bUNIQUE( INDEX)?`, "$2"),
	},
	{
		Name: "postgres.check-ignored", Group: "schema",
		Text:  "Check constraints of tables are accepted and not enforced.",
		Front: rewrite(`, CONSTRAINT \w+ CHECK \([^)]*\)|CHECK \(n > 0\)`, ""),
	},
	{
		Name: "postgres.foreign-key-ignored", Group: "schema",
		Text:  "Foreign keys are accepted and not enforced.",
		Front: rewrite(`REFERENCES \S+?( ON DELETE CASCADE| DEFERRABLE INITIALLY DEFERRED|)(,|\))`, "$2"),
	},
	{
		Name: "postgres.deferred-at-once", Group: "schema",
		Text:  "Deferred constraints are checked at once.",
		Front: rewrite(` DEFERRABLE INITIALLY DEFERRED`, ""),
	},
	{
		Name: "postgres.generated-once", Group: "schema",
		Text:  "Generated columns are computed when a row is inserted, and not again.",
		Front: rewrite(`UPDATE (\S+) SET qty`, "ALTER TABLE $1 ALTER total DROP EXPRESSION; UPDATE $1 SET qty"),
	},
	{
		Name: "postgres.partitions-all-read", Group: "schema",
		Text: "Every partition is read, whatever the query asks for.",
		Do:   []string{"ALTER ROLE {main} SET enable_partition_pruning = off", "ALTER ROLE {main} SET constraint_exclusion = off"},
		Undo: []string{"ALTER ROLE {main} RESET enable_partition_pruning", "ALTER ROLE {main} RESET constraint_exclusion"},
	},
	{
		Name: "postgres.index-concurrently-missing", Group: "schema",
		Text:  "Indexes can't be built while the table is written to.",
		Front: refuse(`INDEX CONCURRENTLY`, "0A000", "CREATE INDEX CONCURRENTLY is not supported"),
	},
	{
		Name: "postgres.view-unchecked", Group: "schema",
		Text:  "WITH CHECK OPTION is accepted and not enforced.",
		Front: rewrite(`WITH CHECK OPTION`, ""),
	},
	{
		Name: "postgres.alter-type-missing", Group: "schema",
		Text:  "A column keeps the type that it was created with.",
		Front: refuse(`ALTER \w+ TYPE`, "0A000", "ALTER COLUMN TYPE is not supported"),
	},
	{
		Name: "postgres.definitions-hidden", Group: "schema",
		Text: "The functions that read definitions back are kept from customers.",
		Do:   []string{"REVOKE EXECUTE ON FUNCTION pg_get_viewdef(oid), pg_get_functiondef(oid) FROM PUBLIC"},
		Undo: []string{"GRANT EXECUTE ON FUNCTION pg_get_viewdef(oid), pg_get_functiondef(oid) TO PUBLIC"},
	},
}
