package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/s3response"
)

// What follows passes each call on a multipart upload with a name for its key.

func (b keyed) CreateMultipartUpload(ctx context.Context, in s3response.CreateMultipartUploadInput) (out s3response.InitiateMultipartUploadResult, err error) {
	if in.Key, err = nameOf(in.Key); err != nil {
		return out, err
	}
	out, err = b.Backend.CreateMultipartUpload(ctx, in)
	out.Key = *plain(&out.Key)
	return out, err
}

func (b keyed) CompleteMultipartUpload(ctx context.Context, given *s3.CompleteMultipartUploadInput) (out s3response.CompleteMultipartUploadResult, version string, err error) {
	in := *given
	if in.Key, err = nameOf(in.Key); err != nil {
		return out, "", err
	}
	out, version, err = b.Backend.CompleteMultipartUpload(ctx, &in)
	out.Key = plain(out.Key)
	return out, version, err
}

func (b keyed) AbortMultipartUpload(ctx context.Context, given *s3.AbortMultipartUploadInput) error {
	in := *given
	in.Key = part(in.Key)
	return b.Backend.AbortMultipartUpload(ctx, &in)
}

func (b keyed) ListParts(ctx context.Context, given *s3.ListPartsInput) (s3response.ListPartsResult, error) {
	in := *given
	in.Key = part(in.Key)
	out, err := b.Backend.ListParts(ctx, &in)
	out.Key = *plain(&out.Key)
	return out, err
}

func (b keyed) UploadPart(ctx context.Context, given *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	in := *given
	in.Key = part(in.Key)
	return b.Backend.UploadPart(ctx, &in)
}

func (b keyed) UploadPartCopy(ctx context.Context, given *s3.UploadPartCopyInput) (out s3response.CopyPartResult, err error) {
	in := *given
	if in.CopySource, err = sourceName(in.CopySource); err != nil {
		return out, err
	}
	in.Key = part(in.Key)
	return b.Backend.UploadPartCopy(ctx, &in)
}
