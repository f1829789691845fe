package s3

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3response"
)

// storeFaults: what goes wrong on the way in.
var storeFaults = []Fault{
	{
		Name: "s3.empty-refused", Group: "store",
		Text: "An object without bytes is refused for want of a length.",
		Front: On("PutObject", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.ContentLength == 0 {
				Refuse(w, r, http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "s3.upload-limit-1mib", Group: "store",
		Text: "A proxy refuses uploads of more than 1 MiB with a page in HTML.",
		Front: On("PutObject", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.ContentLength > 1<<20 {
				w.Header().Set("Content-Type", "text/html")
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				w.Write([]byte("<html><body><h1>413 Request Entity Too Large</h1></body></html>"))
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "s3.expect-417", Group: "store",
		Text: "An upload with Expect: 100-continue is answered 417.",
		Front: On("PutObject", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Header.Get("Expect") != "" {
				w.WriteHeader(http.StatusExpectationFailed)
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "s3.chunked-stored-empty", Group: "store",
		Text: "An upload in chunked transfer coding is stored as an empty object.",
		Front: EditRequest("PutObject", func(r *http.Request) bool {
			if r.ContentLength >= 0 {
				return false
			}
			r.TransferEncoding = nil
			SetBody(r, nil)
			return true
		}),
	},
	{
		Name: "s3.overwrite-keeps-tail", Group: "store",
		Text:    "An object overwritten by a shorter one keeps the end of its former bytes.",
		Backend: func(next backend.Backend) backend.Backend { return keepsTail{next} },
	},
	{
		Name: "s3.content-type-lost", Group: "store",
		Text: "Every object is given the type application/octet-stream.",
		Backend: onPut(func(_ backend.Backend, in *s3response.PutObjectInput) {
			octets := "application/octet-stream"
			in.ContentType = &octets
		}),
	},
	{
		Name: "s3.system-headers-dropped", Group: "store",
		Text: "Cache-Control, Content-Disposition, Content-Language and Expires are not kept.",
		Backend: onPut(func(_ backend.Backend, in *s3response.PutObjectInput) {
			in.CacheControl, in.ContentDisposition, in.ContentLanguage, in.Expires = nil, nil, nil, nil
		}),
	},
	{
		Name: "s3.metadata-underscores", Group: "store",
		Text: "Hyphens in the names of user metadata become underscores.",
		Backend: onPut(func(_ backend.Backend, in *s3response.PutObjectInput) {
			in.Metadata = renamed(in.Metadata, func(name, value string) (string, string) {
				return strings.ReplaceAll(name, "-", "_"), value
			})
		}),
	},
	{
		Name: "s3.metadata-cut-at-comma", Group: "store",
		Text: "A value of user metadata ends at its first comma.",
		Backend: onPut(func(_ backend.Backend, in *s3response.PutObjectInput) {
			in.Metadata = renamed(in.Metadata, func(name, value string) (string, string) {
				value, _, _ = strings.Cut(value, ",")
				return name, value
			})
		}),
	},
	{
		Name: "s3.metadata-merged", Group: "store",
		Text: "An overwritten object keeps the user metadata that the new one doesn't name.",
		Backend: onPut(func(next backend.Backend, in *s3response.PutObjectInput) {
			old, err := next.HeadObject(context.Background(), &s3.HeadObjectInput{Bucket: in.Bucket, Key: in.Key})
			if err != nil {
				return
			}
			for name, value := range old.Metadata {
				if _, named := in.Metadata[name]; !named {
					in.Metadata[name] = value
				}
			}
		}),
	},
	{
		Name: "s3.metadata-overflow-dropped", Group: "store",
		Text:  "User metadata beyond 2 KiB is dropped instead of refused.",
		Front: EditRequest("PutObject", dropOverflow),
	},
	{
		Name: "s3.storage-class-refused", Group: "store",
		Text: "Any storage class is refused, STANDARD included.",
		Front: On("PutObject", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Header.Get("X-Amz-Storage-Class") != "" {
				Refuse(w, r, http.StatusBadRequest, "InvalidStorageClass", "The storage class you specified is not valid")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "s3.storage-class-ignored", Group: "store",
		Text:  "The storage class of an upload is ignored, even one that doesn't exist.",
		Front: EditRequest("PutObject", without("X-Amz-Storage-Class")),
	},
	{
		Name: "s3.content-md5-ignored", Group: "store",
		Text:  "The Content-MD5 of an upload is not verified.",
		Front: EditRequest("PutObject", without("Content-Md5")),
	},
	{
		Name: "s3.content-md5-as-hex", Group: "store",
		Text: "The Content-MD5 of an upload is compared in hexadecimal, so that it never matches.",
		Front: On("PutObject", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Header.Get("Content-Md5") != "" {
				Refuse(w, r, http.StatusBadRequest, "BadDigest", "The Content-MD5 you specified did not match what we received.")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
}

// without returns an edit that drops a header, if it is there.
func without(name string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		there := r.Header.Get(name) != ""
		r.Header.Del(name)
		return there
	}
}

// onPut returns a backend that edits what is to be stored.
func onPut(edit func(next backend.Backend, in *s3response.PutObjectInput)) func(backend.Backend) backend.Backend {
	return func(next backend.Backend) backend.Backend { return editedPut{next, edit} }
}

type editedPut struct {
	backend.Backend
	edit func(backend.Backend, *s3response.PutObjectInput)
}

func (b editedPut) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	if in.Metadata == nil {
		in.Metadata = map[string]string{}
	}
	b.edit(b.Backend, &in)
	return b.Backend.PutObject(ctx, in)
}

func renamed(metadata map[string]string, edit func(name, value string) (string, string)) map[string]string {
	out := map[string]string{}
	for name, value := range metadata {
		name, value = edit(name, value)
		out[name] = value
	}
	return out
}

// dropOverflow drops user metadata from where it passes 2 KiB.
func dropOverflow(r *http.Request) bool {
	total, dropped := 0, false
	for name, values := range r.Header {
		if !strings.HasPrefix(name, "X-Amz-Meta-") {
			continue
		}
		if total += len(name) + len(strings.Join(values, "")); total > 2048 {
			r.Header.Del(name)
			dropped = true
		}
	}
	return dropped
}

type keepsTail struct{ backend.Backend }

func (b keepsTail) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	none := ""
	old, err := b.GetObject(ctx, &s3.GetObjectInput{Bucket: in.Bucket, Key: in.Key, Range: &none, VersionId: &none})
	if err != nil || old.Body == nil {
		return b.Backend.PutObject(ctx, in)
	}
	defer old.Body.Close()
	before, err := io.ReadAll(old.Body)
	if err != nil || in.ContentLength == nil || int64(len(before)) <= *in.ContentLength {
		return b.Backend.PutObject(ctx, in)
	}
	body, err := io.ReadAll(in.Body)
	if err != nil {
		return s3response.PutObjectOutput{}, err
	}
	body = append(body, before[len(body):]...)
	length := int64(len(body))
	in.Body, in.ContentLength = bytes.NewReader(body), &length
	in.ChecksumCRC32, in.ChecksumCRC32C, in.ChecksumCRC64NVME, in.ChecksumSHA1, in.ChecksumSHA256 = nil, nil, nil, nil, nil
	return b.Backend.PutObject(ctx, in)
}
