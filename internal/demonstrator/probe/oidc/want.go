package oidc

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
)

// wantRefusal ends the check unless an answer is an OAuth error with one of the
// codes, and the status that goes with it (RFC 6749, section 5.2).
func (a Answer) wantRefusal(t *probe.T, codes ...string) {
	got := a.oauthError()
	ok := oneOf(got, codes...) && (a.Status == http.StatusBadRequest || got == "invalid_client" && a.Status == http.StatusUnauthorized)
	t.Want(ok, a.Did, a.Got(), "400 "+strings.Join(codes, " or "))
}

// wantDead ends the check unless an access token is refused.
func (p *Provider) wantDead(t *probe.T, access, why string) {
	a := p.askUserinfo(t, http.MethodGet, bearer(access))
	t.Want(a.Status == http.StatusUnauthorized, a.Did+" "+why, a.Got(), "401")
}

// wantAlive ends the check unless an access token is honoured.
func (p *Provider) wantAlive(t *probe.T, access, why string) {
	a := p.askUserinfo(t, http.MethodGet, bearer(access))
	t.Want(a.Status == http.StatusOK, a.Did+" "+why, a.Got(), "200 with claims")
}

// opens ends the check unless a request leads to a login page: what proves that the
// refusal of another one is for its difference. It returns the page's place.
func (p *Provider) opens(t *probe.T, b *browser, f *flow) place {
	at, err := b.ask(t.Context(), p.metadataFor(t), f)
	must(t, "authorize", err)
	t.Want(at.asksPassword(), at.page.Did, at.got(), "a login page")
	return at
}

// asked opens a request and returns where it led: to the answer that redirects to a
// host that the offer doesn't declare, if one does.
func (p *Provider) asked(t *probe.T, b *browser, f *flow) place {
	at, err := b.ask(t.Context(), p.metadataFor(t), f)
	var stray *probe.HostRefused
	if !errors.As(err, &stray) {
		must(t, "authorize"+f.note, err)
	}
	return at
}

// wantStays ends the check unless the request was refused on a page of the
// provider: no login, no redirect to anywhere else, no failure of the server.
func (p *Provider) wantStays(t *probe.T, at place) {
	ok := at.landed == nil && !at.asksPassword() && at.page.redirect() == nil && at.page.Status < 500
	t.Want(ok, at.page.Did, at.got(), "a page of the provider that refuses")
}

// wantError ends the check unless the browser was sent to the client with one of
// the errors and the request's state.
func (p *Provider) wantError(t *probe.T, f *flow, at place, codes ...string) {
	want := "a redirect to the client with error " + strings.Join(codes, " or ")
	t.Want(at.landed != nil, at.page.Did, at.got(), want)
	answer := at.landed.Query()
	t.Want(answer.Get("code") == "" && oneOf(answer.Get("error"), codes...), at.page.Did, at.got(), want)
	p.wantState(t, at.page.Did, f, answer)
}

// wantState ends the check unless an answer bears the request's state.
func (p *Provider) wantState(t *probe.T, did string, f *flow, answer url.Values) {
	t.Want(answer.Get("state") == f.params.Get("state"), did,
		fmt.Sprintf("the state %q", clip(answer.Get("state"))), fmt.Sprintf("the state %q", clip(f.params.Get("state"))))
}
