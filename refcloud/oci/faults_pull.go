package oci

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

var pullFaults = []Fault{
	{
		Name: "oci.manifest-reformatted", Group: "pull",
		Text: "Manifests come back compacted, in another form than they were pushed.",
		Front: EditResponse("GetManifest", func(_ *http.Request, resp *Response) {
			var out bytes.Buffer
			if resp.Status == http.StatusOK && json.Compact(&out, resp.Body) == nil {
				resp.Body = out.Bytes()
			}
		}),
	},
	{
		Name: "oci.manifest-type-json", Group: "pull",
		Text:  "Manifests come back as application/json.",
		Front: onSuccess("GetManifest HeadManifest", func(h http.Header) { h.Set("Content-Type", "application/json") }),
	},
	{
		Name: "oci.manifest-digest-wrong", Group: "pull",
		Text:  "Docker-Content-Digest of a manifest is that of nothing.",
		Front: onSuccess("GetManifest HeadManifest", func(h http.Header) { h.Set("Docker-Content-Digest", "sha256:"+strings.Repeat("0", 64)) }),
	},
	{
		Name: "oci.tag-digest-of-config", Group: "pull",
		Text: "A tag leads to the configuration of its image instead of its manifest.",
		Front: On("GetManifest", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			repository, reference := Target(r)
			resp := record(next, r)
			var doc struct{ Config struct{ Digest string } }
			if !isDigest(reference) && json.Unmarshal(resp.Body, &doc) == nil && doc.Config.Digest != "" {
				config := record(next, sub(r, http.MethodGet, "/v2/"+repository+"/blobs/"+doc.Config.Digest, nil))
				resp.Body = config.Body
			}
			resp.send(w, r)
		}),
	},
	{
		Name: "oci.manifest-head-405", Group: "pull",
		Text: "HEAD of a manifest is not allowed.",
		Front: On("HeadManifest", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.WriteHeader(http.StatusMethodNotAllowed)
		}),
	},
	{
		Name: "oci.manifest-head-without-length", Group: "pull",
		Text:  "HEAD of a manifest doesn't tell its size.",
		Front: DropHeader("HeadManifest", "Content-Length"),
	},
	{
		Name: "oci.manifest-missing-400", Group: "pull",
		Text:  "A missing manifest answers 400.",
		Front: turn("GetManifest HeadManifest", http.StatusNotFound, http.StatusBadRequest),
	},
	{
		Name: "oci.repository-missing-403", Group: "pull",
		Text: "Where nothing was pushed, a pull is denied.",
		Front: On("GetManifest GetBlob", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			repository, _ := Target(r)
			if record(next, sub(r, http.MethodGet, "/v2/"+repository+"/tags/list", nil)).Status == http.StatusNotFound &&
				record(next, r).Status == http.StatusNotFound {
				Refuse(w, http.StatusForbidden, "DENIED", "no such repository")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.blob-short", Group: "pull",
		Text: "A blob comes back without its last byte.",
		Front: EditResponse("GetBlob", func(_ *http.Request, resp *Response) {
			if resp.Status == http.StatusOK && len(resp.Body) > 0 {
				resp.Body = resp.Body[:len(resp.Body)-1]
			}
		}),
	},
	{
		Name: "oci.blob-bit-flipped", Group: "pull",
		Text: "One bit of large blobs comes back changed.",
		Front: EditResponse("GetBlob", func(_ *http.Request, resp *Response) {
			if resp.Status == http.StatusOK && len(resp.Body) > 60_000 {
				resp.Body[50_000] ^= 1
			}
		}),
	},
	{
		Name: "oci.blob-head-without-length", Group: "pull",
		Text:  "HEAD of a blob doesn't tell its size.",
		Front: DropHeader("HeadBlob", "Content-Length"),
	},
	{
		Name: "oci.blob-digest-wrong", Group: "pull",
		Text:  "Docker-Content-Digest of a blob is that of nothing.",
		Front: onSuccess("GetBlob HeadBlob", func(h http.Header) { h.Set("Docker-Content-Digest", "sha256:"+strings.Repeat("0", 64)) }),
	},
	{
		Name: "oci.blob-missing-empty", Group: "pull",
		Text: "A missing blob answers 200, without a byte.",
		Front: EditResponse("GetBlob HeadBlob", func(_ *http.Request, resp *Response) {
			if resp.Status == http.StatusNotFound {
				resp.Status, resp.Body = http.StatusOK, nil
			}
		}),
	},
	{
		Name: "oci.blobs-shared", Group: "pull",
		Text: "A blob can be read through any repository.",
		Front: remembering(func(m *memory[place], w http.ResponseWriter, r *http.Request, next http.Handler) {
			repository, reference := Target(r)
			switch Operation(r) {
			case "PutUpload":
				m.note(r.URL.Query().Get("digest"), place{repository, r.Header.Get("Authorization")})
			case "GetBlob", "HeadBlob":
				if p, ok := m.get(reference); ok && record(next, r).Status == http.StatusNotFound {
					next.ServeHTTP(w, p.at(r, r.Method, "blobs/"+reference))
					return
				}
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.range-ignored", Group: "range",
		Text:  "Ranges are ignored: the whole blob comes.",
		Front: EditRequest("GetBlob", func(r *http.Request) { r.Header.Del("Range") }),
	},
	{
		Name: "oci.range-end-exclusive", Group: "range",
		Text: "A range ends a byte early, as if its last position were exclusive.",
		Front: EditRequest("GetBlob", func(r *http.Request) {
			var first, last int
			if n, _ := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &first, &last); n == 2 && last > first && first >= 0 {
				r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", first, last-1))
			}
		}),
	},
	{
		Name: "oci.range-open-ignored", Group: "range",
		Text: "A range without an end is ignored.",
		Front: EditRequest("GetBlob", func(r *http.Request) {
			if openRange.MatchString(r.Header.Get("Range")) {
				r.Header.Del("Range")
			}
		}),
	},
}

var openRange = regexp.MustCompile(`^bytes=\d+-$`)

// onSuccess edits the header of answers that are not refusals.
func onSuccess(operations string, edit func(http.Header)) func(http.Handler) http.Handler {
	return EditHeader(operations, func(_ *http.Request, status int, h http.Header) int {
		if status < 300 {
			edit(h)
		}
		return status
	})
}

// turn answers with another status.
func turn(operations string, from, to int) func(http.Handler) http.Handler {
	return EditHeader(operations, func(_ *http.Request, status int, _ http.Header) int {
		if status == from {
			return to
		}
		return status
	})
}

// refuseWhen refuses the requests of some operations.
func refuseWhen(operations string, status int, code string, when func(*http.Request) bool) func(http.Handler) http.Handler {
	return On(operations, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if when(r) {
			Refuse(w, status, code, "this server doesn't take it")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// pretend answers 202 and does nothing.
func pretend(operations string, when func(*http.Request) bool) func(http.Handler) http.Handler {
	return On(operations, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if when(r) && r.Header.Get("Authorization") != "" {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		next.ServeHTTP(w, r)
	})
}
