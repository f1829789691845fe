package inference

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"aloi.dev/refcloud/service"
)

// simulator serves without the network's certificate and the offer's process.
func simulator(t *testing.T, set service.Set) (*Server, *httptest.Server) {
	t.Helper()
	s := &Server{env: service.Env{Offer: "test", Log: slog.New(slog.DiscardHandler)}}
	s.main, s.burst = newAccount("main-key", 2, 1000, 1000), newAccount("burst-key", 2, 3, 1)
	s.Switch(set)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return s, web
}

// post sends a request and reads the answer into a document.
func post(t *testing.T, web *httptest.Server, key, path string, body doc) (int, http.Header, doc) {
	t.Helper()
	res, err := send(t.Context(), web, key, path, body)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var d doc
	_ = json.Unmarshal(text, &d)
	return res.StatusCode, res.Header, d
}

func send(ctx context.Context, web *httptest.Server, key, path string, body doc) (*http.Response, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, web.URL+"/v1/"+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	return http.DefaultClient.Do(req)
}

func said(prompt string, fields doc) doc {
	d := doc{"model": chatModel, "messages": []doc{{"role": "user", "content": prompt}}, "temperature": 0}
	for k, v := range fields {
		d[k] = v
	}
	return d
}

func TestTokens(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	texts := []string{"", " ", "Zoë dîne à Nîmes pour 12 €, cœur léger 🙂", "a\n\nb  c", `{"ville":"Lyon"}`, "e\u0301t\u00e9"}
	for range 200 {
		texts = append(texts, french.sentence(r), english.sentence(r))
	}
	for _, text := range texts {
		all := tokens(text)
		if strings.Join(all, "") != text {
			t.Errorf("%q became %q", text, all)
		}
		for n := range all { // a cut answer counts as many tokens as it was cut at
			if got := len(tokens(strings.Join(all[:n], ""))); got != n {
				t.Errorf("the first %d tokens of %q count %d", n, text, got)
			}
		}
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	_, web := simulator(t, service.Set{})
	status, _, d := post(t, web, "main-key", "chat/completions", said("Compte de 1 à 9", doc{"max_tokens": 5}))
	choice := d["choices"].([]any)[0].(doc)
	if status != 200 || choice["message"].(doc)["content"] != "1, 2, 3" || choice["finish_reason"] != "length" {
		t.Errorf("%d %v", status, d)
	}
	if u := d["usage"].(doc); u["completion_tokens"] != 5.0 || u["prompt_tokens"] != 12.0 || u["total_tokens"] != 17.0 {
		t.Errorf("%v", u)
	}
}

// TestComposer: what is composed follows the schema, and other schemas are refused.
func TestComposer(t *testing.T) {
	t.Parallel()
	var s schema
	if err := json.Unmarshal([]byte(`{"type":"object","properties":{"a":{"type":"array","minItems":2,"maxItems":2,"items":{"$ref":"#/$defs/x"}},
		"b":{"enum":["u","v"]},"c":{"type":"string","maxLength":3}},"$defs":{"x":{"type":"integer","minimum":5,"maximum":7}}}`), &s); err != nil {
		t.Fatal(err)
	}
	if err := checkSchema(s, "root"); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		v, err := composer{s, rand.New(rand.NewPCG(uint64(i), 0)), "à Lyon"}.value(s)
		if err != nil {
			t.Fatal(err)
		}
		o := v.(map[string]any)
		for _, n := range o["a"].([]any) {
			if n.(int64) < 5 || n.(int64) > 7 {
				t.Errorf("%v", n)
			}
		}
		if len(o["a"].([]any)) != 2 || o["b"] != "u" && o["b"] != "v" || o["c"] != "Lyo" {
			t.Errorf("%v", o)
		}
	}
	for _, text := range []string{`{}`, `{"type":"objet"}`, `{"type":"string","pattern":"a"}`, `{"properties":{"a":{"type":3}}}`, `{"items":[]}`} {
		var s schema
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		if checkSchema(s, "root") == nil {
			t.Errorf("%s was admitted", text)
		}
	}
}

// TestSlots: two generations of a key run at once, the third waits; a client that
// leaves frees its place, unless that fault is planted.
func TestSlots(t *testing.T) {
	t.Parallel()
	for fault, freed := range map[string]bool{"": true, "inference.stream-slot-kept": false} {
		s, web := simulator(t, service.Set{Faults: []string{fault}})
		ctx, leave := context.WithCancel(t.Context())
		for range 2 {
			res, err := send(ctx, web, "burst-key", "chat/completions", said("Compte de 1 à 999", doc{"stream": true, "max_tokens": 3000}))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
		}
		if n := len(s.burst.slots); n != 2 {
			t.Errorf("%d slots taken", n)
		}
		leave()
		for until := time.Now().Add(time.Second); freed && len(s.burst.slots) > 0 && time.Now().Before(until); {
			time.Sleep(time.Millisecond)
		}
		if n := len(s.burst.slots); freed != (n == 0) {
			t.Errorf("%q: %d slots taken after leaving", fault, n)
		}
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	_, web := simulator(t, service.Set{})
	for i := range 4 {
		status, header, _ := post(t, web, "burst-key", "chat/completions", said("Bonjour", doc{"max_tokens": 1}))
		if limited := i == 3; limited != (status == http.StatusTooManyRequests) || limited != (header.Get("Retry-After") == "1") || header.Get("X-Ratelimit-Limit-Requests") != "3" {
			t.Errorf("request %d: %d %v", i, status, header)
		}
	}
}

// TestFaultsChangeSomething: each fault and variation plants something, and none
// breaks the server when all are planted at once.
func TestFaultsChangeSomething(t *testing.T) {
	t.Parallel()
	clean := fmt.Sprintf("%+v", behave(service.Set{}))
	var all []string
	for _, f := range append(Faults(), variations...) {
		if fmt.Sprintf("%+v", behave(service.Set{Faults: []string{f.Name}})) == clean {
			t.Errorf("%s changes nothing", f.Name)
		}
		if f.Name != "inference.stream-buffered" {
			all = append(all, f.Name)
		}
	}
	for _, name := range demoFaults {
		if behave(service.Set{Faults: []string{name}}) == nil || !strings.Contains(strings.Join(all, " "), name) {
			t.Errorf("the demo plants %s, which is no fault", name)
		}
	}
	_, web := simulator(t, service.Set{Faults: all})
	for _, path := range []string{"chat/completions", "embeddings", "models", "nowhere"} {
		if res, err := send(t.Context(), web, "x", path, said("Bonjour", nil)); err != nil {
			t.Errorf("%s: %v", path, err)
		} else {
			res.Body.Close()
		}
	}
}
