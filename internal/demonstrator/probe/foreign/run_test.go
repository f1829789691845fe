//go:build unix

package foreign

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/fault"
)

const canary = "canary-3f9a"

// job runs a shell script as a suite that writes TAP.
func job(script string, change func(*Mapping)) Job {
	m := &Mapping{
		Suite: "s", Format: TAP, Command: []string{"sh", "-c", script}, Environment: []string{"PATH", "SHOWN"},
		Set:    map[string]string{"URL": "{endpoint}", "PASSWORD": "{credential main password}"},
		Checks: []Rule{{Match: "a", ID: "g/a"}}, Unmatched: Ignore,
	}
	if change != nil {
		change(m)
	}
	world := map[string]string{"PATH": os.Getenv("PATH"), "SHOWN": "shown", "HIDDEN": "hidden"}
	return Job{
		Mapping: m, Offer: "o", Getenv: func(name string) string { return world[name] }, Now: time.Now,
		Values: Values{Endpoint: "https://x.example", Accounts: map[string]map[string]string{"main": {"password": canary}}, Trust: "PEM"},
		Redact: func(b []byte) []byte { return []byte(strings.ReplaceAll(string(b), canary, "[password]")) },
	}
}

const good = "echo 1..1; echo ok 1 - a"

func toFile(m *Mapping) { m.Output = "out/result.tap" }

func limit(d time.Duration) func(*Mapping) {
	return func(m *Mapping) { m.Limits.Time = (*measure.Duration)(&d) }
}

func size(n measure.Size) func(*Mapping) { return func(m *Mapping) { m.Limits.Output = &n } }

// TestRun: what a command may do, and what becomes of its check.
func TestRun(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script string
		change func(*Mapping)
		state  measure.State
		says   string // by the reason, or else by what is kept
	}{
		"a good run":                       {good, nil, measure.Pass, "ok 1 - a"},
		"a good run to a file":             {"mkdir out; (" + good + ") > out/result.tap; echo noise", toFile, measure.Pass, "ok 1 - a"},
		"a failed test":                    {"echo 1..1; echo not ok 1 - a; exit 1", nil, measure.Fail, "did not pass"},
		"only the listed environment":      {good + "; env", nil, measure.Pass, "SHOWN=shown"},
		"values of the offer":              {good + "; echo $URL", nil, measure.Pass, "https://x.example"},
		"exits without a reason":           {good + "; exit 1", nil, measure.Errored, "exit code 1"},
		"crashes":                          {good + "; kill -SEGV $$", nil, measure.Errored, "ended by a signal"},
		"says nothing":                     {"exit 0", nil, measure.Errored, "did not write stdout"},
		"writes no file":                   {good, toFile, measure.Errored, "did not write out/result.tap"},
		"writes garbage":                   {"echo hello", nil, measure.Errored, "stdout:1: no plan"},
		"hangs":                            {good + "; sleep 60", limit(200 * time.Millisecond), measure.Errored, "time limit, 200 ms"},
		"hangs and won't listen":           {"trap '' TERM; " + good + "; sleep 60; sleep 60", limit(200 * time.Millisecond), measure.Errored, "time limit"},
		"writes without end":               {"yes", size(1 << 16), measure.Errored, "wrote more than 64 KiB"},
		"writes a file that is too long":   {"mkdir out; yes | head -c 70000 > out/result.tap", func(m *Mapping) { toFile(m); size(1 << 16)(m) }, measure.Errored, "wrote more than"},
		"a link that leaves its folder":    {"mkdir out; ln -s /etc/passwd out/result.tap", toFile, measure.Errored, "can't be read"},
		"a pipe in place of its file":      {"mkdir -p out; mkfifo out/result.tap", toFile, measure.Errored, "no plain file"},
		"a command that doesn't exist":     {"", func(m *Mapping) { m.Command = []string{"no-such-program-here"} }, measure.Errored, "doesn't start"},
		"a private authority":              {good + "; cat $CA", func(m *Mapping) { m.Set["CA"] = "{trust}" }, measure.Pass, "PEM"},
		"leaves a process in the backgrou": {good + "; sleep 60 &", nil, measure.Pass, "ok 1 - a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := job(c.script, c.change)
			began := time.Now()
			kept, err := j.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			r := Replay(j.Mapping, kept.Output, kept.Run)[0]
			said := string(kept.Output)
			if r.Reason != nil {
				said = r.Reason.Text().EN
			}
			if r.State != c.state || !strings.Contains(said, c.says) || time.Since(began) > 20*time.Second {
				t.Errorf("%s after %s: %s", r.State, time.Since(began), said)
			}
			if strings.Contains(string(kept.Output), "HIDDEN") {
				t.Errorf("the environment leaks:\n%s", kept.Output)
			}
		})
	}
}

