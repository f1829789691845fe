package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"aloi.dev/internal/proof"
)

// key is the id of the key that `aloi key new` made, and its files.
type madeKey struct{ id, public, secret string }

// newKey makes a key in the world's home.
func (w *world) newKey(args ...string) madeKey {
	w.t.Helper()
	var line struct{ ID, Path string }
	r := w.run(append([]string{"key", "new", "--json"}, args...)...).wants(0)
	if err := json.Unmarshal([]byte(r.out), &line); err != nil {
		w.t.Fatal(err)
	}
	return madeKey{line.ID, line.Path, strings.TrimSuffix(line.Path, ".pub") + ".key"}
}

// state is the world's State, for the helpers that no command shows alone.
func (w *world) state() *State {
	var s *State
	before := w.change
	w.change = func(made *State) {
		if before != nil {
			before(made)
		}
		s = made
	}
	w.run("--version")
	w.change = before
	return s
}

func TestKeyNew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.run("key", "new", "alize", "--holder", "Alizé SAS").wants(0, "keep secret", "hand out", "Alizé SAS", "(applicant)")
	r.matches(`alize\+[0-9a-f]{8}\+`)
	if strings.Contains(r.out+r.err, "PRIVATE") {
		t.Error("the secret was printed")
	}
	for _, folder := range []string{ownFolder, ""} {
		if info, err := os.Stat(filepath.Join(w.dir, "home", folder)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v %v", folder, info, err)
		}
	}
	secrets, _ := filepath.Glob(filepath.Join(w.dir, "home", "keys", "own", "alize-????????.key"))
	if len(secrets) != 1 {
		t.Fatalf("secret keys: %v", secrets)
	}
	if info, err := os.Stat(secrets[0]); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	w.run("key", "list").wants(0, "Alizé SAS", "own", "applicant", secretPathOf(secrets[0]))
	w.run("key", "list", "--lang", "fr").wants(0, "TITULAIRE", "à moi")
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"twice":      {[]string{"alize", "--holder", "A"}, "--replaces alize+"},
		"no holder":  {[]string{"b"}, "--holder is missing"},
		"long":       {[]string{strings.Repeat("a", 41), "--holder", "A"}, "can't name a key"},
		"capital":    {[]string{"Alize", "--holder", "A"}, "can't name a key"},
		"plus":       {[]string{"a+b", "--holder", "A"}, "can't name a key"},
		"climbs":     {[]string{"../a", "--holder", "A"}, "can't name a key"},
		"two lines":  {[]string{"b", "--holder", "A\nrole operator"}, "one line"},
		"invisible":  {[]string{"b", "--holder", "A\u202eB"}, "visible"},
		"role":       {[]string{"b", "--holder", "A", "--role", "king"}, "applicant, operator, expert"},
		"no such":    {[]string{"b", "--holder", "A", "--replaces", "b+00000000"}, "not your current key"},
		"other name": {[]string{"b", "--holder", "A", "--replaces", "alize"}, "not your current key"},
	} {
		t.Run(name, func(t *testing.T) {
			w := *w
			w.t = t
			w.run(append([]string{"key", "new"}, c.args...)...).wants(2, c.says)
		})
	}
}

func secretPathOf(secret string) string { return strings.TrimSuffix(secret, ".key") + ".pub" }

func TestKeyReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.newKey("alize", "--holder", "Alizé SAS", "--role", "operator")
	fresh := w.newKey("alize", "--replaces", old.id)
	w.run("key", "list").matches(regexp.QuoteMeta(old.id) + ` +Alizé SAS +operator +\S+ +\d{4}-\d\d-\d\d`)
	w.run("key", "new", "alize", "--replaces", old.id).wants(2, "not your current key")
	s := w.state()
	key, id, err := s.signer("")
	if err != nil || key.Public().ID() != fresh.id || id.Holder != "Alizé SAS" || id.Role != "operator" || id.After != old.id {
		t.Errorf("signs with %v %+v (%v)", key, id, err)
	}
	if _, _, err := s.signer(old.id); err == nil || !strings.Contains(err.Error(), "it signs no more") {
		t.Errorf("a replaced key: %v", err)
	}

	other := newWorld(t)
	other.run("key", "trust", old.public).wants(0, "Trusted from now on: "+old.id, "compare the full key", "Alizé SAS")
	other.run("key", "trust", fresh.public).wants(0, "nothing else to check")
	other.run("key", "trust", fresh.public, "--json").wants(0, `"follows": true`)
	other.run("key", "list").matches(`trusted +` + regexp.QuoteMeta(old.id) + ` +Alizé SAS +operator +\S+ +\d{4}-`)
	late := newWorld(t) // the order doesn't matter
	late.run("key", "trust", fresh.public, old.public).wants(0)
	if ring, err := late.state().ring(nil); err != nil || len(ring.All()) != 2 {
		t.Errorf("%v %v", ring, err)
	}
}

func TestKeyTrust_Refuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.newKey("alize", "--holder", "Alizé SAS")
	other := newWorld(t)
	other.run("key", "trust", mine.public).wants(0)
	thief, err := proof.NewKey("alize", w.state().Random)
	if err != nil {
		t.Fatal(err)
	}
	id, err := proof.Identify(thief, "Alizé SAS", "applicant", time.Now(), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, _, _ := strings.Cut(id.Text(), "\n\n")
	usurper, err := note.Sign(&note.Note{Text: body + "\nafter " + mine.id + "\n"}, thief)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(mine.public)
	for name, c := range map[string]struct{ text, says string }{
		"usurper": {string(usurper), "did not sign that"},
		"changed": {strings.Replace(string(text), "Alizé", "Brume", 1), "did not sign its own file"},
		"secret":  {thief.Secret(), "holds a secret key"},
		"garbage": {"hello\n\n", "not a public key file"},
	} {
		t.Run(name, func(t *testing.T) {
			path := w.write(name+".pub", c.text)
			w := *other
			w.t = t
			r := w.run("key", "trust", path).wants(2, c.says)
			if strings.Contains(r.out+r.err, thief.Secret()) {
				t.Error("a secret was printed")
			}
			r = w.run("key", "list").wants(0, mine.id)
			if strings.Count(r.out, "Alizé SAS") != 1 {
				t.Errorf("trusted after a refusal:\n%s", r.out)
			}
		})
	}
	// a namesake that claims nothing is another key, and says so
	other.run("key", "trust", w.write("namesake.pub", id.Text())).wants(0, "Nothing links it")
}

func TestSigner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.state()
	if _, _, err := s.signer(""); err == nil || !strings.Contains(err.Error(), "aloi key new") {
		t.Errorf("without a key: %v", err)
	}
	a, b := w.newKey("alize", "--holder", "Alizé SAS"), w.newKey("brume", "--holder", "Brume SA")
	if _, _, err := s.signer(""); err == nil || !strings.Contains(err.Error(), a.id) || !strings.Contains(err.Error(), b.id) {
		t.Errorf("two keys: %v", err)
	}
	for name, want := range map[string]string{"alize": a.id, b.id: b.id} {
		if key, _, err := s.signer(name); err != nil || key.Public().ID() != want {
			t.Errorf("%s: %v %v", name, key, err)
		}
	}
	if _, _, err := s.signer("nobody"); err == nil || !strings.Contains(err.Error(), a.id) {
		t.Errorf("an unknown name: %v", err)
	}
	w.env["ALOI_KEY"] = "brume"
	if key, _, err := s.signer(""); err != nil || key.Public().ID() != b.id {
		t.Errorf("ALOI_KEY: %v %v", key, err)
	}
	if err := os.Rename(a.secret, b.secret); err != nil {
		t.Fatal(err)
	}
	for name, says := range map[string]string{"alize": "here no more", "brume": "the secret of alize+"} {
		if _, _, err := s.signer(name); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "PRIVATE") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.Home = ""
	w.change = func(s *State) { s.Home = "" }
	w.run("key", "new", "a", "--holder", "A").wants(2, "ALOI_HOME")
	w.run("key", "list").wants(0, "No key")
}

