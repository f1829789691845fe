package evidence

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"

	"aloi.dev/internal/fault"
	"aloi.dev/internal/proof"
)

// replace changes the first occurrence of from in a file, which must be there.
func replace(t *testing.T, name, from, to string) func(map[string][]byte) {
	return func(files map[string][]byte) {
		if !bytes.Contains(files[name], []byte(from)) {
			t.Errorf("%s has no %q", name, from)
		}
		files[name] = bytes.Replace(files[name], []byte(from), []byte(to), 1)
	}
}

func withoutLast(lines []byte) []byte {
	return lines[:bytes.LastIndexByte(lines[:len(lines)-1], '\n')+1]
}

func drop(name string) func(map[string][]byte) {
	return func(files map[string][]byte) { delete(files, name) }
}

// TestVerify_Packed: whoever changes a bundle without the key is found out.
func TestVerify_Packed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5, true)
	for name, c := range map[string]struct {
		change func(map[string][]byte)
		says   string
	}{
		"swapped file": {func(f map[string][]byte) {
			f["offers/alize.json"], f["offers/brume.json"] = f["offers/brume.json"], f["offers/alize.json"]
		}, "offers/alize.json was changed: its digest"},
		"missing load": {drop("loads/001.json"), "loads/001.json is missing, which the manifest lists"},
		"added file":   {func(f map[string][]byte) { f["extra.txt"] = []byte("x") }, "extra.txt was added"},
		"result removed": {func(f map[string][]byte) {
			f[resultsFile] = f[resultsFile][bytes.IndexByte(f[resultsFile], '\n')+1:]
		}, "results.jsonl was changed"},
		"verdict":        {replace(t, outcomeFile, `"not-met"`, `"met"`), "outcome.json was changed"},
		"catalogue":      {replace(t, catalogueFile, "Stocker", "Stacker"), "catalogue.json was changed"},
		"manifest":       {replace(t, manifestFile, `"size":`, `"size":1`), "about another manifest"},
		"no statement":   {drop(statementFile), "statement.json is missing"},
		"no log":         {drop(logFile), "log.txt is missing"},
		"no manifest":    {drop(manifestFile), "manifest.json is missing"},
		"statement":      {replace(t, statementFile, `"sig":"`, `"sig":"AAAA`), "the signature is wrong"},
		"log entry":      {replace(t, logFile, "index 0", "index 1"), "not in the log"},
		"log root":       {replace(t, logFile, "\n1\n", "\n2\n"), "not in the log"},
		"log signature":  {replace(t, logFile, "— operator ", "— operator AAAA"), "not signed by a trusted key"},
		"damaged log":    {replace(t, logFile, "tlog-proof", "tlog-prouf"), "log.txt is damaged"},
		"duplicate keys": {replace(t, manifestFile, `{"files"`, `{"files":[],"files"`), "comes twice"},
	} {
		files := unpack(t, w.sealed)
		c.change(files)
		wantRefusal(t, w, name, pack(t, files), c.says)
	}
}

