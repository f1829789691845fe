// Package evidence keeps what was measured: the run folder, written while the
// run goes so that a kill loses nothing, and read back whole for deciding,
// reporting and (once sealed) verifying.
package evidence

import (
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
)

// Record is a run folder read back.
type Record struct {
	Plan        Plan
	Environment Environment
	Catalogue   *catalogue.Catalogue
	Offers      []catalogue.Offer // in the order of the plan
	Results     []measure.Result  // in the order of measure; one per planned check and offer, or fewer when incomplete
	Findings    []measure.Finding // checked with the keys of the folder
	Inventories []Inventory
	End         *End                 // nil: the run was killed
	Sealed      *Seal                // nil: read from a run folder
	Loads       []measure.LoadRun    // what the offers were put under, in the order of the plan
	Foreign     []measure.ForeignRun // how the results of the suites that aren't ours came about

	findingFiles []string // the files that the findings need
}

// Seal says who sealed the bundle that a record was read from.
type Seal struct {
	By      Signer
	Trusted bool // the reader knows the key; else By is only what the bundle says
}

// Plan is what a run set out to do, written before the first request.
type Plan struct {
	Run       string      `json:"run"`         // id, also the prefix of every resource that it creates
	Format    int         `json:"format"`      // version of the run folder
	Seed      uint64      `json:"seed,string"` // a JSON number would lose its last digits
	Started   time.Time   `json:"started"`
	Catalogue string      `json:"catalogue"` // digest of the canonical bytes
	Offers    []OfferPlan `json:"offers"`
	Checks    []CheckPlan `json:"checks"` // every check of the suites, selected or not
	Selection Selection   `json:"selection"`
	Parallel  int         `json:"parallel"`

	Loads    []LoadPlan    `json:"loads,omitempty"`   // what is put under load
	Foreign  []ForeignPlan `json:"foreign,omitempty"` // suites that aren't ours
	Findings []FindingPlan `json:"findings,omitempty"`
	Rerun    *Rerun        `json:"rerun,omitempty"` // nil: a first run
}

// OfferPlan names an offer by the digest of its description.
type OfferPlan struct {
	ID     catalogue.OfferID `json:"id"`
	Digest string            `json:"digest"`
}

// CheckPlan is what a check said of itself when the run was made.
type CheckPlan struct {
	ID    string    `json:"id"`
	Title lang.Text `json:"title"`
	Rule  string    `json:"rule"` // the standard's section
	Class string    `json:"class"`
}

// Selection is what --only, --class and --load left in.
type Selection struct {
	NoLoad bool     `json:"no_load,omitempty"`
	Only   []string `json:"only,omitempty"`
	Class  string   `json:"class,omitempty"` // "light" or "heavy"; empty for both
}

// Environment says where a run was made from.
type Environment struct {
	Version string `json:"version"` // of aloi
	Binary  string `json:"binary"`  // SHA-256 of the executable
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	CPUs    int    `json:"cpus"`
}

// Inventory is what an offer's service held before or after the run. Names that
// are not the run's own are only counted.
type Inventory struct {
	Offer   catalogue.OfferID `json:"offer"`
	Service string            `json:"service"`
	When    string            `json:"when"` // "before" or "after"
	At      time.Time         `json:"at"`
	Ours    []string          `json:"ours"`
	Others  int               `json:"others"`
	TLSKeys []string          `json:"tls_keys,omitempty"` // SHA-256 of the public keys (SPKI) that the endpoint showed so far, sorted
	Error   string            `json:"error,omitempty"`
}

// End closes a run. Complete is false when it was interrupted or a cap stopped it.
type End struct {
	At       time.Time `json:"at"`
	Complete bool      `json:"complete"`
	Reason   lang.Text `json:"reason,omitzero"`
	Left     int       `json:"left"` // resources of the ledger that could not be deleted: see aloi sweep
}
