package postgres

import (
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var accountChecks = []probe.Check{
	{
		ID: "postgres/account/wrong-password", Rule: "PostgreSQL 15 documentation, appendix A, 28P01 invalid_password",
		Title: lang.T("Un mot de passe faux est refusé", "A wrong password is refused"),
		Run: with(func(w *work) {
			w.refused("LOGIN with a wrong password", func(c *pgconn.Config) { c.Password = "not-" + w.t.Name() }, "28P01")
		}),
	},
	{
		ID: "postgres/account/unknown-user", Rule: "PostgreSQL 15 documentation, 55.3.1 SCRAM-SHA-256 authentication; OWASP Authentication Cheat Sheet, authentication and error messages",
		Title: lang.T("Un compte inconnu ne se distingue pas d'un mot de passe faux", "An unknown account can't be told from a wrong password"),
		Run:   with(wantNoOracle),
	},
	{
		ID: "postgres/account/unknown-database", Rule: "PostgreSQL 15 documentation, appendix A, 3D000 invalid_catalog_name",
		Title: lang.T("Une base inconnue est refusée avec l'erreur prévue", "An unknown database is refused with the error provided for"),
		Run: with(func(w *work) {
			w.refused("LOGIN to an unknown database", func(c *pgconn.Config) { c.Database = w.t.Name() }, "3D000")
		}),
	},
	{
		ID: "postgres/account/foreign-database", Rule: "PostgreSQL 15 documentation, 5.7 Privileges, CONNECT",
		Title: lang.T("La base d'un autre client est fermée", "Another customer's database is closed"),
		Run: with(func(w *work) {
			foreign := w.t.Session().Setting("foreign-database", "")
			if foreign == "" {
				w.t.Unsupported("foreign-database")
			}
			w.refused("LOGIN to the database of another customer", func(c *pgconn.Config) { c.Database = foreign }, "42501", "28000")
		}),
	},
	{
		ID: "postgres/account/names", Rule: "PostgreSQL 15 documentation, 9.26 System information functions",
		Title: lang.T("La session est celle du compte et de la base demandés", "The session is that of the account and the database asked for"),
		Run: on(func(c *conn) {
			user, database := c.w.user(mainAccount), c.w.t.Session().Setting("database", "postgres")
			c.want("SELECT current_user, session_user, current_database()", user+"|"+user+"|"+database)
		}),
	},
	{
		ID: "postgres/account/two-sessions", Rule: "PostgreSQL 15 documentation, 9.26 System information functions, pg_backend_pid; 55.2.1 Start-up, BackendKeyData",
		Title: lang.T("Chaque connexion a sa propre session", "Each connection has a session of its own"),
		Run: with(func(w *work) {
			a, b := w.login(), w.login()
			a.exec("SET application_name = 'first'")
			b.want("SELECT current_setting('application_name') <> 'first'", "t")
			w.t.Want(a.pg.PID() != b.pg.PID(), "BackendKeyData of two sessions", "the same process", "one process each")
			a.want("SELECT current_setting('application_name')", "first")
		}),
	},
}

// wantNoOracle compares what the server asks of an account that exists and of one
// that doesn't, then has the latter refused.
func wantNoOracle(w *work) {
	known := w.secured().start(pgproto3.ProtocolVersion30, w.startup(w.user(mainAccount)))
	stranger := w.secured().start(pgproto3.ProtocolVersion30, w.startup(w.t.Name()))
	same(w, "StartupMessage of an unknown account", describe(stranger), describe(known))
	w.refused("LOGIN of an unknown account", func(c *pgconn.Config) { c.User = w.t.Name() }, "28P01")
}
