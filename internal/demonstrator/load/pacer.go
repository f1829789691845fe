package load

import (
	"sync/atomic"
	"time"
)

// pacer waits for an instant: it sleeps until shortly before, and spins for the
// rest, because a sleeping thread isn't woken on time. docs/load.md has what was
// measured. One goroutine at a time waits; interrupt may come from another.
type pacer struct {
	clock   Clock
	sleeper sleeper
	spin    time.Duration
	stopped atomic.Bool
}

// sleeper sleeps on the machine's own timer.
type sleeper interface {
	sleep(d time.Duration) // returns after about d, or soon after wake
	wake()                 // ends the present sleep and all later ones
	close()
}

// newSleeperFor is newSleeper; a benchmark compares it with other ways.
var newSleeperFor = newSleeper

func newPacer(clock Clock) *pacer {
	s, spin := newSleeperFor()
	return &pacer{clock: clock, sleeper: s, spin: spin}
}

// until returns at the instant t, with the time that it is; false when it was
// interrupted before. It returns at once when t has passed.
func (p *pacer) until(t time.Duration) (now time.Duration, ok bool) {
	for {
		if p.stopped.Load() {
			return 0, false
		}
		now = p.clock.Now()
		left := t - now
		if left <= 0 {
			return now, true
		}
		if left > p.spin {
			p.sleeper.sleep(left - p.spin)
		}
	}
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
