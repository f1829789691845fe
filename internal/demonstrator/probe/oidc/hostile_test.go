package oidc_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/demonstrator/probe/oidc"
	"aloi.dev/internal/demonstrator/probe/probetest"
)

// hostile is a server in front of the clean reference provider, as which it passes
// for but where it misbehaves.
type hostile struct {
	cloud    *probetest.Cloud
	offer    catalogue.Offer
	pem      string
	patience time.Duration // with a control call; the engine's own when zero
}

// disturb answers a request itself, or says that the provider shall.
type disturb func(w http.ResponseWriter, r *http.Request) (done bool)

// before puts a server before the provider; edit, when set, changes its discovery
// document.
func before(t *testing.T, cloud *probetest.Cloud, own disturb, edit func(doc map[string]any)) *hostile {
	t.Helper()
	offer := cloud.Offer(t, "alize", probe.Words([]probe.Suite{oidc.Suite}), []catalogue.NeedID{"identity"})
	service := offer.Services["oidc"]
	authority, err := cloud.Resolve(service.Trust)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(authority))
	target, err := url.Parse(service.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(p *httputil.ProxyRequest) { p.SetURL(target) },
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}},
		ModifyResponse: func(res *http.Response) error {
			if edit == nil || !strings.HasSuffix(res.Request.URL.Path, "openid-configuration") {
				return nil
			}
			return edited(res, edit)
		},
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if own == nil || !own(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	server.StartTLS()
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	h := &hostile{cloud: cloud, offer: offer}
	h.pem = authority + "\n" + string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	service.Settings = maps.Clone(service.Settings)
	service.Settings["issuer"] = server.URL + "/realms/alize"
	service.Endpoint, service.Hosts, service.Trust = server.URL, []catalogue.Host{catalogue.Host(target.Host)}, "file:both.pem"
	h.offer.Services = map[string]catalogue.Service{"oidc": service}
	return h
}

func edited(res *http.Response, edit func(doc map[string]any)) error {
	var doc map[string]any
	if err := json.NewDecoder(res.Body).Decode(&doc); err != nil {
		return err
	}
	edit(doc)
	text, err := json.Marshal(doc)
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	res.Header.Set("Content-Length", fmt.Sprint(len(text)))
	return err
}

// Resolve adds the server's certificate to what is trusted.
func (h *hostile) Resolve(ref catalogue.Ref) (string, error) {
	if ref == "file:both.pem" {
		return h.pem, nil
	}
	return h.cloud.Resolve(ref)
}

