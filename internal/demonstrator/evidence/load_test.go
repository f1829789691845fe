package evidence

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/proof"
)

// fast is a gate on the latency, which loadRun decides.
func fast() catalogue.Target {
	bound := measure.Duration(20 * time.Millisecond)
	return catalogue.Target{
		ID: "fast", Need: "storage", Role: catalogue.Gate, States: []catalogue.Phase{{From: "2026-01-01", State: catalogue.Effective}},
		Quantitative: &catalogue.Quantitative{
			Service: "s3", Operation: "get-4k", Metric: measure.Latency, Quantile: 9500, Load: catalogue.Arrival{Shape: "constant", Rate: 100},
			Bound: &bound, Block: measure.Duration(100 * time.Millisecond), MinDuration: measure.Duration(time.Second), Confidence: 9500, Budget: catalogue.Budget{Duration: measure.Duration(time.Minute)},
		},
	}
}

// loadRun is 80 blocks of 10 requests on both offers and the null server.
func loadRun() *measure.LoadRun {
	target := fast()
	run := &measure.LoadRun{Plan: target.Quantitative.LoadPlan(), Seed: 1<<63 + 9, Began: at.Add(time.Second), Goals: target.Quantitative.Goals()}
	record := func(name string, latency time.Duration) measure.LoadRecord {
		r := measure.LoadRecord{Name: name, State: measure.Pass, Ended: measure.LoadDecided, PerBlocks: 2, Segments: map[string][]measure.Packed{}}
		service, lateness, segment := new(measure.Histogram), new(measure.Histogram), new(measure.Histogram)
		for i := range 80 {
			for range 10 {
				segment.Record(latency)
				service.Record(latency)
				lateness.Record(3 * time.Microsecond)
			}
			if i%2 == 1 {
				r.Segments[measure.Latency] = append(r.Segments[measure.Latency], segment.Pack())
				*segment = measure.Histogram{}
			}
			r.Blocks = append(r.Blocks, measure.LoadBlock{Number: i, Start: time.Duration(i) * time.Second, Length: 100 * time.Millisecond, Requests: 10, Bytes: 50_000, Slow: []int64{0}, Good: 10, P50: 900, P99: 900, P999: 900, Max: 900})
		}
		r.Service, r.Lateness = service.Pack(), lateness.Pack()
		return r
	}
	run.Offers = []measure.LoadRecord{record("alize", time.Millisecond), record("brume", 5*time.Millisecond)}
	null := record("null", 50*time.Microsecond)
	run.Null = &null
	return run
}

// TestVerify_ForgedLoad: the key's holder can't seal a load that contradicts itself or
// its plan, nor a verdict that its blocks don't give.
func TestVerify_ForgedLoad(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5, true)
	for name, c := range map[string]struct {
		change func(*measure.LoadRun)
		says   string
	}{
		"honest":           {func(*measure.LoadRun) {}, ""},
		"fewer blocks":     {func(r *measure.LoadRun) { cutBlocks(&r.Offers[1], 20) }, "brume, target fast: said met (1/1/1), decided not-established (0/0/1)"},
		"slow requests":    {func(r *measure.LoadRun) { slow(&r.Offers[1]) }, "brume, target fast: said met (1/1/1), decided not-met (0/1/1)"},
		"slow generator":   {func(r *measure.LoadRun) { slow(r.Null) }, "alize, target fast: said met (1/1/1), decided not-established (0/0/1)"},
		"clock":            {func(r *measure.LoadRun) { r.Step = time.Second }, "alize, target fast"},
		"no null":          {func(r *measure.LoadRun) { r.Null = nil }, "alize, target fast"},
		"too few requests": {func(r *measure.LoadRun) { r.Offers[0].Blocks[3].Requests = 9 }, "block 3: the parts don't add up"},
		"another load":     {func(r *measure.LoadRun) { r.Plan.Rate = 200 }, "the load asks for 20"},
		"another plan":     {func(r *measure.LoadRun) { r.Plan.Operation = "get-8k" }, "not those of the plan"},
		"another goal":     {func(r *measure.LoadRun) { r.Goals[0].Bound *= 2 }, "not those of the plan"},
		"stranger":         {func(r *measure.LoadRun) { r.Offers[0].Name = "cirrus" }, "the offer cirrus is not in the plan"},
		"twice":            {func(r *measure.LoadRun) { r.Offers[0].Name = "brume" }, "two records of brume"},
		"a value too many": {func(r *measure.LoadRun) {
			h := r.Offers[0].Segments[measure.Latency][0].Unpack()
			h.Record(1)
			r.Offers[0].Segments[measure.Latency][0] = h.Pack()
		}, "801 values of latency for 800 requests"},
		"no lateness": {func(r *measure.LoadRun) { r.Offers[0].Lateness = measure.Packed{} }, "not as many have a service time or a lateness"},
		"order":       {func(r *measure.LoadRun) { r.Offers[0].Blocks[7].Number = 3 }, "block 7: out of order"},
		"negative":    {func(r *measure.LoadRun) { r.Offers[0].Blocks[7].Good = -1 }, "block 7: numbers out of range"},
		"reason":      {func(r *measure.LoadRun) { r.Offers[0].State = measure.Fail }, "with or without a reason"},
	} {
		wantRefusal(t, w, name, w.forge(t, w.sealed, func(files map[string][]byte) {
			run := loadRun()
			c.change(run)
			data, err := proof.Canonical(run)
			if err != nil {
				t.Fatal(err)
			}
			files[loadFile(0)] = data
		}), c.says)
	}
}

func cutBlocks(r *measure.LoadRecord, n int) {
	r.Blocks, r.Segments[measure.Latency] = r.Blocks[:n], r.Segments[measure.Latency][:n/2]
	r.Service = r.Latency().Pack()
}

// slow makes every request of a record slower than any bound.
func slow(r *measure.LoadRecord) {
	for i := range r.Blocks {
		r.Blocks[i].Slow, r.Blocks[i].Good = []int64{10}, 0
	}
	for i := range r.Segments[measure.Latency] {
		h := new(measure.Histogram)
		for range 20 {
			h.Record(time.Minute)
		}
		r.Segments[measure.Latency][i] = h.Pack()
	}
}

// TestRead_Load: what a killed run has of its loads is read, and a damaged one is
// named.
func TestRead_Load(t *testing.T) {
	t.Parallel()
	dir := makeRun(t, 3, false)
	r, err := Read(os.DirFS(dir))
	if err != nil || len(r.Loads) != 1 || r.Loads[0].Offers[0].Latency().Count() != 800 {
		t.Fatalf("%+v, %v", r, err)
	}
	if err := os.WriteFile(filepath.Join(dir, loadFile(0)), []byte(`{"goals":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(os.DirFS(dir)); err == nil || !strings.Contains(err.Error(), "loads/001.json") {
		t.Errorf("damaged: %v", err)
	}
}
