package load

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// do is a workload that is a function, with one client for each connection.
type do func(ctx context.Context, op *Op) error

func (d do) Open() (Client, error) { return d, nil }

func (d do) Do(ctx context.Context, op *Op) error { return d(ctx, op) }

func (d do) Close() error { return nil }

// asked is a workload on a real server through net/http: a plain client that the
// engine knows nothing of.
type asked struct {
	url    string
	client *http.Client
}

func (a asked) Open() (Client, error) { return a, nil }

func (a asked) Do(ctx context.Context, op *Op) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url, nil)
	if err != nil {
		return err
	}
	req.Header.Set(stamp, op.Intended.String())
	answer, err := a.client.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return Fail(Status, &net.AddrError{Err: answer.Status, Addr: a.url})
	}
	op.Received += max(answer.ContentLength, 0)
	return nil
}

func (a asked) Close() error { return nil }

const stamp = "X-Aloi-Intended"

// serve starts a real server and returns a workload on it.
func serve(t *testing.T, connections int, handler http.HandlerFunc) Workload {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	transport := &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections}
	t.Cleanup(transport.CloseIdleConnections)
	return asked{url: server.URL, client: &http.Client{Transport: transport}}
}

func plenty() *Budget {
	return NewBudget(Caps{Rate: 1e6, Connections: 1000, Bytes: 1e12, Duration: time.Hour})
}

// plan is one of a contestant, without goals.
func plan(w Workload, rate measure.Rate, block, d time.Duration) Plan {
	return Plan{
		Seed: 1, Load: Load{Shape: Constant, Rate: rate, Block: block},
		Contestants: []Contestant{{Name: "alize", Workload: w, OpBytes: 1000, Budget: plenty()}},
		Connections: 8, Timeout: 5 * time.Second, Patience: 5 * time.Second, Duration: d,
	}
}

func mustRun(t *testing.T, p Plan) *measure.LoadRun {
	t.Helper()
	r, err := Run(context.Background(), p, System())
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Offers {
		adds(t, &r.Offers[i], len(p.Goals))
	}
	if r.Null != nil {
		adds(t, r.Null, len(p.Goals))
	}
	return r
}

// adds checks that no request of a record is lost: each has one end.
func adds(t *testing.T, r *measure.LoadRecord, goals int) {
	t.Helper()
	if r.Closed {
		return
	}
	total, answered := r.Total(), int64(0)
	for _, b := range r.Blocks {
		answered += b.Requests - b.Failed - b.Dropped
	}
	if r.Service.Unpack().Count() != answered {
		t.Errorf("%s: %d answers in the histogram, %d in the blocks", r.Name, r.Service.Unpack().Count(), answered)
	}
	failures := int64(0)
	for _, n := range total.Failures {
		failures += n
	}
	if failures != total.Failed {
		t.Errorf("%s: %d failures by kind, %d in all", r.Name, failures, total.Failed)
	}
	for i := range goals {
		if total.Number > 0 && total.Slow[i] < total.Failed+total.Dropped {
			t.Errorf("%s: %d slow, fewer than %d failed and %d dropped", r.Name, total.Slow[i], total.Failed, total.Dropped)
		}
	}
}

// hangs answers nothing until its request is cancelled.
func hangs(ctx context.Context, _ *Op) error {
	<-ctx.Done()
	return ctx.Err()
}

func instant(context.Context, *Op) error { return nil }

// jumpy is a clock whose wall is set during the run.
type jumpy struct {
	Clock
	readings atomic.Int64
	jump     time.Duration
}

func (j *jumpy) Wall() time.Time {
	wall := j.Clock.Wall()
	if j.readings.Add(1) > 3 {
		wall = wall.Add(j.jump)
	}
	return wall
}

// suspended is a clock of a machine that sleeps for a while during the run.
type suspended struct {
	Clock
	after, asleep time.Duration
}

func (s *suspended) Now() time.Duration {
	now := s.Clock.Now()
	if now > s.after {
		now += s.asleep
	}
	return now
}