// TestVerify_Forged: even the holder of the key can't seal what contradicts
// itself, or has two encodings.
func TestVerify_Forged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5, true)
	same := func(map[string][]byte) {}
	for name, c := range map[string]struct {
		change func(map[string][]byte)
		claim  func(*Claim)
		says   string
	}{
		"honest":             {same, nil, ""},
		"verdict":            {replace(t, outcomeFile, `"value":"2/3","verdict":"not-met"`, `"value":"1","verdict":"met"`), nil, "brume, target rest: said met (2/3/3, 1), decided not-met (2/3/3, 2/3)"},
		"score":              {replace(t, outcomeFile, `"score":{"total":5,"value":"2/3","weight":5},"tally"`, `"score":{"total":5,"value":"1","weight":5},"tally"`), nil, "brume: said gates met and score 1 (5/5), decided met and 2/3 (5/5)"},
		"rank":               {replace(t, outcomeFile, `"offer":"brume","rank":2`, `"offer":"brume","rank":1`), nil, "on storage, rank of brume: said 1, decided 2"},
		"result changed":     {replace(t, resultsFile, `"state":"fail"`, `"state":"error"`), nil, "brume, target rest: said"},
		"pass with reason":   {replace(t, resultsFile, `"state":"fail"`, `"state":"pass"`), nil, "results.jsonl is damaged: line 8: s3/g/c2 with or without a reason"},
		"unknown state":      {replace(t, resultsFile, `"state":"fail"`, `"state":"fine"`), nil, `unknown state "fine"`},
		"unplanned check":    {replace(t, resultsFile, `"check":"s3/g/c4"`, `"check":"s3/g/c9"`), nil, "line 5: s3/g/c9 on alize is not in the plan"},
		"result twice":       {replace(t, resultsFile, `"check":"s3/g/c4"`, `"check":"s3/g/c3"`), nil, "a second result of s3/g/c3 on alize, after the one of line 4"},
		"result removed":     {func(f map[string][]byte) { f[resultsFile] = withoutLast(f[resultsFile]) }, nil, "doesn't say what the files say: results"},
		"space in a line":    {replace(t, resultsFile, `{"check"`, `{ "check"`), nil, "line 1: byte 1: not in canonical form"},
		"key of other case":  {replace(t, resultsFile, `{"check"`, `{"CHECK"`), nil, "line 1: byte 2: not what its content is written as"},
		"unknown field":      {replace(t, resultsFile, `{"check"`, `{"blame":1,"check"`), nil, `unknown field "blame"`},
		"key twice":          {replace(t, resultsFile, `{"check"`, `{"check":"x","check"`), nil, "comes twice"},
		"cut line":           {func(f map[string][]byte) { f[resultsFile] = f[resultsFile][:len(f[resultsFile])-1] }, nil, "its last line is cut"},
		"plan":               {replace(t, planFile, `"parallel":4`, `"parallel":4.0`), nil, "plan.json is damaged"},
		"plan without check": {replace(t, planFile, `{"class":"light","id":"s3/g/c1","rule":"S3 API","title":{"en":"b","fr":"a"}},`, ``), nil, "s3/g/c1 on"},
		"catalogue":          {replace(t, catalogueFile, "Stocker", "Stacker"), nil, "its digest is"},
		"offer":              {replace(t, "offers/alize.json", "alize.example", "brume.example"), nil, "its digest is"},
		"missing load":       {drop("loads/001.json"), nil, "alize, target fast: said met"},
		"other load":         {func(f map[string][]byte) { f["loads/002.json"] = f["loads/001.json"] }, nil, "the load loads/002.json is not in the plan"},
		"bad load":           {func(f map[string][]byte) { f["loads/001.json"] = append(f["loads/001.json"], ' ') }, nil, "loads/001.json is damaged"},
		"no end":             {drop(endFile), nil, "doesn't say what the files say: complete, ended"},
		"no plan":            {drop(planFile), nil, "plan.json"},
		"stranger":           {func(f map[string][]byte) { f["extra.txt"] = nil }, nil, "a bundle has no such file"},
		"ledger":             {replace(t, ledgerFile, `{"op"`, `{"op":1,"op"`), nil, "comes twice"},
		"another holder":     {same, func(c *Claim) { c.By.Holder = "Somebody" }, "another signer than its key"},
		"earlier rules":      {same, func(c *Claim) { c.Rules = 0 }, "decided by the rules 0"},
		"another binary":     {same, func(c *Claim) { c.Environment.Binary = "sha256:00" }, "doesn't say what the files say: environment"},
		"another TLS key":    {same, func(c *Claim) { c.Offers[0].Endpoints[0].TLSKeys = []string{} }, "doesn't say what the files say: offers"},
		"said complete":      {same, func(c *Claim) { c.Complete = false }, "doesn't say what the files say: complete"},
	} {
		claims := []func(*Claim){}
		if c.claim != nil {
			claims = append(claims, c.claim)
		}
		wantRefusal(t, w, name, w.forge(t, w.sealed, c.change, claims...), c.says)
	}
}

func wantRefusal(t *testing.T, w *world, name string, data []byte, says string) {
	t.Helper()
	_, err := w.verify(data)
	switch {
	case says == "" && err != nil:
		t.Errorf("%s: %v", name, err)
	case says != "" && (err == nil || fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), says)):
		t.Errorf("%s: %v\n  want a refusal that says %q", name, err, says)
	}
}

