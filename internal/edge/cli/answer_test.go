package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe/probetest"
)

// dispute is a sealed run in which a check failed, and its people.
type dispute struct {
	*people
	cloud          *probetest.Cloud
	offer          string
	bundle, failed string
	passed         string
}

func newDispute(t *testing.T) *dispute {
	t.Helper()
	d := &dispute{people: newPeople(t), cloud: probetest.Start(t)}
	d.cloud.Plant(t, "brume", []string{"s3.range-ignored"}, nil)
	d.offer = filepath.Join(d.cloud.Dir, "brume.yaml")
	d.run("evaluate", "--only", "s3/range/*", "--out", "DIR/run", d.offer).wants(3)
	bundles, _ := filepath.Glob(filepath.Join(d.dir, "run", "*"+evidence.Ext))
	if len(bundles) != 1 {
		t.Fatalf("bundles: %v", bundles)
	}
	d.bundle = bundles[0]
	record, err := evidence.Read(os.DirFS(filepath.Join(d.dir, "run")))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range record.Results {
		switch r.State {
		case measure.Fail:
			d.failed = r.Check
		case measure.Pass:
			d.passed = r.Check
		}
	}
	if d.failed == "" || d.passed == "" {
		t.Fatal("nothing failed, or nothing passed: the test proves nothing")
	}
	return d
}

func (d *dispute) answer(out string, more ...string) ran {
	return d.bob.run(append([]string{"answer", d.bundle, "--offer", "brume", "--check", d.failed, "--out", "DIR/" + out}, more...)...)
}

func (d *dispute) except(out string, more ...string) ran {
	return d.alice.run(append([]string{"exception", "new", "--offer", "brume", "--scope", "s3/range/*", "--scope", "s3-objects", "--owner", "Direction", "--reason", "Being mended.",
		"--expires", "2999-01-01", "--out", "DIR/" + out}, more...)...)
}

// verdicts are what a report decides, without what people say beside.
func verdicts(t *testing.T, out string) string {
	t.Helper()
	var r struct{ Cards, Ranking, Results json.RawMessage }
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	return string(r.Cards) + string(r.Ranking) + string(r.Results)
}

// TestAnswer: answers and exceptions are shown beside what they speak of, and no
// verdict, score or result moves.
func TestAnswer(t *testing.T) {
	t.Parallel()
	d := newDispute(t)
	before := verdicts(t, d.run("report", "--json", "DIR/run").wants(0).out)
	d.answer("contest.json", "--contest", "The range was served by a cache.").wants(0, "Bob Durand", "contests the result of "+d.failed)
	d.answer("accept.json", "--accept").wants(0, "accepts")
	d.run("verify", "DIR/contest.json").wants(0, "served by a cache", "about the bundle")
	newWorld(t).run("verify", filepath.Join(d.dir, "contest.json")).wants(1, "whom you don't trust")

	d.except("x.json").wants(0, "aloi exception approve")
	with := []string{"report", "DIR/run", "--with", "DIR/contest.json", "--with", "DIR/x.json"}
	d.run(with...).wants(0, "contests the result of "+d.failed, "awaiting a second signature", "Neither an answer nor an exception")
	d.run("verify", "DIR/x.json").wants(1, "awaiting a second signature")
	for _, who := range []*world{d.alice, d.mallory} {
		who.run("exception", "approve", "DIR/x.json").wants(2, "Alice Martin has signed already")
	}
	d.bob.run("exception", "approve", "DIR/x.json").wants(0, "exception until 2999-01-01, does not count as passed")
	d.run(with...).wants(0, "exception until 2999-01-01, does not count as passed", "signed by Alice Martin, Bob Durand")
	d.run("verify", "DIR/x.json").wants(0, "never counts as passed")
	d.run("exception", "list", "DIR/x.json").wants(0, "brume", "s3/range/*, s3-objects", "in force")
	d.run("exception", "list", "DIR/x.json", "--on", "3000-01-01").wants(0, "expired")
	d.run("exception", "list", "DIR/x.json", "--on", "2020-01-01", "--json").wants(0, `"state": "early"`)
	newWorld(t).run("exception", "list", filepath.Join(d.dir, "x.json")).wants(0, "untrusted signer")

	after := d.run(append(with, "--json")...).wants(0, `"kind": "contest"`, `"state": "approved"`)
	if verdicts(t, after.out) != before {
		t.Error("an answer or an exception moved a verdict")
	}
	page := read(t, filepath.Join(d.dir, "run", withFolder, "report.en.html"))
	if !strings.Contains(page, "does not count as passed") || strings.Contains(read(t, filepath.Join(d.dir, "run", "report.en.html")), "does not count as passed") {
		t.Error("the exception isn't where it should be")
	}
	d.run("report", d.bundle, "--with", "DIR/contest.json").wants(0, "contests") // the bundle by itself
}

