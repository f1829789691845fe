package oci

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/distribution/distribution/v3/registry/auth/token"
)

// tickets opens the second door of the offer, a host of its own from which blobs
// can be fetched with a ticket in the address, as registries do that keep them in an
// object store. Only a variation sends clients there.
type tickets struct {
	store  string
	tokens *tokens
	bare   http.Handler // the registry as its authors ship it, with the token server
}

type ticketsKey struct{}

// ticket returns the address of a blob at the store.
func ticket(r *http.Request) string {
	t := r.Context().Value(ticketsKey{}).(tickets)
	repository, digest := Target(r)
	right := t.tokens.rights(&token.ResourceActions{Type: "repository", Name: repository, Actions: []string{"pull"}})
	return t.store + "/v2/" + repository + "/blobs/" + digest + "?ticket=" + url.QueryEscape(strings.TrimPrefix(right, "Bearer "))
}

// storeFront serves the store. Like the object stores that take signed addresses,
// it refuses a request that brings other credentials along.
func storeFront(app http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if op := Operation(r); op != "GetBlob" && op != "HeadBlob" {
			http.NotFound(w, r)
			return
		}
		if r.Header.Get("Authorization") != "" {
			http.Error(w, "only one way to authenticate at a time", http.StatusBadRequest)
			return
		}
		r.Header.Set("Authorization", "Bearer "+r.URL.Query().Get("ticket"))
		app.ServeHTTP(w, r)
	})
}
