package s3

// What follows passes each call on objects to the backend of the moment.

import (
	"bufio"
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/s3response"
)

func (s *switchboard) CreateMultipartUpload(ctx context.Context, in s3response.CreateMultipartUploadInput) (s3response.InitiateMultipartUploadResult, error) {
	return s.now().CreateMultipartUpload(ctx, in)
}

func (s *switchboard) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (s3response.CompleteMultipartUploadResult, string, error) {
	return s.now().CompleteMultipartUpload(ctx, in)
}

func (s *switchboard) AbortMultipartUpload(ctx context.Context, in *s3.AbortMultipartUploadInput) error {
	return s.now().AbortMultipartUpload(ctx, in)
}

func (s *switchboard) ListMultipartUploads(ctx context.Context, in *s3.ListMultipartUploadsInput) (s3response.ListMultipartUploadsResult, error) {
	return s.now().ListMultipartUploads(ctx, in)
}

func (s *switchboard) ListParts(ctx context.Context, in *s3.ListPartsInput) (s3response.ListPartsResult, error) {
	return s.now().ListParts(ctx, in)
}

func (s *switchboard) UploadPart(ctx context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	return s.now().UploadPart(ctx, in)
}

func (s *switchboard) UploadPartCopy(ctx context.Context, in *s3.UploadPartCopyInput) (s3response.CopyPartResult, error) {
	return s.now().UploadPartCopy(ctx, in)
}

func (s *switchboard) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	return s.now().PutObject(ctx, in)
}

func (s *switchboard) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	return s.now().HeadObject(ctx, in)
}

func (s *switchboard) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	return s.now().GetObject(ctx, in)
}

func (s *switchboard) GetObjectAcl(ctx context.Context, in *s3.GetObjectAclInput) (*s3.GetObjectAclOutput, error) {
	return s.now().GetObjectAcl(ctx, in)
}

func (s *switchboard) GetObjectAttributes(ctx context.Context, in *s3.GetObjectAttributesInput) (s3response.GetObjectAttributesResponse, error) {
	return s.now().GetObjectAttributes(ctx, in)
}

func (s *switchboard) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	return s.now().CopyObject(ctx, in)
}

func (s *switchboard) ListObjects(ctx context.Context, in *s3.ListObjectsInput) (s3response.ListObjectsResult, error) {
	return s.now().ListObjects(ctx, in)
}

func (s *switchboard) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input) (s3response.ListObjectsV2Result, error) {
	return s.now().ListObjectsV2(ctx, in)
}

func (s *switchboard) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	return s.now().DeleteObject(ctx, in)
}

func (s *switchboard) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput) (s3response.DeleteResult, error) {
	return s.now().DeleteObjects(ctx, in)
}

func (s *switchboard) PutObjectAcl(ctx context.Context, in *s3.PutObjectAclInput) error {
	return s.now().PutObjectAcl(ctx, in)
}

func (s *switchboard) ListObjectVersions(ctx context.Context, in *s3.ListObjectVersionsInput) (s3response.ListVersionsResult, error) {
	return s.now().ListObjectVersions(ctx, in)
}

func (s *switchboard) RestoreObject(ctx context.Context, in *s3.RestoreObjectInput) error {
	return s.now().RestoreObject(ctx, in)
}

func (s *switchboard) SelectObjectContent(ctx context.Context, input *s3.SelectObjectContentInput) func(w *bufio.Writer) {
	return s.now().SelectObjectContent(ctx, input)
}

func (s *switchboard) GetObjectTagging(ctx context.Context, bucket string, object string, versionId string) (map[string]string, error) {
	return s.now().GetObjectTagging(ctx, bucket, object, versionId)
}

func (s *switchboard) PutObjectTagging(ctx context.Context, bucket string, object string, versionId string, tags map[string]string) error {
	return s.now().PutObjectTagging(ctx, bucket, object, versionId, tags)
}

func (s *switchboard) DeleteObjectTagging(ctx context.Context, bucket string, object string, versionId string) error {
	return s.now().DeleteObjectTagging(ctx, bucket, object, versionId)
}

func (s *switchboard) PutObjectLockConfiguration(ctx context.Context, bucket string, config []byte) error {
	return s.now().PutObjectLockConfiguration(ctx, bucket, config)
}

func (s *switchboard) GetObjectLockConfiguration(ctx context.Context, bucket string) ([]byte, error) {
	return s.now().GetObjectLockConfiguration(ctx, bucket)
}

func (s *switchboard) PutObjectRetention(ctx context.Context, bucket string, object string, versionId string, retention []byte) error {
	return s.now().PutObjectRetention(ctx, bucket, object, versionId, retention)
}

func (s *switchboard) GetObjectRetention(ctx context.Context, bucket string, object string, versionId string) ([]byte, error) {
	return s.now().GetObjectRetention(ctx, bucket, object, versionId)
}

func (s *switchboard) PutObjectLegalHold(ctx context.Context, bucket string, object string, versionId string, status bool) error {
	return s.now().PutObjectLegalHold(ctx, bucket, object, versionId, status)
}

func (s *switchboard) GetObjectLegalHold(ctx context.Context, bucket string, object string, versionId string) (*bool, error) {
	return s.now().GetObjectLegalHold(ctx, bucket, object, versionId)
}
