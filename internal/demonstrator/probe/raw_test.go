package probe

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
)

// lines is a server that is not HTTP: it answers each line with "you said LINE",
// and "silence" with nothing.
type lines struct {
	address string
	open    atomic.Int32 // connections
	most    atomic.Int32
}

func serveLines(t *testing.T) *lines {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := &lines{address: l.Addr().String()}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.answer(conn)
		}
	}()
	return s
}

func (s *lines) answer(conn net.Conn) {
	n := s.open.Add(1)
	for m := s.most.Load(); n > m && !s.most.CompareAndSwap(m, n); m = s.most.Load() {
	}
	defer s.open.Add(-1)
	defer conn.Close()
	for in := bufio.NewScanner(conn); in.Scan(); {
		if in.Text() != "silence" {
			fmt.Fprintf(conn, "you said %s\n", in.Text())
		}
	}
}

// say sends a line, notes the step and returns the answer.
func say(t *T, conn net.Conn, line string) string {
	_, err := io.WriteString(conn, line+"\n")
	t.Do("SAY "+line, err)
	answer, err := bufio.NewReader(conn).ReadString('\n')
	t.Do("SAY "+line, err)
	t.Note("SAY", line, answer)
	return answer
}

func dialled(t *T, addr string) net.Conn {
	conn, err := t.Dial("tcp", addr)
	t.Do("CONNECT "+addr, err)
	return conn
}

func (s *lines) options() options { return options{hosts: []catalogue.Host{catalogue.Host(s.address)}} }

func TestDial_RecordedAndRedacted(t *testing.T) {
	t.Parallel()
	s := serveLines(t)
	long := "select " + strings.Repeat("x", lineKept-10) + canary + "\nfrom t"
	results, err := serve(t, mannered).measured(t, s.options(),
		Check{ID: "toy/x/pass", Run: func(t *T) { say(t, dialled(t, s.address), "word "+canary) }},
		Check{ID: "toy/x/fail", Run: func(t *T) {
			conn := dialled(t, s.address)
			answer := say(t, conn, "key "+canary)
			t.Session().Note(t.Context(), "QUERY", long, "1 row")
			t.Fail("SAY", answer, "something else")
		}},
	)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%+v", results); strings.Contains(text, "canary") || strings.Contains(text, canary[:6]) {
		t.Errorf("the secret is kept: %s", text)
	}
	pass, fail := results["toy/x/pass"], results["toy/x/fail"]
	if pass.State != measure.Pass || len(pass.Exchanges) != 2 || pass.Exchanges[0].Method != "CONNECT tcp" || pass.Exchanges[0].URL != s.address ||
		pass.Exchanges[1].Request != nil || pass.Exchanges[1].Response != nil || pass.Exchanges[1].URL != "word [key of main]" {
		t.Errorf("a check that passes: %+v", pass)
	}
	if fail.State != measure.Fail || len(fail.Exchanges) != 3 {
		t.Fatalf("%+v", fail)
	}
	connect, said, query := fail.Exchanges[0], fail.Exchanges[1], fail.Exchanges[2]
	sent := int64(len("key " + canary + "\n"))
	if connect.Request.Bytes != sent || connect.Response.Bytes != sent+int64(len("you said ")) || connect.Request.Body != "" || connect.Duration <= 0 {
		t.Errorf("the connection: %+v %+v", connect.Request, connect.Response)
	}
	if said.Method != "SAY" || said.Request.Body != "key [key of main]" || said.Response.Body != "you said key [key of main]\n" {
		t.Errorf("a step: %+v %+v", said.Request, said.Response)
	}
	if !strings.HasSuffix(query.URL, "…") || !strings.HasSuffix(query.Request.Body, "[key of main]\nfrom t") || query.Response.Body != "1 row" {
		t.Errorf("a long step: %s %+v", query.URL, query.Request)
	}
}

// TestDial_TLS: what a client's dial function and configuration need, the session has.
func TestDial_TLS(t *testing.T) {
	t.Parallel()
	handshake := Check{ID: "toy/x/handshake", Run: func(t *T) {
		dialer := t.Session().Dial // as a client of a database takes it
		conn, err := dialer(t.Context(), "tcp4", t.Session().Address())
		t.Do("CONNECT", err)
		config := t.Session().TLS()
		config.ServerName = "127.0.0.1"
		t.Do("the handshake", tls.Client(conn, config).HandshakeContext(t.Context()))
	}}
	for name, c := range map[string]struct {
		o    options
		want measure.State
	}{"trusted": {options{}, measure.Pass}, "not trusted": {options{untrust: true}, measure.Errored}} { // the control call isn't trusted either
		results, err := serve(t, mannered).measured(t, c.o, handshake)
		if r := results[handshake.ID]; err != nil || r.State != c.want {
			t.Errorf("%s: %v %s %+v", name, err, r.State, r.Reason)
		}
	}
}

