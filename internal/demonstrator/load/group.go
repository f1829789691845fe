package load

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// group is a contestant under load: its workers, one to a connection, and the
// blocks that they are working on.
//
// The workers take turns as leader. The leader waits for the intended start of the
// next request, gives the lead to the worker that has been free the longest, and
// makes the request itself: no request waits for a thread to be woken, which takes
// tens of microseconds; the next leader is woken while there is still time. When
// all are busy nobody leads, and the first to be free takes what is overdue.
type group struct {
	*Contestant
	plan   *Plan
	clock  Clock
	pace   *pacer
	lead   chan struct{} // holds the lead when nobody has it
	ctx    context.Context
	stop   context.CancelCauseFunc
	bound  []time.Duration // by goal
	metric []int           // by goal: which of a block's values

	// The leader's own.
	block *block
	next  int
	index int64
	flush time.Duration // blocks that began by then are dropped

	mu       sync.Mutex // what is recorded, and what a block counts
	record   *record
	pending  []*block // handed over by the timeline and not begun, in the order of time
	over     bool     // nothing more is handed over
	open     []*block // handed over and not complete, in the order of time
	spare    []*block
	more     chan struct{} // signals a change of pending or over
	complete chan struct{} // signals that the first of open may be complete

	capped    atomic.Pointer[Cap]
	decided   atomic.Bool
	sequences []*measure.Sequence // the collector's own
	told      *sync.Mutex         // Plan.OnBlock

	workers []*worker
	done    sync.WaitGroup
}

// claim takes the next request for a worker that has been free since an instant,
// and waits for its start. It reports false when there is none any more.
func (g *group) claim(free time.Duration, op *Op) (*block, bool) {
	for {
		b, ok := g.current()
		if !ok || g.pace.stopped.Load() {
			return nil, false
		}
		now := g.clock.Now()
		intended := max(b.Start, now)
		if g.plan.Load.Shape != Closed {
			intended = b.Start + b.offsets[g.next]
			if now-intended > g.plan.Patience {
				g.flush = now
			}
			if b.Start <= g.flush {
				g.drop(b, now, free)
				continue
			}
		}
		if now < intended {
			if now, ok = g.pace.until(intended); !ok {
				return nil, false
			}
		}
		now, held, ok := g.admit(now)
		if !ok {
			return nil, false
		}
		g.next++
		*op = Op{Index: g.index, Intended: intended, Started: now, clock: g.clock}
		g.index++
		g.started(b, op, free, held)
		return b, true
	}
}

// current is the block of the next request; false when there is no more.
func (g *group) current() (*block, bool) {
	for {
		if b := g.block; b != nil {
			if g.plan.Load.Shape != Closed && g.next < len(b.offsets) {
				return b, true
			}
			if g.plan.Load.Shape == Closed && g.clock.Now() < b.Start+b.Length {
				return b, true
			}
		}
		if over := g.begin(); over {
			return nil, false
		} else if g.block != nil {
			continue
		}
		select {
		case <-g.more:
		case <-g.ctx.Done():
			return nil, false
		}
	}
}

// begin leaves the present block and turns to the first pending one, if there is
// one. It reports that there is none and that none will come.
func (g *group) begin() (over bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.block != nil {
		g.leave(g.block, 1)
	}
	g.block, g.next = nil, 0
	if len(g.pending) == 0 {
		return g.over
	}
	g.block = g.pending[0]
	g.pending = slices.Delete(g.pending, 0, 1)
	return false
}

// admit asks the owner's budget, and waits as long as the rate is capped. It
// reports false at a cap, which ends the contestant.
func (g *group) admit(now time.Duration) (at time.Duration, held, ok bool) {
	if g.Budget == nil { // the null server
		return now, false, true
	}
	for {
		wait, reached := g.Budget.admit(now, g.OpBytes)
		if reached != "" {
			g.end(reached)
			return now, held, false
		}
		if wait == 0 {
			return now, held, true
		}
		held = true
		if now, ok = g.pace.until(now + wait); !ok {
			return now, held, false
		}
	}
}

// end notes the first cap that is reached.
func (g *group) end(reached Cap) { g.capped.CompareAndSwap(nil, &reached) }

// never is before any instant.
const never = time.Duration(math.MinInt64)
