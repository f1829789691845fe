// Package tls is the reference cloud's public endpoint: a TLS front with a small
// site behind it, its own authority, and the server of the zone in which its name
// stands. Handshakes are the Go library's; what no library would do any more, SSL
// 3.0 or a null cipher, is answered by hand up to the ServerHello.
package tls

import (
	"context"
	"fmt"
	"net"

	"aloi.dev/refcloud/service"
)

// Kind is the endpoint as the cloud knows it.
var Kind = service.Kind{
	Name:       "tls",
	Needs:      []string{"transport-security"},
	Faults:     service.Entries(Faults()),
	Variations: service.Entries(Variations()),
	Demo:       demoFaults,
	Start:      start,
}

// features is what the offers claim to have: everything.
var features = []string{
	"http", "h2", "alpn", "resumption", "names", "strict-sni", "ocsp-stapling", "post-quantum", "hsts-preload",
	"dns", "ipv6", "caa", "dnssec", "dane",
}

// Server is the endpoint and the zone of one offer.
type Server struct {
	env    service.Env
	apex   string
	pki    *pki
	front  *front
	names  *nameServer
	keys   *zoneKeys
	failed chan struct{}
}

func start(_ context.Context, env service.Env) (service.Running, error) {
	apex := env.Offer + ".test"
	s := &Server{env: env, apex: apex, failed: make(chan struct{})}
	var err error
	if s.pki, err = newPKI("www."+apex, "other."+apex); err != nil {
		return nil, err
	}
	if s.keys, err = newZoneKeys(apex + "."); err != nil {
		return nil, err
	}
	if s.front, err = newFront(s.pki, env); err != nil {
		return nil, fmt.Errorf("open front: %w", err)
	}
	if s.names, err = newNameServer(); err != nil {
		return nil, fmt.Errorf("open name server: %w", err)
	}
	if err := s.plant(&plan{}); err != nil {
		return nil, err
	}
	go s.watch()
	return s, nil
}

// watch tells when the front or the name server ends by itself.
func (s *Server) watch() {
	ended := make(chan error, 2)
	go func() { ended <- s.front.run() }()
	go func() { ended <- s.names.server.ActivateAndServe() }()
	s.env.Log.Info("ended", "error", <-ended)
	close(s.failed)
}

// plant puts a plan in force: certificates first, then the zone that speaks of them.
func (s *Server) plant(p *plan) error {
	a, err := s.front.plant(p)
	if err != nil {
		return err
	}
	z, err := newZone(s.apex+".", s.pki.main+".", s.pki.other+".", s.front.listen.Addr().(*net.TCPAddr).Port, spki(a.main), s.keys, p.zone)
	if err != nil {
		return err
	}
	s.names.zone.Store(z)
	s.names.plan.Store(p)
	return nil
}

// Describe is the service's part of the offer's file.
func (s *Server) Describe() service.Description {
	resolver := s.names.listen.Addr().String()
	return service.Description{
		Endpoint: "tls://" + s.front.listen.Addr().String(),
		Hosts:    []string{resolver},
		TrustPEM: s.pki.rootPEM(),
		Settings: []service.Pair{
			{Key: "server-name", Value: s.pki.main}, {Key: "other-name", Value: s.pki.other}, {Key: "zone", Value: s.apex},
			{Key: "resolver", Value: resolver}, {Key: "trust-anchor", Value: s.keys.anchor()}, {Key: "issuer", Value: "ca.refcloud.test"},
		},
		Features: features,
	}
}

// Switch replaces the planted faults and variations. What can't be made is a defect
// of the fault: the endpoint stays as it was, and the log says so.
func (s *Server) Switch(set service.Set) {
	if err := s.plant(planOf(set)); err != nil {
		s.env.Log.Error("switch", "set", set, "error", err)
	}
}

// Inventory is empty: nothing can be created here.
func (s *Server) Inventory(context.Context) ([]string, error) { return nil, nil }

// Failed is closed when the front or the name server ended by itself.
func (s *Server) Failed() <-chan struct{} { return s.failed }

// Close stops both at once.
func (s *Server) Close() {
	s.front.close()
	s.names.listen.Close()
}
