package cli_test

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"aloi.dev/refcloud/service"
)

func itoa(n int) string { return strconv.Itoa(n) }

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func TestExec_PassesThrough(t *testing.T) {
	t.Parallel()
	cmd := program(t, "exec", "--", "sh", "-c", `read line; echo "$line $REFCLOUD_DIR"; test -f "$REFCLOUD_DIR/alize.yaml" && exit 7`)
	cmd.Stdin = strings.NewReader("hello\n")
	out, err := cmd.Output()
	if code := cmd.ProcessState.ExitCode(); code != 7 {
		t.Fatalf("code %d (%v), output %q", code, err, out)
	}
	said, dir, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	if said != "hello" || dir == "" || exists(dir) {
		t.Errorf("output %q, state left: %v", out, exists(dir))
	}
}

func TestExec_Signals(t *testing.T) {
	t.Parallel()
	cmd := program(t, "exec", "--offer", "alize", "--state", newState(t), "--", "sh", "-c", `trap 'echo caught; exit 9' TERM; echo up; while :; do sleep 0.01; done`)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 3)
	out.Read(buf)
	cmd.Process.Signal(syscall.SIGTERM)
	if code, took := exitCode(t, cmd); code != 9 || took > 2*time.Second {
		t.Errorf("code %d in %v", code, took)
	}
}

func TestExec_KilledCommand(t *testing.T) {
	t.Parallel()
	cmd := program(t, "exec", "--offer", "alize", "--service", "s3", "--", "sh", "-c", "kill -9 $$")
	cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != 128+9 {
		t.Errorf("code %d, want 137", code)
	}
}

func TestExec_BadCommand(t *testing.T) {
	t.Parallel()
	for want, args := range map[int][]string{2: {"exec"}, 1: {"exec", "--offer", "alize", "--", "/no/such/program"}} {
		cmd := program(t, args...)
		cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != want {
			t.Errorf("%v: code %d, want %d", args, code, want)
		}
	}
}

func TestExec_OfferDies(t *testing.T) {
	t.Parallel()
	cmd := program(t, "exec", "--offer", "alize", "--", "sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var children []int
	for len(children) < 2 { // the offer, then the command
		time.Sleep(10 * time.Millisecond)
		children = offers(t, cmd.Process.Pid)
	}
	for _, pid := range children {
		if name, _ := os.ReadFile("/proc/" + itoa(pid) + "/comm"); strings.TrimSpace(string(name)) != "sleep" {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	if code, took := exitCode(t, cmd); code != 1 || took > 4*time.Second {
		t.Errorf("code %d in %v", code, took)
	}
	gone(t, children)
}

func TestLists(t *testing.T) {
	t.Parallel()
	for command, has := range map[string]string{"faults": "s3.range-ignored", "variations": "header-case"} {
		plain, err := program(t, command).Output()
		if err != nil || !strings.Contains(string(plain), has) {
			t.Errorf("%s: %v: %s", command, err, plain)
		}
		asJSON, err := program(t, command, "--json").Output()
		if err != nil {
			t.Fatal(err)
		}
		var entries []service.Entry
		if err := json.Unmarshal(asJSON, &entries); err != nil {
			t.Fatalf("%s --json: %v", command, err)
		}
		seen := map[string]bool{}
		for _, e := range entries {
			if e.Name == "" || e.Text == "" || e.Group == "" || e.Service == "" || seen[e.Name] {
				t.Errorf("%s: entry %+v is incomplete or there twice", command, e)
			}
			seen[e.Name] = true
		}
	}
}
