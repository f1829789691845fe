package postgres

import (
	"fmt"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var schemaChecks = []probe.Check{
	{
		ID: "postgres/schema/unique", Rule: "PostgreSQL 15 documentation, 5.4.3 Unique constraints; appendix A, 23505; 55.8 Error and notice message fields",
		Title: lang.T("Une contrainte d'unicité tient, et l'erreur la nomme", "A unique constraint holds, and the error names it"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.people (mail text CONSTRAINT one_mail UNIQUE); INSERT INTO {s}.people VALUES ('a@example.org')")
			e := c.failure("INSERT INTO {s}.people VALUES ('a@example.org')", "23505")
			same(c.w, "the fields of the error 23505", e.SchemaName+"/"+e.TableName+"/"+e.ConstraintName, c.w.schema+"/people/one_mail")
			c.want("SELECT count(*) FROM {s}.people", "1")
		}),
	},
	{
		ID: "postgres/schema/not-null-check", Rule: "PostgreSQL 15 documentation, 5.4.1 Check constraints, and 5.4.2 Not-null constraints",
		Title: lang.T("Valeurs absentes et hors limites sont refusées", "Absent and out-of-bounds values are refused"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.line (qty int NOT NULL, price int, CONSTRAINT positive CHECK (price > 0))")
			c.fails("INSERT INTO {s}.line VALUES (NULL, 1)", "23502")
			c.fails("INSERT INTO {s}.line VALUES (1, 0)", "23514")
			c.exec("INSERT INTO {s}.line VALUES (1, NULL), (2, 3)")
			c.want("SELECT count(*) FROM {s}.line", "2")
		}),
	},
	{
		ID: "postgres/schema/foreign-key", Rule: "PostgreSQL 15 documentation, 5.4.5 Foreign keys",
		Title: lang.T("Une clé étrangère refuse les orphelins et propage les suppressions", "A foreign key refuses orphans and passes deletions on"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.file (id int PRIMARY KEY); CREATE TABLE {s}.piece (file int REFERENCES {s}.file ON DELETE CASCADE, n int); INSERT INTO {s}.file VALUES (1), (2); INSERT INTO {s}.piece VALUES (1, 10), (1, 11), (2, 20)")
			c.fails("INSERT INTO {s}.piece VALUES (3, 30)", "23503")
			c.exec("DELETE FROM {s}.file WHERE id = 1")
			c.want("SELECT n FROM {s}.piece", "20")
		}),
	},
	{
		ID: "postgres/schema/deferred", Rule: "PostgreSQL 15 documentation, SET CONSTRAINTS",
		Title: lang.T("Une contrainte différée se vérifie à la validation", "A deferred constraint is checked at the commit"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.a (id int PRIMARY KEY); CREATE TABLE {s}.b (a int REFERENCES {s}.a DEFERRABLE INITIALLY DEFERRED)")
			c.exec("BEGIN; INSERT INTO {s}.b VALUES (1); INSERT INTO {s}.a VALUES (1); COMMIT")
			c.exec("BEGIN; INSERT INTO {s}.b VALUES (2)")
			c.fails("COMMIT", "23503")
			c.want("SELECT a FROM {s}.b", "1")
		}),
	},
	{
		ID: "postgres/schema/generated", Rule: "PostgreSQL 15 documentation, 5.3 Generated columns, and CREATE TABLE, GENERATED AS IDENTITY",
		Title: lang.T("Colonnes calculées et identités se remplissent seules", "Generated columns and identities fill themselves"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.line (id int GENERATED ALWAYS AS IDENTITY, qty int, price numeric(8,2), total numeric GENERATED ALWAYS AS (qty * price) STORED)")
			c.want("INSERT INTO {s}.line (qty, price) VALUES (3, 1.10), (2, 5) RETURNING id, total", "1|3.30", "2|10.00")
			c.exec("UPDATE {s}.line SET qty = 4 WHERE id = 1")
			c.want("SELECT total FROM {s}.line WHERE id = 1", "4.40")
			c.fails("INSERT INTO {s}.line (id, qty) VALUES (9, 1)", "428C9")
			c.fails("UPDATE {s}.line SET total = 1", "428C9")
		}),
	},
	{
		ID: "postgres/schema/partition", Rule: "PostgreSQL 15 documentation, 5.11 Table partitioning",
		Title: lang.T("Une table partitionnée range ses lignes, et ne lit que ce qu'il faut", "A partitioned table files its rows, and reads only what is needed"),
		Run:   in(wantPartitions),
	},
	{
		ID: "postgres/schema/index-concurrently", Rule: "PostgreSQL 15 documentation, CREATE INDEX, building indexes concurrently",
		Title: lang.T("Un index se construit sans bloquer les écritures", "An index is built without blocking writes"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (v text); INSERT INTO {s}.t SELECT 'v' || n FROM generate_series(1, 500) AS n")
			c.exec("CREATE UNIQUE INDEX CONCURRENTLY t_v ON {s}.t (lower(v)) WHERE v <> ''")
			c.want("SELECT indisvalid, indisunique FROM pg_index WHERE indexrelid = '{s}.t_v'::regclass", "t|t")
			c.fails("INSERT INTO {s}.t VALUES ('V7')", "23505")
			c.exec("REINDEX INDEX CONCURRENTLY {s}.t_v")
		}),
	},
	{
		ID: "postgres/schema/view", Rule: "PostgreSQL 15 documentation, CREATE VIEW, updatable views",
		Title: lang.T("Une vue simple s'écrit, dans les limites de son filtre", "A simple view can be written to, within its filter"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int); CREATE VIEW {s}.small AS SELECT n FROM {s}.t WHERE n < 10 WITH CHECK OPTION")
			c.exec("INSERT INTO {s}.small VALUES (3)")
			c.fails("INSERT INTO {s}.small VALUES (30)", "44000")
			c.want("SELECT n FROM {s}.t", "3")
		}),
	},
	{
		ID: "postgres/schema/alter", Rule: "PostgreSQL 15 documentation, ALTER TABLE",
		Title: lang.T("Une table change de forme en gardant ses données", "A table changes its form and keeps its data"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n text); INSERT INTO {s}.t VALUES ('7'), ('12')")
			c.exec("ALTER TABLE {s}.t ALTER n TYPE int USING n::int, ADD at date NOT NULL DEFAULT '2026-01-01'")
			c.want("SELECT n + 1, at = date '2026-01-01' FROM {s}.t ORDER BY n", "8|t", "13|t")
			c.exec("ALTER TABLE {s}.t RENAME n TO number; ALTER TABLE {s}.t DROP at")
			c.want("SELECT string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_schema = "+literal(c.w.schema)+" AND table_name = 't'", "number integer")
		}),
	},
	{
		ID: "postgres/schema/definitions", Rule: "PostgreSQL 15 documentation, 9.26 System information functions, pg_get_viewdef and others",
		Title: lang.T("Les définitions se relisent, pour tout emporter ailleurs", "Definitions can be read back, to take everything elsewhere"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (id int PRIMARY KEY, n int CHECK (n > 0)); CREATE INDEX t_n ON {s}.t (n DESC); CREATE VIEW {s}.v AS SELECT id FROM {s}.t WHERE n > 5; CREATE FUNCTION {s}.f() RETURNS int LANGUAGE sql AS 'SELECT 42'")
			got := c.value("SELECT concat_ws(';', pg_get_indexdef('{s}.t_n'::regclass), pg_get_viewdef('{s}.v'::regclass), pg_get_functiondef('{s}.f'::regproc), (SELECT string_agg(pg_get_constraintdef(oid), ';' ORDER BY contype) FROM pg_constraint WHERE conrelid = '{s}.t'::regclass))")
			for _, part := range []string{"n DESC", "n > 5", "SELECT 42", "CHECK ((n > 0))", "PRIMARY KEY (id)"} {
				c.w.t.Want(strings.Contains(got, part), "reading the definitions back", clip(got, 300), part+" among them")
			}
		}),
	},
}

