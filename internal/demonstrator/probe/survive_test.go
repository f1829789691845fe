package probe

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
)

// manners are ways of answering, by path.
var manners = map[string]http.HandlerFunc{
	"/fine":  func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "fine") },
	"/wrong": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "wrong") },
	"/5xx":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
	"/403":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
	"/hang":  func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	"/garbage": func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := http.NewResponseController(w).Hijack()
		io.WriteString(conn, "\x00\x01 this is not HTTP\r\n\r\n")
		conn.Close()
	},
	"/reset": func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := http.NewResponseController(w).Hijack()
		conn.Close()
	},
	"/cut": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "only this")
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	},
	"/elsewhere": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://elsewhere.invalid/x", http.StatusTemporaryRedirect)
	},
	"/busy": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusServiceUnavailable)
	},
}

func mannered(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/control" {
		return
	}
	manners[r.URL.Path](w, r)
}

// TestOneBadAnswer: the control call succeeds, so the trouble is the offer's.
func TestOneBadAnswer(t *testing.T) {
	t.Parallel()
	want := map[string]struct {
		state measure.State
		cause measure.Cause
		says  string
	}{
		"/fine":      {measure.Pass, "", ""},
		"/wrong":     {measure.Fail, measure.Assertion, "GET /wrong returned 200 OK; RFC 9110 wants 200 with fine."},
		"/5xx":       {measure.Fail, measure.Assertion, "502 Bad Gateway"},
		"/403":       {measure.Fail, measure.Assertion, "403 Forbidden"},
		"/hang":      {measure.Fail, measure.Timeout, "no complete answer within the deadline (600ms)"},
		"/garbage":   {measure.Fail, measure.Broken, "malformed HTTP"},
		"/reset":     {measure.Fail, measure.Broken, "EOF"},
		"/cut":       {measure.Fail, measure.Broken, "unexpected EOF"},
		"/elsewhere": {measure.Fail, measure.Redirected, "sent to elsewhere.invalid, which the offer doesn't declare"},
		"/busy":      {measure.Fail, measure.Throttled, "503 Service Unavailable"},
	}
	var checks []Check
	for path := range want {
		checks = append(checks, ask(path))
	}
	results, err := serve(t, mannered).measured(t, options{}, checks...)
	if err != nil {
		t.Fatal(err)
	}
	for path, w := range want {
		r := results["toy/get"+path]
		if r.State != w.state {
			t.Errorf("%s: state %s, want %s (%+v)", path, r.State, w.state, r.Reason)
			continue
		}
		if r.Reason != nil && (r.Reason.Cause != w.cause || !strings.Contains(r.Reason.Text().EN, w.says)) {
			t.Errorf("%s: %s: %q, want %s: %q", path, r.Reason.Cause, r.Reason.Text().EN, w.cause, w.says)
		}
	}
}

// TestServiceDown: the control call fails too, so nothing is said of the offer,
// and a service that is down is not waited for again and again.
func TestServiceDown(t *testing.T) {
	t.Parallel()
	everywhere := func(path string) http.HandlerFunc { return manners[path] }
	for name, start := range map[string]func(*testing.T) (*toy, options){
		"unreachable": func(t *testing.T) (*toy, options) {
			y := serve(t, mannered)
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			l.Close()
			return y, options{endpoint: "https://" + l.Addr().String()}
		},
		"accepts and never answers": silent,
		"hangs":                     func(t *testing.T) (*toy, options) { return serve(t, everywhere("/hang")), options{} },
		"garbage":                   func(t *testing.T) (*toy, options) { return serve(t, everywhere("/garbage")), options{} },
		"wrong credentials":         func(t *testing.T) (*toy, options) { return serve(t, everywhere("/403")), options{} },
		"always throttled":          func(t *testing.T) (*toy, options) { return serve(t, everywhere("/busy")), options{} },
		"redirects elsewhere":       func(t *testing.T) (*toy, options) { return serve(t, everywhere("/elsewhere")), options{} },
		"unknown authority":         func(t *testing.T) (*toy, options) { return serve(t, mannered), options{untrust: true} },
		"expired certificate":       expired,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y, o := start(t)
			var checks []Check
			for i := range 40 {
				c := ask("/fine")
				c.ID = fmt.Sprintf("toy/get/%d", i)
				checks = append(checks, c)
			}
			began := time.Now()
			results, err := y.measured(t, o, checks...)
			if err != nil {
				t.Fatal(err)
			}
			for id, r := range results {
				if r.State != measure.Errored || r.Reason.Cause != measure.Control {
					t.Fatalf("%s: %s (%+v), want error for the control call", id, r.State, r.Reason)
				}
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("40 checks on a dead service took %s", took)
			}
		})
	}
}

