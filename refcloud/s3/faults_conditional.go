package s3

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3response"
)

var conditionalFaults = []Fault{
	{
		Name: "s3.if-match-ignored", Group: "conditional",
		Text:    "If-Match is ignored when an object is read.",
		Backend: onRead(func(_ bool, c *conditions) { c.match = nil }),
	},
	{
		Name: "s3.if-match-with-quotes", Group: "conditional",
		Text: "If-Match compares the quotes of an ETag with one that has none, so that it never holds.",
		Backend: onRead(func(_ bool, c *conditions) {
			if c.match != nil {
				quoted := `"` + *c.match + `"`
				c.match = &quoted
			}
		}),
	},
	{
		Name: "s3.if-none-match-ignored", Group: "conditional",
		Text:    "If-None-Match is ignored when an object is read.",
		Backend: onRead(func(_ bool, c *conditions) { c.noneMatch = nil }),
	},
	{
		Name: "s3.if-none-match-any", Group: "conditional",
		Text: "Any If-None-Match is answered 304.",
		Backend: onRead(func(_ bool, c *conditions) {
			if c.noneMatch != nil {
				any := "*"
				c.noneMatch = &any
			}
		}),
	},
	{
		Name: "s3.head-unconditional", Group: "conditional",
		Text: "HEAD ignores all conditions.",
		Backend: onRead(func(head bool, c *conditions) {
			if head {
				*c = conditions{}
			}
		}),
	},
	{
		Name: "s3.dates-ignored", Group: "conditional",
		Text:    "If-Modified-Since and If-Unmodified-Since are ignored.",
		Backend: onRead(func(_ bool, c *conditions) { c.modified, c.unmodified = nil, nil }),
	},
	{
		Name: "s3.dates-below-second", Group: "conditional",
		Text: "Dates of conditions are compared with the fractions of a second that Last-Modified doesn't show.",
		Backend: onRead(func(_ bool, c *conditions) {
			c.modified, c.unmodified = shifted(c.modified, -time.Nanosecond), shifted(c.unmodified, -time.Nanosecond)
		}),
	},
	{
		Name: "s3.if-modified-since-any", Group: "conditional",
		Text:    "Any If-Modified-Since is answered 304.",
		Backend: onRead(func(_ bool, c *conditions) { c.modified = shifted(c.modified, 100*24*time.Hour) }),
	},
	{
		Name: "s3.dates-before-tags", Group: "conditional",
		Text:    "Dates of conditions are considered before ETags: one that is false refuses, one that is true serves.",
		Backend: onRead(datesFirst),
	},
	{
		Name: "s3.not-modified-without-etag", Group: "conditional",
		Text: "A 304 answer has no ETag.",
		Front: EditHeader("GetObject HeadObject", func(_ *http.Request, status int, h http.Header) int {
			if status == http.StatusNotModified {
				h.Del("ETag")
			}
			return status
		}),
	},
	{
		Name: "s3.put-if-none-match-501", Group: "conditional",
		Text:  "A write with If-None-Match is answered 501.",
		Front: refuseCondition("If-None-Match"),
	},
	{
		Name: "s3.put-if-match-501", Group: "conditional",
		Text:  "A write with If-Match is answered 501.",
		Front: refuseCondition("If-Match"),
	},
	{
		Name: "s3.put-if-none-match-ignored", Group: "conditional",
		Text:    "If-None-Match is ignored when an object is written.",
		Backend: onPut(func(_ backend.Backend, in *s3response.PutObjectInput) { in.IfNoneMatch = nil }),
	},
	{
		Name: "s3.put-if-match-ignored", Group: "conditional",
		Text:    "If-Match is ignored when an object is written.",
		Backend: onPut(func(_ backend.Backend, in *s3response.PutObjectInput) { in.IfMatch = nil }),
	},
	{
		Name: "s3.put-condition-race", Group: "conditional",
		Text:    "The condition of a write is verified well before the write.",
		Backend: func(next backend.Backend) backend.Backend { return racyPut{next} },
	},
}

// conditions of a read, on their way to the backend.
type conditions struct {
	match, noneMatch     *string
	modified, unmodified *time.Time
}

// onRead returns a backend that edits the conditions of reads.
func onRead(edit func(head bool, c *conditions)) func(backend.Backend) backend.Backend {
	return func(next backend.Backend) backend.Backend { return editedRead{next, edit} }
}

type editedRead struct {
	backend.Backend
	edit func(head bool, c *conditions)
}

func (b editedRead) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	c := conditions{in.IfMatch, in.IfNoneMatch, in.IfModifiedSince, in.IfUnmodifiedSince}
	b.edit(false, &c)
	in.IfMatch, in.IfNoneMatch, in.IfModifiedSince, in.IfUnmodifiedSince = c.match, c.noneMatch, c.modified, c.unmodified
	return b.Backend.GetObject(ctx, in)
}

func (b editedRead) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	c := conditions{in.IfMatch, in.IfNoneMatch, in.IfModifiedSince, in.IfUnmodifiedSince}
	b.edit(true, &c)
	in.IfMatch, in.IfNoneMatch, in.IfModifiedSince, in.IfUnmodifiedSince = c.match, c.noneMatch, c.modified, c.unmodified
	return b.Backend.HeadObject(ctx, in)
}

func shifted(at *time.Time, by time.Duration) *time.Time {
	if at == nil {
		return nil
	}
	other := at.Add(by)
	return &other
}

// datesFirst leaves to the dates what the ETags should decide.
func datesFirst(_ bool, c *conditions) {
	if c.unmodified != nil {
		c.match = nil
	}
	if c.modified != nil {
		c.noneMatch = nil
	}
}

func refuseCondition(header string) func(http.Handler) http.Handler {
	return On("PutObject", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Header.Get(header) != "" {
			Refuse(w, r, http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented")
			return
		}
		next.ServeHTTP(w, r)
	})
}

type racyPut struct{ backend.Backend }

func (b racyPut) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	if in.IfMatch == nil && in.IfNoneMatch == nil {
		return b.Backend.PutObject(ctx, in)
	}
	etag := ""
	head, err := b.HeadObject(ctx, &s3.HeadObjectInput{Bucket: in.Bucket, Key: in.Key})
	if err == nil {
		etag = bare(head.ETag)
	}
	if err := backend.EvaluateObjectPutPreconditions(etag, in.IfMatch, in.IfNoneMatch, err == nil); err != nil {
		return s3response.PutObjectOutput{}, err
	}
	in.IfMatch, in.IfNoneMatch = nil, nil
	time.Sleep(300 * time.Millisecond)
	return b.Backend.PutObject(ctx, in)
}
