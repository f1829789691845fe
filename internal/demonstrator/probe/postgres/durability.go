package postgres

import (
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var durabilityChecks = []probe.Check{
	{
		ID: "postgres/durability/commit", Rule: "PostgreSQL 15 documentation, 30.1 Reliability",
		Title: lang.T("Ce qui est validé se relit depuis une nouvelle session", "What is committed is read back from a new session"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int)")
			c.exec("BEGIN")
			c.exec("INSERT INTO {s}.t SELECT generate_series(1, 100)")
			c.wantTag("COMMIT", "COMMIT")
			_ = c.pg.Close(c.w.t.Context())
			c.w.login().want("SELECT count(*), sum(n) FROM {s}.t", "100|5050")
		}),
	},
	{
		ID: "postgres/durability/disconnect", Rule: "PostgreSQL 15 documentation, 55.2.9 Termination",
		Title: lang.T("Une transaction dont le client disparaît est annulée", "A transaction whose client disappears is rolled back"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int); INSERT INTO {s}.t VALUES (1)")
			lost := c.w.login()
			lost.exec("BEGIN")
			lost.exec("UPDATE {s}.t SET n = 2")
			_ = lost.pg.Conn().Close() // without the word of leave
			c.exec("SET statement_timeout = '5s'")
			c.want("SELECT n FROM {s}.t FOR UPDATE", "1") // waits until the server has noticed
		}),
	},
	{
		ID: "postgres/durability/settings", Rule: "PostgreSQL 15 documentation, 20.5.1 Write-ahead log, settings",
		Title: lang.T("Le serveur écrit sur disque avant de confirmer", "The server writes to disk before it confirms"),
		Run: on(func(c *conn) {
			c.want("SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit') <> 'off'", "on|on|t")
		}),
	},
	{
		ID: "postgres/durability/checksums", Rule: "PostgreSQL 15 documentation, 30.2 Data checksums",
		Title: lang.T("Les pages de données portent une somme de contrôle", "The pages of data bear a checksum"),
		Run:   on(func(c *conn) { c.want("SHOW data_checksums", "on") }),
	},
	{
		ID: "postgres/durability/unlogged", Rule: "PostgreSQL 15 documentation, CREATE TABLE, UNLOGGED",
		Title: lang.T("Une table ordinaire est journalisée", "An ordinary table is logged"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int); CREATE UNLOGGED TABLE {s}.u (n int)")
			c.want("SELECT relname, relpersistence FROM pg_class WHERE oid IN ('{s}.t'::regclass, '{s}.u'::regclass) ORDER BY 1", "t|p", "u|u")
		}),
	},
}

var replicationChecks = []probe.Check{
	{
		ID: "postgres/replication/decoded", Rule: "PostgreSQL 15 documentation, 49 Logical decoding, and CREATE PUBLICATION", Features: []string{replication},
		Title: lang.T("Le client tire un flux logique de ses changements, pour partir ailleurs", "The customer draws a logical stream of their changes, to move elsewhere"),
		Slots: places, Limit: 40 * time.Second, Run: in(wantDecoded),
	},
	{
		ID: "postgres/replication/publication", Rule: "PostgreSQL 15 documentation, CREATE PUBLICATION", Features: []string{replication},
		Title: lang.T("Une publication énumère ses tables", "A publication lists its tables"),
		Run: in(func(c *conn) {
			c.exec("SELECT 1; CREATE TABLE {s}.t (n int PRIMARY KEY)")
			name := c.publish()
			c.want("SELECT tablename FROM pg_publication_tables WHERE pubname = "+literal(name), "t")
			c.want("SELECT pubinsert, pubupdate, pubdelete FROM pg_publication WHERE pubname = "+literal(name), "t|t|t")
		}),
	},
}

// publish creates a publication of the check's table t.
func (c *conn) publish() string {
	name := c.w.t.Name()
	c.w.t.Own(kindPublication, name, mainAccount, "DROP PUBLICATION "+quote(name))
	c.exec("CREATE PUBLICATION " + quote(name) + " FOR TABLE {s}.t")
	return name
}

// wantDecoded reads two changes through a temporary slot, which ends with its
// session. The server makes a slot once every transaction under way has ended; it is
// made by the protocol's own command, as a query for it would keep other sessions
// waiting that it waits for. It runs alone: servers of today fail to decode what
// changed catalogs while a slot was made (XX000, could not map filenode).
func wantDecoded(c *conn) {
	c.exec("CREATE TABLE {s}.t (n int PRIMARY KEY, v text)")
	name := c.publish()
	c.want("SELECT current_setting('wal_level')", "logical")
	stream, slot := c.w.login(func(c *pgconn.Config) { c.RuntimeParams["replication"] = "database" }), slotName(name)
	stream.exec("CREATE_REPLICATION_SLOT " + quote(slot) + " TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT")
	c.exec("INSERT INTO {s}.t VALUES (7, 'à emporter')")
	c.exec("DELETE FROM {s}.t WHERE n = 7")
	stream.want("SELECT chr(get_byte(data, 0)), position('à emporter'::bytea IN data) > 0 FROM pg_logical_slot_get_binary_changes("+literal(slot)+
		", NULL, NULL, 'proto_version', '1', 'publication_names', "+literal(quote(name))+") WHERE chr(get_byte(data, 0)) IN ('I', 'D')", "I|t", "D|f")
}

// slotName writes a name of the run in the few characters that a slot's may have.
func slotName(name string) string { return strings.ReplaceAll(name, "-", "_") }
