package probe

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// Run is a set of checks on the sessions of one or more offers.
type Run struct {
	Sessions []*Session
	Vet      bool // run the suites' examinations of the offer instead of their checks
	Selected func(Check) bool
	Parallel int    // checks at once, over all offers
	Seed     uint64 // of the order in which offers and checks take turns

	// Sink receives each result as soon as it is known, one at a time. An
	// error stops the run: what cannot be written down must not be measured.
	Sink func(measure.Result) error
	// Started, when set, hears of each check as it begins.
	Started func(offer, check string)
}

// Execute runs every check of every session and returns when all resources that
// could be deleted are. Checks of the several offers take turns in a seeded
// random order. The error is ours (the sink failed); a cancelled context is
// not: what was not run is reported as such.
func (r *Run) Execute(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	x := &execution{run: r, ctx: ctx, stop: stop, known: map[[2]string]measure.Result{}}
	x.opening()
	for _, wave := range x.waves() {
		x.wave(wave)
	}
	return x.err
}

// execution is the state of one Execute.
type execution struct {
	run  *Run
	ctx  context.Context
	stop context.CancelCauseFunc

	mu    sync.Mutex
	known map[[2]string]measure.Result // offer, check
	err   error
}

type task struct {
	session *Session
	check   Check
}

// opening makes the first control call of each session: an offer that doesn't
// serve it is not asked anything more.
func (x *execution) opening() {
	var wg sync.WaitGroup
	for _, s := range x.run.Sessions {
		wg.Go(func() { _ = s.control.verify(x.ctx, s, s.now()) })
	}
	wg.Wait()
}

// waves orders the tasks: a check comes in a later wave than its prerequisites.
func (x *execution) waves() [][]task {
	random := rand.New(rand.NewPCG(x.run.Seed, 0))
	var waves [][]task
	for _, s := range x.run.Sessions {
		depth := map[string]int{}
		checks := s.Suite.Checks
		if x.run.Vet {
			checks = s.Suite.Vet
		}
		for _, c := range checks {
			depth[c.ID] = 0
			for _, id := range c.After {
				depth[c.ID] = max(depth[c.ID], depth[id]+1) // tables list prerequisites first
			}
			for len(waves) <= depth[c.ID] {
				waves = append(waves, nil)
			}
			waves[depth[c.ID]] = append(waves[depth[c.ID]], task{s, c})
		}
	}
	for _, w := range waves {
		random.Shuffle(len(w), func(i, j int) { w[i], w[j] = w[j], w[i] })
	}
	return waves
}

func (x *execution) wave(tasks []task) {
	queue := make(chan task)
	var wg sync.WaitGroup
	for range max(1, x.run.Parallel) {
		wg.Go(func() {
			for t := range queue {
				x.report(x.perform(t))
			}
		})
	}
	for _, t := range tasks {
		queue <- t
	}
	close(queue)
	wg.Wait()
}

// report hands a result to the sink; the first failure stops the run.
func (x *execution) report(res measure.Result) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.known[[2]string{res.Offer, res.Check}] = res
	if x.err != nil {
		return
	}
	if err := x.run.Sink(res); err != nil {
		x.err = err
		x.stop(errInterrupted)
	}
}

// perform brings one check to a result.
func (x *execution) perform(task task) measure.Result {
	s, c := task.session, task.check
	res := measure.Result{Offer: string(s.Offer.ID), Check: c.ID, Started: s.now().UTC()}
	if state, reason := x.before(s, c); state != "" {
		res.State, res.Reason = state, reason
		return res
	}
	ctx, done := s.config.Budget.within(x.ctx)
	defer done()
	if err := s.slots.Acquire(ctx, c.slots()); err != nil {
		res.State, res.Reason = measure.NotRun, stopped(ctx)
		return res
	}
	defer s.slots.Release(c.slots())
	if x.run.Started != nil {
		x.run.Started(res.Offer, c.ID)
	}
	began := s.now()
	res.Started = began.UTC()
	t := newT(ctx, s, c, c.deadline())
	cut := t.run()
	res.State, res.Reason = judge(x.ctx, t)
	res.Duration = s.now().Sub(began)
	res.Exchanges = t.rec.finish(res.State != measure.Pass)
	s.tidy(t, cut)
	if res.Reason != nil {
		res.Reason.Did, res.Reason.Got = s.redact.Text(res.Reason.Did), s.redact.Text(res.Reason.Got)
	}
	return res
}

