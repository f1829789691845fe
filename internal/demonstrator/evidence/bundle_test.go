package evidence

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// world is a run of two offers with every kind of content, and who sealed it.
type world struct {
	dir    string
	key    *proof.Key
	id     proof.Identity
	ring   *proof.Ring
	log    *logFiles
	sealed []byte
}

// logFiles is a log in memory.
type logFiles struct{ files map[string][]byte }

func (l *logFiles) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
}

func (l *logFiles) ReadFile(name string) ([]byte, error) {
	if data, ok := l.files[name]; ok {
		return data, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func (l *logFiles) Write(name string, data []byte) error { l.files[name] = data; return nil }

func worldCatalogue() *catalogue.Catalogue {
	share := measure.Whole
	return &catalogue.Catalogue{
		Needs: []catalogue.Need{{ID: "storage", Title: lang.T("Stocker", "Store")}},
		Targets: []catalogue.Target{
			{
				ID: "gate", Need: "storage", Role: catalogue.Gate, States: []catalogue.Phase{{From: "2026-01-01", State: catalogue.Effective}},
				Functional: &catalogue.Functional{Checks: []string{"s3/g/c0", "s3/g/c1"}, Share: &share, MinCoverage: share},
			},
			{
				ID: "rest", Need: "storage", Role: catalogue.Scored, Weight: 5, States: []catalogue.Phase{{From: "2026-01-01", State: catalogue.Effective}},
				Functional: &catalogue.Functional{Checks: []string{"s3/g/c2", "s3/g/c3", "s3/g/c4"}, Floor: new(measure.Share), MinCoverage: share},
			},
			fast(),
		},
	}
}

// makeRun writes a run of n checks on two offers, and on as many more; finish says
// how it ended.
func makeRun(t testing.TB, n int, finish bool, more ...catalogue.OfferID) string {
	t.Helper()
	cat := worldCatalogue()
	digest, err := cat.Digest()
	if err != nil {
		t.Fatal(err)
	}
	plan := Plan{Run: "aloi-test", Format: Format(), Seed: 1<<63 + 7, Started: at, Catalogue: digest, Parallel: 4}
	var offers []catalogue.Offer
	for _, id := range append([]catalogue.OfferID{"alize", "brume"}, more...) {
		o := catalogue.Offer{ID: id, Name: string(id), Positions: []catalogue.NeedID{"storage"}, Services: map[string]catalogue.Service{"s3": {Endpoint: "https://" + string(id) + ".example", Features: []string{}}}}
		o.Caps = catalogue.Caps{Rate: 10, Bytes: 1000, Connections: 2, Duration: measure.Duration(time.Minute)}
		canonical, err := o.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		plan.Offers = append(plan.Offers, OfferPlan{ID: id, Digest: proof.Digest(canonical)})
		offers = append(offers, o)
	}
	for i := range n {
		plan.Checks = append(plan.Checks, CheckPlan{ID: fmt.Sprintf("s3/g/c%d", i), Title: lang.T("a", "b"), Rule: "S3 API", Class: "light"})
	}
	plan.Loads = []LoadPlan{{LoadPlan: loadRun().Plan, Goals: loadRun().Goals}}
	dir := filepath.Join(t.TempDir(), "run")
	f, err := Create(OS, dir, plan, Environment{Version: "test", Binary: proof.Digest(nil), OS: "linux", Arch: "amd64", CPUs: 2}, cat, offers)
	if err != nil {
		t.Fatal(err)
	}
	keep := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	keep(f.AddLoad(0, loadRun()))
	for _, o := range offers {
		keep(f.AddInventory(Inventory{Offer: o.ID, Service: "s3", When: "before", At: at, Ours: []string{}, TLSKeys: []string{proof.Digest([]byte(o.ID))}}))
		_, err := f.Ledger().Write([]byte(`{"op":"intend","resource":{"seq":1,"name":"aloi-test-1"}}` + "\n"))
		keep(err)
		for i := range n {
			r := measure.Result{
				Offer: string(o.ID), Check: plan.Checks[i].ID, State: measure.Pass, Started: at.Add(time.Duration(i) * time.Millisecond), Duration: 12 * time.Millisecond,
				Exchanges: []measure.Exchange{{Method: "GET", URL: "https://a.example/b", Status: 200, Duration: 4 * time.Millisecond}, {Method: "PUT", URL: "https://a.example/b", Status: 200, Duration: 5 * time.Millisecond}},
			}
			if i == 2 && o.ID == "brume" {
				r.State, r.Reason = measure.Fail, result.Reason
				r.Exchanges[0].Response = &measure.Message{Header: []string{"A: b"}, Body: "é <&>", Bytes: 7}
			}
			keep(f.Append(r))
		}
	}
	if finish {
		keep(f.Finish(End{At: at.Add(time.Minute), Complete: true}))
	}
	return dir
}

func newWorld(t testing.TB, n int, finish bool) *world {
	t.Helper()
	key, err := proof.NewKey("operator", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{dir: makeRun(t, n, finish), key: key, log: &logFiles{map[string][]byte{}}, ring: &proof.Ring{}}
	if w.id, err = proof.Identify(key, "Direction générale", Operator, at.AddDate(-1, 0, 0), nil); err != nil {
		t.Fatal(err)
	}
	if err := w.ring.Add(w.id); err != nil {
		t.Fatal(err)
	}
	w.sealed = w.seal(t, w.dir)
	return w
}

func (w *world) seal(t testing.TB, dir string) []byte {
	t.Helper()
	log, err := proof.OpenLog(w.log, w.key, w.ring)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := (Sealer{w.key, w.id, log}).Seal(&b, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (w *world) verify(data []byte) (*Verified, error) {
	return VerifyBundle(bytes.NewReader(data), int64(len(data)), Trust{Ring: w.ring})
}

// unpack reads the files of a bundle.
func unpack(t testing.TB, data []byte) map[string][]byte {
	t.Helper()
	a, err := proof.OpenArchive(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, name := range a.Names() {
		if files[name], err = fs.ReadFile(a, name); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func pack(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var list []proof.Archived
	for name, data := range files {
		list = append(list, proof.Archived{Name: name, Size: int64(len(data)), CRC: crc32.ChecksumIEEE(data),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }})
	}
	var b bytes.Buffer
	if err := proof.WriteArchive(&b, list); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// forge lets the holder of the trusted key itself pack, sign and log what it
// changed: only what the files contradict can betray it.
func (w *world) forge(t testing.TB, data []byte, change func(map[string][]byte), claims ...func(*Claim)) []byte {
	t.Helper()
	files := unpack(t, data)
	e, err := proof.ParseEnvelope(files[statementFile])
	if err != nil {
		t.Fatal(err)
	}
	var c Claim
	if err := proof.Decode(e.Statement.Predicate, &c); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{manifestFile, statementFile, logFile} {
		delete(files, name)
	}
	change(files)
	for _, change := range claims {
		change(&c)
	}
	manifest := Manifest{Format: format, Files: []FileDigest{}}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		manifest.Files = append(manifest.Files, FileDigest{name, int64(len(files[name])), proof.Digest(files[name])})
	}
	if files[manifestFile], err = proof.Canonical(manifest); err != nil {
		t.Fatal(err)
	}
	if files[statementFile], err = (Sealer{Key: w.key}).envelope(files[manifestFile], c); err != nil {
		t.Fatal(err)
	}
	log, err := proof.OpenLog(w.log, w.key, w.ring)
	if err != nil {
		t.Fatal(err)
	}
	p, err := log.Add(entryOf(files[statementFile]))
	if err != nil {
		t.Fatal(err)
	}
	files[logFile] = []byte(p.Text())
	return pack(t, files)
}

func TestSeal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10, true)
	v, err := w.verify(w.sealed)
	if err != nil {
		t.Fatal(err)
	}
	if v.Signer != w.id || !v.Claim.Complete || v.Claim.Results != 20 || v.Claim.Offers[0].Endpoints[0].TLSKeys[0] != proof.Digest([]byte("alize")) {
		t.Errorf("%+v", v.Claim)
	}
	if got := v.Outcome.Cards[1]; got.Gates != "met" || got.Score.Value.RatString() != "2/3" || v.Outcome.Ranking.Over[0].Offer != "alize" {
		t.Errorf("%+v", got)
	}
	if len(v.Checked) != 6 || len(v.Not) != 1 || !strings.HasPrefix(v.Not[0].EN, "consistency with the published log: not checked") {
		t.Errorf("checked %v, not %v", v.Checked, v.Not)
	}
	if !bytes.Equal(w.sealed, w.seal(t, w.dir)) {
		t.Error("sealed again, the bytes differ")
	}
	other := *w
	other.log = &logFiles{map[string][]byte{}}
	if !bytes.Equal(w.sealed, other.seal(t, w.dir)) {
		t.Error("sealed elsewhere under the same key, the bytes differ")
	}
	record, err := Read(archiveOf(t, w.sealed))
	if err != nil || len(record.Results) != 20 || record.Plan.Seed != 1<<63+7 {
		t.Errorf("read back: %v", err)
	}
}

func archiveOf(t testing.TB, data []byte) *proof.Archive {
	t.Helper()
	a, err := proof.OpenArchive(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestSeal_Killed: what was measured before a kill is sealed, marked incomplete,
// without the line that was cut.
func TestSeal_Killed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10, false)
	path := filepath.Join(w.dir, resultsFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data[:len(data)-30], 0o600); err != nil {
		t.Fatal(err)
	}
	v, err := w.verify(w.seal(t, w.dir))
	if err != nil {
		t.Fatal(err)
	}
	if v.Claim.Complete || v.Claim.Ended != nil || v.Claim.Results != 19 || v.Record.Complete() {
		t.Errorf("%+v", v.Claim)
	}
}

// TestSeal_OldLines: lines that another version wrote in another order of keys
// become canonical.
func TestSeal_OldLines(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, true)
	path := filepath.Join(w.dir, inventoryFile)
	line := `{"when":"after","service":"s3","offer":"brume","at":"2026-03-14T09:27:00Z","ours":[],"others":1}` + "\n"
	if err := os.WriteFile(path, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.verify(w.seal(t, w.dir)); err != nil {
		t.Error(err)
	}
}
