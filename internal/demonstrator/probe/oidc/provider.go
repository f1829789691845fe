package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"aloi.dev/internal/demonstrator/probe"
)

// Where the client is registered to get its answers when the offer doesn't say.
// Nothing connects there: the name can't exist (RFC 2606, section 2).
const (
	defaultRedirect  = "https://aloi.invalid/callback"
	defaultSignedOut = "https://aloi.invalid/signed-out"
)

// defaultCodeLife is how long a code lives by ProConnect's documentation.
const defaultCodeLife = 30 * time.Second

// Provider is an offer's OpenID Provider as the applications of its customer see
// it. It is built once for all the checks of a session.
type Provider struct {
	session   *probe.Session
	issuer    string
	redirect  *url.URL
	signedOut *url.URL
	scopes    []string // that the client asks for by default
	strict    bool     // the client follows ProConnect's rules too
	signedAlg string   // with which ProConnect signs claims
	codeLife  time.Duration
	invalid   error // what is wrong with the settings

	mu     sync.Mutex
	meta   *Metadata         // once read
	proved bool              // the person's password was accepted
	grants map[string]string // refresh tokens by the ledger's names, "" before there is one
}

func providerOf(s *probe.Session) *Provider {
	return s.Keep("provider", func() any { return newProvider(s) }).(*Provider)
}

func newProvider(s *probe.Session) *Provider {
	p := &Provider{
		session: s, issuer: s.Setting("issuer", s.Service.Endpoint), grants: map[string]string{},
		signedAlg: s.Setting("userinfo-signed-alg", "RS256"), scopes: []string{"openid", "profile", "email"}, codeLife: defaultCodeLife,
	}
	var err error
	if p.redirect, err = url.Parse(s.Setting("redirect-uri", defaultRedirect)); err != nil || !p.redirect.IsAbs() {
		p.invalid = errors.New("the setting redirect-uri is not an address")
	}
	if p.signedOut, err = url.Parse(s.Setting("post-logout-redirect-uri", defaultSignedOut)); err != nil || !p.signedOut.IsAbs() {
		p.invalid = errors.New("the setting post-logout-redirect-uri is not an address")
	}
	switch profile := s.Setting("profile", "oidc"); profile {
	case "oidc":
	case "proconnect":
		p.strict, p.scopes = true, slices.Clone(proConnectScopes)
	default:
		p.invalid = fmt.Errorf("the setting profile is %q; it is oidc or proconnect", profile)
	}
	if !slices.Contains(userinfoAlgs, p.signedAlg) {
		p.invalid = fmt.Errorf("the setting userinfo-signed-alg is %q; it is one of %s", p.signedAlg, strings.Join(userinfoAlgs, ", "))
	}
	if text := s.Setting("code-lifetime", ""); text != "" {
		p.codeLife, err = time.ParseDuration(strings.ReplaceAll(text, " ", ""))
		if err != nil || p.codeLife < time.Second || p.codeLife > 4*time.Minute {
			p.invalid = fmt.Errorf("the setting code-lifetime is %q; it is a number of seconds like 30 s, from 1 s to 240 s", text)
		}
	}
	return p
}

// account returns the id and the secret of a client.
func (p *Provider) account(name string) (id, secret string) {
	a, _ := p.session.Account(name)
	return a["client-id"], a["client-secret"]
}

// profileAccount is the client that follows ProConnect's rules.
func (p *Provider) profileAccount() string {
	if _, ok := p.session.Account(proConnectAccount); ok {
		return proConnectAccount
	}
	return clientAccount
}

// declares reports whether the offer has a feature.
func (p *Provider) declares(feature string) bool {
	return slices.Contains(p.session.Service.Features, feature)
}

// declared reports whether the offer declares the host of an address.
func (p *Provider) declared(u *url.URL) bool {
	address := u.Host
	if u.Port() == "" {
		address += map[string]string{"http": ":80"}[u.Scheme]
		if u.Scheme != "http" {
			address += ":443"
		}
	}
	if strings.EqualFold(address, p.session.Address()) {
		return true
	}
	for _, host := range p.session.Service.Hosts {
		if strings.EqualFold(address, host.Address()) {
			return true
		}
	}
	return false
}

