package campaign

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/load/wire"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/lang"
)

// toy is a service of one operation, which servers of the tests get wrong.
var toy = probe.Suite{
	ID: "toy", Title: lang.Same("toy"),
	Control: func(ctx context.Context, s *probe.Session) error { return get(ctx, s, "/control") },
	Delete:  func(context.Context, *probe.Session, probe.Resource) error { return nil },
	Inventory: func(context.Context, *probe.Session) ([]string, error) {
		return nil, nil
	},
	Loads: []probe.Load{{
		Operation: "get", Title: lang.Same("get"), Rule: "RFC 9110", OpBytes: 1024,
		Prepare: func(t *probe.T) load.Workload {
			t.Own("thing", t.Name(), "", "none")
			err := get(t.Context(), t.Session(), "/prepare")
			t.Want(err == nil, "GET /prepare", fmt.Sprint(err), "200")
			server := t.Session().Server(512)
			head := []byte("GET /load HTTP/1.1\r\nHost: " + server.Address + "\r\n\r\n")
			return &wire.Fetch{Server: server, Head: func(into []byte, _ *load.Op) []byte { return append(into, head...) }}
		},
	}},
}

func get(ctx context.Context, s *probe.Session, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Service.Endpoint+path, nil)
	if err != nil {
		return err
	}
	res, err := s.HTTP().Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return errors.New(res.Status)
	}
	return nil
}

// swift is a gate: the median within 50 ms at 200/s, in blocks of 20 ms.
func swift() *catalogue.Catalogue {
	bound := measure.Duration(50 * time.Millisecond)
	return &catalogue.Catalogue{
		Needs: []catalogue.Need{{ID: "storage", Title: lang.T("Stocker", "Store")}},
		Targets: []catalogue.Target{{
			ID: "swift", Need: "storage", Role: catalogue.Gate, States: []catalogue.Phase{{From: "2026-01-01", State: catalogue.Effective}},
			Quantitative: &catalogue.Quantitative{
				Service: "toy", Operation: "get", Metric: measure.Latency, Quantile: 5000, Load: catalogue.Arrival{Shape: "poisson", Rate: 200, Connections: 4},
				Bound: &bound, Block: measure.Duration(20 * time.Millisecond), MinDuration: measure.Duration(100 * time.Millisecond),
				Budget: catalogue.Budget{Duration: measure.Duration(20 * time.Second)}, Confidence: 9500,
			},
		}},
	}
}

// behaviours are what servers do when they are under load, and what must come of it.
var behaviours = []struct {
	name    string
	serve   http.HandlerFunc
	change  func(*catalogue.Offer)
	verdict score.Verdict
	failure load.Kind // most of what failed
	says    string
}{
	{"fine", func(http.ResponseWriter, *http.Request) {}, nil, score.Met, "", "met with 95 % confidence"},
	{"slow", func(http.ResponseWriter, *http.Request) { time.Sleep(80 * time.Millisecond) }, nil, score.NotMet, "", "exceeded"},
	{"resets", func(w http.ResponseWriter, _ *http.Request) {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			conn.Close()
		}
	}, nil, score.NotMet, load.Broken, "without a right answer"},
	{"throttles", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
	}, nil, score.NotMet, load.Throttled, "without a right answer"},
	{"half-open", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, nil, score.NotMet, load.Timeout, "without a right answer"},
	{"elsewhere", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
	}, nil, score.NotMet, load.Status, "without a right answer"},
	{"garbage", func(w http.ResponseWriter, _ *http.Request) {
		if conn, buf, err := http.NewResponseController(w).Hijack(); err == nil {
			_, _ = buf.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")
			buf.Flush()
			conn.Close()
		}
	}, nil, score.NotMet, load.Malformed, "without a right answer"},
	{"endless", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 4096)) }, nil, score.NotMet, load.TooLarge, "without a right answer"},
	{"unprepared", nil, nil, score.NotMet, "", "GET /prepare returned 500"},
	{"slow lane", func(http.ResponseWriter, *http.Request) {}, func(o *catalogue.Offer) { o.Caps.Rate = 150 }, score.NotEstablished, "", "rate 150/s, 200/s needed"},
	{"few lines", func(http.ResponseWriter, *http.Request) {}, func(o *catalogue.Offer) { o.Caps.Connections = 3 }, score.NotEstablished, "", "connections 3, 4 needed"},
	{"few bytes", func(http.ResponseWriter, *http.Request) {}, func(o *catalogue.Offer) { o.Caps.Bytes = 2000 }, score.NotEstablished, "", "bytes, "},
	{"no time", func(http.ResponseWriter, *http.Request) {}, func(o *catalogue.Offer) { o.Caps.Duration = measure.Duration(time.Second) }, score.NotEstablished, "", "duration, "},
	{"elsewise", func(http.ResponseWriter, *http.Request) {}, func(o *catalogue.Offer) { o.Services = map[string]catalogue.Service{} }, score.NotMet, "", `no "toy" service`},
	{"modest", func(http.ResponseWriter, *http.Request) {}, func(o *catalogue.Offer) { o.Positions = nil }, score.NotEvaluated, "", "doesn't position itself"},
}

