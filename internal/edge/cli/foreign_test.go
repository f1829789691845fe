package cli

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"aloi.dev/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe/foreign"
)

// demoSuite has a check of several tests and a namespace.
const demoSuite = `suite: demo
title: {fr: Suite de démonstration, en: Demonstration suite}
version: "1"
rule: A standard
source: {kind: public, title: {fr: Quelqu'un, en: Somebody}, url: "https://example.org/suite"}
service: registry
format: junit
checks:
  - {match: "demo/core/*", id: core/all, title: {fr: Le cœur, en: The core}}
  - {match: "demo/*", namespace: more}
`

// demoRun says how it is run.
const demoRun = `command: [sh, -c, "cat > out.xml <<EOF\n<testsuite name='demo'><testcase name='core/a'/><testcase name='core/b'>$BODY</testcase><testcase name='x'><system-out>$PASSWORD $USERNAME</system-out></testcase></testsuite>\nEOF\necho $PASSWORD; exit $CODE"]
output: out.xml
environment: [PATH, BODY, CODE]
set: {PASSWORD: "{credential main password}", USERNAME: "{credential main username}"}
`

const demoTarget = `targets:
  - id: registry-core
    need: object-storage
    role: gate
    title: {fr: Le cœur du registre, en: The core of the registry}
    why: {fr: Sans lui rien ne va., en: Nothing goes without it.}
    source: {kind: proposal, title: {fr: Ce test, en: This test}}
    states: [{from: "2026-01-01", state: effective}]
    functional: {min-coverage: 95 %, checks: [demo/core/all, demo/run/whole]}
`

// foreignWorld is a world with a catalogue whose targets use a foreign suite, and an
// offer that only has the service which that suite measures.
func foreignWorld(t *testing.T, mapping string) (w *world, offer string) {
	t.Helper()
	w = newWorld(t)
	w.env["PATH"], w.env["U"], w.env["P"], w.env["CODE"] = os.Getenv("PATH"), "canary-user-1b", `canary"<pass>&2c`, "0"
	if err := os.CopyFS(filepath.Join(w.dir, "cat"), catalogue.FS); err != nil {
		t.Fatal(err)
	}
	w.write("cat/targets/registry.yaml", demoTarget)
	w.write("cat/suites/demo.yaml", mapping)
	accounts := ""
	if strings.Contains(mapping, "credential") {
		accounts = "\n    credentials: {main: {username: \"env:U\", password: \"env:P\"}}"
	}
	return w, w.write("offer.yaml", fmt.Sprintf(`id: reg
name: Registre
provider: {name: Nobody}
region: nowhere
positions: [object-storage]
services:
  registry:
    endpoint: https://127.0.0.1:1%s
caps: {rate: 10/s, bytes: 1 MB, connections: 2, duration: 1 min}
`, accounts))
}

// keygen is a result like one that was once published as a certificate: 80 tests, 65
// of them disabled, no failure.
func keygen(listed bool) string {
	var b strings.Builder
	b.WriteString(`<testsuites tests="80" disabled="65" errors="0" failures="0"><testsuite name="demo" tests="80" disabled="65" failures="0">`)
	for i := range 80 {
		switch {
		case i < 15:
			fmt.Fprintf(&b, `<testcase name="core/%d" status="passed"/>`, i)
		case listed:
			fmt.Fprintf(&b, `<testcase name="core/%d" status="disabled"><skipped message="disabled by configuration"/></testcase>`, i)
		}
	}
	return b.String() + "</testsuite></testsuites>"
}

