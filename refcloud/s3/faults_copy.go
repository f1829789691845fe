package s3

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3response"
)

const (
	sourceHeader    = "X-Amz-Copy-Source"
	directiveHeader = "X-Amz-Metadata-Directive"
	tagsDirective   = "X-Amz-Tagging-Directive"
	tagsHeader      = "X-Amz-Tagging"
)

var copyFaults = []Fault{
	{
		Name: "s3.copy-moves", Group: "copy",
		Text: "A copy deletes its source.",
		Front: On("CopyObject", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			resp := record(next, w, r)
			if resp.Status < 300 && !selfCopy(r) {
				also(next, r, http.MethodDelete, "/"+strings.TrimPrefix(r.Header.Get(sourceHeader), "/"))
			}
			resp.send(w, r)
		}),
	},
	{
		Name: "s3.copy-one-bucket-only", Group: "copy",
		Text: "A copy from another bucket is not implemented.",
		Front: On("CopyObject", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			to, _ := Target(r)
			if from, _, _ := strings.Cut(copySource(r), "/"); from != to {
				Refuse(w, r, http.StatusNotImplemented, "NotImplemented", "Copies stay within a bucket.")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "s3.copy-result-without-etag", Group: "copy",
		Text:  "The answer to a copy has no ETag.",
		Front: EditXML("CopyObject", func(_ *http.Request, doc string) string { return Cut(doc, "ETag") }),
	},
	{
		Name: "s3.copy-spares-target", Group: "copy",
		Text:    "A copy onto another object that exists is answered 200 and leaves that object as it was.",
		Backend: func(next backend.Backend) backend.Backend { return copySparesTarget{next} },
	},
	{
		Name: "s3.copy-is-link", Group: "copy",
		Text:  "A copy shows the bytes of its source when that is overwritten.",
		Front: linkCopies,
	},
	{
		Name: "s3.copy-loses-metadata", Group: "copy",
		Text: "A copy has none of the source's metadata.",
		Front: EditRequest("CopyObject", func(r *http.Request) bool {
			if directive := r.Header.Get(directiveHeader); selfCopy(r) || directive != "" && directive != "COPY" {
				return false
			}
			forgetMetadata(r)
			r.Header.Set(directiveHeader, "REPLACE")
			return true
		}),
	},
	{
		Name: "s3.copy-directive-ignored", Group: "copy",
		Text: "The metadata directive of a copy is ignored: what the request brings replaces the source's.",
		Front: EditRequest("CopyObject", func(r *http.Request) bool {
			if replaces(r) || r.Header.Get(directiveHeader) == "" {
				return false
			}
			r.Header.Set(directiveHeader, "REPLACE")
			return true
		}),
	},
	{
		Name: "s3.copy-replace-ignored", Group: "copy",
		Text: "The metadata of a copy can't be replaced.",
		Front: EditRequest("CopyObject", func(r *http.Request) bool {
			if !replaces(r) {
				return false
			}
			r.Header.Del(directiveHeader)
			return true
		}),
	},
	{
		Name: "s3.copy-onto-itself-200", Group: "copy",
		Text: "Copying an object onto itself without a change is answered 200.",
		Front: EditResponse("CopyObject", func(r *http.Request, resp *Response) {
			if selfCopy(r) && Inner(string(resp.Body), "Code") == "InvalidRequest" {
				resp.Status, resp.Body = http.StatusOK, copied(time.Now())
			}
		}),
	},
	{
		Name: "s3.copy-source-decoded-twice", Group: "copy",
		Text: "The name of a copy's source is decoded twice.",
		Front: EditRequest("CopyObject", func(r *http.Request) bool {
			once, err := url.PathUnescape(r.Header.Get(sourceHeader))
			if err != nil || once == r.Header.Get(sourceHeader) {
				return false
			}
			r.Header.Set(sourceHeader, once)
			return true
		}),
	},
	{
		Name: "s3.copy-missing-source-200", Group: "copy",
		Text: "A copy of what does not exist is answered 200 and makes nothing.",
		Front: EditResponse("CopyObject", func(_ *http.Request, resp *Response) {
			if resp.Status == http.StatusNotFound {
				resp.Status, resp.Body = http.StatusOK, copied(time.Now())
			}
		}),
	},
	{
		Name: "s3.copy-conditions-ignored", Group: "copy",
		Text: "The conditions on the source of a copy are ignored.",
		Front: EditRequest("CopyObject", func(r *http.Request) bool {
			for _, name := range []string{"Match", "None-Match", "Modified-Since", "Unmodified-Since"} {
				r.Header.Del("X-Amz-Copy-Source-If-" + name)
			}
			return true
		}),
	},
	{
		Name: "s3.copy-loses-tags", Group: "copy",
		Text: "A copy has none of the source's tags.",
		Front: EditRequest("CopyObject", func(r *http.Request) bool {
			if strings.EqualFold(r.Header.Get(tagsDirective), "REPLACE") {
				return false
			}
			r.Header.Del(tagsHeader)
			r.Header.Set(tagsDirective, "REPLACE")
			return true
		}),
	},
	{
		Name: "s3.copy-tags-kept", Group: "copy",
		Text: "The tags of a copy can't be replaced.",
		Front: EditRequest("CopyObject", func(r *http.Request) bool {
			r.Header.Del(tagsHeader)
			r.Header.Del(tagsDirective)
			return true
		}),
	},
}

// copySource is what a request copies, "bucket/key", decoded.
func copySource(r *http.Request) string {
	source, _ := url.PathUnescape(strings.TrimPrefix(r.Header.Get(sourceHeader), "/"))
	return source
}

func selfCopy(r *http.Request) bool { return "/"+copySource(r) == r.URL.Path }

func replaces(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get(directiveHeader), "REPLACE")
}

