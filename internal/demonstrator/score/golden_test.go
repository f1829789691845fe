package score_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/score"
)

var update = flag.Bool("update", false, "rewrite the expected cards and rankings of testdata")

// TestGolden replays every file of testdata: targets, offers and results in; a
// card for each offer, and the ranking of several, out. See testdata/README.md.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 14 {
		t.Fatalf("found %d golden files (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			replay(t, file)
		})
	}
}

func replay(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := parseCase(t, archive)
	cards := make([]score.Card, 0, len(c.offers))
	got := map[string]string{}
	for _, offer := range c.offers {
		card := score.Evaluate(c.catalogue, offer, score.Facts{Results: c.results, Findings: c.findings}, c.on)
		cards = append(cards, card)
		got["card "+string(offer.ID)] = cardText(card)
	}
	if len(cards) > 1 {
		got["ranking"] = rankingText(score.Rank(c.catalogue, cards))
	}
	for _, f := range archive.Files { // what a file doesn't ask for is not written
		switch f.Name {
		case "stability":
			got[f.Name] = stabilityText(score.Stabilities(c.catalogue, cards, score.Draws{Seed: 1, N: 1000}))
		case "what-if":
			got[f.Name] = whatIfText(score.WhatIfs(c.catalogue, cards))
		}
	}
	if *update {
		rewrite(t, file, archive, c.offers, got)
		return
	}
	for _, f := range archive.Files {
		if text, ok := got[f.Name]; ok {
			if diff := cmp.Diff(string(f.Data), text); diff != "" {
				t.Errorf("%s (-want +got):\n%s", f.Name, diff)
			}
			delete(got, f.Name)
		}
	}
	for name := range got {
		t.Errorf("%s: expected by no section; run with -update and read the result", name)
	}
}

// rewrite keeps the sections that a person wrote and replaces the others.
func rewrite(t *testing.T, file string, archive *txtar.Archive, offers []catalogue.Offer, got map[string]string) {
	var kept []txtar.File
	for _, f := range archive.Files {
		if _, expected := got[f.Name]; !expected {
			kept = append(kept, f)
		}
	}
	names := make([]string, 0, len(got))
	for _, offer := range offers {
		names = append(names, "card "+string(offer.ID))
	}
	for _, name := range append(names, "ranking", "stability", "what-if") {
		if text, ok := got[name]; ok {
			kept = append(kept, txtar.File{Name: name, Data: []byte(text)})
		}
	}
	archive.Files = kept
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}
