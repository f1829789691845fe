package faulttest

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"aloi.dev/internal/demonstrator/probe"
)

const folder = "testdata/faults"

func group(id string) string { return strings.Split(id, "/")[1] }

// readTable reads testdata/faults/GROUP.txt.
func readTable(t *testing.T, suite probe.Suite) map[string][]string {
	t.Helper()
	table := map[string][]string{}
	files, err := filepath.Glob(folder + "/*.txt")
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
			if !ok || !slices.ContainsFunc(suite.Checks, func(c probe.Check) bool { return c.ID == id }) || group(id) != strings.TrimSuffix(filepath.Base(name), ".txt") {
				t.Fatalf("%s: %q is not a row of a check of this group", name, line)
			}
			table[id] = strings.Fields(faults)
		}
		file.Close()
	}
	return table
}

// writeTable merges what was seen into the table. A person reads the diff: a
// check that turned red for no good reason is a defect of the check.
func writeTable(t *testing.T, b *bench, seen map[string][]string) {
	t.Helper()
	table := readTable(t, b.suite)
	for _, id := range b.checks() { // the others did not run: their rows stand
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
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, g+".txt"), []byte(strings.Join(rows, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
