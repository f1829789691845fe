package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

// Secrets finds the value behind a reference of an offer.
type Secrets interface {
	Resolve(catalogue.Ref) (string, error)
}

// Config is what a session needs besides the suite.
type Config struct {
	Offer    catalogue.Offer
	Secrets  Secrets
	Ledger   *Ledger
	Budget   *Budget // shared by the sessions of one offer
	Prefix   string  // of the names of all that the run creates
	Lifetime time.Duration
	Now      func() time.Time
	Patience time.Duration // with a control call; 5 seconds when zero
}

// Session is one suite at work on one offer: its accounts, its guarded client,
// and what the suite keeps between checks.
type Session struct {
	Suite   Suite
	Offer   catalogue.Offer
	Service catalogue.Service

	config   Config
	accounts map[string]map[string]string
	client   *http.Client
	base     *http.Transport
	declared []string // host:port, the endpoint's first
	dial     func(context.Context, string, string) (net.Conn, error)
	redact   *Redactor
	slots    *semaphore.Weighted
	control  control
	names    sequence
	tlsKeys  tlsKeys
	mu       sync.Mutex
	kept     map[string]any
}

// Open resolves the credentials of the offer's service for a suite and builds
// its client. It sends nothing. The errors are the person's to mend.
func Open(suite Suite, config Config) (*Session, error) {
	service, ok := config.Offer.Services[suite.ID]
	if !ok {
		return nil, fault.New(fault.Invalid, lang.T("l'offre %s n'a pas de service « %s »", "offer %s has no %q service", config.Offer.ID, suite.ID))
	}
	s := &Session{Suite: suite, Offer: config.Offer, Service: service, config: config, kept: map[string]any{}}
	if s.config.Patience == 0 {
		s.config.Patience = 5 * time.Second
	}
	s.slots = semaphore.NewWeighted(int64(max(1, suite.Slots)))
	if err := s.resolve(); err != nil {
		return nil, err
	}
	return s, s.connect()
}

func (s *Session) resolve() error {
	secrets := map[string]string{}
	s.accounts = map[string]map[string]string{}
	for account, fields := range s.Service.Credentials {
		s.accounts[account] = map[string]string{}
		for field, ref := range fields {
			value, err := s.config.Secrets.Resolve(ref)
			if err != nil {
				return fault.Wrap(fault.Invalid, lang.T("offre %s, service %s, compte %s, %s (%s)", "offer %s, service %s, account %s, %s (%s)",
					s.Offer.ID, s.Suite.ID, account, field, ref), err)
			}
			s.accounts[account][field] = value
			secrets[field+" of "+account] = value
		}
	}
	s.redact = NewRedactor(secrets)
	return nil
}

func (s *Session) connect() error {
	endpoint, err := url.Parse(s.Service.Endpoint)
	if err != nil {
		return fault.Wrap(fault.Invalid, lang.T("point d'accès du service %s", "endpoint of service %s", s.Suite.ID), err)
	}
	s.declared = []string{hostPort(endpoint)}
	for _, host := range s.Service.Hosts {
		s.declared = append(s.declared, host.Address())
	}
	if s.Service.Settings["addressing"] == "virtual" {
		s.declared = append(s.declared, "*."+hostPort(endpoint))
	}
	s.dial = confined(s.declared)
	s.base = &http.Transport{
		Proxy:               nil, // a proxy would be an undeclared host
		DialContext:         s.dial,
		MaxConnsPerHost:     s.Offer.Caps.Connections,
		MaxIdleConnsPerHost: s.Offer.Caps.Connections,
		IdleConnTimeout:     30 * time.Second,
		TLSHandshakeTimeout: 5 * time.Second,
		DisableCompression:  true,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, VerifyConnection: s.tlsKeys.note},
	}
	if s.Service.Trust != "" {
		pem, err := s.config.Secrets.Resolve(s.Service.Trust)
		if err != nil {
			return fault.Wrap(fault.Invalid, lang.T("autorité de confiance (%s)", "trusted authority (%s)", s.Service.Trust), err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM([]byte(pem)) {
			return fault.New(fault.Invalid, lang.T("%s ne contient pas de certificat PEM", "%s holds no PEM certificate", s.Service.Trust))
		}
		s.base.TLSClientConfig.RootCAs = pool
	}
	guard := &guarded{base: s.base, budget: s.config.Budget, declared: s.declared}
	s.client = &http.Client{Transport: guard, CheckRedirect: stayPut}
	return nil
}

// HTTP returns the client through which everything must go. Its requests need
// the context of a [T].
func (s *Session) HTTP() *http.Client { return s.client }

// Account returns the resolved fields of an account.
func (s *Session) Account(name string) (map[string]string, bool) {
	a, ok := s.accounts[name]
	return a, ok
}

// Setting returns a setting of the service, or the fallback when it isn't there.
func (s *Session) Setting(key, fallback string) string {
	if v := s.Service.Settings[key]; v != "" {
		return v
	}
	return fallback
}

// declares reports whether the offer declares a feature.
func (s *Session) declares(feature string) bool { return slices.Contains(s.Service.Features, feature) }

// Keep returns what make returned the first time for that key: a typed client
// built once for all checks.
func (s *Session) Keep(key string, build func() any) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.kept[key]
	if !ok {
		v = build()
		s.kept[key] = v
	}
	return v
}

// Prefix begins the name of everything that the run creates.
func (s *Session) Prefix() string { return s.config.Prefix }

// Outside runs one call of the suite that isn't a check (control, vetting,
// deletion, inventory) within a time limit, free of the byte cap.
func (s *Session) Outside(ctx context.Context, limit time.Duration, call func(context.Context) error) error {
	t := newT(ctx, s, Check{ID: s.Suite.ID + "/-/outside"}, limit)
	t.cleaning = true
	defer t.stop()
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("panic: %v", p)
			}
		}()
		done <- call(t.ctx)
	}()
	select {
	case err := <-done:
		if err != nil {
			return s.outsideError(t, err)
		}
		return nil
	case <-t.ctx.Done():
		return s.outsideError(t, context.Cause(t.ctx))
	}
}

// outsideError says what happened without secrets.
func (s *Session) outsideError(t *T, err error) error {
	if t.late() {
		return fmt.Errorf("no answer within %s", t.limit)
	}
	return &redacted{text: s.redact.Text(Plain(err)), cause: err}
}

// redacted is an error whose text bears no secret.
type redacted struct {
	text  string
	cause error
}

func (e *redacted) Error() string { return e.text }
func (e *redacted) Unwrap() error { return e.cause }

// Close drops idle connections.
func (s *Session) Close() { s.base.CloseIdleConnections() }

func (s *Session) now() time.Time { return s.config.Now() }

// sequence numbers the names of a session.
type sequence struct {
	mu sync.Mutex
	n  int
}

func (q *sequence) next() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.n++
	return q.n
}
