// Package postgres is the suite of checks for a managed PostgreSQL as its customer
// sees it: an account that owns what it makes and is no superuser. The checks stand
// in tables, one file a group; work.go has the connections that they use, conn.go
// how these are asked, and want.go the sentences that they end with.
package postgres

import (
	"slices"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// The features that an offer may declare. A check that needs another one is
// "unsupported" there.
const (
	secondAccount  = "second-account"
	channelBinding = "channel-binding"
	icu            = "icu"
	createDB       = "createdb"
	twoPhase       = "two-phase"
	replication    = "logical-replication"
	pgcrypto       = "pgcrypto"
	pgTrgm         = "pg-trgm"
	unaccent       = "unaccent"
	uuidOSSP       = "uuid-ossp"
	citext         = "citext"
	hstore         = "hstore"
	btreeGist      = "btree-gist"
	statStatements = "pg-stat-statements"
)

// places is how many connections the checks may hold at once, and ofCheck how many
// one check may, unless its entry says more.
const (
	places  = 24
	ofCheck = 3
)

// Suite is the table of all checks.
var Suite = probe.Suite{
	ID:      "postgres",
	Title:   lang.T("Base de données PostgreSQL gérée", "Managed PostgreSQL database"),
	Schemes: []string{"postgres"},
	Features: []string{
		secondAccount, channelBinding, icu, createDB, twoPhase, replication,
		pgcrypto, pgTrgm, unaccent, uuidOSSP, citext, hstore, btreeGist, statStatements,
	},
	Settings: []string{"database", "connections", "foreign-database"},
	Credentials: map[string][]string{
		mainAccount:  {"username", "password"},
		otherAccount: {"username", "password"},
	},
	Required: []string{mainAccount},
	Slots:    places,
	Checks: placed(slices.Concat(
		connectChecks, accountChecks, typeChecks, localeChecks, sqlChecks, schemaChecks, transactionChecks, lockChecks,
		privilegeChecks, grantChecks, limitChecks, extensionChecks, protocolChecks, copyChecks, sessionChecks, watchChecks,
		durabilityChecks, replicationChecks,
	)),
	Vet:       vetChecks,
	Loads:     loads,
	Control:   control,
	Delete:    remove,
	Inventory: inventory,
}

// placed gives each check the places of its connections.
func placed(checks []probe.Check) []probe.Check {
	for i := range checks {
		checks[i].Slots = max(checks[i].Slots, ofCheck)
	}
	return checks
}
