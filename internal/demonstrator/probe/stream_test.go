package probe

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// TestStream: a body comes through as it is sent, event by event, and a client
// that has seen enough ends it.
func TestStream(t *testing.T) {
	t.Parallel()
	seen, left := make(chan struct{}), make(chan struct{})
	y := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/events" {
			return
		}
		defer close(left)
		for _, event := range []string{"one", "two", "three"} {
			io.WriteString(w, "data: "+event+"\n")
			http.NewResponseController(w).Flush()
			select {
			case <-seen: // the next one only when the client has this one
			case <-r.Context().Done():
				panic(http.ErrAbortHandler) // no proper end could overtake the client's own
			}
		}
	})
	results, err := y.measured(t, options{}, Check{ID: "toy/x/events", Limit: 5 * time.Second, Run: func(t *T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		res, err := fetch(ctx, t.Session(), "/events")
		t.Do("GET /events", err)
		defer res.Body.Close()
		events := bufio.NewReader(res.Body)
		for _, want := range []string{"data: one\n", "data: two\n"} {
			got, err := events.ReadString('\n')
			t.Do("reading events", err)
			t.Want(got == want, "reading events", got, want)
			if want == "data: one\n" {
				seen <- struct{}{}
			}
		}
		stop()
		_, err = events.ReadString('\n')
		t.Want(err != nil && !errors.Is(err, io.EOF), "cancelling", Plain(err), "an error")
		select {
		case <-left:
		case <-t.Context().Done():
			t.Fail("cancelling", "a server that goes on", "one that stops")
		}
		t.Fail("showing the exchange", "it", "it")
	}})
	r := results["toy/x/events"]
	if err != nil || r.Reason == nil || r.Reason.Did != "showing the exchange" {
		t.Fatalf("%v %+v", err, r.Reason)
	}
	if x := r.Exchanges[0]; x.Status != http.StatusOK || x.Response.Body != "data: one\ndata: two\n" || x.Error == "" {
		t.Errorf("%+v %+v", x, x.Response)
	}
}

// TestRaw: a check of the rate limits sees them.
func TestRaw(t *testing.T) {
	t.Parallel()
	var asked, connections atomic.Int32
	y := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/limited" {
			asked.Add(1)
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		}
		if r.Close {
			connections.Add(1)
		}
	})
	results, err := y.measured(t, options{}, Check{ID: "toy/x/limited", Run: func(t *T) {
		req, err := http.NewRequestWithContext(Raw(t.Context()), http.MethodGet, t.Session().Service.Endpoint+"/limited", nil)
		if err != nil {
			t.Bug(err)
		}
		req.Close = true // a behaviour of the client's own goes with its request
		res, err := t.HTTP().Do(req)
		t.Do("GET /limited", err)
		res.Body.Close()
		t.Want(res.Header.Get("Retry-After") == "2", "GET /limited", res.Status, "429 with Retry-After 2")
	}})
	if r := results["toy/x/limited"]; err != nil || r.State != measure.Fail || r.Reason.Cause != measure.Assertion || asked.Load() != 1 || connections.Load() != 1 {
		t.Errorf("%v %+v, asked %d times, %d without keep-alive", err, r.Reason, asked.Load(), connections.Load())
	}
}
