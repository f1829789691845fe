package load

import (
	"sync"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// Caps are an owner's hard limits.
type Caps struct {
	// Rate bounds the starts of requests: in any time t, at most Rate x (t + 1 s).
	// The second is for what a stall has delayed.
	Rate        measure.Rate
	Connections int
	Bytes       int64
	Duration    time.Duration // from the first run
	Requests    int64         // 0: no cap
}

// Cap names one of the Caps.
type Cap string

// The caps that may end a measurement. That on the rate holds requests back
// instead, and that on connections is never reached.
const (
	CapBytes    Cap = "bytes"
	CapDuration Cap = "duration"
	CapRequests Cap = "requests"
)

// Budget is what is left of the caps. Safe for concurrent use. The runs that share
// one must have the same clock.
type Budget struct {
	caps Caps

	mu       sync.Mutex
	begun    bool
	ends     time.Duration
	bytes    int64 // spent or set aside
	requests int64
	next     time.Duration // when the next request is due at the cap's rate
}

// NewBudget returns a budget of which nothing is spent.
func NewBudget(caps Caps) *Budget { return &Budget{caps: caps} }

// begin starts the time of the cap on duration, once.
func (b *Budget) begin(now time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.begun {
		b.begun, b.ends, b.next = true, now+b.caps.Duration, now
	}
}

// burst is how far requests may run ahead of the cap's rate.
const burst = time.Second

// admit sets aside what a request may cost. It returns how long the rate holds it
// back, in which case nothing is set aside; or the cap that is reached.
func (b *Budget) admit(now time.Duration, bytes int64) (wait time.Duration, reached Cap) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case now >= b.ends:
		return 0, CapDuration
	case b.bytes+bytes > b.caps.Bytes:
		return 0, CapBytes
	case b.caps.Requests > 0 && b.requests >= b.caps.Requests:
		return 0, CapRequests
	}
	if ahead := b.next - now; ahead > burst { // the generic cell rate algorithm, ITU-T I.371
		return ahead - burst, ""
	}
	b.next = max(b.next, now) + time.Duration(1e9/float64(b.caps.Rate))
	b.requests++
	b.bytes += bytes
	return 0, ""
}

// settle replaces what was set aside with what was moved.
func (b *Budget) settle(aside, moved int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bytes += moved - aside
}

// Spent is what the runs so far have cost.
func (b *Budget) Spent() (requests, bytes int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.requests, b.bytes
}

// over reports that the time is up.
func (b *Budget) over(now time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.begun && now >= b.ends
}
