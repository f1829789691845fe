package load

import (
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// started counts a request. The generator is late by what passed since both the
// request was due and the worker was free: workers lead in the order in which they
// became free, so if this one was busy at the intended start, all were.
func (g *group) started(b *block, op *Op, free time.Duration, held bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.plan.Load.Shape == Closed {
		b.left++
		return
	}
	if free > op.Intended {
		b.Late++
	}
	if held {
		b.Held++
	}
	g.record.lateness.Record(op.Started - max(op.Intended, free))
}

// finish records how a request ended.
func (g *group) finish(b *block, op *Op, done time.Duration, kind Kind) {
	if g.Budget != nil {
		g.Budget.settle(g.OpBytes, op.Sent+op.Received)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	b.Bytes += op.Sent + op.Received
	switch kind {
	case Cancelled:
		b.Partial = true
	case "":
		g.answered(b, op, done)
	default:
		g.failed(b, op, kind)
	}
	g.leave(b, 1)
}

func (g *group) answered(b *block, op *Op, done time.Duration) {
	latency := done - op.Intended
	b.Requests++
	b.values[0] = append(b.values[0], latency)
	for i := range b.values[1:] {
		value := op.marks[i]
		if value == 0 {
			value = measure.Slowest + 1
		}
		b.values[i+1] = append(b.values[i+1], value)
	}
	good := true
	for i, bound := range g.bound {
		values := b.values[g.metric[i]]
		if values[len(values)-1] > bound {
			b.Slow[i]++
			good = false
		}
	}
	if good {
		b.Good++
	}
	r := g.record
	r.service.Record(done - op.Started)
	r.phases[Queue].Record(op.Started - op.Intended)
	for p := Connect; p < Phases; p++ {
		if d := op.phases[p]; d > 0 || p > TLS {
			r.phases[p].Record(d)
		}
	}
}

func (g *group) failed(b *block, op *Op, kind Kind) {
	if b.Failures == nil {
		b.Failures = map[string]int64{}
	}
	b.Failures[string(kind)]++
	b.Failed++
	g.lost(b, 1)
	g.record.phases[Queue].Record(op.Started - op.Intended)
	for p := Connect; p <= TLS; p++ {
		if d := op.phases[p]; d > 0 {
			g.record.phases[p].Record(d)
		}
	}
}

// lost counts requests without a right answer: slower than any bound.
func (g *group) lost(b *block, n int) {
	b.Requests += int64(n)
	for i := range b.Slow {
		b.Slow[i] += int64(n)
	}
}

// drop gives up the rest of the leader's block. What was due and didn't start although
// the worker was free is the generator's lateness, as in started.
func (g *group) drop(b *block, now, free time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, offset := range b.offsets[g.next:] {
		if due := b.Start + offset; due <= now {
			g.record.lateness.Record(now - max(due, free))
		}
	}
	n := len(b.offsets) - g.next
	g.next = len(b.offsets)
	b.Saturated = true
	b.Dropped += int64(n)
	g.lost(b, n)
	g.leave(b, int64(n))
}

// leave wakes the collector when a block is complete.
func (g *group) leave(b *block, n int64) {
	b.left -= n
	if b.left == 0 {
		select {
		case g.complete <- struct{}{}:
		default:
		}
	}
}
