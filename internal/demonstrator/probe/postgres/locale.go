package postgres

import (
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var localeChecks = []probe.Check{
	{
		ID: "postgres/locale/encoding", Rule: "PostgreSQL 15 documentation, 24.3 Character set support",
		Title: lang.T("La base est en UTF-8", "The database is in UTF-8"),
		Run: on(func(c *conn) {
			c.want("SELECT pg_encoding_to_char(encoding), current_setting('server_encoding') FROM pg_database WHERE datname = current_database()", "UTF8|UTF8")
		}),
	},
	{
		ID: "postgres/locale/case", Rule: "PostgreSQL 15 documentation, 24.1 Locale support, LC_CTYPE",
		Title: lang.T("Majuscules et minuscules connaissent les accents", "Upper and lower case know accents"),
		Run: on(func(c *conn) {
			c.want("SELECT upper('à l’été, cœur'), lower('ÉLÈVE Ç'), 'É' ILIKE 'é', 'Œuvre' ~* '^œ'", "À L’ÉTÉ, CŒUR|élève ç|t|t")
		}),
	},
	{
		ID: "postgres/locale/french-order", Rule: "PostgreSQL 15 documentation, 24.2.2 Managing collations, ICU; Unicode Technical Standard 10", Features: []string{icu},
		Title: lang.T("Le tri français place les accents et les capitales où on les attend", "French sorting puts accents and capitals where they are expected"),
		Run: on(func(c *conn) {
			c.want(`SELECT string_agg(w, ' ' ORDER BY w COLLATE "fr-x-icu") FROM unnest(ARRAY['zèbre','Été','cote','côté','coté','étage','œuf','côte','ode','oeuvre','Cote','avion']) AS w`,
				"avion cote Cote coté côte côté étage Été ode œuf oeuvre zèbre")
		}),
	},
	{
		ID: "postgres/locale/accent-blind", Rule: "PostgreSQL 15 documentation, 24.2.2.4 Nondeterministic collations", Features: []string{icu},
		Title: lang.T("Une comparaison peut ignorer accents et casse", "A comparison may ignore accents and case"),
		Run: in(func(c *conn) {
			c.exec("CREATE COLLATION {s}.blind (provider = icu, locale = 'fr-u-ks-level1', deterministic = false)")
			c.exec("CREATE TABLE {s}.towns (name text COLLATE {s}.blind UNIQUE); INSERT INTO {s}.towns VALUES ('Évry')")
			c.want("SELECT name FROM {s}.towns WHERE name = 'evry'", "Évry")
			c.fails("INSERT INTO {s}.towns VALUES ('EVRY')", "23505")
		}),
	},
	{
		ID: "postgres/locale/collation-version", Rule: "PostgreSQL 15 documentation, ALTER COLLATION, notes on versions", Features: []string{icu},
		Title: lang.T("Les règles de tri sont de la version avec laquelle les index ont été faits", "Sorting rules are of the version with which the indexes were made"),
		Run: on(func(c *conn) {
			c.want("SELECT count(collversion) > 0 FROM pg_collation WHERE collprovider = 'i'", "t")
			c.want("SELECT collname, collversion, pg_collation_actual_version(oid) FROM pg_collation WHERE collprovider = 'i' AND collversion IS DISTINCT FROM pg_collation_actual_version(oid)")
		}),
	},
	{
		ID: "postgres/locale/french-search", Rule: "PostgreSQL 15 documentation, 12.6.6 Snowball dictionary",
		Title: lang.T("La recherche plein texte connaît le français", "Full-text search knows French"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.acts (body text, v tsvector GENERATED ALWAYS AS (to_tsvector('french', body)) STORED); CREATE INDEX ON {s}.acts USING gin (v)")
			c.exec("INSERT INTO {s}.acts VALUES ('Les administrations déposaient leurs dossiers'), ('Le dossier est vide'), ('Une route')")
			c.want("SELECT body FROM {s}.acts WHERE v @@ to_tsquery('french', 'dossiers & déposer')", "Les administrations déposaient leurs dossiers")
			c.want("SELECT count(*) FROM {s}.acts WHERE v @@ websearch_to_tsquery('french', 'dossier -vide')", "1")
			c.want("SELECT ts_headline('french', body, to_tsquery('french', 'dossier')) FROM {s}.acts WHERE body LIKE '%vide'", "Le <b>dossier</b> est vide")
		}),
	},
}
