package postgres

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var typeChecks = []probe.Check{
	{
		ID: "postgres/type/numeric", Rule: "PostgreSQL 15 documentation, 8.1.2 Arbitrary precision numbers",
		Title: lang.T("Les nombres décimaux sont exacts", "Decimal numbers are exact"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.ledger (amount numeric(30,10))")
			c.exec("INSERT INTO {s}.ledger VALUES (0.1), (0.2), (12345678901234567890.0123456789)")
			c.want("SELECT sum(amount) FROM {s}.ledger", "12345678901234567890.3123456789")
			c.want("SELECT amount FROM {s}.ledger WHERE amount = 0.1", "0.1000000000")
			c.want("SELECT 2::numeric ^ 100, 10.0 / 4, round(2.5, 0)", "1267650600228229401496703205376.0000000000000000|2.5000000000000000|3")
			c.fails("INSERT INTO {s}.ledger VALUES (1e20)", "22003")
		}),
	},
	{
		ID: "postgres/type/integer-overflow", Rule: "PostgreSQL 15 documentation, 8.1.1 Integer types",
		Title: lang.T("Un entier qui déborde est une erreur, jamais un autre nombre", "An integer that overflows is an error, never another number"),
		Run: on(func(c *conn) {
			c.want("SELECT 9223372036854775807::bigint, (-2147483648)::integer", "9223372036854775807|-2147483648")
			c.fails("SELECT 2147483647::integer + 1", "22003")
			c.fails("SELECT 9223372036854775807::bigint * 2", "22003")
			c.fails("SELECT 1 / 0", "22012")
		}),
	},
	{
		ID: "postgres/type/timestamp-zone", Rule: "PostgreSQL 15 documentation, 8.5.3 Time zones",
		Title: lang.T("Les instants suivent les fuseaux et l'heure d'été, à la microseconde", "Instants follow time zones and summer time, to the microsecond"),
		Run: on(func(c *conn) {
			c.exec("SET DateStyle = 'ISO'; SET TIME ZONE 'Europe/Paris'")
			c.want("SELECT timestamptz '2026-03-29 01:59:59.999999+01' + interval '1 microsecond'", "2026-03-29 03:00:00+02")
			c.want("SELECT timestamptz '2026-10-25 02:30:00+02' + interval '1 hour'", "2026-10-25 02:30:00+01")
			c.want("SELECT timestamptz '2026-07-14 12:00:00 Europe/Paris' AT TIME ZONE 'Indian/Reunion'", "2026-07-14 14:00:00")
			c.want("SELECT timestamptz '2026-01-31' + interval '1 month'", "2026-02-28 00:00:00+01")
		}),
	},
	{
		ID: "postgres/type/bytea", Rule: "PostgreSQL 15 documentation, 8.4 Binary data types",
		Title: lang.T("Les octets reviennent inchangés, tous les 256", "Bytes come back unchanged, all 256 of them"),
		Run:   in(wantBytes),
	},
	{
		ID: "postgres/type/text", Rule: "PostgreSQL 15 documentation, 8.3 Character types, and 24.3 Character set support",
		Title: lang.T("Les textes reviennent inchangés, du latin aux pictogrammes", "Texts come back unchanged, from Latin to pictograms"),
		Run: in(func(c *conn) {
			const text = "Œuvre à l'été — « naïveté » 😀 e\u0301 ÿ 漢字 \\n \t%"
			c.exec("CREATE TABLE {s}.notes (t text)")
			_, refusal := c.ask("INSERT INTO {s}.notes VALUES ($1)", text)
			c.w.t.Want(refusal == nil, "INSERT of a text in UTF-8", fmt.Sprint(refusal), "its success")
			c.want("SELECT t FROM {s}.notes", text)
			c.want("SELECT char_length(t), octet_length(t) FROM {s}.notes", fmt.Sprintf("%d|%d", len([]rune(text)), len(text)))
		}),
	},
	{
		ID: "postgres/type/text-invalid", Rule: "PostgreSQL 15 documentation, 24.3 Character set support; appendix A, 22021",
		Title: lang.T("Un texte qui n'est pas de l'UTF-8 est refusé", "A text that isn't UTF-8 is refused"),
		Run: on(func(c *conn) {
			_, refusal := c.ask("SELECT length($1::text)", "\xc3(")
			c.w.t.Want(refusal != nil, "a text that isn't UTF-8", "no error", "the error 22021")
			wantCode(c.w.t, "a text that isn't UTF-8", refusal, []string{"22021"})
		}),
	},
	{
		ID: "postgres/type/null-empty", Rule: "PostgreSQL 15 documentation, 9.2 Comparison functions and operators",
		Title: lang.T("Un texte vide n'est pas une valeur absente", "An empty text isn't an absent value"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int, v text)")
			c.exec("INSERT INTO {s}.t VALUES (1, ''), (2, NULL), (3, ' ')")
			c.want("SELECT n, v FROM {s}.t ORDER BY n", "1|", "2|NULL", "3| ")
			c.want("SELECT count(v), count(*) FROM {s}.t", "2|3")
		}),
	},
	{
		ID: "postgres/type/jsonb", Rule: "PostgreSQL 15 documentation, 9.16 JSON functions and operators",
		Title: lang.T("Les documents JSON se filtrent et se modifient", "JSON documents can be searched and changed"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.docs (d jsonb)")
			c.exec("CREATE INDEX ON {s}.docs USING gin (d jsonb_path_ops)")
			c.exec(`INSERT INTO {s}.docs VALUES ('{"id": 1, "lots": [{"n": 4, "etat": "reçu"}, {"n": 9}]}'), ('{"id": 2, "lots": []}')`)
			c.want(`SELECT d ->> 'id' FROM {s}.docs WHERE d @> '{"lots": [{"etat": "reçu"}]}'`, "1")
			c.want(`SELECT jsonb_set(d, '{lots,1,n}', '10') #>> '{lots,1,n}', d #> '{lots,0}' ->> 'etat' FROM {s}.docs WHERE d ->> 'id' = '1'`, "10|reçu")
			c.want(`SELECT '{"b": 1, "a": 2, "a": 3}'::jsonb`, `{"a": 3, "b": 1}`)
			c.fails(`SELECT '{"a": }'::jsonb`, "22P02")
		}),
	},
	{
		ID: "postgres/type/jsonpath", Rule: "PostgreSQL 15 documentation, 9.16.2 The SQL/JSON path language",
		Title: lang.T("Le langage de chemins SQL/JSON filtre comme prévu", "The SQL/JSON path language filters as specified"),
		Run: on(func(c *conn) {
			c.want(`SELECT jsonb_path_query_array('{"t": [3, 7, 12]}', '$.t[*] ? (@ > 5)')`, "[7, 12]")
			c.want(`SELECT jsonb_path_exists('{"t": [3]}', '$.t[*] ? (@ > $min)', '{"min": 2}')`, "t")
			c.fails(`SELECT jsonb_path_query('{"t": 1}', 'strict $.absent')`, "2203A")
		}),
	},
	{
		ID: "postgres/type/array", Rule: "PostgreSQL 15 documentation, 8.15 Arrays",
		Title: lang.T("Les tableaux gardent leurs éléments, absents et guillemets compris", "Arrays keep their elements, absent ones and quotes included"),
		Run:   in(wantArrays),
	},
	{
		ID: "postgres/type/range", Rule: "PostgreSQL 15 documentation, 8.17 Range types, and 8.17.10 Constraints on ranges",
		Title: lang.T("Deux périodes qui se chevauchent sont refusées par une contrainte", "Two periods that overlap are refused by a constraint"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.booking (during tstzrange, EXCLUDE USING gist (during WITH &&))")
			c.exec("INSERT INTO {s}.booking VALUES ('[2026-01-01, 2026-01-03)'), ('[2026-01-03, 2026-01-05)')")
			c.fails("INSERT INTO {s}.booking VALUES ('[2026-01-02, 2026-01-04)')", "23P01")
			c.want("SELECT count(*) FROM {s}.booking", "2")
			c.want("SELECT int4range(1, 5) * int4range(3, 9)", "[3,5)")
		}),
	},
	{
		ID: "postgres/type/uuid", Rule: "PostgreSQL 15 documentation, 9.14 UUID functions; RFC 9562 section 5.4",
		Title: lang.T("Les UUID aléatoires sont de la version 4 et tous différents", "Random UUIDs are of version 4 and all different"),
		Run: on(func(c *conn) {
			c.want("SELECT count(DISTINCT u), bool_and(substr(u::text, 15, 1) = '4') FROM (SELECT gen_random_uuid() AS u FROM generate_series(1, 1000)) AS s", "1000|t")
			c.fails("SELECT 'not-a-uuid'::uuid", "22P02")
		}),
	},
	{
		ID: "postgres/type/enum-domain", Rule: "PostgreSQL 15 documentation, 8.7 Enumerated types, and 8.18 Domain types",
		Title: lang.T("Énumérations et domaines refusent les autres valeurs", "Enumerations and domains refuse other values"),
		Run: in(func(c *conn) {
			c.exec("CREATE TYPE {s}.state AS ENUM ('brouillon', 'déposé', 'clos'); CREATE DOMAIN {s}.siren AS text CHECK (VALUE ~ '^[0-9]{9}$')")
			c.exec("CREATE TABLE {s}.file (state {s}.state, siren {s}.siren); INSERT INTO {s}.file VALUES ('clos', '123456782'), ('brouillon', NULL)")
			c.want("SELECT state FROM {s}.file ORDER BY state", "brouillon", "clos")
			c.fails("INSERT INTO {s}.file VALUES ('perdu', NULL)", "22P02")
			c.fails("INSERT INTO {s}.file VALUES ('clos', '12')", "23514")
		}),
	},
	{
		ID: "postgres/type/binary-format", Rule: "PostgreSQL 15 documentation, 55.2.3 Extended query, and 55.1.3 Formats and format codes",
		Title: lang.T("Un client typé échange ses valeurs en binaire sans perte", "A typed client exchanges its values in binary without loss"),
		Run:   with(wantBinary),
	},
}

