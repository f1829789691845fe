package oidc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
)

// maxBody bounds the answers of a provider: documents and pages of a few kilobytes.
const maxBody = 1 << 20

// wrong is an answer that isn't what it must be, for a sentence.
type wrong struct{ did, got, want string }

func (w *wrong) Error() string { return w.did + " returned " + w.got + "; wanted " + w.want }

// call is a request to a provider.
type call struct {
	did    string
	method string // GET when empty, POST when there is a form
	url    string
	form   url.Values
	edit   func(*http.Request)
}

// Answer is what came back, read to its end.
type Answer struct {
	Did    string
	Status int
	Header http.Header
	Body   []byte
	URL    *url.URL // that was asked
}

// send makes a request. The error is of the exchange, or a *wrong when the answer
// is too big to be read; the answer's status and header count even then.
func (p *Provider) send(ctx context.Context, c call) (Answer, error) {
	a := Answer{Did: c.did}
	method, body := c.method, io.Reader(nil)
	if c.form != nil {
		body = strings.NewReader(c.form.Encode())
		if method == "" {
			method = http.MethodPost
		}
	}
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(probe.Judged(ctx), method, c.url, body)
	if err != nil {
		return a, &wrong{c.did, "an address that is none", "an address"}
	}
	if req.URL.Host == "" || req.URL.Scheme != "https" && req.URL.Scheme != "http" {
		return a, &wrong{c.did, fmt.Sprintf("the address %q", clip(c.url)), "an https address"}
	}
	a.URL = req.URL
	if c.form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.edit != nil {
		c.edit(req)
	}
	res, err := p.session.HTTP().Do(req)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	a.Status, a.Header = res.StatusCode, res.Header
	a.Body, err = io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if err == nil && len(a.Body) > maxBody {
		err = &wrong{c.did, "more than 1 MiB", "a document that a client can hold"}
	}
	return a, err
}

// must ends the check when an exchange broke, or its answer is wrong.
func must(t *probe.T, did string, err error) {
	var w *wrong
	if errors.As(err, &w) {
		t.Fail(w.did, w.got, w.want)
	}
	t.Do(did, err)
}

// do is send for a check: an exchange that breaks ends it.
func (p *Provider) do(t *probe.T, c call) Answer {
	a, err := p.send(t.Context(), c)
	must(t, c.did, err)
	return a
}

// media is the answer's content type in lower case, without parameters.
func (a Answer) media() string {
	media, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if err != nil {
		return strings.ToLower(a.Header.Get("Content-Type"))
	}
	return media
}

// oauthError is the code of an OAuth error document; "" when it is none.
func (a Answer) oauthError() string {
	var doc struct {
		Error any `json:"error"`
	}
	if a.Status < 400 || json.Unmarshal(a.Body, &doc) != nil {
		return ""
	}
	text, _ := doc.Error.(string)
	return text
}

// object reads the answer's JSON object.
func (a Answer) object() (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(a.Body))
	dec.UseNumber()
	var doc map[string]any
	if err := dec.Decode(&doc); err != nil || doc == nil {
		return nil, &wrong{a.Did, a.Got() + " that isn't a JSON object", "a JSON object"}
	}
	return doc, nil
}

// redirect is where the answer sends a browser; nil when it sends it nowhere.
func (a Answer) redirect() *url.URL {
	if a.Status < 300 || a.Status > 399 || a.Header.Get("Location") == "" || a.URL == nil {
		return nil
	}
	to, err := a.URL.Parse(a.Header.Get("Location"))
	if err != nil {
		return nil
	}
	return to
}

// Got says what came back, for a sentence: "400 invalid_grant", "302 to https://x/".
// Parameters of addresses are left out but for the error.
func (a Answer) Got() string {
	if code := a.oauthError(); code != "" {
		return fmt.Sprintf("%d %s", a.Status, clip(code))
	}
	if to := a.redirect(); to != nil {
		return fmt.Sprintf("%d to %s", a.Status, address(to))
	}
	if a.media() != "" {
		return fmt.Sprintf("%d with %d bytes of %s", a.Status, len(a.Body), clip(a.media()))
	}
	return fmt.Sprintf("%d with %d bytes", a.Status, len(a.Body))
}

// address writes an address without its parameters but for the error that it bears.
func address(u *url.URL) string {
	text := u.Scheme + "://" + u.Host + u.Path
	if code := u.Query().Get("error"); code != "" {
		text += " with error " + code
	}
	return clip(text)
}

func clip(s string) string {
	if r := []rune(s); len(r) > 120 {
		return string(r[:117]) + "..."
	}
	return s
}
