package postgres

import (
	"crypto/tls"
	"slices"
	"strings"

	"aloi.dev/refcloud/service"
)

// Fault is a named disturbance: of the real server's configuration, of what passes
// through the front, or both.
type Fault struct {
	Name  string // "postgres." and words with hyphens; stable for ever
	Group string
	Text  string // one sentence: what the server does

	// The real server's configuration: statements of the superuser in the offer's
	// database, those that take them back, and rules that go before the others in
	// pg_hba.conf.
	Do, Undo []string
	HBA      string

	// TLS is what the configuration means for the front, when it ends TLS because of
	// another fault.
	TLS func(*tls.Config)

	// Front makes the hooks of one connection; nil for a fault of configuration.
	Front func() Hooks
}

// Variation has the form of a fault, but what it changes is legal: a client that
// minds is at fault itself.
type Variation = Fault

// system reports whether the fault changes settings of the whole server, which
// takes a reload.
func (f Fault) system() bool {
	return slices.ContainsFunc(f.Do, func(sql string) bool { return strings.HasPrefix(sql, "ALTER SYSTEM") })
}

// Faults lists every fault: to add a group, add its table.
func Faults() []Fault {
	return slices.Concat(connectFaults, accountFaults, typeFaults, localeFaults, sqlFaults, schemaFaults, transactionFaults, lockFaults,
		privilegeFaults, grantFaults, limitFaults, extensionFaults, protocolFaults, copyFaults, sessionFaults, watchFaults, durabilityFaults,
		replicationFaults)
}

// demoFaults is planted in a faulty offer when nothing else is asked for: what an
// offer behind a transaction pooler, with a generous administrator, gets wrong.
var demoFaults = []string{
	"postgres.pool-deallocate", "postgres.pool-unlisten", "postgres.tls-1.2-only", "postgres.reads-all-data", "postgres.unaccent-missing",
}

// Entry is what the cloud lists of the fault.
func (f Fault) Entry() service.Entry {
	return service.Entry{Name: f.Name, Group: f.Group, Text: f.Text}
}
