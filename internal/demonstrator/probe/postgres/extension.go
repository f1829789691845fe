package postgres

import (
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// extensionNames are the extensions by the feature that declares them.
var extensionNames = map[string]string{
	pgcrypto: "pgcrypto", pgTrgm: "pg_trgm", unaccent: "unaccent", uuidOSSP: "uuid-ossp", citext: "citext", hstore: "hstore",
	btreeGist: "btree_gist", statStatements: "pg_stat_statements",
}

var extensionChecks = []probe.Check{
	{
		ID: "postgres/extension/listed", Rule: "PostgreSQL 15 documentation, 54.2 pg_available_extensions",
		Title: lang.T("Les extensions déclarées figurent parmi les extensions disponibles", "The declared extensions are listed as available"),
		Run:   on(wantListed),
	},
	{
		ID: "postgres/extension/pgcrypto", Rule: "PostgreSQL 15 documentation, F.28 pgcrypto", Features: []string{pgcrypto},
		Title: lang.T("pgcrypto hache et chiffre", "pgcrypto hashes and encrypts"),
		Run: extended(pgcrypto, func(c *conn) {
			c.want("SELECT encode({x}.digest('abc', 'sha256'), 'hex')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
			c.want("SELECT {x}.crypt('mot', h) = h, {x}.crypt('autre', h) = h FROM {x}.crypt('mot', {x}.gen_salt('bf', 4)) AS h", "t|f")
			c.want("SELECT {x}.pgp_sym_decrypt({x}.pgp_sym_encrypt('à protéger', 'k'), 'k')", "à protéger")
		}),
	},
	{
		ID: "postgres/extension/pg-trgm", Rule: "PostgreSQL 15 documentation, F.35 pg_trgm", Features: []string{pgTrgm},
		Title: lang.T("pg_trgm trouve les mots approchants, avec un index", "pg_trgm finds similar words, with an index"),
		Run: extended(pgTrgm, func(c *conn) {
			c.exec("CREATE TABLE {s}.towns AS SELECT unnest(ARRAY['Villeurbanne', 'Villefranche', 'Brest']) AS name; CREATE INDEX ON {s}.towns USING gin (name {x}.gin_trgm_ops)")
			c.want("SELECT name FROM {s}.towns WHERE name OPERATOR({x}.%) 'Vilurbanne'", "Villeurbanne")
			c.want("SELECT round({x}.similarity('abc', 'abd')::numeric, 2)", "0.33")
		}),
	},
	{
		ID: "postgres/extension/unaccent", Rule: "PostgreSQL 15 documentation, F.48 unaccent", Features: []string{unaccent},
		Title: lang.T("unaccent retire les accents", "unaccent removes accents"),
		Run: extended(unaccent, func(c *conn) {
			c.want("SELECT {x}.unaccent('{x}.unaccent', 'Hôtel de ville, cœur d’Évry')", "Hotel de ville, coeur d'Evry")
		}),
	},
	{
		ID: "postgres/extension/uuid-ossp", Rule: "PostgreSQL 15 documentation, F.49 uuid-ossp; RFC 9562 section 5.5", Features: []string{uuidOSSP},
		Title: lang.T("uuid-ossp dérive un identifiant d'un nom", "uuid-ossp derives an identifier from a name"),
		Run: extended(uuidOSSP, func(c *conn) {
			c.want("SELECT {x}.uuid_generate_v5({x}.uuid_ns_dns(), 'www.example.com')", "2ed6657d-e927-568b-95e1-2665a8aea6a2")
		}),
	},
	{
		ID: "postgres/extension/citext", Rule: "PostgreSQL 15 documentation, F.10 citext", Features: []string{citext},
		Title: lang.T("citext compare sans tenir compte de la casse", "citext compares without regard to case"),
		Run: extended(citext, func(c *conn) {
			c.exec("SET LOCAL search_path = {x}, pg_catalog; CREATE TABLE {s}.mails (m {x}.citext); INSERT INTO {s}.mails VALUES ('Élise@Example.org')")
			c.want("SELECT m FROM {s}.mails WHERE m = 'élise@example.ORG'", "Élise@Example.org")
		}),
	},
	{
		ID: "postgres/extension/hstore", Rule: "PostgreSQL 15 documentation, F.18 hstore", Features: []string{hstore},
		Title: lang.T("hstore garde des paires clé-valeur", "hstore keeps key-value pairs"),
		Run: extended(hstore, func(c *conn) {
			c.want("SELECT h OPERATOR({x}.->) 'b', {x}.exist(h, 'c') FROM (SELECT 'a=>1, b=>\"é, 2\"'::{x}.hstore AS h) AS t", "é, 2|f")
		}),
	},
	{
		ID: "postgres/extension/btree-gist", Rule: "PostgreSQL 15 documentation, F.8 btree_gist", Features: []string{btreeGist},
		Title: lang.T("btree_gist interdit deux réservations de la même salle à la fois", "btree_gist forbids two bookings of the same room at once"),
		Run: extended(btreeGist, func(c *conn) {
			c.exec("SET LOCAL search_path = {x}, pg_catalog; CREATE TABLE {s}.booking (room int, during tsrange, EXCLUDE USING gist (room WITH =, during WITH &&))")
			c.exec("INSERT INTO {s}.booking VALUES (1, '[2026-01-01 09:00, 2026-01-01 10:00)'), (2, '[2026-01-01 09:00, 2026-01-01 10:00)')")
			c.fails("INSERT INTO {s}.booking VALUES (1, '[2026-01-01 09:30, 2026-01-01 11:00)')", "23P01")
		}),
	},
	{
		ID: "postgres/extension/pg-stat-statements", Rule: "PostgreSQL 15 documentation, F.32 pg_stat_statements", Features: []string{statStatements},
		Title: lang.T("pg_stat_statements compte les requêtes", "pg_stat_statements counts queries"),
		Run:   in(wantCounted),
	},
}

// extended gives a check a transaction in which an extension is there, {x} being
// its schema: the database's own when it has the extension already, else one that
// the rollback at the end takes away again.
func extended(feature string, run func(*conn)) func(*probe.T) {
	name := extensionNames[feature]
	return in(func(c *conn) {
		schema := c.w.schemaOf(c, name)
		c.exec("BEGIN")
		if schema == "" {
			schema = c.w.schema
			c.exec("CREATE EXTENSION " + quote(name) + " SCHEMA {s}")
		}
		c.w.extension = schema
		run(c)
		_, _ = c.try("ROLLBACK")
	})
}

// schemaOf returns the schema of an extension, "" when the database doesn't have it.
func (w *work) schemaOf(c *conn, extension string) string {
	const sql = "SELECT nspname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = "
	if got := c.exec(sql + literal(extension)); len(got.lines) > 0 {
		return got.lines[0]
	}
	return ""
}

func wantListed(c *conn) {
	var declared []string
	for _, f := range c.w.t.Session().Service.Features {
		if name := extensionNames[f]; name != "" {
			declared = append(declared, name)
		}
	}
	slices.Sort(declared)
	available := c.exec("SELECT name FROM pg_available_extensions ORDER BY name COLLATE \"C\"").lines
	missing := slices.DeleteFunc(slices.Clone(declared), func(name string) bool { return slices.Contains(available, name) })
	c.w.t.Want(len(missing) == 0, "SELECT from pg_available_extensions", "a list without "+strings.Join(missing, ", "), "all that the offer declares")
}

// wantCounted runs a query over a table of its own, which makes it a query of its
// own, and looks it up.
func wantCounted(c *conn) {
	schema := c.w.schemaOf(c, "pg_stat_statements")
	c.w.t.Want(schema != "", "SELECT from pg_extension", "no pg_stat_statements", "the extension that the offer declares, which only its operator can set up")
	c.exec("CREATE TABLE {s}.t (n int); INSERT INTO {s}.t VALUES (1), (2)")
	for range 3 {
		c.want("SELECT n FROM {s}.t ORDER BY n", "1", "2")
	}
	c.want("SELECT calls, rows, total_exec_time > 0 FROM "+quote(schema)+".pg_stat_statements WHERE query LIKE 'SELECT n FROM %"+c.w.schema+"%ORDER BY n'", "3|6|t")
}
