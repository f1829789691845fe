package oci_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/demonstrator/probe/oci"
)

// vault resolves env: references to a password and file: to the server's authority.
type vault struct{ pem string }

func (v vault) Resolve(ref catalogue.Ref) (string, error) {
	if strings.HasPrefix(string(ref), "env:") {
		return "canary-7f3a-secret", nil
	}
	return v.pem, nil
}

// paper is a ledger's file in memory.
type paper struct{ bytes.Buffer }

func (*paper) Sync() error { return nil }

// against runs checks of the suite, each with that limit, on a registry of the test's.
func against(t *testing.T, limit time.Duration, pattern string, handler http.HandlerFunc) map[string]measure.Result {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	suite := oci.Suite
	suite.Checks = slices.Clone(suite.Checks)
	for i := range suite.Checks {
		suite.Checks[i].Limit = limit
	}
	words := probe.Words([]probe.Suite{suite})
	doc := fmt.Sprintf(`
id: hostile
name: Hostile
provider: {name: Nobody}
region: nowhere
positions: [container-registry]
services:
  oci:
    endpoint: %s
    trust: file:ca.pem
    features: [%s]
    credentials:
      main: {user: "env:USER_NAME", password: "env:PASSWORD"}
      other: {user: "env:USER_NAME", password: "env:PASSWORD"}
caps: {rate: 5000/s, bytes: 20 GB, connections: 64, duration: 5 min}
`, server.URL, strings.Join(suite.Features, ", "))
	offer, err := catalogue.LoadOffer(fstest.MapFS{"o.yaml": {Data: []byte(doc)}}, "o.yaml", words, []catalogue.NeedID{"container-registry"})
	if err != nil {
		t.Fatal(err)
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	session, err := probe.Open(suite, probe.Config{
		Offer: *offer, Secrets: vault{string(ca)}, Ledger: probe.NewLedger(&paper{}), Budget: probe.NewBudget(offer.Caps, time.Now),
		Prefix: "aloi-hostile", Lifetime: time.Hour, Now: time.Now, Patience: 2 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	results := map[string]measure.Result{}
	run := &probe.Run{
		Sessions: []*probe.Session{session}, Parallel: 8, Seed: 1,
		Selected: func(c probe.Check) bool { return c.Selected([]string{pattern}, "") },
		Sink: func(r measure.Result) error {
			if r.Reason == nil || r.Reason.Cause != measure.Filtered {
				results[r.Check] = r
			}
			return nil
		},
	}
	if err := run.Execute(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(results) == 0 {
		t.Fatalf("no check matches %q", pattern)
	}
	return results
}

// wantAll wants one state and cause of every check, but for those named.
func wantAll(t *testing.T, results map[string]measure.Result, state measure.State, cause measure.Cause, but ...string) {
	t.Helper()
	for id, r := range results {
		if slices.Contains(but, id) {
			continue
		}
		if r.State != state || r.Reason == nil || cause != "" && r.Reason.Cause != cause {
			t.Errorf("%s: %s %+v, want %s %s", id, r.State, r.Reason, state, cause)
		}
	}
}

// foreign needs a setting that these offers don't have.
const foreign = "oci/auth/foreign-repository"

// TestHostile_200 wants no check to pass on a registry that says 200 to everything,
// whatever comes with it.
func TestHostile_200(t *testing.T) {
	t.Parallel()
	for name, helpful := range map[string]func(http.ResponseWriter){
		"nothing": func(http.ResponseWriter) {},
		"json":    func(w http.ResponseWriter) { fmt.Fprint(w, `{}`) },
		"everything": func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/vnd.oci.image.index.v1+json")
			w.Header().Set("Location", "/v2/x/blobs/uploads/1")
			fmt.Fprint(w, `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[],"tags":[],"token":"t","errors":[{"code":"MANIFEST_UNKNOWN"}]}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			results := against(t, 5*time.Second, "oci/*", func(w http.ResponseWriter, _ *http.Request) { helpful(w) })
			if len(results) != len(oci.Suite.Checks) {
				t.Errorf("%d results of %d checks", len(results), len(oci.Suite.Checks))
			}
			wantAll(t, results, measure.Fail, "", foreign)
		})
	}
}

// TestHostile_YesMan wants no check to pass on a registry that acknowledges every
// push, as the specification says, and keeps nothing.
func TestHostile_YesMan(t *testing.T) {
	t.Parallel()
	results := against(t, 5*time.Second, "oci/*", acknowledge(http.NotFound))
	for id, r := range results {
		if r.State == measure.Pass && !slices.Contains(refusals, id) {
			t.Errorf("%s passed", id)
		}
	}
}

// refusals are the checks that want a refusal of what was never there, which a
// registry that keeps nothing gives rightly.
var refusals = []string{
	"oci/api/ping", "oci/pull/manifest-missing", "oci/pull/repository-missing", "oci/pull/blob-missing", "oci/pull/blob-other-repository",
	"oci/tags/repository-missing", "oci/delete/manifest-missing", "oci/delete/blob-missing",
}

// acknowledge answers pushes as they should be; the rest is the handler's.
func acknowledge(rest http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_ = discard(r)
		switch {
		case r.URL.Path == "/v2/":
		case strings.HasSuffix(r.URL.Path, "/tags/list"):
			http.NotFound(w, r)
		case r.Method == http.MethodPost:
			w.Header().Set("Location", r.URL.Path+"1")
			w.WriteHeader(http.StatusAccepted)
		case r.Method == http.MethodPatch:
			w.Header().Set("Location", r.URL.Path)
			w.WriteHeader(http.StatusAccepted)
		case r.Method == http.MethodPut:
			w.Header().Set("Location", r.URL.Path)
			w.WriteHeader(http.StatusCreated)
		case r.Method == http.MethodDelete:
			w.WriteHeader(http.StatusNotFound)
		default:
			rest(w, r)
		}
	}
}

func discard(r *http.Request) error {
	buffer := make([]byte, 32<<10)
	for {
		if _, err := r.Body.Read(buffer); err != nil {
			return err
		}
	}
}

func TestHostile_Redirects(t *testing.T) {
	t.Parallel()
	loop := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.RequestURI()+"?", http.StatusTemporaryRedirect)
	}
	t.Run("everywhere", func(t *testing.T) { // it serves nobody: nothing is held against it
		t.Parallel()
		wantAll(t, against(t, 5*time.Second, "oci/pull/*", loop), measure.Errored, measure.Control)
	})
	t.Run("where manifests and blobs are", func(t *testing.T) {
		t.Parallel()
		results := against(t, 5*time.Second, "oci/pull/*", acknowledge(loop))
		wantAll(t, results, measure.Fail, "")
		if r := results["oci/pull/manifest-tag"]; !strings.Contains(r.Reason.Got, "307 to ") || len(r.Exchanges) > 30 {
			t.Errorf("%+v after %d exchanges", r.Reason, len(r.Exchanges))
		}
	})
}

// TestHostile_LargeManifest wants 100 MB of manifest to be cut, soon and without
// being held.
func TestHostile_LargeManifest(t *testing.T) { // alone: it measures memory
	var sent atomic.Int64
	piece := bytes.Repeat([]byte(" "), 64<<10)
	registry := acknowledge(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead || !strings.Contains(r.URL.Path, "/manifests/") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
		for range (100 << 20) / len(piece) {
			n, err := w.Write(piece)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	})
	for id, want := range map[string]string{"oci/pull/manifest-tag": "an answer of more than 8388608 bytes", "oci/client/image": "more than 8388608 bytes"} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		r := against(t, 15*time.Second, id, registry)[id]
		runtime.ReadMemStats(&after)
		if r.State != measure.Fail || !strings.Contains(r.Reason.Got, want) {
			t.Errorf("%s: %s %+v", id, r.State, r.Reason)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s took %s", id, took)
		}
		if held := (after.TotalAlloc - before.TotalAlloc) >> 20; held > 80 { // of buffers that grew to 8 MiB, all told
			t.Errorf("%s: %d MiB allocated", id, held)
		}
		if sent.Swap(0) > 40<<20 {
			t.Errorf("%s: the server could send %d bytes", id, sent.Load())
		}
	}
}

func TestHostile_SlowLoris(t *testing.T) {
	t.Parallel()
	drip := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100000")
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(" ")); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			time.Sleep(20 * time.Millisecond)
		}
	}
	t.Run("everywhere", func(t *testing.T) {
		t.Parallel()
		wantAll(t, against(t, time.Second, "oci/pull/manifest-tag", drip), measure.Errored, measure.Control)
	})
	t.Run("where manifests and blobs are", func(t *testing.T) {
		t.Parallel()
		began := time.Now()
		for _, id := range []string{"oci/pull/manifest-tag", "oci/pull/blob", "oci/client/image"} {
			results := against(t, time.Second, id, acknowledge(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodHead {
					http.NotFound(w, r)
					return
				}
				drip(w, r)
			}))
			wantAll(t, results, measure.Fail, measure.Timeout)
		}
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// TestHostile_Elsewhere wants no connection, let alone a password, to go to a host
// that the offer doesn't declare: a token server's, an upload's, a blob's.
func TestHostile_Elsewhere(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var visits atomic.Int64
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			visits.Add(1)
			conn.Close()
		}
	}()
	elsewhere := "https://" + listener.Addr().String()
	for name, c := range map[string]struct {
		pattern string
		handler http.HandlerFunc
	}{
		"token realm": {"oci/*", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="`+elsewhere+`/token",service="x"`)
			w.WriteHeader(http.StatusUnauthorized)
		}},
		"upload": {"oci/push/post-put", func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				w.Header().Set("Location", elsewhere+"/upload")
				w.WriteHeader(http.StatusAccepted)
			}
		}},
		"blob": {"oci/pull/blob", acknowledge(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere+r.URL.Path, http.StatusTemporaryRedirect)
		})},
	} {
		results := against(t, 5*time.Second, c.pattern, c.handler)
		for id, r := range results {
			if id == foreign {
				continue
			}
			if strings.HasPrefix(id, "oci/client/") && r.State == measure.Fail {
				continue // the library refuses such a realm before it dials
			}
			if r.State != measure.Fail || r.Reason.Cause != measure.Redirected || !strings.Contains(elsewhere, r.Reason.Got) {
				t.Errorf("%s: %s: %s %+v", name, id, r.State, r.Reason)
			}
		}
	}
	if n := visits.Load(); n != 0 {
		t.Errorf("%d connections to a host that the offer doesn't declare", n)
	}
}
