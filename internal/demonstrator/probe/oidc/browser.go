package oidc

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
)

// How far a browser goes before it gives up.
const (
	mostRedirects = 20
	mostPages     = 6
)

// browser is a person's browser: it has cookies, follows redirects within the
// offer's hosts and fills forms.
type browser struct {
	p       *Provider
	jar     http.CookieJar
	reposts bool           // a redirect made it send the password again
	cookies []*http.Cookie // that it was given
}

// passwordRefused is the error of a login form that comes back.
type passwordRefused struct{ wrong }

func (e *passwordRefused) Unwrap() error { return &e.wrong }

func (p *Provider) newBrowser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // never without options
	}
	return &browser{p: p, jar: jar}
}

// place is where a browser has come to: a page, or the address of the client that
// it was on its way to, which it doesn't visit.
type place struct {
	page   Answer
	landed *url.URL
}

// open makes one request.
func (b *browser) open(ctx context.Context, c call) (Answer, error) {
	c.edit = func(r *http.Request) {
		for _, one := range b.jar.Cookies(r.URL) {
			r.AddCookie(one)
		}
	}
	a, err := b.p.send(ctx, c)
	if a.Header != nil {
		got := (&http.Response{Header: a.Header}).Cookies()
		b.cookies = append(b.cookies, got...)
		b.jar.SetCookies(a.URL, got)
	}
	return a, err
}

// visit opens an address and follows redirects until a page, or until home. After
// an error the place is the last answer that came.
func (b *browser) visit(ctx context.Context, c call, home *url.URL) (place, error) {
	last := Answer{Did: c.did}
	for hop := 0; ; hop++ {
		a, err := b.open(ctx, c)
		if err != nil {
			return place{page: last}, err
		}
		last = a
		to := a.redirect()
		switch {
		case to == nil:
			return place{page: a}, nil
		case isAt(to, home):
			return place{page: a, landed: to}, nil
		case hop == mostRedirects:
			return place{page: a}, &wrong{c.did, fmt.Sprintf("%d redirects in a row", mostRedirects), "a page, or a redirect to the client"}
		}
		again := call{did: c.did, url: to.String()}
		if a.Status == http.StatusTemporaryRedirect || a.Status == http.StatusPermanentRedirect {
			again.method, again.form = c.method, c.form
			b.reposts = b.reposts || c.form != nil
		}
		c = again
	}
}

// isAt reports whether an address is home, with or without more parameters.
func isAt(u, home *url.URL) bool {
	return u.Scheme == home.Scheme && strings.EqualFold(u.Host, home.Host) && u.Path == home.Path
}

// ask opens an authorization request, without signing in.
func (b *browser) ask(ctx context.Context, meta *Metadata, f *flow) (place, error) {
	did := "GET authorize" + f.note
	endpoint, err := meta.endpoint("authorization_endpoint")
	if err != nil {
		return place{}, err
	}
	c := call{did: did}
	if f.post {
		c.did, c.form = "POST authorize"+f.note, f.params
	} else {
		query := endpoint.Query()
		for name, values := range f.params {
			query[name] = values
		}
		endpoint.RawQuery = query.Encode()
	}
	c.url = endpoint.String()
	return b.visit(ctx, c, b.p.redirect)
}

// authorize opens an authorization request and signs in until the browser is sent
// back to the client, and returns the parameters with which it is.
func (b *browser) authorize(ctx context.Context, meta *Metadata, f *flow) (url.Values, error) {
	at, err := b.ask(ctx, meta, f)
	if err != nil {
		return nil, err
	}
	at, err = b.pass(ctx, at, b.p.redirect)
	if err != nil {
		return nil, err
	}
	return at.landed.Query(), nil
}

// pass fills forms until the browser has come home.
func (b *browser) pass(ctx context.Context, at place, home *url.URL) (place, error) {
	user, _ := b.p.session.Account(userAccount)
	sent := false
	for range mostPages {
		if at.landed != nil {
			return at, nil
		}
		f := signIn(forms(at.page.Body, at.page.URL))
		if f == nil {
			return at, &wrong{at.page.Did, at.page.Got() + " without a form to sign in", "a login form, or a redirect to the client"}
		}
		if sent && f.password != "" {
			return at, &passwordRefused{wrong{at.page.Did, at.page.Got() + " with the form again", "a redirect to the client"}}
		}
		sent = sent || f.password != ""
		c := call{did: "POST login form", url: f.action.String(), method: f.method}
		values := f.filled(user["username"], user["password"])
		if f.method == http.MethodPost {
			c.form = values
		} else {
			to := *f.action
			to.RawQuery = values.Encode()
			c.did, c.url = "GET login form", to.String()
		}
		var err error
		if at, err = b.visit(ctx, c, home); err != nil {
			return at, err
		}
	}
	if at.landed != nil {
		return at, nil
	}
	return at, &wrong{at.page.Did, fmt.Sprintf("%d pages with forms", mostPages), "a redirect to the client"}
}

// asksPassword reports whether the browser is on a page that asks to sign in.
func (at place) asksPassword() bool {
	if at.landed != nil || at.page.Status >= 500 {
		return false
	}
	f := signIn(forms(at.page.Body, at.page.URL))
	return f != nil && (f.password != "" || f.name != "")
}

// got says where the browser is, for a sentence.
func (at place) got() string {
	switch {
	case at.landed == nil && at.asksPassword():
		return "a login page"
	case at.landed == nil:
		return at.page.Got()
	case at.landed.Query().Get("code") != "":
		return "a redirect to the client with a code"
	}
	return "a redirect to " + address(at.landed)
}

// visitFor is visit for a check.
func (b *browser) visitFor(t *probe.T, c call, home *url.URL) place {
	at, err := b.visit(t.Context(), c, home)
	must(t, c.did, err)
	return at
}
