package inference_test

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/demonstrator/probe/inference"
)

// hostile is a server that means no good; its list of models answers, so that what
// it does elsewhere is held against it.
type hostile struct {
	*httptest.Server
	written atomic.Int64
}

// secrets resolves env: to a key and file: to the server's authority.
type secrets struct{ pem string }

func (s secrets) Resolve(ref catalogue.Ref) (string, error) {
	if strings.HasPrefix(string(ref), "env:") {
		return "sim-canary-8f1e", nil
	}
	return s.pem, nil
}

func serve(t *testing.T, handler func(h *hostile, w http.ResponseWriter, r *http.Request)) *hostile {
	t.Helper()
	h := &hostile{}
	h.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodGet && r.URL.Path == "/v1/models" && r.Header.Get("Authorization") != "" {
			io.WriteString(w, "{}")
			return
		}
		handler(h, w, r)
	}))
	h.StartTLS()
	t.Cleanup(h.Close)
	return h
}

// measured runs some checks on the server, each within the limit.
func (h *hostile) measured(t *testing.T, limit time.Duration, only ...string) map[string]measure.Result {
	t.Helper()
	suite := inference.Suite
	suite.Checks = slices.Clone(suite.Checks)
	for i := range suite.Checks {
		suite.Checks[i].Limit = limit
	}
	caps := catalogue.Caps{Rate: 1000, Bytes: 1 << 30, Connections: 16, Duration: measure.Duration(time.Minute)}
	offer := catalogue.Offer{ID: "hostile", Caps: caps, Services: map[string]catalogue.Service{"inference": {
		Endpoint: h.URL, Trust: "file:ca", Features: suite.Features,
		Settings:    map[string]string{"model": "m", "embedding-model": "e", "context": "64", "rate-burst": "8", "parallel": "2"},
		Credentials: map[string]catalogue.Credential{"main": {"api-key": "env:KEY"}},
	}}}
	var ledger bytes.Buffer
	session, err := probe.Open(suite, probe.Config{
		Offer: offer, Ledger: probe.NewLedger(nopSync{&ledger}), Budget: probe.NewBudget(caps, time.Now), Prefix: "aloi-test", Lifetime: time.Hour, Now: time.Now,
		Secrets: secrets{string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw}))},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	results := map[string]measure.Result{}
	run := &probe.Run{
		Sessions: []*probe.Session{session}, Parallel: 8,
		Selected: func(c probe.Check) bool { return len(only) == 0 || slices.Contains(only, c.ID) },
		Sink: func(r measure.Result) error {
			if r.Reason == nil || r.Reason.Cause != measure.Filtered {
				results[r.Check] = r
			}
			return nil
		},
	}
	if err := run.Execute(t.Context()); err != nil {
		t.Fatal(err)
	}
	return results
}

type nopSync struct{ io.Writer }

func (nopSync) Sync() error { return nil }

// wants compares a result with what it must be; says is part of its sentence.
func wants(t *testing.T, r measure.Result, state measure.State, cause measure.Cause, says string) {
	t.Helper()
	if r.State != state || r.Reason == nil || r.Reason.Cause != cause || !strings.Contains(r.Reason.Text().EN, says) {
		t.Errorf("%s: %s %+v; want %s, %s, %q", r.Check, r.State, r.Reason, state, cause, says)
	}
}

// TestYesToEverything: an API that answers 200 to all that it is asked passes no
// check; one that has a well-formed answer to everything passes none that asks for
// a refusal.
func TestYesToEverything(t *testing.T) {
	t.Parallel()
	shaped := `{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop",
		"message":{"role":"assistant","content":"1, 2, 3"}}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`
	for _, body := range []string{"", "{}", "OK", "[]", `{"error":null}`, shaped} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			h := serve(t, func(_ *hostile, w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
			for id, r := range h.measured(t, 10*time.Second) {
				group := strings.Split(id, "/")[1]
				refusal := slices.Contains([]string{"auth", "errors", "limits", "stream"}, group)
				if r.State == measure.Pass && (body != shaped || refusal) || r.State == measure.Errored {
					t.Errorf("%s: %s on %q: %+v", id, r.State, body, r.Reason)
				}
			}
		})
	}
}

