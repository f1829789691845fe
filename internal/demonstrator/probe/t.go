package probe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

var (
	errLate        = errors.New("deadline of the check")
	errInterrupted = errors.New("run interrupted")
)

// T is what a check holds while it runs, in the manner of testing.T: a method
// that ends the check doesn't return. Its context bears the recorder, so every
// request made with it is confined, capped, recorded and redacted.
type T struct {
	session *Session
	check   Check
	rec     *recorder
	ctx     context.Context
	cancel  context.CancelCauseFunc
	limit   time.Duration

	cleaning bool // free of the byte cap: deleting must stay possible

	mu      sync.Mutex
	timer   *time.Timer
	ends    time.Time
	closed  bool
	waiting int // how many waits on somebody else's account are under way
	state   measure.State
	reason  *measure.Reason
	owned   []Resource
	cleanup []func(context.Context)
}

type contextKey struct{}

func newT(ctx context.Context, s *Session, c Check, limit time.Duration) *T {
	t := &T{session: s, check: c, limit: limit, rec: &recorder{redact: s.redact, now: s.config.Now}}
	inner, cancel := context.WithCancelCause(ctx)
	t.cancel = cancel
	t.ctx = context.WithValue(inner, contextKey{}, t)
	t.ends = s.now().Add(limit)
	t.timer = time.AfterFunc(limit, t.expire)
	return t
}

// fromContext returns the T of a request's context. A request without one would
// escape the recorder: that is a defect of the suite.
func fromContext(ctx context.Context) *T {
	t, ok := ctx.Value(contextKey{}).(*T)
	if !ok {
		panic("probe: a request was made without the context of its check")
	}
	return t
}

// Context is done when the check must end.
func (t *T) Context() context.Context { return t.ctx }

// Session is the suite at work on the offer.
func (t *T) Session() *Session { return t.session }

// HTTP returns the session's guarded client.
func (t *T) HTTP() *http.Client { return t.session.client }

// Now reads the run's clock.
func (t *T) Now() time.Time { return t.session.now() }

// Name returns a new name, unique in the run and under its prefix, of lower-case
// letters, digits and hyphens, at most 40 characters long.
func (t *T) Name() string {
	return fmt.Sprintf("%s-%d", t.session.config.Prefix, t.session.names.next())
}

// Own writes a resource down in the ledger before it is created, and has it
// deleted when the check ends, however it ends. The check ends as an error when
// it can't be written.
func (t *T) Own(kind, name, account, recipe string) {
	r, err := t.session.config.Ledger.Intend(Resource{
		Offer: string(t.session.Offer.ID), Service: t.session.Suite.ID, Kind: kind, Name: name, Account: account,
		Recipe: recipe, Expires: t.Now().Add(t.session.config.Lifetime).UTC(),
	})
	if err != nil {
		t.finish(measure.Errored, &measure.Reason{Cause: measure.Engine, Got: err.Error()})
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.owned = append(t.owned, r)
}

// Cleanup has f called when the check has ended, before its resources are
// deleted, last added first: to undo what would keep them from being deleted.
func (t *T) Cleanup(f func(context.Context)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanup = append(t.cleanup, f)
}

// Fail ends the check: what was done, what came back, and what the check's rule
// wants instead. They read as "DID returned GOT; RULE wants WANT".
func (t *T) Fail(did, got, want string) {
	if late := context.Cause(t.ctx); late != nil { // an answer may cross the end of the check: nothing is held against it
		t.Do(did, late)
	}
	t.finish(measure.Fail, &measure.Reason{Cause: measure.Assertion, Did: did, Got: got, Want: want, Rule: t.check.Rule})
}

// Want is Fail unless ok.
func (t *T) Want(ok bool, did, got, want string) {
	if !ok {
		t.Fail(did, got, want)
	}
}

// Do ends the check when an exchange broke before a complete answer came.
func (t *T) Do(did string, err error) {
	if err == nil {
		return
	}
	state, reason := t.trouble(did, err)
	t.finish(state, &reason)
}

// Unsupported ends the check: the offer answered, in the way its standard
// provides, that it doesn't have the feature.
func (t *T) Unsupported(feature string) {
	t.finish(measure.Unsupported, &measure.Reason{Cause: measure.Feature, Want: feature})
}

// Bug ends the check as an error of ours.
func (t *T) Bug(err error) {
	t.finish(measure.Errored, &measure.Reason{Cause: measure.Engine, Got: err.Error()})
}

// trouble says what an error of an exchange means, before any control call.
func (t *T) trouble(did string, err error) (measure.State, measure.Reason) {
	var host *HostRefused
	var capped *CapReached
	reason := measure.Reason{Did: did, Got: Plain(err), Rule: t.check.Rule}
	switch cause := context.Cause(t.ctx); {
	case errors.Is(cause, errLate):
		reason.Cause, reason.Got = measure.Timeout, t.limit.String()
	case errors.As(cause, &capped), errors.As(err, &capped):
		return measure.NotRun, measure.Reason{Cause: measure.Cap, Got: capped.Cap}
	case cause != nil:
		return measure.NotRun, measure.Reason{Cause: measure.Interrupted}
	case errors.As(err, &host):
		reason.Cause, reason.Got = measure.Redirected, host.Host
	default:
		reason.Cause = measure.Broken
	}
	return measure.Fail, reason
}

// finish records the outcome, the first one only, and ends the goroutine.
func (t *T) finish(state measure.State, reason *measure.Reason) {
	t.settle(state, reason)
	runtime.Goexit()
}

func (t *T) settle(state measure.State, reason *measure.Reason) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state == "" && !t.closed {
		t.state, t.reason = state, reason
	}
}

