package postgres

import (
	"crypto/tls"

	"github.com/jackc/pgx/v5/pgproto3"
)

// Variations lists every variation.
func Variations() []Variation { return variations }

var variations = []Variation{
	{
		Name: "postgres.front", Group: "connect",
		Text:  "A proxy with the same certificate stands before the server.",
		Front: func() Hooks { return Hooks{} },
	},
	{
		Name: "postgres.reports-more", Group: "connect",
		Text: "The server reports parameters that nobody knows.",
		Front: func() Hooks {
			begun := false
			return Hooks{Server: func(_ *relay, m message) []message {
				if m.kind != kindKey || begun {
					return []message{m}
				}
				begun = true
				return []message{encode(&pgproto3.ParameterStatus{Name: "aloi_extra", Value: "été"}), m}
			}}
		},
	},
	{
		Name: "postgres.messages-in-french", Group: "protocol",
		Text: "Errors and notices bear their texts in French.",
		Front: editError("", func(e *pgproto3.ErrorResponse) {
			e.Message, e.Hint = "une erreur est survenue", "voir la documentation"
			if e.Severity == "ERROR" {
				e.Severity = "ERREUR"
			}
		}),
	},
	{
		Name: "postgres.dates-in-sql-style", Group: "type",
		Text: "Dates, intervals and binary values are shown in another of the styles provided for, and the zone is not UTC.",
		Do: []string{
			"ALTER ROLE {main} SET DateStyle = 'SQL, DMY'", "ALTER ROLE {main} SET IntervalStyle = 'iso_8601'", "ALTER ROLE {main} SET bytea_output = 'escape'", "ALTER ROLE {main} SET TimeZone = 'Asia/Tokyo'",
		},
		Undo: []string{"ALTER ROLE {main} RESET DateStyle", "ALTER ROLE {main} RESET IntervalStyle", "ALTER ROLE {main} RESET bytea_output", "ALTER ROLE {main} RESET TimeZone"},
	},
	{
		Name: "postgres.other-plans", Group: "sql",
		Text: "The planner prefers other joins, and works in parallel.",
		Do: []string{
			"ALTER ROLE {main} SET enable_hashjoin = off", "ALTER ROLE {main} SET enable_hashagg = off", "ALTER ROLE {main} SET parallel_setup_cost = 0",
			"ALTER ROLE {main} SET min_parallel_table_scan_size = 0",
		},
		Undo: []string{
			"ALTER ROLE {main} RESET enable_hashjoin", "ALTER ROLE {main} RESET enable_hashagg", "ALTER ROLE {main} RESET parallel_setup_cost",
			"ALTER ROLE {main} RESET min_parallel_table_scan_size",
		},
	},
	{
		Name: "postgres.search-path-odd", Group: "sql",
		Text: "The account's search path begins with a schema that doesn't exist.",
		Do:   []string{`ALTER ROLE {main} SET search_path = nowhere, "$user", public`},
		Undo: []string{"ALTER ROLE {main} RESET search_path"},
	},
	{
		Name: "postgres.notices-many", Group: "protocol",
		Text: "The server tells its clients more than it must.",
		Do:   []string{"ALTER ROLE {main} SET client_min_messages = 'debug1'"},
		Undo: []string{"ALTER ROLE {main} RESET client_min_messages"},
	},
	{
		Name: "postgres.tls-suites-few", Group: "connect",
		Text: "One curve is offered for the exchange of keys.",
		Front: func() Hooks {
			return Hooks{TLS: func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.CurveP256} }}
		},
	},
	{
		Name: "postgres.generous-limits", Group: "limit",
		Text: "Statements and the wait for locks have a generous limit by default.",
		Do:   []string{"ALTER ROLE {main} SET statement_timeout = '30s'", "ALTER ROLE {main} SET lock_timeout = '20s'"},
		Undo: []string{"ALTER ROLE {main} RESET statement_timeout", "ALTER ROLE {main} RESET lock_timeout"},
	},
	{
		Name: "postgres.default-isolation", Group: "transaction",
		Text: "Transactions are REPEATABLE READ unless they ask for something else.",
		Do:   []string{"ALTER ROLE {main} SET default_transaction_isolation = 'repeatable read'"},
		Undo: []string{"ALTER ROLE {main} RESET default_transaction_isolation"},
	},
	{
		Name: "postgres.extensions-there", Group: "extension",
		Text: "The database comes with the extensions in a schema of their own.",
		Do: []string{
			"CREATE SCHEMA extensions", "GRANT USAGE ON SCHEMA extensions TO PUBLIC", "CREATE EXTENSION pgcrypto SCHEMA extensions", "CREATE EXTENSION pg_trgm SCHEMA extensions",
			"CREATE EXTENSION unaccent SCHEMA extensions", `CREATE EXTENSION "uuid-ossp" SCHEMA extensions`, "CREATE EXTENSION citext SCHEMA extensions",
			"CREATE EXTENSION hstore SCHEMA extensions", "CREATE EXTENSION btree_gist SCHEMA extensions",
		},
		Undo: []string{"DROP SCHEMA extensions CASCADE"},
	},
}
