package postgres

var privilegeFaults = []Fault{
	{
		Name: "postgres.superuser", Group: "privilege",
		Text: "The customer's account is a superuser.",
		Do:   []string{"ALTER ROLE {main} SUPERUSER"},
		Undo: []string{"ALTER ROLE {main} NOSUPERUSER"},
	},
	{
		Name: "postgres.member-of-operator", Group: "privilege",
		Text: "The customer's account is a member of the operator's.",
		Do:   []string{"GRANT {admin} TO {main}", "ALTER ROLE {main} NOINHERIT"},
		Undo: []string{"REVOKE {admin} FROM {main}", "ALTER ROLE {main} INHERIT"},
	},
	{
		Name: "postgres.server-files-open", Group: "privilege",
		Text: "Customers read the server's files.",
		Do:   []string{"GRANT pg_read_server_files TO {main}"},
		Undo: []string{"REVOKE pg_read_server_files FROM {main}"},
	},
	{
		Name: "postgres.programs-open", Group: "privilege",
		Text: "Customers run programs on the server.",
		Do:   []string{"GRANT pg_execute_server_program TO {main}"},
		Undo: []string{"REVOKE pg_execute_server_program FROM {main}"},
	},
	{
		Name: "postgres.password-hashes-open", Group: "privilege",
		Text: "Everybody reads the digests of the passwords.",
		Do:   []string{"GRANT SELECT ON pg_catalog.pg_authid TO PUBLIC"},
		Undo: []string{"REVOKE SELECT ON pg_catalog.pg_authid FROM PUBLIC"},
	},
	{
		Name: "postgres.public-schema-open", Group: "privilege",
		Text: "Everybody creates in the schema public, as before PostgreSQL 15.",
		Do:   []string{"GRANT CREATE ON SCHEMA public TO PUBLIC"},
		Undo: []string{"REVOKE CREATE ON SCHEMA public FROM PUBLIC"},
	},
	{
		Name: "postgres.queries-shown", Group: "privilege",
		Text: "An account reads the queries of all others.",
		Do:   []string{"GRANT pg_read_all_stats TO {other}"},
		Undo: []string{"REVOKE pg_read_all_stats FROM {other}"},
	},
	{
		Name: "postgres.createdb-refused", Group: "privilege",
		Text: "The customer's account may not create databases.",
		Do:   []string{"ALTER ROLE {main} NOCREATEDB"},
		Undo: []string{"ALTER ROLE {main} CREATEDB"},
	},
}

var grantFaults = []Fault{
	{
		Name: "postgres.reads-all-data", Group: "grant",
		Text: "The second account reads every table.",
		Do:   []string{"GRANT pg_read_all_data TO {other}"},
		Undo: []string{"REVOKE pg_read_all_data FROM {other}"},
	},
	{
		Name: "postgres.writes-all-data", Group: "grant",
		Text: "The second account writes to every table.",
		Do:   []string{"GRANT pg_write_all_data TO {other}"},
		Undo: []string{"REVOKE pg_write_all_data FROM {other}"},
	},
	{
		Name: "postgres.revoke-ignored", Group: "grant",
		Text:  "Rights are granted for good.",
		Front: rewrite(`REVOKE (\w+) ON .*`, "SELECT 1"),
	},
	{
		Name: "postgres.columns-whole-table", Group: "grant",
		Text:  "A right on a column is one on the whole table.",
		Front: rewrite(`GRANT SELECT \(\w+\)`, "GRANT SELECT"),
	},
	{
		Name: "postgres.default-privileges-ignored", Group: "grant",
		Text:  "Default privileges are accepted and not applied.",
		Front: rewrite(`ALTER DEFAULT PRIVILEGES .*`, "SELECT 1"),
	},
	{
		Name: "postgres.row-security-bypassed", Group: "grant",
		Text: "The second account is not held to row policies.",
		Do:   []string{"ALTER ROLE {other} BYPASSRLS"},
		Undo: []string{"ALTER ROLE {other} NOBYPASSRLS"},
	},
	{
		Name: "postgres.row-security-not-forced", Group: "grant",
		Text:  "The owner of a table is never held to its row policies.",
		Front: rewrite(`ALTER TABLE \S+ FORCE ROW LEVEL SECURITY;`, ""),
	},
	{
		Name: "postgres.definer-ignored", Group: "grant",
		Text:  "Functions act with the rights of their caller.",
		Front: rewrite(`SECURITY DEFINER`, "SECURITY INVOKER"),
	},
}
