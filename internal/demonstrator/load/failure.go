package load

import (
	"context"
	"errors"
)

// Kind says how a request failed.
type Kind string

// The kinds. All but Cancelled count against the offer.
const (
	NoConnection Kind = "connect"   // refused, unreachable, or the name is unknown
	NoTLS        Kind = "tls"       // the handshake failed
	Timeout      Kind = "timeout"   // no complete answer within the plan's time-out
	Broken       Kind = "broken"    // reset or cut before the answer's end
	Malformed    Kind = "malformed" // an answer that breaks its protocol
	TooLarge     Kind = "too-large" // a longer answer than the workload allows
	Status       Kind = "status"    // an answer that says that it failed
	Throttled    Kind = "throttled" // refused for the rate, 429 or 503 with Retry-After
	Wrong        Kind = "wrong"     // a complete answer that isn't the right one
	Cancelled    Kind = "cancelled" // the run was stopped: says nothing of the offer
)

// Failure is the error of a request whose kind is known.
type Failure struct {
	Kind Kind
	Err  error
}

// Fail returns a Failure.
func Fail(kind Kind, err error) error { return &Failure{Kind: kind, Err: err} }

// Error returns the kind and the cause.
func (f *Failure) Error() string { return string(f.Kind) + ": " + f.Err.Error() }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

var (
	errTimeout = errors.New("no complete answer within the time-out")
	errStopped = errors.New("the run was stopped")
)

// kindOf is the kind of an error that Do returned. When the context is done, it is
// the reason, whatever the client made of it.
func kindOf(ctx context.Context, err error) Kind {
	if ctx.Err() != nil {
		if errors.Is(context.Cause(ctx), errTimeout) {
			return Timeout
		}
		return Cancelled
	}
	var f *Failure
	switch {
	case errors.As(err, &f):
		return f.Kind
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	}
	return Broken
}
