package postgres

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// vetChecks examine an offer's description before any measure: that the accounts do
// what the suite needs, and are refused where they have no business.
var vetChecks = placed([]probe.Check{
	{
		ID: "postgres/offer/main", Rule: "offer.yaml",
		Title: lang.T("Le compte principal crée un schéma et une table, y écrit, relit et efface", "The main account creates a schema and a table, writes, reads and deletes"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.vet (v text); INSERT INTO {s}.vet VALUES ('aloi')")
			c.want("SELECT v FROM {s}.vet", "aloi")
			c.exec("DELETE FROM {s}.vet")
		}),
	},
	{
		ID: "postgres/offer/other", Rule: "offer.yaml", Features: []string{secondAccount},
		Title: lang.T("Le second compte se connecte, et c'est un autre", "The second account connects, and is another one"),
		Run: with(func(w *work) {
			if _, ok := w.t.Session().Account(otherAccount); !ok {
				w.t.Fail("reading the offer", "no account "+otherAccount, "credentials of the account "+otherAccount)
			}
			w.t.Want(w.user(mainAccount) != w.user(otherAccount), "reading the offer", "twice the same account", "two accounts")
			w.loginAs(otherAccount).want("SELECT 1", "1")
		}),
	},
	{
		ID: "postgres/offer/no-superuser", Rule: "offer.yaml",
		Title: lang.T("Le compte principal n'est pas superutilisateur", "The main account is no superuser"),
		Run:   on(func(c *conn) { c.want("SELECT rolsuper FROM pg_roles WHERE rolname = current_user", "f") }),
	},
	{
		ID: "postgres/offer/foreign-database", Rule: "offer.yaml",
		Title: lang.T("Le compte principal est refusé dans la base d'autrui", "The main account is refused in somebody else's database"),
		Run: with(func(w *work) {
			foreign := w.t.Session().Setting("foreign-database", "")
			if foreign == "" {
				w.t.Unsupported("foreign-database")
			}
			_, err := w.try(mainAccount, func(c *pgconn.Config) { c.Database = foreign })
			var refusal *pgconn.PgError
			if err != nil && !errors.As(err, &refusal) {
				w.t.Do("LOGIN to somebody else's database", err)
			}
			w.t.Want(err != nil, "LOGIN to somebody else's database", "a session", "a refusal")
		}),
	},
})
