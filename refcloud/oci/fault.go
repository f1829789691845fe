package oci

import (
	"net/http"
	"slices"

	"aloi.dev/refcloud/service"
)

// Fault is a named disturbance. Front wraps what serves requests; it is called
// each time the fault is switched on, so what its closure remembers starts afresh.
type Fault struct {
	Name  string // "oci." and words with hyphens; stable for ever
	Group string
	Text  string // one sentence: what the server does
	Front func(next http.Handler) http.Handler
}

// Variation has the form of a fault, but what it changes is legal: a client that
// minds is at fault itself.
type Variation = Fault

// wholeService groups the faults that leave no request alone: no single check
// answers for them.
const wholeService = "service"

// Faults lists every fault: to add a group, add its table.
func Faults() []Fault {
	return slices.Concat(apiFaults, pullFaults, pushFaults, chunkFaults, mountFaults, manifestFaults, tagFaults,
		referrerFaults, deleteFaults, digestFaults, authFaults, transportFaults)
}

// Variations lists every variation.
func Variations() []Variation { return variations }

// demoFaults is planted in a faulty offer when nothing else is asked for: what real
// registries get wrong, and a client meets late.
var demoFaults = []string{"oci.tags-unsorted", "oci.token-any-repository", "oci.referrers-without-annotations"}

// Entry is what the cloud lists of the fault.
func (f Fault) Entry() service.Entry {
	return service.Entry{Name: f.Name, Group: f.Group, Text: f.Text}
}
