// Package probe runs checks against a real offer. A suite is a readable table of
// checks for one kind of service; the engine gives each check a deadline, clients
// that never leave the declared hosts or the owner's caps, a ledger that knows
// how to delete what it creates, and a recorder that redacts as it writes.
//
// To add a check, add an entry to its suite's table; to add a service, add a
// folder with a Suite and one line in the list of suites.
package probe

import (
	"context"
	"slices"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
)

// Class says what a check costs the offer.
type Class string

// The classes: a light check takes seconds and a few requests; a heavy one may
// take minutes or move gigabytes.
const (
	Light Class = "light"
	Heavy Class = "heavy"
)

// Check is one entry of a suite's table.
type Check struct {
	ID       string        // suite/group/name, stable for ever
	Title    lang.Text     // what holds when it passes
	Rule     string        // the standard's section that says so
	Class    Class         // Light when empty
	Features []string      // declared by the offer, else the check is unsupported
	After    []string      // ids of checks that must have passed
	Slots    int           // how many of the suite's resources it holds at once; 1 when zero
	Limit    time.Duration // how long it may take; by its class when zero
	Run      func(*T)
}

// Suite is the table of checks of one kind of service, with the few things that
// the engine must know about that service. Control, Delete and Inventory may be
// called from several goroutines at once.
type Suite struct {
	ID          string
	Title       lang.Text
	Schemes     []string            // of the endpoint, "postgres"; https, and http to this machine, when empty
	Features    []string            // what an offer may declare
	Settings    []string            // keys of the service's settings
	Credentials map[string][]string // accounts and their fields
	Required    []string            // accounts without which the suite cannot run
	Slots       int                 // resources alive at once, over all checks
	Checks      []Check
	Vet         []Check // examine a described offer before any measure
	Loads       []Load  // what targets may put under load

	// Control makes one harmless call with each account and fails when the
	// service doesn't serve it: the engine calls it to tell the offer's
	// failures from our own troubles.
	Control func(context.Context, *Session) error
	// Delete removes a resource of the ledger with all that it holds. A
	// resource that doesn't exist is no error.
	Delete func(context.Context, *Session, Resource) error
	// Inventory lists what the account sees, by stable names.
	Inventory func(context.Context, *Session) ([]string, error)
}

// Words returns the vocabulary of the suites, for the catalogue's loader.
func Words(suites []Suite) catalogue.Vocabulary {
	words := make(catalogue.Vocabulary, 0, len(suites))
	for _, s := range suites {
		w := catalogue.SuiteWords{
			ID: s.ID, Schemes: s.Schemes, Features: s.Features, Settings: s.Settings,
			Credentials: s.Credentials, Required: s.Required,
		}
		for _, c := range s.Checks {
			w.Checks = append(w.Checks, c.ID)
		}
		for _, l := range s.Loads {
			w.Loads = append(w.Loads, catalogue.LoadWords{Operation: l.Operation, Metrics: append([]string{measure.Latency}, l.Series...), OpBytes: l.OpBytes})
		}
		words = append(words, w)
	}
	return words
}

// class returns the class of a check, Light by default.
func (c Check) class() Class {
	if c.Class == "" {
		return Light
	}
	return c.Class
}

// ClassName returns the class as it is written in a plan.
func (c Check) ClassName() string { return string(c.class()) }

// deadline is how long a check may take, waits for the offer's own caps apart.
func (c Check) deadline() time.Duration {
	switch {
	case c.Limit > 0:
		return c.Limit
	case c.class() == Heavy:
		return 5 * time.Minute
	}
	return 15 * time.Second
}

func (c Check) slots() int64 { return int64(max(1, c.Slots)) }

// Selected reports whether a check is among the patterns and of the class; an
// empty pattern list or class leaves all in. A pattern is an id in which *
// stands for any run of characters, or the beginning of an id up to a slash.
func (c Check) Selected(only []string, class Class) bool {
	if class != "" && c.class() != class {
		return false
	}
	return len(only) == 0 || slices.ContainsFunc(only, func(p string) bool { return measure.Matches(p, c.ID) })
}
