package oci

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"slices"

	"aloi.dev/refcloud/service"

	"github.com/distribution/distribution/v3/registry/auth/token"
)

// Kind is the container registry as the cloud knows it.
var Kind = service.Kind{
	Name:       "oci",
	Needs:      []string{"container-registry"},
	Faults:     service.Entries(Faults()),
	Variations: service.Entries(Variations()),
	Demo:       demoFaults,
	Start:      start,
}

// features is what the offers claim to have.
var features = []string{
	"delete", "tag-delete", "blob-delete", "referrers", "mount", "anonymous-mount", "chunked", "streaming", "single-post",
	"upload-cancel", "blob-range", "tag-parameter", "sha512", "token-auth", "second-account",
}

// The namespaces: the customer's, another customer's, and one that neither may
// enter.
const (
	ours    = "atelier"
	theirs  = "voisin"
	foreign = "ailleurs/garde"
)

// Server is the registry of one offer.
type Server struct {
	env           service.Env
	origin        string
	main, other   account
	shelf         shelf
	front         *front
	web, store    *http.Server
	listener      net.Listener
	storeListener net.Listener
	failed        chan struct{}
	cancel        context.CancelFunc
}

func start(ctx context.Context, env service.Env) (service.Running, error) {
	s := &Server{
		env: env, failed: make(chan struct{}), shelf: newShelf(), front: &front{},
		main:  account{name: "atelier-" + hexID(3), password: hexID(16), namespace: ours},
		other: account{name: "voisin-" + hexID(3), password: hexID(16), namespace: theirs},
	}
	var address, storeAddress string
	var err error
	if s.listener, address, err = listen(); err != nil {
		return nil, err
	}
	if s.storeListener, storeAddress, err = listen(); err != nil {
		return nil, err
	}
	s.origin = "https://" + address
	tokens, err := newTokens("registry.refcloud", s.main, s.other)
	if err != nil {
		return nil, err
	}
	ctx, s.cancel = context.WithCancel(ctx)
	app, err := openRegistry(ctx, env.Dir, s.origin, s.shelf, tokens, env.Log)
	if err != nil {
		return nil, err
	}
	s.front.plain, s.front.tickets = plain(app, tokens, s.shelf), tickets{"https://" + storeAddress, tokens, withTokens(tokens, app)}
	s.Switch(service.Set{})
	s.web, s.store = server(s.front, env), server(storeFront(app), env)
	go s.watch()
	if err := plantForeign(app, tokens); err != nil {
		return nil, fmt.Errorf("make foreign repository: %w", err)
	}
	return s, nil
}

// plain is what answers with nothing planted.
func plain(app http.Handler, t *tokens, files shelf) http.Handler {
	registry := repaired(app)
	registry = newReferrers(registry)
	registry = withTagParameter(registry)
	registry = newSHA512(registry)
	registry = withSinglePost(registry)
	registry = withAnonymousMount(registry, t, files)
	return withTokens(t, registry)
}

func withTokens(t *tokens, registry http.Handler) http.Handler {
	return On("Token", func(w http.ResponseWriter, r *http.Request, _ http.Handler) { t.ServeHTTP(w, r) })(registry)
}

// watch tells when one of the servers ends by itself.
func (s *Server) watch() {
	ended := make(chan error, 2)
	go func() { ended <- s.web.ServeTLS(s.listener, "", "") }()
	go func() { ended <- s.store.ServeTLS(s.storeListener, "", "") }()
	s.env.Log.Error("front ended", "error", <-ended)
	close(s.failed)
}

// Describe is the service's part of the offer's file.
func (s *Server) Describe() service.Description {
	credential := func(name string, a account) service.Credential {
		return service.Credential{Name: name, Fields: []service.Secret{
			{Key: "user", Ext: "user", Value: a.name},
			{Key: "password", Ext: "password", Value: a.password},
		}}
	}
	return service.Description{
		Endpoint: s.origin,
		Hosts:    []string{s.storeListener.Addr().String()},
		Settings: []service.Pair{
			{Key: "namespace", Value: ours},
			{Key: "foreign-repository", Value: foreign},
		},
		Features:    slices.Clone(features),
		Credentials: []service.Credential{credential("main", s.main), credential("other", s.other)},
	}
}

// Switch replaces the planted faults and variations.
func (s *Server) Switch(set service.Set) {
	s.front.plant(service.Pick(set, Variations(), Faults()))
	if err := s.shelf.prune(context.Background()); err != nil {
		s.env.Log.Warn("old content stays", "error", err)
	}
}

// Failed is closed when the front ended by itself.
func (s *Server) Failed() <-chan struct{} { return s.failed }

// Close stops the front and the registry at once.
func (s *Server) Close() {
	s.cancel()
	s.web.Close()
	s.store.Close()
}

// plantForeign makes a repository that no customer may enter, with one manifest
// under the tag "kept".
func plantForeign(app http.Handler, t *tokens) error {
	right := t.rights(&token.ResourceActions{Type: "repository", Name: foreign, Actions: []string{"pull", "push"}})
	do := func(method, target, kind string, body []byte) (*Response, error) {
		r := sub(&http.Request{Header: http.Header{"Authorization": {right}, "Content-Type": {kind}}}, method, target, body)
		resp := record(app, r)
		if resp.Status >= 300 {
			return nil, fmt.Errorf("%s %s: %d %s", method, target, resp.Status, resp.Body)
		}
		return resp, nil
	}
	begun, err := do(http.MethodPost, "/v2/"+foreign+"/blobs/uploads/", "", nil)
	if err != nil {
		return err
	}
	config := []byte("{}")
	sum := sha256.Sum256(config)
	digest := "sha256:" + hex.EncodeToString(sum[:])
	if _, err := do(http.MethodPut, local(begun.Header.Get("Location"))+"&digest="+digest, "application/octet-stream", config); err != nil {
		return err
	}
	const kind = "application/vnd.oci.image.manifest.v1+json"
	manifest := fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":%q,"size":2},"layers":[]}`, kind, digest)
	_, err = do(http.MethodPut, "/v2/"+foreign+"/manifests/kept", kind, []byte(manifest))
	return err
}
