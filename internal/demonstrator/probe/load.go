package probe

import (
	"context"
	"net"
	"net/url"
	"time"

	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/load/wire"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
)

// Load is an operation of a suite that targets may put under load: an entry of the
// suite's table of loads.
type Load struct {
	Operation string // stable for ever: targets name it
	Title     lang.Text
	Rule      string   // the standard's section that describes the operation
	Features  []string // declared by the offer, else the load is unsupported
	// Series names what is measured beside the latency, in the order of load.Op.Mark.
	Series []string
	// OpBytes is the most that one request moves, both ways, in bytes.
	OpBytes int64
	// Prepare creates what the requests need, as a check does: its resources live
	// until the load is over. The workload's clients connect through
	// [Session.Connect] or [Session.Server], outside of any T.
	Prepare func(*T) load.Workload
}

// prepareLimit is how long Prepare may take.
const prepareLimit = time.Minute

// Load returns the load of an operation; nil when the suite has none.
func (s Suite) Load(operation string) *Load {
	for i := range s.Loads {
		if s.Loads[i].Operation == operation {
			return &s.Loads[i]
		}
	}
	return nil
}

// Connect opens a connection to a declared host for a workload: nothing is counted
// or recorded, which the load engine does. Other hosts are a [HostRefused].
func (s *Session) Connect(ctx context.Context, network, addr string) (net.Conn, error) {
	return s.dial(ctx, network, addr)
}

// Server is the endpoint of the service for a workload over HTTP. mostBody is the
// longest answer that is read, in bytes.
func (s *Session) Server(mostBody int64) *wire.Server {
	server := &wire.Server{Address: s.Address(), Dial: s.Connect, MostBody: mostBody}
	if endpoint, err := url.Parse(s.Service.Endpoint); err == nil && endpoint.Scheme == "https" {
		server.TLS = s.TLS()
		server.TLS.ServerName = endpoint.Hostname()
	}
	return server
}

// Ready is a workload with the resources that it needs.
type Ready struct {
	Workload load.Workload
	t        *T
}

// Ready prepares a load. When it can't be prepared, the state and the reason say
// why, as those of a check.
func (s *Session) Ready(ctx context.Context, l *Load) (*Ready, measure.State, *measure.Reason) {
	for _, f := range l.Features {
		if !s.declares(f) {
			return nil, measure.Unsupported, &measure.Reason{Cause: measure.Feature, Want: f}
		}
	}
	if err := s.control.broken(); err != nil {
		return nil, measure.Errored, &measure.Reason{Cause: measure.Control, Did: "no request was made", Got: err.Error()}
	}
	inner, done := s.config.Budget.within(ctx)
	defer done()
	r := &Ready{}
	check := Check{ID: s.Suite.ID + "/load/" + l.Operation, Rule: l.Rule, Run: func(t *T) { r.Workload = l.Prepare(t) }}
	r.t = newT(inner, s, check, prepareLimit)
	cut := r.t.run()
	state, reason := judge(ctx, r.t)
	if state == measure.Pass {
		return r, state, nil
	}
	s.tidy(r.t, cut)
	reason.Did, reason.Got = s.redact.Text(reason.Did), s.redact.Text(reason.Got)
	return nil, state, reason
}

// Close deletes what the load needed.
func (r *Ready) Close() { r.t.session.tidy(r.t, false) }

// LoadCaps are what is left of what the owner allows, for one load.
func (s *Session) LoadCaps() load.Caps { return s.config.Budget.left(s.now()) }

// Spend counts the bytes of a load.
func (s *Session) Spend(bytes int64) { s.config.Budget.bytes.Add(bytes) }

// left is what is left of the caps.
func (b *Budget) left(now time.Time) load.Caps {
	return load.Caps{
		Rate: b.caps.Rate, Connections: b.caps.Connections,
		Bytes: max(0, int64(b.caps.Bytes)-b.bytes.Load()), Duration: max(0, b.ends.Sub(now)),
	}
}