func wantPartitions(c *conn) {
	c.exec("CREATE TABLE {s}.act (day date, n int) PARTITION BY RANGE (day)")
	for year := 2024; year <= 2026; year++ {
		c.exec(fmt.Sprintf("CREATE TABLE {s}.act_%d PARTITION OF {s}.act FOR VALUES FROM ('%d-01-01') TO ('%d-01-01')", year, year, year+1))
	}
	c.exec("CREATE INDEX ON {s}.act (n); INSERT INTO {s}.act VALUES ('2024-05-01', 1), ('2026-12-31', 2), ('2026-01-01', 3)")
	c.want("SELECT tableoid::regclass::text LIKE '%act_2026%', count(*) FROM {s}.act GROUP BY 1 ORDER BY 1", "f|1", "t|2")
	c.fails("INSERT INTO {s}.act VALUES ('2030-01-01', 4)", "23514")
	plan := strings.Join(c.exec("EXPLAIN (COSTS off) SELECT * FROM {s}.act WHERE day = '2024-05-01'").lines, "\n")
	c.w.t.Want(strings.Contains(plan, "act_2024") && !strings.Contains(plan, "act_2026"), "EXPLAIN of one day's rows", clip(plan, 300), "a plan that reads the partition of 2024 only")
	c.exec("ALTER TABLE {s}.act DETACH PARTITION {s}.act_2024")
	c.want("SELECT count(*) FROM {s}.act", "2")
}