func TestAnswer_Refuses(t *testing.T) {
	t.Parallel()
	d := newDispute(t)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"nothing":       {nil, "exactly one of the three"},
		"two":           {[]string{"--accept", "--rerun"}, "exactly one of the three"},
		"two reasons":   {[]string{"--contest", "a", "--reason", "b"}, "drop --reason"},
		"other offer":   {[]string{"--accept", "--offer", "brumes"}, `did you mean "brume"`},
		"other check":   {[]string{"--accept", "--check", "s3/range/none"}, "is not in this run"},
		"passed":        {[]string{"--accept", "--check", d.passed}, "nothing to answer"},
		"not a bundle":  {[]string{"--accept", "--key", "nobody"}, "no key"},
		"invisible":     {[]string{"--contest", "a\x07b"}, "invisible characters"},
		"blank contest": {[]string{"--contest", " "}, "without a reason"},
	} {
		t.Run(name, func(t *testing.T) {
			w := *d.bob
			w.t = t
			w.run(append([]string{"answer", d.bundle, "--offer", "brume", "--check", d.failed, "--out", "DIR/refused.json"}, c.args...)...).wants(2, c.says)
			if _, err := os.Stat(filepath.Join(d.dir, "refused.json")); err == nil {
				t.Error("a file was written")
			}
		})
	}
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"scope":   {[]string{"--scope", "s3/rang/*"}, "covers neither a target nor a check"},
		"owner":   {[]string{"--owner", ""}, "--owner is missing"},
		"reason":  {[]string{"--reason", ""}, "--reason is missing"},
		"expires": {[]string{"--expires", "2020-01-01"}, "has passed"},
		"date":    {[]string{"--expires", "soon"}, "is not a date"},
		"twice":   {[]string{"--scope", "s3-objects"}, "the same twice"},
		"bundle":  {[]string{"--bundle", d.offer}, "brume.yaml"},
	} {
		t.Run("exception "+name, func(t *testing.T) {
			w := *d
			w.people = &people{world: d.world, alice: &world{}}
			*w.alice = *d.alice
			w.alice.t = t
			w.except("refused.json", c.args...).wants(2, c.says)
		})
	}
	d.answer("a.json", "--accept").wants(0)
	d.except("x.json", "--bundle", d.bundle).wants(0)
	d.run("evaluate", "--only", "s3/range/*", "--out", "DIR/other", d.offer).wants(3)
	for _, file := range []string{"a.json", "x.json"} {
		d.run("report", "DIR/other", "--with", "DIR/"+file).wants(2, file, "another bundle")
		d.run("report", "DIR/run", "--with", "DIR/"+file).wants(0)
	}
	d.run("report", "DIR/run", "--with", "DIR/a.json", "--with", d.write("copy.json", read(t, filepath.Join(d.dir, "a.json")))).wants(2, "the same file")
	d.run("report", "DIR/run", "--with", d.write("bad.json", tampered(t, read(t, filepath.Join(d.dir, "a.json")), `"kind":"accept"`, `"kind":"rerun"`))).wants(2, "bad.json: a signature is wrong")
	d.observe("1 %").wants(0)
	d.run("report", "DIR/run", "--with", "DIR/exit.finding.json").wants(2, "neither an answer nor an exception")
	stranger := newWorld(t)
	stranger.run("report", d.bundle, "--with", filepath.Join(d.dir, "a.json")).wants(2, "whom you don't trust")
}

