package oci

import (
	"encoding/json"
	"net/http"

	"github.com/opencontainers/go-digest"
)

func byTag(r *http.Request) bool {
	_, reference := Target(r)
	return !isDigest(reference)
}

func byDigest(r *http.Request) bool { return !byTag(r) }

func always(*http.Request) bool { return true }

// emptyConfig is the digest of {}, the configuration of every artifact.
var emptyConfig = digest.FromString("{}").String()

var deleteFaults = []Fault{
	{
		Name: "oci.tag-delete-405", Group: "delete",
		Text:  "Tags can't be deleted.",
		Front: refuseWhen("DeleteManifest", http.StatusMethodNotAllowed, "UNSUPPORTED", byTag),
	},
	{
		Name: "oci.tag-delete-ignored", Group: "delete",
		Text:  "Deleting a tag is acknowledged and not done.",
		Front: pretend("DeleteManifest", byTag),
	},
	{
		Name: "oci.tag-delete-takes-manifest", Group: "delete",
		Text: "Deleting a tag deletes its manifest, with its other tags.",
		Front: On("DeleteManifest", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			repository, reference := Target(r)
			if target := look(next, r, http.MethodHead, repository, reference).Header.Get("Docker-Content-Digest"); byTag(r) && target != "" {
				r.URL.Path = "/v2/" + repository + "/manifests/" + target
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.manifest-delete-200", Group: "delete",
		Text:  "Deleting a manifest answers 200.",
		Front: turn("DeleteManifest", http.StatusAccepted, http.StatusOK),
	},
	{
		Name: "oci.manifest-delete-ignored", Group: "delete",
		Text:  "Deleting a manifest is acknowledged and not done.",
		Front: pretend("DeleteManifest", byDigest),
	},
	{
		Name: "oci.manifest-delete-takes-layers", Group: "delete",
		Text: "Deleting a manifest deletes its layers, whoever needs them.",
		Front: On("DeleteManifest", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			repository, reference := Target(r)
			var doc struct{ Layers []descriptor }
			_ = json.Unmarshal(look(next, r, http.MethodGet, repository, reference).Body, &doc)
			resp := record(next, r)
			if resp.Status == http.StatusAccepted {
				for _, layer := range doc.Layers {
					record(next, sub(r, http.MethodDelete, "/v2/"+repository+"/blobs/"+layer.Digest, nil))
				}
			}
			resp.send(w, r)
		}),
	},
	{
		Name: "oci.manifest-delete-missing-202", Group: "delete",
		Text:  "Deleting a manifest that isn't there is acknowledged.",
		Front: turn("DeleteManifest", http.StatusNotFound, http.StatusAccepted),
	},
	{
		Name: "oci.blob-delete-405", Group: "delete",
		Text:  "Blobs can't be deleted.",
		Front: refuseWhen("DeleteBlob", http.StatusMethodNotAllowed, "UNSUPPORTED", always),
	},
	{
		Name: "oci.blob-delete-ignored", Group: "delete",
		Text:  "Deleting a blob is acknowledged and not done.",
		Front: pretend("DeleteBlob", always),
	},
	{
		Name: "oci.blob-delete-missing-202", Group: "delete",
		Text:  "Deleting a blob that isn't there is acknowledged.",
		Front: turn("DeleteBlob", http.StatusNotFound, http.StatusAccepted),
	},
	{
		Name: "oci.blob-delete-everywhere", Group: "delete",
		Text: "Deleting a blob deletes it from every repository.",
		Front: remembering(func(m *memory[[]place], w http.ResponseWriter, r *http.Request, next http.Handler) {
			repository, reference := Target(r)
			switch Operation(r) {
			case "PutUpload":
				pushed := r.URL.Query().Get("digest")
				places, _ := m.get(pushed)
				m.note(pushed, append(places, place{repository, r.Header.Get("Authorization")}))
			case "DeleteBlob":
				places, _ := m.get(reference)
				for _, p := range places {
					if p.repository != repository && reference != emptyConfig {
						record(next, p.at(r, http.MethodDelete, "blobs/"+reference))
					}
				}
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.blob-tombstone", Group: "delete",
		Text: "A blob that was deleted can be pushed again, and isn't found.",
		Front: remembering(func(m *memory[bool], w http.ResponseWriter, r *http.Request, next http.Handler) {
			repository, reference := Target(r)
			gone, _ := m.get(repository + "@" + reference)
			switch op := Operation(r); {
			case op == "DeleteBlob":
				m.note(repository+"@"+reference, true)
			case gone && (op == "GetBlob" || op == "HeadBlob"):
				Refuse(w, http.StatusNotFound, "BLOB_UNKNOWN", "deleted")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
}
