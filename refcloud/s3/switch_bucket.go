package s3

// What follows passes each call on buckets to the backend of the moment.

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3response"
)

func (s *switchboard) ListBuckets(ctx context.Context, in s3response.ListBucketsInput) (s3response.ListAllMyBucketsResult, error) {
	return s.now().ListBuckets(ctx, in)
}

func (s *switchboard) HeadBucket(ctx context.Context, in *s3.HeadBucketInput) (*s3.HeadBucketOutput, error) {
	return s.now().HeadBucket(ctx, in)
}

func (s *switchboard) GetBucketAcl(ctx context.Context, in *s3.GetBucketAclInput) ([]byte, error) {
	return s.now().GetBucketAcl(ctx, in)
}

func (s *switchboard) CreateBucket(ctx context.Context, in *s3.CreateBucketInput, defaultACL []byte) error {
	return s.now().CreateBucket(ctx, in, defaultACL)
}

func (s *switchboard) PutBucketAcl(ctx context.Context, bucket string, data []byte) error {
	return s.now().PutBucketAcl(ctx, bucket, data)
}

func (s *switchboard) DeleteBucket(ctx context.Context, bucket string) error {
	return s.now().DeleteBucket(ctx, bucket)
}

func (s *switchboard) PutBucketVersioning(ctx context.Context, bucket string, status types.BucketVersioningStatus) error {
	return s.now().PutBucketVersioning(ctx, bucket, status)
}

func (s *switchboard) GetBucketVersioning(ctx context.Context, bucket string) (s3response.GetBucketVersioningOutput, error) {
	return s.now().GetBucketVersioning(ctx, bucket)
}

func (s *switchboard) PutBucketPolicy(ctx context.Context, bucket string, policy []byte) error {
	return s.now().PutBucketPolicy(ctx, bucket, policy)
}

func (s *switchboard) GetBucketPolicy(ctx context.Context, bucket string) ([]byte, error) {
	return s.now().GetBucketPolicy(ctx, bucket)
}

func (s *switchboard) DeleteBucketPolicy(ctx context.Context, bucket string) error {
	return s.now().DeleteBucketPolicy(ctx, bucket)
}

func (s *switchboard) PutBucketOwnershipControls(ctx context.Context, bucket string, ownership types.ObjectOwnership) error {
	return s.now().PutBucketOwnershipControls(ctx, bucket, ownership)
}

func (s *switchboard) GetBucketOwnershipControls(ctx context.Context, bucket string) (types.ObjectOwnership, error) {
	return s.now().GetBucketOwnershipControls(ctx, bucket)
}

func (s *switchboard) DeleteBucketOwnershipControls(ctx context.Context, bucket string) error {
	return s.now().DeleteBucketOwnershipControls(ctx, bucket)
}

func (s *switchboard) PutBucketCors(ctx context.Context, bucket string, cors []byte) error {
	return s.now().PutBucketCors(ctx, bucket, cors)
}

func (s *switchboard) GetBucketCors(ctx context.Context, bucket string) ([]byte, error) {
	return s.now().GetBucketCors(ctx, bucket)
}

func (s *switchboard) DeleteBucketCors(ctx context.Context, bucket string) error {
	return s.now().DeleteBucketCors(ctx, bucket)
}

func (s *switchboard) PutBucketWebsite(ctx context.Context, bucket string, website []byte) error {
	return s.now().PutBucketWebsite(ctx, bucket, website)
}

func (s *switchboard) GetBucketWebsite(ctx context.Context, bucket string) ([]byte, error) {
	return s.now().GetBucketWebsite(ctx, bucket)
}

func (s *switchboard) DeleteBucketWebsite(ctx context.Context, bucket string) error {
	return s.now().DeleteBucketWebsite(ctx, bucket)
}

func (s *switchboard) GetBucketTagging(ctx context.Context, bucket string) (map[string]string, error) {
	return s.now().GetBucketTagging(ctx, bucket)
}

func (s *switchboard) PutBucketTagging(ctx context.Context, bucket string, tags map[string]string) error {
	return s.now().PutBucketTagging(ctx, bucket, tags)
}

func (s *switchboard) DeleteBucketTagging(ctx context.Context, bucket string) error {
	return s.now().DeleteBucketTagging(ctx, bucket)
}

func (s *switchboard) ChangeBucketOwner(ctx context.Context, bucket string, owner string) error {
	return s.now().ChangeBucketOwner(ctx, bucket, owner)
}

func (s *switchboard) ListBucketsAndOwners(ctx context.Context) ([]s3response.Bucket, error) {
	return s.now().ListBucketsAndOwners(ctx)
}
