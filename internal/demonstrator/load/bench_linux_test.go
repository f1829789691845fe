package load_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/load/wire"
	"aloi.dev/internal/demonstrator/measure"
)

// The benchmarks of docs/benchmarks.md, run by scripts/bench-load. This test binary
// is also the server and our own client, as processes of their own, so that the CPU
// of each is known.
func TestMain(m *testing.M) {
	switch role := os.Getenv("ALOI_LOAD_ROLE"); role {
	case "":
		os.Exit(m.Run())
	case "server":
		server()
	default:
		client(role)
	}
}

// machine is a clock that all processes of the machine share.
type machine struct{}

func (machine) Now() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err)
	}
	return time.Duration(ts.Nano())
}

func (machine) Wall() time.Time { return time.Now() }

const (
	intended  = "X-Intended"
	benchRate = 1000
)

// server answers 1 KiB on a path, and on /stall nothing during the last second of
// every ten since the first request. Of requests that bear their intended start it
// keeps the time from there to its answer. At its end it writes p99 and p99.9.
func server() {
	var mu sync.Mutex
	var truth measure.Histogram
	var first sync.Once
	var zero time.Duration
	body := bytes.Repeat([]byte{'0'}, wire.NullBody)
	mux := http.NewServeMux()
	mux.HandleFunc("/stall", func(w http.ResponseWriter, r *http.Request) {
		now := machine{}.Now()
		first.Do(func() { zero = now })
		if at := (now - zero) % (10 * time.Second); at >= 9*time.Second {
			time.Sleep(10*time.Second - at)
		}
		if at, err := strconv.ParseInt(r.Header.Get(intended), 10, 64); err == nil {
			mu.Lock()
			truth.Record(machine{}.Now() - time.Duration(at))
			mu.Unlock()
		}
		_, _ = w.Write(body)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr())
	go func() { _ = http.Serve(listener, mux) }()
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	<-ended
	mu.Lock()
	_ = json.NewEncoder(os.Stdout).Encode(figuresOf(&truth, truth.Count()))
}

// figures is what a run says.
type figures struct {
	Requests  int64
	P99, P999 time.Duration
	Said      string `json:",omitempty"`
}

func figuresOf(h *measure.Histogram, requests int64) figures {
	p99, _ := h.Quantile(9900)
	p999, _ := h.Quantile(9990)
	return figures{Requests: requests, P99: p99, P999: p999}
}

// client is our own: a role is "stall", "closed", "open", "memory", and its
// arguments are in the environment.
func client(role string) {
	address, seconds := os.Getenv("ALOI_LOAD_ADDRESS"), number("ALOI_LOAD_SECONDS", 10)
	connections, rate := number("ALOI_LOAD_CONNECTIONS", 64), number("ALOI_LOAD_RATE", benchRate)
	clock := load.System()
	path := "/"
	if role == "stall" {
		clock, path = machine{}, "/stall"
	}
	head := []byte("GET " + path + " HTTP/1.1\r\nHost: " + address + "\r\n")
	var dialer net.Dialer
	w := &wire.Fetch{
		Server: &wire.Server{Address: address, Dial: dialer.DialContext, MostBody: 2048},
		Head: func(into []byte, op *load.Op) []byte {
			into = append(into, head...)
			if role == "stall" {
				into = append(strconv.AppendInt(append(into, intended+": "...), int64(op.Intended), 10), "\r\n"...)
			}
			return append(into, "\r\n"...)
		},
	}
	p := load.Plan{
		Seed: 1, Load: load.Load{Shape: load.Constant, Rate: measure.Rate(rate), Block: 100 * time.Millisecond},
		Contestants: []load.Contestant{{Name: "server", Workload: w, OpBytes: 4096, Budget: load.NewBudget(load.Caps{Rate: 1e6, Connections: connections, Bytes: 1e15, Duration: 24 * time.Hour})}},
		Connections: connections, Timeout: 30 * time.Second, Patience: 10 * time.Second, Duration: time.Duration(seconds) * time.Second,
	}
	switch role {
	case "closed":
		p.Load.Shape = load.Closed
	case "open", "memory":
		null, err := wire.ListenNull(context.Background())
		if err != nil {
			panic(err)
		}
		p.Null = null.Workload()
		p.Goals = []measure.Goal{{Metric: measure.Latency, Bound: 20 * time.Millisecond, Quantile: 9900, Confidence: 9999, MinBlocks: 1 << 30}}
	}
	r, err := load.Run(context.Background(), p, clock)
	if err != nil {
		panic(err)
	}
	record := r.Offers[0]
	said := figuresOf(record.Latency(), record.Total().Requests)
	if role == "open" {
		said.Said = "void: no"
		for _, v := range r.Void(0, 0) {
			said.Said = v.Text().EN
		}
		null, _ := r.Null.Latency().Quantile(9900)
		late, _ := record.Lateness.Quantile(9900)
		said.Said += fmt.Sprintf(" (null server p99 %v, lateness p99 %v)", null, late)
	}
	_ = json.NewEncoder(os.Stdout).Encode(said)
}

func number(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// started is a server under way.
type started struct {
	address string
	cmd     *exec.Cmd
	out     *bytes.Buffer
	done    chan struct{}
}

func start(t *testing.T) *started {
	t.Helper()
	s := &started{cmd: exec.Command(os.Args[0]), out: &bytes.Buffer{}, done: make(chan struct{})}
	s.cmd.Env = append(os.Environ(), "ALOI_LOAD_ROLE=server")
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	one := make([]byte, 1)
	for one[0] != '\n' {
		if _, err := out.Read(one); err != nil {
			t.Fatal(err)
		}
		s.address += string(one)
	}
	s.address = strings.TrimSpace(s.address)
	go func() {
		_, _ = io.Copy(s.out, out)
		close(s.done)
	}()
	return s
}

// end ends the server and returns what it saw.
func (s *started) end() figures {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	<-s.done
	_ = s.cmd.Wait()
	var f figures
	_ = json.Unmarshal(s.out.Bytes(), &f)
	return f
}

// spent is what a process has used.
type spent struct {
	out    string
	cpu    time.Duration
	memory int64 // bytes, at most
}

func command(t *testing.T, stdin string, env []string, name string, args ...string) spent {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env, cmd.Stdin = append(os.Environ(), env...), strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatalf("%s: %v", name, err)
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return spent{out: string(out), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), memory: usage.Maxrss << 10}
}

func ours(t *testing.T, role, address string, env ...string) (figures, spent) {
	t.Helper()
	s := command(t, "", append(env, "ALOI_LOAD_ROLE="+role, "ALOI_LOAD_ADDRESS="+address), os.Args[0])
	var f figures
	if err := json.Unmarshal([]byte(s.out), &f); err != nil {
		t.Fatalf("%s: %s", role, s.out)
	}
	return f, s
}

// peer finds another tool, in PEERS or in the path, and says so when it isn't there.
func peer(t *testing.T, name string) string {
	if path, err := exec.LookPath(filepath.Join(os.Getenv("PEERS"), name)); err == nil && os.Getenv("PEERS") != "" {
		return path
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Logf("%-28s not found on this machine", name)
		return ""
	}
	return path
}

func asked(t *testing.T, what string) {
	t.Helper()
	if want := os.Getenv("ALOI_LOAD"); want != "all" && want != what {
		t.Skip("a benchmark: make bench-load")
	}
	average, _ := os.ReadFile("/proc/loadavg")
	t.Logf("load average %s", strings.TrimSpace(string(average)))
}

func middle[T cmp.Ordered](all []T) T {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
