package catalogue_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/fault"
)

var words = catalogue.Vocabulary{{
	ID:       "s3",
	Checks:   []string{"s3/bucket/create", "s3/object/put-get"},
	Loads:    []catalogue.LoadWords{{Operation: "put-4k", Metrics: []string{"latency"}, OpBytes: 16384}},
	Features: []string{"versioning", "object-lock"},
	Settings: []string{"region", "addressing"},
	Credentials: map[string][]string{
		"main":  {"access-key", "secret-key"},
		"other": {"access-key", "secret-key"},
	},
	Required: []string{"main"},
}}

// good returns the files of testdata/good, in memory, with others added.
func good(t testing.TB, added map[string]string) fstest.MapFS {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, name := range []string{"needs/base.yaml", "targets/base.yaml", "offer.yaml"} {
		data, err := os.ReadFile("testdata/good/" + name)
		if err != nil {
			t.Fatal(err)
		}
		fsys[name] = &fstest.MapFile{Data: data}
	}
	for name, data := range added {
		fsys[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return fsys
}

func loaded(t testing.TB, fsys fstest.MapFS) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.Load(fsys, words)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func offerOf(t testing.TB, data string) *catalogue.Offer {
	t.Helper()
	fsys := fstest.MapFS{"o.yaml": {Data: []byte(data)}}
	o, err := catalogue.LoadOffer(fsys, "o.yaml", words, []catalogue.NeedID{"storage", "archive"})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestLoadDir(t *testing.T) {
	t.Parallel()
	c := loaded(t, good(t, nil))
	if ids := c.NeedIDs(); len(ids) != 2 || ids[0] != "archive" || ids[1] != "storage" {
		t.Errorf("needs %v", ids)
	}
	latency := c.Target("latency")
	if latency == nil || c.Target("none") != nil || c.Need("archive") == nil || c.Need("none") != nil {
		t.Fatal("look-up by id")
	}
	if n := latency.Quantitative.FloorBlocks(); n != 59 {
		t.Errorf("%d blocks", n)
	}
	if got := c.Need("storage").Date; got != "2024-03-22" {
		t.Errorf("date %s", got)
	}
	if ts := c.TargetsOf("archive"); len(ts) != 2 || ts[0].ID != "latency" {
		t.Errorf("targets of archive: %v", ts)
	}
	for on, want := range map[catalogue.Date]int{"2025-12-31": 0, "2026-01-01": 1, "2026-02-01": 2, "2026-12-31": 2, "2027-01-01": 1} {
		if got := c.Active(on); len(got) != want {
			t.Errorf("on %s, %d effective targets", on, len(got))
		}
	}
}

func TestTarget_StateAt(t *testing.T) {
	t.Parallel()
	target := loaded(t, good(t, nil)).Target("buckets")
	for on, want := range map[catalogue.Date]catalogue.TargetState{
		"2020-01-01": catalogue.Draft, "2026-01-01": catalogue.Draft, "2026-02-01": catalogue.Effective,
		"2026-12-31": catalogue.Effective, "2027-01-01": catalogue.Deprecated,
	} {
		if got := target.StateAt(on); got != want {
			t.Errorf("on %s: %s, want %s", on, got, want)
		}
	}
}

func TestQuantitative_FloorBlocks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		quantile   string
		confidence string
		want       int
	}{
		{"p95", "95 %", 59}, {"p99", "95 %", 299}, {"p99.9", "95 %", 2995}, {"p50", "75 %", 2}, {"p50", "50 %", 1},
		{"p90", "99 %", 44}, {"p1", "95 %", 1}, {"p99.99", "99.99 %", 92099},
	} {
		var q catalogue.Quantitative
		if err := q.Quantile.UnmarshalText([]byte(c.quantile)); err != nil {
			t.Fatal(err)
		}
		if err := q.Confidence.UnmarshalText([]byte(c.confidence)); err != nil {
			t.Fatal(err)
		}
		if got := q.FloorBlocks(); got != c.want {
			t.Errorf("%s at %s: %d blocks, want %d", c.quantile, c.confidence, got, c.want)
		}
	}
}

func TestLoadDir_Folders(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(fstest.MapFS){
		"no needs":   func(f fstest.MapFS) { delete(f, "needs/base.yaml") },
		"no targets": func(f fstest.MapFS) { delete(f, "targets/base.yaml") },
	} {
		fsys := good(t, nil)
		change(fsys)
		if _, err := catalogue.Load(fsys, words); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	stray := good(t, map[string]string{"targets/more.yml": "targets: []", "needs/.draft.yaml": "?"})
	_, err := catalogue.Load(stray, words)
	if want := "targets/more.yml:1:1: this folder holds .yaml files only (rename it or move it)"; err == nil || err.Error() != want {
		t.Errorf("stray file: %v", err)
	}
	_, err = catalogue.LoadOffer(stray, "none.yaml", words, nil)
	if fault.KindOf(err) != fault.NotFound {
		t.Errorf("missing offer: %v", err)
	}
}

func TestLoadDir_UnusedChecks(t *testing.T) {
	t.Parallel()
	more := catalogue.Vocabulary{words[0], {ID: "tls", Checks: []string{"tls/name/match", "tls/chain/whole"}}}
	_, err := catalogue.Load(good(t, nil), more)
	refused(t, err, `targets/base.yaml:1:1: checks that no target uses: tls/chain/whole, tls/name/match (add them to the checks of a target)`)
}

// TestLoadDir_Draft takes what no suite measures yet in a draft, until it is to be
// in force.
func TestLoadDir_Draft(t *testing.T) {
	t.Parallel()
	const effective = "{from: 2026-01-01, state: effective}"
	draft := strings.NewReplacer(effective, "{from: 2026-01-01, state: draft}", "metric: latency", "metric: time-to-first-token").Replace(bad(t, "target-service"))
	if c := loaded(t, good(t, map[string]string{"targets/bad.yaml": draft})); c.Target("bad").Quantitative.Service != "s4" {
		t.Error("another service")
	}
	const later = "state: draft}\n      - {from: 2027-01-01, state: effective}"
	for text, want := range map[string]string{
		strings.Replace(draft, "state: draft}", later, 1):                                          `targets/bad.yaml:13:16: unknown service "s4" (did you mean "s3"?)`,
		strings.NewReplacer("state: draft}", later, "s4", "s3").Replace(draft):                     `targets/bad.yaml:15:15: unknown metric "time-to-first-token" (one of: latency)`,
		strings.NewReplacer("state: draft}", later, "s4", "s3", "put-4k", "put-5k").Replace(draft): `targets/bad.yaml:14:18: unknown operation to put under load "put-5k" (did you mean "put-4k"?)`,
	} {
		_, err := catalogue.Load(good(t, map[string]string{"targets/bad.yaml": text}), words)
		refused(t, err, want)
	}
}

// TestLoadDir_Bytes: a budget of bytes that decides nothing says what it takes.
func TestLoadDir_Bytes(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("service: s4", "service: s3", "bytes: 1 GiB", "bytes: 1 MiB").Replace(bad(t, "target-service"))
	if !strings.Contains(text, "1 MiB") {
		t.Fatal("no budget to change")
	}
	_, err := catalogue.Load(good(t, map[string]string{"targets/bad.yaml": text}), words)
	if err == nil || !strings.Contains(err.Error(), "a budget of 1 MiB can decide nothing") {
		t.Errorf("%v", err)
	}
}

func TestLoadDir_AllFiles(t *testing.T) {
	t.Parallel()
	_, err := catalogue.Load(good(t, map[string]string{
		"needs/z.yaml":   "needs:\n  - id: z\n    priority: high\n",
		"targets/a.yaml": "targets: {}\n",
		"targets/b.yaml": bad(t, "target-approvers") + "    weigth: 2\n",
	}), words)
	var lines []string
	for _, line := range strings.Split(fault.Say(err, "en"), "\n") {
		place, _, _ := strings.Cut(line, ": ")
		lines = append(lines, place)
	}
	want := "needs/z.yaml:2:5 needs/z.yaml:2:5 needs/z.yaml:2:5 needs/z.yaml:2:5 needs/z.yaml:2:5 needs/z.yaml:3:15 targets/a.yaml:1:10 targets/b.yaml:14:18 targets/b.yaml:15:5"
	if got := strings.Join(lines, " "); got != want {
		t.Errorf("%s\n%v", got, err)
	}
}
