package load

import (
	"sync/atomic"
	"time"
)

// pacer waits for an instant: it sleeps until shortly before, and spins for the
// rest, because a sleeping thread isn't woken on time. docs/load.md has what was
// measured. One goroutine at a time waits; interrupt may come from another.
//
// It spins for a quarter of the time at most: at rates at which it would spin all
// the time, the service and the answers need the processor more than requests need
// their last 40 microseconds.
type pacer struct {
	clock   Clock
	sleeper sleeper
	spin    time.Duration
	stopped atomic.Bool

	share  time.Duration // it may spin one part in that of the time
	last   time.Duration // when credit was reckoned
	credit time.Duration // of spinning
}

const (
	spinShare  = 4
	mostCredit = 1 * time.Millisecond
)

// sleeper sleeps on the machine's own timer.
type sleeper interface {
	sleep(d time.Duration) // returns after about d, or soon after wake
	wake()                 // ends the present sleep and all later ones
	close()
}

func newPacer(clock Clock) *pacer {
	s, spin := newSleeper()
	return &pacer{clock: clock, sleeper: s, spin: spin, share: spinShare, last: clock.Now(), credit: mostCredit}
}

// until returns at the instant t, with the time that it is; false when it was
// interrupted before. It returns at once when t has passed.
func (p *pacer) until(t time.Duration) (now time.Duration, ok bool) {
	now = p.clock.Now()
	p.credit, p.last = min(p.credit+(now-p.last)/p.share, mostCredit), now
	for !p.stopped.Load() {
		left, spin := t-now, min(p.spin, max(p.credit, 0))
		if left <= 0 {
			return now, true
		}
		before := now
		if left > spin {
			p.sleeper.sleep(left - spin)
			now = p.clock.Now()
			continue
		}
		now = p.clock.Now()
		p.credit -= min(now-before, left) // more is time in which the thread didn't run
	}
	return 0, false
}

// interrupt ends all waits, for good.
func (p *pacer) interrupt() {
	p.stopped.Store(true)
	p.sleeper.wake()
}

// timers is the sleeper of any machine: Go's own timers, which on Linux are late
// by up to a millisecond, because epoll_wait counts in milliseconds.
type timers struct {
	timer *time.Timer
	woken chan struct{}
}

func newTimers() *timers {
	return &timers{timer: time.NewTimer(time.Hour), woken: make(chan struct{})}
}

func (t *timers) sleep(d time.Duration) {
	t.timer.Reset(d)
	select {
	case <-t.timer.C:
	case <-t.woken:
	}
}

func (t *timers) wake() { close(t.woken) }

func (t *timers) close() { t.timer.Stop() }
