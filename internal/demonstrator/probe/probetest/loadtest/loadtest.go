// Package loadtest puts the operations of a suite under load at the reference cloud.
package loadtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/demonstrator/probe/probetest"
)

// prefix begins the names of what tests create.
const prefix = "aloi-load"

// Bench is a suite's session at one offer of a reference cloud.
type Bench struct {
	Cloud   *probetest.Cloud
	Session *probe.Session
}

// Start starts a reference cloud with the suite's service, and a session at its
// first offer.
func Start(t testing.TB, suite probe.Suite) *Bench {
	t.Helper()
	cloud := probetest.Start(t, suite.ID)
	return &Bench{cloud, Open(t, cloud, suite, cloud)}
}

// Open opens a session of a suite at the first offer of a reference cloud.
func Open(t testing.TB, cloud *probetest.Cloud, suite probe.Suite, secrets probe.Secrets) *probe.Session {
	t.Helper()
	offer := cloud.Offer(t, "alize", probe.Words([]probe.Suite{suite}), cloud.Needs(t, "alize"))
	ledger, err := os.Create(filepath.Join(t.TempDir(), "ledger.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ledger.Close() })
	s, err := probe.Open(suite, probe.Config{
		Offer: offer, Secrets: secrets, Ledger: probe.NewLedger(ledger), Budget: probe.NewBudget(offer.Caps, time.Now),
		Prefix: prefix, Lifetime: time.Hour, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Run puts an operation under a constant load for a second, with goals or without;
// the faults are planted once it is prepared, and gone when it returns.
func (b *Bench) Run(t testing.TB, operation string, rate measure.Rate, goals []measure.Goal, faults ...string) *measure.LoadRecord {
	t.Helper()
	l := b.Session.Suite.Load(operation)
	ready, state, reason := b.Session.Ready(t.Context(), l)
	if ready == nil {
		t.Fatalf("%s: %s: %s", operation, state, reason.Text().EN)
	}
	defer ready.Close()
	if len(faults) > 0 {
		b.Cloud.Plant(t, "alize", faults, nil)
		defer b.Cloud.Plant(t, "alize", nil, nil)
	}
	run, err := load.Run(t.Context(), load.Plan{
		Seed: 1, Load: load.Load{Shape: load.Constant, Rate: rate, Block: 100 * time.Millisecond}, Connections: 4, Goals: goals, Series: l.Series,
		Timeout: 5 * time.Second, Patience: 5 * time.Second, Duration: time.Second,
		Contestants: []load.Contestant{{Name: "alize", Workload: ready.Workload, OpBytes: l.OpBytes, Budget: load.NewBudget(b.Session.LoadCaps())}},
	}, load.System())
	if err != nil {
		t.Fatalf("%s: %v", operation, err)
	}
	return &run.Offers[0]
}

// Right runs every operation of the suite for a second, and wants every answer to be
// the right one, its bytes within what is set aside, and nothing to be left.
func (b *Bench) Right(t testing.TB, rate measure.Rate) {
	t.Helper()
	for _, l := range b.Session.Suite.Loads {
		total := b.Run(t, l.Operation, rate, nil).Total()
		if total.Requests != int64(rate) || total.Failed+total.Dropped > 0 {
			t.Errorf("%s: %+v", l.Operation, total)
		}
		if most := l.OpBytes * total.Requests; total.Bytes > most || total.Bytes < 20*total.Requests {
			t.Errorf("%s: %d bytes moved, %d set aside", l.Operation, total.Bytes, most)
		}
	}
	for _, name := range b.Cloud.Inventory(t, "alize") {
		if strings.Contains(name, prefix) {
			t.Errorf("left: %s", name)
		}
	}
}

// Fails wants an operation to fail under a fault, in half of the requests at least,
// and always in that way.
func (b *Bench) Fails(t testing.TB, operation string, rate measure.Rate, fault string, kind load.Kind) {
	t.Helper()
	total := b.Run(t, operation, rate, nil, fault).Total()
	if n := total.Failures[string(kind)]; 2*n < int64(rate) || n != total.Failed {
		t.Errorf("%s with %s: %+v", operation, fault, total)
	}
}
