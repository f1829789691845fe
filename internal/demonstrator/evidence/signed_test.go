package evidence

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// signatory is somebody with a key.
type signatory struct {
	key *proof.Key
	id  proof.Identity
}

func newSignatory(t testing.TB, name, holder string, since time.Time, before *proof.Key) signatory {
	t.Helper()
	key, err := proof.NewKey(name, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id, err := proof.Identify(key, holder, "expert", since, before)
	if err != nil {
		t.Fatal(err)
	}
	return signatory{key, id}
}

func ringOf(t testing.TB, people ...signatory) *proof.Ring {
	t.Helper()
	ring := &proof.Ring{}
	for _, p := range people {
		if err := ring.Add(p.id); err != nil {
			t.Fatal(err)
		}
	}
	return ring
}

// cast are the people of these tests; twin is Alice with another key, and heir
// has the key that replaces Alice's before what she observes.
type cast struct{ alice, bob, carol, twin, heir signatory }

func newCast(t testing.TB) cast {
	t.Helper()
	alice := newSignatory(t, "alice", "Alizé Martin", at.AddDate(-1, 0, 0), nil)
	return cast{
		alice, newSignatory(t, "bob", "Bob Durand", at.AddDate(-1, 0, 0), nil), newSignatory(t, "carol", "Carol Petit", at.AddDate(-1, 0, 0), nil),
		newSignatory(t, "other", "ALIZE\u0301 martin", at.AddDate(-1, 0, 0), nil), newSignatory(t, "alice", "Alizé Martin", at.AddDate(0, 0, -30), alice.key),
	}
}

var contract = []byte("the contract")

func exitFinding() measure.Finding {
	return measure.Finding{
		Offer: "alize", Target: "exit", Question: lang.T("Comment partir ?", "How to leave?"), Expects: lang.T("Un contrat", "A contract"), Approvers: 2,
		Answer: measure.Whole, Note: "Lu sur place.\nDeux pages.", Observed: "2026-03-10", ValidUntil: "2027-03-10",
		Evidence: []measure.Exhibit{{Name: "contract.pdf", Digest: proof.Digest(contract)}},
	}
}

func found(t testing.TB, change func(*measure.Finding), people ...signatory) *SignedFinding {
	t.Helper()
	f := exitFinding()
	if change != nil {
		change(&f)
	}
	signed, err := NewFinding(f, proof.Digest(nil), people[0].key)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range people[1:] {
		if err := signed.Envelope.Sign(p.key); err != nil { // whatever Approve would say
			t.Fatal(err)
		}
	}
	return signed
}

func TestFinding_Signers(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	all := []signatory{c.alice, c.bob, c.carol, c.twin}
	holders := func(f *SignedFinding) (list []string) {
		for _, p := range f.By {
			list = append(list, p.Holder)
		}
		return list
	}
	for name, k := range map[string]struct {
		signed, trusted []signatory
		counts          []string
		says            string
	}{
		"alone":              {[]signatory{c.alice}, all, []string{"Alizé Martin"}, ""},
		"approved":           {[]signatory{c.alice, c.bob}, all, []string{"Alizé Martin", "Bob Durand"}, ""},
		"twice one person":   {[]signatory{c.alice, c.twin}, all, []string{"Alizé Martin"}, ""},
		"twin and another":   {[]signatory{c.alice, c.twin, c.bob}, all, []string{"Alizé Martin", "Bob Durand"}, ""},
		"stranger approves":  {[]signatory{c.alice, c.carol}, []signatory{c.alice, c.bob}, []string{"Alizé Martin"}, ""},
		"stranger observes":  {[]signatory{c.carol, c.bob}, []signatory{c.alice, c.bob}, nil, "signed by carol+"},
		"nobody known":       {[]signatory{c.alice}, nil, nil, "whom you don't trust"},
		"replaced long ago":  {[]signatory{c.alice, c.bob}, append([]signatory{c.heir}, all...), nil, "was replaced on 2026-02-12, before what it signs"},
		"approver came late": {[]signatory{c.heir, c.bob}, append([]signatory{c.heir}, all...), []string{"Alizé Martin", "Bob Durand"}, ""},
	} {
		f := found(t, nil, k.signed...)
		err := f.Check(ringOf(t, k.trusted...))
		if k.says == "" && (err != nil || !slices.Equal(holders(f), k.counts)) || k.says != "" && (err == nil || !strings.Contains(err.Error(), k.says) || fault.KindOf(err) != fault.Invalid) {
			t.Errorf("%s: %q, %v", name, holders(f), err)
		}
	}
	f := found(t, nil, c.alice)
	ring := ringOf(t, all...)
	if err := f.Check(ring); err != nil {
		t.Fatal(err)
	}
	for _, p := range []signatory{c.alice, c.twin} {
		if err := f.Approve(p.key, p.id); fault.KindOf(err) != fault.Conflict {
			t.Errorf("%s approves her own finding: %v", p.id.Key.ID(), err)
		}
	}
	if err := f.Approve(c.bob.key, c.bob.id); err != nil || f.Check(ring) != nil || len(f.By) != 2 {
		t.Errorf("%v, %d people", err, len(f.By))
	}
	if held, err := VerifyFinding(f.Envelope, ring, "2026-04-01"); err != nil || len(held) != 4 {
		t.Errorf("%q %v", held, err)
	}
	for on, says := range map[catalogue.Date]string{"2026-03-09": "observed on 2026-03-10, after", "2027-03-11": "expired"} {
		if _, err := VerifyFinding(f.Envelope, ring, on); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("on %s: %v", on, err)
		}
	}
}

