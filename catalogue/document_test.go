package catalogue_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"aloi.dev/internal/demonstrator/catalogue"
)

const (
	documentFile = "../docs/catalogue.md"
	tableFrom    = "<!-- from here to the end: made by `make docs` -->\n"
)

// TestDocument compares the table of docs/catalogue.md with the shipped files; run
// it with UPDATE=1 in the environment to rewrite it.
func TestDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	prose, table, found := strings.Cut(string(text), tableFrom)
	if !found {
		t.Fatalf("%s lacks the line %s", documentFile, tableFrom)
	}
	want := tableOf(shipped(t))
	if table == want {
		return
	}
	if os.Getenv("UPDATE") == "" {
		t.Fatalf("the table of %s is not up to date: run make docs", documentFile)
	}
	if err := os.WriteFile(documentFile, []byte(prose+tableFrom+want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The columns of a need, in order.
const (
	gates = iota
	scored
	people
	drafts
	columns
)

func columnOf(t *catalogue.Target) int {
	inForce := slices.ContainsFunc(t.States, func(p catalogue.Phase) bool { return p.State == catalogue.Effective })
	switch {
	case !inForce:
		return drafts
	case t.Manual != nil:
		return people
	case t.Role == catalogue.Gate:
		return gates
	}
	return scored
}

func tableOf(c *catalogue.Catalogue) string {
	var rows strings.Builder
	var total [columns]int
	for _, need := range c.Needs {
		var cells [columns][]string
		for _, target := range c.TargetsOf(need.ID) {
			i := columnOf(&target)
			total[i]++
			cell := "`" + string(target.ID) + "`"
			if target.Role == catalogue.Scored {
				cell += fmt.Sprintf(" %d", target.Weight)
			}
			cells[i] = append(cells[i], cell)
		}
		fmt.Fprintf(&rows, "| `%s` %s | %s | %s |", need.ID, need.Title.EN, need.Priority, need.Source.Kind)
		for _, cell := range cells {
			rows.WriteString(" " + strings.Join(cell, ", ") + " |")
		}
		rows.WriteString("\n")
	}
	return fmt.Sprintf("\n%d needs and %d targets: %d gates and %d scored targets that probes measure, %d scored targets that people find out, %d drafts.\n\n",
		len(c.Needs), len(c.Targets), total[gates], total[scored], total[people], total[drafts]) +
		"| need | priority | source | gates | scored by probes (weight) | found out by people (weight) | drafts (weight) |\n|---|---|---|---|---|---|---|\n" + rows.String()
}
