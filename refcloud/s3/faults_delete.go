package s3

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3response"
)

var deleteFaults = []Fault{
	{
		Name: "s3.delete-200", Group: "delete",
		Text: "DELETE of an object is answered 200 instead of 204.",
		Front: EditHeader("DeleteObject", func(_ *http.Request, status int, _ http.Header) int {
			if status == http.StatusNoContent {
				return http.StatusOK
			}
			return status
		}),
	},
	{
		Name: "s3.delete-many-skips-last", Group: "delete",
		Text:    "The last key of a DeleteObjects request is reported as deleted and kept.",
		Backend: func(next backend.Backend) backend.Backend { return skipsLast{next} },
	},
	{
		Name: "s3.delete-many-missing-error", Group: "delete",
		Text:    "A missing key in a DeleteObjects request is reported as an error.",
		Backend: func(next backend.Backend) backend.Backend { return missingIsError{next} },
	},
	{
		Name: "s3.delete-many-verbose", Group: "delete",
		Text: "DeleteObjects names the deleted keys even in quiet mode.",
		Front: EditRequest("DeleteObjects", func(r *http.Request) bool {
			return editDeletes(r, func(doc string) string {
				return Replace(doc, "Quiet", func(string) string { return "false" })
			})
		}),
	},
	{
		Name: "s3.delete-many-cut", Group: "delete",
		Text: "Keys beyond the thousandth of a DeleteObjects request are ignored instead of refused.",
		Front: EditRequest("DeleteObjects", func(r *http.Request) bool {
			return editDeletes(r, func(doc string) string {
				n := 0
				return Each(doc, "Object", func(object string) string {
					if n++; n > maxDeletes {
						return ""
					}
					return object
				})
			})
		}),
	},
}

// editDeletes edits the document of a DeleteObjects request.
func editDeletes(r *http.Request, edit func(doc string) string) bool {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return false
	}
	body = []byte(edit(string(body)))
	SetBody(r, body)
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Amz-Checksum-") || name == "X-Amz-Sdk-Checksum-Algorithm" {
			r.Header.Del(name)
		}
	}
	sum := md5.Sum(body)
	r.Header.Set("Content-Md5", base64.StdEncoding.EncodeToString(sum[:]))
	return true
}

type skipsLast struct{ backend.Backend }

func (b skipsLast) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput) (s3response.DeleteResult, error) {
	last := len(in.Delete.Objects) - 1
	if last < 1 {
		return b.Backend.DeleteObjects(ctx, in)
	}
	skipped := in.Delete.Objects[last]
	in.Delete.Objects = in.Delete.Objects[:last]
	out, err := b.Backend.DeleteObjects(ctx, in)
	out.Deleted = append(out.Deleted, types.DeletedObject{Key: skipped.Key, VersionId: skipped.VersionId})
	return out, err
}

type missingIsError struct{ backend.Backend }

func (b missingIsError) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput) (s3response.DeleteResult, error) {
	var missing []types.Error
	in.Delete.Objects = slices.DeleteFunc(in.Delete.Objects, func(o types.ObjectIdentifier) bool {
		if o.VersionId != nil && *o.VersionId != "" {
			return false
		}
		if _, err := b.HeadObject(ctx, &s3.HeadObjectInput{Bucket: in.Bucket, Key: o.Key}); err == nil {
			return false
		}
		code, text := "NoSuchKey", "The specified key does not exist."
		missing = append(missing, types.Error{Key: o.Key, Code: &code, Message: &text})
		return true
	})
	out, err := b.Backend.DeleteObjects(ctx, in)
	out.Error = append(out.Error, missing...)
	return out, err
}
