package score_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
)

// world is a random catalogue, three offers, and the results of the first two.
type world struct {
	rng     *rand.Rand
	cat     *catalogue.Catalogue
	offers  []catalogue.Offer
	results []measure.Result
	trivial bool // a target asks for 0 % of its checks
}

const (
	worldDate  catalogue.Date = "2026-06-01"
	worldPool  int            = 9 // checks that targets draw from
	worldNeeds int            = 3
)

var worldNow = time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)

func newWorld(seed uint64) *world {
	w := &world{rng: rand.New(rand.NewPCG(seed, 1)), cat: &catalogue.Catalogue{}}
	for n := range worldNeeds {
		w.cat.Needs = append(w.cat.Needs, catalogue.Need{ID: needID(n)})
	}
	for n := range 1 + w.rng.IntN(6) {
		w.cat.Targets = append(w.cat.Targets, w.target(n))
	}
	for _, id := range []catalogue.OfferID{"alpha", "beta", "gamma"} {
		offer := catalogue.Offer{ID: id}
		for n := range worldNeeds {
			if w.rng.IntN(4) > 0 {
				offer.Positions = append(offer.Positions, needID(n))
			}
		}
		w.offers = append(w.offers, offer)
	}
	w.results = slices.Concat(w.measured("alpha"), w.measured("beta"))
	return w
}

func needID(n int) catalogue.NeedID { return catalogue.NeedID(fmt.Sprintf("need-%d", n)) }

func checkID(n int) string { return fmt.Sprintf("s3/check/%d", n) }

func (w *world) target(n int) catalogue.Target {
	rng := w.rng
	t := catalogue.Target{
		ID:     catalogue.TargetID(fmt.Sprintf("target-%d", n)),
		Need:   needID(rng.IntN(worldNeeds)),
		Role:   pick(rng, catalogue.Gate, catalogue.Scored),
		States: []catalogue.Phase{{From: "2026-01-01", State: pick(rng, catalogue.Effective, catalogue.Effective, catalogue.Draft)}},
	}
	if t.Role == catalogue.Scored {
		t.Weight = 1 + rng.IntN(5)
	}
	if rng.IntN(3) == 0 {
		t.Validity = new(measure.Duration(pick[time.Duration](rng, 30, 90) * 24 * time.Hour))
	}
	if t.Role == catalogue.Scored && rng.IntN(5) == 0 { // a catalogue has no other
		t.Manual = &catalogue.Manual{}
		return t
	}
	f := &catalogue.Functional{MinCoverage: pick[measure.Share](rng, 0, 3333, 5000, 9000, 10000)}
	for _, check := range rng.Perm(worldPool)[:1+rng.IntN(worldPool)] {
		f.Checks = append(f.Checks, checkID(check))
	}
	limits := []*measure.Share{nil, new(measure.Share(0)), new(measure.Share(3333)), new(measure.Share(5000)),
		new(measure.Share(6667)), new(measure.Whole)}
	f.Share, f.Floor, f.Want = pick(rng, limits...), pick(rng, limits...), pick(rng, limits...)
	for _, limit := range []*measure.Share{f.Share, f.Want} {
		w.trivial = w.trivial || limit != nil && *limit == 0
	}
	t.Functional = f
	return t
}

// measured draws results for some of the checks, some of them long ago.
func (w *world) measured(offer catalogue.OfferID) []measure.Result {
	var results []measure.Result
	causes := map[measure.State][]measure.Cause{
		measure.Fail:        {measure.Assertion, measure.Timeout},
		measure.Unsupported: {measure.Feature},
		measure.NotRun:      {measure.Prerequisite, measure.Filtered, measure.Cap, measure.Interrupted},
		measure.Errored:     {measure.Control, measure.Engine},
	}
	for n := range worldPool {
		if w.rng.IntN(8) == 0 {
			continue
		}
		r := measure.Result{Offer: string(offer), Check: checkID(n), State: measure.Pass}
		if w.rng.IntN(2) == 0 {
			r.State = pick(w.rng, measure.States[1:]...)
			r.Reason = &measure.Reason{Cause: pick(w.rng, causes[r.State]...)}
		}
		r.Started = worldNow.AddDate(0, 0, -pick(w.rng, 0, 0, 0, 31, 60, 200))
		results = append(results, r)
	}
	return results
}

func (w *world) card(offer catalogue.Offer) score.Card {
	return score.Evaluate(w.cat, offer, score.Facts{Results: w.results}, worldDate)
}

// improve turns one check into a pass, measured when it was, or now if it wasn't.
func (w *world) improve(offer catalogue.OfferID) {
	check := checkID(w.rng.IntN(worldPool))
	for i := range w.results {
		if r := &w.results[i]; r.Offer == string(offer) && r.Check == check {
			r.State, r.Reason = measure.Pass, nil
			return
		}
	}
	w.results = append(w.results, measure.Result{Offer: string(offer), Check: check, State: measure.Pass, Started: worldNow})
}

// ageless drops every validity, so that what is unknown is so for all targets.
func (w *world) ageless() {
	for i := range w.cat.Targets {
		w.cat.Targets[i].Validity = nil
	}
}

// settle gives every check of the offer that has no answer one of the states.
func (w *world) settle(offer catalogue.OfferID, states ...measure.State) {
	w.results = slices.Clone(w.results)
	answered := map[string]bool{}
	for _, r := range w.results {
		if r.Offer == string(offer) {
			blocked := r.State == measure.NotRun && r.Reason.Cause == measure.Prerequisite
			answered[r.Check] = blocked || r.State != measure.NotRun && r.State != measure.Errored
		}
	}
	for n := range worldPool {
		if check := checkID(n); !answered[check] {
			w.results = append(w.results, measure.Result{Offer: string(offer), Check: check, State: pick(w.rng, states...), Started: worldNow})
		}
	}
}
