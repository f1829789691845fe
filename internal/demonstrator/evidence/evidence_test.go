package evidence

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

var (
	at     = time.Date(2026, 3, 14, 9, 26, 53, 589793000, time.UTC)
	result = measure.Result{
		Offer: "alize", Check: "s3/object/put-get", State: measure.Fail, Started: at, Duration: 12 * time.Millisecond,
		Reason:    &measure.Reason{Cause: measure.Assertion, Did: "GET object", Got: "404", Want: "200", Rule: "S3 API"},
		Exchanges: []measure.Exchange{{Method: "GET", URL: "https://a.example/b", Status: 404, Response: &measure.Message{Header: []string{"A: b"}, Body: "é"}}},
	}
)

// full is a disk with room for so many bytes, over all files.
type full struct {
	Disk
	room *int
}

type fullFile struct {
	File
	room *int
}

func (d full) Create(path string) (File, error) {
	f, err := d.Disk.Create(path)
	return fullFile{f, d.room}, err
}

func (f fullFile) Write(p []byte) (int, error) {
	if *f.room -= len(p); *f.room < 0 {
		return 0, syscall.ENOSPC
	}
	return f.File.Write(p)
}

func sample(t *testing.T) (Plan, *catalogue.Catalogue, []catalogue.Offer) {
	t.Helper()
	cat := &catalogue.Catalogue{Needs: []catalogue.Need{{ID: "storage", Title: lang.T("Stocker", "Store")}}, Targets: []catalogue.Target{}}
	offer := catalogue.Offer{ID: "alize", Name: "Alizé", Positions: []catalogue.NeedID{"storage"}, Services: map[string]catalogue.Service{}}
	offer.Caps = catalogue.Caps{Rate: 10, Bytes: 1000, Connections: 2, Duration: measure.Duration(time.Minute)}
	digest, err := cat.Digest()
	if err != nil {
		t.Fatal(err)
	}
	canonical, err := offer.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	plan := Plan{
		Run: "aloi-test", Format: Format(), Seed: 7, Started: at, Catalogue: digest, Parallel: 4,
		Offers: []OfferPlan{{ID: "alize", Digest: proof.Digest(canonical)}},
		Checks: []CheckPlan{{ID: result.Check, Title: lang.T("a", "b"), Rule: "S3 API", Class: "light"}},
	}
	return plan, cat, []catalogue.Offer{offer}
}

// written makes a finished run folder and returns its path.
func written(t *testing.T, finish bool) string {
	t.Helper()
	plan, cat, offers := sample(t)
	dir := filepath.Join(t.TempDir(), "run")
	f, err := Create(OS, dir, plan, Environment{Version: "test"}, cat, offers)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Append(result), f.AddInventory(Inventory{Offer: "alize", When: "before", At: at, Ours: []string{}})); err != nil {
		t.Fatal(err)
	}
	if finish {
		if err := f.Finish(End{At: at, Complete: true}); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestReadBack(t *testing.T) {
	plan, cat, offers := sample(t)
	r, err := Read(os.DirFS(written(t, true)))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(r.Plan, plan) || !reflect.DeepEqual(r.Catalogue, cat) || r.Offers[0].Name != offers[0].Name {
		t.Errorf("read back\n%+v\n%+v\n%+v", r.Plan, r.Catalogue, r.Offers)
	}
	if len(r.Results) != 1 || !reflect.DeepEqual(r.Results[0], result) || len(r.Inventories) != 1 || !r.Complete() {
		t.Errorf("read back %+v %+v %+v", r.Results, r.Inventories, r.End)
	}
}

// TestKilled: a run without an end reads as far as it went, a cut last line apart.
func TestKilled(t *testing.T) {
	dir := written(t, false)
	file, err := os.OpenFile(filepath.Join(dir, resultsFile), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"offer":"alize","che`); err != nil {
		t.Fatal(err)
	}
	file.Close()
	r, err := Read(os.DirFS(dir))
	if err != nil || len(r.Results) != 1 || r.End != nil || r.Complete() {
		t.Errorf("%v %+v", err, r)
	}
}

func TestDamaged(t *testing.T) {
	for name, c := range map[string]struct {
		file, from, to string
		kind           fault.Kind
		says           string
	}{
		"no plan":         {planFile, "", "", fault.NotFound, "not a run folder"},
		"other format":    {planFile, `"format": 2`, `"format": 9`, fault.Invalid, "format 9"},
		"other catalogue": {catalogueFile, "Store", "Stare", fault.Invalid, "its digest is"},
		"other offer":     {"offers/alize.json", "Aliz", "Alix", fault.Invalid, "its digest is"},
		"bad line":        {resultsFile, `{"check"`, `{check`, fault.Invalid, "line 1"},
		"bad end":         {endFile, "true", "maybe", fault.Invalid, endFile},
	} {
		t.Run(name, func(t *testing.T) {
			dir := written(t, true)
			path := filepath.Join(dir, c.file)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if c.from == "" {
				err = os.Remove(path)
			} else {
				err = os.WriteFile(path, []byte(strings.Replace(string(data), c.from, c.to, 1)), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err = Read(os.DirFS(dir)); fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %s saying %q", err, c.kind, c.says)
			}
		})
	}
}

func TestSecondRunInOneFolder(t *testing.T) {
	plan, cat, offers := sample(t)
	dir := written(t, true)
	if _, err := Create(OS, dir, plan, Environment{}, cat, offers); fault.KindOf(err) != fault.Conflict {
		t.Errorf("%v, want a conflict", err)
	}
	if r, err := Read(os.DirFS(dir)); err != nil || len(r.Results) != 1 {
		t.Errorf("the first run was touched: %v", err)
	}
}

// TestFullDisk: wherever the disk fills up, it is said, and what was written
// before reads back.
func TestFullDisk(t *testing.T) {
	plan, cat, offers := sample(t)
	for room := 0; room < 3000; room += 100 {
		left := room
		dir := filepath.Join(t.TempDir(), "run")
		f, err := Create(full{OS, &left}, dir, plan, Environment{}, cat, offers)
		if err != nil {
			if !errors.Is(err, syscall.ENOSPC) || fault.KindOf(err) != fault.Internal {
				t.Fatalf("room for %d bytes: %v", room, err)
			}
			continue
		}
		n := 0
		for ; n < 10; n++ {
			if err = f.Append(result); err != nil {
				break
			}
		}
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "aloi sweep") {
			t.Fatalf("room for %d bytes: %v", room, err)
		}
		if r, err := Read(os.DirFS(dir)); err != nil || len(r.Results) != n {
			t.Fatalf("room for %d bytes: %v, want %d results", room, err, n)
		}
	}
}
