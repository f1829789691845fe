package oidc

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// person is who signs in.
type person struct {
	subject, name, password            string
	given, family, email, phone, siret string
}

// store is what the provider remembers, in memory: it implements the library's
// op.Storage. A fault that is a matter of memory is looked up by name where it
// bites.
type store struct {
	issuer  string
	keys    keyring
	person  person
	clients map[string]*client
	planted atomic.Pointer[map[string]bool]

	mu       sync.Mutex
	requests map[string]*request // by id
	codes    map[string]*code    // by their value
	grants   map[string]*grant   // by id
	tokens   map[string]*token   // by id
	sessions map[string]*session // by cookie
}

// session is a browser in which the person has signed in.
type session struct {
	at time.Time
}

// code is an authorization code; grant is what its use gave.
type code struct {
	request *request
	expires time.Time
	grant   string
	used    bool
}

// grant is a permission that a person gave to a client, with its refresh token.
type grant struct {
	id, client, subject, session string
	name                         string // the state of the request that it began with
	scopes                       []string
	at                           time.Time // of authentication
	refresh                      string    // the token that counts; "" when there is none
	spent                        []string  // the tokens before it
}

// token is an access token.
type token struct {
	id, grant, client, subject, session string
	scopes                              []string
	issued, expires                     time.Time
}

func newStore(keys keyring, p person) *store {
	s := &store{
		keys: keys, person: p, clients: map[string]*client{}, requests: map[string]*request{}, codes: map[string]*code{},
		grants: map[string]*grant{}, tokens: map[string]*token{}, sessions: map[string]*session{},
	}
	s.plant(nil)
	return s
}

// plant says which faults and variations are active.
func (s *store) plant(names []string) {
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	s.planted.Store(&set)
}

func (s *store) has(name string) bool { return (*s.planted.Load())[name] }

// signIn opens a session for the person; it fails when name or password are wrong.
func (s *store) signIn(name, password string) (cookie string, err error) {
	if !same(name, s.person.name) || !same(password, s.person.password) {
		return "", errors.New("wrong name or password")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	cookie = randomID(16)
	s.sessions[cookie] = &session{at: time.Now()}
	return cookie, nil
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// session returns the session of a cookie, unless it ended.
func (s *store) session(cookie string) (*session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, ok := s.sessions[cookie]
	return one, ok && time.Since(one.at) < sessionLife
}

// pending returns a request that awaits its person.
func (s *store) pending(id string) (*request, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok {
		return nil, errors.New("unknown request: it is done, or it took too long")
	}
	return r, nil
}

// settle marks a request as done by whom the session belongs to.
func (s *store) settle(id, cookie string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok {
		return errors.New("unknown request")
	}
	one, ok := s.sessions[cookie]
	if !ok {
		return errors.New("unknown session")
	}
	s.finish(r, cookie, one)
	return nil
}

func (s *store) finish(r *request, cookie string, one *session) {
	r.done, r.subject, r.at, r.session = true, s.person.subject, one.at, cookie
}

// revoke withdraws a grant with all its tokens. The lock is held.
func (s *store) revoke(id string) {
	delete(s.grants, id)
	for _, t := range s.tokens {
		if t.grant == id {
			delete(s.tokens, t.id)
		}
	}
}

// holder returns the grant of a refresh token, current or spent. The lock is held.
func (s *store) holder(refresh string) (g *grant, current bool) {
	for _, g := range s.grants {
		if g.refresh != "" && g.refresh == refresh {
			return g, true
		}
		if slices.Contains(g.spent, refresh) {
			return g, false
		}
	}
	return nil, false
}

// forget drops what has expired, so that the memory stays bounded. The lock is held.
func (s *store) forget(now time.Time) {
	for id, r := range s.requests {
		if now.Sub(r.made) > 10*time.Minute {
			delete(s.requests, id)
		}
	}
	for value, c := range s.codes {
		if now.Sub(c.expires) > 10*time.Minute {
			delete(s.codes, value)
		}
	}
	for id, t := range s.tokens {
		if now.After(t.expires) {
			delete(s.tokens, id)
		}
	}
	for cookie, one := range s.sessions {
		if now.Sub(one.at) > sessionLife {
			delete(s.sessions, cookie)
		}
	}
}

// inventory lists what a person would have to withdraw: the grants with a refresh
// token, named after the state of the request that they began with.
func (s *store) inventory() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []string{"account/" + s.person.name}
	for id := range s.clients {
		out = append(out, "client/"+id)
	}
	for _, g := range s.grants {
		if g.refresh != "" {
			out = append(out, fmt.Sprintf("grant/%s/%s", g.client, g.name))
		}
	}
	slices.Sort(out)
	return out
}
