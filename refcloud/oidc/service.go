package oidc

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"aloi.dev/refcloud/service"

	"github.com/zitadel/oidc/v3/pkg/op"
	"golang.org/x/text/language"
)

// Kind is the identity service as the cloud knows it.
var Kind = service.Kind{
	Name:       "oidc",
	Needs:      []string{"identity"},
	Faults:     service.Entries(Faults()),
	Variations: service.Entries(Variations()),
	Demo:       demoFaults,
	Start:      start,
}

// features is what the offers claim to have.
var features = []string{
	"pkce", "second-client", "single-sign-on", "max-age", "iss-parameter", "refresh", "refresh-rotation",
	"revocation", "introspection", "logout", "proconnect",
}

// Server is the provider of one offer.
type Server struct {
	env      service.Env
	store    *store
	plain    http.Handler // repairs, then the provider
	current  atomic.Pointer[http.Handler]
	listener net.Listener
	web      *http.Server
	failed   chan struct{}
}

func start(_ context.Context, env service.Env) (service.Running, error) {
	keys, err := newKeyring()
	if err != nil {
		return nil, err
	}
	s := &Server{env: env, store: newStore(keys, newPerson()), failed: make(chan struct{})}
	if s.listener, err = net.Listen("tcp4", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("open front: %w", err)
	}
	realm := "/realms/" + env.Offer
	s.store.issuer = "https://" + s.listener.Addr().String() + realm
	s.register(env.Offer)
	provider, err := s.provider()
	if err != nil {
		s.listener.Close()
		return nil, err
	}
	s.plain = wrapped(s.store, provider, append(slices.Clone(repairs), proConnect))
	s.Switch(service.Set{})
	s.web = &http.Server{
		Handler:           http.StripPrefix(realm, s),
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{env.Leaf.Pair}, MinVersion: tls.VersionTLS12},
		ErrorLog:          slog.NewLogLogger(env.Log.Handler(), slog.LevelInfo),
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
	go func() {
		env.Log.Error("front ended", "error", s.web.ServeTLS(s.listener, "", ""))
		close(s.failed)
	}()
	return s, nil
}

// newPerson is fictitious; the establishment's number satisfies the Luhn formula
// and belongs to nobody.
func newPerson() person {
	return person{
		subject: randomID(8), name: "camille", password: randomID(12), given: "Camille", family: "Exemple",
		email: "camille.exemple@ref.invalid", phone: "0199000000", siret: "12345678200010",
	}
}

// register makes the clients: one for each account of the offer's file.
func (s *Server) register(offer string) {
	for _, name := range []string{"client", "other", "proconnect"} {
		c := &client{
			id: name + "-" + randomID(4), secret: randomID(20), strict: name == "proconnect", store: s.store,
			redirect: "https://app." + offer + ".invalid/callback", signedOut: "https://app." + offer + ".invalid/signed-out",
		}
		s.store.clients[c.id] = c
	}
}

// provider is the library's, with the login page beside it.
func (s *Server) provider() (http.Handler, error) {
	config := &op.Config{
		CodeMethodS256: true, AuthMethodPost: true, GrantTypeRefreshToken: true,
		SupportedUILocales:       []language.Tag{language.French, language.English},
		DefaultLogoutRedirectURI: s.store.issuer + signedOutPath,
	}
	if _, err := rand.Read(config.CryptoKey[:]); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	before := slog.Default()
	provider, err := op.NewProvider(config, s.store, op.StaticIssuer(s.store.issuer))
	slog.SetDefault(before) // some versions of the library put their own there
	if err != nil {
		return nil, fmt.Errorf("make the provider: %w", err)
	}
	page := &login{store: s.store}
	mux := http.NewServeMux()
	mux.Handle(loginPath, page)
	mux.HandleFunc(consentPath, page.consent)
	mux.HandleFunc(signedOutPath, signedOut)
	mux.Handle("/", provider)
	return visited(mux), nil
}

// visited tells the storage of the HTTP request behind the library's calls.
func visited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := visit{cookie: cookieOf(r)}
		if r.URL.Path == tokenPath {
			_ = r.ParseForm()
			v.redirect, v.verifier, v.client = r.Form.Get("redirect_uri"), r.Form.Get("code_verifier"), clientOf(r)
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitKey{}, v)))
	})
}

// clientOf returns the id with which a request authenticates.
func clientOf(r *http.Request) string {
	if id, _, ok := r.BasicAuth(); ok {
		id, _ = url.QueryUnescape(id)
		return id
	}
	return r.Form.Get("client_id")
}

// wrapped puts fronts before a handler, the first nearest to the client.
func wrapped(s *store, h http.Handler, fronts []Front) http.Handler {
	for _, front := range slices.Backward(fronts) {
		h = front(s, h)
	}
	return h
}

// ServeHTTP answers a request with what is active when it arrives.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*s.current.Load()).ServeHTTP(w, r)
}

// Switch replaces the planted faults and variations.
func (s *Server) Switch(set service.Set) {
	s.store.plant(slices.Concat(set.Faults, set.Variations))
	var fronts []Front
	for _, f := range service.Pick(set, Variations(), Faults()) {
		if f.Front != nil {
			fronts = append(fronts, f.Front)
		}
	}
	h := wrapped(s.store, s.plain, fronts)
	s.current.Store(&h)
}

// Inventory lists the account, the clients and the grants.
func (s *Server) Inventory(context.Context) ([]string, error) { return s.store.inventory(), nil }

// Failed is closed when the front ended by itself.
func (s *Server) Failed() <-chan struct{} { return s.failed }

// Close stops the front at once.
func (s *Server) Close() { s.web.Close() }
