package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"aloi.dev/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
)

// bare describes an offer without a service: its run needs no cloud.
func (w *world) bare(id string) string {
	return w.write(id+".yaml", `id: `+id+`
name: Offer `+id+`
provider: {name: Nobody}
region: nowhere
positions: [object-storage]
caps: {rate: 10/s, bytes: 1 MB, connections: 2, duration: 1 min}
`)
}

func TestCompare(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.bare("first"), w.bare("second")
	w.run("evaluate", "--out", "DIR/two", first, second).wants(1)
	w.run("evaluate", "--out", "DIR/one", first).wants(1)

	w.run("compare", "DIR/two").wants(0, "Comparison: 1 run", "Offer first (A)", "Offer second (A)", "How sure is this ranking?")
	w.run("compare", "DIR/two", "DIR/one").wants(0, "Offer first (B)", "Over time: Offer first", "No verdict and no state changes")
	w.run("compare", "--on", "2999-12-31", "DIR/one", "DIR/two").wants(0)
	if r := w.run("compare", "--json", "--seed", "7", "--draws", "10", "DIR/two").wants(0, `"same_catalogue": true`); !json.Valid([]byte(r.out)) {
		t.Errorf("--json wrote\n%s", r.out)
	}

	w.run("compare", "DIR/one").wants(2, "one offer only")
	w.run("compare").wants(2, "command line")
	w.run("compare", "DIR/nowhere", "DIR/two").wants(2)
	w.run("compare", "--draws", "0", "DIR/two").wants(2, "from 1 to 10000000")
	w.run("compare", "--on", "tomorrow", "DIR/two").wants(2, "YYYY-MM-DD")
	w.run("compare", "--on", "2001-01-01", "DIR/two").wants(2, "before the last run")
}

func TestCompare_HTML(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("evaluate", "--out", "DIR/two", w.bare("first"), w.bare("second")).wants(1)
	exists := func(name string) bool {
		info, err := os.Stat(filepath.Join(w.dir, name))
		return err == nil && info.Size() > 0
	}

	w.run("compare", "--html", "DIR/x.html", "DIR/two").wants(0)
	w.run("compare", "--lang", "fr", "--html", "DIR/y.fr.html", "DIR/two").wants(0)
	for name, holds := range map[string]string{"x.html": `<html lang="en">`, "x.fr.html": `<html lang="fr">`, "y.fr.html": `href="y.en.html"`, "y.en.html": `href="y.fr.html"`} {
		if data, err := os.ReadFile(filepath.Join(w.dir, name)); err != nil || !strings.Contains(string(data), holds) {
			t.Errorf("%s lacks %s (%v)", name, holds, err)
		}
	}

	w.run("compare", "--html", "DIR/x.html", "DIR/two").wants(2, "exists already")
	w.write("z.fr.html", "mine")
	w.run("compare", "--html", "DIR/z.html", "DIR/two").wants(2, "z.fr.html exists already")
	if exists("z.html") {
		t.Error("one page was written without its sister")
	}
	w.disk = fullFor{evidence.OS}
	w.run("compare", "--html", "DIR/full.html", "DIR/two").wants(4, "no space left on device")
	if exists("full.html") || exists("full.fr.html") {
		t.Error("a part of a page is left")
	}
}

// fullFor is a disk that has no room for the end of a page.
type fullFor struct{ evidence.Disk }

type fullForFile struct{ evidence.File }

func (d fullFor) Create(path string) (evidence.File, error) {
	f, err := d.Disk.Create(path)
	if err == nil && filepath.Ext(path) == ".html" {
		return fullForFile{f}, nil
	}
	return f, err
}

func (f fullForFile) Write(p []byte) (int, error) {
	n, _ := f.File.Write(p[:len(p)/2])
	return n, syscall.ENOSPC
}

// TestCompare_OtherCatalogue: what differs is said, and nothing is ranked across.
func TestCompare_OtherCatalogue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := filepath.Join(w.dir, "catalogue")
	if err := os.CopyFS(other, catalogue.FS); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(other, "targets", "sharing.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "weight: 2\n", "weight: 77\n", 1)
	if changed == string(text) {
		t.Fatal("no weight to change")
	}
	w.write("catalogue/targets/sharing.yaml", changed)
	w.run("evaluate", "--out", "DIR/a", w.bare("first")).wants(1)
	w.run("evaluate", "--catalogue", other, "--out", "DIR/b", w.bare("second")).wants(1)
	w.run("compare", "DIR/a", "DIR/b").wants(0, "DIFFERENT CATALOGUES", "weight: A 2 · B 77", "no ranking across them")
}