// TestRerun: only what was asked for runs again, with the seed of the first run,
// and the plan says so.
func TestRerun(t *testing.T) {
	t.Parallel()
	d := newDispute(t)
	d.answer("again.json", "--rerun", "--reason", "The cache is emptied.").wants(0, "asks for a re-run")
	d.answer("accept.json", "--accept").wants(0)
	first, err := evidence.Read(os.DirFS(filepath.Join(d.dir, "run")))
	if err != nil {
		t.Fatal(err)
	}
	rerun := func(out string, more ...string) ran {
		return d.run(append([]string{"evaluate", d.offer, "--rerun", d.bundle, "--out", "DIR/" + out}, more...)...)
	}
	d.run("evaluate", d.offer, "--answer", "DIR/again.json").wants(2, "goes with --rerun")
	rerun("no").wants(2, "--answer is missing")
	rerun("no", "--answer", "DIR/again.json", "--seed", "9").wants(2, "drop --seed")
	rerun("no", "--answer", "DIR/again.json", "--only", "s3/*").wants(2, "drop --only")
	rerun("no", "--answer", "DIR/accept.json").wants(2, "asks for no re-run")
	rerun("no", "--answer", "DIR/again.json", "--answer", "DIR/again.json").wants(2, "asked for twice")
	rerun("no", "--answer", "DIR/again.json", filepath.Join(d.cloud.Dir, "alize.yaml")).wants(2, "one offer")
	changed := d.write("brume.yaml", strings.Replace(strings.ReplaceAll(read(t, d.offer), "file:", "file:"+d.cloud.Dir+"/"), "name: ", "name: New ", 1))
	d.run("evaluate", changed, "--rerun", d.bundle, "--answer", "DIR/again.json", "--out", "DIR/no").wants(2, "has changed since the run")
	d.run("evaluate", "--only", "s3/range/*", "--out", "DIR/other", d.offer).wants(3)
	others, _ := filepath.Glob(filepath.Join(d.dir, "other", "*"+evidence.Ext))
	d.run("evaluate", d.offer, "--rerun", others[0], "--answer", "DIR/again.json", "--out", "DIR/no").wants(2, "another bundle")
	if _, err := os.Stat(filepath.Join(d.dir, "no")); err == nil {
		t.Fatal("a refusal made a run")
	}

	d.cloud.Plant(t, "brume", nil, nil) // the offer behaves this time
	rerun("again", "--answer", "DIR/again.json").wants(3, "measured again with the same seed", first.Plan.Run)
	second, err := evidence.Read(os.DirFS(filepath.Join(d.dir, "again")))
	if err != nil {
		t.Fatal(err)
	}
	p := second.Plan
	if p.Seed != first.Plan.Seed || p.Run == first.Plan.Run || p.Rerun == nil || p.Rerun.Run != first.Plan.Run || len(p.Rerun.Answers) != 1 || p.Catalogue != first.Plan.Catalogue {
		t.Errorf("the plan says %+v %+v", p, p.Rerun)
	}
	for _, r := range second.Results {
		ran := r.State != measure.NotRun
		if ran != (r.Check == d.failed) || ran && r.State != measure.Pass {
			t.Errorf("%s: %s", r.Check, r.State)
		}
	}
	bundles, _ := filepath.Glob(filepath.Join(d.dir, "again", "*"+evidence.Ext))
	d.run("verify", bundles[0]).wants(0)
	d.bob.run("answer", bundles[0], "--offer", "brume", "--check", d.passed, "--rerun", "--out", "DIR/more.json").wants(2, "there is only one")
	d.run("evaluate", d.offer, "--rerun", bundles[0], "--answer", "DIR/again.json", "--out", "DIR/no").wants(2, "there is only one")
}
