package oidc

import (
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// How long what the provider issues lives. ProConnect's documentation gives a code
// 30 s; the reference offer states its own, shorter, so that waiting for the end
// of one stays bearable in tests.
const (
	codeLife            = time.Minute
	tokenLife           = 5 * time.Minute
	idTokenLife         = 10 * time.Minute
	sessionLife         = 12 * time.Hour
	proConnectCodeLife  = 5 * time.Second
	proConnectTokenLife = time.Minute
)

// proConnectScopes are those of ProConnect's documentation.
var proConnectScopes = []string{"openid", "given_name", "usual_name", "email", "uid", "siret", "idp_id", "phone"}

// client is an application registered at the provider.
type client struct {
	id, secret string
	redirect   string
	signedOut  string
	strict     bool // follows ProConnect's rules
	store      *store
}

func (c *client) GetID() string                       { return c.id }
func (c *client) RedirectURIs() []string              { return []string{c.redirect} }
func (c *client) PostLogoutRedirectURIs() []string    { return []string{c.signedOut} }
func (c *client) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }
func (c *client) AuthMethod() oidc.AuthMethod         { return oidc.AuthMethodBasic }
func (c *client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c *client) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken}
}
func (c *client) LoginURL(id string) string            { return c.store.issuer + loginPath + "?id=" + id }
func (c *client) IDTokenLifetime() time.Duration       { return idTokenLife }
func (c *client) DevMode() bool                        { return false }
func (c *client) IDTokenUserinfoClaimsAssertion() bool { return false }
func (c *client) ClockSkew() time.Duration             { return 0 }

func (c *client) AccessTokenType() op.AccessTokenType {
	if c.store.has("oidc.jwt-access-tokens") {
		return op.AccessTokenTypeJWT
	}
	return op.AccessTokenTypeBearer
}

func (c *client) RestrictAdditionalIdTokenScopes() func([]string) []string { return slices.Clone }

func (c *client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return slices.Clone }

// IsScopeAllowed tells of the scopes beyond the standard's own.
func (c *client) IsScopeAllowed(scope string) bool {
	return c.strict && slices.Contains(proConnectScopes, scope)
}

// RedirectURIGlobs is empty but for the faults that are lax about addresses.
func (c *client) RedirectURIGlobs() []string {
	switch {
	case c.store.has("oidc.redirect-any"):
		return []string{"https://**"}
	case c.store.has("oidc.redirect-prefix"):
		return []string{c.redirect + "*", c.redirect + "/**", c.redirect + `\?**`}
	}
	return nil
}

// PostLogoutRedirectURIGlobs is empty but for the faults that are lax about addresses.
func (c *client) PostLogoutRedirectURIGlobs() []string {
	switch {
	case c.store.has("oidc.logout-any-redirect"):
		return []string{"https://*/*", "https://*/*/*"}
	case c.store.has("oidc.logout-prefix"):
		return []string{c.signedOut + "*", c.signedOut + "/*"}
	case c.strict && c.store.has("oidc.proconnect-logout-slash"):
		return []string{c.signedOut + "/"}
	}
	return nil
}

// life returns how long a code and an access token of the client live.
func (c *client) life() (code, token time.Duration) {
	code, token = codeLife, tokenLife
	if c.strict {
		code, token = proConnectCodeLife, proConnectTokenLife
		if c.store.has("oidc.proconnect-code-long") {
			code = codeLife
		}
		if c.store.has("oidc.proconnect-token-long") {
			token = time.Hour
		}
	}
	return code, token
}
