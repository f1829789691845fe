package probe

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
)

// toy is a service small enough to misbehave on purpose: checks ask for a path
// and want the body "fine".
type toy struct {
	server  *httptest.Server
	deleted []string
	mu      sync.Mutex
}

const canary = "canary-7f3a/+secret"

// vault resolves env: references to the canary and file: to the server's CA.
type vault struct{ pem string }

func (v vault) Resolve(ref catalogue.Ref) (string, error) {
	if strings.HasPrefix(string(ref), "env:") {
		return canary, nil
	}
	return v.pem, nil
}

// memory is a ledger's file in memory.
type memory struct {
	bytes.Buffer
	full bool
}

func (m *memory) Write(p []byte) (int, error) {
	if m.full {
		return 0, fmt.Errorf("no space left on device")
	}
	return m.Buffer.Write(p)
}

func (m *memory) Sync() error { return nil }

// serve starts a TLS server; "/control" answers 200 unless the handler says otherwise.
func serve(t *testing.T, handler http.HandlerFunc) *toy {
	t.Helper()
	y := &toy{server: httptest.NewUnstartedServer(handler)}
	y.server.Config.ErrorLog = nil
	y.server.StartTLS()
	t.Cleanup(y.server.Close)
	return y
}

// ask is a check that wants "fine" from a path.
func ask(path string) Check {
	return Check{ID: "toy/get" + path, Rule: "RFC 9110", Limit: 600 * time.Millisecond, Run: func(t *T) { get(t, path) }}
}

func get(t *T, path string) {
	res, err := fetch(t.Context(), t.Session(), path)
	t.Do("GET "+path, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	t.Do("GET "+path, err)
	t.Want(res.StatusCode == http.StatusOK && string(body) == "fine", "GET "+path, res.Status, "200 with fine")
}

func fetch(ctx context.Context, s *Session, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Service.Endpoint+path, nil)
	if err != nil {
		return nil, err
	}
	account, _ := s.Account("main")
	req.Header.Set("X-Key", account["key"])
	return s.HTTP().Do(req)
}

// suite returns the toy's suite with the given checks.
func (y *toy) suite(checks ...Check) Suite {
	return Suite{
		ID: "toy", Features: []string{"extra"}, Credentials: map[string][]string{"main": {"key"}}, Slots: 40, Checks: checks,
		Control: func(ctx context.Context, s *Session) error {
			res, err := fetch(ctx, s, "/control")
			if err != nil {
				return err
			}
			defer res.Body.Close()
			if res.StatusCode != http.StatusOK {
				return fmt.Errorf("control answered %s", res.Status)
			}
			return nil
		},
		Delete: func(_ context.Context, _ *Session, r Resource) error {
			y.mu.Lock()
			defer y.mu.Unlock()
			y.deleted = append(y.deleted, r.Name)
			return nil
		},
		Inventory: func(context.Context, *Session) ([]string, error) { return nil, nil },
	}
}

// options change what a toy run is made with.
type options struct {
	endpoint string
	untrust  bool
	caps     catalogue.Caps
	ledger   *memory
	ctx      context.Context
	sink     func(measure.Result) error
	features []string
	hosts    []catalogue.Host
}

// measured runs a suite and returns its results by check.
func (y *toy) measured(t *testing.T, o options, checks ...Check) (map[string]measure.Result, error) {
	t.Helper()
	if o.endpoint == "" {
		o.endpoint = y.server.URL
	}
	if o.caps.Rate == 0 {
		o.caps = catalogue.Caps{Rate: 1000, Bytes: 1 << 30, Connections: 8, Duration: measure.Duration(time.Minute)}
	}
	if o.ledger == nil {
		o.ledger = &memory{}
	}
	if o.ctx == nil {
		o.ctx = t.Context()
	}
	service := catalogue.Service{
		Endpoint: o.endpoint, Hosts: o.hosts, Trust: "file:ca", Features: o.features,
		Credentials: map[string]catalogue.Credential{"main": {"key": "env:KEY"}},
	}
	v := vault{}
	if o.untrust {
		service.Trust = ""
	} else if y.server.TLS != nil {
		v.pem = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: y.server.Certificate().Raw}))
	}
	s, err := Open(y.suite(checks...), Config{
		Offer:   catalogue.Offer{ID: "toy", Services: map[string]catalogue.Service{"toy": service}, Caps: o.caps},
		Secrets: v, Ledger: NewLedger(o.ledger), Budget: NewBudget(o.caps, time.Now), Prefix: "aloi-test",
		Lifetime: time.Hour, Now: time.Now, Patience: 300 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var mu sync.Mutex
	results := map[string]measure.Result{}
	run := &Run{Sessions: []*Session{s}, Parallel: 4, Selected: func(Check) bool { return true }, Sink: func(r measure.Result) error {
		mu.Lock()
		defer mu.Unlock()
		results[r.Check] = r
		if o.sink != nil {
			return o.sink(r)
		}
		return nil
	}}
	err = run.Execute(o.ctx)
	return results, err
}