// TestForeign_Certificate: disabled tests never make a gate green, listed or not.
func TestForeign_Certificate(t *testing.T) {
	t.Parallel()
	for _, listed := range []bool{true, false} {
		w, offer := foreignWorld(t, demoSuite)
		w.write("keygen.xml", keygen(listed))
		r := w.run("evaluate", "--catalogue", "DIR/cat", "--import", "demo=DIR/keygen.xml", "--only", "demo/*", "--out", "DIR/run", offer)
		r.wants(3, "The core of the registry", "Not established", "Foreign suite: Demonstration suite, 1", "imported, made elsewhere")
		record, err := evidence.Read(os.DirFS(filepath.Join(w.dir, "run")))
		if err != nil {
			t.Fatal(err)
		}
		for _, result := range record.Results {
			if result.State == measure.Pass {
				t.Errorf("listed %v: %s passed", listed, result.Check)
			}
		}
		card := evaluated(t, w, "run")
		if v := card["registry-core"]; v != "not-established" {
			t.Errorf("listed %v: the gate is %s", listed, v)
		}
	}
}

// evaluated gives the verdict of each target of a run with one offer.
func evaluated(t *testing.T, w *world, run string) map[string]string {
	t.Helper()
	var report struct {
		Cards []struct {
			Targets []struct{ Target, Verdict string }
		}
	}
	if err := json.Unmarshal([]byte(w.run("report", "--json", "DIR/"+run).wants(0).out), &report); err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]string{}
	for _, target := range report.Cards[0].Targets {
		verdicts[target.Target] = target.Verdict
	}
	return verdicts
}

// TestForeign_Run: a suite is run, decides a gate, leaves no secret, and its results
// can be had again from what was kept.
func TestForeign_Run(t *testing.T) {
	t.Parallel()
	w, offer := foreignWorld(t, demoSuite+demoRun)
	run := func(out string, code int, texts ...string) {
		t.Helper()
		w.run("evaluate", "--catalogue", "DIR/cat", "--foreign", "demo", "--only", "demo/*", "--out", "DIR/"+out, offer).wants(code, texts...)
	}
	run("good", 3, "3 / 3 / 3", "run here")
	if v := evaluated(t, w, "good")["registry-core"]; v != "met" {
		t.Errorf("the gate is %s", v)
	}
	w.env["BODY"], w.env["CODE"] = "<failure message='no'/>", "1"
	run("bad", 1, `The test "demo/core/b" did not pass; its suite says: no`)
	w.env["BODY"] = "<skipped message='not here'/>"
	run("unexplained", 3, "exit code 1")
	w.env["CODE"] = "0"
	run("skipped", 3, "1 skipped by the suite")
	for _, name := range []string{"good", "bad", "unexplained", "skipped"} {
		replayed(t, filepath.Join(w.dir, name))
		bundles, err := filepath.Glob(filepath.Join(w.dir, name, "*"+evidence.Ext))
		if err != nil || len(bundles) != 1 {
			t.Fatalf("%v %v", bundles, err)
		}
		w.run("verify", bundles[0]).wants(0, "results of foreign suites, had again from their own bytes: identical", "decided again: identical")
		noCanary(t, filepath.Join(w.dir, name))
	}
	page, err := os.ReadFile(filepath.Join(w.dir, "good", "report.en.html"))
	if err != nil || !strings.Contains(string(page), "Foreign suite: Demonstration suite, 1") || !strings.Contains(string(page), "demo/more/x") {
		t.Errorf("the page doesn't show the suite (%v)", err)
	}
}

