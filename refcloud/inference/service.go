package inference

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"aloi.dev/refcloud/service"
)

// Kind is the simulated inference service as the cloud knows it.
var Kind = service.Kind{
	Name:       "inference",
	Needs:      []string{"ai-inference"},
	Faults:     service.Entries(Faults()),
	Variations: service.Entries(variations),
	Demo:       demoFaults,
	Start:      start,
}

// features is what the offers claim to have.
var features = []string{
	"seed", "choices", "logprobs", "json-object", "json-schema", "tools", "embeddings", "embedding-dimensions", "embedding-norm", "ratelimit-headers",
}

// What the service is made of.
const (
	chatModel    = "aloi/simulateur-1"
	embedder     = "aloi/simulateur-vecteurs-1"
	window       = 12288 // tokens of a prompt with its answer
	dimensions   = 64    // of an embedding
	burst        = 60    // requests that surely exhaust the second key
	burstQuota   = 20    // requests in a row that it has
	burstRefill  = 10    // requests a second that it gets back
	mainSlots    = 32
	burstSlots   = 4
	mainQuota    = 100000
	longestQuery = 4 << 20 // bytes
)

// Server is the simulator of one offer.
type Server struct {
	env         service.Env
	main, burst *account
	current     atomic.Pointer[behaviour]
	ids         atomic.Int64
	listener    net.Listener
	web         *http.Server
	failed      chan struct{}
}

func start(_ context.Context, env service.Env) (service.Running, error) {
	s := &Server{env: env, failed: make(chan struct{})}
	s.main = newAccount(newKey(), mainSlots, mainQuota, mainQuota)
	s.burst = newAccount(newKey(), burstSlots, burstQuota, burstRefill)
	s.Switch(service.Set{})
	var err error
	if s.listener, err = net.Listen("tcp4", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("open simulator: %w", err)
	}
	s.web = &http.Server{
		Handler:           s,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{env.Leaf.Pair}, MinVersion: tls.VersionTLS12},
		ErrorLog:          slog.NewLogLogger(env.Log.Handler(), slog.LevelInfo),
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
	go func() {
		s.env.Log.Info("simulator ended", "error", s.web.ServeTLS(s.listener, "", ""))
		close(s.failed)
	}()
	return s, nil
}

// newKey has no prefix that a scanner of leaked secrets would take for a real one.
func newKey() string {
	b := make([]byte, 20)
	_, _ = rand.Read(b)
	return "sim-" + hex.EncodeToString(b)
}

// Describe is the service's part of the offer's file.
func (s *Server) Describe() service.Description {
	credential := func(name string, a *account) service.Credential {
		return service.Credential{Name: name, Fields: []service.Secret{{Key: "api-key", Ext: "key", Value: a.key}}}
	}
	return service.Description{
		Endpoint: "https://" + s.listener.Addr().String(),
		Settings: []service.Pair{
			{Key: "model", Value: chatModel},
			{Key: "embedding-model", Value: embedder},
			{Key: "context", Value: strconv.Itoa(window)},
			{Key: "rate-burst", Value: strconv.Itoa(burst)},
			{Key: "parallel", Value: strconv.Itoa(burstSlots)},
		},
		Features:    features,
		Credentials: []service.Credential{credential("main", s.main), credential("burst", s.burst)},
	}
}

// Switch replaces the planted faults and variations, and gives the keys their
// whole rate back.
func (s *Server) Switch(set service.Set) {
	s.current.Store(behave(set))
	s.main.reset()
	s.burst.reset()
}

// Inventory is empty: nothing that is asked for is kept.
func (s *Server) Inventory(context.Context) ([]string, error) { return nil, nil }

// Failed is closed when the server has ended.
func (s *Server) Failed() <-chan struct{} { return s.failed }

// Close stops the server at once.
func (s *Server) Close() { s.web.Close() }
