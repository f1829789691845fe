package postgres

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"slices"

	"aloi.dev/refcloud/service"
)

// Kind is the PostgreSQL service as the cloud knows it.
var Kind = service.Kind{
	Name:       "postgres",
	Needs:      []string{"managed-database"},
	Faults:     service.Entries(Faults()),
	Variations: service.Entries(Variations()),
	Demo:       demoFaults,
	Start:      start,
}

// features is what the offers claim to have.
var features = []string{
	"second-account", "channel-binding", "icu", "createdb", "two-phase", "logical-replication",
	"pgcrypto", "pg-trgm", "unaccent", "uuid-ossp", "citext", "hstore", "btree-gist", "pg-stat-statements",
}

// connections is how many the offers promise to an account at once.
const connections = 32

// Server is the PostgreSQL of one offer: the front before the real server.
type Server struct {
	env      service.Env
	names    names
	cluster  *cluster
	operator *operator
	front    *front
	listener net.Listener
}

// names are those of an offer's roles and databases, with the roles' passwords.
type names struct {
	main, other, stranger          string
	mainPass, otherPass, adminPass string
	database, foreign, latin       string
}

func newNames() names {
	return names{
		main: "client_" + hexID(4), other: "second_" + hexID(4), stranger: "stranger_" + hexID(4),
		mainPass: hexID(16), otherPass: hexID(16), adminPass: hexID(16),
		database: "app_" + hexID(3), foreign: "foreign_" + hexID(3), latin: "latin_" + hexID(3),
	}
}

func hexID(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func start(ctx context.Context, env service.Env) (service.Running, error) {
	s := &Server{env: env, names: newNames()}
	var err error
	if s.cluster, err = startCluster(ctx, env, s.names.adminPass); err != nil {
		return nil, err
	}
	if s.operator, err = newOperator(ctx, s.cluster, s.names); err == nil {
		err = s.operator.furnish(ctx)
	}
	if err == nil {
		s.front = newFront(env, s.cluster, s.names)
		s.listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		s.cluster.stop()
		return nil, fmt.Errorf("furnish the server: %w", err)
	}
	go s.front.serve(s.listener)
	return s, nil
}

// Describe is the service's part of the offer's file.
func (s *Server) Describe() service.Description {
	account := func(name, user, password string) service.Credential {
		return service.Credential{Name: name, Fields: []service.Secret{
			{Key: "username", Ext: "user", Value: user},
			{Key: "password", Ext: "secret", Value: password},
		}}
	}
	return service.Description{
		Endpoint: "postgres://" + s.listener.Addr().String(),
		Settings: []service.Pair{
			{Key: "database", Value: s.names.database},
			{Key: "connections", Value: fmt.Sprint(connections)},
			{Key: "foreign-database", Value: s.names.foreign},
		},
		Features: slices.Clone(features),
		Credentials: []service.Credential{
			account("main", s.names.main, s.names.mainPass), account("other", s.names.other, s.names.otherPass),
		},
	}
}

// Switch replaces the planted faults and variations. A configuration that can't be
// changed is written to the log: the fault's checks then stay green, which the
// tests notice.
func (s *Server) Switch(set service.Set) {
	active := service.Pick(set, Variations(), Faults())
	if err := s.operator.plant(context.Background(), active); err != nil {
		s.env.Log.Error("plant", "error", err)
	}
	s.front.plant(active)
}

// Inventory lists the schemas, databases, roles, prepared transactions and
// replication slots that the offer was not furnished with.
func (s *Server) Inventory(ctx context.Context) ([]string, error) { return s.operator.inventory(ctx) }

// Failed is closed when the real server ended by itself.
func (s *Server) Failed() <-chan struct{} { return s.cluster.ended }

// Close cuts the connections and stops the real server at once.
func (s *Server) Close() {
	s.listener.Close()
	s.front.close()
	s.cluster.stop()
}
