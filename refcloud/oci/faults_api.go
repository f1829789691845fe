package oci

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
)

var properName = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)

var apiFaults = []Fault{
	{
		Name: "oci.ping-404", Group: "api",
		Text: "GET /v2/ answers 404 to who is logged in.",
		Front: On("Ping", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Header.Get("Authorization") == "" {
				next.ServeHTTP(w, r)
				return
			}
			Refuse(w, http.StatusNotFound, "UNSUPPORTED", "nothing here")
		}),
	},
	{
		Name: "oci.error-without-errors", Group: "errors",
		Text: "Error documents are JSON of a form of their own, without the list of errors.",
		Front: EditResponse("GetManifest StartUpload PutUpload", func(_ *http.Request, resp *Response) {
			if resp.Status >= 400 {
				resp.Body = []byte(`{"message":"something is wrong"}`)
			}
		}),
	},
	{
		Name: "oci.error-codes-own", Group: "errors",
		Text: "Error codes are words of the server's own.",
		Front: EditResponse("GetManifest GetBlob", func(_ *http.Request, resp *Response) {
			if resp.Status >= 400 {
				resp.Body = bytes.ReplaceAll(bytes.ReplaceAll(resp.Body, []byte("MANIFEST_UNKNOWN"), []byte("NotFound")), []byte("BLOB_UNKNOWN"), []byte("NotFound"))
			}
		}),
	},
	{
		Name: "oci.names-unchecked", Group: "names",
		Text: "An upload is opened for any repository name.",
		Front: On("StartUpload", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if repository, _ := Target(r); !properName.MatchString(repository) {
				w.Header().Set("Location", r.URL.Path+hexID(16))
				w.WriteHeader(http.StatusAccepted)
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.names-two-levels", Group: "names",
		Text: "Repository names have two levels at most.",
		Front: On("StartUpload", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if repository, _ := Target(r); strings.Count(repository, "/") > 1 {
				Refuse(w, http.StatusBadRequest, "NAME_INVALID", "too many levels")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
}
