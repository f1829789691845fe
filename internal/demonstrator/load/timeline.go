package load

import (
	"context"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// ahead is how long before its beginning a round is laid out: long enough for the
// timeline not to be late on a busy machine, short enough for a contestant that is
// decided not to be asked for long.
const ahead = 250 * time.Millisecond

// timeline hands out the blocks, round by round, at instants that depend on nothing
// that the contestants do: a stalled service is asked on time in its next block,
// although its last one isn't over. Else a stall would be counted once, however
// long, and the load would have become a closed one, of blocks.
func (r *run) timeline(ctx context.Context) {
	blocks, _ := r.plan.most()
	cursor := r.clock.Now() + 20*time.Millisecond
	for round := 0; ; round++ {
		turns := r.turns(round, blocks)
		if len(turns) == 0 || ctx.Err() != nil {
			break
		}
		for _, i := range order(r.plan.Seed, round, len(turns)) {
			b := turns[i].take()
			b.offsets, b.Length, _ = r.plan.Load.arrivals(r.plan.Seed, round, b.offsets)
			b.Number, b.Start = round, cursor
			cursor += b.Length
			turns[i].handOver(b)
		}
		r.pause(ctx, cursor-ahead)
	}
	for _, g := range r.groups {
		g.handOver(nil)
	}
}

// turns are the groups that take part in a round, the null server last; none when
// no contestant does.
func (r *run) turns(round, blocks int) []*group {
	var turns []*group
	for _, g := range r.groups {
		if g == r.null {
			continue
		}
		if round < blocks && !g.decided.Load() && g.capped.Load() == nil {
			turns = append(turns, g)
			continue
		}
		g.handOver(nil)
	}
	if r.null != nil && len(turns) > 0 {
		turns = append(turns, r.null)
	}
	return turns
}

func (r *run) pause(ctx context.Context, until time.Duration) {
	timer := time.NewTimer(until - r.clock.Now())
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// take returns an empty block.
func (g *group) take() *block {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := len(g.spare); n > 0 {
		b := g.spare[n-1]
		g.spare = g.spare[:n-1]
		for i := range b.values {
			b.values[i] = b.values[i][:0]
		}
		*b = block{offsets: b.offsets, values: b.values}
		return b
	}
	return &block{values: make([][]time.Duration, 1+len(g.record.series))}
}

// handOver gives the group its next block; nil says that there are no more.
func (g *group) handOver(b *block) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if b == nil {
		g.over = true
	} else {
		b.left = int64(len(b.offsets)) + 1
		b.Slow = make([]int64, len(g.bound))
		g.pending = append(g.pending, b)
		g.open = append(g.open, b)
	}
	select {
	case g.more <- struct{}{}:
	default:
	}
}

// collect summarises blocks as they are complete, in the order of time, and feeds
// the decisions, until all workers are done.
func (g *group) collect(zero time.Duration, done <-chan struct{}) {
	for over := false; !over; {
		select {
		case <-g.complete:
		case <-done:
			over = true
		}
		for {
			b := g.completed(over)
			if b == nil {
				break
			}
			g.summarise(b, zero)
		}
	}
}

// completed takes the first open block when it is complete. At the end, what is
// left of the others wasn't made.
func (g *group) completed(over bool) *block {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.open) == 0 || g.open[0].left > 0 && !over {
		return nil
	}
	b := g.open[0]
	g.open = append(g.open[:0], g.open[1:]...)
	b.Partial = b.Partial || b.left > 0
	return b
}

func (g *group) summarise(b *block, zero time.Duration) {
	primary := 0
	if len(g.metric) > 0 {
		primary = g.metric[0]
	}
	s := b.summary(primary)
	s.Start -= zero
	g.mu.Lock()
	g.record.keep(b)
	g.spare = append(g.spare, b)
	if s.Partial && s.Requests == 0 && s.Bytes == 0 {
		g.mu.Unlock() // nothing was asked
		return
	}
	g.record.Blocks = append(g.record.Blocks, s)
	g.mu.Unlock()
	if g.plan.OnBlock != nil {
		g.told.Lock()
		defer g.told.Unlock()
		g.plan.OnBlock(g.Name, s)
	}
	if s.Partial {
		return
	}
	undecided := len(g.sequences) == 0
	for i, sequence := range g.sequences {
		if err := sequence.Add(s.For(i)); err != nil {
			panic(err) // never: a block has no more slow requests than requests
		}
		undecided = undecided || sequence.Answer() == measure.Undecided
	}
	if !undecided {
		g.decided.Store(true)
	}
}
