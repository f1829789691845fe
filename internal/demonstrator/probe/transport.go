package probe

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"aloi.dev/internal/demonstrator/catalogue"
)

// HostRefused is the error of a connection to a host that the offer doesn't declare.
type HostRefused struct{ Host string }

func (e *HostRefused) Error() string { return "the offer doesn't declare the host " + e.Host }

// CapReached is the error of a request beyond a cap of the offer's owner.
type CapReached struct{ Cap string }

func (e *CapReached) Error() string { return "cap reached: " + e.Cap }

// Budget meters an offer's caps over all its services. Safe for concurrent use.
type Budget struct {
	caps    catalogue.Caps
	ends    time.Time
	limiter *rate.Limiter
	bytes   atomic.Int64

	open     *semaphore.Weighted // raw connections
	patience time.Duration       // with the one that isn't free
}

// NewBudget returns the budget of caps, whose duration begins now. Requests may
// come in bursts of a tenth of a second's worth.
func NewBudget(caps catalogue.Caps, now func() time.Time) *Budget {
	return &Budget{
		caps: caps, ends: now().Add(time.Duration(caps.Duration)),
		limiter:  rate.NewLimiter(rate.Limit(caps.Rate), max(1, int(caps.Rate/10))),
		patience: 10 * time.Second,
		open:     semaphore.NewWeighted(int64(max(1, caps.Connections))),
	}
}

// within returns a context that ends with the duration cap, or with the bytes
// when they are spent already.
func (b *Budget) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if b.bytes.Load() > int64(b.caps.Bytes) {
		ctx, stop := context.WithCancelCause(ctx)
		stop(&CapReached{Cap: "bytes " + b.caps.Bytes.String()})
		return ctx, func() {}
	}
	return context.WithDeadlineCause(ctx, b.ends, &CapReached{Cap: "duration " + b.caps.Duration.String()})
}

// spend counts n bytes and fails once the cap is passed.
func (b *Budget) spend(n int) error {
	if b.bytes.Add(int64(n)) > int64(b.caps.Bytes) {
		return &CapReached{Cap: "bytes " + b.caps.Bytes.String()}
	}
	return nil
}

// confined dials only the hosts that the offer declares.
func confined(declared []string) func(context.Context, string, string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if !slices.ContainsFunc(declared, func(host string) bool { return covers(host, addr) }) {
			return nil, &HostRefused{Host: addr}
		}
		return dialer.DialContext(ctx, network, addr)
	}
}

// covers reports whether a declared host:port covers addr; "*.x:443" covers
// every name below x.
func covers(declared, addr string) bool {
	if below, ok := strings.CutPrefix(declared, "*"); ok {
		return strings.HasSuffix(addr, below) && len(addr) > len(below)
	}
	return strings.EqualFold(declared, addr)
}

// ports are those of URLs that name none, by scheme; 443 for the others.
var ports = map[string]string{"http": "80", "postgres": "5432", "postgresql": "5432"}

// hostPort returns the address that a URL connects to.
func hostPort(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	return net.JoinHostPort(u.Hostname(), cmp.Or(ports[u.Scheme], "443"))
}

// guarded is the only way from a check to the network: it records, waits where
// the offer asks to, and keeps within the caps.
type guarded struct {
	base     http.RoundTripper
	budget   *Budget
	declared []string
}

// most waits that the engine grants a server that throttles
const (
	throttleTries = 4
	throttleWait  = 3 * time.Second
)

// rawKey marks the context of a request whose answer is wanted as it is.
type rawKey struct{}

// Raw returns a context for requests whose first answer counts, a 429 or a 503
// that asks to come back included: the engine neither waits nor asks again, and
// doesn't take the check's failure for the offer's throttling. For checks of the
// rate limits themselves.
func Raw(ctx context.Context) context.Context { return context.WithValue(ctx, rawKey{}, true) }

// judgedKey marks the context of a request whose redirects the check judges itself.
type judgedKey struct{}

