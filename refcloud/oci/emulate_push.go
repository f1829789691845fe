package oci

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/distribution/distribution/v3/registry/auth/token"
)

// withTagParameter plays the tags that come with a manifest pushed by its digest.
func withTagParameter(next http.Handler) http.Handler {
	return On("PutManifest", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		repository, reference := Target(r)
		tags := r.URL.Query()["tag"]
		if len(tags) == 0 || !isDigest(reference) {
			next.ServeHTTP(w, r)
			return
		}
		body, err := keepBody(r)
		if err != nil {
			return // the client went away
		}
		resp := record(next, r)
		if resp.Status == http.StatusCreated {
			for _, tag := range tags {
				if tagged := record(next, sub(r, http.MethodPut, "/v2/"+repository+"/manifests/"+url.PathEscape(tag), body)); tagged.Status == http.StatusCreated {
					resp.Header.Add("OCI-Tag", tag)
				}
			}
		}
		resp.send(w, r)
	})(next)
}

// withSinglePost plays the upload of a blob by one POST, as a POST and a PUT.
func withSinglePost(next http.Handler) http.Handler {
	return On("StartUpload", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		digest := r.URL.Query().Get("digest")
		if digest == "" {
			next.ServeHTTP(w, r)
			return
		}
		body, err := keepBody(r)
		if err != nil {
			return // the client went away
		}
		repository, _ := Target(r)
		begun := record(next, sub(r, http.MethodPost, "/v2/"+repository+"/blobs/uploads/", nil))
		if begun.Status != http.StatusAccepted {
			begun.send(w, r)
			return
		}
		location := local(begun.Header.Get("Location"))
		done := record(next, sub(r, http.MethodPut, location+"&digest="+url.QueryEscape(digest), body))
		if done.Status != http.StatusCreated {
			abandon(next, r, location)
		}
		done.send(w, r)
	})(next)
}

// abandon cancels an upload, wherever it is.
func abandon(next http.Handler, r *http.Request, location string) {
	if now := record(next, sub(r, http.MethodGet, location, nil)); now.Status == http.StatusNoContent {
		record(next, sub(r, http.MethodDelete, local(now.Header.Get("Location")), nil))
	}
}

// withAnonymousMount plays a mount that doesn't say from where: any repository of
// the customer's will do. A session that the registry opens shows that the client
// may push.
func withAnonymousMount(next http.Handler, t *tokens, files shelf) http.Handler {
	return On("StartUpload", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		query := r.URL.Query()
		repository, _ := Target(r)
		namespace, _, _ := strings.Cut(repository, "/")
		if query.Get("mount") == "" || query.Get("from") != "" {
			next.ServeHTTP(w, r)
			return
		}
		begun := record(next, sub(r, http.MethodPost, "/v2/"+repository+"/blobs/uploads/", nil))
		from := files.repositoryWith(r.Context(), namespace, query.Get("mount"))
		if begun.Status != http.StatusAccepted || from == "" {
			begun.send(w, r)
			return
		}
		abandon(next, r, local(begun.Header.Get("Location")))
		mount := sub(r, http.MethodPost, "/v2/"+repository+"/blobs/uploads/?mount="+query.Get("mount")+"&from="+from, nil)
		mount.Header.Set("Authorization", t.rights(
			&token.ResourceActions{Type: "repository", Name: repository, Actions: []string{"pull", "push"}},
			&token.ResourceActions{Type: "repository", Name: from, Actions: []string{"pull"}},
		))
		record(next, mount).send(w, r)
	})(next)
}