func wantBytes(c *conn) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	c.exec("CREATE TABLE {s}.blobs (b bytea)")
	client := c.w.typed(mainAccount)
	_, err := client.Exec(c.w.t.Context(), c.w.text("INSERT INTO {s}.blobs VALUES ($1)"), all)
	c.w.step("INSERT of 256 bytes", err)
	var back []byte
	c.w.step("SELECT of 256 bytes", client.QueryRow(c.w.t.Context(), c.w.text("SELECT b FROM {s}.blobs")).Scan(&back))
	c.w.t.Want(bytes.Equal(back, all), "SELECT of 256 bytes", fmt.Sprintf("% x", back[:min(len(back), 40)]), "the bytes 00 to ff")
	c.want("SELECT length(b), get_byte(b, 200), encode(substr(b, 1, 3), 'hex') FROM {s}.blobs", "256|200|000102")
}

func wantArrays(c *conn) {
	c.exec("CREATE TABLE {s}.tags (t text[], m int[][])")
	c.exec(`INSERT INTO {s}.tags VALUES (ARRAY['a,b', 'say "hi"', NULL, '', 'é'], '{{1,2},{3,4}}')`)
	c.want("SELECT o, u FROM {s}.tags, unnest(t) WITH ORDINALITY AS x(u, o) ORDER BY o", "1|a,b", `2|say "hi"`, "3|NULL", "4|", "5|é")
	c.want("SELECT m[2][1], array_length(m, 1), t[2:3] FROM {s}.tags", `3|2|{"say \"hi\"",NULL}`)
	c.want("SELECT 'é' = ANY (t), t @> ARRAY['a,b'], array_position(t, 'é') FROM {s}.tags", "t|t|5")
}

