package oidc

import (
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// request is an authorization request on its way, as the library wants it.
type request struct {
	oidc.AuthRequest
	id      string
	made    time.Time
	client  *client
	subject string
	at      time.Time // of authentication
	session string
	done    bool
	lenient bool // a fault: the code challenge is forgotten
}

func (r *request) GetID() string                      { return r.id }
func (r *request) GetAudience() []string              { return []string{r.ClientID} }
func (r *request) GetAuthTime() time.Time             { return r.at }
func (r *request) GetClientID() string                { return r.ClientID }
func (r *request) GetNonce() string                   { return r.Nonce }
func (r *request) GetRedirectURI() string             { return r.RedirectURI }
func (r *request) GetResponseType() oidc.ResponseType { return r.ResponseType }
func (r *request) GetResponseMode() oidc.ResponseMode { return r.ResponseMode }
func (r *request) GetScopes() []string                { return r.Scopes }
func (r *request) GetState() string                   { return r.State }
func (r *request) GetSubject() string                 { return r.subject }
func (r *request) Done() bool                         { return r.done }

// GetAMR says how the person proved who they are; ProConnect's clients must ask for it.
func (r *request) GetAMR() []string {
	if r.client.strict {
		return nil
	}
	return []string{"pwd"}
}

// levels are the assurance levels that the provider grants when asked, the first
// when not.
var levels = []string{"eidas1", "eidas2", "eidas3", "eidas1-mfa"}

// GetACR is a level for ProConnect's clients only.
func (r *request) GetACR() string {
	if !r.client.strict {
		return ""
	}
	for _, asked := range r.ACRValues {
		if slices.Contains(levels, asked) {
			return asked
		}
	}
	return levels[0]
}

// GetCodeChallenge is what the code's verifier must match; nil when none was given.
func (r *request) GetCodeChallenge() *oidc.CodeChallenge {
	if r.CodeChallenge == "" || r.lenient {
		return nil
	}
	return &oidc.CodeChallenge{Challenge: r.CodeChallenge, Method: r.CodeChallengeMethod}
}

// fresh reports whether a session is young enough for what was asked.
func (r *request) fresh(s *session, now time.Time) bool {
	return r.MaxAge == nil || now.Sub(s.at) < time.Duration(*r.MaxAge)*time.Second
}

// refreshing is the request of a refresh token, with the scopes that it asks for.
type refreshing struct {
	grant  *grant
	client string
	scopes []string
}

func (r *refreshing) GetAMR() []string               { return nil }
func (r *refreshing) GetAudience() []string          { return []string{r.grant.client} }
func (r *refreshing) GetAuthTime() time.Time         { return r.grant.at }
func (r *refreshing) GetClientID() string            { return r.client }
func (r *refreshing) GetScopes() []string            { return r.scopes }
func (r *refreshing) GetSubject() string             { return r.grant.subject }
func (r *refreshing) SetCurrentScopes(only []string) { r.scopes = only }
