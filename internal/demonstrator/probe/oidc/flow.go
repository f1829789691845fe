package oidc

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
)

// flow is a sign-in by the code flow: its request, which a check may change before
// it is sent, and what the client keeps for the rest.
type flow struct {
	account  string
	params   url.Values
	verifier string
	grant    string // the ledger's name, when a refresh token is asked for
	post     bool   // the request goes by POST
	note     string // what is special about it, for sentences: " with prompt=none"
}

// newFlow returns the request of a client that does what it should: a state and a
// nonce long enough for ProConnect, and a code challenge where the offer has PKCE.
// The state begins with name.
func (p *Provider) newFlow(name, account string) *flow {
	id, _ := p.account(account)
	scopes := p.scopes
	if account == proConnectAccount {
		scopes = proConnectScopes
	}
	f := &flow{account: account, params: url.Values{
		"response_type": {"code"}, "client_id": {id}, "redirect_uri": {p.redirect.String()},
		"scope": {strings.Join(scopes, " ")}, "state": {name + "-" + random(24)}, "nonce": {"Nonce-" + random(24)},
	}}
	if p.declares(pkce) && !p.follows(account) {
		f.verifier = random(32)
		sum := sha256.Sum256([]byte(f.verifier))
		f.params.Set("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]))
		f.params.Set("code_challenge_method", "S256")
	}
	return f
}

// follows reports whether a client is one that follows ProConnect's rules only: the
// documentation names no parameter for PKCE.
func (p *Provider) follows(account string) bool {
	return account == proConnectAccount
}

// flow is newFlow for a check.
func (p *Provider) flow(t *probe.T) *flow { return p.newFlow(t.Name(), clientAccount) }

// offline is a flow that asks for a refresh token, which is in the ledger before it
// exists (OpenID Connect Core 1.0, section 11).
func (p *Provider) offline(t *probe.T) *flow {
	name := t.Name()
	f := p.newFlow(name, clientAccount)
	f.params.Set("scope", f.params.Get("scope")+" offline_access")
	f.params.Set("prompt", "consent")
	f.grant = name
	p.keep(name, "")
	t.Own("oidc/grant", name, clientAccount, "withdraw the access of the client in the person's account, or let its refresh token expire")
	return f
}

// with sets a parameter, and says so in sentences; an empty value removes it.
func (f *flow) with(name, value string) *flow {
	if value == "" {
		f.params.Del(name)
		f.note += " without " + name
		return f
	}
	f.params.Set(name, value)
	f.note += " with " + name + " " + clip(value)
	return f
}

// tokens is a token response.
type tokens struct {
	answer                  Answer
	doc                     map[string]any
	access, refresh, idText string
}

// signIn signs in with a browser and returns the parameters that the client gets.
func (p *Provider) signIn(t *probe.T, b *browser, f *flow) url.Values {
	answer, err := b.authorize(t.Context(), p.metadataFor(t), f)
	must(t, "authorize", err)
	return answer
}

// code signs in with a new browser and returns the code.
func (p *Provider) code(t *probe.T, f *flow) string { return p.codeFrom(t, p.newBrowser(), f) }

func (p *Provider) codeFrom(t *probe.T, b *browser, f *flow) string {
	answer := p.signIn(t, b, f)
	code := answer.Get("code")
	if code == "" {
		t.Fail("authorize"+f.note, "a redirect to the client without a code"+noted(answer), "a code")
	}
	return code
}

func noted(answer url.Values) string {
	if e := answer.Get("error"); e != "" {
		return ", with error " + clip(e)
	}
	return ""
}

// exchange is the request that turns a code into tokens.
func (p *Provider) exchange(f *flow, code string) url.Values {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {p.redirect.String()}}
	if f.verifier != "" {
		form.Set("code_verifier", f.verifier)
	}
	return form
}

// token calls the token endpoint as a client.
func (p *Provider) token(ctx context.Context, m *Metadata, account string, form url.Values) (Answer, error) {
	return p.asClient(ctx, m, "token_endpoint", "POST token "+form.Get("grant_type"), account, form)
}

// asClient calls an endpoint with a client's id and secret.
func (p *Provider) asClient(ctx context.Context, m *Metadata, endpoint, did, account string, form url.Values) (Answer, error) {
	id, secret := p.account(account)
	return p.as(ctx, m, endpoint, did, id, secret, form)
}

// as calls an endpoint with any id and secret.
func (p *Provider) as(ctx context.Context, m *Metadata, endpoint, did, id, secret string, form url.Values) (Answer, error) {
	to, err := m.endpoint(endpoint)
	if err != nil {
		return Answer{Did: did}, err
	}
	c := call{did: did, url: to.String(), form: maps.Clone(form)}
	if m.basic(endpoint) {
		c.edit = func(r *http.Request) { r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret)) }
	} else {
		c.form.Set("client_id", id)
		c.form.Set("client_secret", secret)
	}
	return p.send(ctx, c)
}

// tokenFor is token for a check.
func (p *Provider) tokenFor(t *probe.T, account string, form url.Values) Answer {
	a, err := p.token(t.Context(), p.metadataFor(t), account, form)
	must(t, "POST token", err)
	return a
}

// redeem turns a code into tokens; anything else ends the check.
func (p *Provider) redeem(t *probe.T, f *flow, code string) tokens {
	return p.read(t, f, p.tokenFor(t, f.account, p.exchange(f, code)))
}

// read takes a token response apart, and notes the refresh token for its removal.
func (p *Provider) read(t *probe.T, f *flow, a Answer) tokens {
	if a.Status != http.StatusOK {
		t.Fail(a.Did, a.Got(), "200 with tokens")
	}
	doc, err := a.object()
	must(t, a.Did, err)
	r := tokens{answer: a, doc: doc}
	r.access, _ = doc["access_token"].(string)
	r.refresh, _ = doc["refresh_token"].(string)
	r.idText, _ = doc["id_token"].(string)
	if f.grant != "" && r.refresh != "" {
		p.keep(f.grant, r.refresh)
	}
	t.Want(r.access != "", a.Did, "200 without access_token", "an access_token")
	return r
}

// tokens signs in and returns the tokens.
func (p *Provider) tokens(t *probe.T, f *flow) tokens { return p.redeem(t, f, p.code(t, f)) }

// refreshable signs in for a refresh token.
func (p *Provider) refreshable(t *probe.T) (*flow, tokens) {
	f := p.offline(t)
	r := p.tokens(t, f)
	t.Want(r.refresh != "", r.answer.Did, "200 without refresh_token", "a refresh_token, for the scope offline_access")
	return f, r
}

// granted lists the scopes of a token response; nil when it doesn't say.
func (r tokens) granted() []string {
	scope, ok := r.doc["scope"].(string)
	if !ok {
		return nil
	}
	return strings.Fields(scope)
}

// lifetime is expires_in, in seconds, and whether it is a number.
func (r tokens) lifetime() (seconds int64, ok bool) {
	n, ok := r.doc["expires_in"].(json.Number)
	if !ok {
		return 0, false
	}
	seconds, err := n.Int64()
	return seconds, err == nil
}

// random returns n random bytes as text of letters, digits, - and _.
func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// revoke calls the revocation endpoint.
func (p *Provider) revoke(ctx context.Context, m *Metadata, account, token, hint string) (Answer, error) {
	return p.asClient(ctx, m, "revocation_endpoint", "POST revoke "+hint, account, url.Values{"token": {token}, "token_type_hint": {hint}})
}

// codes are the errors with which a refusal may be put.
func oneOf(code string, codes ...string) bool { return slices.Contains(codes, code) }
