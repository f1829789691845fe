package measure

import (
	"errors"
	"fmt"
)

// Check refuses a run that contradicts itself, which nothing of ours writes: deciding
// from it would say nothing, or panic.
func (r *LoadRun) Check() error {
	if r.Plan.Block <= 0 || !(r.Plan.Rate > 0) || len(r.Goals) == 0 {
		return errors.New("no load, or no goal")
	}
	for _, g := range r.Goals {
		if _, err := NewSequence(g.Quantile, g.Confidence, g.MinBlocks); err != nil {
			return err
		}
		if g.Bound <= 0 {
			return fmt.Errorf("a bound of %v", g.Bound)
		}
	}
	seen := map[string]bool{}
	for i := range r.Offers {
		o := &r.Offers[i]
		if seen[o.Name] {
			return fmt.Errorf("two records of %s", o.Name)
		}
		seen[o.Name] = true
		if err := o.check(r); err != nil {
			return fmt.Errorf("%s: %w", o.Name, err)
		}
	}
	if r.Null == nil {
		return nil
	}
	if r.Null.State != Pass {
		return errors.New("a null server that wasn't measured")
	}
	if err := r.Null.check(r); err != nil {
		return fmt.Errorf("null server: %w", err)
	}
	return nil
}

func (r *LoadRecord) check(run *LoadRun) error {
	switch {
	case !r.State.Valid():
		return fmt.Errorf("unknown state %q", r.State)
	case (r.State == Pass) != (r.Reason == nil):
		return errors.New("with or without a reason, against what its state demands")
	case r.State != Pass && (len(r.Blocks) > 0 || len(r.Segments) > 0):
		return errors.New("figures of what wasn't measured")
	case r.State != Pass:
		return nil
	case r.PerBlocks < 1 || len(r.Segments) > MostMetrics:
		return errors.New("no segments, or more metrics than are measured")
	case len(r.Blocks) > MostBlocks:
		return fmt.Errorf("more than %d blocks", MostBlocks)
	}
	var requests int64
	for i := range r.Blocks {
		if err := r.Blocks[i].check(run, i, r.Blocks[:i]); err != nil {
			return fmt.Errorf("block %d: %w", i, err)
		}
		requests += r.Blocks[i].Requests
	}
	return r.checkSegments(requests)
}

// check wants whole numbers that agree with each other, with the plan, and with the
// order of time.
func (b *LoadBlock) check(run *LoadRun, i int, before []LoadBlock) error {
	var failures, slow int64
	least := b.Requests
	for _, n := range b.Failures {
		if n < 0 {
			return errors.New("fewer than no failures")
		}
		failures += n
	}
	for _, n := range b.Slow {
		if n < 0 {
			return errors.New("fewer than no slow requests")
		}
		slow, least = max(slow, n), min(least, n)
	}
	switch {
	case min(b.Requests, b.Late, b.Dropped, b.Failed, b.Held, b.Good, b.Bytes) < 0 || b.Requests > MaxRequests:
		return errors.New("numbers out of range")
	case len(b.Slow) != len(run.Goals):
		return fmt.Errorf("%d counts for %d goals", len(b.Slow), len(run.Goals))
	case slow > b.Requests || b.Failed+b.Dropped > b.Requests || failures != b.Failed || b.Good+slow > b.Requests:
		return errors.New("the parts don't add up")
	case least < b.Failed+b.Dropped:
		return errors.New("failed requests that aren't slow")
	case !b.Partial && b.Requests != run.Plan.PerBlock():
		return fmt.Errorf("%d requests, the load asks for %d", b.Requests, run.Plan.PerBlock())
	case i > 0 && (b.Number <= before[i-1].Number || b.Start < before[i-1].Start):
		return errors.New("out of order")
	}
	return nil
}

// checkSegments wants each metric to have a value of each request.
func (r *LoadRecord) checkSegments(requests int64) error {
	for metric, list := range r.Segments {
		if len(list) > MostSegments {
			return fmt.Errorf("more than %d segments of %s", MostSegments, metric)
		}
		var n int64
		for _, h := range list {
			n += h.Unpack().Count()
		}
		if n != requests {
			return fmt.Errorf("%d values of %s for %d requests", n, metric, requests)
		}
	}
	if requests > 0 && r.Segments[Latency] == nil {
		return errors.New("no latency")
	}
	if answered := r.answered(); !r.Closed && (r.Service.Unpack().Count() != answered || r.Lateness.Unpack().Count() < answered) {
		return fmt.Errorf("%d requests were answered, and not as many have a service time or a lateness", answered)
	}
	return nil
}

// answered is how many requests had a right answer.
func (r *LoadRecord) answered() int64 {
	var n int64
	for i := range r.Blocks {
		n += r.Blocks[i].Requests - r.Blocks[i].Failed - r.Blocks[i].Dropped
	}
	return n
}
