package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/load"
)

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// hostile listens and gives each connection to a function, by its number.
func hostile(t *testing.T, serve func(n int, c net.Conn)) *Conn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for n := 0; ; n++ {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() }) // one that nobody holds would be closed as garbage
			go serve(n, c)
		}
	}()
	var dialer net.Dialer
	conn := New(&Server{Address: listener.Addr().String(), Dial: dialer.DialContext, MostBody: 1 << 20})
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// request reads a request up to its empty line.
func request(c net.Conn) bool {
	buf, have := make([]byte, 4096), 0
	for !bytes.Contains(buf[:have], []byte("\r\n\r\n")) {
		n, err := c.Read(buf[have:])
		if err != nil || have+n == len(buf) {
			return false
		}
		have += n
	}
	return true
}

var get = Request{Head: []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")}

// ask makes a request within half a second.
func ask(c *Conn) (*Answer, string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	var body bytes.Buffer
	a, err := c.Do(ctx, load.NewOp(load.System()), &get, &body)
	return a, body.String(), err
}

// TestHostile: whatever a server does, a request ends, in an error of its kind.
func TestHostile(t *testing.T) {
	t.Parallel()
	reset := func(c net.Conn) {
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	}
	drip := func(c net.Conn, first, rest string) {
		_, _ = io.WriteString(c, first)
		for i := 0; ; i++ {
			if _, err := c.Write([]byte{rest[i%len(rest)]}); err != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}
	for name, c := range map[string]struct {
		serve func(c net.Conn)
		kind  load.Kind // "" stands for the end of the context
	}{
		"reset":  {func(c net.Conn) { request(c); reset(c) }, load.Broken},
		"closed": {func(c net.Conn) { request(c); _ = c.Close() }, load.Broken},
		"reset midway": {func(c net.Conn) {
			request(c)
			_, _ = io.WriteString(c, ok[:39])
			time.Sleep(10 * time.Millisecond)
			reset(c)
		}, load.Broken},
		"silent":      {func(net.Conn) {}, ""},
		"half-open":   {func(c net.Conn) { request(c); _, _ = io.WriteString(c, ok[:len(ok)-1]) }, ""},
		"slow header": {func(c net.Conn) { request(c); drip(c, "HTTP/1.1 200 OK\r\n", "X-A: b\r\n") }, ""},
		"slow body":   {func(c net.Conn) { request(c); drip(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", "a") }, ""},
		"endless header": {func(c net.Conn) {
			request(c)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n"+strings.Repeat("X-A: b\r\n", 50_000))
		}, load.Malformed},
		"long body": {func(c net.Conn) {
			request(c)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n")
		}, load.TooLarge},
		"not HTTP":        {func(c net.Conn) { request(c); _, _ = io.WriteString(c, "220 smtp.example.org ESMTP\r\n\r\n") }, load.Malformed},
		"doesn't read":    {func(net.Conn) { time.Sleep(time.Second) }, ""},
		"answer too long": {func(c net.Conn) { request(c); _, _ = io.WriteString(c, ok+"and more") }, load.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := hostile(t, func(_ int, accepted net.Conn) { c.serve(accepted) })
			began := time.Now()
			a, _, err := ask(conn)
			if err == nil {
				t.Fatalf("a success: %+v", a)
			}
			if d := time.Since(began); d > 3*time.Second {
				t.Errorf("took %v", d)
			}
			var f *load.Failure
			switch {
			case c.kind == "" && time.Since(began) < 450*time.Millisecond:
				t.Errorf("ended before the time: %v", err)
			case c.kind != "" && (!errors.As(err, &f) || f.Kind != c.kind):
				t.Errorf("%v, want %s", err, c.kind)
			}
		})
	}
}

// TestUnasked: an answer that was there before its request is nobody's.
func TestUnasked(t *testing.T) {
	t.Parallel()
	conn := hostile(t, func(_ int, c net.Conn) {
		for request(c) {
			_, _ = io.WriteString(c, ok)
			time.Sleep(20 * time.Millisecond)
			_, _ = io.WriteString(c, ok)
		}
	})
	op, ctx := load.NewOp(load.System()), context.Background()
	if _, err := conn.Do(ctx, op, &get, nil); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	var f *load.Failure
	if _, err := conn.Do(ctx, op, &get, nil); !errors.As(err, &f) || f.Kind != load.Malformed {
		t.Errorf("%v, want %s", err, load.Malformed)
	}
}

// TestReconnects: a connection that the server has closed between two requests, or
// said that it would, is opened again, and only that is noted.
func TestReconnects(t *testing.T) {
	t.Parallel()
	for name, serve := range map[string]func(n int, c net.Conn){
		"idle": func(_ int, c net.Conn) {
			request(c)
			_, _ = io.WriteString(c, ok)
			_ = c.Close()
		},
		"announced": func(_ int, c net.Conn) {
			request(c)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
		},
	} {
		conn := hostile(t, serve)
		for i := range 3 {
			op := load.NewOp(load.System())
			a, err := conn.Do(context.Background(), op, &get, nil)
			if err != nil || a.Status != 200 || a.Length != 2 {
				t.Fatalf("%s, request %d: %+v %v", name, i, a, err)
			}
			if op.Phase(load.Connect) == 0 {
				t.Errorf("%s: no connection is noted", name)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
}

func TestRefusedToConnect(t *testing.T) {
	t.Parallel()
	refused := errors.New("that host isn't declared")
	conn := New(&Server{Address: "x:1", Dial: func(context.Context, string, string) (net.Conn, error) { return nil, refused }})
	var f *load.Failure
	if _, _, err := ask(conn); !errors.As(err, &f) || f.Kind != load.NoConnection || !errors.Is(err, refused) {
		t.Errorf("%v", err)
	}
}

// TestRealServer: what net/http sends is read in full, with TLS and without, as
// chunks and with a length, and phases and bytes are noted.
func TestRealServer(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("0123456789abcdef", 20_000)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, _ := io.ReadAll(r.Body)
		time.Sleep(5 * time.Millisecond)
		if r.URL.Path == "/chunks" {
			w.(http.Flusher).Flush()
		} else {
			w.Header().Set("Content-Length", fmt.Sprint(len(big)+len(got)))
		}
		time.Sleep(5 * time.Millisecond)
		_, _ = io.WriteString(w, big+string(got))
	})
	plain, secured := httptest.NewServer(handler), httptest.NewUnstartedServer(handler)
	secured.Config.ErrorLog = log.New(io.Discard, "", 0)
	secured.StartTLS()
	defer plain.Close()
	defer secured.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(secured.Certificate())
	var dialer net.Dialer
	for _, server := range []*Server{
		{Address: plain.Listener.Addr().String(), Dial: dialer.DialContext, MostBody: 1 << 20},
		{Address: secured.Listener.Addr().String(), Dial: dialer.DialContext, MostBody: 1 << 20, TLS: &tls.Config{RootCAs: trusted, ServerName: "example.com"}},
	} {
		conn := New(server)
		for i, path := range []string{"/length", "/chunks", "/length"} {
			op := load.NewOp(load.System())
			var body bytes.Buffer
			req := Request{Head: []byte("PUT " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n"), Body: []byte("end")}
			a, err := conn.Do(context.Background(), op, &req, &body)
			if err != nil || a.Status != 200 || body.String() != big+"end" || a.Length != int64(body.Len()) {
				t.Fatalf("%s: %+v, %d bytes, %v", path, a, body.Len(), err)
			}
			if (op.Phase(load.TLS) > 0) != (server.TLS != nil && i == 0) || (op.Phase(load.Connect) > 0) != (i == 0) {
				t.Errorf("%s, request %d: TLS %v, connect %v", path, i, op.Phase(load.TLS), op.Phase(load.Connect))
			}
			if op.Phase(load.FirstByte) < 5*time.Millisecond || op.Received <= a.Length || op.Sent != int64(len(req.Head)+3) {
				t.Errorf("%s: first byte after %v, %d bytes sent, %d received", path, op.Phase(load.FirstByte), op.Sent, op.Received)
			}
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	unknown := New(&Server{Address: secured.Listener.Addr().String(), Dial: dialer.DialContext, TLS: &tls.Config{ServerName: "example.com"}})
	var f *load.Failure
	if _, _, err := ask(unknown); !errors.As(err, &f) || f.Kind != load.NoTLS {
		t.Errorf("an unknown authority: %v", err)
	}
}

// TestFetch_UnderLoad: resets and refusals are counted by kind; the rest is answered.
func TestFetch_UnderLoad(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("X-Index") {
		case "5":
			c, _, _ := w.(http.Hijacker).Hijack()
			_ = c.(*net.TCPConn).SetLinger(0)
			_ = c.Close()
		case "7":
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		case "9":
			<-r.Context().Done()
		}
	}))
	defer server.Close()
	var dialer net.Dialer
	w := &Fetch{
		Server: &Server{Address: server.Listener.Addr().String(), Dial: dialer.DialContext, MostBody: 100},
		Head: func(into []byte, op *load.Op) []byte {
			return fmt.Appendf(into, "GET / HTTP/1.1\r\nHost: x\r\nX-Index: %d\r\n\r\n", op.Index%10)
		},
	}
	r, err := load.Run(context.Background(), load.Plan{
		Load:        load.Load{Shape: load.Poisson, Rate: 200, Block: 100 * time.Millisecond},
		Contestants: []load.Contestant{{Name: "alize", Workload: w, OpBytes: 1000, Budget: load.NewBudget(load.Caps{Rate: 200, Connections: 8, Bytes: 1e6, Duration: time.Minute})}},
		Connections: 8, Timeout: 2 * time.Second, Patience: 10 * time.Second, Duration: 500 * time.Millisecond,
	}, load.System())
	if err != nil {
		t.Fatal(err)
	}
	total := r.Offers[0].Total()
	if total.Requests != 100 || total.Failures[string(load.Broken)] != 10 || total.Failures[string(load.Throttled)] != 10 || total.Failures[string(load.Timeout)] != 10 || total.Failed != 30 {
		t.Errorf("in all %+v", total)
	}
}

// TestDo_Allocates: a request allocates nothing.
func TestDo_Allocates(t *testing.T) {
	null, err := ListenNull(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	client, err := null.Workload().Open()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	op, ctx := load.NewOp(load.System()), context.Background()
	for range 10 {
		if err := client.Do(ctx, op); err != nil {
			t.Fatal(err)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 1000 {
		if err := client.Do(ctx, op); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if n := after.Mallocs - before.Mallocs; n > 100 {
		t.Errorf("%d allocations in 1,000 requests", n)
	}
}
