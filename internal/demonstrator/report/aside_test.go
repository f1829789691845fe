package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/report"
	"aloi.dev/internal/lang"
)

// TestAside folds what no offer claims into one line, with its counts, and keeps
// each target within reach of the links that lead to it.
func TestAside(t *testing.T) {
	t.Parallel()
	v := sample(2)
	for i := range v.Record.Offers {
		v.Record.Offers[i].Positions = []catalogue.NeedID{"store"}
	}
	cat := *v.Record.Catalogue
	cat.Needs = append(cat.Needs, catalogue.Need{ID: "later", Title: lang.T("Besoin sans cible en vigueur", "Need without a target in force")})
	v.Record.Catalogue = &cat
	v = decided(v.Record)
	targets := 0
	for _, target := range v.Cards[0].Targets {
		if target.Need != "store" {
			targets++
		}
	}
	if targets < 3 {
		t.Fatalf("%d targets that nobody claims", targets)
	}
	want := fmt.Sprintf("4 needs that no offer claims: %d targets not evaluated", targets)

	var out bytes.Buffer
	if err := report.Terminal(&out, v, lang.EN, report.TerminalOptions{Width: 120}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, want+".\n") || strings.Contains(got, "– not evaluated") {
		t.Errorf("on the terminal:\n%s", got)
	}
	p := parsePage(t, render(t, v, lang.EN))
	p.checkTables()
	p.checkLinks(lang.EN)
	folded := 0
	for _, n := range p.all("details") {
		if attr(n, "id") != "unclaimed" {
			continue
		}
		folded++
		if got := text(n); !strings.Contains(got, want) || !strings.Contains(got, "no target in force") || attr(n, "open") != "" {
			t.Errorf("on the page: %s", got)
		}
	}
	if folded != 1 {
		t.Errorf("%d folds", folded)
	}
	for _, n := range p.all("tr") {
		id, isTarget := strings.CutPrefix(attr(n, "id"), "target-")
		if isTarget && v.Record.Catalogue.Target(catalogue.TargetID(id)).Need != "store" {
			t.Errorf("%s has a row of its own", id)
		}
	}
}
