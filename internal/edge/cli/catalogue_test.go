package cli

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"aloi.dev/catalogue"
)

func TestCatalogueCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("catalogue", "check").wants(0, "Valid catalogue: ", "needs", "Digest sha256:")
	w.run("catalogue", "check", "--lang", "fr").wants(0, "Catalogue valide : ", "besoins")
	w.run("catalogue", "list").wants(0, "object-storage", "s3-objects", "gate", "weight")
	w.run("catalogue", "show", "object-storage").wants(0, "expressed by", "-> s3-objects (gate)")
	w.run("catalogue", "show", "s3-objects").wants(0, "need", "object-storage", "s3/object/put-get")
	w.run("catalogue", "show", "s3/object/put-get").wants(0, "rule", "S3 API", "<- s3-objects (gate) <- object-storage")
	w.run("catalogue", "explain").wants(0, "object-storage - ", "  s3-objects (gate)", "    s3/object/put-get")
	w.run("catalogue", "explain", "s3-objects").wants(0, "s3/object/put-get")
	w.run("catalogue", "show", "s3-objets").wants(2, `did you mean "s3-objects"?`)
	w.run("catalogue", "explain", "nothing-like-it-at-all").wants(2, "neither a need, nor a target, nor a check")
	for _, verb := range [][]string{{"check"}, {"list"}, {"show", "s3-objects"}, {"explain"}, {"show", "s3/object/put-get"}} {
		r := w.run(append([]string{"catalogue", "--json"}, verb...)...).wants(0)
		if !json.Valid([]byte(r.out)) {
			t.Errorf("%v: not JSON:\n%s", verb, r.out)
		}
	}
}

// TestCatalogueWithErrors: every mistake of a folder is said at once, each with its
// place, and nothing is measured.
func TestCatalogueWithErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, dir := range []string{"needs", "targets"} {
		names, err := fs.Glob(catalogue.FS, dir+"/*.yaml")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(catalogue.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Replace(string(data), "role: gate", "role: gait", 1)
			text = strings.Replace(text, "priority: essential", "priority: essential\n    colour: blue", 1)
			w.write("cat/"+name, text)
		}
	}
	r := w.run("catalogue", "check", "--catalogue", "DIR/cat").wants(2, "needs/object-storage.yaml:", `unknown field "colour"`, "gait")
	r.matches(`targets/[a-z-]+\.yaml:\d+:\d+: `)
	w.run("evaluate", "--catalogue", "DIR/cat", "--out", "DIR/run", "DIR/offer.yaml").wants(2, `unknown field "colour"`)
	w.run("catalogue", "check", "--catalogue", "DIR/nowhere").wants(2)
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("--help").wants(0, "Measure cloud offers", "evaluate", "sweep")
	w.run("--help", "--lang=fr").wants(0, "Mesurer des offres cloud")
	w.run("--version").wants(0, "test")
	w.run("evaluate").wants(2, "command line")
	w.run("evaluate", "--nope", "x").wants(2, "command line", "--nope")
	w.run("evaluate", "--class", "enormous", "x.yaml").wants(2, "light or heavy")
	w.run("evaluate", "--parallel", "0", "x.yaml").wants(2, "1 to 64")
	w.run("evaluate", "DIR/absent.yaml").wants(2, "absent.yaml")
	w.run("report", "DIR/absent").wants(2, "not a run folder")
	w.run("sweep", "DIR/absent").wants(2, "not a run folder")
	w.run("compare", "DIR/absent").wants(2, "not a run folder")
	w.run("--lang", "de", "catalogue", "list").wants(2, "fr ou en")
	w.run("frobnicate").wants(2)
}
