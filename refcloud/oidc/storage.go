package oidc

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

var _ op.Storage = (*store)(nil)

// visit is what the front knows of the HTTP request behind a call of the library.
type visit struct {
	cookie   string // of the session
	client   string // that authenticates
	redirect string // redirect_uri of a token request
	verifier string // code_verifier of a token request
}

type visitKey struct{}

func visitOf(ctx context.Context) visit {
	v, _ := ctx.Value(visitKey{}).(visit)
	return v
}

// CreateAuthRequest notes a request that the library found valid. One that allows
// no page is settled at once from the browser's session, or refused.
func (s *store) CreateAuthRequest(ctx context.Context, asked *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.forget(now)
	r := &request{AuthRequest: *asked, id: randomID(16), made: now, client: s.clients[asked.ClientID]}
	if slices.Contains(asked.Prompt, oidc.PromptNone) && !s.has("oidc.prompt-none-page") {
		cookie := visitOf(ctx).cookie
		one, ok := s.sessions[cookie]
		if !ok || !r.fresh(one, now) || s.has("oidc.prompt-none-forgets") {
			return nil, oidc.ErrLoginRequired()
		}
		s.finish(r, cookie, one)
	}
	s.requests[r.id] = r
	return r, nil
}

// AuthRequestByID finds a request.
func (s *store) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	return s.pending(id)
}

// SaveAuthCode notes a code for a request that is done.
func (s *store) SaveAuthCode(_ context.Context, id, value string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok {
		return errors.New("unknown request")
	}
	life, _ := r.client.life()
	s.codes[value] = &code{request: r, expires: time.Now().Add(life)}
	delete(s.requests, id)
	return nil
}

// AuthRequestByCode finds the request of a code that still counts. A code that was
// used is refused, and what it gave is withdrawn (RFC 6749, section 4.1.2).
func (s *store) AuthRequestByCode(ctx context.Context, value string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.codes[value]
	if !ok || time.Now().After(c.expires) {
		return nil, errors.New("unknown or expired code")
	}
	if c.used && !s.has("oidc.code-reusable") {
		if !s.has("oidc.code-reuse-harmless") {
			s.revoke(c.grant)
		}
		return nil, errors.New("the code was used")
	}
	return s.lax(c.request, visitOf(ctx)), nil
}

// lax returns the request as the planted faults see it.
func (s *store) lax(r *request, v visit) *request {
	seen := *r
	if s.has("oidc.code-any-client") {
		seen.ClientID = v.client
	}
	if s.has("oidc.code-any-redirect") {
		seen.RedirectURI = v.redirect
	}
	seen.lenient = s.has("oidc.verifier-unchecked") || v.verifier == "" && s.has("oidc.verifier-optional")
	return &seen
}

// DeleteAuthRequest is called when the tokens of a code are out.
func (s *store) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.codes {
		if c.request.id == id {
			c.used = true
		}
	}
	return nil
}

// CreateAccessToken notes an access token and the grant behind it.
func (s *store) CreateAccessToken(_ context.Context, asked op.TokenRequest) (string, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.issue(asked, false)
	if err != nil {
		return "", time.Time{}, err
	}
	return t.id, t.expires, nil
}

// CreateAccessAndRefreshTokens does it with a refresh token: a first one, or the
// one that takes the place of current.
func (s *store) CreateAccessAndRefreshTokens(_ context.Context, asked op.TokenRequest, _ string) (string, string, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.issue(asked, true)
	if err != nil {
		return "", "", time.Time{}, err
	}
	return t.id, s.grants[t.grant].refresh, t.expires, nil
}

// issue makes an access token, and a refresh token when it is asked for. The lock
// is held.
func (s *store) issue(asked op.TokenRequest, refresh bool) (*token, error) {
	var g *grant
	switch asked := asked.(type) {
	case *request:
		g = &grant{
			id: randomID(8), client: asked.ClientID, subject: asked.subject, session: asked.session,
			name: asked.State, scopes: asked.Scopes, at: asked.at,
		}
		for _, c := range s.codes {
			if c.request.id == asked.id {
				c.grant = g.id
			}
		}
		s.grants[g.id] = g
	case *refreshing:
		g = asked.grant
		g.spent = append(g.spent, g.refresh)
	default:
		return nil, errors.New("unexpected kind of request")
	}
	if refresh {
		g.refresh = randomID(24)
	}
	_, life := s.clients[g.client].life()
	now := time.Now()
	t := &token{
		id: randomID(12), grant: g.id, client: g.client, subject: g.subject, session: g.session,
		scopes: asked.GetScopes(), issued: now, expires: now.Add(life),
	}
	s.tokens[t.id] = t
	return t, nil
}

// TokenRequestByRefreshToken finds the grant of a refresh token. One that another
// has replaced tells of a theft: the grant is withdrawn (RFC 9700, section 4.14.2).
func (s *store) TokenRequestByRefreshToken(ctx context.Context, refresh string) (op.RefreshTokenRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, current := s.holder(refresh)
	if g == nil {
		return nil, errors.New("unknown refresh token")
	}
	if !current && !s.has("oidc.refresh-old-valid") {
		if !s.has("oidc.refresh-replay-harmless") {
			s.revoke(g.id)
		}
		return nil, errors.New("the refresh token was replaced")
	}
	r := &refreshing{grant: g, client: g.client, scopes: g.scopes}
	if s.has("oidc.refresh-any-client") {
		r.client = visitOf(ctx).client
	}
	return r, nil
}

// TerminateSession ends the browser's session and its access tokens.
func (s *store) TerminateSession(ctx context.Context, _, _ string) error {
	if s.has("oidc.logout-session-kept") {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	cookie := visitOf(ctx).cookie
	delete(s.sessions, cookie)
	for _, t := range s.tokens {
		if t.session == cookie && cookie != "" {
			delete(s.tokens, t.id)
		}
	}
	return nil
}

// GetRefreshTokenInfo tells refresh tokens from others.
func (s *store) GetRefreshTokenInfo(_ context.Context, _, value string) (string, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, _ := s.holder(value)
	if g == nil {
		return "", "", op.ErrInvalidRefreshToken
	}
	return g.subject, value, nil
}

// RevokeToken withdraws an access token, or a refresh token with its grant.
func (s *store) RevokeToken(_ context.Context, value, _, clientID string) *oidc.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.has("oidc.revoke-nothing") {
		return nil
	}
	if t, ok := s.tokens[value]; ok {
		if t.client != clientID && !s.has("oidc.revoke-any-client") {
			return oidc.ErrInvalidClient().WithDescription("the token is another client's")
		}
		delete(s.tokens, value)
		return nil
	}
	g, _ := s.holder(value)
	if g == nil {
		return nil
	}
	if g.client != clientID && !s.has("oidc.revoke-any-client") {
		return oidc.ErrInvalidClient().WithDescription("the token is another client's")
	}
	if !s.has("oidc.revoke-refresh-kept") {
		s.revoke(g.id)
	}
	return nil
}

// SigningKey is the key that signs.
func (s *store) SigningKey(context.Context) (op.SigningKey, error) { return s.signer(), nil }

func (s *store) signer() *key {
	if s.has("oidc.es256") {
		return s.keys.ec
	}
	return s.keys.rsa
}

// SignatureAlgorithms are those of the keys.
func (s *store) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{s.keys.rsa.alg, s.keys.ec.alg}, nil
}

// KeySet is what is published.
func (s *store) KeySet(context.Context) ([]op.Key, error) {
	return []op.Key{s.keys.rsa.public(), s.keys.ec.public()}, nil
}

// Health is always good.
func (s *store) Health(context.Context) error { return nil }
