package campaign

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe"
)

// bench holds the offers that take part in a load, in the order of the plan.
type bench []*rider

// rider is one offer that takes part.
type rider struct {
	record  measure.LoadRecord
	session *probe.Session
	load    *probe.Load
	ready   *probe.Ready // nil: it isn't put under load, and the record says why
	budget  *load.Budget
	caps    load.Caps
}

// prepareLoad finds out which offers can be put under the load, and creates what it
// needs at each.
func (c *Campaign) prepareLoad(ctx context.Context, job loadJob, sessions []*probe.Session) bench {
	var b bench
	for _, candidate := range c.Offers {
		if !slices.ContainsFunc(job.needs, func(n catalogue.NeedID) bool { return slices.Contains(candidate.Offer.Positions, n) }) {
			continue
		}
		r := &rider{record: measure.LoadRecord{Name: string(candidate.Offer.ID)}}
		b = append(b, r)
		i := slices.IndexFunc(sessions, func(s *probe.Session) bool {
			return s.Offer.ID == candidate.Offer.ID && s.Suite.ID == job.plan.Service
		})
		if i < 0 {
			r.refuse(measure.Unsupported, &measure.Reason{Cause: measure.Service, Want: job.plan.Service})
			continue
		}
		r.session, r.load = sessions[i], sessions[i].Suite.Load(job.plan.Operation)
		if r.load == nil { // of a catalogue made for another version
			r.refuse(measure.NotRun, &measure.Reason{Cause: measure.Engine, Got: "no load " + loadID(job.plan.LoadPlan)})
		}
	}
	var preparing sync.WaitGroup
	for _, r := range b {
		if r.record.State != "" {
			continue
		}
		r.caps = r.session.LoadCaps()
		if over := r.over(job, len(b)+1); over != "" {
			r.refuse(measure.NotRun, &measure.Reason{Cause: measure.Cap, Got: over})
			continue
		}
		preparing.Go(func() {
			ready, state, reason := r.session.Ready(ctx, r.load)
			if r.ready = ready; ready == nil {
				r.refuse(state, reason)
			}
		})
	}
	preparing.Wait()
	return b
}

func (r *rider) refuse(state measure.State, reason *measure.Reason) {
	r.record.State, r.record.Reason = state, reason
}

// over names a cap of the owner's below what the load needs to decide anything, with
// the null server and the other offers taking turns; empty when there is none.
func (r *rider) over(job loadJob, turns int) string {
	p, blocks := job.plan, 0
	for _, g := range p.Goals {
		blocks = max(blocks, measure.FloorBlocks(g.Quantile, g.Confidence), g.MinBlocks)
	}
	least := time.Duration(blocks*turns) * p.Block
	bytes := measure.Size(int64(blocks) * p.PerBlock() * r.load.OpBytes)
	switch {
	case r.caps.Rate < p.Rate:
		return fmt.Sprintf("rate %s, %s needed", r.caps.Rate, p.Rate)
	case r.caps.Connections < p.Connections:
		return fmt.Sprintf("connections %d, %d needed", r.caps.Connections, p.Connections)
	case r.caps.Duration < least:
		return fmt.Sprintf("duration, %s left, %s needed", r.caps.Duration.Round(time.Second), least)
	case r.caps.Bytes < int64(bytes):
		return fmt.Sprintf("bytes, %s left, %s needed", measure.Size(r.caps.Bytes), bytes)
	}
	return ""
}

// contestants are the offers that are ready, each with what is left of its caps.
func (b bench) contestants() []load.Contestant {
	var list []load.Contestant
	for _, r := range b {
		if r.ready == nil {
			continue
		}
		r.caps = r.session.LoadCaps()
		r.budget = load.NewBudget(r.caps)
		list = append(list, load.Contestant{Name: r.record.Name, Workload: r.ready.Workload, OpBytes: r.load.OpBytes, Budget: r.budget})
	}
	return list
}

// A request may take ten times the longest bound, within these, and start late by half
// of that: when nothing answers, one round of time-outs tells.
const (
	leastTimeout = 5 * time.Second
	mostTimeout  = time.Minute
)

// plan is the load within the target's budget and within what each owner allows.
func (b bench) plan(job loadJob, contestants []load.Contestant) load.Plan {
	p := load.Plan{
		Load:  load.Load{Shape: load.Shape(job.plan.Shape), Rate: job.plan.Rate, Block: job.plan.Block},
		Goals: job.plan.Goals, Contestants: contestants, Connections: job.plan.Connections,
		Duration: time.Duration(job.most.Duration), Requests: int64(job.most.Requests),
	}
	for _, g := range p.Goals {
		p.Timeout = min(max(p.Timeout, 10*g.Bound, leastTimeout), mostTimeout)
	}
	p.Patience = p.Timeout / 2
	for _, r := range b {
		if r.ready == nil {
			continue
		}
		p.Series = r.load.Series
		p.Duration = min(p.Duration, r.caps.Duration/time.Duration(len(contestants)+1))
		bytes := r.caps.Bytes
		if job.most.Bytes != nil {
			bytes = min(bytes, int64(*job.most.Bytes))
		}
		if requests := max(1, bytes/r.load.OpBytes); p.Requests == 0 || requests < p.Requests {
			p.Requests = requests
		}
	}
	return p
}

// refuse says why nothing was measured of the offers that were ready.
func (b bench) refuse(state measure.State, reason *measure.Reason) {
	for _, r := range b {
		if r.ready != nil {
			r.refuse(state, reason)
		}
	}
}

// take puts what was measured in the place of each offer.
func (b bench) take(measured []measure.LoadRecord) {
	for _, r := range b {
		if i := slices.IndexFunc(measured, func(m measure.LoadRecord) bool { return m.Name == r.record.Name }); i >= 0 {
			r.record = measured[i]
		}
	}
}

func (b bench) records() []measure.LoadRecord {
	list := make([]measure.LoadRecord, 0, len(b))
	for _, r := range b {
		list = append(list, r.record)
	}
	return list
}

// close counts what was spent, and deletes what was created.
func (b bench) close() {
	var closing sync.WaitGroup
	for _, r := range b {
		if r.budget != nil {
			_, bytes := r.budget.Spent()
			r.session.Spend(bytes)
		}
		if r.ready != nil {
			closing.Go(r.ready.Close)
		}
	}
	closing.Wait()
}
