package load

import (
	"context"
	"sync"
	"time"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

// NullName is the name of the null server's Record.
const NullName = "null"

// run is one under way.
type run struct {
	plan   *Plan
	clock  Clock
	groups []*group
	null   *group
	told   sync.Mutex // Plan.OnBlock
}

// Run carries out a plan. Cancelling ctx is the stop switch: requests under way are
// cancelled, and what is known so far is returned. It fails before the first
// request, with a message for the person, when the plan is refused or a client
// can't be opened; and when a client doesn't stop.
func Run(ctx context.Context, plan Plan, clock Clock) (*measure.LoadRun, error) {
	if err := plan.Check(); err != nil {
		return nil, err
	}
	r := &run{plan: &plan, clock: clock}
	inner, stop := context.WithCancelCause(ctx)
	defer stop(errStopped)
	if err := r.prepare(inner); err != nil {
		return nil, err
	}
	r.warm(inner)
	result := &measure.LoadRun{Seed: plan.Seed, Began: clock.Wall(), Goals: plan.Goals, Offers: make([]measure.LoadRecord, 0, len(plan.Contestants))}
	zero := clock.Now()
	watched := make(chan time.Duration, 1)
	go func() { watched <- watchSteps(inner, clock) }()
	done := make(chan struct{}, len(r.groups))
	for _, g := range r.groups {
		g.start(zero, done)
	}
	go r.timeline(inner)
	for range r.groups {
		if err := r.await(ctx, done); err != nil {
			return nil, err
		}
	}
	stop(errStopped)
	result.Step, result.Stopped = <-watched, ctx.Err() != nil
	for _, g := range r.groups {
		g.conclude(&plan, result.Stopped)
		if done := g.record.done(); g == r.null {
			result.Null = &done
		} else {
			result.Offers = append(result.Offers, done)
		}
	}
	return result, nil
}

// grace is how long a client may take to return once its context is done.
const grace = 10 * time.Second

// await waits for a group to be done.
func (r *run) await(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-done:
		return nil
	case <-time.After(grace):
		return fault.New(fault.Internal, lang.T("la charge ne s'arrête pas : un client ignore l'annulation depuis %v", "the load doesn't stop: a client has ignored the cancellation for %v", grace))
	}
}

// prepare makes the groups and opens all clients.
func (r *run) prepare(ctx context.Context) error {
	now := r.clock.Now()
	for i := range r.plan.Contestants {
		c := &r.plan.Contestants[i]
		c.Budget.begin(now)
		g := r.group(ctx, c)
		for _, goal := range r.plan.Goals {
			g.bound, g.metric = append(g.bound, goal.Bound), append(g.metric, r.plan.metric(goal))
			sequence, err := measure.NewSequence(goal.Quantile, goal.Confidence, goal.MinBlocks)
			if err != nil {
				return err // never: the plan was checked
			}
			g.sequences = append(g.sequences, sequence)
		}
	}
	if r.plan.Null != nil {
		r.null = r.group(ctx, &Contestant{Name: NullName, Workload: r.plan.Null})
		for _, goal := range r.plan.Goals {
			r.null.bound, r.null.metric = append(r.null.bound, goal.Bound/measure.Tenth), append(r.null.metric, 0)
		}
	}
	for _, g := range r.groups {
		for range r.plan.Connections {
			client, err := g.Workload.Open()
			if err != nil {
				r.close()
				return fault.Wrap(fault.Unavailable, lang.T("%s : impossible de préparer la charge", "%s: the load can't be prepared", g.Name), err)
			}
			w := &worker{group: g, client: client}
			w.ctx, w.cancel = context.WithCancelCause(g.ctx)
			g.workers = append(g.workers, w)
		}
	}
	return nil
}

func (r *run) group(ctx context.Context, c *Contestant) *group {
	pace, series := newPacer, r.plan.Series
	if c.Budget == nil { // the null server has its latency alone
		series = nil
	}
	if r.plan.pacer != nil {
		pace = r.plan.pacer
	}
	g := &group{
		Contestant: c, plan: r.plan, clock: r.clock, pace: pace(r.clock), flush: never,
		lead: make(chan struct{}, 1), more: make(chan struct{}, 1), complete: make(chan struct{}, 1),
		record: newRecord(c.Name, r.plan.Load.Shape == Closed, series), told: &r.told,
	}
	g.ctx, g.stop = context.WithCancelCause(ctx)
	context.AfterFunc(g.ctx, g.pace.interrupt)
	g.lead <- struct{}{}
	r.groups = append(r.groups, g)
	return g
}

func (r *run) close() {
	for _, g := range r.groups {
		for _, w := range g.workers {
			_ = w.client.Close()
		}
		g.stop(errStopped)
	}
}

// warm connects what can be, group by group, within the time-out of one request.
func (r *run) warm(ctx context.Context) {
	for _, g := range r.groups {
		limited, cancel := context.WithTimeout(ctx, r.plan.Timeout)
		var connected sync.WaitGroup
		for _, w := range g.workers {
			if warmer, can := w.client.(Warmer); can {
				connected.Go(func() { _ = warmer.Warm(limited) }) // the first request will meet it again
			}
		}
		connected.Wait()
		cancel()
	}
}

// start begins the group's work and tells done at its end.
func (g *group) start(zero time.Duration, done chan<- struct{}) {
	worked, collected := make(chan struct{}), make(chan struct{})
	g.done.Add(len(g.workers))
	for _, w := range g.workers {
		go w.loop()
	}
	go g.watch()
	go func() {
		g.collect(zero, worked)
		close(collected)
	}()
	go func() {
		g.done.Wait()
		close(worked)
		<-collected
		g.stop(errStopped)
		g.pace.sleeper.close()
		done <- struct{}{}
	}()
}

// conclude completes the record.
func (g *group) conclude(plan *Plan, stopped bool) {
	blocks, _ := plan.most()
	switch reached := g.capped.Load(); {
	case g.decided.Load():
		g.record.Ended = measure.LoadDecided
	case reached != nil:
		g.record.Ended, g.record.Cap = measure.LoadCapped, string(*reached)
	case stopped:
		g.record.Ended = measure.LoadStopped
	default:
		g.record.Ended = measure.LoadSpent
		if _, more := plan.Load.rate(blocks); !more {
			g.record.Ended = measure.LoadOver
		}
	}
}

// watchSteps returns the largest jump of the wall clock until ctx is done.
func watchSteps(ctx context.Context, clock Clock) time.Duration {
	s := steps{clock: clock}
	ticker := time.NewTicker(clockEvery)
	defer ticker.Stop()
	for {
		s.look()
		select {
		case <-ticker.C:
		case <-ctx.Done():
			s.look()
			return s.largest
		}
	}
}
