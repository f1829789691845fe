// Package load is the open-loop load engine. A schedule is fixed in advance; a
// latency is the instant of completion less the instant at which the request was
// meant to start, so that a service that stalls can't make the engine ask less
// (what Gil Tene calls coordinated omission). Several offers, and a local null
// server beside them, are measured in random blocks of one timeline.
//
// The engine knows no client: what a request is, a [Workload] says. It reads one
// clock, which it is given. docs/load.md has the definitions and their sources.
package load

import (
	"context"
	"time"
)

// Workload makes requests to one service. Its clients are used side by side.
type Workload interface {
	// Open returns the client of one connection, without connecting yet. An error
	// ends the run before its first request.
	Open() (Client, error)
}

// Client has at most one connection, and is used by one goroutine at a time.
type Client interface {
	// Do makes one request and reads its answer to the end. It notes phases and
	// bytes in op. An error says that the answer didn't come or is wrong: a fast
	// wrong answer is an error; a [Failure] names its kind. It returns soon after
	// ctx is done, which is also how a time-out comes: ctx is the same from request
	// to request until then.
	Do(ctx context.Context, op *Op) error
	// Close ends the connection.
	Close() error
}

// Warmer is a Client that can connect before the schedule begins, so that only
// connections lost on the way count. What fails is met again by the first request.
type Warmer interface {
	Warm(ctx context.Context) error
}

// Phase is a part of a request's time.
type Phase int

// The phases, in their order. Queue is the engine's to note: the time from the
// intended start to the actual one, above all the wait for a free connection.
const (
	Queue     Phase = iota
	Connect         // name resolution and TCP
	TLS             // handshake
	FirstByte       // from the first byte sent to the first one received
	Body            // from the first byte received to the last
	Phases
)

var phaseNames = [Phases]string{"queue", "connect", "tls", "first-byte", "body"}

// String returns the stable name of the phase, as in JSON and file names.
func (p Phase) String() string { return phaseNames[p] }

// Op is one request. It is reused: a client keeps nothing of it.
type Op struct {
	Index    int64         // of the contestant's requests, from 0
	Intended time.Duration // by the schedule, on the run's clock
	Started  time.Duration
	Sent     int64 // bytes, to be counted by the client
	Received int64

	clock  Clock
	phases [Phases]time.Duration
	marks  [MostSeries]time.Duration
}

// MostSeries is the most that a workload may measure beside the latency.
const MostSeries = 4

// Now reads the run's clock.
func (op *Op) Now() time.Duration { return op.clock.Now() }

// Random is a number that depends on Index alone, for what the request is about.
func (op *Op) Random() uint64 { return scramble(uint64(op.Index)) }

// Note adds d to a phase. A connection that is opened again adds up.
func (op *Op) Note(p Phase, d time.Duration) { op.phases[p] += d }

// Phase is what was noted.
func (op *Op) Phase(p Phase) time.Duration { return op.phases[p] }

// Mark notes what the request measured for a series of the plan, counted from 0. A
// right answer without it is slower than any bound.
func (op *Op) Mark(series int, d time.Duration) { op.marks[series] = max(d, 1) }

// NewOp returns an Op that starts now, for a client used outside a run.
func NewOp(clock Clock) *Op {
	now := clock.Now()
	return &Op{Intended: now, Started: now, clock: clock}
}
