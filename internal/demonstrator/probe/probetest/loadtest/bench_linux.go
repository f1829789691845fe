package loadtest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"aloi.dev/internal/demonstrator/load"
)

// Spent is what a client took for a number of operations.
type Spent struct {
	Operations int64
	CPU        time.Duration // of the client, user and system
	Wall       time.Duration
}

// PerThousand is the CPU time of a thousand operations.
func (s Spent) PerThousand() time.Duration { return s.CPU * 1000 / time.Duration(max(1, s.Operations)) }

// Asked skips the test unless it is the benchmark that ALOI_LOAD asks for.
func Asked(t testing.TB, what string) {
	t.Helper()
	if want := os.Getenv("ALOI_LOAD"); want != "all" && want != what {
		t.Skip("a benchmark: make bench-load")
	}
	average, _ := os.ReadFile("/proc/loadavg")
	t.Logf("load average %s", strings.TrimSpace(string(average)))
}

// Closed runs an operation at full speed. The test's process is the client, and
// nothing else.
func (b *Bench) Closed(t testing.TB, operation string, connections int, d time.Duration) Spent {
	t.Helper()
	l := b.Session.Suite.Load(operation)
	ready, state, reason := b.Session.Ready(t.Context(), l)
	if ready == nil {
		t.Fatalf("%s: %s: %s", operation, state, reason.Text().EN)
	}
	defer ready.Close()
	return Flat(t, ready.Workload, connections, d)
}

// Flat is Closed for a workload that is ready.
func Flat(t testing.TB, w load.Workload, connections int, d time.Duration) Spent {
	t.Helper()
	before := used(t)
	run, err := load.Run(t.Context(), load.Plan{
		Load: load.Load{Shape: load.Closed, Block: 100 * time.Millisecond}, Connections: connections, Timeout: 10 * time.Second, Patience: 10 * time.Second, Duration: d,
		Contestants: []load.Contestant{{Name: "ours", Workload: w, OpBytes: 1, Budget: load.NewBudget(load.Caps{Rate: 1e6, Connections: connections, Bytes: 1 << 50, Duration: time.Hour})}},
	}, load.System())
	if err != nil {
		t.Fatal(err)
	}
	total := run.Offers[0].Total()
	if total.Failed > 0 {
		t.Fatalf("%+v", total)
	}
	return Spent{total.Requests, used(t) - before, d}
}

func used(t testing.TB) time.Duration {
	t.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Peer finds another tool, in PEERS, in the path or in one of the folders, and says so
// when it isn't there.
func Peer(t testing.TB, name string, folders ...string) string {
	t.Helper()
	for _, dir := range append([]string{os.Getenv("PEERS")}, folders...) {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil && dir != "" {
			return path
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Logf("%-10s not found on this machine", name)
		return ""
	}
	return path
}

// Run runs another tool and returns what it said, and the CPU time that it took.
func Run(t testing.TB, env []string, name string, args ...string) (string, time.Duration) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatalf("%s: %v", name, err)
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); !ok || usage == nil {
		t.Fatalf("%s: no usage", name)
	}
	return string(out), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// Median is that of durations.
func Median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
