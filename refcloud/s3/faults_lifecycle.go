package s3

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
)

var lifecycleFaults = []Fault{
	{
		Name: "s3.lifecycle-first-rule-only", Group: "lifecycle",
		Text: "Of several lifecycle rules the first one is returned.",
		Front: EditXML("GetBucketLifecycleConfiguration", func(_ *http.Request, doc string) string {
			seen := false
			return Each(doc, "Rule", func(rule string) string {
				if seen {
					return ""
				}
				seen = true
				return rule
			})
		}),
	},
	{
		Name: "s3.lifecycle-merged", Group: "lifecycle",
		Text:  "New lifecycle rules are added to the old ones.",
		Front: lifecycleMerged,
	},
	{
		Name: "s3.lifecycle-missing-empty", Group: "lifecycle",
		Text: "GetBucketLifecycleConfiguration of a bucket without rules is answered 200 with an empty document.",
		Front: EditResponse("GetBucketLifecycleConfiguration", func(_ *http.Request, resp *Response) {
			if resp.Status == http.StatusNotFound {
				resp.Status, resp.Body = http.StatusOK, []byte("<LifecycleConfiguration/>")
			}
		}),
	},
	{
		Name: "s3.lifecycle-expiration-only", Group: "lifecycle",
		Text: "Lifecycle rules on old versions and unfinished uploads are lost.",
		Front: EditXML("GetBucketLifecycleConfiguration", func(_ *http.Request, doc string) string {
			return Cut(Cut(doc, "NoncurrentVersionExpiration"), "AbortIncompleteMultipartUpload")
		}),
	},
	{
		Name: "s3.lifecycle-filter-tags-lost", Group: "lifecycle",
		Text: "Lifecycle filters lose their tags.",
		Front: EditXML("GetBucketLifecycleConfiguration", func(_ *http.Request, doc string) string {
			return Cut(doc, "Tag")
		}),
	},
	{
		Name: "s3.lifecycle-unchecked", Group: "lifecycle",
		Text:  "Lifecycle rules that make no sense are answered 200.",
		Front: swallow("PutBucketLifecycleConfiguration", "InvalidArgument", "MalformedXML"),
	},
}

// lifecycleMerged keeps the rules of each bucket and writes them again with the
// new ones.
func lifecycleMerged(next http.Handler) http.Handler {
	var rules sync.Map // text of the last rules, by path
	return EditRequest("PutBucketLifecycleConfiguration", func(r *http.Request) bool {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return false
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		doc := string(body)
		from, to := strings.Index(doc, "<Rule>"), strings.LastIndex(doc, "</Rule>")
		if from < 0 || to < 0 {
			return false
		}
		to += len("</Rule>")
		old, _ := rules.Swap(r.URL.Path, doc[from:to])
		if old == nil {
			return false
		}
		SetBody(r, []byte(doc[:from]+old.(string)+doc[from:]))
		return true
	})(next)
}