// silent accepts connections and never says a word.
func silent(t *testing.T) (*toy, options) {
	y := serve(t, mannered)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
		}
	}()
	return y, options{endpoint: "https://" + l.Addr().String()}
}

// expired serves with a certificate of yesterday.
func expired(t *testing.T) (*toy, options) {
	y := &toy{server: httptest.NewUnstartedServer(http.HandlerFunc(mannered))}
	y.server.TLS = &tls.Config{Certificates: []tls.Certificate{yesterday(t)}}
	y.server.StartTLS()
	t.Cleanup(y.server.Close)
	return y, options{}
}

func TestThrottledThenServed(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	y := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/fine" && asked.Add(1) <= 2 {
			w.Header().Set("Retry-After", "1") // longer than the check's own deadline
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if r.URL.Path == "/fine" {
			io.WriteString(w, "fine")
		}
	})
	results, err := y.measured(t, options{}, ask("/fine"))
	if r := results["toy/get/fine"]; err != nil || r.State != measure.Pass || len(r.Exchanges) != 3 {
		t.Fatalf("%v %+v: want a pass after two waits", err, r)
	}
}

func TestEngineDefects(t *testing.T) {
	t.Parallel()
	y := serve(t, mannered)
	results, err := y.measured(t, options{},
		Check{ID: "toy/x/panic", Run: func(*T) { panic("with " + canary) }},
		Check{ID: "toy/x/deaf", Limit: 100 * time.Millisecond, Run: func(*T) { time.Sleep(5 * time.Second) }},
		Check{ID: "toy/x/feature", Features: []string{"extra"}, Run: func(*T) {}},
		Check{ID: "toy/x/first", Run: func(t *T) { t.Fail("a", "b", "c") }},
		Check{ID: "toy/x/second", After: []string{"toy/x/first"}, Run: func(*T) {}},
	)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]measure.Reason{
		"toy/x/panic":   {Cause: measure.Engine},
		"toy/x/deaf":    {Cause: measure.Timeout},
		"toy/x/feature": {Cause: measure.Feature},
		"toy/x/second":  {Cause: measure.Prerequisite},
	} {
		if r := results[id]; r.Reason == nil || r.Reason.Cause != want.Cause {
			t.Errorf("%s: %s %+v, want %s", id, r.State, r.Reason, want.Cause)
		}
	}
	if text := results["toy/x/panic"].Reason.Got; strings.Contains(text, canary) {
		t.Errorf("a panic shows the secret: %s", text)
	}
}

