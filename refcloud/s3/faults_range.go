package s3

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
)

var rangeFaults = []Fault{
	{
		Name: "s3.range-end-exclusive", Group: "range",
		Text: "A range ends a byte early, as if its last position were exclusive.",
		Front: rewriteRange(func(first, last int, spec string) string {
			if first < 0 || last < 0 {
				return spec
			}
			return fmt.Sprintf("bytes=%d-%d", first, last-1)
		}),
	},
	{
		Name: "s3.range-suffix-from-start", Group: "range",
		Text: "A suffix range is read as one from the start of the object.",
		Front: rewriteRange(func(first, last int, spec string) string {
			if first < 0 {
				return fmt.Sprintf("bytes=0-%d", last-1)
			}
			return spec
		}),
	},
	{
		Name: "s3.range-open-ignored", Group: "range",
		Text: "A range without an end is ignored.",
		Front: rewriteRange(func(_, last int, spec string) string {
			if last < 0 {
				return ""
			}
			return spec
		}),
	},
	{
		Name: "s3.range-reversed-swapped", Group: "range",
		Text: "A range whose end comes before its start is read the other way round.",
		Front: rewriteRange(func(first, last int, spec string) string {
			if last >= 0 && first > last {
				return fmt.Sprintf("bytes=%d-%d", last, first)
			}
			return spec
		}),
	},
	{
		Name: "s3.range-beyond-end-416", Group: "range",
		Text:    "A range that goes beyond the end of the object is refused.",
		Backend: func(next backend.Backend) backend.Backend { return rangeNotClipped{next} },
	},
	{
		Name: "s3.range-unit-416", Group: "range",
		Text: "A range in an unknown unit is refused.",
		Front: On("GetObject", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if spec := r.Header.Get("Range"); spec != "" && !strings.HasPrefix(spec, "bytes=") {
				Refuse(w, r, http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "s3.range-outside-empty", Group: "range",
		Text: "A range outside the object is answered 206 without a body.",
		Front: EditResponse("GetObject", func(_ *http.Request, resp *Response) {
			if resp.Status == http.StatusRequestedRangeNotSatisfiable {
				resp.Status, resp.Body = http.StatusPartialContent, nil
			}
		}),
	},
	{
		Name: "s3.range-part-etag", Group: "range",
		Text: "A part of an object bears an ETag of its own.",
		Front: EditHeader("GetObject", func(_ *http.Request, status int, h http.Header) int {
			if status == http.StatusPartialContent {
				h.Set("ETag", `"`+hexID(16)+`"`)
			}
			return status
		}),
	},
}

// rewriteRange edits the Range header of reads: its two positions, -1 for one
// that is missing, and its text. The SDKs do not sign this header by default,
// our checks do.
func rewriteRange(edit func(first, last int, spec string) string) func(http.Handler) http.Handler {
	return EditRequest("GetObject", func(r *http.Request) bool {
		spec := r.Header.Get("Range")
		first, last, ok := positions(spec)
		if !ok {
			return false
		}
		edited := edit(first, last, spec)
		if edited == "" {
			r.Header.Del("Range")
		} else {
			r.Header.Set("Range", edited)
		}
		return edited != spec
	})
}

// positions reads a range of bytes; a position that is missing is -1.
func positions(spec string) (first, last int, ok bool) {
	from, to, ok := strings.Cut(strings.TrimPrefix(spec, "bytes="), "-")
	if !ok || !strings.HasPrefix(spec, "bytes=") {
		return 0, 0, false
	}
	first, last = -1, -1
	_, _ = fmt.Sscan(from, &first)
	_, _ = fmt.Sscan(to, &last)
	return first, last, true
}

type rangeNotClipped struct{ backend.Backend }

func (b rangeNotClipped) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	if in.Range == nil {
		return b.Backend.GetObject(ctx, in)
	}
	head, err := b.HeadObject(ctx, &s3.HeadObjectInput{Bucket: in.Bucket, Key: in.Key, VersionId: in.VersionId})
	if err == nil && head.ContentLength != nil {
		size := int(*head.ContentLength)
		if first, last, ok := positions(*in.Range); ok && (last >= size && first < size || first < 0 && last > size) {
			return nil, s3err.GetInvalidRangeErr(*in.Range, *head.ContentLength)
		}
	}
	return b.Backend.GetObject(ctx, in)
}