// TestRun_Secret: what a suite prints of a secret is kept nowhere.
func TestRun_Secret(t *testing.T) {
	t.Parallel()
	j := job(good+"; echo \"# $PASSWORD\"; echo \"log $PASSWORD\" >&2", func(m *Mapping) { m.Command = append(m.Command, "x") })
	kept, err := j.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(kept.Output)+string(kept.Log), canary) || !strings.Contains(string(kept.Output), "# [password]") || !strings.Contains(string(kept.Log), "log [password]") {
		t.Errorf("kept\n%s\n%s", kept.Output, kept.Log)
	}
	if kept.Run.Bytes != int64(len(kept.Output)) || kept.Run.Program == "" || kept.Run.Halt != "" {
		t.Errorf("%+v", kept.Run)
	}
	// a secret that is a word of the format
	j.Redact = func(b []byte) []byte { return []byte(strings.ReplaceAll(string(b), "1..1", "[password]")) }
	if kept, err = j.Run(t.Context()); err != nil || kept.Run.Halt != measure.HaltUnreadable || strings.Contains(string(kept.Output), "1..1") {
		t.Errorf("%v %+v\n%s", err, kept.Run, kept.Output)
	}
}

// TestRun_Group: the time limit ends all that the command started, and Ctrl-C does.
func TestRun_Group(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]time.Duration{"limit": time.Hour, "Ctrl-C": 300 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pid := filepath.Join(t.TempDir(), "pid")
			j := job("(sleep 300 & echo $! > "+pid+"; wait)", limit(time.Second))
			ctx, cancel := context.WithTimeout(t.Context(), stop)
			defer cancel()
			kept, err := j.Run(ctx)
			if err != nil {
				t.Fatal(err)
			}
			state := Replay(j.Mapping, kept.Output, kept.Run)[0].State
			if want := map[string]measure.State{"limit": measure.Errored, "Ctrl-C": measure.NotRun}[name]; state != want {
				t.Errorf("%s, want %s", state, want)
			}
			text, err := os.ReadFile(pid)
			if err != nil {
				t.Fatal(err)
			}
			n, err := strconv.Atoi(strings.TrimSpace(string(text)))
			if err != nil {
				t.Fatal(err)
			}
			for range 100 {
				if err = syscall.Kill(n, 0); err != nil {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
			t.Errorf("process %d still runs", n)
		})
	}
}

// TestRun_Memory: the limit holds, where it can, and is refused elsewhere.
func TestRun_Memory(t *testing.T) {
	t.Parallel()
	most := measure.Size(256 << 20)
	script := "echo 1..1; if head -c 600000000 /dev/zero | tail -n 1 > /dev/null; then echo ok 1 - a; else echo not ok 1 - a; exit 1; fi"
	for _, limited := range []bool{true, false} {
		j := job(script, func(m *Mapping) {
			if limited {
				m.Limits.Memory = &most
			}
		})
		kept, err := j.Run(t.Context())
		if runtime.GOOS != "linux" && limited {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%v, want a refusal", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if state := Replay(j.Mapping, kept.Output, kept.Run)[0].State; (state == measure.Fail) != limited {
			t.Errorf("limited %v: %s\n%s%s", limited, state, kept.Output, kept.Log)
		}
	}
}

// TestRun_Folder: the working folder is fresh and doesn't stay.
func TestRun_Folder(t *testing.T) {
	t.Parallel()
	j := job(good+"; echo \"# $PWD $HOME $TMPDIR\"; ls | sed 's/^/# file /'", nil)
	kept, err := j.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(kept.Output), "# ")
	folders := strings.Fields(rest)
	if len(folders) != 3 || folders[0] != folders[1] || folders[1] != folders[2] {
		t.Fatalf("%s", kept.Output)
	}
	if _, err := os.Stat(folders[0]); !os.IsNotExist(err) {
		t.Errorf("%s stays: %v", folders[0], err)
	}
}

// TestImport: an import's age is what its file says.
func TestImport(t *testing.T) {
	t.Parallel()
	j := job("", func(m *Mapping) { m.Format = JUnit })
	for stamp, want := range map[string]string{"2026-01-02T03:04:05Z": "2026-01-02T03:04:05Z", "2999-01-01T00:00:00Z": "0001-01-01T00:00:00Z", "": "0001-01-01T00:00:00Z"} {
		data := `<testsuite timestamp="` + stamp + `"><testcase name="` + canary + `"/></testsuite>`
		kept := j.Import("r.xml", []byte(data))
		if got := kept.Run.Started.Format(time.RFC3339); got != want || strings.Contains(string(kept.Output), canary) || kept.Run.Handed == kept.Run.Digest {
			t.Errorf("%q: %s, %+v", stamp, got, kept.Run)
		}
	}
}
