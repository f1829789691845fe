package faulttest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/demonstrator/probe/probetest"
)

// Document compares docs/suites/SUITE.md with what the suite's tables and its table
// of faults give; with UPDATE=1 in the environment it rewrites the page.
func Document(t *testing.T, suite probe.Suite) {
	t.Helper()
	want := page(suite, readTable(t, suite))
	compared := suite.ID + "-conformance.md" // written by hand, where there is a public suite to compare with
	if _, err := os.Stat(filepath.Join(probetest.Root(t), "docs", "suites", compared)); err == nil {
		want = fmt.Appendf(want, "\nBeside the public conformance suite: [%s](%s).\n", compared, compared)
	}
	path := filepath.Join(probetest.Root(t), "docs", "suites", suite.ID+".md")
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("docs/suites/%s.md is not up to date: run UPDATE=1 go test on this package (%v)", suite.ID, err)
	}
}

// page is the suite as a table, a row a check.
func page(suite probe.Suite, table map[string][]string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\n%s. %d checks.\n\n", suite.Title.EN, suite.Title.FR, len(suite.Checks))
	b.WriteString("| check | what holds when it passes | rule | features | faults that turn it red |\n|---|---|---|---|---|\n")
	for _, c := range suite.Checks {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", c.ID, cell(c.Title.EN), cell(c.Rule), strings.Join(c.Features, ", "), strings.Join(table[c.ID], ", "))
	}
	return b.Bytes()
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
