package s3

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// repairedLocks undoes what the files' backend does otherwise than the S3 API
// says about locks and delete markers. Each method names the defect.
type repairedLocks struct{ backend.Backend }

// GetObject doesn't tell the locks of an object.
func (b repairedLocks) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	out, err := b.Backend.GetObject(ctx, in)
	if err != nil {
		return out, err
	}
	if _, err := b.GetObjectLockConfiguration(ctx, *in.Bucket); err != nil {
		return out, nil
	}
	version := in.VersionId
	if version == nil || *version == "" {
		version = out.VersionId
	}
	if head, err := b.Backend.HeadObject(ctx, &s3.HeadObjectInput{Bucket: in.Bucket, Key: in.Key, VersionId: version}); err == nil {
		out.ObjectLockMode, out.ObjectLockRetainUntilDate = head.ObjectLockMode, head.ObjectLockRetainUntilDate
		out.ObjectLockLegalHoldStatus = head.ObjectLockLegalHoldStatus
	}
	return out, nil
}

// HeadObject doesn't tell that the latest version is a delete marker.
func (b repairedLocks) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	out, err := b.Backend.HeadObject(ctx, in)
	if out != nil || !errors.Is(err, s3err.GetAPIError(s3err.ErrNoSuchKey)) {
		return out, err
	}
	none := ""
	got, _ := b.Backend.GetObject(ctx, &s3.GetObjectInput{Bucket: in.Bucket, Key: in.Key, VersionId: in.VersionId, Range: &none})
	if got == nil || got.DeleteMarker == nil {
		return nil, err
	}
	return &s3.HeadObjectOutput{DeleteMarker: got.DeleteMarker, LastModified: got.LastModified}, err
}

// PutObject neither gives a new object the bucket's default retention, nor
// refuses a lock without leaving the object where the bucket has none.
func (b repairedLocks) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	err := b.lock(ctx, in.Bucket, &in.ObjectLockMode, &in.ObjectLockRetainUntilDate, in.ObjectLockLegalHoldStatus)
	if err != nil {
		return s3response.PutObjectOutput{}, err
	}
	return b.Backend.PutObject(ctx, in)
}

// CopyObject has the defects of PutObject.
func (b repairedLocks) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	err := b.lock(ctx, in.Bucket, &in.ObjectLockMode, &in.ObjectLockRetainUntilDate, in.ObjectLockLegalHoldStatus)
	if err != nil {
		return s3response.CopyObjectOutput{}, err
	}
	return b.Backend.CopyObject(ctx, in)
}

// CreateMultipartUpload has the defects of PutObject.
func (b repairedLocks) CreateMultipartUpload(ctx context.Context, in s3response.CreateMultipartUploadInput) (s3response.InitiateMultipartUploadResult, error) {
	err := b.lock(ctx, in.Bucket, &in.ObjectLockMode, &in.ObjectLockRetainUntilDate, in.ObjectLockLegalHoldStatus)
	if err != nil {
		return s3response.InitiateMultipartUploadResult{}, err
	}
	return b.Backend.CreateMultipartUpload(ctx, in)
}

// lock fills in the bucket's default retention and refuses a lock in a bucket
// that has no object lock.
func (b repairedLocks) lock(ctx context.Context, bucket *string, mode *types.ObjectLockMode, until **time.Time, hold types.ObjectLockLegalHoldStatus) error {
	var config auth.BucketLockConfig
	data, err := b.GetObjectLockConfiguration(ctx, *bucket)
	if err == nil {
		err = json.Unmarshal(data, &config)
	}
	switch {
	case err != nil || !config.Enabled:
		if *mode != "" || hold != "" {
			return s3err.GetAPIError(s3err.ErrMissingObjectLockConfigurationNoSpaces)
		}
	case *mode == "" && config.DefaultRetention != nil:
		end := retentionEnd(time.Now(), config.DefaultRetention)
		*mode, *until = types.ObjectLockMode(config.DefaultRetention.Mode), &end
	}
	return nil
}

func retentionEnd(now time.Time, r *types.DefaultRetention) time.Time {
	var years, days int
	if r.Years != nil {
		years = int(*r.Years)
	}
	if r.Days != nil {
		days = int(*r.Days)
	}
	return now.AddDate(years, 0, days).UTC().Truncate(time.Second)
}
