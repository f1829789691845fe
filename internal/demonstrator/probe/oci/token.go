package oci

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/probe"
)

// challenge is what a registry answers to somebody without credentials: how to
// obtain some.
type challenge struct {
	scheme                string // "bearer", "basic", or "" when none are needed
	realm, service, scope string
}

// grant is a token of the token server.
type grant struct {
	Token       string `json:"token"`
	AccessToken string `json:"access_token"`
	ExpiresIn   *int   `json:"expires_in"`
	IssuedAt    string `json:"issued_at"`

	until time.Time
}

func (g grant) value() string { return cmp.Or(g.Token, g.AccessToken) }

// The Docker token protocol, as the distribution project documents it: a token is
// good for a minute when nothing is said.
const (
	leastLifetime = 60 * time.Second
	margin        = 10 * time.Second
)

// tokenRefused is the error of a token server that gives no token.
type tokenRefused struct{ did, got string }

func (e *tokenRefused) Error() string { return e.did + ": " + e.got }

// authorize adds what the registry wants of an account.
func (g *Registry) authorize(ctx context.Context, req *http.Request, repository string, r Request) error {
	switch {
	case r.Bearer != "":
		req.Header.Set("Authorization", "Bearer "+r.Bearer)
		return nil
	case r.As == anonymous:
		return nil
	}
	c, err := g.asked(ctx)
	if err != nil {
		return err
	}
	account := cmp.Or(r.As, mainAccount)
	switch c.scheme {
	case "basic":
		fields, _ := g.session.Account(account)
		req.SetBasicAuth(fields["user"], fields["password"])
	case "bearer":
		token, err := g.token(ctx, c, account, cmp.Or(r.Scope, allOf(repository)))
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return nil
}

// allOf is the scope of everything that may be done in a repository.
func allOf(repository string) string {
	if repository == "" {
		return ""
	}
	return "repository:" + repository + ":pull,push,delete"
}

// asked returns the registry's challenge, which is asked for once.
func (g *Registry) asked(ctx context.Context) (*challenge, error) {
	g.mu.Lock()
	known := g.challenge
	g.mu.Unlock()
	if known != nil {
		return known, nil
	}
	a, err := g.send(ctx, "", Request{Method: http.MethodGet, Path: "/v2/", As: anonymous})
	if err != nil {
		return nil, err
	}
	c := readChallenge(a)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.challenge = &c
	return &c, nil
}

var parameter = regexp.MustCompile(`([a-z_]+)="([^"]*)"`)

// readChallenge reads WWW-Authenticate; of several, a bearer token's.
func readChallenge(a Answer) challenge {
	var c challenge
	if a.Status != http.StatusUnauthorized {
		return c
	}
	for _, value := range a.Header.Values("Www-Authenticate") {
		scheme, rest, _ := strings.Cut(value, " ")
		scheme = strings.ToLower(scheme)
		if scheme != "bearer" && (scheme != "basic" || c.scheme != "") {
			continue
		}
		c = challenge{scheme: scheme}
		for _, m := range parameter.FindAllStringSubmatch(rest, -1) {
			switch m[1] {
			case "realm":
				c.realm = m[2]
			case "service":
				c.service = m[2]
			case "scope":
				c.scope = m[2]
			}
		}
	}
	return c
}

// token returns a token of an account for a scope, a new one when it has none that
// is good for some time yet.
func (g *Registry) token(ctx context.Context, c *challenge, account, scope string) (string, error) {
	key := [2]string{account, scope}
	g.mu.Lock()
	known := g.tokens[key]
	g.mu.Unlock()
	if known.until.After(time.Now()) {
		return known.value(), nil
	}
	fresh, err := g.ask(ctx, c, account, scope)
	if err != nil {
		return "", err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tokens[key] = fresh
	return fresh.value(), nil
}

// ask asks the token server, on behalf of an account or of nobody.
func (g *Registry) ask(ctx context.Context, c *challenge, account, scope string) (grant, error) {
	did := "GET token for " + cmp.Or(short(scope), "no scope")
	realm, err := url.Parse(c.realm)
	if err != nil || realm.Host == "" {
		return grant{}, &tokenRefused{did, fmt.Sprintf("the realm %q", c.realm)}
	}
	query := realm.Query()
	if c.service != "" {
		query.Set("service", c.service)
	}
	for _, one := range strings.Fields(scope) {
		query.Add("scope", one)
	}
	fields, _ := g.session.Account(account)
	if account != anonymous {
		query.Set("account", fields["user"])
	}
	realm.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, realm.String(), nil)
	if err != nil {
		return grant{}, &tokenRefused{did, fmt.Sprintf("the realm %q", c.realm)}
	}
	if account != anonymous {
		req.SetBasicAuth(fields["user"], fields["password"])
	}
	return g.granted(did, req)
}

func (g *Registry) granted(did string, req *http.Request) (grant, error) {
	var fresh grant
	res, err := g.session.HTTP().Do(req)
	if err != nil {
		return fresh, err
	}
	defer res.Body.Close()
	body, err := readAll(res.Body)
	if err != nil {
		return fresh, err
	}
	if res.StatusCode != http.StatusOK {
		return fresh, &tokenRefused{did, fmt.Sprintf("%d", res.StatusCode)}
	}
	if json.Unmarshal(body, &fresh) != nil || fresh.value() == "" {
		return fresh, &tokenRefused{did, "200 without a token"}
	}
	good := leastLifetime
	if fresh.ExpiresIn != nil {
		good = max(good, time.Duration(*fresh.ExpiresIn)*time.Second)
	}
	fresh.until = time.Now().Add(good - margin)
	return fresh, nil
}

// control asks, with each account and a token of this moment, for the tags of a
// repository that isn't there: an answer to that shows that the registry serves the
// main account, a token that the other is known. A registry that sends its clients to
// an undeclared host has answered: the checks judge that.
func control(ctx context.Context, s *probe.Session) error {
	g := registryOf(s)
	for account := range s.Service.Credentials {
		err := g.served(ctx, account)
		var elsewhere *probe.HostRefused
		if err != nil && !errors.As(err, &elsewhere) {
			return fmt.Errorf("account %s: %w", account, err)
		}
	}
	return nil
}

func (g *Registry) served(ctx context.Context, account string) error {
	c, err := g.asked(ctx)
	if err != nil {
		return err
	}
	repository := g.namespace + g.session.Prefix() + "-control"
	r := Request{Method: http.MethodGet, Path: "tags/list", As: account}
	if account != mainAccount {
		repository, r.Path = "", "/v2/"
	}
	if c.scheme == "bearer" {
		fresh, err := g.ask(ctx, c, account, allOf(repository))
		if err != nil || account != mainAccount {
			return err
		}
		r.Bearer = fresh.value()
	}
	a, err := g.send(ctx, repository, r)
	if err == nil && a.Status != http.StatusOK && a.Status != http.StatusNotFound {
		err = fmt.Errorf("%s returned %d", a.Did, a.Status)
	}
	return err
}
