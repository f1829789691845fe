package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

var objectFaults = []Fault{
	{
		Name: "s3.range-ignored", Group: "range",
		Text:    "A GET with a Range header is answered 200 with the whole object.",
		Backend: func(next backend.Backend) backend.Backend { return rangeIgnored{next} },
	},
	{
		Name: "s3.etag-not-md5", Group: "etag",
		Text:    "The ETag of an object uploaded in one piece is not the MD5 of its bytes, everywhere alike.",
		Backend: func(next backend.Backend) backend.Backend { return etagNotMD5{next} },
	},
	{
		Name: "s3.delete-missing-404", Group: "delete",
		Text:    "DELETE of a key that does not exist is answered 404 NoSuchKey.",
		Backend: func(next backend.Backend) backend.Backend { return deleteMissing{next} },
	},
}

type rangeIgnored struct{ backend.Backend }

func (b rangeIgnored) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	in.Range = nil
	return b.Backend.GetObject(ctx, in)
}

type deleteMissing struct{ backend.Backend }

func (b deleteMissing) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	if in.VersionId == nil || *in.VersionId == "" {
		if _, err := b.HeadObject(ctx, &s3.HeadObjectInput{Bucket: in.Bucket, Key: in.Key}); err != nil {
			return nil, s3err.GetAPIError(s3err.ErrNoSuchKey)
		}
	}
	return b.Backend.DeleteObject(ctx, in)
}

// etagNotMD5 shows a digest of each true ETag in its place, and undoes that in
// the conditions that clients send.
type etagNotMD5 struct{ backend.Backend }

// disguise leaves alone what is not the ETag of a single piece.
func disguise(etag *string) *string {
	if etag == nil || strings.Contains(*etag, "-") || len(strings.Trim(*etag, `"`)) != 32 {
		return etag
	}
	sum := sha256.Sum256([]byte("not the MD5 of " + strings.Trim(*etag, `"`)))
	shown := hex.EncodeToString(sum[:16])
	if strings.HasPrefix(*etag, `"`) {
		shown = `"` + shown + `"`
	}
	return &shown
}

// bare is an ETag without its quotes.
func bare(etag *string) string {
	if etag == nil {
		return ""
	}
	return strings.Trim(*etag, `"`)
}

// reveal replaces conditions that name the disguise of the current object by
// ones that name its true ETag.
func (b etagNotMD5) reveal(ctx context.Context, bucket, key, version *string, conditions ...**string) {
	out, err := b.Backend.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: key, VersionId: version})
	if err != nil {
		return
	}
	for _, c := range conditions {
		if *c != nil && bare(*c) == bare(disguise(out.ETag)) {
			etag := bare(out.ETag)
			*c = &etag
		}
	}
}

func (b etagNotMD5) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	if in.IfMatch != nil || in.IfNoneMatch != nil {
		b.reveal(ctx, in.Bucket, in.Key, nil, &in.IfMatch, &in.IfNoneMatch)
	}
	out, err := b.Backend.PutObject(ctx, in)
	out.ETag = *disguise(&out.ETag)
	return out, err
}

func (b etagNotMD5) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	if in.IfMatch != nil || in.IfNoneMatch != nil {
		b.reveal(ctx, in.Bucket, in.Key, in.VersionId, &in.IfMatch, &in.IfNoneMatch)
	}
	out, err := b.Backend.GetObject(ctx, in)
	if out != nil {
		out.ETag = disguise(out.ETag)
	}
	return out, err
}

func (b etagNotMD5) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	if in.IfMatch != nil || in.IfNoneMatch != nil {
		b.reveal(ctx, in.Bucket, in.Key, in.VersionId, &in.IfMatch, &in.IfNoneMatch)
	}
	out, err := b.Backend.HeadObject(ctx, in)
	if out != nil {
		out.ETag = disguise(out.ETag)
	}
	return out, err
}

func (b etagNotMD5) ListObjects(ctx context.Context, in *s3.ListObjectsInput) (s3response.ListObjectsResult, error) {
	out, err := b.Backend.ListObjects(ctx, in)
	for i := range out.Contents {
		out.Contents[i].ETag = disguise(out.Contents[i].ETag)
	}
	return out, err
}

func (b etagNotMD5) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input) (s3response.ListObjectsV2Result, error) {
	out, err := b.Backend.ListObjectsV2(ctx, in)
	for i := range out.Contents {
		out.Contents[i].ETag = disguise(out.Contents[i].ETag)
	}
	return out, err
}

func (b etagNotMD5) ListObjectVersions(ctx context.Context, in *s3.ListObjectVersionsInput) (s3response.ListVersionsResult, error) {
	out, err := b.Backend.ListObjectVersions(ctx, in)
	for i := range out.Versions {
		out.Versions[i].ETag = disguise(out.Versions[i].ETag)
	}
	return out, err
}