// flood writes a text again and again until the client goes away.
func flood(h *hostile, w http.ResponseWriter, r *http.Request, kind, text string, pause time.Duration) {
	w.Header().Set("Content-Type", kind)
	for r.Context().Err() == nil {
		n, err := io.WriteString(w, text)
		h.written.Add(int64(n))
		if err != nil {
			return
		}
		if pause > 0 {
			_ = http.NewResponseController(w).Flush()
			time.Sleep(pause)
		}
	}
}

const chunk = `data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}` + "\n\n"

// TestEndless: what never ends is cut, by bytes or by the check's deadline, and
// little of it is read.
func TestEndless(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		kind, text string
		pause      time.Duration
		check      string
		cause      measure.Cause
		says       string
	}{
		"events":       {"text/event-stream", chunk, 0, "inference/stream/done", measure.Assertion, "the stream goes on after 4 MiB"},
		"slow events":  {"text/event-stream", chunk, 20 * time.Millisecond, "inference/stream/done", measure.Timeout, "no complete answer within the deadline"},
		"comments":     {"text/event-stream", ": ping\n\n", 0, "inference/stream/type", measure.Assertion, "the stream goes on after 4 MiB"},
		"one line":     {"text/event-stream", "data: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0, "inference/stream/role", measure.Assertion, "the stream goes on after 4 MiB"},
		"JSON":         {"application/json", `{"id":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",`, 0, "inference/chat/shape", measure.Assertion, "200 with more than 4 MiB"},
		"vectors":      {"application/json", `0.12345678901234567890,`, 0, "inference/embeddings/order", measure.Assertion, "200 with more than 4 MiB"},
		"byte by byte": {"application/json", " ", 20 * time.Millisecond, "inference/chat/shape", measure.Timeout, "no complete answer within the deadline"},
		"silence":      {"application/json", "", time.Second, "inference/chat/shape", measure.Timeout, "no complete answer within the deadline"},
		"many draws":   {"application/json", `{"id":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",`, 0, "inference/structured/schema", measure.Assertion, "200 with more than 4 MiB"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, func(h *hostile, w http.ResponseWriter, r *http.Request) {
				text := test.text
				if test.pause == 0 {
					text = strings.Repeat(text, 4096/len(text)+1)
				}
				flood(h, w, r, test.kind, text, test.pause)
			})
			limit := 30 * time.Second
			if test.pause > 0 {
				limit = 1500 * time.Millisecond
			}
			began := time.Now()
			wants(t, h.measured(t, limit, test.check)[test.check], measure.Fail, test.cause, test.says)
			if took := time.Since(began); took > limit+5*time.Second {
				t.Errorf("took %s", took)
			}
			most := int64(16 << 20) // what was read, with what both sides' buffers hold
			if name == "many draws" {
				most *= 20
			}
			if n := h.written.Load(); n > most {
				t.Errorf("%d bytes were taken", n)
			}
		})
	}
}

// TestElsewhere: a redirection is judged, never followed.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	h := serve(t, func(_ *hostile, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://elsewhere.invalid"+r.URL.Path, http.StatusTemporaryRedirect)
	})
	results := h.measured(t, 10*time.Second, "inference/models/retrieve", "inference/chat/shape", "inference/stream/done")
	wants(t, results["inference/models/retrieve"], measure.Fail, measure.Redirected, "sent to elsewhere.invalid, which the offer doesn't declare")
	wants(t, results["inference/chat/shape"], measure.Fail, measure.Assertion, "307 to https://elsewhere.invalid")
	wants(t, results["inference/stream/done"], measure.Fail, measure.Assertion, "307")
}

// TestFarAway: a wait of years is no answer to when one may come back.
func TestFarAway(t *testing.T) {
	t.Parallel()
	h := serve(t, func(_ *hostile, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "999999999")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"error":{"message":"later","type":"requests","param":null,"code":null}}`)
	})
	results := h.measured(t, 10*time.Second, "inference/limits/retry-after", "inference/limits/retry", "inference/limits/burst")
	wants(t, results["inference/limits/retry-after"], measure.Fail, measure.Assertion, `429 with Retry-After "999999999"`)
	wants(t, results["inference/limits/retry"], measure.Fail, measure.Assertion, `429 with Retry-After "999999999"`)
	if r := results["inference/limits/burst"]; r.State != measure.Pass {
		t.Errorf("%s %+v", r.State, r.Reason)
	}
}
