package load_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tool is another load generator: how it is asked for 1,000 requests/s or for full
// speed, and how what it says is read. A figure that it doesn't give is 0.
type tool struct {
	name, program string
	stdin         string
	args          []string
	read          func(out string) figures
}

const script = `import http from 'k6/http';
export const options = %s;
export default function () { http.get('%s'); }
`

func tools(t *testing.T, url, seconds string, full bool) []tool {
	k6 := func(name, options string) tool {
		file := filepath.Join(t.TempDir(), "script.js")
		if err := os.WriteFile(file, fmt.Appendf(nil, script, options, url), 0o600); err != nil {
			t.Fatal(err)
		}
		return tool{name, "k6", "", []string{"run", "--no-usage-report", "--summary-trend-stats", "p(99),p(99.9)", file}, readK6}
	}
	if full {
		return []tool{
			{"wrk", "wrk", "", []string{"-t2", "-c64", "-d" + seconds + "s", "--latency", url}, readWrk},
			{"hey", "hey", "", []string{"-z", seconds + "s", "-c", "64", url}, readHey},
			{"vegeta", "vegeta", "GET " + url, []string{"attack", "-rate=0", "-max-workers=64", "-connections=64", "-duration=" + seconds + "s"}, nil},
			k6("k6", `{ vus: 64, duration: '`+seconds+`s' }`),
		}
	}
	arrival := `{ scenarios: { a: { executor: 'constant-arrival-rate', rate: 1000, timeUnit: '1s', duration: '` + seconds + `s', preAllocatedVUs: %d, maxVUs: %d } } }`
	return []tool{
		{"wrk2, 64 connections", "wrk2", "", []string{"-t2", "-c64", "-d" + seconds + "s", "-R1000", "--latency", url}, readWrk},
		{"wrk, 64 connections", "wrk", "", []string{"-t2", "-c64", "-d" + seconds + "s", "--latency", url}, readWrk},
		{"vegeta", "vegeta", "GET " + url, []string{"attack", "-rate=1000", "-duration=" + seconds + "s"}, nil},
		{"vegeta, 64 workers", "vegeta", "GET " + url, []string{"attack", "-rate=1000", "-workers=64", "-max-workers=64", "-duration=" + seconds + "s"}, nil},
		{"hey, 50 workers", "hey", "", []string{"-z", seconds + "s", "-c", "50", "-q", "20", url}, readHey},
		k6("k6, 64 VUs", fmt.Sprintf(arrival, 64, 64)),
		k6("k6, 2,000 VUs", fmt.Sprintf(arrival, 2000, 2000)),
	}
}

// TestBench_Truth: the server stalls for 1 s every 10 s, at 1,000 requests/s.
func TestBench_Truth(t *testing.T) {
	asked(t, "truth")
	seconds := strconv.Itoa(number("ALOI_LOAD_SECONDS", 30))
	for _, connections := range []string{"64", "1100"} {
		s := start(t)
		f, used := ours(t, "stall", s.address, "ALOI_LOAD_SECONDS="+seconds, "ALOI_LOAD_CONNECTIONS="+connections)
		truth := s.end()
		t.Logf("%-28s p99 %v, p99.9 %v; the server itself: p99 %v, p99.9 %v; off by %+.1f %%, %+.1f %%; CPU %v, %d MB", "ours, "+connections+" connections",
			f.P99, f.P999, truth.P99, truth.P999, off(f.P99, truth.P99), off(f.P999, truth.P999), used.cpu.Round(10*time.Millisecond), used.memory>>20)
	}
	for _, tool := range tools(t, "URL", seconds, false) {
		program := peer(t, tool.program)
		if program == "" {
			continue
		}
		s := start(t)
		for _, other := range tools(t, "http://"+s.address+"/stall", seconds, false) {
			if other.name == tool.name {
				f, used := other.ask(t, program)
				t.Logf("%-28s p99 %v, p99.9 %v (0: it doesn't say); %d requests; CPU %v, %d MB", tool.name, f.P99, f.P999, f.Requests, used.cpu.Round(10*time.Millisecond), used.memory>>20)
			}
		}
		s.end()
	}
}

func off(got, want time.Duration) float64 { return 100 * float64(got-want) / float64(want) }

