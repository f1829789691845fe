package oci

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"aloi.dev/refcloud/answer"
)

var manifestFaults = slices.Concat(putFaults, kindFaults)

var putFaults = []Fault{
	{
		Name: "oci.manifest-put-without-location", Group: "manifest",
		Text:  "The answer to a push of a manifest doesn't say where it is.",
		Front: onSuccess("PutManifest", func(h http.Header) { h.Del("Location") }),
	},
	{
		Name: "oci.manifest-put-200", Group: "manifest",
		Text:  "A push of a manifest that succeeds answers 200.",
		Front: turn("PutManifest", http.StatusCreated, http.StatusOK),
	},
	{
		Name: "oci.manifest-put-digest-wrong", Group: "manifest",
		Text:  "The answer to a push of a manifest names the digest of nothing.",
		Front: onSuccess("PutManifest", func(h http.Header) { h.Set("Docker-Content-Digest", "sha256:"+strings.Repeat("0", 64)) }),
	},
	{
		Name: "oci.manifest-needs-tag", Group: "manifest",
		Text: "A manifest can be pushed under a tag only.",
		Front: refuseWhen("PutManifest", http.StatusMethodNotAllowed, "UNSUPPORTED", func(r *http.Request) bool {
			_, reference := Target(r)
			return isDigest(reference)
		}),
	},
	{
		Name: "oci.manifest-digest-unchecked", Group: "manifest",
		Text: "A manifest is taken under any digest.",
		Front: EditHeader("PutManifest", func(r *http.Request, status int, _ http.Header) int {
			if _, reference := Target(r); status == http.StatusBadRequest && isDigest(reference) {
				return http.StatusCreated
			}
			return status
		}),
	},
	{
		Name: "oci.manifest-invalid-201", Group: "manifest",
		Text: "What is no manifest is acknowledged.",
		Front: EditResponse("PutManifest", func(_ *http.Request, resp *Response) {
			if strings.Contains(string(resp.Body), "MANIFEST_INVALID") {
				resp.Status = http.StatusCreated
			}
		}),
	},
	{
		Name: "oci.blob-unknown-unnamed", Group: "manifest",
		Text: "A manifest that lacks a blob is refused as invalid.",
		Front: EditResponse("PutManifest", func(_ *http.Request, resp *Response) {
			resp.Body = []byte(strings.ReplaceAll(string(resp.Body), "MANIFEST_BLOB_UNKNOWN", "MANIFEST_INVALID"))
		}),
	},
	{
		Name: "oci.tag-keeps-first", Group: "manifest",
		Text: "A tag that exists stays where it is, and the push succeeds.",
		Front: On("PutManifest", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			repository, reference := Target(r)
			old := look(next, r, http.MethodGet, repository, reference)
			resp := record(next, r)
			if resp.Status == http.StatusCreated && old.Status == http.StatusOK && !isDigest(reference) {
				back := sub(r, http.MethodPut, "/v2/"+repository+"/manifests/"+reference, old.Body)
				back.Header.Set("Content-Type", old.Header.Get("Content-Type"))
				record(next, back)
			}
			resp.send(w, r)
		}),
	},
	{
		Name: "oci.tag-move-deletes", Group: "manifest",
		Text: "The manifest that a tag leaves is deleted.",
		Front: On("PutManifest", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			repository, reference := Target(r)
			old := look(next, r, http.MethodHead, repository, reference).Header.Get("Docker-Content-Digest")
			resp := record(next, r)
			if resp.Status == http.StatusCreated && old != "" && old != resp.Header.Get("Docker-Content-Digest") && !isDigest(reference) {
				right := r.Context().Value(ticketsKey{}).(tickets).tokens.rights(everything(repository))
				record(next, place{repository, right}.at(r, http.MethodDelete, "manifests/"+old))
			}
			resp.send(w, r)
		}),
	},
	{
		Name: "oci.manifest-over-1mb-413", Group: "manifest",
		Text: "A manifest of more than 1 MiB is refused.",
		Front: On("PutManifest", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.ContentLength > 1<<20 {
				keepBody(r)
				Refuse(w, http.StatusRequestEntityTooLarge, "MANIFEST_INVALID", "too large")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.manifest-too-large-400", Group: "manifest",
		Text:  "A manifest over the limit answers 400.",
		Front: turn("PutManifest", http.StatusRequestEntityTooLarge, http.StatusBadRequest),
	},
	{
		Name: "oci.tag-parameter-ignored", Group: "manifest",
		Text:  "The tags that come with a manifest are ignored.",
		Front: EditRequest("PutManifest", func(r *http.Request) { r.URL.RawQuery = "" }),
	},
	{
		Name: "oci.tag-parameter-first-only", Group: "manifest",
		Text: "Of the tags that come with a manifest, the first is made and all are acknowledged.",
		Front: On("PutManifest", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			tags := r.URL.Query()["tag"]
			if len(tags) > 1 {
				r.URL.RawQuery = "tag=" + tags[0]
				w = &answer.HeaderEditor{ResponseWriter: w, Edit: func(status int, h http.Header) int {
					h["Oci-Tag"] = tags
					return status
				}}
			}
			next.ServeHTTP(w, r)
		}),
	},
}

