package load

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// worker has one connection of a group.
type worker struct {
	group  *group
	client Client
	op     Op

	// What the watcher needs to end a request that takes too long.
	started atomic.Int64 // of the present request, plus 1; idle or aborted
	mu      sync.Mutex   // ctx and cancel
	ctx     context.Context
	cancel  context.CancelCauseFunc
}

const (
	idle    = 0
	aborted = -1
)

// loop makes requests until there are no more.
func (w *worker) loop() {
	defer w.group.done.Done()
	defer w.client.Close() //nolint:errcheck // all answers have been read
	free := w.group.clock.Now()
	for {
		<-w.group.lead
		b, ok := w.group.claim(free, &w.op)
		w.group.lead <- struct{}{}
		if !ok {
			return
		}
		free = w.do(b)
	}
}

func (w *worker) do(b *block) time.Duration {
	w.started.Store(int64(w.op.Started) + 1)
	err := w.client.Do(w.ctx, &w.op)
	done := w.group.clock.Now()
	kind := Kind("")
	if err != nil {
		kind = kindOf(w.ctx, err)
	}
	if w.started.Swap(idle) == aborted {
		w.renew()
	}
	w.group.finish(b, &w.op, done, kind)
	return done
}

// renew gives the worker a context that isn't done. The lock waits for the watcher
// to have ended the old one.
func (w *worker) renew() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancel(nil)
	w.ctx, w.cancel = context.WithCancelCause(w.group.ctx)
}

// abort ends the present request if it began before an instant.
func (w *worker) abort(before time.Duration) {
	started := w.started.Load()
	if started <= idle || started > int64(before) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.started.CompareAndSwap(started, aborted) {
		w.cancel(errTimeout)
	}
}

// watch ends requests at the time-out, and the group at its cap on duration, each
// late by a fiftieth of the time-out at most, or by 1 ms.
func (g *group) watch() {
	ticker := time.NewTicker(min(max(g.plan.Timeout/50, time.Millisecond), 50*time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-g.ctx.Done():
			return
		}
		now := g.clock.Now()
		for _, w := range g.workers {
			w.abort(now - g.plan.Timeout)
		}
		if g.Budget != nil && g.Budget.over(now) {
			g.end(CapDuration)
			g.stop(errStopped)
		}
	}
}
