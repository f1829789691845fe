package postgres_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"aloi.dev/refcloud/cloudtest"
	"aloi.dev/refcloud/postgres"
	"aloi.dev/refcloud/service"
)

// TestConfiguration plants every fault and variation of the real server's own
// configuration and takes it out again: nothing stays, and nothing is refused.
func TestConfiguration(t *testing.T) {
	o := cloudtest.Read(t, running.Dir(), "brume")
	before := o.Inventory(t)
	if len(before) != 0 {
		t.Errorf("a new offer has %v", before)
	}
	for _, f := range append(postgres.Faults(), postgres.Variations()...) {
		if len(f.Do) > 0 && len(f.Undo) == 0 {
			t.Errorf("%s: what it does is not undone", f.Name)
		}
		if len(f.Do) == 0 && f.HBA == "" && f.Front == nil {
			t.Errorf("%s does nothing", f.Name)
		}
		if len(f.Do) == 0 && f.HBA == "" {
			continue
		}
		set := service.Set{Faults: []string{f.Name}}
		if isVariation(f.Name) {
			set = service.Set{Variations: []string{f.Name}}
		}
		if status := o.Control(t, "PUT", "/state", set, nil); status != 200 {
			t.Errorf("%s: status %d", f.Name, status)
		}
	}
	o.Control(t, "PUT", "/state", service.Set{}, nil)
	if after := o.Inventory(t); len(after) != 0 {
		t.Errorf("left: %v", after)
	}
	log, err := os.ReadFile(filepath.Join(running.Dir(), "brume", "log"))
	if err != nil || strings.Contains(string(log), "level=ERROR") {
		t.Errorf("the offer's log (%v): %s", err, log)
	}
}

func isVariation(name string) bool {
	for _, v := range postgres.Variations() {
		if v.Name == name {
			return true
		}
	}
	return false
}

// TestKilled: the real server doesn't outlive its offer's process, even one that is
// killed.
func TestKilled(t *testing.T) {
	c, err := start()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	parents := processes(t, c.Dir())
	if len(parents) != 2 {
		t.Fatalf("%d servers run, 2 wanted", len(parents))
	}
	for _, offer := range parents {
		if err := syscall.Kill(offer, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(10 * time.Second); len(processes(t, c.Dir())) > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("servers outlive their offers: %v", processes(t, c.Dir()))
		}
	}
}

// processes returns the servers whose data are below a folder, and the process
// that started each.
func processes(t *testing.T, dir string) map[int]int {
	t.Helper()
	out := map[int]int{}
	found, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		line, _ := os.ReadFile(path)
		if !strings.Contains(string(line), "postgres\x00-D\x00"+dir+"/") {
			continue
		}
		stat, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "stat"))
		_, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if len(fields) > 1 {
			out[pid], _ = strconv.Atoi(fields[1])
		}
	}
	for pid, parent := range out {
		if _, child := out[parent]; child { // a session that has just begun
			delete(out, pid)
		}
	}
	return out
}
