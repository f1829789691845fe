package oci

import (
	"encoding/json"
	"net/http"

	"aloi.dev/refcloud/answer"
)

// What follows makes the Front of a fault. Operations are names as Operation
// returns them, separated by spaces, or "*" for all.

// On hands the requests of some operations to handle, which may answer itself or
// call next.
func On(operations string, handle func(w http.ResponseWriter, r *http.Request, next http.Handler)) func(http.Handler) http.Handler {
	match := oneOf(operations)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !match(r) {
				next.ServeHTTP(w, r)
				return
			}
			handle(w, r, next)
		})
	}
}

// EditRequest edits requests before the registry sees them.
func EditRequest(operations string, edit func(r *http.Request)) func(http.Handler) http.Handler {
	return On(operations, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		edit(r)
		next.ServeHTTP(w, r)
	})
}

// EditHeader edits the status and the header of answers while their bodies
// stream. It returns the status to send.
func EditHeader(operations string, edit func(r *http.Request, status int, h http.Header) int) func(http.Handler) http.Handler {
	return On(operations, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(&answer.HeaderEditor{ResponseWriter: w, Edit: func(status int, h http.Header) int {
			return edit(r, status, h)
		}}, r)
	})
}

// EditResponse edits whole answers; each is held in memory until it is edited.
func EditResponse(operations string, edit func(r *http.Request, resp *Response)) func(http.Handler) http.Handler {
	return On(operations, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		resp := record(next, r)
		edit(r, resp)
		resp.send(w, r)
	})
}

// EditDocument edits the JSON documents of answers that succeeded.
func EditDocument(operations string, edit func(r *http.Request, doc map[string]any)) func(http.Handler) http.Handler {
	return EditResponse(operations, func(r *http.Request, resp *Response) {
		doc := map[string]any{}
		if resp.Status != http.StatusOK || json.Unmarshal(resp.Body, &doc) != nil {
			return
		}
		edit(r, doc)
		resp.Body, _ = json.Marshal(doc)
	})
}

// DropHeader takes a header out of answers.
func DropHeader(operations, name string) func(http.Handler) http.Handler {
	return EditHeader(operations, func(_ *http.Request, status int, h http.Header) int {
		h.Del(name)
		return status
	})
}
