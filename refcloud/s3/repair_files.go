package s3

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3response"
)

// repairedFiles undoes, before every planted fault, what the files' backend does
// otherwise than the S3 API says.
type repairedFiles struct{ backend.Backend }

// ListBuckets asks again when a bucket was deleted meanwhile: the files stumble
// on the one that they no longer find.
func (f repairedFiles) ListBuckets(ctx context.Context, in s3response.ListBucketsInput) (list s3response.ListAllMyBucketsResult, err error) {
	for range 20 {
		if list, err = f.Backend.ListBuckets(ctx, in); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return list, err
}

// CopyObject replaces all the metadata of an object that is copied onto itself.
// The files would keep the old headers that have no successor: another object
// gets the new metadata first, and is copied back.
func (f repairedFiles) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	if in.MetadataDirective != types.MetadataDirectiveReplace || !ontoItself(in) {
		return f.Backend.CopyObject(ctx, in)
	}
	key, aside := *in.Key, *in.Key+".aside-"+hexID(4)
	in.Key = &aside
	first, err := f.Backend.CopyObject(ctx, in)
	if err != nil {
		return first, err
	}
	source := url.QueryEscape(*in.Bucket + "/" + aside)
	second, err := f.Backend.CopyObject(ctx, s3response.CopyObjectInput{
		Bucket: in.Bucket, Key: &key, CopySource: &source, ExpectedBucketOwner: in.ExpectedBucketOwner,
		MetadataDirective: types.MetadataDirectiveCopy, TaggingDirective: types.TaggingDirectiveCopy,
		ObjectLockMode: in.ObjectLockMode, ObjectLockLegalHoldStatus: in.ObjectLockLegalHoldStatus,
		ObjectLockRetainUntilDate: in.ObjectLockRetainUntilDate,
	})
	second.CopySourceVersionId = first.CopySourceVersionId
	_, _ = f.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: in.Bucket, Key: &aside, VersionId: first.VersionId})
	return second, err
}

func ontoItself(in s3response.CopyObjectInput) bool {
	source, err := url.QueryUnescape(strings.TrimPrefix(*in.CopySource, "/"))
	return err == nil && source == *in.Bucket+"/"+*in.Key
}