// run executes the check's function to its end, or abandons it when it ignores
// its context. It reports whether the check was cut short, perhaps in the middle
// of a request.
func (t *T) run() (cut bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				t.settle(measure.Errored, &measure.Reason{Cause: measure.Engine, Got: fmt.Sprintf("panic: %v\n%s", p, debug.Stack())})
			}
		}()
		t.check.Run(t)
		t.settle(measure.Pass, nil)
	}()
	select {
	case <-done:
	case <-t.ctx.Done():
		select {
		case <-done:
		case <-time.After(2 * time.Second):
			state, reason := t.trouble(t.check.ID, context.Cause(t.ctx))
			t.settle(state, &reason)
		}
	}
	cut = t.ctx.Err() != nil
	t.stop()
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	return cut
}

// pause waits on somebody else's account: the deadline moves by as much.
func (t *T) pause(ctx context.Context, d time.Duration) error {
	t.mu.Lock()
	t.ends = t.ends.Add(d)
	t.mu.Unlock()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// suspend keeps the deadline away until the returned function is called, then
// moves it by as much.
func (t *T) suspend() (resume func()) {
	began := t.session.now()
	t.mu.Lock()
	t.waiting++
	t.mu.Unlock()
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.waiting--
		t.ends = t.ends.Add(t.session.now().Sub(began))
	}
}

// expire ends the check unless pauses moved its deadline.
func (t *T) expire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting > 0 {
		t.timer.Reset(time.Millisecond * 100)
		return
	}
	if left := t.ends.Sub(t.session.now()); left > 0 {
		t.timer.Reset(left)
		return
	}
	t.cancel(errLate)
}

func (t *T) stop() {
	t.mu.Lock()
	t.timer.Stop()
	t.mu.Unlock()
	t.cancel(context.Canceled)
}

func (t *T) late() bool { return errors.Is(context.Cause(t.ctx), errLate) }

func (t *T) noteAnswer(res *http.Response, asked bool, elsewhere string) {
	t.rec.mu.Lock()
	defer t.rec.mu.Unlock()
	t.rec.throttled, t.rec.elsewhere = "", elsewhere
	if asked {
		t.rec.throttled = res.Status
	}
}

// Plain returns the innermost words of a network error: the address and the URL
// are in the exchange already.
func Plain(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		if s := inner.Error(); s != "" {
			text = s
		}
	}
	return strings.TrimSpace(text)
}