func TestVerify_Keys(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5, true)
	bundle := func(ring *proof.Ring, anyone bool) (*Verified, error) {
		return VerifyBundle(bytes.NewReader(w.sealed), int64(len(w.sealed)), Trust{Ring: ring, Anyone: anyone})
	}
	if _, err := bundle(&proof.Ring{}, false); err == nil || !strings.Contains(err.Error(), "which you don't trust") {
		t.Errorf("nobody is trusted: %v", err)
	}
	if v, err := bundle(&proof.Ring{}, true); err != nil || !v.Signer.Key.IsZero() || !strings.Contains(v.Not[0].EN, "unknown key here, not checked") {
		t.Errorf("anyone is taken: %v", err)
	}
	// a thief signs with a key of his own that bears the operator's name
	thief := *w
	var err error
	if thief.key, err = proof.NewKey("operator", rand.Reader); err != nil {
		t.Fatal(err)
	}
	if thief.id, err = proof.Identify(thief.key, w.id.Holder, w.id.Role, w.id.Since, nil); err != nil {
		t.Fatal(err)
	}
	thief.ring, thief.log = &proof.Ring{}, &logFiles{map[string][]byte{}}
	if err := thief.ring.Add(thief.id); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, w, "a thief", thief.seal(t, w.dir), "which you don't trust")

	// the operator's key is replaced before, then after the run
	for days, says := range map[int]string{-1: "was replaced on 2026-03-13, before this run", 1: ""} {
		next, err := proof.NewKey("operator", rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		id, err := proof.Identify(next, w.id.Holder, Operator, at.AddDate(0, 0, days), w.key)
		if err != nil {
			t.Fatal(err)
		}
		ring := &proof.Ring{}
		for _, id := range []proof.Identity{w.id, id} {
			if err := ring.Add(id); err != nil {
				t.Fatal(err)
			}
		}
		rotated := *w
		rotated.ring = ring
		wantRefusal(t, &rotated, "a replaced key", w.sealed, says)
	}
}

// TestVerify_Checkpoint holds a bundle against a checkpoint that is known from
// elsewhere: of the same log, earlier or later, and of a fork.
func TestVerify_Checkpoint(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5, true)
	grow := func(files *logFiles, entries ...string) proof.Checkpoint {
		t.Helper()
		log, err := proof.OpenLog(files, w.key, w.ring)
		if err != nil {
			t.Fatal(err)
		}
		var last proof.Checkpoint
		for _, e := range entries {
			p, err := log.Add([]byte(e))
			if err != nil {
				t.Fatal(err)
			}
			last = p.Checkpoint
		}
		return last
	}
	own, err := proof.ParseCheckpoint(w.log.files["checkpoint"])
	if err != nil {
		t.Fatal(err)
	}
	later := grow(w.log, "b", "c")
	fork := &logFiles{map[string][]byte{}}
	forked := grow(fork, "x")
	forkedLater := grow(fork, "y", "z")
	unsigned := later
	stranger := grow(&logFiles{map[string][]byte{}}, "q")
	for name, c := range map[string]struct {
		known proof.Checkpoint
		tiles *logFiles
		ring  *proof.Ring
		says  string
	}{
		"its own":            {own, nil, w.ring, ""},
		"later":              {later, w.log, w.ring, ""},
		"later, no tiles":    {later, nil, w.ring, "the tiles of the published log are needed"},
		"fork, same size":    {forked, nil, w.ring, "forked"},
		"fork, later":        {forkedLater, fork, w.ring, "forked"},
		"fork, wrong tiles":  {forkedLater, w.log, w.ring, "incomplete or forked"},
		"unsigned":           {unsigned, w.log, &proof.Ring{}, "not signed by a trusted key"},
		"same key, one more": {stranger, nil, w.ring, "forked"},
	} {
		trust := Trust{Ring: w.ring, Known: &c.known}
		if c.tiles != nil {
			trust.Tiles = c.tiles
		}
		if name == "unsigned" {
			trust.Ring, trust.Anyone = c.ring, true
		}
		v, err := VerifyBundle(bytes.NewReader(w.sealed), int64(len(w.sealed)), trust)
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.says == "" && !strings.HasPrefix(v.Checked[5].EN, "consistent with the checkpoint of"):
			t.Errorf("%s: %v", name, v.Checked)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v", name, err)
		}
	}
}
