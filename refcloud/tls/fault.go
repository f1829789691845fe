package tls

import (
	"crypto/tls"
	"net/http"
	"slices"

	"aloi.dev/refcloud/service"

	"golang.org/x/crypto/ocsp"
)

// Fault is a named disturbance: what it makes of the server's plan.
type Fault struct {
	Name  string // "tls." and words with hyphens; stable for ever
	Group string
	Text  string // one sentence: what the server does
	Plant func(*plan)
}

// Variation has the form of a fault, but what it changes is legal.
type Variation = Fault

// plan is how the server behaves from one switch to the next: the clean way, and
// what each planted fault changes of it.
type plan struct {
	// answer speaks instead of the library when it returns something; an empty
	// answer closes the connection.
	answer []func(*hello, *pki) (bytes []byte, mine bool)
	hold   func(garbage bool, overflow bool) bool // keep a connection that is no TLS
	edit   func(*hello) (edit, bool)
	config []func(*hello, *tls.Config)
	pieces bool // answers go out in small pieces
	silent bool // nothing goes out

	leaf     []func(*leaf)
	chain    func(p *pki, chain [][]byte) [][]byte // of the main name
	stranger bool                                  // the main name's authority is one that nobody trusts
	rsaOnly  bool
	p384     bool
	weak     bool // the main name's key is too short
	staple   func(*ocsp.Response) (foreign bool)
	bare     bool // no stapled response
	shared   bool // session tickets are good for all names
	anyName  bool // unknown names are served
	mixed    bool // the other name gets the main one's certificate

	header  []func(http.Header, *http.Request)
	handler []func(http.Handler) http.Handler
	cut     bool // connections end without close_notify

	zone  zonePlan
	reply []func(*exchange)
}

// Faults lists every fault: to add a group, add its table.
func Faults() []Fault {
	return slices.Concat(versionFaults, suiteFaults, groupFaults, helloFaults, sessionFaults, certificateFaults, webFaults, dnsFaults, dnssecFaults, serviceFaults)
}

// Variations lists every variation.
func Variations() []Variation { return slices.Concat(handshakeVariations, siteVariations) }

// demoFaults is planted in a faulty offer when nothing else is asked for: a site
// that was set up with care some years ago, and a zone that nobody watches.
var demoFaults = []string{"tls.cbc", "tls.hsts-short", "tls.one-name-server"}

// Entry is what the cloud lists of the fault.
func (f Fault) Entry() service.Entry {
	return service.Entry{Name: f.Name, Group: f.Group, Text: f.Text}
}

// planOf makes the plan of a set.
func planOf(set service.Set) *plan {
	p := &plan{}
	for _, f := range service.Pick(set, Variations(), Faults()) {
		f.Plant(p)
	}
	return p
}

// on adds an answer of the plan's own, for hellos that the library wouldn't take.
func on(answer func(*hello, *pki) ([]byte, bool)) func(*plan) {
	return func(p *plan) { p.answer = append(p.answer, answer) }
}

// setting adds a change of the library's configuration for a connection.
func setting(change func(*hello, *tls.Config)) func(*plan) {
	return func(p *plan) { p.config = append(p.config, change) }
}

// mainLeaf adds a change of the main name's certificate, the one that clients of
// today see.
func mainLeaf(change func(*leaf)) func(*plan) {
	return func(p *plan) {
		p.leaf = append(p.leaf, func(l *leaf) {
			if l.main && !l.second {
				change(l)
			}
		})
	}
}
