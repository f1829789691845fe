package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"aloi.dev/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
)

// world is a process's world in memory, on a temporary folder.
type world struct {
	t      *testing.T
	dir    string
	env    map[string]string
	ctx    context.Context
	disk   evidence.Disk
	seed   uint64
	change func(*State)
}

func newWorld(t *testing.T) *world {
	return &world{t: t, dir: t.TempDir(), env: map[string]string{"LANG": "en_GB.UTF-8"}, ctx: t.Context(), disk: evidence.OS}
}

// buffer is written to by several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// ran is what a command left.
type ran struct {
	t        *testing.T
	code     int
	out, err string
}

// run executes a command line. The word DIR/ stands for the world's folder.
func (w *world) run(args ...string) ran {
	w.t.Helper()
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "DIR/", w.dir+"/")
	}
	var out, errs buffer
	s := &State{
		Args: args, Stdout: &out, Stderr: &errs, Getenv: func(k string) string { return w.env[k] },
		ReadFile: os.ReadFile, DirFS: os.DirFS,
		Append: func(path string) (evidence.File, error) { return os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0) },
		Disk:   w.disk, Now: time.Now, Width: 100, Version: "test", Runs: filepath.Join(w.dir, "runs"), Embedded: catalogue.FS,
		Home: filepath.Join(w.dir, "home"), Random: rand.Reader, Hostname: func() (string, error) { return "workbench", nil },
		Lock: func(path string) (func(), error) { return lockedfile.MutexAt(path).Lock() },
		Seed: func() uint64 {
			w.seed++
			return w.seed ^ uint64(time.Now().UnixNano())
		},
		Environment: func() evidence.Environment { return evidence.Here("test") },
	}
	if w.change != nil {
		w.change(s)
	}
	code := Run(w.ctx, s)
	return ran{w.t, code, out.String(), errs.String()}
}

// write puts a file in the world's folder.
func (w *world) write(name, text string) string {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// wants checks the exit code and that the output bears each text.
func (r ran) wants(code int, texts ...string) ran {
	r.t.Helper()
	if r.code != code {
		r.t.Fatalf("exit code %d, want %d\n%s\n%s", r.code, code, r.out, r.err)
	}
	for _, text := range texts {
		if !strings.Contains(r.out+r.err, text) {
			r.t.Errorf("want %q in\n%s\n%s", text, r.out, r.err)
		}
	}
	return r
}

// matches checks the output against a pattern.
func (r ran) matches(pattern string) ran {
	r.t.Helper()
	if !regexp.MustCompile(pattern).MatchString(r.out + r.err) {
		r.t.Errorf("want %q in\n%s\n%s", pattern, r.out, r.err)
	}
	return r
}
