package postgres

import (
	"strconv"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var grantChecks = []probe.Check{
	{
		ID: "postgres/grant/isolated-read", Rule: "PostgreSQL 15 documentation, 5.7 Privileges", Features: []string{secondAccount},
		Title: lang.T("Un autre compte ne lit pas ce qui ne lui est pas ouvert", "Another account doesn't read what isn't open to it"),
		Run: both(func(c, other *conn) {
			other.fails("SELECT v FROM {s}.t", "42501")
			c.exec("GRANT USAGE ON SCHEMA {s} TO {other}")
			other.fails("SELECT v FROM {s}.t", "42501")
		}),
	},
	{
		ID: "postgres/grant/isolated-write", Rule: "PostgreSQL 15 documentation, 5.7 Privileges", Features: []string{secondAccount},
		Title: lang.T("Un autre compte n'écrit pas là où il peut lire", "Another account doesn't write where it may read"),
		Run: both(func(c, other *conn) {
			c.exec("GRANT USAGE ON SCHEMA {s} TO {other}; GRANT SELECT ON {s}.t TO {other}")
			other.want("SELECT v FROM {s}.t", "a")
			other.fails("INSERT INTO {s}.t VALUES ('b')", "42501")
			other.fails("DELETE FROM {s}.t", "42501")
			other.fails("TRUNCATE {s}.t", "42501")
			other.fails("DROP TABLE {s}.t", "42501")
			other.fails("CREATE TABLE {s}.intruder (n int)", "42501")
			c.want("SELECT v FROM {s}.t", "a")
		}),
	},
	{
		ID: "postgres/grant/revoke", Rule: "PostgreSQL 15 documentation, REVOKE", Features: []string{secondAccount},
		Title: lang.T("Un droit retiré l'est aussitôt, dans les sessions ouvertes aussi", "A right that is revoked is gone at once, in open sessions too"),
		Run: both(func(c, other *conn) {
			c.exec("GRANT USAGE ON SCHEMA {s} TO {other}; GRANT SELECT, INSERT ON {s}.t TO {other}")
			other.exec("INSERT INTO {s}.t VALUES ('b')")
			c.exec("REVOKE INSERT ON {s}.t FROM {other}")
			other.fails("INSERT INTO {s}.t VALUES ('c')", "42501")
			other.want("SELECT v FROM {s}.t ORDER BY v", "a", "b")
		}),
	},
	{
		ID: "postgres/grant/columns", Rule: "PostgreSQL 15 documentation, GRANT, on columns", Features: []string{secondAccount},
		Title: lang.T("Un droit s'accorde colonne par colonne", "A right is granted column by column"),
		Run: both(func(c, other *conn) {
			c.exec("ALTER TABLE {s}.t ADD secret text DEFAULT 'x'; GRANT USAGE ON SCHEMA {s} TO {other}; GRANT SELECT (v) ON {s}.t TO {other}")
			other.want("SELECT v FROM {s}.t", "a")
			other.fails("SELECT secret FROM {s}.t", "42501")
			other.fails("SELECT * FROM {s}.t", "42501")
		}),
	},
	{
		ID: "postgres/grant/default-privileges", Rule: "PostgreSQL 15 documentation, ALTER DEFAULT PRIVILEGES", Features: []string{secondAccount},
		Title: lang.T("Les droits par défaut s'appliquent aux tables à venir", "Default privileges apply to tables to come"),
		Run: both(func(c, other *conn) {
			c.exec("GRANT USAGE ON SCHEMA {s} TO {other}; ALTER DEFAULT PRIVILEGES IN SCHEMA {s} GRANT SELECT ON TABLES TO {other}")
			c.exec("CREATE TABLE {s}.later (n int); INSERT INTO {s}.later VALUES (7)")
			other.want("SELECT n FROM {s}.later", "7")
			other.fails("SELECT v FROM {s}.t", "42501")
		}),
	},
	{
		ID: "postgres/grant/row-security", Rule: "PostgreSQL 15 documentation, 5.8 Row security policies", Features: []string{secondAccount},
		Title: lang.T("Chacun ne voit et n'écrit que ses lignes", "Everyone sees and writes their own rows only"),
		Run: both(func(c, other *conn) {
			c.exec("CREATE TABLE {s}.mine (owner text DEFAULT current_user, v text); ALTER TABLE {s}.mine ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON {s}.mine USING (owner = current_user)")
			c.exec("GRANT USAGE ON SCHEMA {s} TO {other}; GRANT SELECT, INSERT, UPDATE ON {s}.mine TO {other}; INSERT INTO {s}.mine VALUES (DEFAULT, 'hidden')")
			other.exec("INSERT INTO {s}.mine (v) VALUES ('seen')")
			other.want("SELECT v FROM {s}.mine", "seen")
			other.wantTag("UPDATE {s}.mine SET v = 'changed' WHERE v = 'hidden'", "UPDATE 0")
			other.fails("INSERT INTO {s}.mine VALUES ('somebody', 'x')", "42501")
			c.want("SELECT v FROM {s}.mine ORDER BY v", "hidden", "seen")
		}),
	},
	{
		ID: "postgres/grant/forced-row-security", Rule: "PostgreSQL 15 documentation, ALTER TABLE, FORCE ROW LEVEL SECURITY",
		Title: lang.T("Une règle de lignes peut lier aussi le propriétaire", "A row policy can bind the owner as well"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int); INSERT INTO {s}.t VALUES (1), (20); ALTER TABLE {s}.t ENABLE ROW LEVEL SECURITY; ALTER TABLE {s}.t FORCE ROW LEVEL SECURITY; CREATE POLICY small ON {s}.t USING (n < 10)")
			c.want("SELECT n FROM {s}.t", "1")
			c.fails("INSERT INTO {s}.t VALUES (30)", "42501")
		}),
	},
	{
		ID: "postgres/grant/security-definer", Rule: "PostgreSQL 15 documentation, CREATE FUNCTION, SECURITY DEFINER", Features: []string{secondAccount},
		Title: lang.T("Une fonction agit avec les droits de son auteur, et rien de plus", "A function acts with the rights of its author, and no more"),
		Run: both(func(c, other *conn) {
			c.exec("CREATE FUNCTION {s}.total() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT count(*) FROM {s}.t'; GRANT USAGE ON SCHEMA {s} TO {other}")
			other.want("SELECT {s}.total()", "1")
			other.fails("SELECT v FROM {s}.t", "42501")
			c.exec("REVOKE EXECUTE ON FUNCTION {s}.total() FROM PUBLIC")
			other.fails("SELECT {s}.total()", "42501")
		}),
	},
}

// both gives a check a session of each account, and a schema of the main one with a
// table t of one row.
func both(run func(c, other *conn)) func(*probe.T) {
	return in(func(c *conn) {
		c.exec("CREATE TABLE {s}.t (v text); INSERT INTO {s}.t VALUES ('a')")
		run(c, c.w.loginAs(otherAccount))
	})
}

func number(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