// forgetMetadata removes the metadata that a request brings.
func forgetMetadata(r *http.Request) {
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Amz-Meta-") {
			r.Header.Del(name)
		}
	}
	for _, name := range strings.Fields("Content-Type Content-Language Content-Encoding Content-Disposition Cache-Control Expires") {
		r.Header.Del(name)
	}
}

// copied is the document of a copy that was made.
func copied(at time.Time) []byte {
	return []byte(`<CopyObjectResult><ETag>"d41d8cd98f00b204e9800998ecf8427e"</ETag><LastModified>` +
		at.UTC().Format(time.RFC3339) + `</LastModified></CopyObjectResult>`)
}

type copySparesTarget struct{ backend.Backend }

func (b copySparesTarget) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	head, err := b.HeadObject(ctx, &s3.HeadObjectInput{Bucket: in.Bucket, Key: in.Key})
	if err != nil || ontoItself(in) {
		return b.Backend.CopyObject(ctx, in)
	}
	return s3response.CopyObjectOutput{CopyObjectResult: &s3response.CopyObjectResult{ETag: head.ETag, LastModified: head.LastModified}}, nil
}

// linkCopies reads a copy from its source once the source was overwritten.
func linkCopies(next http.Handler) http.Handler {
	var sources, overwritten sync.Map // paths
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch Operation(r) {
		case "CopyObject":
			sources.Store(r.URL.Path, "/"+copySource(r))
			overwritten.Delete("/" + copySource(r))
		case "PutObject":
			sources.Delete(r.URL.Path)
			overwritten.Store(r.URL.Path, true)
		case "GetObject":
			source, ok := sources.Load(r.URL.Path)
			if !ok {
				break
			}
			if _, ok := overwritten.Load(source); ok && source != r.URL.Path {
				resp := also(next, r, http.MethodGet, (&url.URL{Path: source.(string)}).EscapedPath())
				if resp.Status == http.StatusOK {
					resp.send(w, r)
					return
				}
			}
		}
		next.ServeHTTP(w, r)
	})
}