// Judged returns a context for requests whose answers may redirect to a host that
// the offer doesn't declare, an application's, which the check reads and doesn't
// visit: the engine doesn't explain the check's failure by them. Connecting there
// stays refused.
func Judged(ctx context.Context) context.Context { return context.WithValue(ctx, judgedKey{}, true) }

// RoundTrip sends a request; an answer that asks to come back later is waited
// for, a few times, without using up the check's deadline, unless it is wanted
// [Raw].
func (g *guarded) RoundTrip(req *http.Request) (*http.Response, error) {
	t := fromContext(req.Context())
	for try := 1; ; try++ {
		if err := g.budget.waitTurn(req.Context(), t); err != nil {
			return nil, err
		}
		res, err := g.once(req, t)
		if err != nil {
			return nil, err
		}
		wait, asked := retryAfter(res, t.session.now())
		asked = asked && req.Context().Value(rawKey{}) == nil
		t.noteAnswer(res, asked, g.elsewhere(req, res))
		if !asked || try == throttleTries || !rewind(&req) {
			return res, nil
		}
		_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
		res.Body.Close()
		if err := t.pause(req.Context(), min(wait, throttleWait)); err != nil {
			return nil, err
		}
	}
}

// waitTurn waits for the rate cap; the wait doesn't count against the deadline.
func (b *Budget) waitTurn(ctx context.Context, t *T) error {
	if d := b.limiter.Reserve().Delay(); d > 0 {
		return t.pause(ctx, d)
	}
	return nil
}

func (g *guarded) once(req *http.Request, t *T) (*http.Response, error) {
	x, sent := t.rec.begin(req)
	if !t.cleaning && sent.Body != nil && sent.Body != http.NoBody {
		sent.Body = &metered{ReadCloser: sent.Body, budget: g.budget}
	}
	res, err := g.base.RoundTrip(sent)
	x.end(res, err)
	if err == nil && !t.cleaning {
		res.Body = &metered{ReadCloser: res.Body, budget: g.budget}
	}
	return res, err
}

// elsewhere returns the undeclared host to which an answer redirects, if any.
func (g *guarded) elsewhere(req *http.Request, res *http.Response) string {
	if res.StatusCode < 300 || res.StatusCode > 399 || req.Method == http.MethodPost || req.Context().Value(judgedKey{}) != nil {
		return "" // a POST may be answered by a redirect that the check itself asked for
	}
	to, err := req.URL.Parse(res.Header.Get("Location"))
	if err != nil || to.Host == "" {
		return ""
	}
	if slices.ContainsFunc(g.declared, func(host string) bool { return covers(host, hostPort(to)) }) {
		return ""
	}
	return to.Host
}

// retryAfter reads a 429 or 503 that asks to come back: after a number of
// seconds, or half a second when it only says SlowDown.
func retryAfter(res *http.Response, now time.Time) (time.Duration, bool) {
	if res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusServiceUnavailable {
		return 0, false
	}
	after := res.Header.Get("Retry-After")
	if after == "" {
		return 500 * time.Millisecond, res.StatusCode == http.StatusTooManyRequests
	}
	if s, err := strconv.Atoi(after); err == nil && s >= 0 {
		return time.Duration(s) * time.Second, true
	}
	if at, err := http.ParseTime(after); err == nil {
		return max(0, at.Sub(now)), true
	}
	return time.Second, true
}

// rewind makes the request ready to be sent again.
func rewind(req **http.Request) bool {
	if (*req).Body == nil || (*req).Body == http.NoBody {
		return true
	}
	if (*req).GetBody == nil {
		return false
	}
	body, err := (*req).GetBody()
	if err != nil {
		return false
	}
	again := (*req).Clone((*req).Context())
	again.Body = body
	*req = again
	return true
}

// metered counts a body against the byte cap.
type metered struct {
	io.ReadCloser
	budget *Budget
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	if over := m.budget.spend(n); over != nil && (err == nil || errors.Is(err, io.EOF)) {
		return n, over
	}
	return n, err
}

// stayPut keeps a client from following redirects: checks judge them.
func stayPut(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
