package postgres

import (
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

var limitFaults = []Fault{
	{
		Name: "postgres.statement-timeout-ignored", Group: "limit",
		Text:  "The limit of a query's duration is accepted and not enforced.",
		Front: rewrite(`SET statement_timeout = '\w+'`, "SET statement_timeout = 0"),
	},
	{
		Name: "postgres.idle-limit-ignored", Group: "limit",
		Text:  "Idle transactions stay open for ever.",
		Front: rewrite(`SET idle_in_transaction_session_timeout = '\w+'`, "SET idle_in_transaction_session_timeout = 0"),
	},
	{
		Name: "postgres.fewer-connections", Group: "limit",
		Text: "An account gets fewer connections than the offer announces.",
		Do:   []string{"ALTER ROLE {main} CONNECTION LIMIT 29"},
		Undo: []string{"ALTER ROLE {main} CONNECTION LIMIT -1"},
	},
	{
		Name: "postgres.fields-cut", Group: "limit",
		Text: "Fields are cut at 1,000,000 bytes.",
		Front: editValues(func(v []byte) []byte {
			if len(v) > 1_000_000 {
				return v[:1_000_000]
			}
			return v
		}),
	},
	{
		Name: "postgres.queries-short", Group: "limit",
		Text: "Queries of more than 64 KiB are refused, but for those with parameters.",
		Front: func() Hooks {
			return Hooks{Query: func(sql string) string {
				if len(sql) < 64<<10 || strings.Contains(sql, "$1") {
					return sql
				}
				return raise("54000", "query too long")
			}}
		},
	},
	{
		Name: "postgres.parameters-few", Group: "limit",
		Text: "The number of parameters is read as a signed number of 16 bits.",
		Front: func() Hooks {
			return Hooks{Client: func(_ *relay, m message) []message {
				var b pgproto3.Bind
				if m.kind != kindBind || b.Decode(m.body) != nil || len(b.Parameters) < 1<<15 {
					return []message{m}
				}
				b.Parameters = b.Parameters[:1<<15-1]
				return []message{encode(&b)}
			}}
		},
	},
	{
		Name: "postgres.tables-narrow", Group: "limit",
		Text: "Tables have no more than 255 columns.",
		Front: func() Hooks {
			columns := regexp.MustCompile(`c\d+ int`)
			return Hooks{Query: func(sql string) string {
				if len(columns.FindAllString(sql, 256)) < 256 {
					return sql
				}
				return raise("54011", "tables can have at most 255 columns")
			}}
		},
	},
	{
		Name: "postgres.no-temporary-tables", Group: "limit",
		Text: "Customers may not create temporary tables.",
		Do:   []string{"REVOKE TEMPORARY ON DATABASE {database} FROM {main}"},
		Undo: []string{"GRANT TEMPORARY ON DATABASE {database} TO {main}"},
	},
	{
		Name: "postgres.pool-temporary", Group: "limit",
		Text:  "Temporary tables end with the transaction, as behind a transaction pooler.",
		Front: pool("DISCARD TEMP"),
	},
}

var extensionFaults = []Fault{
	{
		Name: "postgres.extensions-hidden", Group: "extension",
		Text: "Customers may not read the list of available extensions.",
		Do:   []string{"REVOKE SELECT ON pg_catalog.pg_available_extensions FROM PUBLIC"},
		Undo: []string{"GRANT SELECT ON pg_catalog.pg_available_extensions TO PUBLIC"},
	},
	missing("pgcrypto"),
	missing("pg_trgm"),
	missing("unaccent"),
	missing("uuid-ossp"),
	missing("citext"),
	missing("hstore"),
	missing("btree_gist"),
	{
		Name: "postgres.statements-not-counted", Group: "extension",
		Text: "pg_stat_statements is there, and counts nothing.",
		Do:   []string{"ALTER SYSTEM SET pg_stat_statements.track = 'none'"},
		Undo: []string{"ALTER SYSTEM RESET pg_stat_statements.track"},
	},
}

// missing is a fault by which an extension can't be created.
func missing(extension string) Fault {
	return Fault{
		Name: "postgres." + strings.ReplaceAll(extension, "_", "-") + "-missing", Group: "extension",
		Text:  "The extension " + extension + " is not available.",
		Front: rewrite(`CREATE EXTENSION "`+extension+`"`, `CREATE EXTENSION "`+extension+`-absent"`),
	}
}
