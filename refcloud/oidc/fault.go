package oidc

import (
	"slices"

	"aloi.dev/refcloud/service"
)

// Fault is a named disturbance. Front, when set, wraps what serves requests, each
// time the fault is switched on; a fault without one is a matter of memory, which
// the store and the login page look up by its name.
type Fault struct {
	Name  string // "oidc." and words with hyphens; stable for ever
	Group string
	Text  string // one sentence: what the server does
	Front Front
}

// Variation has the form of a fault, but what it changes is legal: a client that
// minds is at fault itself.
type Variation = Fault

// Faults lists every fault: to add a group, add its table.
func Faults() []Fault {
	return slices.Concat(discoveryFaults, keyFaults, authorizeFaults, sessionFaults, codeFaults, tokenFaults, idTokenFaults,
		userinfoFaults, refreshFaults, revocationFaults, introspectionFaults, logoutFaults, proConnectFaults)
}

// Variations lists every variation.
func Variations() []Variation { return variations }

// demoFaults is planted in a faulty offer when nothing else is asked for: what real
// providers get wrong, and an application meets late.
var demoFaults = []string{"oidc.code-reuse-harmless", "oidc.logout-prefix", "oidc.refresh-old-valid"}

// Entry is what the cloud lists of the fault.
func (f Fault) Entry() service.Entry {
	return service.Entry{Name: f.Name, Group: f.Group, Text: f.Text}
}
