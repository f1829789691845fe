package campaign

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/load/wire"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe"
)

// loadJob is one load, for all the targets that it decides.
type loadJob struct {
	number int // in the plan
	plan   evidence.LoadPlan
	needs  []catalogue.NeedID // an offer that claims one of them takes part
	most   catalogue.Budget
}

// loadID is how --only names a load.
func loadID(p measure.LoadPlan) string { return p.Service + "/load/" + p.Operation }

// loadJobs are the loads of the targets that are in force on a date and that some
// offer claims, in the order of the targets.
func (c *Campaign) loadJobs(on catalogue.Date) []loadJob {
	var jobs []loadJob
	if c.Vet || c.NoLoad || c.Rerun != nil || c.Class == probe.Light {
		return nil
	}
	for _, target := range c.Catalogue.Active(on) {
		q := target.Quantitative
		if q == nil || !c.claimed(target.Need) || !c.loadSelected(q.LoadPlan(), c.Only) {
			continue
		}
		i := slices.IndexFunc(jobs, func(j loadJob) bool { return j.plan.LoadPlan == q.LoadPlan() })
		if i < 0 {
			i = len(jobs)
			jobs = append(jobs, loadJob{number: i, plan: evidence.LoadPlan{LoadPlan: q.LoadPlan()}})
		}
		jobs[i].add(target.Need, q)
	}
	return jobs
}

func (c *Campaign) claimed(need catalogue.NeedID) bool {
	return slices.ContainsFunc(c.Offers, func(o Candidate) bool { return slices.Contains(o.Offer.Positions, need) })
}

func (c *Campaign) loadSelected(p measure.LoadPlan, only []string) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(pattern string) bool { return measure.Matches(pattern, loadID(p)) })
}

// add has the load decide one more target: the largest of their budgets holds.
func (j *loadJob) add(need catalogue.NeedID, q *catalogue.Quantitative) {
	if !slices.Contains(j.needs, need) {
		j.needs = append(j.needs, need)
	}
	for _, goal := range q.Goals() {
		if !slices.Contains(j.plan.Goals, goal) {
			j.plan.Goals = append(j.plan.Goals, goal)
		}
	}
	if j.most.Duration == 0 {
		j.most = q.Budget
		return
	}
	j.most.Duration = max(j.most.Duration, q.Budget.Duration)
	j.most.Requests = loosest(j.most.Requests, q.Budget.Requests)
	if j.most.Bytes != nil && q.Budget.Bytes != nil {
		most := max(*j.most.Bytes, *q.Budget.Bytes)
		j.most.Bytes = &most
	} else {
		j.most.Bytes = nil
	}
}

// loosest is the larger of two bounds, of which 0 is none.
func loosest(a, b int) int {
	if a == 0 || b == 0 {
		return 0
	}
	return max(a, b)
}

// runLoads puts the offers under the loads, one load after the other.
func (c *Campaign) runLoads(ctx context.Context, folder *evidence.Folder, sessions []*probe.Session, jobs []loadJob) error {
	for i := 0; i < len(jobs) && ctx.Err() == nil; i++ {
		job := jobs[i]
		run, err := c.underLoad(ctx, job, sessions)
		if err != nil {
			return err
		}
		if err := folder.AddLoad(job.number, run); err != nil {
			return err
		}
	}
	return nil
}

// underLoad measures one load on the offers that take part in it.
func (c *Campaign) underLoad(ctx context.Context, job loadJob, sessions []*probe.Session) (*measure.LoadRun, error) {
	b := c.prepareLoad(ctx, job, sessions)
	defer b.close()
	run := &measure.LoadRun{}
	if contestants := b.contestants(); len(contestants) > 0 {
		null, err := wire.ListenNull(ctx)
		if err != nil {
			return nil, err
		}
		defer null.Close() //nolint:errcheck // nobody waits for it
		plan := b.plan(job, contestants)
		plan.Null, plan.Seed = null.Workload(), seedOf(c.Seed, job.plan.LoadPlan)
		plan.OnBlock = func(offer string, block measure.LoadBlock) { c.Watch.Loaded(job.plan.LoadPlan, offer, block) }
		measured, err := load.Run(ctx, plan, load.System())
		if err != nil {
			b.refuse(measure.Errored, &measure.Reason{Cause: measure.Engine, Got: err.Error()})
		} else {
			run = measured
			b.take(run.Offers)
		}
	}
	if run.Began.IsZero() {
		run.Began = c.Now()
	}
	run.Plan, run.Goals, run.Seed = job.plan.LoadPlan, job.plan.Goals, seedOf(c.Seed, job.plan.LoadPlan)
	run.Began, run.Offers = run.Began.UTC().Round(0), b.records()
	return run, nil
}

// seedOf is the seed of a load: each has its own.
func seedOf(seed uint64, p measure.LoadPlan) uint64 {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%d %s", seed, p.ID())))
	return binary.BigEndian.Uint64(sum[:])
}
