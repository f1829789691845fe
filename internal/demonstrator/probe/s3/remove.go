package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"aloi.dev/internal/demonstrator/probe"
)

// remove deletes a bucket of the ledger with all that it holds.
func remove(ctx context.Context, s *probe.Session, r probe.Resource) error {
	c := cloudOf(s)
	client, ok := c.aws[r.Account]
	if !ok {
		return fmt.Errorf("the offer no longer has the account %q", r.Account)
	}
	var err error
	for range 3 { // an upload or a late write may land between emptying and deleting
		_, err = client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &r.Name})
		status, code, _ := refusal(err)
		if err == nil || status == http.StatusNotFound || code == "InvalidBucketName" {
			return nil // a name that the service refuses names nothing
		}
		if code != "BucketNotEmpty" && status != http.StatusConflict {
			return fmt.Errorf("delete bucket: %w", err)
		}
		if err := empty(ctx, client, r.Name); err != nil {
			return err
		}
	}
	return fmt.Errorf("delete bucket: %w", err)
}

// empty deletes every version, marker and unfinished upload of a bucket.
func empty(ctx context.Context, client *s3.Client, bucket string) error {
	if err := abortUploads(ctx, client, bucket); err != nil {
		return err
	}
	in := &s3.ListObjectVersionsInput{Bucket: &bucket}
	for {
		page, err := client.ListObjectVersions(ctx, in)
		if err != nil {
			return emptyCurrent(ctx, client, bucket, err)
		}
		for _, v := range page.Versions {
			if err := erase(ctx, client, bucket, v.Key, v.VersionId); err != nil {
				return err
			}
		}
		for _, m := range page.DeleteMarkers {
			if err := erase(ctx, client, bucket, m.Key, m.VersionId); err != nil {
				return err
			}
		}
		if !aws.ToBool(page.IsTruncated) || aws.ToString(page.NextKeyMarker) == aws.ToString(in.KeyMarker) &&
			aws.ToString(page.NextVersionIdMarker) == aws.ToString(in.VersionIdMarker) {
			break
		}
		in.KeyMarker, in.VersionIdMarker = page.NextKeyMarker, page.NextVersionIdMarker
	}
	return emptyCurrent(ctx, client, bucket, nil) // what a wrong version listing left out
}

// emptyCurrent deletes what the plain listing shows; cause is why the listing of
// versions could not be used, if it couldn't.
func emptyCurrent(ctx context.Context, client *s3.Client, bucket string, cause error) error {
	page, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket})
	if err != nil {
		return errors.Join(cause, fmt.Errorf("list objects: %w", err))
	}
	for _, o := range page.Contents {
		if err := erase(ctx, client, bucket, o.Key, nil); err != nil {
			return err
		}
	}
	return nil
}

// erase deletes one version, lifting a legal hold and a governance retention,
// which only objects that the run locked itself can bear.
func erase(ctx context.Context, client *s3.Client, bucket string, key, version *string) error {
	in := &s3.DeleteObjectInput{Bucket: &bucket, Key: key, VersionId: version}
	_, err := client.DeleteObject(ctx, in)
	status, _, _ := refusal(err)
	if err == nil || status == http.StatusNotFound {
		return nil
	}
	_, _ = client.PutObjectLegalHold(ctx, &s3.PutObjectLegalHoldInput{
		Bucket: &bucket, Key: key, VersionId: version,
		LegalHold: &types.ObjectLockLegalHold{Status: types.ObjectLockLegalHoldStatusOff},
	})
	in.BypassGovernanceRetention = aws.Bool(true)
	if _, err := client.DeleteObject(ctx, in); err != nil {
		return fmt.Errorf("delete an object: %w", err)
	}
	return nil
}

func abortUploads(ctx context.Context, client *s3.Client, bucket string) error {
	page, err := client.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: &bucket})
	if err != nil { // an offer without multipart uploads has none to abort
		page = &s3.ListMultipartUploadsOutput{}
	}
	for _, u := range page.Uploads {
		_, err := client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &bucket, Key: u.Key, UploadId: u.UploadId})
		if status, _, _ := refusal(err); err != nil && status != http.StatusNotFound {
			return fmt.Errorf("abort an upload: %w", err)
		}
	}
	return nil
}

// inventory lists the buckets that each account sees.
func inventory(ctx context.Context, s *probe.Session) ([]string, error) {
	var names []string
	for account, client := range cloudOf(s).aws {
		out, err := client.ListBuckets(ctx, &s3.ListBucketsInput{})
		if err != nil {
			return nil, fmt.Errorf("list buckets of account %s: %w", account, err)
		}
		for _, b := range out.Buckets {
			names = append(names, aws.ToString(b.Name))
		}
	}
	return names, nil
}
