package oci

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"

	"aloi.dev/refcloud/answer"
)

// Response is an answer held back so that it can be edited.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// record serves a request and returns the answer instead of sending it.
func record(next http.Handler, r *http.Request) *Response {
	w := httptest.NewRecorder()
	next.ServeHTTP(w, r)
	return &Response{Status: w.Code, Header: w.Header().Clone(), Body: w.Body.Bytes()}
}

// send sends an answer. Its length is that of its body, save for HEAD, whose
// length speaks of a body that isn't sent.
func (resp *Response) send(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodHead && resp.Status != http.StatusNoContent && resp.Status != http.StatusNotModified {
		resp.Header.Set("Content-Length", strconv.Itoa(len(resp.Body)))
	}
	answer.CopyHeader(w.Header(), resp.Header)
	w.WriteHeader(resp.Status)
	if r.Method != http.MethodHead {
		w.Write(resp.Body)
	}
}

// sub makes a request of the front's own to what lies behind it, in the name of
// the client: its address, its authorization, its content type.
func sub(r *http.Request, method, target string, body []byte) *http.Request {
	s := httptest.NewRequestWithContext(context.WithoutCancel(r.Context()), method, target, bytes.NewReader(body))
	s.Host, s.TLS, s.RemoteAddr = r.Host, r.TLS, r.RemoteAddr
	for _, name := range []string{"Authorization", "Content-Type", "Accept", "User-Agent"} {
		if values, ok := r.Header[name]; ok {
			s.Header[name] = values
		}
	}
	if len(body) > 0 {
		s.Header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	return s
}

// look asks what a repository has under a tag or a digest, in the name of a client
// that knows every kind of manifest.
func look(next http.Handler, r *http.Request, method, repository, reference string) *Response {
	s := sub(r, method, "/v2/"+repository+"/manifests/"+reference, nil)
	s.Header.Set("Accept", imageType+", "+indexType)
	return record(next, s)
}

// keepBody reads the body of a request and puts it back.
func keepBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}

// local makes an address of an answer one of this server's own.
func local(location string) string {
	_, rest, ok := strings.Cut(location, "://")
	if !ok {
		return location
	}
	_, path, _ := strings.Cut(rest, "/")
	return "/" + path
}

// Refuse answers with the specification's error document, under the header that w
// has so far.
func Refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"errors": []map[string]string{{"code": code, "message": message}}})
}
