package cli

import (
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"aloi.dev/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/probe/probetest"
)

const manualTargets = `targets:
  - id: exit-plan
    need: object-storage
    role: score
    weight: 5
    title: {fr: Plan de sortie, en: Exit plan}
    why: {fr: Pour repartir., en: To leave.}
    source: {kind: proposal, title: {fr: Proposition, en: Proposal}}
    states:
      - {from: 2020-01-01, state: effective}
    manual:
      question: {fr: Peut-on repartir avec ses données ?, en: Can one leave with one's data?}
      evidence: {fr: Un contrat, en: A contract}
      approvers: 2
`

// people are a world with the catalogue of the embedded one and a manual target,
// and three keys that trust each other.
type people struct {
	*world
	catalogue           string
	alice, bob, mallory *world
}

func newPeople(t *testing.T) *people {
	t.Helper()
	w := newWorld(t)
	err := fs.WalkDir(catalogue.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(catalogue.FS, name)
		w.write("cat/"+name, string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.write("cat/targets/manual.yaml", manualTargets)
	w.write("contract.pdf", "the contract")
	w.write("call.txt", "the call")
	p := &people{world: w, catalogue: filepath.Join(w.dir, "cat")}
	var pubs []string
	for i, who := range []struct{ name, holder string }{{"alice", "Alice Martin"}, {"bob", "Bob Durand"}, {"mallory", "  alice  MARTIN"}} {
		other := newWorld(t)
		other.dir = w.dir
		other.change = func(s *State) { s.Home = filepath.Join(w.dir, who.name) }
		key := other.newKey(who.name, "--holder", strings.Join(strings.Fields(who.holder), " "))
		pubs = append(pubs, key.public)
		*[]**world{&p.alice, &p.bob, &p.mallory}[i] = other
	}
	for _, other := range []*world{p.world, p.alice, p.bob, p.mallory} {
		other.run(append([]string{"key", "trust"}, pubs...)...).wants(0)
	}
	return p
}

// observe has Alice write a finding that is valid for a year.
func (p *people) observe(answer string, more ...string) ran {
	until := time.Now().AddDate(1, 0, 0).Format(time.DateOnly)
	return p.alice.run(append([]string{"finding", "new", "exit-plan", "--catalogue", p.catalogue, "--offer", "alize", "--answer", answer,
		"--valid-until", until, "--note", "Read on site.", "--evidence", "DIR/contract.pdf", "--evidence", "DIR/call.txt", "--out", "DIR/exit.finding.json"}, more...)...)
}

func (p *people) approve(who *world, more ...string) ran {
	return who.run(append([]string{"finding", "approve", "DIR/exit.finding.json", "--catalogue", p.catalogue}, more...)...)
}

func (p *people) list(more ...string) ran {
	return p.run(append([]string{"finding", "list", "DIR/exit.finding.json", "--catalogue", p.catalogue}, more...)...)
}

func TestFinding(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	p.observe("80 %").wants(0, "aloi finding approve")
	p.observe("80 %").wants(2, "exists already")
	p.list().wants(0, "exit-plan", "alize", "80 %", "awaiting approval (1 of 2)")
	p.run("verify", "DIR/exit.finding.json").wants(1, "awaiting approval: 1 of 2")
	p.approve(p.alice).wants(2, "Alice Martin has signed already")
	p.approve(p.mallory).wants(2, "Alice Martin has signed already", "another person") // another key, the same person
	p.approve(p.bob).wants(0, "Can one leave", "80 %", "contract.pdf (sha256:", "Alice Martin (alice+", "Bob Durand (bob+", "approved")
	p.approve(p.bob).wants(2, "has signed already")
	p.list().wants(0, "approved")
	p.list("--lang", "fr").wants(0, "approuvé")
	p.list("--on", "2020-01-01").wants(0, "observed after that date")
	p.list("--on", "2999-01-01").wants(0, "expired")
	p.list("--on", "soon").wants(2, "is not a date")
	p.run("verify", "DIR/exit.finding.json").wants(0, "holds", "answer 80 %", "signed by Alice Martin", "approved by Bob Durand")
	var lines []struct{ State string }
	if r := p.list("--json").wants(0); json.Unmarshal([]byte(r.out), &lines) != nil || lines[0].State != "approved" {
		t.Errorf("--json wrote\n%s", r.out)
	}
	stranger := newWorld(t)
	stranger.run("finding", "list", filepath.Join(p.dir, "exit.finding.json"), "--catalogue", p.catalogue).wants(0, "untrusted signer")
	stranger.run("verify", filepath.Join(p.dir, "exit.finding.json")).wants(1, "whom you don't trust")
	p.write("cat/targets/manual.yaml", strings.Replace(manualTargets, "en: Can one leave", "en: How does one leave", 1))
	p.list().wants(0, "void")
	p.write("cat/targets/manual.yaml", strings.Replace(manualTargets, "exit-plan", "exit-plans", 1))
	p.list().wants(0, "void")
}

func TestFindingNew_Refuses(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	p.write("elsewhere/contract.pdf", "another")
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"unknown target":   {[]string{"exit-plam"}, `did you mean "exit-plan"`},
		"automatic target": {[]string{"s3-objects"}, "measured automatically"},
		"no offer":         {[]string{"exit-plan"}, "--offer is missing"},
		"offer":            {[]string{"exit-plan", "--offer", "Alizé", "--answer", "1 %", "--valid-until", "2999-01-01", "--evidence", "DIR/contract.pdf"}, "the offer is not an id"},
		"no answer":        {[]string{"exit-plan", "--offer", "alize"}, "is not a share"},
		"answer":           {[]string{"exit-plan", "--offer", "alize", "--answer", "120 %"}, "between 0 % and 100 %"},
		"future":           {[]string{"exit-plan", "--offer", "alize", "--answer", "1 %", "--valid-until", "2999-12-31", "--observed-on", "2999-01-01"}, "yet to come"},
		"expired":          {[]string{"exit-plan", "--offer", "alize", "--answer", "1 %", "--valid-until", "2020-01-01", "--observed-on", "2019-01-01"}, "born expired"},
		"no end":           {[]string{"exit-plan", "--offer", "alize", "--answer", "1 %"}, "--valid-until is missing"},
		"calendar":         {[]string{"exit-plan", "--offer", "alize", "--answer", "1 %", "--valid-until", "2999-02-30"}, "is not a date"},
		"no evidence":      {[]string{"exit-plan", "--offer", "alize", "--answer", "1 %", "--valid-until", "2999-01-01"}, "--evidence is missing"},
		"lost evidence":    {[]string{"exit-plan", "--offer", "alize", "--answer", "1 %", "--valid-until", "2999-01-01", "--evidence", "DIR/gone.pdf"}, "doesn't exist"},
		"folder":           {[]string{"exit-plan", "--offer", "alize", "--answer", "1 %", "--valid-until", "2999-01-01", "--evidence", "DIR/cat"}, "is not a file"},
		"namesakes":        {[]string{"exit-plan", "--offer", "alize", "--answer", "1 %", "--valid-until", "2999-01-01", "--evidence", "DIR/contract.pdf", "--evidence", "DIR/elsewhere/contract.pdf"}, "rename one"},
		"note":             {[]string{"exit-plan", "--offer", "alize", "--answer", "1 %", "--valid-until", "2999-01-01", "--evidence", "DIR/contract.pdf", "--note", "a\u202eb"}, "invisible characters"},
		"no key":           {[]string{"exit-plan", "--offer", "alize", "--answer", "1 %", "--valid-until", "2999-01-01", "--evidence", "DIR/contract.pdf", "--key", "nobody"}, "no key"},
	} {
		t.Run(name, func(t *testing.T) {
			w := *p.alice
			w.t = t
			w.run(append([]string{"finding", "new", "--catalogue", p.catalogue, "--out", "DIR/x.json"}, c.args...)...).wants(2, c.says)
			if _, err := os.Stat(filepath.Join(p.dir, "x.json")); err == nil {
				t.Error("a file was written")
			}
		})
	}
}

func TestFindingApprove_Refuses(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	p.observe("100 %").wants(0)
	path := filepath.Join(p.dir, "exit.finding.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p.write("contract.pdf", "the contract, changed")
	p.approve(p.bob).wants(2, "contract.pdf is not what was signed")
	p.approve(p.bob, "--evidence-dir", "DIR/cat").wants(2, "is missing", "--evidence-dir")
	p.write("contract.pdf", "the contract")
	p.write("exit.finding.json", tampered(t, string(text), `"answer":"100 %"`, `"answer":"99 %"`))
	p.approve(p.bob).wants(2, "exit.finding.json: a signature is wrong")
	p.list().wants(2, "a signature is wrong")
	p.write("exit.finding.json", string(text)+"\n")
	p.approve(p.bob).wants(2, "not an intact signed statement")
	p.write("exit.finding.json", string(text))
	p.write("cat/targets/manual.yaml", strings.Replace(manualTargets, "approvers: 2", "approvers: 3", 1))
	p.approve(p.bob).wants(2, "asks another question")
	p.write("cat/targets/manual.yaml", manualTargets)
	stranger := newWorld(t)
	stranger.newKey("carol", "--holder", "Carol")
	stranger.run("finding", "approve", path, "--catalogue", p.catalogue).wants(2, "whom you don't trust")
	late := *p.bob
	late.change = func(s *State) {
		p.bob.change(s)
		s.Now = func() time.Time { return time.Now().AddDate(2, 0, 0) }
	}
	p.approve(&late).wants(2, "expired")
	if now, err := os.ReadFile(path); err != nil || string(now) != string(text) {
		t.Errorf("a refusal changed the file (%v)", err)
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestEvaluate_Finding: an approved finding decides its target, in the reports, in
// the bundle and in what is verified from it; nothing less does.
func TestEvaluate_Finding(t *testing.T) {
	t.Parallel()
	cloud := probetest.Start(t)
	p := newPeople(t)
	alize := filepath.Join(cloud.Dir, "alize.yaml")
	p.observe("100 %").wants(0)
	evaluate := func(out string, more ...string) ran {
		return p.run(append([]string{"evaluate", "--only", "s3/range/*", "--catalogue", p.catalogue, "--finding", "DIR/exit.finding.json", "--out", "DIR/" + out, alize}, more...)...)
	}
	evaluate("awaiting").wants(3, "Exit plan", "not established 0/1", "awaiting approval (1 of 2)")
	p.approve(p.bob).wants(0)
	r := evaluate("approved").wants(3, "Exit plan", "met 1/1", "by Alice Martin, approved by Bob Durand", "contract.pdf: sha256:")
	record, err := evidence.Read(os.DirFS(filepath.Join(p.dir, "approved")))
	if err != nil || len(record.Findings) != 1 || len(record.Findings[0].By) != 2 {
		t.Fatalf("read back %+v (%v)", record, err)
	}
	bundles, _ := filepath.Glob(filepath.Join(p.dir, "approved", "*"+evidence.Ext))
	if len(bundles) != 1 {
		t.Fatalf("no bundle after\n%s", r.out)
	}
	p.run("verify", bundles[0]).wants(0, "evidence files of the findings exact (1)", "decided again: identical", "those that the bundle's signer trusts")
	p.run("report", "--json", bundles[0]).wants(0, `"state": "approved"`, `"Bob Durand"`)

	stranger := newWorld(t)
	stranger.run("evaluate", "--only", "s3/range/*", "--catalogue", p.catalogue, "--finding", filepath.Join(p.dir, "exit.finding.json"), alize).wants(2, "whom you don't trust")
	evaluate("twice", "--finding", p.write("copy.json", read(t, filepath.Join(p.dir, "exit.finding.json")))).wants(2, "answer the same question")
	evaluate("moved", "--evidence-dir", p.catalogue).wants(2, "--evidence-dir")
	evaluate("other", "--finding", p.write("bad.json", "{}")).wants(2, "not an intact signed statement")
	p.write("call.txt", "another call")
	evaluate("changed").wants(2, "call.txt is not what was signed")
	if made, _ := filepath.Glob(filepath.Join(p.dir, "*", "plan.json")); len(made) != 2 {
		t.Errorf("runs were made: %v", made)
	}
}

// tampered is an envelope whose statement says something else than was signed.
func tampered(t *testing.T, envelope, from, to string) string {
	t.Helper()
	payload := regexp.MustCompile(`"payload":"([^"]*)"`).FindStringSubmatch(envelope)[1]
	text, err := base64.StdEncoding.DecodeString(payload)
	if err != nil || !strings.Contains(string(text), from) {
		t.Fatalf("%v: no %s in\n%s", err, from, text)
	}
	changed := base64.StdEncoding.EncodeToString([]byte(strings.Replace(string(text), from, to, 1)))
	return strings.Replace(envelope, payload, changed, 1)
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