// kindFaults refuse, or change, some kinds of manifest.
var kindFaults = []Fault{
	{
		Name: "oci.index-refused", Group: "content",
		Text: "Indexes are refused.",
		Front: refuseWhen("PutManifest", http.StatusUnsupportedMediaType, "MANIFEST_INVALID", func(r *http.Request) bool {
			return r.Header.Get("Content-Type") == indexType
		}),
	},
	{
		Name: "oci.index-resolved", Group: "content",
		Text: "An index that has images comes back as the first of them.",
		Front: On("GetManifest", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			repository, _ := Target(r)
			resp := record(next, r)
			var doc struct{ Manifests []descriptor }
			if resp.Status == http.StatusOK && json.Unmarshal(resp.Body, &doc) == nil && len(doc.Manifests) > 0 && doc.Manifests[0].MediaType == imageType {
				resp = look(next, r, http.MethodGet, repository, doc.Manifests[0].Digest)
			}
			resp.send(w, r)
		}),
	},
	{
		Name: "oci.nested-index-refused", Group: "content",
		Text: "An index that lists an index is refused.",
		Front: refuseBody(func(doc map[string]any) bool {
			for _, m := range list(doc["manifests"]) {
				if m["mediaType"] == indexType {
					return true
				}
			}
			return false
		}),
	},
	{
		Name: "oci.empty-index-refused", Group: "content",
		Text: "An index that lists nothing is refused.",
		Front: refuseBody(func(doc map[string]any) bool {
			all, ok := doc["manifests"].([]any)
			return ok && len(all) == 0
		}),
	},
	{
		Name: "oci.artifact-refused", Group: "content",
		Text: "A manifest whose configuration isn't that of an image is refused.",
		Front: refuseBody(func(doc map[string]any) bool {
			config, ok := doc["config"].(map[string]any)
			return ok && config["mediaType"] != "application/vnd.oci.image.config.v1+json"
		}),
	},
	{
		Name: "oci.no-layers-refused", Group: "content",
		Text: "A manifest without layers is refused.",
		Front: refuseBody(func(doc map[string]any) bool {
			all, ok := doc["layers"].([]any)
			return ok && len(all) == 0
		}),
	},
	{
		Name: "oci.data-field-refused", Group: "content",
		Text: "A manifest with data in a descriptor is refused.",
		Front: refuseBody(func(doc map[string]any) bool {
			config, _ := doc["config"].(map[string]any)
			return config["data"] != nil
		}),
	},
}

func list(v any) []map[string]any {
	all, _ := v.([]any)
	var out []map[string]any
	for _, one := range all {
		if m, ok := one.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// refuseBody refuses the manifests whose document is so.
func refuseBody(when func(doc map[string]any) bool) func(http.Handler) http.Handler {
	return refuseWhen("PutManifest", http.StatusBadRequest, "MANIFEST_INVALID", func(r *http.Request) bool {
		body, err := keepBody(r)
		doc := map[string]any{}
		return err == nil && json.Unmarshal(body, &doc) == nil && when(doc)
	})
}