// TestParseFinding: what no command of ours would have written is refused, though
// it be well signed.
func TestParseFinding(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	for name, k := range map[string]struct {
		change func(*measure.Finding)
		says   string
	}{
		"no evidence":   {func(f *measure.Finding) { f.Evidence = nil }, "no evidence"},
		"bad digest":    {func(f *measure.Finding) { f.Evidence[0].Digest = "sha256:00" }, "is not a digest"},
		"path":          {func(f *measure.Finding) { f.Evidence[0].Name = "../contract.pdf" }, "is a path"},
		"namesakes":     {func(f *measure.Finding) { f.Evidence = append(f.Evidence, f.Evidence[0]) }, "two subjects"},
		"one approver":  {func(f *measure.Finding) { f.Approvers = 1 }, "2 to 9 people"},
		"too good":      {func(f *measure.Finding) { f.Answer = 10001 }, ""},
		"no question":   {func(f *measure.Finding) { f.Question.EN = "" }, "the question"},
		"no date":       {func(f *measure.Finding) { f.Observed = "2026-02-30" }, "is not a date"},
		"ends before":   {func(f *measure.Finding) { f.ValidUntil = "2026-03-09" }, "ends before"},
		"bad offer":     {func(f *measure.Finding) { f.Offer = "../x" }, "is not an id"},
		"bad target":    {func(f *measure.Finding) { f.Target = "Exit" }, "is not an id"},
		"long note":     {func(f *measure.Finding) { f.Note = strings.Repeat("a", maxTextLength+1) }, "characters"},
		"hostile note":  {func(f *measure.Finding) { f.Note = "\x1b[2J" }, "invisible"},
		"hostile name":  {func(f *measure.Finding) { f.Evidence[0].Name = "a\u202eb" }, "invisible"},
		"name of lines": {func(f *measure.Finding) { f.Evidence[0].Name = "a\nb" }, "not one line"},
	} {
		f := exitFinding()
		k.change(&f)
		if _, err := NewFinding(f, proof.Digest(nil), c.alice.key); err == nil || !strings.Contains(err.Error(), k.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	e, err := newSigned(AnswerType, &answerPredicate{Run: "r", Offer: "o", Check: "c", Kind: Accept, On: "2026-01-01", By: c.alice.id.Key.ID()}, exitFinding().Evidence, c.alice.key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := e.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseFinding(text); err == nil || !strings.Contains(err.Error(), "this is an answer, not a finding") {
		t.Error(err)
	}
}

func TestAnswerAndException_Signers(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	ring := ringOf(t, c.alice, c.bob, c.twin)
	bundle := measure.Exhibit{Name: "run.aloi", Digest: proof.Digest(contract)}
	e, err := NewAnswer(Answer{Bundle: bundle, Run: "r", Offer: "alize", Check: "s3/a/b", Kind: Contest, Reason: "x", On: "2026-03-10"}, c.alice.key)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := ReadAnswer(e, ring); err != nil || a.By.Holder != "Alizé Martin" || a.Bundle != bundle {
		t.Errorf("%+v %v", a, err)
	}
	if _, err := VerifyAnswer(e, ring, "2026-03-09"); err == nil {
		t.Error("an answer that is yet to come")
	}
	if err := e.Sign(c.bob.key); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadAnswer(e, ring); err == nil || !strings.Contains(err.Error(), "not by alice+") {
		t.Errorf("two signatures: %v", err)
	}
	if _, err := NewAnswer(Answer{Bundle: bundle, Run: "r", Offer: "alize", Check: "c", Kind: "maybe", On: "2026-03-10"}, c.alice.key); err == nil {
		t.Error("an answer of an unknown kind")
	}

	x, err := NewException(Exception{Bundle: &bundle, Offer: "alize", Scope: []string{"s3/a/*", "exit"}, Owner: "DSI", Reason: "x", On: "2026-03-10", Expires: "2026-06-01"}, c.alice.key)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Envelope.Sign(c.twin.key); err != nil {
		t.Fatal(err)
	}
	if err := x.Check(ring); err != nil || x.StateOn("2026-04-01") != measure.Awaiting {
		t.Errorf("one person with two keys: %v, %s", err, x.StateOn("2026-04-01"))
	}
	if err := x.Approve(c.bob.key, c.bob.id); err != nil || x.Check(ring) != nil {
		t.Fatal(err)
	}
	for on, want := range map[catalogue.Date]measure.FindingState{"2026-03-09": measure.Early, "2026-06-01": measure.Approved, "2026-06-02": measure.Expired} {
		if got := x.StateOn(on); got != want {
			t.Errorf("on %s: %s, want %s", on, got, want)
		}
		if _, err := VerifyException(x.Envelope, ring, on); (err == nil) != (want == measure.Approved) {
			t.Errorf("on %s: %v", on, err)
		}
	}
	if !x.CoversCheck("s3/a/b") || x.CoversCheck("s3/ab/c") || x.CoversCheck("exit") || !x.CoversTarget("exit") || x.CoversTarget("exits") {
		t.Error("the scope covers what it shouldn't, or doesn't what it should")
	}
}

// foundRun is a finished run with an approved finding, sealed.
func foundRun(t *testing.T) (*world, cast, FindingFile) {
	t.Helper()
	c := newCast(t)
	f := found(t, nil, c.alice, c.bob)
	if err := f.Check(ringOf(t, c.alice, c.bob)); err != nil {
		t.Fatal(err)
	}
	file := FindingFile{Finding: f, Signers: []proof.Identity{c.alice.id, c.bob.id}, Exhibit: func(measure.Exhibit) ([]byte, error) { return contract, nil }}
	plan, cat, offers := sample(t)
	finding := exitFinding()
	cat.Targets = append(cat.Targets, catalogue.Target{
		ID: "exit", Need: "storage", Role: catalogue.Scored, Weight: 5, States: []catalogue.Phase{{From: "2026-01-01", State: catalogue.Effective}},
		Manual: &catalogue.Manual{Question: finding.Question, Evidence: finding.Expects, Approvers: 2},
	})
	p, err := file.Plan()
	if err != nil {
		t.Fatal(err)
	}
	plan.Findings = []FindingPlan{p}
	if plan.Catalogue, err = cat.Digest(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	folder, err := Create(OS, dir, plan, Environment{Version: "test"}, cat, offers, file)
	if err != nil {
		t.Fatal(err)
	}
	if err := folder.Finish(End{At: at.Add(time.Minute), Complete: true}); err != nil {
		t.Fatal(err)
	}
	w := &world{dir: dir, key: c.carol.key, id: c.carol.id, log: &logFiles{map[string][]byte{}}, ring: ringOf(t, c.carol)}
	w.sealed = w.seal(t, dir)
	return w, c, file
}

// TestVerify_Findings: a finding decides in the bundle as in the folder, and what
// was changed of it is refused.
func TestVerify_Findings(t *testing.T) {
	t.Parallel()
	w, c, file := foundRun(t)
	v, err := w.verify(w.sealed)
	if err != nil {
		t.Fatal(err)
	}
	if card := v.Outcome.Cards[0]; card.Targets[0].Verdict != score.Met || card.Targets[0].State != measure.Approved || card.Score.Weight != 5 {
		t.Errorf("decided %+v", card)
	}
	plan, err := file.Plan()
	if err != nil {
		t.Fatal(err)
	}
	exhibit, bobs := exhibitFile(file.Finding.Evidence[0]), signerFile(c.bob.id.Key.ID())
	lone, err := found(t, nil, c.alice).Envelope.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	drop := func(name string) func(map[string][]byte) { return func(f map[string][]byte) { delete(f, name) } }
	set := func(name string, data []byte) func(map[string][]byte) {
		return func(f map[string][]byte) { f[name] = data }
	}
	for name, k := range map[string]struct {
		change func(map[string][]byte)
		says   string
	}{
		"as it was":        {func(map[string][]byte) {}, ""},
		"evidence changed": {set(exhibit, []byte("another")), `the evidence "contract.pdf" was changed`},
		"evidence lost":    {drop(exhibit), exhibit},
		"key lost":         {drop(bobs), bobs},
		"key exchanged":    {set(bobs, []byte(c.carol.id.Text())), "it is the key carol+"},
		"one more file":    {set("findings/more.json", lone), "no finding of the plan refers to findings/more.json"},
		"approval removed": {set(plan.file(), lone), "its digest is"},
		"approval removed from plan": {func(f map[string][]byte) {
			f[plan.file()] = lone
			f[planFile] = bytes.Replace(f[planFile], []byte(plan.Digest), []byte(proof.Digest(lone)), 1)
			delete(f, bobs)
		}, "said met (1/1/1, 1), decided not-established (0/0/1)"},
		"finding removed": {func(f map[string][]byte) {
			text := string(f[planFile])
			from := strings.Index(text, `"findings":[`)
			to := strings.Index(text[from:], "],") + from + 2
			f[planFile] = []byte(text[:from] + text[to:])
		}, "no finding of the plan refers to"},
	} {
		wantRefusal(t, w, name, w.forge(t, w.sealed, k.change), k.says)
	}
	// a stray file in the folder is not sealed
	if err := os.WriteFile(filepath.Join(w.dir, "findings", ".DS_Store"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, w, "stray file", w.seal(t, w.dir), "")
}

// TestCreate_Exhibit: evidence that is not what was signed stops the run before it
// begins.
func TestCreate_Exhibit(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	plan, cat, offers := sample(t)
	file := FindingFile{Finding: found(t, nil, c.alice), Exhibit: func(measure.Exhibit) ([]byte, error) { return []byte("another"), nil }}
	if _, err := Create(OS, filepath.Join(t.TempDir(), "run"), plan, Environment{}, cat, offers, file); err == nil || !strings.Contains(err.Error(), "contract.pdf is not what was signed") {
		t.Error(err)
	}
}

// fuzzPredicate reads predicates of any content: what is taken is written back
// the same.
func fuzzPredicate(f *testing.F, kind string, seed *proof.Envelope, fresh func() predicate) {
	f.Add([]byte(seed.Statement.Predicate))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p := fresh()
		statement := seed.Statement
		statement.Predicate = text
		if readSigned(&proof.Envelope{Statement: statement}, kind, p) != nil {
			return
		}
		if again, err := proof.Canonical(p); err != nil || !bytes.Equal(again, text) {
			t.Errorf("read %q, would write %q (%v)", text, again, err)
		}
	})
}

func FuzzFinding(f *testing.F) {
	fuzzPredicate(f, FindingType, found(f, nil, newCast(f).alice).Envelope, func() predicate { return &findingPredicate{} })
}

func FuzzAnswer(f *testing.F) {
	e, err := NewAnswer(Answer{Bundle: exitFinding().Evidence[0], Run: "r", Offer: "alize", Check: "s3/a/b", Kind: Again, On: "2026-03-10"}, newCast(f).alice.key)
	if err != nil {
		f.Fatal(err)
	}
	fuzzPredicate(f, AnswerType, e, func() predicate { return &answerPredicate{} })
}

func FuzzException(f *testing.F) {
	x, err := NewException(Exception{Offer: "alize", Scope: []string{"s3/a/*"}, Owner: "DSI", Reason: "x", On: "2026-03-10", Expires: "2026-06-01"}, newCast(f).alice.key)
	if err != nil {
		f.Fatal(err)
	}
	fuzzPredicate(f, ExceptionType, x.Envelope, func() predicate { return &exceptionPredicate{} })
}
