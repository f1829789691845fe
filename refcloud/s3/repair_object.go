package s3

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"aloi.dev/refcloud/answer"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/s3response"
)

// maxDeletes is how many keys a DeleteObjects request may name.
const maxDeletes = 1000

var storageClasses = []string{
	"", "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE",
	"OUTPOSTS", "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE",
}

// objectRepairs are the repairs at the front for objects.
var objectRepairs = []func(http.Handler) http.Handler{
	// A storage class is one of a list.
	On("PutObject CopyObject CreateMultipartUpload", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !slices.Contains(storageClasses, r.Header.Get("X-Amz-Storage-Class")) {
			Refuse(w, r, http.StatusBadRequest, "InvalidStorageClass", "The storage class you specified is not valid")
			return
		}
		next.ServeHTTP(w, r)
	}),
	On("PutObject UploadPart", giveLength),
	On("DeleteObjects", limitDeletes),
	On("GetObject HeadObject", tagNotModified),
}

// giveLength holds a body in chunked transfer coding until its length is known:
// the gateway would leave the last chunk in the connection, for the next request.
func giveLength(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if r.ContentLength < 0 {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			Refuse(w, r, http.StatusBadRequest, "IncompleteBody", err.Error())
			return
		}
		r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	}
	next.ServeHTTP(w, r)
}

// limitDeletes refuses more than 1,000 keys, and keeps quiet when asked to.
func limitDeletes(w http.ResponseWriter, r *http.Request, next http.Handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		Refuse(w, r, http.StatusBadRequest, "IncompleteBody", err.Error())
		return
	}
	doc := string(body)
	if strings.Count(doc, "<Object>") > maxDeletes {
		Refuse(w, r, http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp := record(next, w, r)
	if strings.TrimSpace(Inner(doc, "Quiet")) == "true" {
		resp.Body = []byte(Cut(string(resp.Body), "Deleted"))
	}
	resp.send(w, r)
}

// tagNotModified gives a 304 the ETag and the date that a 200 would have.
func tagNotModified(w http.ResponseWriter, r *http.Request, next http.Handler) {
	next.ServeHTTP(&answer.HeaderEditor{ResponseWriter: w, Edit: func(status int, h http.Header) int {
		if status != http.StatusNotModified || h.Get("ETag") != "" {
			return status
		}
		head := r.Clone(r.Context())
		head.Method, head.Body, head.ContentLength = http.MethodHead, http.NoBody, 0
		for _, name := range []string{"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "Range"} {
			head.Header.Del(name)
		}
		if accessKey(head) == "" || Resign(head) == nil {
			resp := record(next, nil, head)
			for _, name := range []string{"ETag", "Last-Modified"} {
				if value := resp.Header.Get(name); value != "" {
					h.Set(name, value)
				}
			}
		}
		return status
	}}, r)
}

// PutObject doesn't keep the coding that was only for the way.
func (f repairedFiles) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	if in.ContentEncoding != nil {
		var kept []string
		for coding := range strings.SplitSeq(*in.ContentEncoding, ",") {
			if coding = strings.TrimSpace(coding); coding != "" && coding != "aws-chunked" {
				kept = append(kept, coding)
			}
		}
		encoding := strings.Join(kept, ",")
		in.ContentEncoding = &encoding
	}
	return f.Backend.PutObject(ctx, in)
}

// GetObject compares dates as clients know them, in whole seconds.
func (f repairedFiles) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	in.IfModifiedSince, in.IfUnmodifiedSince = endOfSecond(in.IfModifiedSince), endOfSecond(in.IfUnmodifiedSince)
	return f.Backend.GetObject(ctx, in)
}

// HeadObject compares dates as GetObject does.
func (f repairedFiles) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	in.IfModifiedSince, in.IfUnmodifiedSince = endOfSecond(in.IfModifiedSince), endOfSecond(in.IfUnmodifiedSince)
	return f.Backend.HeadObject(ctx, in)
}

// endOfSecond leaves alone a date that has a fraction: only a fault makes one.
func endOfSecond(at *time.Time) *time.Time {
	if at == nil || at.Nanosecond() != 0 {
		return at
	}
	end := at.Add(time.Second - time.Nanosecond)
	return &end
}