func TestEnsureSigner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.state()
	var said buffer
	s.Stderr = &said
	key, id, err := s.ensureSigner("")
	if err != nil || key.Name() != "local" || id.Holder != "machine workbench" || !strings.Contains(said.String(), "aloi key new") {
		t.Fatalf("%v %+v %v\n%s", key, id, err, said.String())
	}
	again, _, err := s.ensureSigner("")
	if err != nil || again.Public() != key.Public() || strings.Count(said.String(), "\n") != 2 {
		t.Errorf("%v %v\n%s", again, err, said.String())
	}
	if _, _, err := s.ensureSigner("absent"); err == nil {
		t.Error("a key that was asked for by name was made up")
	}
}

// TestKeys_AtOnce: of many processes that make one key, one makes it.
func TestKeys_AtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var wg sync.WaitGroup
	made, local := make([]int, 8), make([]string, 8)
	for i := range made {
		s := w.state()
		wg.Go(func() {
			if _, err := s.makeKey(newKeyFlags{holder: "A"}, "alize"); err == nil {
				made[i] = 1
			}
		})
	}
	wg.Wait()
	if n := strings.Count(fmt.Sprint(made), "1"); n != 1 {
		t.Errorf("%d keys were made", n)
	}
	w = newWorld(t)
	for i := range local {
		s := w.state()
		wg.Go(func() {
			if key, _, err := s.ensureSigner(""); err == nil {
				local[i] = key.Public().ID()
			}
		})
	}
	wg.Wait()
	for _, id := range local {
		if id == "" || id != local[0] {
			t.Errorf("signers: %q", local)
		}
	}
}

const (
	logProcesses = 3
	logEntries   = 40
)

// TestLog_Processes: processes that log at once, each with its own entries and
// one that they share, leave one log that has each entry once.
func TestLog_Processes(t *testing.T) {
	w := newWorld(t)
	if home := os.Getenv("ALOI_TEST_LOG"); home != "" { // one of those processes
		w.change = func(s *State) { s.Home = home }
		logMany(t, w.state(), os.Getpid())
		return
	}
	w.newKey("alize", "--holder", "Alizé SAS")
	var children []*exec.Cmd
	for range logProcesses {
		cmd := exec.Command(os.Args[0], "-test.run=^TestLog_Processes$")
		cmd.Env = append(os.Environ(), "ALOI_TEST_LOG="+filepath.Join(w.dir, "home"))
		cmd.Stdout = &buffer{}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		children = append(children, cmd)
	}
	for _, cmd := range children {
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v\n%s", err, cmd.Stdout)
		}
	}
	s := w.state()
	key, _, err := s.signer("")
	if err != nil {
		t.Fatal(err)
	}
	ring, err := s.ring(nil)
	if err != nil {
		t.Fatal(err)
	}
	log, unlock, err := s.openLog(key, ring)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if want := int64(logProcesses*logEntries + 1); log.Size() != want {
		t.Errorf("%d entries, want %d", log.Size(), want)
	}
	p, err := log.Add([]byte("shared"))
	if err != nil || p.Includes([]byte("shared")) != nil {
		t.Error(err)
	}
	left, _ := filepath.Glob(filepath.Join(w.dir, "home", "log", "alize", "*.new"))
	if _, err := os.Stat(filepath.Join(w.dir, "home", "log", "alize", "checkpoint")); err != nil || len(left) > 0 {
		t.Errorf("%v %v", err, left)
	}
}

func logMany(t *testing.T, s *State, who int) {
	key, _, err := s.signer("")
	if err != nil {
		t.Fatal(err)
	}
	ring, err := s.ring(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range logEntries {
		log, unlock, err := s.openLog(key, ring)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range []string{"shared", fmt.Sprintf("%d of %d", i, who)} {
			if p, err := log.Add([]byte(entry)); err != nil || p.Includes([]byte(entry)) != nil {
				t.Error(err)
			}
		}
		unlock()
	}
}