func TestDial_Confined(t *testing.T) {
	t.Parallel()
	s := serveLines(t)
	results, err := serve(t, mannered).measured(t, options{},
		Check{ID: "toy/x/stray", Run: func(t *T) { dialled(t, s.address) }},
		Check{ID: "toy/x/socket", Run: func(t *T) {
			if conn, err := t.Dial("unix", t.Session().Address()); err == nil {
				conn.Close()
				t.Fail("CONNECT unix", "a connection", "an error")
			}
		}},
	)
	if r := results["toy/x/stray"]; err != nil || r.State != measure.Fail || r.Reason.Cause != measure.Redirected || r.Reason.Got != s.address || s.most.Load() != 0 {
		t.Errorf("%v %+v, %d visits", err, r, s.most.Load())
	}
	if r := results["toy/x/stray"]; len(r.Exchanges) != 1 || r.Exchanges[0].Error == "" {
		t.Errorf("the refusal isn't recorded: %+v", r.Exchanges)
	}
	if r := results["toy/x/socket"]; r.State != measure.Pass {
		t.Errorf("%+v", r)
	}
}

func TestDial_Deadline(t *testing.T) {
	t.Parallel()
	s := serveLines(t)
	results, err := serve(t, mannered).measured(t, s.options(),
		Check{ID: "toy/x/silent", Limit: 200 * time.Millisecond, Run: func(t *T) { say(t, dialled(t, s.address), "silence") }})
	if r := results["toy/x/silent"]; err != nil || r.State != measure.Fail || r.Reason.Cause != measure.Timeout || r.Duration > 2*time.Second {
		t.Errorf("%v %+v", err, r)
	}
	for range 100 {
		if s.open.Load() == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the connection outlives its check")
}

func TestDial_Caps(t *testing.T) {
	t.Parallel()
	s, y := serveLines(t), serve(t, mannered)
	o := s.options()
	o.caps = catalogue.Caps{Rate: 1000, Bytes: 100_000, Connections: 8, Duration: measure.Duration(time.Minute)}
	results, err := y.measured(t, o, Check{ID: "toy/x/big", Run: func(t *T) { say(t, dialled(t, s.address), strings.Repeat("x", 60_000)) }})
	if r := results["toy/x/big"]; err != nil || r.State != measure.NotRun || r.Reason.Cause != measure.Cap {
		t.Errorf("bytes: %v %+v", err, r)
	}
	// one connection at once: the others wait their turn, and the wait is not theirs
	s.most.Store(0)
	o.caps = catalogue.Caps{Rate: 1000, Bytes: 1 << 30, Connections: 1, Duration: measure.Duration(time.Minute)}
	var checks []Check
	for i := range 4 {
		checks = append(checks, Check{ID: fmt.Sprintf("toy/x/%d", i), Limit: 400 * time.Millisecond, Run: func(t *T) {
			say(t, dialled(t, s.address), "hello")
			time.Sleep(200 * time.Millisecond)
		}})
	}
	results, err = y.measured(t, o, checks...)
	for id, r := range results {
		if err != nil || r.State != measure.Pass {
			t.Errorf("%s: %v %s %+v", id, err, r.State, r.Reason)
		}
	}
	if s.most.Load() > 2 { // the server may see the next one before the end of the last
		t.Errorf("%d connections at once", s.most.Load())
	}
	// a low rate makes a connection wait too
	o.caps = catalogue.Caps{Rate: 2, Bytes: 1 << 30, Connections: 4, Duration: measure.Duration(time.Minute)}
	began := time.Now()
	results, err = y.measured(t, o, Check{ID: "toy/x/patient", Limit: 400 * time.Millisecond, Run: func(t *T) {
		for range 3 {
			dialled(t, s.address)
		}
	}})
	if r := results["toy/x/patient"]; err != nil || r.State != measure.Pass || time.Since(began) < time.Second {
		t.Errorf("rate: %v %s %+v after %s", err, r.State, r.Reason, time.Since(began))
	}
}

// TestDial_MoreThanAllowed: a check that wants more connections than the cap never
// fails for it.
func TestDial_MoreThanAllowed(t *testing.T) {
	t.Parallel()
	b := NewBudget(catalogue.Caps{Connections: 1}, time.Now)
	b.patience = 50 * time.Millisecond
	session := &Session{config: Config{Now: time.Now}}
	check := newT(context.Background(), session, Check{ID: "toy/x/greedy"}, 10*time.Millisecond)
	defer check.stop()
	release, err := b.connection(check.ctx, check)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.connection(check.ctx, check)
	state, reason := check.trouble("CONNECT", err)
	var capped *CapReached
	if !errors.As(err, &capped) || state != measure.NotRun || reason.Got != "connections 1" {
		t.Errorf("%v: %s %+v", err, state, reason)
	}
	release()
	if _, err := b.connection(context.Background(), check); err != nil {
		t.Errorf("a place given back: %v", err)
	}
}

func TestHostPort(t *testing.T) {
	t.Parallel()
	y := serve(t, mannered)
	for endpoint, want := range map[string]string{
		"https://a.example": "a.example:443", "http://localhost": "localhost:80", "postgres://a.example": "a.example:5432", "tls://a.example": "a.example:443",
		"postgres://[::1]": "[::1]:5432", "tls://a.example:8443": "a.example:8443",
	} {
		s, err := Open(y.suite(), Config{Offer: catalogue.Offer{Services: map[string]catalogue.Service{"toy": {Endpoint: endpoint}}}, Now: time.Now})
		if err != nil || s.Address() != want {
			t.Errorf("%s: %+v, want %s (%v)", endpoint, s, want, err)
		}
	}
}
