package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"aloi.dev/refcloud/answer"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
)

var bucketFaults = []Fault{
	{
		Name: "s3.bucket-appears-late", Group: "bucket",
		Text:  "HEAD of a bucket answers 404 during the second after its creation.",
		Front: func(next http.Handler) http.Handler { return forASecond("CreateBucket", next, http.StatusNotFound) },
	},
	{
		Name: "s3.bucket-leaves-late", Group: "bucket",
		Text:  "HEAD of a bucket answers 200 during the second after its deletion.",
		Front: func(next http.Handler) http.Handler { return forASecond("DeleteBucket", next, http.StatusOK) },
	},
	{
		Name: "s3.bucket-own-exists", Group: "bucket",
		Text: "Creating one's own bucket again is answered as if it were someone else's.",
		Front: EditError("CreateBucket", func(_ *http.Request, doc string) string {
			return strings.Replace(doc, "BucketAlreadyOwnedByYou", "BucketAlreadyExists", 1)
		}),
	},
	{
		Name: "s3.bucket-taken-200", Group: "bucket",
		Text:  "Creating a bucket whose name someone else has is answered 200.",
		Front: EditResponse("CreateBucket", excuse("BucketAlreadyExists", http.StatusOK)),
	},
	{
		Name: "s3.bucket-name-unchecked", Group: "bucket",
		Text:  "Creating a bucket under a name that the rules forbid is answered 200.",
		Front: EditResponse("CreateBucket", excuse("InvalidBucketName", http.StatusOK)),
	},
	{
		Name: "s3.bucket-head-always-200", Group: "bucket",
		Text: "HEAD of a bucket that does not exist answers 200.",
		Front: EditHeader("HeadBucket", func(_ *http.Request, status int, _ http.Header) int {
			if status == http.StatusNotFound {
				return http.StatusOK
			}
			return status
		}),
	},
	{
		Name: "s3.bucket-head-without-region", Group: "bucket",
		Text: "HEAD of a bucket does not tell its region.",
		Front: EditHeader("HeadBucket", func(_ *http.Request, status int, h http.Header) int {
			h.Del("X-Amz-Bucket-Region")
			return status
		}),
	},
	{
		Name: "s3.bucket-location-default", Group: "bucket",
		Text: "The location of every bucket is us-east-1.",
		Front: EditXML("GetBucketLocation", func(_ *http.Request, doc string) string {
			return Replace(doc, "LocationConstraint", func(string) string { return "us-east-1" })
		}),
	},
	{
		Name: "s3.bucket-dates-epoch", Group: "bucket",
		Text: "The list of buckets dates all of them 1970.",
		Front: EditXML("ListBuckets", func(_ *http.Request, doc string) string {
			return Replace(doc, "CreationDate", func(string) string { return "1970-01-01T00:00:00Z" })
		}),
	},
	{
		Name: "s3.bucket-delete-missing-204", Group: "bucket",
		Text:  "Deleting a bucket that does not exist is answered 204.",
		Front: EditResponse("DeleteBucket", excuse("NoSuchBucket", http.StatusNoContent)),
	},
	{
		Name: "s3.bucket-delete-with-objects", Group: "bucket",
		Text:    "Deleting a bucket deletes the objects that it holds.",
		Backend: func(next backend.Backend) backend.Backend { return deleteWithObjects{next} },
	},
	{
		Name: "s3.bucket-made-by-put", Group: "bucket",
		Text:  "PUT of an object into a bucket that does not exist creates the bucket.",
		Front: On("PutObject", makeBucket),
	},
	{
		Name: "s3.error-as-text", Group: "errors",
		Text: "Error documents are labelled text/plain.",
		Front: EditHeader("*", func(_ *http.Request, status int, h http.Header) int {
			if status >= http.StatusBadRequest {
				h.Set("Content-Type", "text/plain")
			}
			return status
		}),
	},
	{
		Name: "s3.answers-without-date", Group: "headers",
		Text: "Answers bear no Date.",
		Front: EditHeader("*", func(_ *http.Request, status int, h http.Header) int {
			h["Date"] = nil
			return status
		}),
	},
	{
		Name: "s3.request-id-constant", Group: "headers",
		Text: "All answers bear the same x-amz-request-id.",
		Front: EditHeader("*", func(_ *http.Request, status int, h http.Header) int {
			h.Set("X-Amz-Request-Id", "0000000000000001")
			return status
		}),
	},
}

// excuse turns the error of a code into a success without a body.
func excuse(code string, status int) func(*http.Request, *Response) {
	return func(_ *http.Request, resp *Response) {
		if Inner(string(resp.Body), "Code") == code {
			resp.Status, resp.Body = status, nil
			resp.Header.Del("Content-Type")
		}
	}
}

// forASecond has HEAD of a bucket answer with a status during the second after
// an operation on that bucket succeeded.
func forASecond(operation string, next http.Handler, status int) http.Handler {
	var since sync.Map // bucket: time
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bucket, _ := Target(r)
		switch Operation(r) {
		case operation:
			next.ServeHTTP(&answer.HeaderEditor{ResponseWriter: w, Edit: func(status int, _ http.Header) int {
				if status < 300 {
					since.Store(bucket, time.Now())
				}
				return status
			}}, r)
		case "HeadBucket":
			if at, ok := since.Load(bucket); ok && time.Since(at.(time.Time)) < time.Second {
				w.WriteHeader(status)
				return
			}
			next.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

type deleteWithObjects struct{ backend.Backend }

func (b deleteWithObjects) DeleteBucket(ctx context.Context, bucket string) error {
	limit := page
	list, err := b.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &bucket, MaxKeys: &limit})
	for _, v := range list.Versions {
		_, failed := b.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: v.Key, VersionId: v.VersionId})
		err = errors.Join(err, failed)
	}
	if err != nil {
		return err
	}
	return b.Backend.DeleteBucket(ctx, bucket)
}

// makeBucket creates the bucket that an upload wants, and uploads again.
func makeBucket(w http.ResponseWriter, r *http.Request, next http.Handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	send := func() *Response {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		return record(next, w, again)
	}
	resp := send()
	if Inner(string(resp.Body), "Code") == "NoSuchBucket" {
		bucket, _ := Target(r)
		also(next, r, http.MethodPut, "/"+bucket)
		resp = send()
	}
	resp.send(w, r)
}

// also makes another request, without a body, as the account that sent r.
func also(next http.Handler, r *http.Request, method, path string) *Response {
	other, err := http.NewRequestWithContext(r.Context(), method, "https://"+r.Host+path, nil)
	if err != nil {
		return &Response{Status: http.StatusInternalServerError, Header: http.Header{}}
	}
	other.RequestURI, other.RemoteAddr = other.URL.RequestURI(), r.RemoteAddr
	other.Header.Set("Authorization", r.Header.Get("Authorization"))
	SetBody(other, nil)
	if err := Resign(other); err != nil {
		return &Response{Status: http.StatusInternalServerError, Header: http.Header{}}
	}
	return record(next, nil, other)
}
