package s3

import (
	"context"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
)

// readFaults: what goes wrong on the way out.
var readFaults = []Fault{
	{
		Name: "s3.block-end-lost", Group: "read",
		Text:    "An object whose length is a multiple of 4,096 loses its last byte when read whole.",
		Backend: func(next backend.Backend) backend.Backend { return blockEndLost{next} },
	},
	{
		Name: "s3.torn-reads", Group: "read",
		Text:    "An object of more than 32 KiB is read in two halves, between which it may be overwritten.",
		Backend: func(next backend.Backend) backend.Backend { return tornReads{next} },
	},
	{
		Name: "s3.get-cached", Group: "read",
		Text:  "Reads are answered from a cache of two seconds that writes don't clear.",
		Front: cachedReads,
	},
	{
		Name: "s3.etag-unquoted", Group: "read",
		Text: "The ETag header bears no quotes.",
		Front: EditHeader("PutObject GetObject HeadObject", func(_ *http.Request, status int, h http.Header) int {
			h.Set("ETag", strings.Trim(h.Get("ETag"), `"`))
			return status
		}),
	},
	{
		Name: "s3.head-without-length", Group: "read",
		Text: "The answer to HEAD doesn't give the length of the object.",
		Front: EditHeader("HeadObject", func(_ *http.Request, status int, h http.Header) int {
			h.Del("Content-Length")
			return status
		}),
	},
	{
		Name: "s3.head-without-metadata", Group: "read",
		Text: "The answer to HEAD lacks the user metadata.",
		Front: EditHeader("HeadObject", func(_ *http.Request, status int, h http.Header) int {
			maps.DeleteFunc(h, func(name string, _ []string) bool { return strings.HasPrefix(name, "X-Amz-Meta-") })
			return status
		}),
	},
	{
		Name: "s3.head-missing-403", Group: "read",
		Text: "HEAD of a missing key is answered 403, even to the bucket's owner.",
		Front: EditHeader("HeadObject", func(_ *http.Request, status int, _ http.Header) int {
			if status == http.StatusNotFound {
				return http.StatusForbidden
			}
			return status
		}),
	},
	{
		Name: "s3.last-modified-iso", Group: "read",
		Text: "Last-Modified is written in the format of ISO 8601.",
		Front: EditHeader("GetObject HeadObject", func(_ *http.Request, status int, h http.Header) int {
			if at, err := http.ParseTime(h.Get("Last-Modified")); err == nil {
				h.Set("Last-Modified", at.Format(time.RFC3339))
			}
			return status
		}),
	},
	{
		Name: "s3.response-overrides-ignored", Group: "read",
		Text: "The parameters response-content-type and its like have no effect.",
		Front: EditRequest("GetObject", func(r *http.Request) bool {
			query, dropped := r.URL.Query(), false
			for name := range query {
				if strings.HasPrefix(name, "response-") {
					query.Del(name)
					dropped = true
				}
			}
			if dropped {
				r.URL.RawQuery = query.Encode()
				r.RequestURI = r.URL.RequestURI()
			}
			return dropped
		}),
	},
	{
		Name: "s3.attributes-without-size", Group: "read",
		Text:  "GetObjectAttributes doesn't give the size.",
		Front: EditXML("GetObjectAttributes", func(_ *http.Request, doc string) string { return Cut(doc, "ObjectSize") }),
	},
	{
		Name: "s3.attributes-unknown-accepted", Group: "read",
		Text: "GetObjectAttributes answers as if the attributes that it doesn't know had not been asked for.",
		Front: EditRequest("GetObjectAttributes", func(r *http.Request) bool {
			var known []string
			asked := strings.Split(strings.Join(r.Header.Values("X-Amz-Object-Attributes"), ","), ",")
			for _, name := range asked {
				if slices.Contains(attributes, strings.TrimSpace(name)) {
					known = append(known, name)
				}
			}
			if len(known) == len(asked) {
				return false
			}
			r.Header.Set("X-Amz-Object-Attributes", strings.Join(append(known, "ETag"), ","))
			return true
		}),
	},
}

var attributes = []string{"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"}

type blockEndLost struct{ backend.Backend }

func (b blockEndLost) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	out, err := b.Backend.GetObject(ctx, in)
	if err != nil || out.Body == nil || out.ContentLength == nil || (in.Range != nil && *in.Range != "") {
		return out, err
	}
	if n := *out.ContentLength; n > 0 && n%4096 == 0 {
		n--
		out.ContentLength, out.Body = &n, cut{io.LimitReader(out.Body, n), out.Body}
	}
	return out, nil
}

// cut is the beginning of a body.
type cut struct {
	io.Reader
	io.Closer
}

type tornReads struct{ backend.Backend }

// GetObject reads the second half of an object once the first is on its way.
func (b tornReads) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	out, err := b.Backend.GetObject(ctx, in)
	if err != nil || out.Body == nil || out.ContentLength == nil || *out.ContentLength < 32<<10 || (in.Range != nil && *in.Range != "") {
		return out, err
	}
	n := *out.ContentLength
	first := make([]byte, n/2)
	if _, err := io.ReadFull(out.Body, first); err != nil {
		return nil, err
	}
	time.Sleep(40 * time.Millisecond)
	again, err := b.Backend.GetObject(ctx, &s3.GetObjectInput{Bucket: in.Bucket, Key: in.Key, VersionId: in.VersionId, Range: in.Range})
	if err != nil {
		return nil, err
	}
	defer again.Body.Close()
	if _, err := io.CopyN(io.Discard, again.Body, n/2); err != nil {
		return nil, err
	}
	second, err := io.ReadAll(again.Body)
	if err != nil {
		return nil, err
	}
	rest := out.Body
	out.Body = cut{io.MultiReader(strings.NewReader(string(first)), strings.NewReader(string(second))), rest}
	return out, nil
}

// cachedReads keeps the answers to plain reads, found or not.
func cachedReads(next http.Handler) http.Handler {
	type kept struct {
		resp  *Response
		until time.Time
	}
	var mu sync.Mutex
	cache := map[string]kept{}
	return On("GetObject", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.RawQuery != "" || r.Header.Get("Range") != "" || r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Match") != "" {
			next.ServeHTTP(w, r)
			return
		}
		mu.Lock()
		k, ok := cache[r.RequestURI]
		mu.Unlock()
		if !ok || time.Now().After(k.until) {
			k = kept{record(next, w, r), time.Now().Add(2 * time.Second)}
			mu.Lock()
			cache[r.RequestURI] = k
			mu.Unlock()
		}
		resp := *k.resp
		resp.Header = k.resp.Header.Clone()
		resp.send(w, r)
	})(next)
}
