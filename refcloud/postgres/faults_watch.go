package postgres

import "github.com/jackc/pgx/v5/pgproto3"

var watchFaults = []Fault{
	{
		Name: "postgres.version-ended", Group: "watch",
		Text:  "The server is of a version that its authors gave up.",
		Front: editStatus("server_version", "11.22"),
	},
	{
		Name: "postgres.activity-hidden", Group: "watch",
		Text: "What sessions do is not recorded.",
		Do:   []string{"ALTER SYSTEM SET track_activities = off"},
		Undo: []string{"ALTER SYSTEM RESET track_activities"},
	},
	{
		Name: "postgres.blocking-hidden", Group: "watch",
		Text: "Customers may not ask who blocks whom.",
		Do:   []string{"REVOKE EXECUTE ON FUNCTION pg_blocking_pids(int) FROM PUBLIC"},
		Undo: []string{"GRANT EXECUTE ON FUNCTION pg_blocking_pids(int) TO PUBLIC"},
	},
	{
		Name: "postgres.statistics-hidden", Group: "watch",
		Text: "Customers may not read the statistics of their tables.",
		Do:   []string{"REVOKE SELECT ON pg_catalog.pg_stats FROM PUBLIC"},
		Undo: []string{"GRANT SELECT ON pg_catalog.pg_stats TO PUBLIC"},
	},
	{
		Name: "postgres.size-hidden", Group: "watch",
		Text: "Customers may not ask for sizes.",
		Do:   []string{"REVOKE EXECUTE ON FUNCTION pg_total_relation_size(regclass) FROM PUBLIC"},
		Undo: []string{"GRANT EXECUTE ON FUNCTION pg_total_relation_size(regclass) TO PUBLIC"},
	},
	{
		Name: "postgres.terminate-refused", Group: "watch",
		Text: "Customers may not end their own sessions.",
		Do:   []string{"REVOKE EXECUTE ON FUNCTION pg_terminate_backend(int, bigint) FROM PUBLIC"},
		Undo: []string{"GRANT EXECUTE ON FUNCTION pg_terminate_backend(int, bigint) TO PUBLIC"},
	},
	{
		Name: "postgres.settings-hidden", Group: "watch",
		Text: "Customers may not read the server's settings.",
		Do:   []string{"REVOKE SELECT ON pg_catalog.pg_settings FROM PUBLIC"},
		Undo: []string{"GRANT SELECT, UPDATE ON pg_catalog.pg_settings TO PUBLIC"},
	},
	{
		Name: "postgres.autovacuum-off", Group: "watch",
		Text: "Tables are never cleaned by themselves.",
		Do:   []string{"ALTER SYSTEM SET autovacuum = off"},
		Undo: []string{"ALTER SYSTEM RESET autovacuum"},
	},
}

var durabilityFaults = []Fault{
	{
		Name: "postgres.fsync-off", Group: "durability",
		Text: "The server doesn't wait for the disk.",
		Do:   []string{"ALTER SYSTEM SET fsync = off"},
		Undo: []string{"ALTER SYSTEM RESET fsync"},
	},
	{
		Name: "postgres.commit-asynchronous", Group: "durability",
		Text: "Commits are confirmed before they are written.",
		Do:   []string{"ALTER SYSTEM SET synchronous_commit = off"},
		Undo: []string{"ALTER SYSTEM RESET synchronous_commit"},
	},
	{
		Name: "postgres.disconnect-commits", Group: "durability",
		Text: "A transaction whose client disappears is committed.",
		Front: func() Hooks {
			return Hooks{End: func(r *relay) {
				if r.toServer([]message{encode(&pgproto3.Query{String: "COMMIT"})}) == nil {
					r.toServer([]message{encode(&pgproto3.Terminate{})})
				}
			}}
		},
	},
	{
		Name: "postgres.checksums-off", Group: "durability",
		Text:  "The pages of data bear no checksum.",
		Front: rewrite(`SHOW data_checksums`, "SELECT 'off'"),
	},
	{
		Name: "postgres.tables-unlogged", Group: "durability",
		Text:  "Tables are not logged, and empty after a crash.",
		Front: rewrite(`CREATE TABLE (\S+\.t\b)`, "CREATE UNLOGGED TABLE $1"),
	},
}

var replicationFaults = []Fault{
	{
		Name: "postgres.replication-refused", Group: "replication",
		Text: "The customer's account may not replicate.",
		Do:   []string{"ALTER ROLE {main} NOREPLICATION"},
		Undo: []string{"ALTER ROLE {main} REPLICATION"},
	},
	{
		Name: "postgres.publication-empty", Group: "replication",
		Text:  "A publication is created without its tables.",
		Front: rewrite(`(CREATE PUBLICATION \S+) FOR TABLE .*`, "$1"),
	},
}
