package oci

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/opencontainers/go-digest"
)

// The media types of the image specification.
const (
	imageType = "application/vnd.oci.image.manifest.v1+json"
	indexType = "application/vnd.oci.image.index.v1+json"
)

// descriptor is what a list of referrers says of one.
type descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       string            `json:"digest"`
	Size         int               `json:"size"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
}

// referrers plays the referrers API, which the registry lacks: it remembers the
// subject of each manifest that passes. Who may list is asked of the registry.
type referrers struct {
	next http.Handler
	mu   sync.Mutex
	// repository -> subject -> referrer
	known map[string]map[string]map[string]descriptor
}

func newReferrers(next http.Handler) http.Handler {
	return &referrers{next: next, known: map[string]map[string]map[string]descriptor{}}
}

// ServeHTTP answers for the list, and watches what changes it.
func (f *referrers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch Operation(r) {
	case "ListReferrers":
		f.list(w, r)
	case "PutManifest":
		f.put(w, r)
	case "DeleteManifest":
		resp := record(f.next, r)
		if repository, reference := Target(r); resp.Status == http.StatusAccepted && isDigest(reference) {
			f.forget(repository, reference)
		}
		resp.send(w, r)
	default:
		f.next.ServeHTTP(w, r)
	}
}

func (f *referrers) list(w http.ResponseWriter, r *http.Request) {
	repository, subject := Target(r)
	if asked := record(f.next, sub(r, http.MethodGet, "/v2/"+repository+"/tags/list?n=0", nil)); asked.Status != http.StatusOK {
		asked.send(w, r)
		return
	}
	if _, err := digest.Parse(subject); err != nil {
		Refuse(w, http.StatusBadRequest, "DIGEST_INVALID", "the subject is not a digest")
		return
	}
	only := r.URL.Query().Get("artifactType")
	f.mu.Lock()
	found := slices.SortedFunc(maps.Values(f.known[repository][subject]), func(a, b descriptor) int { return cmp.Compare(a.Digest, b.Digest) })
	f.mu.Unlock()
	if only != "" {
		found = slices.DeleteFunc(found, func(d descriptor) bool { return d.ArtifactType != only })
		w.Header().Set("OCI-Filters-Applied", "artifactType")
	}
	w.Header().Set("Content-Type", indexType)
	json.NewEncoder(w).Encode(map[string]any{"schemaVersion": 2, "mediaType": indexType, "manifests": append([]descriptor{}, found...)})
}

func (f *referrers) put(w http.ResponseWriter, r *http.Request) {
	body, err := keepBody(r)
	if err != nil {
		return // the client went away
	}
	resp := record(f.next, r)
	var doc struct {
		MediaType    string
		ArtifactType string
		Annotations  map[string]string
		Config       struct{ MediaType string }
		Subject      *struct{ Digest string }
	}
	if resp.Status == http.StatusCreated && json.Unmarshal(body, &doc) == nil && doc.Subject != nil {
		repository, reference := Target(r)
		if !isDigest(reference) {
			reference = digest.FromBytes(body).String()
		}
		resp.Header.Set("OCI-Subject", doc.Subject.Digest)
		f.learn(repository, doc.Subject.Digest, descriptor{
			MediaType: cmp.Or(doc.MediaType, r.Header.Get("Content-Type")), Digest: reference, Size: len(body),
			ArtifactType: cmp.Or(doc.ArtifactType, doc.Config.MediaType), Annotations: doc.Annotations,
		})
	}
	resp.send(w, r)
}

func (f *referrers) learn(repository, subject string, d descriptor) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known[repository] == nil {
		f.known[repository] = map[string]map[string]descriptor{}
	}
	if f.known[repository][subject] == nil {
		f.known[repository][subject] = map[string]descriptor{}
	}
	f.known[repository][subject][d.Digest] = d
}

func (f *referrers) forget(repository, manifest string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for subject, list := range f.known[repository] {
		delete(list, manifest)
		if len(list) == 0 {
			delete(f.known[repository], subject)
		}
	}
}
