package s3

import (
	"context"
	"maps"
	"net/http"
	"strings"

	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3response"
)

var taggingFaults = []Fault{
	{
		Name: "s3.bucket-tags-missing-empty", Group: "tagging",
		Text: "GetBucketTagging of a bucket without tags is answered 200 with an empty set.",
		Front: EditResponse("GetBucketTagging", func(_ *http.Request, resp *Response) {
			if resp.Status == http.StatusNotFound {
				resp.Status, resp.Body = http.StatusOK, []byte("<Tagging><TagSet></TagSet></Tagging>")
			}
		}),
	},
	{
		Name: "s3.tags-first-only", Group: "tagging",
		Text: "Of several tags the first one is returned.",
		Front: EditXML("GetBucketTagging GetObjectTagging", func(_ *http.Request, doc string) string {
			seen := false
			return Each(doc, "Tag", func(tag string) string {
				if seen {
					return ""
				}
				seen = true
				return tag
			})
		}),
	},
	{
		Name: "s3.tags-none-404", Group: "tagging",
		Text: "GetObjectTagging of an object without tags is answered 404 NoSuchTagSet.",
		Front: On("GetObjectTagging", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			resp := record(next, w, r)
			if resp.Status == http.StatusOK && !strings.Contains(string(resp.Body), "<Tag>") {
				Refuse(w, r, http.StatusNotFound, "NoSuchTagSet", "There is no tag set associated with the object.")
				return
			}
			resp.send(w, r)
		}),
	},
	{
		Name: "s3.tagging-header-ignored", Group: "tagging",
		Text:    "PutObject ignores x-amz-tagging.",
		Backend: func(next backend.Backend) backend.Backend { return taggingHeaderIgnored{next} },
	},
	{
		Name: "s3.tagging-count-missing", Group: "tagging",
		Text: "GET does not tell the number of tags.",
		Front: EditHeader("GetObject", func(_ *http.Request, status int, h http.Header) int {
			h.Del("X-Amz-Tagging-Count")
			return status
		}),
	},
	{
		Name: "s3.tags-merged", Group: "tagging",
		Text:    "PutObjectTagging adds to the tags that are there.",
		Backend: func(next backend.Backend) backend.Backend { return tagsMerged{next} },
	},
	{
		Name: "s3.tags-delete-ignored", Group: "tagging",
		Text:    "DeleteObjectTagging and DeleteBucketTagging are answered 204 and delete nothing.",
		Backend: func(next backend.Backend) backend.Backend { return tagsDeleteIgnored{next} },
	},
	{
		Name: "s3.tags-not-per-version", Group: "tagging",
		Text:    "Tags are those of the latest version, whatever the versionId.",
		Backend: func(next backend.Backend) backend.Backend { return tagsOfLatest{next} },
	},
	{
		Name: "s3.tags-unchecked", Group: "tagging",
		Text:  "Tags beyond the limits are answered 200.",
		Front: swallow("PutObjectTagging", "InvalidTag", "BadRequest"),
	},
	{
		Name: "s3.tags-on-missing", Group: "tagging",
		Text:  "Tagging an object that does not exist is answered 200.",
		Front: swallow("PutObjectTagging", "NoSuchKey"),
	},
}

type taggingHeaderIgnored struct{ backend.Backend }

func (b taggingHeaderIgnored) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	in.Tagging = nil
	return b.Backend.PutObject(ctx, in)
}

type tagsMerged struct{ backend.Backend }

func (b tagsMerged) PutObjectTagging(ctx context.Context, bucket, object, version string, tags map[string]string) error {
	old, err := b.GetObjectTagging(ctx, bucket, object, version)
	if err != nil {
		return err
	}
	maps.Copy(old, tags)
	return b.Backend.PutObjectTagging(ctx, bucket, object, version, old)
}

type tagsDeleteIgnored struct{ backend.Backend }

func (b tagsDeleteIgnored) DeleteObjectTagging(context.Context, string, string, string) error {
	return nil
}

func (b tagsDeleteIgnored) DeleteBucketTagging(context.Context, string) error { return nil }

type tagsOfLatest struct{ backend.Backend }

func (b tagsOfLatest) GetObjectTagging(ctx context.Context, bucket, object, _ string) (map[string]string, error) {
	return b.Backend.GetObjectTagging(ctx, bucket, object, "")
}

func (b tagsOfLatest) PutObjectTagging(ctx context.Context, bucket, object, _ string, tags map[string]string) error {
	return b.Backend.PutObjectTagging(ctx, bucket, object, "", tags)
}