// measured runs the checks that match the patterns, each within a limit.
func (h *hostile) measured(t *testing.T, limit time.Duration, only ...string) map[string]measure.Result {
	t.Helper()
	ledger, err := os.Create(filepath.Join(t.TempDir(), "ledger.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer ledger.Close()
	suite := oidc.Suite
	suite.Checks = slices.Clone(suite.Checks)
	for i := range suite.Checks {
		suite.Checks[i].Limit = limit
	}
	session, err := probe.Open(suite, probe.Config{
		Offer: h.offer, Secrets: h, Ledger: probe.NewLedger(ledger), Budget: probe.NewBudget(h.offer.Caps, time.Now),
		Prefix: "aloi-hostile", Lifetime: time.Hour, Now: time.Now, Patience: h.patience,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	var mu sync.Mutex
	results := map[string]measure.Result{}
	run := &probe.Run{
		Sessions: []*probe.Session{session}, Parallel: 8,
		Selected: func(c probe.Check) bool { return c.Selected(only, probe.Light) },
		Sink: func(r measure.Result) error {
			mu.Lock()
			defer mu.Unlock()
			if r.Reason == nil || r.Reason.Cause != measure.Filtered {
				results[r.Check] = r
			}
			return nil
		},
	}
	if err := run.Execute(context.Background()); err != nil {
		t.Fatal(err)
	}
	return results
}

// wants holds every result against a state, a cause and words of its sentence.
func wants(t *testing.T, results map[string]measure.Result, state measure.State, cause measure.Cause, says string) {
	t.Helper()
	if len(results) == 0 {
		t.Fatal("nothing ran")
	}
	for id, r := range results {
		if r.State != state || r.Reason.Cause != cause || !strings.Contains(r.Reason.Text().EN, says) {
			t.Fatalf("%s: %s %+v, want %s for %s: %q", id, r.State, r.Reason, state, cause, says)
		}
	}
}

func on(suffix string, handle http.HandlerFunc) disturb {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, suffix) {
			return false
		}
		handle(w, r)
		return true
	}
}

func TestHostile(t *testing.T) {
	cloud := probetest.Start(t, "oidc")
	for name, run := range map[string]func(*testing.T, *probetest.Cloud){
		"discovery of 3 MB":        hugeDiscovery,
		"keys elsewhere":           keysElsewhere,
		"tokens elsewhere":         tokensElsewhere,
		"password form elsewhere":  formElsewhere,
		"endless redirects":        endlessRedirects,
		"10,000 keys":              manyKeys,
		"200 to everything":        yesToEverything,
		"slow-loris":               slowEverywhere,
		"slow-loris in one place":  slowUserinfo,
		"a page without an end":    deepPage,
		"wrong password, no blame": wrongPassword,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			run(t, cloud)
			if took := time.Since(began); took > 25*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

func hugeDiscovery(t *testing.T, cloud *probetest.Cloud) {
	h := before(t, cloud, nil, func(doc map[string]any) { doc["padding"] = strings.Repeat("x", 3<<20) })
	wants(t, h.measured(t, 5*time.Second, "oidc/discovery", "oidc/jwks", "oidc/id-token"), measure.Fail, measure.Assertion, "more than 1 MiB")
}

func keysElsewhere(t *testing.T, cloud *probetest.Cloud) {
	elsewhere, visits := stranger(t)
	h := before(t, cloud, nil, func(doc map[string]any) { doc["jwks_uri"] = elsewhere + "/keys" })
	wants(t, h.measured(t, 5*time.Second, "oidc/jwks", "oidc/id-token"), measure.Fail, measure.Redirected, "which the offer doesn't declare")
	if visits.Load() != 0 {
		t.Errorf("%d visits", visits.Load())
	}
}

func tokensElsewhere(t *testing.T, cloud *probetest.Cloud) {
	elsewhere, visits := stranger(t)
	h := before(t, cloud, nil, func(doc map[string]any) { doc["token_endpoint"] = elsewhere + "/token" })
	wants(t, h.measured(t, 5*time.Second, "oidc/token", "oidc/id-token"), measure.Fail, measure.Redirected, "which the offer doesn't declare")
	if visits.Load() != 0 {
		t.Errorf("%d visits: a client's secret may be out", visits.Load())
	}
}

func formElsewhere(t *testing.T, cloud *probetest.Cloud) {
	elsewhere, visits := stranger(t)
	page := on("/authorize", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<form method=post action=%s/login><input name=user><input type=password name=pass><button>go</button></form>`, elsewhere)
	})
	h := here(t, cloud, "authorization_endpoint", page)
	wants(t, h.measured(t, 5*time.Second, "oidc/authorize/code", "oidc/id-token"), measure.Fail, measure.Redirected, "which the offer doesn't declare")
	if visits.Load() != 0 {
		t.Errorf("%d visits: the password may be out", visits.Load())
	}
}

// stranger is a host that no offer declares.
func stranger(t *testing.T) (address string, visits *atomic.Int32) {
	visits = new(atomic.Int32)
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	t.Cleanup(server.Close)
	return server.URL, visits
}

func endlessRedirects(t *testing.T, cloud *probetest.Cloud) {
	var asked atomic.Int32
	h := here(t, cloud, "authorization_endpoint", on("/authorize", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, fmt.Sprintf("%s?n=%d", r.URL.Path, asked.Add(1)), http.StatusFound)
	}))
	results := h.measured(t, 5*time.Second, "oidc/authorize/code", "oidc/code/single-use")
	wants(t, results, measure.Fail, measure.Assertion, "20 redirects in a row")
	if asked.Load() > 200 { // the checks' and the control calls'
		t.Errorf("%d redirects followed", asked.Load())
	}
}

func manyKeys(t *testing.T, cloud *probetest.Cloud) {
	var keys []map[string]string
	for i := range 10_000 {
		keys = append(keys, map[string]string{
			"kty": "EC", "crv": "P-256", "use": "sig", "kid": fmt.Sprint(i),
			"x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
		})
	}
	text, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		t.Fatal(err)
	}
	h := here(t, cloud, "jwks_uri", on("/keys", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(text)
	}))
	began := time.Now()
	wants(t, h.measured(t, 5*time.Second, "oidc/jwks", "oidc/id-token"), measure.Fail, measure.Assertion, "more than 1 MiB")
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

// yesToEverything: the control call is content, and nothing passes.
func yesToEverything(t *testing.T, cloud *probetest.Cloud) {
	for name, answer := range map[string]struct{ kind, body string }{
		"nothing": {"text/plain", ""}, "an object": {"application/json", "{}"}, "a page": {"text/html", "<p>ok</p>"},
		"a form": {"text/html", "<form method=post><input name=user><input type=password name=pass></form>"},
	} {
		everywhere := func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", answer.kind)
			io.WriteString(w, answer.body)
			return true
		}
		results := before(t, cloud, everywhere, nil).measured(t, 5*time.Second)
		for id, r := range results {
			if r.State != measure.Fail {
				t.Errorf("%s: %s: %s %+v", name, id, r.State, r.Reason)
			}
		}
		// the same, once discovery is right
		wise := func(w http.ResponseWriter, r *http.Request) bool {
			return !strings.HasSuffix(r.URL.Path, "openid-configuration") && everywhere(w, r)
		}
		results = moved(t, cloud, wise).measured(t, 5*time.Second)
		for id, r := range results {
			if r.State == measure.Pass && !strings.HasPrefix(id, "oidc/discovery/") {
				t.Errorf("%s after discovery: %s passes", name, id)
			}
		}
	}
}

// slowEverywhere: the control call fails too, so nothing is said of the offer.
func slowEverywhere(t *testing.T, cloud *probetest.Cloud) {
	h := before(t, cloud, func(w http.ResponseWriter, r *http.Request) bool { drip(w, r); return true }, nil)
	h.patience = time.Second
	wants(t, h.measured(t, time.Second), measure.Errored, measure.Control, "")
}

func slowUserinfo(t *testing.T, cloud *probetest.Cloud) {
	h := here(t, cloud, "userinfo_endpoint", on("/userinfo", drip))
	wants(t, h.measured(t, 2*time.Second, "oidc/userinfo"), measure.Fail, measure.Timeout, "no complete answer")
}

// drip sends a byte now and then, for ever.
func drip(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	for r.Context().Err() == nil {
		io.WriteString(w, " ")
		http.NewResponseController(w).Flush()
		time.Sleep(100 * time.Millisecond)
	}
}

func deepPage(t *testing.T, cloud *probetest.Cloud) {
	h := here(t, cloud, "authorization_endpoint", on("/authorize", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, strings.Repeat("<div>", 150_000))
	}))
	wants(t, h.measured(t, 5*time.Second, "oidc/authorize/code"), measure.Fail, measure.Assertion, "without a form to sign in")
}

// wrongPassword: the offer's file is wrong, not the offer.
func wrongPassword(t *testing.T, cloud *probetest.Cloud) {
	h := before(t, cloud, nil, nil)
	service := h.offer.Services["oidc"]
	service.Credentials = maps.Clone(service.Credentials)
	service.Credentials["user"] = catalogue.Credential{"username": service.Credentials["user"]["username"], "password": service.Credentials["client"]["client-id"]}
	h.offer.Services["oidc"] = service
	wants(t, h.measured(t, 5*time.Second), measure.Errored, measure.Control, "refuses its name or password")
}

// here is before with one endpoint at the hostile server.
func here(t *testing.T, cloud *probetest.Cloud, endpoint string, own disturb) *hostile {
	t.Helper()
	var h *hostile
	h = before(t, cloud, own, func(doc map[string]any) { doc[endpoint] = h.local(doc[endpoint]) })
	return h
}

// moved is before with every endpoint at the hostile server.
func moved(t *testing.T, cloud *probetest.Cloud, own disturb) *hostile {
	t.Helper()
	var h *hostile
	h = before(t, cloud, own, func(doc map[string]any) {
		for name, value := range doc {
			if text, ok := value.(string); ok && strings.HasPrefix(text, "https://") {
				doc[name] = h.local(text)
			}
		}
	})
	return h
}

// local is an address of the provider, at the hostile server.
func (h *hostile) local(address any) string {
	u, err := url.Parse(fmt.Sprint(address))
	if err != nil {
		return ""
	}
	return h.offer.Services["oidc"].Endpoint + u.Path
}
