package report

import (
	"strconv"
	"time"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
)

// The types below are a load in the JSON report. Times are in microseconds where a
// name says so; a null one is that of a request without a right answer, slower than
// any bound.
type (
	jsonLoad struct {
		Plan        measure.LoadPlan `json:"plan"`
		Seed        string           `json:"seed"`
		Began       time.Time        `json:"began"`
		StepNS      int64            `json:"step_ns"` // the largest jump of the wall clock
		Stopped     bool             `json:"stopped"`
		Goals       []measure.Goal   `json:"goals"`
		Offers      []jsonLoaded     `json:"offers"`
		Null        *jsonLoaded      `json:"null_server"` // null: the generator's part isn't known
		Comparisons []jsonLoadRatio  `json:"comparisons"`
	}
	jsonLoaded struct {
		Name     string           `json:"name"`
		State    measure.State    `json:"state"`
		Reason   *lang.Text       `json:"reason"` // null: put under load
		Ended    measure.LoadEnd  `json:"ended"`
		Cap      string           `json:"cap"`
		Blocks   int              `json:"blocks"` // complete ones, as all that follows
		LengthNS int64            `json:"length_ns"`
		Requests int64            `json:"requests"` // answered, failed or dropped
		Late     int64            `json:"late"`
		Dropped  int64            `json:"dropped"`
		Failed   int64            `json:"failed"`
		Failures map[string]int64 `json:"failures"`
		Held     int64            `json:"held"`
		Bytes    int64            `json:"bytes"`
		Good     int64            `json:"good"`
		Slow     []int64          `json:"slow"` // by goal
		Metrics  []jsonMetric     `json:"metrics"`
		Void     [][]jsonVoid     `json:"void"` // by goal
	}
	jsonMetric struct {
		Metric    string                      `json:"metric"`
		Quantiles map[measure.Quantile]*int64 `json:"quantiles_us"`
		MaxUS     *int64                      `json:"max_us"`
	}
	jsonVoid struct {
		measure.LoadVoid
		Text lang.Text `json:"text"`
	}
	jsonLoadRatio struct {
		measure.LoadRatio
		Void bool       `json:"void"` // not compared: see the offers' own
		Text *lang.Text `json:"text"` // null when void
	}
)

func (v View) loadsOf() []jsonLoad {
	out := []jsonLoad{}
	for i := range v.Record.Loads {
		run := &v.Record.Loads[i]
		load := jsonLoad{
			Plan: run.Plan, Seed: strconv.FormatUint(run.Seed, 10), Began: run.Began, StepNS: int64(run.Step), Stopped: run.Stopped,
			Goals: listed(run.Goals), Offers: []jsonLoaded{}, Comparisons: []jsonLoadRatio{},
		}
		for o := range run.Offers {
			loaded := loadedOf(&run.Offers[o])
			for goal := range run.Goals {
				loaded.Void = append(loaded.Void, voidsOf(run, o, goal))
			}
			load.Offers = append(load.Offers, loaded)
		}
		if run.Null != nil {
			load.Null = new(loadedOf(run.Null))
		}
		for _, c := range ratios(run) {
			ratio := jsonLoadRatio{LoadRatio: c.LoadRatio, Void: c.void}
			if !c.void {
				ratio.Text = new(c.Text())
			}
			load.Comparisons = append(load.Comparisons, ratio)
		}
		out = append(out, load)
	}
	return out
}

func loadedOf(r *measure.LoadRecord) jsonLoaded {
	total := r.Total()
	out := jsonLoaded{
		Name: r.Name, State: r.State, Ended: r.Ended, Cap: r.Cap, Blocks: total.Number, LengthNS: int64(total.Length),
		Requests: total.Requests, Late: total.Late, Dropped: total.Dropped, Failed: total.Failed, Failures: total.Failures, Held: total.Held,
		Bytes: total.Bytes, Good: total.Good, Slow: listed(total.Slow), Metrics: []jsonMetric{}, Void: [][]jsonVoid{},
	}
	if r.Reason != nil {
		out.Reason = new(r.Reason.Text())
	}
	for _, metric := range sortedKeys(r.Segments) {
		h := r.Histogram(metric)
		if h.Count() == 0 {
			continue
		}
		m := jsonMetric{Metric: metric, Quantiles: map[measure.Quantile]*int64{}}
		for _, q := range figures {
			m.Quantiles[q] = micros(h.Quantile(q))
		}
		m.MaxUS = micros(h.Max())
		out.Metrics = append(out.Metrics, m)
	}
	return out
}

func micros(d time.Duration, lost bool) *int64 {
	if lost {
		return nil
	}
	return new(d.Microseconds())
}

func voidsOf(run *measure.LoadRun, offer, goal int) []jsonVoid {
	out := []jsonVoid{}
	if !measured(&run.Offers[offer]) {
		return out
	}
	for _, void := range run.Void(offer, goal) {
		out = append(out, jsonVoid{void, void.Text()})
	}
	return out
}
