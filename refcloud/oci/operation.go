package oci

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// paths are the shapes of the registry's addresses: the repository's name may have
// slashes in it.
var paths = []struct {
	shape *regexp.Regexp
	names map[string]string // method -> operation
}{
	{regexp.MustCompile(`^/v2/(.+)/blobs/uploads/?()$`), map[string]string{"POST": "StartUpload"}},
	{regexp.MustCompile(`^/v2/(.+)/blobs/uploads/([^/]+)$`), map[string]string{
		"GET": "UploadStatus", "PATCH": "PatchUpload", "PUT": "PutUpload", "DELETE": "CancelUpload",
	}},
	{regexp.MustCompile(`^/v2/(.+)/blobs/([^/]+)$`), map[string]string{"GET": "GetBlob", "HEAD": "HeadBlob", "DELETE": "DeleteBlob"}},
	{regexp.MustCompile(`^/v2/(.+)/manifests/([^/]+)$`), map[string]string{
		"GET": "GetManifest", "HEAD": "HeadManifest", "PUT": "PutManifest", "DELETE": "DeleteManifest",
	}},
	{regexp.MustCompile(`^/v2/(.+)/tags/list()$`), map[string]string{"GET": "ListTags"}},
	{regexp.MustCompile(`^/v2/(.+)/referrers/([^/]+)$`), map[string]string{"GET": "ListReferrers"}},
	{regexp.MustCompile(`^/v2/()_catalog()$`), map[string]string{"GET": "Catalog"}},
	{regexp.MustCompile(`^/v2/()()$`), map[string]string{"GET": "Ping"}},
	{regexp.MustCompile(`^/token()()$`), map[string]string{"GET": "Token"}},
}

// Operation names what a request asks for, "" if it is nothing known.
func Operation(r *http.Request) string {
	op, _, _ := route(r)
	return op
}

// Target returns the repository of a request and what it names there: a tag, a
// digest, an upload.
func Target(r *http.Request) (repository, reference string) {
	_, repository, reference = route(r)
	return repository, reference
}

func route(r *http.Request) (op, repository, reference string) {
	for _, p := range paths {
		if m := p.shape.FindStringSubmatch(r.URL.Path); m != nil {
			return p.names[r.Method], m[1], m[2]
		}
	}
	return "", "", ""
}

// oneOf matches operations separated by spaces, or "*" for all.
func oneOf(operations string) func(*http.Request) bool {
	if operations == "*" {
		return func(*http.Request) bool { return true }
	}
	names := strings.Fields(operations)
	return func(r *http.Request) bool { return slices.Contains(names, Operation(r)) }
}

// isDigest tells a digest from a tag.
func isDigest(reference string) bool { return strings.Contains(reference, ":") }
