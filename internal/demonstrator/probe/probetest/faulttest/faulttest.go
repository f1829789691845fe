// Package faulttest proves a suite on the reference cloud: every check passes on
// the clean offer, each fault turns exactly the checks red that the suite's table
// maps to it, and no legal variation changes anything. The table is in the
// suite's testdata/faults/GROUP.txt, a line a check: "check: fault fault ...".
//
// A suite's test is of the package NAME_test and calls Clean, Faults and
// Variations. Flags narrow it, as in
//
//	go test ./internal/demonstrator/probe/s3 -run TestFaults -fault s3.hang -check 's3/range/*' -update
package faulttest

import (
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	data "aloi.dev/catalogue"
	"aloi.dev/internal/demonstrator/campaign"
	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/demonstrator/probe/probetest"
)

var (
	onlyFault = flag.String("fault", "", "plant only the faults whose name contains this")
	onlyCheck = flag.String("check", "", "run only the checks that match this pattern")
	update    = flag.Bool("update", false, "rewrite testdata/faults from what was seen")
)

// bench is a suite before a reference cloud that has its service only.
type bench struct {
	suite probe.Suite
	cloud *probetest.Cloud
	cat   *catalogue.Catalogue
}

func start(t *testing.T, suite probe.Suite) *bench {
	t.Helper()
	cat, err := catalogue.Load(data.FS, probe.Words(campaign.Suites))
	if err != nil {
		t.Fatal(err)
	}
	return &bench{suite: suite, cloud: probetest.Start(t, suite.ID), cat: cat}
}

// Clean runs the whole suite on the clean offer: all checks pass, and nothing is
// left behind.
func Clean(t *testing.T, suite probe.Suite) {
	b := start(t, suite)
	results := b.measure(t, "alize", everything)
	for _, id := range b.checks() {
		if r := results[id]; r.State != measure.Pass && r.State != "" {
			t.Errorf("%s: %s: %s", id, r.State, r.Reason.Text().EN)
		}
	}
	for _, name := range b.cloud.Inventory(t, "alize") {
		if strings.Contains(name, prefix) {
			t.Errorf("left behind: %s", name)
		}
	}
}

// Faults plants one fault at a time: exactly the checks that the table maps to it
// must change, and no other, and no target but those that use them. A fault of the
// group "service" disturbs every check alike and is left to the tests of the
// engine. The whole suite runs under each fault when ALOI_FAULTS=all (make
// faults); else, to stay short, the mapped checks and an eighth of the others that
// are light, another eighth for each fault.
func Faults(t *testing.T, suite probe.Suite) {
	b := start(t, suite)
	table := readTable(t, suite)
	clean := b.measure(t, "brume", everything)
	seen := map[string][]string{}
	for _, f := range probetest.Faults(t, suite.ID) {
		if f.Group == "service" || !strings.Contains(f.Name, *onlyFault) {
			continue
		}
		b.cloud.Plant(t, "brume", []string{f.Name}, nil)
		now := b.measure(t, "brume", func(id string) bool {
			return whole() || slices.Contains(table[id], f.Name) || b.light(id) && draw(f.Name, id)%8 == 0
		})
		red := changed(clean, now)
		seen[f.Name] = red
		if !*update {
			b.compare(t, f, clean, now, red, table)
		}
		if len(red) == 0 && *onlyCheck == "" {
			t.Errorf("%s: no check noticed (%s)", f.Name, f.Text)
		}
	}
	if len(seen) == 0 {
		t.Errorf("the reference cloud has no fault of %s whose name contains %q", suite.ID, *onlyFault)
	}
	if *update {
		writeTable(t, b, seen)
	}
	b.covered(t, table, len(seen))
}

// compare holds what turned red under a fault against the table.
func (b *bench) compare(t *testing.T, f probetest.Planted, clean, now map[string]measure.Result, red []string, table map[string][]string) {
	t.Helper()
	var want []string
	for id, faults := range table {
		if _, ran := now[id]; ran && slices.Contains(faults, f.Name) {
			want = append(want, id)
		}
	}
	sort.Strings(want)
	if !slices.Equal(red, want) {
		t.Errorf("%s (%s):\n  turned red: %v\n  the table says: %v%s", f.Name, f.Text, red, want, reasons(now, red, want))
	}
	if whole() {
		b.sameTargets(t, f.Name, clean, now, want)
	}
}

