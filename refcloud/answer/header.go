// Package answer changes HTTP answers on their way from a service to its client.
package answer

import (
	"maps"
	"net/http"
)

// CopyHeader replaces a header and keeps the server from adding to it.
func CopyHeader(to, from http.Header) {
	clear(to)
	maps.Copy(to, from)
	if _, ok := to["Content-Type"]; !ok {
		to["Content-Type"] = nil
	}
}

// HeaderEditor calls Edit once, before the header leaves, and streams the body.
// Edit returns the status to send.
type HeaderEditor struct {
	http.ResponseWriter
	Edit func(status int, h http.Header) int
	done bool
}

// WriteHeader edits and sends the header.
func (w *HeaderEditor) WriteHeader(code int) {
	if code >= 200 && !w.done {
		w.done = true
		code = w.Edit(code, w.Header())
	}
	w.ResponseWriter.WriteHeader(code)
}

// Write sends bytes, after the header.
func (w *HeaderEditor) Write(p []byte) (int, error) {
	if !w.done {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *HeaderEditor) Unwrap() http.ResponseWriter { return w.ResponseWriter }