// TestForeign_Forged: a result of a foreign suite that its bytes don't give is found,
// even when the forger seals it.
func TestForeign_Forged(t *testing.T) {
	t.Parallel()
	w, offer := foreignWorld(t, demoSuite)
	w.write("bad.xml", `<testsuite name="demo"><testcase name="core/a"><failure/></testcase><testcase name="x"/></testsuite>`)
	w.run("evaluate", "--catalogue", "DIR/cat", "--import", "demo=DIR/bad.xml", "--only", "demo/*", "--out", "DIR/run", offer).wants(1)
	lines := filepath.Join(w.dir, "run", "results.jsonl")
	honest, err := os.ReadFile(lines)
	if err != nil {
		t.Fatal(err)
	}
	reason := regexp.MustCompile(`"reason":\{[^}]*\},`)
	for name, forged := range map[string]string{
		"a failure made a pass": strings.Replace(reason.ReplaceAllString(string(honest), ""), `"state":"fail"`, `"state":"pass"`, 1),
		"a check more":          string(honest) + strings.Replace(strings.Split(string(honest), "\n")[2], "demo/more/x", "demo/more/y", 1) + "\n",
		"a check less":          strings.Join(strings.Split(string(honest), "\n")[1:], "\n"),
	} {
		if forged == string(honest) {
			t.Fatalf("%s: nothing is forged in\n%s", name, honest)
		}
		if err := os.WriteFile(lines, []byte(forged), 0o600); err != nil {
			t.Fatal(err)
		}
		bundles, err := filepath.Glob(filepath.Join(w.dir, "run", "*"+evidence.Ext))
		if err != nil || len(bundles) != 1 || os.Remove(bundles[0]) != nil {
			t.Fatalf("%v %v", bundles, err)
		}
		w.run("seal", "DIR/run").wants(0)
		w.run("verify", bundles[0]).wants(1, "foreign suite")
	}
}

// replayed gets the results of foreign suites again from what a run kept.
func replayed(t *testing.T, dir string) {
	t.Helper()
	folder := os.DirFS(dir)
	record, err := evidence.Read(folder)
	if err != nil || len(record.Foreign) != 1 {
		t.Fatalf("%d foreign runs (%v)", len(record.Foreign), err)
	}
	mapping, output, err := record.ForeignBytes(folder, record.Foreign[0])
	if err != nil {
		t.Fatal(err)
	}
	m, err := foreign.FromJSON(mapping)
	if err != nil {
		t.Fatal(err)
	}
	var kept []measure.Result
	for _, r := range record.Results {
		if strings.HasPrefix(r.Check, "demo/") {
			kept = append(kept, r)
		}
	}
	a, _ := json.Marshal(kept)
	if b, _ := json.Marshal(foreign.Replay(m, output, record.Foreign[0])); string(a) != string(b) {
		t.Errorf("%s: kept\n%s\nreplayed\n%s", dir, a, b)
	}
}

func noCanary(t *testing.T, dir string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		if text := string(data); strings.Contains(text, "canary-user") || strings.Contains(text, `canary`) {
			t.Errorf("%s holds a secret", path)
		}
		return err
	})
	if err != nil || files < 10 {
		t.Errorf("%d files looked at: %v", files, err)
	}
}

// TestForeign_Usage: what a person gets wrong.
func TestForeign_Usage(t *testing.T) {
	t.Parallel()
	w, offer := foreignWorld(t, demoSuite)
	w.write("good.xml", `<testsuite name="demo"><testcase name="core/a"/></testsuite>`)
	w.write("stray.xml", "<testsuite name=\"other\">\n<testcase name=\"a\"/></testsuite>")
	w.write("cut.xml", "<testsuite>\n<testcase")
	w.write("other.yaml", strings.Replace(demoSuite, `version: "1"`, `version: "2"`, 1))
	w.write("wrong.yaml", strings.Replace(demoSuite, "format: junit", "format: subunit", 1))
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--foreign", "demo"}, "doesn't say how the suite is run"},
		{[]string{"--foreign", "DIR/none.yaml"}, "none.yaml can't be opened"},
		{[]string{"--foreign", "DIR/wrong.yaml"}, `wrong.yaml:7:9: "subunit" is not a value of "format"`},
		{[]string{"--import", "DIR/other.yaml=DIR/good.xml"}, "isn't the mapping that the catalogue gives"},
		{[]string{"--import", "demo"}, "write MAPPING.yaml=RESULT[@OFFER]"},
		{[]string{"--import", "demo=DIR/none.xml"}, "none.xml can't be read"},
		{[]string{"--import", "demo=DIR/cut.xml"}, "cut.xml:2: XML refused"},
		{[]string{"--import", "demo=DIR/stray.xml"}, `stray.xml:2:1: no rule says what the test "other/a" is`},
		{[]string{"--import", "demo=DIR/good.xml", "--import", "demo=DIR/good.xml@reg"}, "has a result of this suite already"},
		{[]string{"--import", "demo=DIR/good.xml", "--only", "demmo/*"}, "selects no check"},
	} {
		w.run(append([]string{"evaluate", "--catalogue", "DIR/cat", "--out", "DIR/run", offer}, c.args...)...).wants(2, c.says)
	}
	if _, err := os.Stat(filepath.Join(w.dir, "run")); !os.IsNotExist(err) {
		t.Errorf("a run folder was made: %v", err)
	}
	w.run("foreign", "check", "DIR/cat/suites/demo.yaml").wants(0, "demo/core/all", "The core", "demo/more/…")
	w.run("foreign", "check", "DIR/cat/suites/demo.yaml", "DIR/good.xml").wants(0, "✓ demo/core/all", "passed   demo/core/a", "Nothing was measured")
	if r := w.run("foreign", "check", "--json", "DIR/cat/suites/demo.yaml", "DIR/good.xml").wants(0); !json.Valid([]byte(r.out)) {
		t.Error(r.out)
	}
	w.run("catalogue", "check", "--catalogue", "DIR/cat").wants(0, "Valid catalogue")
}

