package oci

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

var chunkFaults = []Fault{
	{
		Name: "oci.chunk-range-exclusive", Group: "chunk",
		Text: "The Range of an upload tells the next byte instead of the last.",
		Front: EditHeader("PatchUpload UploadStatus", func(_ *http.Request, status int, h http.Header) int {
			var last int
			if _, err := fmt.Sscanf(h.Get("Range"), "0-%d", &last); err == nil {
				h.Set("Range", fmt.Sprintf("0-%d", last+1))
			}
			return status
		}),
	},
	{
		Name: "oci.chunk-200", Group: "chunk",
		Text:  "A chunk that is taken answers 200.",
		Front: turn("PatchUpload", http.StatusAccepted, http.StatusOK),
	},
	{
		Name: "oci.chunk-without-location", Group: "chunk",
		Text:  "The answer to a chunk doesn't say where the next goes.",
		Front: onSuccess("PatchUpload", func(h http.Header) { h.Del("Location") }),
	},
	{
		Name: "oci.chunk-last-ignored", Group: "chunk",
		Text: "The last chunk is ignored when it comes with the close.",
		Front: EditRequest("PutUpload", func(r *http.Request) {
			if r.Header.Get("Content-Range") != "" {
				io.Copy(io.Discard, r.Body)
				r.Body, r.ContentLength = http.NoBody, 0
				r.Header.Del("Content-Range")
				r.Header.Del("Content-Length")
			}
		}),
	},
	{
		Name: "oci.chunk-order-unchecked", Group: "chunk",
		Text:  "Chunks are appended in the order in which they come.",
		Front: EditRequest("PatchUpload", func(r *http.Request) { r.Header.Del("Content-Range") }),
	},
	{
		Name: "oci.chunk-order-400", Group: "chunk",
		Text:  "A chunk that isn't the next answers 400.",
		Front: turn("PatchUpload", http.StatusRequestedRangeNotSatisfiable, http.StatusBadRequest),
	},
	{
		Name: "oci.upload-status-200", Group: "chunk",
		Text:  "The status of an upload answers 200.",
		Front: turn("UploadStatus", http.StatusNoContent, http.StatusOK),
	},
	{
		Name: "oci.upload-status-without-range", Group: "chunk",
		Text:  "The status of an upload doesn't tell what has come.",
		Front: DropHeader("UploadStatus", "Range"),
	},
	{
		Name: "oci.upload-lost-when-cut", Group: "chunk",
		Text: "An upload is forgotten when the connection of a chunk breaks.",
		Front: On("PatchUpload", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				abandon(next, r, r.URL.RequestURI())
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.chunks-unchecked", Group: "chunk",
		Text: "The digest of a blob that came in chunks isn't verified.",
		Front: On("PutUpload", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.ContentLength > 0 {
				next.ServeHTTP(w, r)
				return
			}
			createdInstead("PutUpload")(next).ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.stream-411", Group: "chunk",
		Text:  "A chunk whose length isn't said is refused.",
		Front: refuseWhen("PatchUpload", http.StatusLengthRequired, "SIZE_INVALID", func(r *http.Request) bool { return r.ContentLength < 0 }),
	},
	{
		Name: "oci.cancel-ignored", Group: "chunk",
		Text: "Cancelling an upload answers 204 and changes nothing.",
		Front: On("CancelUpload", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.WriteHeader(http.StatusNoContent)
		}),
	},
	{
		Name: "oci.cancel-405", Group: "chunk",
		Text:  "Uploads can't be cancelled.",
		Front: refuseWhen("CancelUpload", http.StatusMethodNotAllowed, "UNSUPPORTED", func(*http.Request) bool { return true }),
	},
}
