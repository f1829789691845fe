package oci

import (
	"net/http"
	"strings"
)

var digestFaults = []Fault{
	{
		Name: "oci.sha512-refused", Group: "sha512",
		Text: "Blobs under sha512 digests are refused.",
		Front: refuseWhen("PutUpload", http.StatusBadRequest, "UNSUPPORTED", func(r *http.Request) bool {
			return isSHA512(r.URL.Query().Get("digest"))
		}),
	},
	{
		Name: "oci.sha512-unchecked", Group: "sha512",
		Text: "The sha512 digest of a blob isn't verified.",
		Front: On("PutUpload", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if isSHA512(r.URL.Query().Get("digest")) {
				next = createdInstead("PutUpload")(next)
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.sha512-not-found", Group: "sha512",
		Text: "A blob that was pushed under its sha512 digest isn't found under it.",
		Front: refuseWhen("GetBlob HeadBlob", http.StatusNotFound, "BLOB_UNKNOWN", func(r *http.Request) bool {
			return strings.Contains(r.URL.Path, "/blobs/sha512:")
		}),
	},
	{
		Name: "oci.sha512-manifest-refused", Group: "sha512",
		Text: "Manifests under sha512 digests are refused.",
		Front: refuseWhen("PutManifest", http.StatusBadRequest, "DIGEST_INVALID", func(r *http.Request) bool {
			return strings.Contains(r.URL.Path, "/manifests/sha512:")
		}),
	},
}
