package postgres

import (
	"bytes"

	"github.com/jackc/pgx/v5/pgproto3"
)

var typeFaults = []Fault{
	{
		Name: "postgres.numeric-as-double", Group: "type",
		Text:  "Decimal numbers are kept in double precision.",
		Front: rewrite(`\bnumeric(\(\d+,\d+\))?`, "float8"),
	},
	{
		Name: "postgres.overflow-code", Group: "type",
		Text:  "A number out of range is reported as an internal error.",
		Front: recode("22003", "XX000"),
	},
	{
		Name: "postgres.no-summer-time", Group: "type",
		Text:  "The time zone data know no summer time.",
		Front: rewrite(`Europe/Paris`, "Etc/GMT-1"),
	},
	{
		Name: "postgres.bytes-cut-at-zero", Group: "type",
		Text: "Binary values end at their first zero byte.",
		Front: editValues(func(v []byte) []byte {
			if i := bytes.IndexByte(v, 0); i >= 0 && len(v) > 64 {
				return v[:i]
			}
			return v
		}),
	},
	{
		Name: "postgres.pictograms-lost", Group: "type",
		Text: "Characters beyond the basic plane come back as question marks.",
		Front: editValues(func(v []byte) []byte {
			if !bytes.Contains(v, []byte("😀")) {
				return v
			}
			return bytes.ReplaceAll(v, []byte("😀"), []byte("????"))
		}),
	},
	{
		Name: "postgres.encoding-code", Group: "type",
		Text:  "A text that isn't UTF-8 is reported as a syntax error.",
		Front: recode("22021", "42601"),
	},
	{
		Name: "postgres.empty-is-null", Group: "type",
		Text: "Empty texts come back as NULL.",
		Front: editValues(func(v []byte) []byte {
			if len(v) == 0 {
				return nil
			}
			return v
		}),
	},
	{
		Name: "postgres.jsonb-contained-equal", Group: "type",
		Text:  "A JSON document contains another only when they are equal.",
		Front: rewrite(`@> '\{`, "= '{"),
	},
	{
		Name: "postgres.jsonpath-missing", Group: "type",
		Text:  "The SQL/JSON path language is not implemented.",
		Front: refuse(`jsonb_path_(query|exists)`, "0A000", "jsonpath is not supported"),
	},
	{
		Name: "postgres.array-null-empty", Group: "type",
		Text:  "Absent elements of arrays come back empty.",
		Front: rewrite(`unnest\(t\)`, "unnest(array_replace(t, NULL, ''))"),
	},
	{
		Name: "postgres.exclusion-ignored", Group: "type",
		Text:  "Exclusion constraints are accepted and not enforced.",
		Front: rewrite(`, EXCLUDE USING gist \([^)]*\)`, ""),
	},
	{
		Name: "postgres.uuid-repeated", Group: "type",
		Text:  "Random identifiers are the same within a statement.",
		Front: rewrite(`gen_random_uuid\(\) AS`, "(SELECT gen_random_uuid()) AS"),
	},
	{
		Name: "postgres.domain-unchecked", Group: "type",
		Text:  "The constraints of domains are not enforced.",
		Front: rewrite(`(CREATE DOMAIN \S+ AS \w+) CHECK \(VALUE.*?\)`, "$1"),
	},
	{
		Name: "postgres.binary-as-text", Group: "type",
		Text: "Parameters in binary are taken for text.",
		Front: func() Hooks {
			return Hooks{Client: func(_ *relay, m message) []message {
				var b pgproto3.Bind
				if m.kind != kindBind || b.Decode(m.body) != nil {
					return []message{m}
				}
				b.ParameterFormatCodes = nil
				return []message{encode(&b)}
			}}
		},
	},
}

var localeFaults = []Fault{
	{
		Name: "postgres.latin-database", Group: "locale",
		Text:  "Whatever database is asked for, the session is in one whose encoding is LATIN1.",
		Front: func() Hooks { return Hooks{Latin: true} },
	},
	{
		Name: "postgres.case-ascii", Group: "locale",
		Text:  "Upper and lower case know the letters of ASCII only.",
		Front: rewrite(`(upper|lower)\(('[^']*')\)`, `$1($2 COLLATE "C")`),
	},
	{
		Name: "postgres.order-by-code", Group: "locale",
		Text:  "Texts sort by their bytes, whatever the collation.",
		Front: rewrite(`COLLATE "fr-x-icu"`, `COLLATE "C"`),
	},
	{
		Name: "postgres.collations-deterministic", Group: "locale",
		Text:  "Collations that ignore differences are accepted, and ignore none.",
		Front: rewrite(`deterministic = false`, "deterministic = true"),
	},
	{
		Name: "postgres.collation-outdated", Group: "locale",
		Text: "The ICU library was changed under the indexes.",
		Do:   []string{`UPDATE pg_catalog.pg_collation SET collversion = '1.0' WHERE collname = 'fr-x-icu'`},
		Undo: []string{`UPDATE pg_catalog.pg_collation SET collversion = pg_collation_actual_version(oid) WHERE collname = 'fr-x-icu'`},
	},
	{
		Name: "postgres.no-french-stemming", Group: "locale",
		Text:  "Full-text search has no French dictionary and takes words as they are written.",
		Front: rewrite(`'french'`, "'simple'"),
	},
}
