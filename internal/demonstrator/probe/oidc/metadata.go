package oidc

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
)

// wellKnown is the path of the discovery document below the issuer (OpenID Connect
// Discovery 1.0, section 4).
const wellKnown = "/.well-known/openid-configuration"

// Metadata is a discovery document.
type Metadata struct {
	answer Answer
	doc    map[string]any
}

func (p *Provider) discoveryURL() string { return strings.TrimSuffix(p.issuer, "/") + wellKnown }

// metadata returns the discovery document, read once for all checks.
func (p *Provider) metadata(ctx context.Context) (*Metadata, error) {
	p.mu.Lock()
	known := p.meta
	p.mu.Unlock()
	if known != nil {
		return known, nil
	}
	a, err := p.send(ctx, call{did: "GET discovery", url: p.discoveryURL()})
	if err != nil {
		return nil, err
	}
	m, err := readMetadata(a)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.meta = m
	return m, nil
}

func readMetadata(a Answer) (*Metadata, error) {
	if a.Status != 200 {
		return nil, &wrong{a.Did, a.Got(), "200 with the discovery document"}
	}
	doc, err := a.object()
	if err != nil {
		return nil, err
	}
	return &Metadata{answer: a, doc: doc}, nil
}

// metadataFor is metadata for a check.
func (p *Provider) metadataFor(t *probe.T) *Metadata {
	m, err := p.metadata(t.Context())
	must(t, "GET discovery", err)
	return m
}

// text returns a member that is a text; "" when it isn't there or is something else.
func (m *Metadata) text(name string) string {
	s, _ := m.doc[name].(string)
	return s
}

// list returns a member that is a list of texts, and whether it is there as such.
func (m *Metadata) list(name string) ([]string, bool) {
	values, ok := m.doc[name].([]any)
	if !ok {
		return nil, false
	}
	var out []string
	for _, v := range values {
		s, ok := v.(string)
		if !ok {
			return nil, false
		}
		out = append(out, s)
	}
	return out, true
}

// endpoint returns the address of an endpoint; the error is a *wrong.
func (m *Metadata) endpoint(name string) (*url.URL, error) {
	u, err := url.Parse(m.text(name))
	if err != nil || u.Host == "" {
		return nil, &wrong{m.answer.Did, fmt.Sprintf("%s %q", name, clip(m.text(name))), "the address of the endpoint"}
	}
	return u, nil
}

// endpoints lists the members that are addresses to which a client sends requests.
func (m *Metadata) endpoints() []string {
	var names []string
	for name := range m.doc {
		if strings.HasSuffix(name, "_endpoint") || name == "jwks_uri" || name == "check_session_iframe" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// basic reports whether clients may authenticate with HTTP Basic at an endpoint: the
// default when nothing is said, but for introspection, which is then taken to be like
// the token endpoint (RFC 8414, section 2).
func (m *Metadata) basic(endpoint string) bool {
	methods, said := m.list(endpoint + "_auth_methods_supported")
	if !said && endpoint == "introspection_endpoint" {
		methods, said = m.list("token_endpoint_auth_methods_supported")
	}
	return !said || slices.Contains(methods, "client_secret_basic")
}

// says ends the check unless a member is a list that has a value.
func (m *Metadata) says(t *probe.T, name, value string) {
	list, ok := m.list(name)
	if !ok {
		t.Fail(m.answer.Did, fmt.Sprintf("%s %v", name, m.doc[name]), name+" with "+value)
	}
	t.Want(slices.Contains(list, value), m.answer.Did, fmt.Sprintf("%s %v", name, list), name+" with "+value)
}
