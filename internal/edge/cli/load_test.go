package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aloi.dev/catalogue"
	"aloi.dev/internal/demonstrator/probe/probetest"
)

// brisk is a target that is decided within seconds.
const brisk = `targets:
  - id: brisk-stat
    need: object-storage
    role: score
    weight: 1
    title: {fr: Répondre vite, en: Answer fast}
    why: {fr: Pour un essai., en: For a trial.}
    source: {kind: proposal, title: {fr: Essai, en: Trial}}
    states: [{from: 2026-01-01, state: effective}]
    quantitative:
      service: s3
      operation: stat-4k
      metric: latency
      quantile: p50
      load: {shape: constant, rate: 50/s, connections: 4}
      floor: 5 s
      want: 2 s
      block: 40 ms
      min-duration: 200 ms
      budget: {duration: 20 s}
      confidence: 95 %
`

// TestEvaluate_UnderLoad: as a person does it, two offers under one load: measured,
// shown, sealed, and decided again from the bundle.
func TestEvaluate_UnderLoad(t *testing.T) {
	t.Parallel()
	cloud := probetest.Start(t, "s3")
	w := newWorld(t)
	if err := os.CopyFS(filepath.Join(w.dir, "cat"), catalogue.FS); err != nil {
		t.Fatal(err)
	}
	w.write("cat/targets/brisk.yaml", brisk)
	alize, brume := filepath.Join(cloud.Dir, "alize.yaml"), filepath.Join(cloud.Dir, "brume.yaml")
	cloud.Plant(t, "brume", []string{"s3.head-without-length"}, nil)
	r := w.run("evaluate", "--catalogue", "DIR/cat", "--only", "s3/load/stat-4k", "--out", "DIR/run", alize, brume)
	r.wants(3, "Under load", "s3, stat-4k", "Alizé is faster than Brume at p50", "load s3/stat-4k")
	bundles, err := filepath.Glob(filepath.Join(w.dir, "run", "*.aloi"))
	if err != nil || len(bundles) != 1 {
		t.Fatalf("%v, %v", bundles, err)
	}
	w.run("verify", bundles[0]).wants(0, "decided again: identical")
	var report struct {
		Cards []struct {
			Targets []struct {
				Target  string `json:"target"`
				Verdict string `json:"verdict"`
			} `json:"targets"`
		} `json:"cards"`
	}
	out := w.run("report", "--json", bundles[0]).wants(0).out
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	var verdicts []string
	for _, card := range report.Cards {
		for _, target := range card.Targets {
			if target.Target == "brisk-stat" {
				verdicts = append(verdicts, target.Verdict)
			}
		}
	}
	if strings.Join(verdicts, " ") != "met not-met" {
		t.Errorf("verdicts %v\n%.3000s", verdicts, out)
	}
	page, err := os.ReadFile(filepath.Join(w.dir, "run", "report.fr.html"))
	if err != nil || !strings.Contains(string(page), `role="img"`) {
		t.Errorf("no plot in the page (%v)", err)
	}
	noSecret(t, cloud, filepath.Join(w.dir, "run"))
	nothingLeft(t, cloud)
	if _, err := os.Stat(filepath.Join(w.dir, "run", "loads", "001.json")); err != nil {
		t.Error(err)
	}
}
