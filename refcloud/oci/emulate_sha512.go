package oci

import (
	"net/http"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"
)

// sha512s plays manifests under sha512 digests, which the registry has for blobs
// only: it keeps each under its sha256 digest, and the pairs in memory. Of blobs it
// names the digest that was asked for where the registry names its own, and declines
// to mount one, since the registry's link would lead nowhere.
type sha512s struct {
	next http.Handler
	mu   sync.Mutex
	// repository and sha512 digest -> sha256 digest
	known map[[2]string]string
}

func newSHA512(next http.Handler) http.Handler {
	return &sha512s{next: next, known: map[[2]string]string{}}
}

// ServeHTTP translates the requests about such digests.
func (s *sha512s) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, reference := Target(r)
	query := r.URL.Query()
	switch op := Operation(r); {
	case strings.Contains(r.URL.Path, "/manifests/sha512:") && digest.Digest(reference).Validate() == nil:
		s.manifest(w, r)
	case op == "StartUpload" && isSHA512(query.Get("mount")):
		r.URL.RawQuery, r.Form = "", nil
		s.next.ServeHTTP(w, r)
	case op == "PutUpload" && isSHA512(query.Get("digest")):
		EditHeader("*", rename(query.Get("digest")))(s.next).ServeHTTP(w, r)
	case (op == "GetBlob" || op == "HeadBlob") && isSHA512(reference):
		EditHeader("*", rename(reference))(s.next).ServeHTTP(w, r)
	default:
		s.next.ServeHTTP(w, r)
	}
}

func isSHA512(digest string) bool { return strings.HasPrefix(digest, "sha512:") }

// rename puts a digest where the registry named another of the same content.
func rename(to string) func(*http.Request, int, http.Header) int {
	return func(_ *http.Request, status int, h http.Header) int {
		own := h.Get("Docker-Content-Digest")
		if status >= 300 || own == "" {
			return status
		}
		h.Set("Docker-Content-Digest", to)
		h.Set("Location", strings.Replace(h.Get("Location"), own, to, 1))
		if h.Get("Location") == "" {
			h.Del("Location")
		}
		return status
	}
}

func (s *sha512s) manifest(w http.ResponseWriter, r *http.Request) {
	repository, reference := Target(r)
	var body []byte
	inner := s.stored(repository, reference)
	if r.Method == http.MethodPut {
		var err error
		if body, err = keepBody(r); err != nil {
			return // the client went away
		}
		if inner = digest.FromBytes(body).String(); digest.SHA512.FromBytes(body).String() != reference {
			inner = digest.FromString("another content").String() // the registry will say that it doesn't match
		}
	}
	query := ""
	if r.URL.RawQuery != "" {
		query = "?" + r.URL.RawQuery
	}
	resp := record(s.next, sub(r, r.Method, "/v2/"+repository+"/manifests/"+inner+query, body))
	if resp.Status < 300 {
		s.note(r.Method, repository, reference, inner)
		for _, name := range []string{"Docker-Content-Digest", "Location", "Etag"} {
			if v := resp.Header.Get(name); v != "" {
				resp.Header.Set(name, strings.ReplaceAll(v, inner, reference))
			}
		}
	}
	resp.send(w, r)
}

// stored returns the digest under which a manifest is kept; one that nothing has,
// if it isn't.
func (s *sha512s) stored(repository, reference string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if inner, ok := s.known[[2]string{repository, reference}]; ok {
		return inner
	}
	return digest.FromString(reference).String()
}

func (s *sha512s) note(method, repository, reference, inner string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch method {
	case http.MethodPut:
		s.known[[2]string{repository, reference}] = inner
	case http.MethodDelete:
		delete(s.known, [2]string{repository, reference})
	}
}
