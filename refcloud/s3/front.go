package s3

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"aloi.dev/refcloud/service"
)

// front is the TLS server that clients reach. With nothing planted it is a
// plain proxy of the gateway, plus the features that the gateway lacks.
type front struct {
	plain   http.Handler // emulation, then the gateway
	current atomic.Pointer[http.Handler]
	keys    keyring
	log     *slog.Logger
}

func newFront(gateway http.RoundTripper, a accounts, env service.Env, em *emulation) *front {
	f := &front{keys: keyring{accounts: a, region: env.Region}, log: env.Log}
	f.plain = repaired(em.wrap(&httputil.ReverseProxy{
		Rewrite:        rewrite,
		ModifyResponse: repair,
		Transport:      gateway,
		ErrorLog:       slog.NewLogLogger(env.Log.Handler(), slog.LevelWarn),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				env.Log.Warn("gateway did not answer", "method", r.Method, "uri", r.RequestURI, "error", err)
			}
			w.WriteHeader(http.StatusBadGateway)
		},
	}))
	f.plant(nil)
	return f
}

// rewrite aims a request at the gateway and leaves the rest as the client
// wrote it: path and query are covered by its signature, byte by byte.
func rewrite(p *httputil.ProxyRequest) {
	path, query, _ := strings.Cut(p.In.RequestURI, "?")
	p.Out.URL = &url.URL{Scheme: "https", Host: "gateway", Opaque: path, RawQuery: query}
	if strings.HasPrefix(path, "//") || !strings.HasPrefix(path, "/") {
		p.Out.URL.Opaque, p.Out.URL.Path, p.Out.URL.RawPath = "", p.In.URL.Path, p.In.URL.RawPath
	}
	p.Out.Host = p.In.Host
	p.Out.Header.Set(peerHeader, p.In.RemoteAddr)
	steady(p.Out)
}

// smallBody is the size up to which a request is kept to be sent again.
const smallBody = 1 << 20

// steady lets the transport send a request again when the gateway closed the
// kept connection at that moment, which it does only for what it can replay.
func steady(out *http.Request) {
	out.Header["X-Idempotency-Key"] = nil // never sent: it says that sending twice does no harm
	if out.ContentLength <= 0 || out.ContentLength > smallBody || out.Header.Get("Expect") != "" {
		return
	}
	body, err := io.ReadAll(out.Body)
	if err != nil { // the client went away: the gateway must see it too
		out.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), broken{err}))
		return
	}
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	out.Body, _ = out.GetBody()
}

// plant replaces what is active for the requests that come. The first of the
// list is the nearest to the client.
func (f *front) plant(active []Fault) {
	h := f.plain
	for i := len(active) - 1; i >= 0; i-- {
		if active[i].Front != nil {
			h = active[i].Front(h)
		}
	}
	f.current.Store(&h)
}

// ServeHTTP answers a request with what is active when it arrives.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = r.WithContext(context.WithValue(r.Context(), keyringKey{}, f.keys))
	(*f.current.Load()).ServeHTTP(w, r)
}

// listen opens a free port of the loopback interface. The server speaks
// HTTP/1.1 only, the version that S3 is defined on.
func (f *front) listen(env service.Env) (net.Listener, *http.Server, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("open front: %w", err)
	}
	only11 := new(http.Protocols)
	only11.SetHTTP1(true)
	return listener, &http.Server{
		Handler:           f,
		Protocols:         only11,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{env.Leaf.Pair}, MinVersion: tls.VersionTLS12},
		ErrorLog:          slog.NewLogLogger(env.Log.Handler(), slog.LevelInfo),
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}, nil
}

// broken is a body whose next byte fails.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
