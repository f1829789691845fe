package oci

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"aloi.dev/internal/demonstrator/probe"
)

// The accounts of an offer, and nobody.
const (
	mainAccount  = "main"
	otherAccount = "other"
	anonymous    = "-"
)

// Registry is an offer's registry as a client sees it. It is built once for all the
// checks of a session.
type Registry struct {
	session   *probe.Session
	base      *url.URL
	namespace string // ends with a slash, or empty

	mu        sync.Mutex
	challenge *challenge
	tokens    map[[2]string]grant // account, scope
}

func registryOf(s *probe.Session) *Registry {
	return s.Keep("registry", func() any { return newRegistry(s) }).(*Registry)
}

func newRegistry(s *probe.Session) *Registry {
	base, err := url.Parse(s.Service.Endpoint)
	if err != nil {
		panic(err) // the session parsed it already
	}
	namespace := strings.Trim(s.Setting("namespace", ""), "/")
	if namespace != "" {
		namespace += "/"
	}
	return &Registry{session: s, base: base, namespace: namespace, tokens: map[[2]string]grant{}}
}

// Request is one request to the registry.
type Request struct {
	Method string
	Path   string   // within the repository, "manifests/v1"; of the registry when it begins with a slash
	At     *url.URL // instead of Path: an address that the registry gave
	Query  url.Values
	Header []string // name and value in turn
	Body   []byte
	Stream io.Reader // instead of Body: of a length that isn't said

	As     string // account; the main one when empty; "-" for nobody
	Scope  string // asked of the token server; all of the repository when empty
	Bearer string // instead of them: a token of the check's own
}

// Answer is what came back, read to its end.
type Answer struct {
	Did    string // what was asked, for sentences
	Status int
	Header http.Header
	Body   []byte
	Codes  []string // of the specification's error document

	t  *probe.T
	at *url.URL
}

const (
	mostBody      = 8 << 20 // bytes that one answer may hold in memory: twice the largest manifest
	mostRedirects = 5
)

// errTooLarge is the error of an answer that goes beyond what any check can expect.
var errTooLarge = fmt.Errorf("an answer of more than %d bytes", mostBody)

// send sends a request about a repository, follows redirects as the specification
// tells clients to, and reads the answer. Credentials go to the registry's own host
// only.
func (g *Registry) send(ctx context.Context, repository string, r Request) (Answer, error) {
	a := Answer{Did: r.did(), at: g.address(repository, r)}
	for hop := 0; ; hop++ {
		req, err := g.build(ctx, repository, r, a.at)
		if err != nil {
			return a, err
		}
		res, err := g.session.HTTP().Do(req)
		if err != nil {
			return a, err
		}
		a.Status, a.Header = res.StatusCode, res.Header
		a.Body, err = readAll(res.Body)
		res.Body.Close()
		if err != nil {
			return a, err
		}
		next := redirect(res, r)
		if next == nil || hop == mostRedirects {
			a.Codes = errorCodes(a)
			return a, nil
		}
		a.at = next
	}
}

func readAll(body io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, mostBody+1))
	if err == nil && len(data) > mostBody {
		return nil, errTooLarge
	}
	return data, err
}

// redirect returns where an answer sends the client, nil if nowhere.
func redirect(res *http.Response, r Request) *url.URL {
	switch res.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther:
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			return nil
		}
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		if r.Stream != nil {
			return nil
		}
	default:
		return nil
	}
	next, err := res.Location()
	if err != nil {
		return nil
	}
	return next
}

func (g *Registry) address(repository string, r Request) *url.URL {
	u := *g.base
	switch {
	case r.At != nil:
		u = *r.At
	case strings.HasPrefix(r.Path, "/"):
		u.Path = r.Path
	default:
		u.Path = "/v2/" + repository + "/" + r.Path
	}
	if len(r.Query) > 0 {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += r.Query.Encode()
	}
	return &u
}

func (g *Registry) build(ctx context.Context, repository string, r Request, at *url.URL) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, at.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", r.did(), err)
	}
	switch {
	case r.Stream != nil:
		req.Body, req.GetBody, req.ContentLength = io.NopCloser(r.Stream), nil, -1
	case len(r.Body) == 0:
		req.Body, req.GetBody = http.NoBody, nil
	}
	for i := 0; i+1 < len(r.Header); i += 2 {
		req.Header.Add(r.Header[i], r.Header[i+1])
	}
	if !strings.EqualFold(at.Host, g.base.Host) {
		return req, nil
	}
	return req, g.authorize(ctx, req, repository, r)
}

// errorCodes reads the specification's error document, which a refusal may have.
func errorCodes(a Answer) []string {
	var doc struct{ Errors []struct{ Code string } }
	if a.Status < 400 || json.Unmarshal(a.Body, &doc) != nil {
		return nil
	}
	var codes []string
	for _, e := range doc.Errors {
		codes = append(codes, e.Code)
	}
	return codes
}

// did names a request in a sentence: "PUT manifests/v1", "GET blobs/sha256:0123456789ab...".
func (r Request) did() string {
	path := r.Path
	if r.At != nil {
		path = "the upload"
		if i := strings.LastIndex(r.At.Path, "/blobs/sha"); i >= 0 {
			path = r.At.Path[i+1:]
		} else if i := strings.LastIndex(r.At.Path, "/manifests/"); i >= 0 {
			path = r.At.Path[i+1:]
		}
	}
	text := r.Method + " " + short(path)
	if len(r.Query) > 0 {
		query, err := url.QueryUnescape(r.Query.Encode())
		if err != nil {
			query = r.Query.Encode()
		}
		text += " ?" + short(query)
	}
	return text
}

// short cuts digests, and what is too long for a sentence.
func short(s string) string {
	for _, algorithm := range []string{"sha256:", "sha512:"} {
		if i := strings.Index(s, algorithm); i >= 0 {
			s = s[:min(len(s), i+len(algorithm)+12)]
		}
	}
	return clip(s)
}

// Do sends a request about the repository; an exchange that breaks ends the check.
func (p *Repo) Do(r Request) Answer {
	a, err := p.reg.send(p.t.Context(), p.Name, r)
	a.t = p.t
	p.broken(a.Did, err)
	return a
}

// broken ends the check when there is no answer to look at.
func (p *Repo) broken(did string, err error) {
	var refused *tokenRefused
	switch {
	case errors.As(err, &refused):
		p.t.Fail(refused.did, refused.got, "a token for the scope that was asked for")
	case errors.Is(err, errTooLarge):
		p.t.Fail(did, err.Error(), fmt.Sprintf("%d bytes at most", mostBody))
	}
	p.t.Do(did, err)
}