// covered wants a fault for each check that ran.
func (b *bench) covered(t *testing.T, table map[string][]string, faults int) {
	t.Helper()
	covered := 0
	for _, id := range b.checks() {
		if len(table[id]) > 0 {
			covered++
		} else if !*update && *onlyFault == "" && *onlyCheck == "" {
			t.Errorf("%s: no fault turns it red: add a row to testdata/faults/%s.txt", id, group(id))
		}
	}
	if !t.Failed() {
		t.Logf("%d faults, one at a time, each caught by exactly the checks that the table maps to it; %d of %d checks have a fault", faults, covered, len(b.checks()))
	}
}

// Variations plants what the standards allow: nothing may change.
func Variations(t *testing.T, suite probe.Suite) {
	b := start(t, suite)
	clean := b.measure(t, "alize", everything)
	variations := probetest.Variations(t, suite.ID)
	if len(variations) == 0 {
		t.Errorf("the reference cloud shows no legal variation of %s", suite.ID)
	}
	for _, v := range variations {
		b.cloud.Plant(t, "alize", nil, []string{v.Name})
		varied := b.measure(t, "alize", func(id string) bool { return whole() || b.light(id) && draw(v.Name, id)%2 == 0 })
		for _, id := range changed(clean, varied) {
			t.Errorf("%s (%s): %s changed from %s to %s: %+v", v.Name, v.Text, id, clean[id].State, varied[id].State, varied[id].Reason)
		}
	}
	if !t.Failed() {
		t.Logf("%d benign variations, each ignored by every check", len(variations))
	}
}

// whole reports whether each fault must face the whole suite.
func whole() bool { return os.Getenv("ALOI_FAULTS") == "all" || *update || *onlyFault != "" }

// draw is a number that depends on both names and nothing else.
func draw(fault, check string) uint32 {
	h := fnv.New32a()
	fmt.Fprint(h, fault, " ", check)
	return h.Sum32()
}

func everything(string) bool { return true }

// light reports whether a check takes seconds.
func (b *bench) light(id string) bool {
	return slices.ContainsFunc(b.suite.Checks, func(c probe.Check) bool { return c.ID == id && c.Selected(nil, probe.Light) })
}

// prefix begins the names of all that these runs create.
const prefix = "aloi-"

// measure runs the selected checks on an offer and returns their results.
func (b *bench) measure(t *testing.T, offer string, selected func(id string) bool) map[string]measure.Result {
	t.Helper()
	o := b.offer(t, offer)
	ledger, err := os.Create(filepath.Join(t.TempDir(), "ledger.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer ledger.Close()
	session, err := probe.Open(b.suite, probe.Config{
		Offer: o, Secrets: b.cloud, Ledger: probe.NewLedger(ledger), Budget: probe.NewBudget(o.Caps, time.Now),
		Prefix: fmt.Sprintf(prefix+"%x", time.Now().UnixNano()&0xffffffff), Lifetime: time.Hour, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	results := map[string]measure.Result{}
	run := &probe.Run{
		Sessions: []*probe.Session{session}, Parallel: 8, Seed: uint64(time.Now().UnixNano()),
		Selected: func(c probe.Check) bool { return selected(c.ID) && asked(c) },
		Sink: func(r measure.Result) error {
			if r.Reason == nil || r.Reason.Cause != measure.Filtered {
				results[r.Check] = r
			}
			return nil
		},
	}
	if err := run.Execute(context.Background()); err != nil {
		t.Fatal(err)
	}
	return results
}

func (b *bench) offer(t *testing.T, id string) catalogue.Offer {
	t.Helper()
	return b.cloud.Offer(t, id, probe.Words([]probe.Suite{b.suite}), b.cat.NeedIDs())
}

// asked reports whether a check is among those of the flag -check.
func asked(c probe.Check) bool {
	return *onlyCheck == "" || c.Selected(strings.Split(*onlyCheck, ","), "")
}

// checks lists the ids of the checks that run.
func (b *bench) checks() []string {
	var ids []string
	for _, c := range b.suite.Checks {
		if asked(c) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// changed returns the checks whose state is not the one on the clean offer.
func changed(clean, now map[string]measure.Result) []string {
	var ids []string
	for id, r := range now {
		if r.State != clean[id].State {
			ids = append(ids, id)
		}
	}
	sort.Strings(ids)
	return ids
}

// reasons says what the checks found that turned red unexpectedly.
func reasons(now map[string]measure.Result, red, want []string) string {
	var text strings.Builder
	for _, id := range red {
		if r := now[id]; !slices.Contains(want, id) && r.Reason != nil {
			fmt.Fprintf(&text, "\n  %s: %s: %s", id, r.State, r.Reason.Text().EN)
		}
	}
	return text.String()
}