// control makes one harmless call with each account: the provider answers, knows
// the clients' secrets and, asked once, the person's password. It says nothing of
// what the answers contain: that is what checks are for.
func control(ctx context.Context, s *probe.Session) error {
	p := providerOf(s)
	if p.invalid != nil {
		return p.invalid
	}
	a, err := p.send(ctx, call{did: "GET discovery", url: p.discoveryURL()})
	var odd *wrong
	switch {
	case err != nil && !errors.As(err, &odd):
		return fmt.Errorf("discovery: %s", probe.Plain(err))
	case a.Status != http.StatusOK:
		return fmt.Errorf("discovery returned %d", a.Status)
	}
	meta, err := readMetadata(a)
	if err != nil {
		return nil //nolint:nilerr // it answers: checks say what is wrong with the document
	}
	for _, account := range []string{clientAccount, otherAccount, proConnectAccount} {
		if _, ok := s.Account(account); !ok {
			continue
		}
		if err := p.proveClient(ctx, meta, account); err != nil {
			return err
		}
	}
	return p.proveUser(ctx, meta)
}

// proveClient offers a code that can't exist: only the client's secret is tried.
func (p *Provider) proveClient(ctx context.Context, meta *Metadata, account string) error {
	to, err := url.Parse(meta.text("token_endpoint"))
	if err != nil || !p.declared(to) {
		return nil //nolint:nilerr // checks say so
	}
	a, err := p.token(ctx, meta, account, url.Values{
		"grant_type": {"authorization_code"}, "code": {"aloi-control"}, "redirect_uri": {p.redirect.String()},
	})
	var odd *wrong
	if err != nil && !errors.As(err, &odd) {
		return fmt.Errorf("token endpoint: %s", probe.Plain(err))
	}
	if a.oauthError() == "invalid_client" && a.Status == http.StatusUnauthorized {
		return fmt.Errorf("account %s: its secret is refused", account)
	}
	return nil
}

// proveUser signs in until it has succeeded once: only a form that comes back after
// the password tells of a wrong one.
func (p *Provider) proveUser(ctx context.Context, meta *Metadata) error {
	p.mu.Lock()
	proved := p.proved
	p.mu.Unlock()
	if proved {
		return nil
	}
	f := p.newFlow("aloi-control", clientAccount)
	_, err := p.newBrowser().authorize(ctx, meta, f)
	var refused *passwordRefused
	if errors.As(err, &refused) {
		return errors.New("account user: the login page refuses its name or password")
	}
	if err == nil {
		p.mu.Lock()
		p.proved = true
		p.mu.Unlock()
	}
	return nil
}

// keep notes the refresh token of a grant of the ledger.
func (p *Provider) keep(name, token string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.grants[name] = token
}

// remove withdraws a grant of the ledger. Its token is a secret and never on disk:
// what another process left can only be withdrawn by the person, or expires.
func remove(ctx context.Context, s *probe.Session, r probe.Resource) error {
	p := providerOf(s)
	p.mu.Lock()
	token, ours := p.grants[r.Name]
	p.mu.Unlock()
	switch {
	case !ours:
		return errors.New("its refresh token was in the memory of the run that is gone; it expires by itself")
	case token == "":
		return nil // the check ended before it got one
	}
	if !p.declares(revocation) {
		return errors.New("the offer declares no revocation; the refresh token expires by itself")
	}
	meta, err := p.metadata(ctx)
	if err != nil {
		return err
	}
	a, err := p.revoke(ctx, meta, r.Account, token, "refresh_token")
	if err != nil {
		return err
	}
	if a.Status != http.StatusOK {
		return fmt.Errorf("revocation returned %s", a.Got())
	}
	p.mu.Lock()
	delete(p.grants, r.Name)
	p.mu.Unlock()
	return nil
}

// inventory lists the grants that this run holds: a provider lists none to its clients.
func inventory(_ context.Context, s *probe.Session) ([]string, error) {
	p := providerOf(s)
	p.mu.Lock()
	defer p.mu.Unlock()
	var names []string
	for name, token := range p.grants {
		if token != "" {
			names = append(names, name)
		}
	}
	return names, nil
}
