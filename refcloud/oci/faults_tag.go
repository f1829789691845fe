package oci

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

var tagFaults = []Fault{
	{
		Name: "oci.tags-unsorted", Group: "tags",
		Text:  "Tags are listed newest first, whatever their names.",
		Front: editTags(func(_ *http.Request, tags []string) []string { slices.Reverse(tags); return tags }),
	},
	{
		Name: "oci.tags-lose-last", Group: "tags",
		Text: "A list of more than two tags lacks its last.",
		Front: editTags(func(_ *http.Request, tags []string) []string {
			if len(tags) > 2 {
				return tags[:len(tags)-1]
			}
			return tags
		}),
	},
	{
		Name: "oci.tags-name-short", Group: "tags",
		Text: "A list of tags names the repository without its namespace.",
		Front: EditDocument("ListTags", func(_ *http.Request, doc map[string]any) {
			if name, ok := doc["name"].(string); ok {
				doc["name"] = name[strings.Index(name, "/")+1:]
			}
		}),
	},
	{
		Name: "oci.tags-null", Group: "tags",
		Text: "A list of tags answers text instead of JSON.",
		Front: EditResponse("ListTags", func(_ *http.Request, resp *Response) {
			var doc struct{ Tags []string }
			if resp.Status == http.StatusOK && json.Unmarshal(resp.Body, &doc) == nil && len(doc.Tags) > 0 {
				resp.Body = []byte(strings.Join(doc.Tags, "\n"))
			}
		}),
	},
	{
		Name: "oci.tags-page-ignored", Group: "tags",
		Text: "The size of a page of tags is ignored.",
		Front: EditRequest("ListTags", func(r *http.Request) {
			query := r.URL.Query()
			if query.Get("n") != "0" {
				query.Del("n")
			}
			r.URL.RawQuery = query.Encode()
		}),
	},
	{
		Name: "oci.tags-page-short", Group: "tags",
		Text: "A page of tags is one short, and says nothing of more.",
		Front: On("ListTags", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if n := r.URL.Query().Get("n"); n != "2" {
				next.ServeHTTP(w, r)
				return
			}
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "n=2", "n=1", 1)
			DropHeader("ListTags", "Link")(next).ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.tags-link-loops", Group: "tags",
		Text: "The Link of a page of tags leads to itself.",
		Front: EditHeader("ListTags", func(r *http.Request, status int, h http.Header) int {
			if h.Get("Link") != "" {
				h.Set("Link", "<"+r.URL.RequestURI()+`>; rel="next"`)
			}
			return status
		}),
	},
	{
		Name: "oci.tags-last-inclusive", Group: "tags",
		Text: "A list that begins after a tag begins with it.",
		Front: On("ListTags", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			last := r.URL.Query().Get("last")
			if last == "" {
				next.ServeHTTP(w, r)
				return
			}
			editTags(func(_ *http.Request, tags []string) []string { return append([]string{last}, tags...) })(next).ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.tags-last-ignored", Group: "tags",
		Text: "A list that should begin after a tag begins at the beginning.",
		Front: EditRequest("ListTags", func(r *http.Request) {
			query := r.URL.Query()
			query.Del("last")
			r.URL.RawQuery = query.Encode()
		}),
	},
	{
		Name: "oci.tags-zero-is-all", Group: "tags",
		Text: "A page of zero tags has them all.",
		Front: EditRequest("ListTags", func(r *http.Request) {
			if r.URL.Query().Get("n") == "0" {
				r.URL.RawQuery = ""
			}
		}),
	},
	{
		Name: "oci.tags-missing-empty", Group: "tags",
		Text: "A repository that isn't there has an empty list of tags.",
		Front: EditResponse("ListTags", func(r *http.Request, resp *Response) {
			if repository, _ := Target(r); resp.Status == http.StatusNotFound {
				resp.Status, resp.Body = http.StatusOK, []byte(`{"name":"`+repository+`","tags":[]}`)
			}
		}),
	},
	{
		Name: "oci.tags-lower-case", Group: "tags",
		Text: "Tags are kept in lower case.",
		Front: EditRequest("GetManifest HeadManifest PutManifest", func(r *http.Request) {
			if repository, reference := Target(r); !isDigest(reference) {
				r.URL.Path = "/v2/" + repository + "/manifests/" + strings.ToLower(reference)
			}
		}),
	},
	{
		Name: "oci.tags-64-characters", Group: "tags",
		Text: "Tags of more than 64 characters are refused.",
		Front: refuseWhen("PutManifest", http.StatusBadRequest, "NAME_INVALID", func(r *http.Request) bool {
			_, reference := Target(r)
			return !isDigest(reference) && len(reference) > 64
		}),
	},
}

func editTags(edit func(r *http.Request, tags []string) []string) func(http.Handler) http.Handler {
	return EditDocument("ListTags", func(r *http.Request, doc map[string]any) {
		var tags []string
		all, _ := doc["tags"].([]any)
		for _, one := range all {
			if tag, ok := one.(string); ok {
				tags = append(tags, tag)
			}
		}
		doc["tags"] = append([]string{}, edit(r, tags)...)
	})
}
