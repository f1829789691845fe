package cli_test

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"aloi.dev/refcloud/cloudtest"
)

func TestMain(m *testing.M) { cloudtest.Main(m) }

// program is this test's own program, which runs commands too.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command(self, args...)
}

// newState returns the path of a state folder that doesn't exist yet, short
// enough for a socket.
func newState(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "rc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil { // servers that refuse to run as root pass through
		t.Fatal(err)
	}
	return filepath.Join(dir, "state")
}

// started is an `up` that is ready.
type started struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	dir   string
	rest  *bufio.Reader // what it prints after the ready line
	errs  *strings.Builder
}

func startUp(t *testing.T, args ...string) started {
	t.Helper()
	s := started{cmd: program(t, append([]string{"up"}, args...)...), errs: new(strings.Builder)}
	s.cmd.Stderr = s.errs
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.cmd.Process.Kill() })
	s.rest = bufio.NewReader(out)
	line, _ := s.rest.ReadString('\n')
	dir, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if !ok {
		s.cmd.Wait()
		t.Fatalf("first line %q, errors %q", line, s.errs)
	}
	s.dir = dir
	return s
}

// offers lists the processes of the offers that a process started.
func offers(t *testing.T, parent int) []int {
	t.Helper()
	var out []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		content, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(content), ") ")
		fields := strings.Fields(rest)
		var pid int
		if len(fields) > 1 && fields[1] == itoa(parent) {
			pid = atoi(filepath.Base(filepath.Dir(path)))
			out = append(out, pid)
		}
	}
	return out
}

// gone waits until none of the processes is alive.
func gone(t *testing.T, pids []int) {
	t.Helper()
	deadline := time.Now().Add(3 * time.Second)
	for _, pid := range pids {
		for alive(pid) {
			if time.Now().After(deadline) {
				t.Fatalf("process %d is still there", pid)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// alive tells whether a process runs; a zombie does not.
func alive(pid int) bool {
	content, err := os.ReadFile("/proc/" + itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(content), ") ")
	return !strings.HasPrefix(rest, "Z")
}

// exitCode waits for a process and returns its code and how long that took.
func exitCode(t *testing.T, cmd *exec.Cmd) (int, time.Duration) {
	t.Helper()
	start := time.Now()
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), time.Since(start)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestUp_SignalRemovesEverything(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		state := newState(t)
		begin := time.Now()
		up := startUp(t, "--state", state)
		t.Logf("ready after %v", time.Since(begin))
		if up.dir != state {
			t.Errorf("ready says %s, want %s", up.dir, state)
		}
		children := offers(t, up.cmd.Process.Pid)
		if len(children) != 2 {
			t.Errorf("%d offers run, want 2", len(children))
		}
		up.cmd.Process.Signal(sig)
		more, _ := io.ReadAll(up.rest)
		code, took := exitCode(t, up.cmd)
		if code != 0 || took > 2*time.Second || len(more) > 0 {
			t.Errorf("after %v: code %d in %v, printed %q, errors %q", sig, code, took, more, up.errs)
		}
		gone(t, children)
		if exists(state) {
			t.Errorf("%s is still there", state)
		}
	}
}

func TestUp_UntilStdinCloses(t *testing.T) {
	t.Parallel()
	state := newState(t)
	if err := os.Mkdir(state, 0o711); err != nil {
		t.Fatal(err)
	}
	up := startUp(t, "--until-stdin-closes", "--offer", "alize", "--fault", "none", "--state", state)
	if exists(filepath.Join(up.dir, "brume.yaml")) {
		t.Error("brume runs although only alize was asked for")
	}
	up.stdin.Close()
	if code, took := exitCode(t, up.cmd); code != 0 || took > 2*time.Second {
		t.Errorf("code %d in %v", code, took)
	}
	if left, err := os.ReadDir(state); err != nil || len(left) > 0 {
		t.Errorf("the folder that was there before: %v, %v", left, err)
	}
}

// Whatever ends the supervisor, its offers follow.
func TestUp_KilledTakesOffersAlong(t *testing.T) {
	t.Parallel()
	up := startUp(t, "--state", newState(t))
	children := offers(t, up.cmd.Process.Pid)
	if len(children) != 2 {
		t.Fatalf("%d offers run, want 2", len(children))
	}
	up.cmd.Process.Kill()
	exitCode(t, up.cmd)
	gone(t, children)
}

func TestUp_OfferDies(t *testing.T) {
	t.Parallel()
	up := startUp(t, "--state", newState(t))
	children := offers(t, up.cmd.Process.Pid)
	syscall.Kill(children[0], syscall.SIGKILL)
	code, took := exitCode(t, up.cmd)
	if code != 1 || took > 2*time.Second || !strings.Contains(up.errs.String(), "stopped by itself") {
		t.Errorf("code %d in %v, errors %q", code, took, up.errs)
	}
	gone(t, children)
	if exists(up.dir) {
		t.Errorf("%s is still there", up.dir)
	}
}

func TestUp_Refusals(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--state", full}, 1, "is not empty"},
		{[]string{"--state", filepath.Join(full, strings.Repeat("x", 120))}, 1, "too long for a Unix socket"},
		{[]string{"--fault", "s3.range-ignore"}, 2, `did you mean "s3.range-ignored"?`},
		{[]string{"--fault", "hang"}, 2, `did you mean "s3.hang"?`},
		{[]string{"--variation", "headercase"}, 2, `did you mean "header-case"?`},
		{[]string{"--offer", "brum"}, 2, `did you mean "brume"?`},
		{[]string{"--service", "s4"}, 2, `did you mean "s3"?`},
		{[]string{"--nonsense"}, 2, "unknown flag"},
	} {
		cmd := program(t, append([]string{"up"}, c.args...)...)
		var errs strings.Builder
		cmd.Stderr = &errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if code, _ := exitCode(t, cmd); code != c.code || !strings.Contains(errs.String(), c.says) {
			t.Errorf("up %v: code %d, errors %q", c.args, code, errs.String())
		}
	}
	if left, _ := os.ReadDir(full); len(left) != 1 {
		t.Errorf("a refused folder was touched: %v", left)
	}
}
