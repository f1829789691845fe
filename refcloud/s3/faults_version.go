package s3

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

var versionFaults = []Fault{
	{
		Name: "s3.versioning-suspended-at-first", Group: "version",
		Text: "The versioning of a new bucket is said to be Suspended.",
		Front: EditXML("GetBucketVersioning", func(_ *http.Request, doc string) string {
			if strings.Contains(doc, "<Status>") {
				return doc
			}
			return "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"
		}),
	},
	{
		Name: "s3.versioning-suspend-ignored", Group: "version",
		Text:    "Suspending versioning is answered 200 and changes nothing.",
		Backend: func(next backend.Backend) backend.Backend { return suspendIgnored{next} },
	},
	{
		Name: "s3.versioning-status-unchecked", Group: "version",
		Text:  "A versioning status that does not exist is answered 200.",
		Front: swallow("PutBucketVersioning", "MalformedXML"),
	},
	{
		Name: "s3.version-get-ignored", Group: "version",
		Text: "GET with a versionId returns the latest version.",
		Backend: onGet(func(_ backend.Backend, _ context.Context, in *s3.GetObjectInput) error {
			in.VersionId = aws.String("")
			return nil
		}),
	},
	{
		Name: "s3.version-head-ignored", Group: "version",
		Text:    "HEAD with a versionId describes the latest version.",
		Backend: func(next backend.Backend) backend.Backend { return versionHeadIgnored{next} },
	},
	{
		Name: "s3.version-unknown-latest", Group: "version",
		Text: "GET of a version that does not exist returns the latest one.",
		Backend: onGet(func(next backend.Backend, ctx context.Context, in *s3.GetObjectInput) error {
			_, err := next.HeadObject(ctx, &s3.HeadObjectInput{Bucket: in.Bucket, Key: in.Key, VersionId: in.VersionId})
			if err != nil && !errors.Is(err, s3err.GetAPIError(s3err.ErrMethodNotAllowed)) && aws.ToString(in.VersionId) != "null" {
				in.VersionId = aws.String("")
			}
			return nil
		}),
	},
	{
		Name: "s3.version-null-lost", Group: "version",
		Text: "An object from before versioning is lost when it is replaced.",
		Backend: onGet(func(_ backend.Backend, _ context.Context, in *s3.GetObjectInput) error {
			if aws.ToString(in.VersionId) == "null" {
				return s3err.GetNoSuchVersionErr(*in.Key, "null")
			}
			return nil
		}),
	},
	{
		Name: "s3.version-copy-ignored", Group: "version",
		Text:    "CopyObject of a version copies the latest one.",
		Backend: func(next backend.Backend) backend.Backend { return versionCopyIgnored{next} },
	},
	{
		Name: "s3.version-kept-while-suspended", Group: "version",
		Text:    "While versioning is suspended each PUT still adds a version.",
		Backend: func(next backend.Backend) backend.Backend { return keptWhileSuspended{next} },
	},
	{
		Name: "s3.delete-marker-missing", Group: "version",
		Text:    "DELETE without a versionId removes the latest version for good, without a marker.",
		Backend: func(next backend.Backend) backend.Backend { return markerMissing{next} },
	},
	{
		Name: "s3.delete-marker-unannounced", Group: "version",
		Text: "Only the DELETE that adds a marker carries x-amz-delete-marker.",
		Front: EditHeader("GetObject HeadObject DeleteObject", func(r *http.Request, status int, h http.Header) int {
			if r.Method != http.MethodDelete || r.URL.Query().Has("versionId") {
				h.Del("X-Amz-Delete-Marker")
			}
			return status
		}),
	},
	{
		Name: "s3.list-versions-all-latest", Group: "version",
		Text: "The list of versions says IsLatest of every version.",
		Front: EditXML("ListObjectVersions", func(_ *http.Request, doc string) string {
			return Replace(doc, "IsLatest", func(string) string { return "true" })
		}),
	},
	{
		Name: "s3.list-versions-marker-ignored", Group: "version",
		Text:    "The list of versions ignores version-id-marker and skips the rest of a key's versions.",
		Backend: onVersions(func(in *s3.ListObjectVersionsInput) { in.VersionIdMarker = nil }),
	},
	{
		Name: "s3.list-versions-delimiter-ignored", Group: "version",
		Text:    "The list of versions ignores the delimiter.",
		Backend: onVersions(func(in *s3.ListObjectVersionsInput) { in.Delimiter = nil }),
	},
}

// swallow turns refusals with one of these codes into plain successes.
func swallow(operations string, codes ...string) func(http.Handler) http.Handler {
	return EditResponse(operations, func(_ *http.Request, resp *Response) {
		if resp.Status >= http.StatusBadRequest && slices.Contains(codes, Inner(string(resp.Body), "Code")) {
			resp.Status, resp.Body = http.StatusOK, nil
			resp.Header.Del("Content-Type")
		}
	})
}

type suspendIgnored struct{ backend.Backend }

func (b suspendIgnored) PutBucketVersioning(ctx context.Context, bucket string, status types.BucketVersioningStatus) error {
	if status == types.BucketVersioningStatusSuspended {
		return nil
	}
	return b.Backend.PutBucketVersioning(ctx, bucket, status)
}

type versionHeadIgnored struct{ backend.Backend }

func (b versionHeadIgnored) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	in.VersionId = aws.String("")
	return b.Backend.HeadObject(ctx, in)
}

type versionCopyIgnored struct{ backend.Backend }

func (b versionCopyIgnored) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	source, _, _ := strings.Cut(aws.ToString(in.CopySource), "?versionId=")
	in.CopySource = &source
	return b.Backend.CopyObject(ctx, in)
}

type keptWhileSuspended struct{ backend.Backend }

func (b keptWhileSuspended) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	now, err := b.GetBucketVersioning(ctx, *in.Bucket)
	if err != nil || now.Status == nil || *now.Status != types.BucketVersioningStatusSuspended {
		return b.Backend.PutObject(ctx, in)
	}
	if err := b.PutBucketVersioning(ctx, *in.Bucket, types.BucketVersioningStatusEnabled); err != nil {
		return s3response.PutObjectOutput{}, err
	}
	out, err := b.Backend.PutObject(ctx, in)
	return out, errors.Join(err, b.PutBucketVersioning(ctx, *in.Bucket, types.BucketVersioningStatusSuspended))
}

type markerMissing struct{ backend.Backend }

func (b markerMissing) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	if aws.ToString(in.VersionId) == "" {
		if head, err := b.HeadObject(ctx, &s3.HeadObjectInput{Bucket: in.Bucket, Key: in.Key}); err == nil {
			in.VersionId = head.VersionId
		}
	}
	return b.Backend.DeleteObject(ctx, in)
}

type versionsEdited struct {
	backend.Backend
	ask func(*s3.ListObjectVersionsInput)
}

func onVersions(ask func(*s3.ListObjectVersionsInput)) func(backend.Backend) backend.Backend {
	return func(next backend.Backend) backend.Backend { return versionsEdited{next, ask} }
}

func (b versionsEdited) ListObjectVersions(ctx context.Context, in *s3.ListObjectVersionsInput) (s3response.ListVersionsResult, error) {
	b.ask(in)
	return b.Backend.ListObjectVersions(ctx, in)
}