// TestForeign_Offers: the offers of one run, one with a result, one without the
// service; a suite that isn't selected isn't run.
func TestForeign_Offers(t *testing.T) {
	t.Parallel()
	w, offer := foreignWorld(t, demoSuite)
	bare := w.write("bare.yaml", "id: bare\nname: Bare\nprovider: {name: Nobody}\nregion: nowhere\npositions: [object-storage]\ncaps: {rate: 10/s, bytes: 1 MB, connections: 2, duration: 1 min}\n")
	w.write("good.xml", `<testsuite name="demo"><testcase name="core/a"/></testsuite>`)
	w.run("evaluate", "--catalogue", "DIR/cat", "--import", "demo=DIR/good.xml", "--only", "demo/*", "--out", "DIR/none", offer, bare).wants(2, "of which offer?")
	w.run("evaluate", "--catalogue", "DIR/cat", "--import", "demo=DIR/good.xml@reg", "--only", "demo/*", "--out", "DIR/two", offer, bare).wants(1, `The offer has no "registry" service.`)
	w.run("evaluate", "--catalogue", "DIR/cat", "--import", "demo=DIR/good.xml", "--only", "s3/*", "--out", "DIR/other", offer).wants(1)
	record, err := evidence.Read(os.DirFS(filepath.Join(w.dir, "other")))
	if err != nil || len(record.Foreign) != 0 {
		t.Fatalf("%d foreign runs (%v)", len(record.Foreign), err)
	}
	for _, r := range record.Results {
		if strings.HasPrefix(r.Check, "demo/") && (r.Reason == nil || r.Reason.Cause != measure.Filtered) {
			t.Errorf("%+v", r)
		}
	}
}

// TestForeign_Expires: an import without a date is too old for a target that has a
// validity.
func TestForeign_Expires(t *testing.T) {
	t.Parallel()
	w, offer := foreignWorld(t, demoSuite)
	w.write("cat/targets/registry.yaml", strings.Replace(demoTarget, "    functional:", "    validity: 30 d\n    functional:", 1))
	for stamp, want := range map[string]string{"": "not-established", time.Now().UTC().Format(time.RFC3339): "met", "2020-01-01T00:00:00Z": "not-established"} {
		run := "run-" + stamp
		w.write(run+".xml", `<testsuite name="demo" timestamp="`+stamp+`"><testcase name="core/a"/></testsuite>`)
		w.run("evaluate", "--catalogue", "DIR/cat", "--import", "demo=DIR/"+run+".xml", "--only", "demo/*", "--out", "DIR/"+run, offer).wants(3)
		if v := evaluated(t, w, run)["registry-core"]; v != want {
			t.Errorf("dated %q: %s, want %s", stamp, v, want)
		}
	}
}
