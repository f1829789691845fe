package postgres

import (
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var privilegeChecks = []probe.Check{
	{
		ID: "postgres/privilege/no-superuser", Rule: "PostgreSQL 15 documentation, 22.2 Role attributes, superuser status",
		Title: lang.T("Le compte du client n'est pas superutilisateur", "The customer's account is no superuser"),
		Run: on(func(c *conn) {
			c.want("SELECT rolsuper FROM pg_roles WHERE rolname = current_user", "f")
			same(c.w, "ParameterStatus is_superuser", c.pg.ParameterStatus("is_superuser"), "off")
		}),
	},
	{
		ID: "postgres/privilege/no-set-role", Rule: "PostgreSQL 15 documentation, 22.3 Role membership, and SET ROLE",
		Title: lang.T("Le compte du client ne devient aucun superutilisateur", "The customer's account can't become a superuser"),
		Run: on(func(c *conn) {
			c.want("SELECT rolname FROM pg_roles WHERE rolsuper AND pg_has_role(current_user, oid, 'MEMBER')")
			c.fails("SET SESSION AUTHORIZATION pg_database_owner", "42501", "22023", "42704")
		}),
	},
	{
		ID: "postgres/privilege/no-server-files", Rule: "PostgreSQL 15 documentation, 22.5 Predefined roles, pg_read_server_files",
		Title: lang.T("Les fichiers du serveur ne se lisent pas", "The server's files can't be read"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (v text)")
			c.fails("COPY {s}.t FROM '/dev/null'", "42501")
			c.fails("SELECT pg_read_file('PG_VERSION')", "42501")
		}),
	},
	{
		ID: "postgres/privilege/no-programs", Rule: "PostgreSQL 15 documentation, 22.5 Predefined roles, pg_execute_server_program",
		Title: lang.T("Aucun programme ne se lance sur le serveur", "No program can be run on the server"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (v text)")
			c.fails("COPY {s}.t FROM PROGRAM 'true'", "42501")
		}),
	},
	{
		ID: "postgres/privilege/no-password-hashes", Rule: "PostgreSQL 15 documentation, 53.8 pg_authid",
		Title: lang.T("Les empreintes des mots de passe ne se lisent pas", "The digests of passwords can't be read"),
		Run:   on(func(c *conn) { c.fails("SELECT count(rolpassword) FROM pg_catalog.pg_authid", "42501") }),
	},
	{
		ID: "postgres/privilege/public-schema", Rule: "PostgreSQL 15 documentation, 5.9.6 Usage patterns; CVE-2018-1058", Features: []string{secondAccount},
		Title: lang.T("N'importe qui ne crée pas dans le schéma public", "Not just anybody creates in the schema public"),
		Run: on(func(c *conn) {
			c.want("SELECT has_schema_privilege("+literal(c.w.user(otherAccount))+", 'public', 'CREATE')", "f")
		}),
	},
	{
		ID: "postgres/privilege/other-sessions", Rule: "PostgreSQL 15 documentation, 28.2.3 pg_stat_activity", Features: []string{secondAccount},
		Title: lang.T("Les requêtes d'un autre compte ne se lisent pas", "Another account's queries can't be read"),
		Run: with(func(w *work) {
			watched, watcher := w.login(), w.loginAs(otherAccount)
			watched.want("SELECT 'confidentiel'", "confidentiel")
			text := watcher.exec("SELECT query FROM pg_stat_activity WHERE usename = " + literal(w.user(mainAccount)) + " AND query LIKE '%confidentiel%' AND pid <> pg_backend_pid()")
			w.t.Want(len(text.lines) == 0, "SELECT of another account's queries", shown(text.lines), "none of them in clear")
		}),
	},
	{
		ID: "postgres/privilege/createdb", Rule: "PostgreSQL 15 documentation, CREATE DATABASE", Features: []string{createDB},
		Title: lang.T("Le client crée ses bases et s'y connecte", "The customer creates databases and connects to them"),
		Limit: 40 * time.Second, Run: with(createDatabase),
	},
}

func createDatabase(w *work) {
	name := w.t.Name()
	w.t.Own(kindDatabase, name, mainAccount, "DROP DATABASE "+quote(name))
	c := w.login()
	c.exec("CREATE DATABASE " + quote(name))
	inside := w.login(func(c *pgconn.Config) { c.Database = name })
	inside.want("SELECT current_database(), pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()", name+"|UTF8")
	inside.exec("CREATE TABLE public.t (n int); INSERT INTO public.t VALUES (1)")
	_ = inside.pg.Close(w.t.Context())
	w.awaitGone(c, inside.pg.PID())
	c.exec("DROP DATABASE " + quote(name))
	c.want("SELECT count(*) FROM pg_database WHERE datname = "+literal(name), "0")
}

// awaitGone waits until a session that was closed has left, a moment later.
func (w *work) awaitGone(c *conn, pid uint32) {
	for range 100 {
		if c.exec("SELECT 1 FROM pg_stat_activity WHERE pid = "+number(pid)).lines == nil {
			return
		}
		w.pause(20 * time.Millisecond)
	}
}
