package inference

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// The pace of the simulated accelerator.
const (
	prefill = 5 * time.Microsecond   // a token of the prompt
	decode  = 600 * time.Microsecond // a token of the answer
)

// account is a key of the service with its own slots and its own rate.
type account struct {
	key   string
	slots chan struct{} // generations at once; the others wait in their order

	mu      sync.Mutex
	quota   int // requests in a burst
	refill  rate.Limit
	limiter *rate.Limiter
	blocked time.Time // until then every request is refused
}

func newAccount(key string, slots, quota int, refill rate.Limit) *account {
	a := &account{key: key, slots: make(chan struct{}, slots), quota: quota, refill: refill}
	a.reset()
	return a
}

// reset gives the whole burst back.
func (a *account) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.limiter, a.blocked = rate.NewLimiter(a.refill, a.quota), time.Time{}
}

// admit counts a request and says how many are left. A refused one blocks the key
// for as long as penalty says.
func (a *account) admit(penalty time.Duration) (left int, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	if now.Before(a.blocked) {
		return 0, false
	}
	if !a.limiter.Allow() {
		a.blocked = now.Add(penalty)
		return 0, false
	}
	return int(a.limiter.Tokens()), true
}

// enter waits for a slot; the returned function gives it back.
func (a *account) enter(ctx context.Context) (leave func(), err error) {
	select {
	case a.slots <- struct{}{}:
		return func() { <-a.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// wait passes the time of a computation, or returns when the client has gone.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
