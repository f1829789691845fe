package s3

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"

	"aloi.dev/refcloud/service"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend"
)

// Kind is the S3 service as the cloud knows it.
var Kind = service.Kind{
	Name:       "s3",
	Needs:      []string{"object-storage", "data-protection", "sharing", "integrity"},
	Faults:     service.Entries(Faults()),
	Variations: service.Entries(Variations()),
	Demo:       demoFaults,
	Start:      start,
}

// features is what the offers claim to have.
var features = []string{
	"versioning", "object-lock", "policy", "acl", "ownership", "cors", "tagging", "post-form",
	"checksums", "encryption", "lifecycle", "multipart", "second-account",
}

// Server is the S3 server of one offer: a TLS front that may disturb what
// passes, then the gateway, then a switch that may disturb the backend, then
// the files.
type Server struct {
	env      service.Env
	accounts accounts
	foreign  string // the bucket of the stranger
	files    backend.Backend
	switched *switchboard
	front    *front
	listener net.Listener
	web      *http.Server
	failed   chan struct{}
	cancel   context.CancelFunc
}

func start(ctx context.Context, env service.Env) (service.Running, error) {
	s := &Server{env: env, accounts: newAccounts(), foreign: "foreign-" + hexID(4), failed: make(chan struct{})}
	ctx, s.cancel = context.WithCancel(ctx)
	files, err := openFiles(env.Dir)
	if err != nil {
		return nil, err
	}
	iam, err := openAccounts(env.Dir, s.accounts)
	if err != nil {
		return nil, err
	}
	s.files, s.switched = files, newSwitchboard(repairedFiles{repairedLists{repairedLocks{files}}})
	owners := newOwners(iam, files)
	gateway, err := runGateway(ctx, env, s.accounts.root, owners, s.switched)
	if err != nil {
		return nil, err
	}
	s.front = newFront(gateway.transport(env.Leaf.Roots), s.accounts, env, newEmulation(s.switched, owners, env.Log))
	s.Switch(service.Set{})
	if s.listener, s.web, err = s.front.listen(env); err != nil {
		return nil, err
	}
	go s.watch(gateway)
	if err := s.plantForeign(); err != nil {
		return nil, fmt.Errorf("make foreign bucket: %w", err)
	}
	return s, nil
}

// watch tells when the gateway or the front ends by itself.
func (s *Server) watch(g *gateway) {
	front := make(chan error, 1)
	go func() { front <- s.web.ServeTLS(s.listener, "", "") }()
	select {
	case err := <-front:
		s.env.Log.Error("front ended", "error", err)
	case <-g.ended:
		s.env.Log.Error("gateway ended", "error", g.err)
	}
	close(s.failed)
}

// Describe is the service's part of the offer's file.
func (s *Server) Describe() service.Description {
	credential := func(name string, a auth.Account) service.Credential {
		return service.Credential{Name: name, Fields: []service.Secret{
			{Key: "access-key", Ext: "id", Value: a.Access},
			{Key: "secret-key", Ext: "secret", Value: a.Secret},
		}}
	}
	return service.Description{
		Endpoint: "https://" + s.listener.Addr().String(),
		Settings: []service.Pair{
			{Key: "region", Value: s.env.Region},
			{Key: "addressing", Value: "path"},
			{Key: "foreign-bucket", Value: s.foreign},
			{Key: "other-principal", Value: "access-key"},
		},
		Features:    slices.Clone(features),
		Credentials: []service.Credential{credential("main", s.accounts.main), credential("other", s.accounts.other)},
	}
}

// Switch replaces the planted faults and variations.
func (s *Server) Switch(set service.Set) {
	active := service.Pick(set, Variations(), Faults())
	s.switched.plant(active)
	s.front.plant(active)
}

// Failed is closed when the front or the gateway ended by itself.
func (s *Server) Failed() <-chan struct{} { return s.failed }

// Close stops the front and the gateway at once.
func (s *Server) Close() {
	s.cancel()
	s.web.Close()
}
