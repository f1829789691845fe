package oci

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"aloi.dev/refcloud/service"
)

// front is the TLS server that clients reach.
type front struct {
	plain   http.Handler // token server, repairs, emulation, then the registry
	current atomic.Pointer[http.Handler]
	tickets tickets
}

// plant replaces what is active for the requests that come. The first of the list
// is the nearest to the client.
func (f *front) plant(active []Fault) {
	h := f.plain
	for i := len(active) - 1; i >= 0; i-- {
		h = active[i].Front(h)
	}
	f.current.Store(&h)
}

// ServeHTTP answers a request with what is active when it arrives.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = r.WithContext(context.WithValue(r.Context(), ticketsKey{}, f.tickets))
	(*f.current.Load()).ServeHTTP(w, r)
}

// listen opens a free port of the loopback interface.
func listen() (net.Listener, string, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, "", fmt.Errorf("open front: %w", err)
	}
	return listener, listener.Addr().String(), nil
}

// server speaks HTTP/1.1 only: some faults take the connection out of its hands.
func server(h http.Handler, env service.Env) *http.Server {
	only11 := new(http.Protocols)
	only11.SetHTTP1(true)
	return &http.Server{
		Handler:           h,
		Protocols:         only11,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{env.Leaf.Pair}, MinVersion: tls.VersionTLS12},
		ErrorLog:          slog.NewLogLogger(env.Log.Handler(), slog.LevelInfo),
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
}
