package cli

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/probe/probetest"
)

// TestEvaluate is the main job, as a person does it.
func TestEvaluate(t *testing.T) {
	t.Parallel()
	cloud := probetest.Start(t, "s3")
	w := newWorld(t)
	alize, brume := filepath.Join(cloud.Dir, "alize.yaml"), filepath.Join(cloud.Dir, "brume.yaml")
	cloud.Plant(t, "brume", []string{"s3.range-ignored", "s3.etag-not-md5"}, nil)

	w.run("evaluate", "--load=false", "--out", "DIR/both", alize, brume).wants(1, "Alizé", "Brume", "Reports: ", "report.en.html")
	for _, name := range []string{"plan.json", "results.jsonl", "ledger.jsonl", "report.fr.html", "report.en.html", "report.json", "alize.junit.xml", "brume.junit.xml"} {
		if info, err := os.Stat(filepath.Join(w.dir, "both", name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	noSecret(t, cloud, filepath.Join(w.dir, "both"))

	r := w.run("evaluate", "--load=false", "--json", "--out", "DIR/alone", alize).wants(0)
	if !json.Valid([]byte(r.out)) {
		t.Errorf("--json wrote\n%s", r.out)
	}
	w.run("evaluate", "--load=false", "--out", "DIR/alone", alize).wants(2, "holds a run already")
	w.run("evaluate", "--only", "s3/objekt/*", "--out", "DIR/none", alize).wants(2, "selects no check")
	w.run("evaluate", alize, alize).wants(2, "same offer")
	// a part of the checks can't establish the gates, however well they pass
	w.run("evaluate", "--only", "s3/range/*", "--out", "DIR/part", alize).wants(3)
	w.run("report", "DIR/both").wants(0, "Alizé", "Brume")
	w.run("report", "--json", "DIR/both").wants(0, `"cards"`)
	w.run("compare", "DIR/both", "DIR/alone").wants(0)
	browsed(t, w)
}

// browsed looks at the reports as a browser does.
func browsed(t *testing.T, w *world) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &buffer{}
	w.ctx, w.change = ctx, func(s *State) { s.Stdout = out }
	done := make(chan ran, 1)
	go func() { done <- w.run("report", "--quiet", "--serve", "127.0.0.1:0", "DIR/both") }()
	var address string
	for range 100 {
		if address = regexp.MustCompile(`http://[0-9.:]+`).FindString(out.String()); address != "" {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	for path, want := range map[string]int{"/": 200, "/report.fr.html": 200, "/report.json": 200, "/ledger.jsonl": 404, "/../plan.json": 404} {
		res, err := http.Get(address + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != want || want == 200 && len(body) < 1000 {
			t.Errorf("GET %s: %s with %d bytes", path, res.Status, len(body))
		}
	}
	stop()
	if r := <-done; r.code != 0 {
		t.Errorf("the server ended with %d: %s", r.code, r.err)
	}
}

// noSecret greps a run folder for every credential of the offers.
func noSecret(t *testing.T, cloud *probetest.Cloud, dir string) {
	t.Helper()
	secrets, err := filepath.Glob(filepath.Join(cloud.Dir, "secrets", "*"))
	if err != nil || len(secrets) == 0 {
		t.Fatalf("no secrets to look for: %v", err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, name := range secrets {
			secret, _ := os.ReadFile(name)
			if strings.Contains(string(data), strings.TrimSpace(string(secret))) {
				t.Errorf("%s holds the secret of %s", path, filepath.Base(name))
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestOfferWithoutService: an offer that claims a need and declares no service for
// it doesn't meet the gates.
func TestOfferWithoutService(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	offer := w.write("bare.yaml", `id: bare
name: Bare
provider: {name: Nobody}
region: nowhere
positions: [object-storage]
caps: {rate: 10/s, bytes: 1 MB, connections: 2, duration: 1 min}
`)
	w.run("evaluate", "--load=false", "--out", "DIR/run", offer).wants(1, "Not eligible", `The offer has no "s3" service.`)
}

// TestUnreachable: what can't be reached is not established, and says so quickly.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.env["K"], w.env["S"] = "key", "secret"
	offer := w.write("gone.yaml", `id: gone
name: Gone
provider: {name: Nobody}
region: nowhere
positions: [object-storage]
services:
  s3:
    endpoint: https://127.0.0.1:1
    settings: {region: nowhere}
    features: [multipart]
    credentials:
      main: {access-key: "env:K", secret-key: "env:S"}
caps: {rate: 100/s, bytes: 1 MB, connections: 2, duration: 1 min}
`)
	began := time.Now()
	w.run("evaluate", "--load=false", "--out", "DIR/run", offer).wants(3, "refused")
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

// brimful is a disk that fills up while results are written.
type brimful struct{ evidence.Disk }

type brimfulFile struct {
	evidence.File
	room int
}

func (d brimful) Create(path string) (evidence.File, error) {
	f, err := d.Disk.Create(path)
	if err == nil && filepath.Base(path) == "results.jsonl" {
		return &brimfulFile{f, 4096}, nil
	}
	return f, err
}

func (f *brimfulFile) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, syscall.ENOSPC
	}
	return f.File.Write(p)
}

// TestFullDisk: our own failure is said as such, and nothing is left at the offer.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	cloud := probetest.Start(t, "s3")
	w := newWorld(t)
	w.disk = brimful{evidence.OS}
	w.run("evaluate", "--load=false", "--out", "DIR/run", filepath.Join(cloud.Dir, "alize.yaml")).wants(4, "no space left on device", "make room")
	nothingLeft(t, cloud)
	if r, err := evidence.Read(os.DirFS(filepath.Join(w.dir, "run"))); err != nil || r.Complete() || len(r.Results) == 0 {
		t.Errorf("the folder reads back as %+v (%v)", r, err)
	}
}

func nothingLeft(t *testing.T, cloud *probetest.Cloud) {
	t.Helper()
	for _, offer := range []string{"alize", "brume"} {
		for _, name := range cloud.Inventory(t, offer) {
			if strings.Contains(name, "/aloi-") {
				t.Errorf("left at %s: %s", offer, name)
			}
		}
	}
}