func TestCaps(t *testing.T) {
	t.Parallel()
	y := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/big" {
			w.Write(make([]byte, 1<<20))
			return
		}
		mannered(w, r)
	})
	caps := catalogue.Caps{Rate: 1000, Bytes: 100_000, Connections: 2, Duration: measure.Duration(time.Minute)}
	results, err := y.measured(t, options{caps: caps}, ask("/big"))
	if r := results["toy/get/big"]; err != nil || r.State != measure.NotRun || r.Reason.Cause != measure.Cap {
		t.Errorf("bytes: %v %+v", err, r)
	}
	caps = catalogue.Caps{Rate: 1000, Bytes: 1 << 30, Connections: 2, Duration: measure.Duration(300 * time.Millisecond)}
	slow := ask("/hang")
	slow.Limit = 10 * time.Second
	results, err = y.measured(t, options{caps: caps}, slow)
	if r := results["toy/get/hang"]; err != nil || r.State != measure.NotRun || r.Reason.Cause != measure.Cap {
		t.Errorf("duration: %v %+v", err, r)
	}
	// a low rate makes a check wait; the wait must not become a time-out
	caps = catalogue.Caps{Rate: 2, Bytes: 1 << 30, Connections: 2, Duration: measure.Duration(time.Minute)}
	patient := Check{ID: "toy/x/patient", Limit: 400 * time.Millisecond, Run: func(t *T) {
		for range 3 {
			get(t, "/fine")
		}
	}}
	results, err = y.measured(t, options{caps: caps}, patient)
	if r := results["toy/x/patient"]; err != nil || r.State != measure.Pass {
		t.Errorf("rate: %v %s %+v", err, r.State, r.Reason)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	y := serve(t, mannered)
	ctx, cancel := context.WithCancel(t.Context())
	owner := Check{ID: "toy/x/owner", Limit: 10 * time.Second, Run: func(t *T) {
		t.Own("toy/thing", t.Name(), "main", "delete it")
		cancel()
		get(t, "/hang")
	}}
	checks := []Check{owner}
	for i := range 20 {
		c := ask("/hang")
		c.ID, c.Limit = fmt.Sprintf("toy/later/%d", i), 10*time.Second
		checks = append(checks, c)
	}
	ledger := &memory{}
	began := time.Now()
	results, err := y.measured(t, options{ctx: ctx, ledger: ledger}, checks...)
	if err != nil || len(results) != len(checks) || time.Since(began) > 5*time.Second {
		t.Fatalf("%v, %d results of %d after %s", err, len(results), len(checks), time.Since(began))
	}
	for id, r := range results {
		if r.State != measure.NotRun || r.Reason.Cause != measure.Interrupted {
			t.Errorf("%s: %s %+v, want not run", id, r.State, r.Reason)
		}
	}
	// the request that was cut short may still take effect: the resource is left to
	// the end of the run
	if left, err := ReadLedger(&ledger.Buffer); err != nil || len(left) != 1 || len(y.deleted) != 0 {
		t.Errorf("left %v (%v), deleted %v", left, err, y.deleted)
	}
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	y := serve(t, mannered)
	created := false
	results, err := y.measured(t, options{ledger: &memory{full: true}}, Check{ID: "toy/x/owner", Run: func(t *T) {
		t.Own("toy/thing", t.Name(), "main", "delete it")
		created = true
	}})
	if r := results["toy/x/owner"]; err != nil || r.State != measure.Errored || r.Reason.Cause != measure.Engine || created {
		t.Errorf("ledger: %v %+v, created %v", err, r, created)
	}
	full := errors.New("no space left on device")
	results, err = y.measured(t, options{sink: func(measure.Result) error { return full }}, ask("/fine"), ask("/wrong"))
	if !errors.Is(err, full) {
		t.Errorf("results: %v %v, want the disk's error", err, results)
	}
}

// TestNothingLeaks plants a secret in every credential and looks for it in all
// that a run would write.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	y := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Header.Get("X-Key"))
		if r.URL.Path != "/control" {
			fmt.Fprintf(w, "%s you said %s", strings.Repeat("x", bodyKept-10), r.Header.Get("X-Key"))
		}
	})
	echo := Check{ID: "toy/x/echo", Run: func(t *T) {
		account, _ := t.Session().Account("main")
		res, err := fetch(t.Context(), t.Session(), "/say?password="+account["key"]+"&X-Amz-Signature=abcdef0123")
		t.Do("GET /say", err)
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		t.Fail("GET /say with "+account["key"], string(body), "nothing")
	}}
	results, err := y.measured(t, options{}, echo)
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(results)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{canary, "canary-7f3a", "abcdef0123"} {
		if strings.Contains(string(out), secret) {
			t.Errorf("the results show %q:\n%s", secret, out)
		}
	}
	if r := results["toy/x/echo"]; r.State != measure.Fail || len(r.Exchanges) != 1 || r.Exchanges[0].Response.Bytes == 0 {
		t.Errorf("%+v", r)
	}
}

// TestConfined: no connection is ever made to a host that the offer doesn't declare.
func TestConfined(t *testing.T) {
	t.Parallel()
	var visits atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	defer other.Close()
	y := serve(t, mannered)
	results, err := y.measured(t, options{}, Check{ID: "toy/x/stray", Run: func(t *T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, other.URL, nil)
		if err != nil {
			t.Bug(err)
		}
		res, err := t.HTTP().Do(req)
		if err == nil {
			res.Body.Close()
		}
		t.Do("GET "+other.URL, err)
	}})
	if r := results["toy/x/stray"]; err != nil || r.State != measure.Fail || r.Reason.Cause != measure.Redirected || visits.Load() != 0 {
		t.Errorf("%v %+v, %d visits", err, r, visits.Load())
	}
}
