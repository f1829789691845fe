package s3

import (
	"net/http"
	"slices"

	"aloi.dev/refcloud/service"

	"github.com/versity/versitygw/backend"
)

// Fault is a named disturbance. Front wraps what serves requests, Backend wraps
// what keeps objects; either may be nil. Both are called each time the fault is
// switched on, so what their closures remember starts afresh.
type Fault struct {
	Name    string // "s3." and words with hyphens; stable for ever
	Group   string
	Text    string // one sentence: what the server does
	Front   func(next http.Handler) http.Handler
	Backend func(next backend.Backend) backend.Backend
}

// Variation has the form of a fault, but what it changes is legal: a client
// that minds is at fault itself.
type Variation = Fault

// Faults lists every fault: to add a group, add its table.
func Faults() []Fault {
	return slices.Concat(bucketFaults, listFaults, rangeFaults, copyFaults, objectFaults, keyFaults, storeFaults, readFaults,
		deleteFaults, conditionalFaults, checksumFaults,
		errorFaults, transportFaults,
		multipartFaults, versionFaults, lockFaults, taggingFaults, encryptionFaults, lifecycleFaults, authFaults, presignFaults, postFaults, policyFaults, aclFaults, corsFaults)
}

// Variations lists every variation.
func Variations() []Variation {
	return slices.Concat(headerVariations, bodyVariations)
}

// demoFaults is planted in a faulty offer when nothing else is asked for: small
// things that real servers get wrong, and that a client meets late.
var demoFaults = []string{
	"s3.range-suffix-from-start", "s3.delete-missing-404", "s3.list-prefix-on-each-page", "s3.key-decomposed",
	"s3.put-if-match-501", "s3.checksum-first-counts", "s3.version-copy-ignored", "s3.retention-shortened",
	"s3.sse-c-digest-unchecked", "s3.tags-unchecked", "s3.presigned-any-duration", "s3.post-any-length",
	"s3.cors-origin-echoed", "s3.policy-prefix-ignored",
}

// Entry is what the cloud lists of the fault.
func (f Fault) Entry() service.Entry {
	return service.Entry{Name: f.Name, Group: f.Group, Text: f.Text}
}