// before decides what needs no request.
func (x *execution) before(s *Session, c Check) (measure.State, *measure.Reason) {
	switch {
	case !x.run.Selected(c):
		return measure.NotRun, &measure.Reason{Cause: measure.Filtered}
	case x.ctx.Err() != nil:
		return measure.NotRun, stopped(x.ctx)
	}
	for _, f := range c.Features {
		if !s.declares(f) {
			return measure.Unsupported, &measure.Reason{Cause: measure.Feature, Want: f}
		}
	}
	if state, reason := x.prerequisites(s, c); state != "" {
		return state, reason
	}
	if err := s.control.broken(); err != nil {
		return measure.Errored, &measure.Reason{Cause: measure.Control, Did: "no request was made", Got: err.Error()}
	}
	return "", nil
}

// prerequisites keeps a check from running where one that it builds on did not
// pass. What says nothing of the offer there says nothing here either.
func (x *execution) prerequisites(s *Session, c Check) (measure.State, *measure.Reason) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, id := range c.After {
		switch r := x.known[[2]string{string(s.Offer.ID), id}]; {
		case r.State == measure.Pass || r.State == measure.NotRun && r.Reason.Cause == measure.Filtered:
		case r.State == measure.Errored || r.State == measure.NotRun && r.Reason.Cause != measure.Prerequisite:
			return r.State, r.Reason
		default:
			return measure.NotRun, &measure.Reason{Cause: measure.Prerequisite, Want: id}
		}
	}
	return "", nil
}

// judge turns what the check found into its state: a failure counts against the
// offer only if a control call with the same credentials succeeds afterwards.
func judge(ctx context.Context, t *T) (measure.State, *measure.Reason) {
	t.mu.Lock()
	state, reason := t.state, t.reason
	t.mu.Unlock()
	if state != measure.Fail {
		return state, reason
	}
	t.rec.mu.Lock()
	if t.rec.throttled != "" {
		reason = &measure.Reason{Cause: measure.Throttled, Did: reason.Did, Got: t.rec.throttled}
	} else if t.rec.elsewhere != "" {
		reason = &measure.Reason{Cause: measure.Redirected, Did: reason.Did, Got: t.rec.elsewhere}
	}
	t.rec.mu.Unlock()
	if err := t.session.control.verify(ctx, t.session, t.session.now()); err != nil {
		if ctx.Err() != nil {
			return measure.NotRun, stopped(ctx)
		}
		return measure.Errored, &measure.Reason{Cause: measure.Control, Did: reason.Text().EN, Got: err.Error()}
	}
	return measure.Fail, reason
}

// stopped says why a run ended before its checks.
func stopped(ctx context.Context) *measure.Reason {
	var capped *CapReached
	if errors.As(context.Cause(ctx), &capped) {
		return &measure.Reason{Cause: measure.Cap, Got: capped.Cap}
	}
	return &measure.Reason{Cause: measure.Interrupted}
}

// control makes control calls and remembers whether the service still answers.
// One call serves every check that failed before it began.
type control struct {
	mu       sync.Mutex
	at       time.Time // when the last call that succeeded began
	failures int       // in a row
	err      error     // of the last call
}

// most control calls that may fail in a row before the service is given up
const givenUpAfter = 3

// how long a service has to recover between two control calls
const betweenControls = 300 * time.Millisecond

// verify returns nil if a control call that began after since succeeded.
func (c *control) verify(ctx context.Context, s *Session, since time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.After(since) {
		return nil
	}
	for {
		if c.failures >= givenUpAfter {
			return c.err
		}
		began := s.now()
		c.err = s.Outside(ctx, s.config.Patience, func(ctx context.Context) error { return s.Suite.Control(ctx, s) })
		if c.err == nil {
			c.at, c.failures = began, 0
			return nil
		}
		c.failures++
		select {
		case <-ctx.Done():
			return c.err
		case <-time.After(betweenControls):
		}
	}
}

// broken returns the last error of a service that was given up.
func (c *control) broken() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failures >= givenUpAfter {
		return c.err
	}
	return nil
}
