package tls

import (
	stdtls "crypto/tls"
	"crypto/x509"
	"io"
	"time"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// sessionChecks ask what a later connection may take over from an earlier one.
var sessionChecks = []probe.Check{
	{
		ID: "tls/session/resumed", Rule: "RFC 8446 section 2.2", Features: []string{resumption},
		Title: lang.T("Une session TLS 1.3 se reprend", "A TLS 1.3 session is resumed"),
		Run:   with(wantResumed),
	},
	{
		ID: "tls/session/other-name", Rule: "RFC 6066 section 3", Features: []string{severalNames},
		Title: lang.T("La session d'un nom ne se reprend pas sous un autre", "The session of one name isn't resumed under another"),
		Run:   with(wantNotShared),
	},
	{
		ID: "tls/session/names", Rule: "RFC 6066 section 3, RFC 9525 section 6", Features: []string{severalNames},
		Title: lang.T("Chaque nom reçoit un certificat à son nom", "Each name receives a certificate of its own name"),
		Run: with(func(t *probe.T, e *endpoint) {
			other := otherName(t, e)
			did := "a handshake for " + other
			s := e.state(t, did, func(c *stdtls.Config) { c.ServerName = other })
			wantName(t, did, s.PeerCertificates[0], other)
		}),
	},
}

// otherName is the second name that the offer says the endpoint serves.
func otherName(t *probe.T, e *endpoint) string {
	name := e.session.Setting("other-name", "")
	if name == "" {
		t.Unsupported(severalNames + " (other-name)")
	}
	return name
}

// onlySession is a cache of one session, whatever the name.
type onlySession struct {
	kept *stdtls.ClientSessionState
	leaf *x509.Certificate
}

// clock is a time at which the session's certificate holds: the library shows no
// ticket of an expired one, which has a check of its own.
func (o *onlySession) clock(now time.Time) time.Time {
	if o.leaf == nil {
		return now
	}
	return within(now, o.leaf)
}

func (o *onlySession) Get(string) (*stdtls.ClientSessionState, bool) { return o.kept, o.kept != nil }

func (o *onlySession) Put(_ string, s *stdtls.ClientSessionState) {
	if s != nil {
		o.kept = s
	}
}

// first makes a handshake of one version and waits until its ticket has come: in
// TLS 1.3 it comes after the handshake. It reports whether one did.
func first(t *probe.T, e *endpoint, version uint16, cache *onlySession) bool {
	const did = "a first handshake"
	c, err := e.handshake(t.Context(), did, func(c *stdtls.Config) {
		c.ClientSessionCache, c.MinVersion, c.MaxVersion = cache, version, version
	})
	if _, refused := alertOf(err); refused {
		return false
	}
	t.Do(did, err)
	defer c.Close()
	cache.leaf = c.ConnectionState().PeerCertificates[0]
	if cache.kept == nil {
		_ = c.SetReadDeadline(time.Now().Add(time.Second))
		_, _ = io.WriteString(c, "\r\n") // some servers send tickets with their first answer only
		_, _ = c.Read(make([]byte, 1))
	}
	return cache.kept != nil
}

func wantResumed(t *probe.T, e *endpoint) {
	cache := &onlySession{}
	t.Want(first(t, e, tls13, cache), "a handshake of TLS 1.3", "no session ticket", "a session ticket")
	const did = "a second handshake with the ticket of the first"
	s := e.state(t, did, func(c *stdtls.Config) {
		c.ClientSessionCache, c.MinVersion, c.Time = cache, tls13, func() time.Time { return cache.clock(t.Now()) }
	})
	t.Want(s.DidResume, did, "a new session", "the session resumed")
}

// wantNotShared shows under one name the ticket of another, in TLS 1.2, where the
// name is part of the session.
func wantNotShared(t *probe.T, e *endpoint) {
	other, cache := otherName(t, e), &onlySession{}
	if !first(t, e, tls12, cache) {
		e.alive(t) // no TLS 1.2, or no tickets: nothing to resume
		return
	}
	did := "a handshake for " + other + " with a ticket of " + e.name
	c, err := e.handshake(t.Context(), did, func(c *stdtls.Config) {
		c.ClientSessionCache, c.MaxVersion, c.ServerName = cache, tls12, other
		c.Time = func() time.Time { return cache.clock(t.Now()) }
	})
	if _, refused := alertOf(err); refused {
		e.alive(t)
		return
	}
	t.Do(did, err)
	defer c.Close()
	t.Want(!c.ConnectionState().DidResume, did, "the session of "+e.name+" resumed", "a new session")
}
