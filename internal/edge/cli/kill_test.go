package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/probe/probetest"
)

// process starts the real binary on an offer of the cloud and returns it once some
// results are on disk.
func process(t *testing.T, cloud *probetest.Cloud, dir string) *exec.Cmd {
	t.Helper()
	binary := filepath.Join(probetest.Root(t), "bin", "aloi")
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("no binary: run `make aloi` first (%v)", err)
	}
	cmd := exec.Command(binary, "evaluate", "--load=false", "--out", dir, "--parallel", "4", filepath.Join(cloud.Dir, "alize.yaml"))
	cmd.Env = append(os.Environ(), "LANG=en", "ALOI_HOME="+filepath.Join(filepath.Dir(dir), "home"))
	cmd.Stdout, cmd.Stderr = &buffer{}, &buffer{}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 500 {
		data, _ := os.ReadFile(filepath.Join(dir, "results.jsonl"))
		ledger, _ := os.ReadFile(filepath.Join(dir, "ledger.jsonl"))
		if bytes.Count(data, []byte(`"state":"pass"`)) >= 10 && bytes.Count(ledger, []byte("intend")) > bytes.Count(ledger, []byte("gone")) {
			return cmd
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("no results came")
	return nil
}

// TestKilled: kill -9 in the middle, then sweep: nothing is left, by the operator's
// own inventory, and what was measured can be read.
func TestKilled(t *testing.T) {
	cloud := probetest.Start(t, "s3")
	cloud.Plant(t, "alize", nil, []string{"slow-answers"}) // so that the kill comes in the middle
	w := newWorld(t)
	dir := filepath.Join(w.dir, "run")
	cmd := process(t, cloud, dir)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	cloud.Plant(t, "alize", nil, nil)
	if !strings.Contains(strings.Join(cloud.Inventory(t, "alize"), "\n"), "bucket/aloi-") {
		t.Error("the kill left nothing to sweep: the test proves nothing")
	}
	w.run("report", dir).wants(0, "Alizé")
	r := w.run("seal", dir).wants(0, "aloi verify --trust")
	w.run("verify", r.out[strings.LastIndex(r.out, " ")+1:len(r.out)-1]).wants(0, "INCOMPLETE", "decided again: identical").matches(`✓ [1-9][0-9]+ results, all of them planned`)
	w.run("sweep", "--secrets", cloud.Dir, dir).wants(0, "deleted, 0 left")
	nothingLeft(t, cloud)
	w.run("sweep", "--secrets", cloud.Dir, dir).wants(0, "0 resources deleted, 0 left")
}

// TestInterrupted: Ctrl-C cleans up, writes what was measured and says that it is
// incomplete.
func TestInterrupted(t *testing.T) {
	cloud := probetest.Start(t, "s3")
	cloud.Plant(t, "alize", nil, []string{"slow-answers"})
	w := newWorld(t)
	dir := filepath.Join(w.dir, "run")
	cmd := process(t, cloud, dir)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitNotEstablished {
		t.Errorf("it ended with %v, want code %d\n%s", err, exitNotEstablished, cmd.Stderr)
	}
	nothingLeft(t, cloud)
	r, err := evidence.Read(os.DirFS(dir))
	if err != nil || r.End == nil || r.End.Complete || r.End.Left != 0 || len(r.Results) != len(r.Plan.Checks) {
		t.Errorf("%v: %d results of %d, end %+v", err, len(r.Results), len(r.Plan.Checks), r.End)
	}
	w.run("report", dir).wants(0, "INCOMPLETE")
	bundle := filepath.Join(dir, r.Plan.Run+evidence.Ext)
	w.run("verify", "--trust", one(t, filepath.Join(dir, "*.pub")), bundle).wants(0, "INCOMPLETE")
}

// one is the only file that matches a pattern.
func one(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) != 1 {
		t.Fatalf("%s: %v, %v", pattern, files, err)
	}
	return files[0]
}