// TestBench_Trivial: 1 KiB, 64 connections, full speed; CPU of the client alone. And
// 20,000 requests/s in the open loop, beside the null server.
func TestBench_Trivial(t *testing.T) {
	asked(t, "trivial")
	const rounds = 3
	s := start(t)
	defer s.end()
	all := tools(t, "http://"+s.address+"/", "5", true)
	each, rates := map[string][]float64{}, map[string][]float64{}
	note := func(name string, requests int64, used spent) {
		if requests > 0 {
			each[name] = append(each[name], used.cpu.Seconds()*1e6/float64(requests))
			rates[name] = append(rates[name], float64(requests)/5)
		}
	}
	for round := range rounds {
		f, used := ours(t, "closed", s.address, "ALOI_LOAD_SECONDS=5")
		note("ours", f.Requests, used)
		for _, tool := range all {
			if program := peer(t, tool.program); program != "" && (round == 0 || len(each[tool.name]) > 0) {
				f, used := tool.ask(t, program)
				note(tool.name, f.Requests, used)
			}
		}
	}
	for name, figures := range each {
		t.Logf("%-10s %6.1f CPU s a million requests, %6.0f/s; ours / it = %.2f", name, middle(figures), middle(rates[name]), middle(each["ours"])/middle(figures))
	}
	for range rounds {
		f, used := ours(t, "open", s.address, "ALOI_LOAD_SECONDS=5", "ALOI_LOAD_RATE=20000")
		t.Logf("open loop, 20,000/s: %d requests, p99 %v, CPU %v; %s", f.Requests, f.P99, used.cpu.Round(10*time.Millisecond), f.Said)
	}
}

// TestBench_Memory: 1,000 requests/s beside the null server, for ALOI_LOAD_SECONDS.
func TestBench_Memory(t *testing.T) {
	asked(t, "memory")
	s := start(t)
	defer s.end()
	for _, seconds := range []int{5, number("ALOI_LOAD_SECONDS", 60) / 2} { // as long again for the null server
		f, used := ours(t, "memory", s.address, "ALOI_LOAD_SECONDS="+strconv.Itoa(seconds))
		t.Logf("after %d s: %d requests, at most %d MB", 2*seconds, f.Requests, used.memory>>20)
	}
}

func (tool *tool) ask(t *testing.T, program string) (figures, spent) {
	used := command(t, tool.stdin, nil, program, tool.args...)
	if tool.program != "vegeta" {
		return tool.read(used.out), used
	}
	said := command(t, used.out, nil, program, "report", "-type=json")
	var report struct {
		Requests  int64
		Latencies map[string]float64
	}
	if err := json.Unmarshal([]byte(said.out), &report); err != nil {
		t.Logf("vegeta: %.300s", said.out)
	}
	f := figures{Requests: report.Requests, P99: time.Duration(report.Latencies["99th"])}
	for _, line := range strings.Split(command(t, used.out, nil, program, "report", "-type=hdrplot").out, "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && strings.HasPrefix(fields[1], "0.999") && f.P999 == 0 {
			ms, _ := strconv.ParseFloat(fields[0], 64)
			f.P999 = time.Duration(ms * 1e6)
		}
	}
	return f, used
}

func readWrk(out string) figures {
	return figures{Requests: int64(found(out, `(\d+) requests in`)), P99: duration(out, `\s99(?:\.000)?%\s+(\S+)`), P999: duration(out, `99\.900%\s+(\S+)`)}
}

func readHey(out string) figures {
	rate, total := found(out, `Requests/sec:\s+(\S+)`), found(out, `Total:\s+(\S+) secs`)
	return figures{Requests: int64(rate * total), P99: time.Duration(found(out, `99%+ in (\S+) secs`) * 1e9)}
}

func readK6(out string) figures {
	return figures{Requests: int64(found(out, `http_reqs\.*:\s+(\d+)`)), P99: duration(out, `http_req_duration\.*:\s+p\(99\)=(\S+)`), P999: duration(out, `http_req_duration\.*:.*p\(99\.9\)=(\S+)`)}
}

func first(out, pattern string) string {
	if m := regexp.MustCompile(pattern).FindStringSubmatch(out); m != nil {
		return m[1]
	}
	return ""
}

func found(out, pattern string) float64 {
	f, _ := strconv.ParseFloat(first(out, pattern), 64)
	return f
}

func duration(out, pattern string) time.Duration {
	d, _ := time.ParseDuration(first(out, pattern))
	return d
}
