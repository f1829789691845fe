package oci

import (
	"io"
	"net/http"
	"strings"

	"github.com/opencontainers/go-digest"
)

var pushFaults = []Fault{
	{
		Name: "oci.push-without-location", Group: "push",
		Text:  "The answer to a push of a blob doesn't say where it is.",
		Front: onSuccess("PutUpload", func(h http.Header) { h.Del("Location") }),
	},
	{
		Name: "oci.push-location-elsewhere", Group: "push",
		Text: "The answer to a push of a blob leads to a repository that isn't there.",
		Front: onSuccess("PutUpload", func(h http.Header) {
			h.Set("Location", strings.Replace(h.Get("Location"), "/blobs/", "/elsewhere/blobs/", 1))
		}),
	},
	{
		Name: "oci.push-200", Group: "push",
		Text:  "A push of a blob that succeeds answers 200.",
		Front: turn("PutUpload", http.StatusCreated, http.StatusOK),
	},
	{
		Name: "oci.push-digest-wrong", Group: "push",
		Text:  "The answer to a push of a blob names the digest of nothing.",
		Front: onSuccess("PutUpload", func(h http.Header) { h.Set("Docker-Content-Digest", "sha256:"+strings.Repeat("0", 64)) }),
	},
	{
		Name: "oci.push-lost", Group: "push",
		Text: "Blobs of 3 kB and more are acknowledged and not kept.",
		Front: On("PutUpload", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			repository, _ := Target(r)
			size := r.ContentLength
			resp := record(next, r)
			if resp.Status == http.StatusCreated && size >= 3000 {
				right := r.Context().Value(ticketsKey{}).(tickets).tokens.rights(everything(repository))
				record(next, place{repository, right}.at(r, http.MethodDelete, "blobs/"+r.URL.Query().Get("digest")))
			}
			resp.send(w, r)
		}),
	},
	{
		Name: "oci.single-post-ignored", Group: "push",
		Text: "The digest of a single POST is ignored: an upload is opened.",
		Front: EditRequest("StartUpload", func(r *http.Request) {
			if r.URL.Query().Has("digest") {
				r.URL.RawQuery = ""
			}
		}),
	},
	{
		Name: "oci.single-post-unchecked", Group: "push",
		Text:  "A single POST succeeds whatever its digest.",
		Front: createdInstead("StartUpload"),
	},
	{
		Name: "oci.empty-blob-refused", Group: "push",
		Text: "A blob without a byte is refused.",
		Front: refuseWhen("PutUpload", http.StatusBadRequest, "SIZE_INVALID", func(r *http.Request) bool {
			return r.URL.Query().Get("digest") == digest.FromBytes(nil).String()
		}),
	},
	{
		Name: "oci.blob-over-1mb-413", Group: "push",
		Text: "A blob of more than 1 MiB is refused when it comes in one request.",
		Front: On("PutUpload", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.ContentLength > 1<<20 {
				io.Copy(io.Discard, r.Body)
				Refuse(w, http.StatusRequestEntityTooLarge, "SIZE_INVALID", "too large")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.blob-again-409", Group: "push",
		Text: "A blob that is there already is refused.",
		Front: On("PutUpload", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			repository, _ := Target(r)
			if record(next, sub(r, http.MethodHead, "/v2/"+repository+"/blobs/"+r.URL.Query().Get("digest"), nil)).Status == http.StatusOK {
				Refuse(w, http.StatusConflict, "DENIED", "it is there")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.digest-unchecked", Group: "push",
		Text:  "A blob is taken under any well-formed digest.",
		Front: createdInstead("PutUpload"),
	},
	{
		Name: "oci.digest-malformed-500", Group: "push",
		Text: "A malformed digest answers 500.",
		Front: EditHeader("PutUpload", func(r *http.Request, status int, _ http.Header) int {
			if status == http.StatusBadRequest && digest.Digest(r.URL.Query().Get("digest")).Validate() != nil {
				return http.StatusInternalServerError
			}
			return status
		}),
	},
	{
		Name: "oci.upload-unknown-201", Group: "push",
		Text: "An upload that was never opened can be closed.",
		Front: EditHeader("PutUpload", func(r *http.Request, status int, _ http.Header) int {
			if status == http.StatusNotFound && !r.URL.Query().Has("_state") {
				return http.StatusCreated
			}
			return status
		}),
	},
	{
		Name: "oci.upload-start-201", Group: "push",
		Text: "An upload that is opened is said to be complete.",
		Front: EditHeader("StartUpload", func(r *http.Request, status int, _ http.Header) int {
			if status == http.StatusAccepted && r.URL.RawQuery == "" {
				return http.StatusCreated
			}
			return status
		}),
	},
}

// createdInstead answers 201 where the digest was found wrong.
func createdInstead(operation string) func(http.Handler) http.Handler {
	return EditResponse(operation, func(r *http.Request, resp *Response) {
		announced := r.URL.Query().Get("digest")
		if resp.Status == http.StatusBadRequest && digest.Digest(announced).Validate() == nil {
			repository, _ := Target(r)
			resp.Status, resp.Body = http.StatusCreated, nil
			resp.Header.Set("Location", "/v2/"+repository+"/blobs/"+announced)
		}
	})
}