func candidates(t *testing.T) []Candidate {
	t.Helper()
	var list []Candidate
	for _, b := range behaviours {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/load":
				b.serve(w, r)
			case r.URL.Path == "/prepare" && b.serve == nil:
				w.WriteHeader(http.StatusInternalServerError)
			}
		}))
		t.Cleanup(server.Close)
		o := catalogue.Offer{
			ID: catalogue.OfferID(strings.ReplaceAll(b.name, " ", "-")), Name: b.name, Positions: []catalogue.NeedID{"storage"},
			Services: map[string]catalogue.Service{"toy": {Endpoint: server.URL, Features: []string{}}},
			Caps:     catalogue.Caps{Rate: 400, Bytes: 10 << 20, Connections: 8, Duration: measure.Duration(10 * time.Minute)},
		}
		if b.change != nil {
			b.change(&o)
		}
		list = append(list, Candidate{Offer: o})
	}
	return list
}

// watcher counts blocks, and may stop the run.
type watcher struct {
	blocks int
	on     func(blocks int)
}

func (*watcher) Started(string, string) {}
func (*watcher) Done(measure.Result)    {}
func (w *watcher) Loaded(measure.LoadPlan, string, measure.LoadBlock) {
	w.blocks++
	if w.on != nil {
		w.on(w.blocks)
	}
}

func evaluate(ctx context.Context, t *testing.T, c *Campaign) (*evidence.Record, evidence.Outcome) {
	t.Helper()
	c.Catalogue, c.Suites, c.Parallel, c.Seed, c.Now, c.Disk = swift(), []probe.Suite{toy}, 4, 7, time.Now, evidence.OS
	dir := filepath.Join(t.TempDir(), "run")
	if err := c.Run(ctx, dir); err != nil {
		t.Fatal(err)
	}
	record, err := evidence.Read(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return record, evidence.Decide(record)
}

// TestRun_UnderLoad: whatever a service does under load, a clear verdict or a clear
// reason comes of it, for it alone.
func TestRun_UnderLoad(t *testing.T) {
	t.Parallel()
	watch := &watcher{}
	record, outcome := evaluate(t.Context(), t, &Campaign{Offers: candidates(t), Watch: watch})
	if !record.Complete() || record.End.Left != 0 || len(record.Loads) != 1 || watch.blocks < 50 {
		t.Fatalf("end %+v, %d loads, %d blocks", record.End, len(record.Loads), watch.blocks)
	}
	for i, b := range behaviours {
		card := outcome.Cards[i]
		v := card.Targets[0]
		if v.Verdict != b.verdict || !strings.Contains(v.Reason.EN, b.says) {
			t.Errorf("%s: %s: %s\n  want %s: …%s…", b.name, v.Verdict, v.Reason.EN, b.verdict, b.says)
		}
		r := record.Loads[0].Offer(string(card.Offer))
		if b.failure == "" || r == nil {
			continue
		}
		if total := r.Total(); total.Failures[string(b.failure)] < max(1, total.Failed/2) {
			t.Errorf("%s: %v", b.name, total.Failures)
		}
	}
}

// TestRun_StopSwitch: stopping the run in the middle of a load keeps what is known,
// which decides nothing.
func TestRun_StopSwitch(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	all := candidates(t)
	record, outcome := evaluate(ctx, t, &Campaign{Offers: all[4:5], Watch: &watcher{on: func(int) { stop() }}})
	if record.Complete() || len(record.Loads) != 1 || !record.Loads[0].Stopped {
		t.Fatalf("end %+v, loads %+v", record.End, record.Loads)
	}
	if v := outcome.Cards[0].Targets[0]; v.Verdict != score.NotEstablished || !strings.Contains(v.Reason.EN, "the run was stopped") {
		t.Errorf("%s: %s", v.Verdict, v.Reason.EN)
	}
}

// TestRun_NoLoad: --load=false, --class light and another selection ask nothing.
func TestRun_NoLoad(t *testing.T) {
	t.Parallel()
	all := candidates(t)
	for _, c := range []*Campaign{{NoLoad: true}, {Class: probe.Light}} {
		c.Offers, c.Watch = all[:1], &watcher{on: func(int) { t.Error("a block was asked for") }}
		if record, _ := evaluate(t.Context(), t, c); len(record.Plan.Loads) != 0 {
			t.Errorf("planned %+v", record.Plan.Loads)
		}
	}
	c := &Campaign{Offers: all[:1], Only: []string{"toy/load/*"}, Watch: &watcher{}}
	if record, _ := evaluate(t.Context(), t, c); len(record.Loads) != 1 {
		t.Errorf("%+v", record.Loads)
	}
}
