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

// GetClientByClientID finds a client.
func (s *store) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	c, ok := s.clients[id]
	if !ok {
		return nil, oidc.ErrInvalidClient().WithDescription("unknown client")
	}
	return c, nil
}

// AuthorizeClientIDSecret checks a client's secret.
func (s *store) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	c, ok := s.clients[id]
	if !ok || !same(secret, c.secret) {
		return errors.New("unknown client or wrong secret")
	}
	return nil
}

// SetUserinfoFromScopes gives an ID token its subject and nothing more: the claims
// are at the userinfo endpoint.
func (s *store) SetUserinfoFromScopes(_ context.Context, info *oidc.UserInfo, subject, _ string, _ []string) error {
	info.Subject = subject
	return nil
}

// signedFor marks a userinfo answer that the front must sign for a client.
const signedFor = "refcloud:signed-for"

// SetUserinfoFromToken gives the claims that an access token's scopes allow.
func (s *store) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, id, subject, _ string) error {
	t, ok := s.valid(id, subject)
	if !ok {
		return errors.New("the token doesn't count any more")
	}
	info.Subject = t.subject
	if s.clients[t.client].strict {
		s.proConnectClaims(info, t.scopes)
		info.AppendClaims(signedFor, t.client)
		return nil
	}
	if slices.Contains(t.scopes, oidc.ScopeProfile) || s.has("oidc.claims-unasked") {
		info.Name, info.GivenName, info.FamilyName = s.person.given+" "+s.person.family, s.person.given, s.person.family
		info.PreferredUsername = s.person.name
	}
	asked := slices.Contains(t.scopes, oidc.ScopeEmail) && !s.has("oidc.claims-missing")
	if asked || s.has("oidc.claims-unasked") {
		info.Email, info.EmailVerified = s.person.email, true
	}
	return nil
}

// proConnectClaims gives the claims that ProConnect always supplies, each under its
// scope of the same name.
func (s *store) proConnectClaims(info *oidc.UserInfo, scopes []string) {
	claims := map[string]string{
		"given_name": s.person.given, "usual_name": s.person.family, "email": s.person.email,
		"uid": s.person.subject, "siret": s.person.siret, "idp_id": s.issuer,
	}
	for name, value := range claims {
		if slices.Contains(scopes, name) {
			info.AppendClaims(name, value)
		}
	}
	if slices.Contains(scopes, "phone") {
		info.AppendClaims("phone_number", s.person.phone)
	}
}

// valid returns an access token that counts and is that person's.
func (s *store) valid(id, subject string) (token, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tokens[id]
	if !ok || t.subject != subject || time.Now().After(t.expires) {
		return token{}, false
	}
	return *t, true
}

// SetIntrospectionFromToken describes a token to the client that it was issued to.
func (s *store) SetIntrospectionFromToken(_ context.Context, doc *oidc.IntrospectionResponse, id, subject, clientID string) error {
	t, ok := s.valid(id, subject)
	if !ok || t.client != clientID {
		return errors.New("the token doesn't count for this client")
	}
	doc.Subject, doc.ClientID, doc.Scope, doc.TokenType = t.subject, t.client, t.scopes, oidc.BearerToken
	doc.Issuer, doc.Audience = s.issuer, oidc.Audience{t.client}
	doc.Expiration, doc.IssuedAt = oidc.FromTime(t.expires), oidc.FromTime(t.issued)
	return nil
}

// GetPrivateClaimsFromScopes adds nothing to access tokens.
func (s *store) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

// GetKeyByIDAndClientID finds nothing: clients authenticate by their secret.
func (s *store) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errors.New("clients have no keys")
}

// ValidateJWTProfileScopes refuses the grant of that name.
func (s *store) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, oidc.ErrUnsupportedGrantType()
}
