package s3

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	data "aloi.dev/catalogue"
	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/demonstrator/probe/probetest"
	"aloi.dev/internal/demonstrator/score"
)

// needs are those on which the reference offers position themselves.
var needs = []catalogue.NeedID{"object-storage", "data-protection", "sharing", "integrity"}

var (
	onlyFault = flag.String("fault", "", "plant only the faults whose name contains this")
	onlyCheck = flag.String("check", "", "run only the checks that match this pattern")
	update    = flag.Bool("update", false, "rewrite testdata/faults from what was seen")
)

// TestCleanOffer runs the whole suite on the clean offer.
func TestCleanOffer(t *testing.T) {
	cloud := probetest.Start(t)
	results := measureOffer(t, cloud, "alize", everything)
	for _, id := range checkIDs() {
		if r := results[id]; r.State != measure.Pass && r.State != "" {
			t.Errorf("%s: %s: %s", id, r.State, r.Reason.Text().EN)
		}
	}
	for _, name := range cloud.Inventory(t, "alize") {
		if strings.Contains(name, "aloi-") {
			t.Errorf("left behind: %s", name)
		}
	}
}

// TestFaults plants one fault at a time: exactly the checks that the table maps
// to it must change, and no other, and no target but those that use them. The
// whole suite runs under each fault when ALOI_FAULTS=all (make faults); else, to
// stay short, the mapped checks and an eighth of the others, another eighth for
// each fault.
func TestFaults(t *testing.T) {
	cloud := probetest.Start(t)
	table := readFaults(t)
	clean := measureOffer(t, cloud, "brume", everything)
	seen := map[string][]string{}
	for _, f := range probetest.Faults(t) {
		if !strings.HasPrefix(f.Name, "s3.") || f.Group == "service" || !strings.Contains(f.Name, *onlyFault) {
			continue
		}
		cloud.Plant(t, "brume", []string{f.Name}, nil)
		now := measureOffer(t, cloud, "brume", func(id string) bool {
			return whole() || slices.Contains(table[id], f.Name) || draw(f.Name, id)%8 == 0
		})
		red := changed(clean, now)
		seen[f.Name] = red
		var want []string
		for id, faults := range table {
			if _, ran := now[id]; ran && slices.Contains(faults, f.Name) {
				want = append(want, id)
			}
		}
		sort.Strings(want)
		if !slices.Equal(red, want) && !*update {
			t.Errorf("%s (%s):\n  turned red: %v\n  the table says: %v%s", f.Name, f.Text, red, want, reasons(now, red, want))
		}
		if len(red) == 0 && *onlyCheck == "" {
			t.Errorf("%s: no check noticed (%s)", f.Name, f.Text)
		}
		if whole() && !*update {
			sameTargets(t, f.Name, clean, now, want)
		}
	}
	if *update {
		writeFaults(t, seen)
	}
	covered := 0
	for _, id := range checkIDs() {
		if len(table[id]) > 0 {
			covered++
		} else if !*update && *onlyFault == "" && *onlyCheck == "" {
			t.Errorf("%s: no fault turns it red: add a row to testdata/faults/%s.txt", id, group(id))
		}
	}
	if !t.Failed() {
		t.Logf("%d faults, one at a time, each caught by exactly the checks that the table maps to it; %d of %d checks have a fault", len(seen), covered, len(checkIDs()))
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

// sameTargets checks that no target of the shipped catalogue changes its verdict
// unless it uses one of the checks.
func sameTargets(t *testing.T, fault string, clean, now map[string]measure.Result, checks []string) {
	t.Helper()
	cat, err := catalogue.Load(data.FS, probe.Words([]probe.Suite{Suite}))
	if err != nil {
		t.Fatal(err)
	}
	before, after := verdicts(cat, clean), verdicts(cat, now)
	for i, target := range cat.Targets {
		uses := slices.ContainsFunc(target.Functional.Checks, func(id string) bool { return slices.Contains(checks, id) })
		if !uses && before[i] != after[i] {
			t.Errorf("%s: target %s went from %s to %s and uses none of the checks that notice", fault, target.ID, before[i], after[i])
		}
	}
}

func verdicts(cat *catalogue.Catalogue, results map[string]measure.Result) []score.Verdict {
	card := score.Evaluate(cat, catalogue.Offer{ID: "brume", Positions: needs}, slices.Collect(maps.Values(results)), catalogue.DateOf(time.Now()))
	var list []score.Verdict
	for _, v := range card.Targets {
		list = append(list, v.Verdict)
	}
	return list
}

// TestVariations plants what the standards allow: nothing may change.
func TestVariations(t *testing.T) {
	cloud := probetest.Start(t)
	clean := measureOffer(t, cloud, "alize", everything)
	variations := probetest.Variations(t)
	for _, v := range variations {
		cloud.Plant(t, "alize", nil, []string{v.Name})
		varied := measureOffer(t, cloud, "alize", func(id string) bool { return whole() || draw(v.Name, id)%2 == 0 })
		for _, id := range changed(clean, varied) {
			t.Errorf("%s (%s): %s changed from %s to %s: %+v", v.Name, v.Text, id, clean[id].State, varied[id].State, varied[id].Reason)
		}
	}
	if !t.Failed() {
		t.Logf("%d benign variations, each ignored by every check", len(variations))
	}
}

func everything(string) bool { return true }

// measureOffer runs the selected checks on an offer and returns their results.
func measureOffer(t *testing.T, cloud *probetest.Cloud, offer string, selected func(id string) bool) map[string]measure.Result {
	t.Helper()
	words := probe.Words([]probe.Suite{Suite})
	o := cloud.Offer(t, offer, words, needs)
	ledger, err := os.Create(filepath.Join(t.TempDir(), "ledger.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer ledger.Close()
	session, err := probe.Open(Suite, probe.Config{
		Offer: o, Secrets: cloud, Ledger: probe.NewLedger(ledger), Budget: probe.NewBudget(o.Caps, time.Now),
		Prefix: fmt.Sprintf("aloi-%x", time.Now().UnixNano()&0xffffffff), Lifetime: time.Hour, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	results := map[string]measure.Result{}
	run := &probe.Run{
		Sessions: []*probe.Session{session}, Parallel: 8, Seed: uint64(time.Now().UnixNano()),
		Selected: func(c probe.Check) bool {
			return selected(c.ID) && (*onlyCheck == "" || c.Selected(strings.Split(*onlyCheck, ","), ""))
		},
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

func checkIDs() []string {
	var ids []string
	for _, c := range Suite.Checks {
		if *onlyCheck == "" || c.Selected(strings.Split(*onlyCheck, ","), "") {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func group(id string) string { return strings.Split(id, "/")[1] }

// readFaults reads testdata/faults/GROUP.txt: "check: fault fault ...".
func readFaults(t *testing.T) map[string][]string {
	t.Helper()
	table := map[string][]string{}
	files, err := filepath.Glob("testdata/faults/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			line := strings.TrimSpace(lines.Text())
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			id, faults, ok := strings.Cut(line, ":")
			if !ok || group(id) != strings.TrimSuffix(filepath.Base(name), ".txt") || !slices.ContainsFunc(Suite.Checks, func(c probe.Check) bool { return c.ID == id }) {
				t.Fatalf("%s: %q is not a row of a check of this group", name, line)
			}
			table[id] = strings.Fields(faults)
		}
		file.Close()
	}
	return table
}

// writeFaults merges what was seen into the table. A person reads the diff: a
// check that turned red for no good reason is a defect of the check.
func writeFaults(t *testing.T, seen map[string][]string) {
	t.Helper()
	table := readFaults(t)
	for _, id := range checkIDs() { // the others did not run: their rows stand
		table[id] = slices.DeleteFunc(table[id], func(f string) bool { _, again := seen[f]; return again })
	}
	for fault, ids := range seen {
		for _, id := range ids {
			table[id] = append(table[id], fault)
		}
	}
	groups := map[string][]string{}
	for id, faults := range table {
		sort.Strings(faults)
		groups[group(id)] = append(groups[group(id)], id+": "+strings.Join(faults, " "))
	}
	for g, rows := range groups {
		sort.Strings(rows)
		if err := os.MkdirAll("testdata/faults", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join("testdata/faults", g+".txt"), []byte(strings.Join(rows, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
