package s3

import (
	"bytes"
	"net/http"
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

// XML tells whether the answer carries an XML document.
func (resp *Response) XML() bool {
	return strings.Contains(resp.Header.Get("Content-Type"), "xml") ||
		bytes.HasPrefix(bytes.TrimSpace(resp.Body), []byte("<"))
}

// recorder holds an answer back whole.
type recorder struct {
	header http.Header
	code   int
	body   bytes.Buffer
	client http.ResponseWriter // to which interim answers (1xx) pass at once
}

func newRecorder(client http.ResponseWriter) *recorder {
	return &recorder{header: http.Header{}, client: client}
}

// Header is the header of the held answer.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader keeps the status.
func (w *recorder) WriteHeader(code int) {
	if code < 200 {
		if w.client != nil {
			w.client.WriteHeader(code)
		}
		return
	}
	if w.code == 0 {
		w.code = code
	}
}

// Write keeps the bytes.
func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// FlushError does nothing: the answer is held back.
func (w *recorder) FlushError() error { return nil }

// Unwrap lets http.ResponseController take the connection over.
func (w *recorder) Unwrap() http.ResponseWriter { return w.client }

func (w *recorder) status() int {
	if w.code == 0 {
		return http.StatusOK
	}
	return w.code
}

// record serves a request and returns the answer instead of sending it.
func record(next http.Handler, w http.ResponseWriter, r *http.Request) *Response {
	rec := newRecorder(w)
	next.ServeHTTP(rec, r)
	return &Response{Status: rec.status(), Header: rec.header, Body: rec.body.Bytes()}
}

// send sends an answer. Its length is that of its body, save for HEAD, whose
// length speaks of a body that isn't sent.
func (resp *Response) send(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodHead && resp.Status != http.StatusNoContent && resp.Status != http.StatusNotModified {
		resp.Header.Set("Content-Length", strconv.Itoa(len(resp.Body)))
	}
	answer.CopyHeader(w.Header(), resp.Header)
	w.WriteHeader(resp.Status)
	w.Write(resp.Body)
}