// wantBinary sends values of many types to the server, which sends them back.
func wantBinary(w *work) {
	client, ctx := w.typed(mainAccount), w.t.Context()
	at := time.Date(2026, 2, 28, 23, 59, 59, 123456000, time.UTC)
	var (
		number  string
		instant time.Time
		list    []int64
		doc     map[string]any
		truth   *bool
		text    string
	)
	const sql = "SELECT $1::numeric::text, $2::timestamptz, $3::bigint[], $4::jsonb, $5::boolean, $6::text"
	w.step(sql, client.QueryRow(ctx, sql, "-98765432109876543210.5", at, []int64{1 << 62, -1, 0}, map[string]any{"clé": []any{"x", nil}}, nil, strings.Repeat("é", 300)).
		Scan(&number, &instant, &list, &doc, &truth, &text))
	same(w, "numeric in binary", number, "-98765432109876543210.5")
	same(w, "timestamptz in binary", instant.UTC().Format(time.RFC3339Nano), at.Format(time.RFC3339Nano))
	same(w, "bigint[] in binary", fmt.Sprint(list), fmt.Sprint([]int64{1 << 62, -1, 0}))
	same(w, "jsonb in binary", fmt.Sprint(doc), "map[clé:[x <nil>]]")
	w.t.Want(truth == nil, "NULL in binary", "a value", "NULL")
	same(w, "text in binary", text, strings.Repeat("é", 300))
}
