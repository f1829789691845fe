package s3

import (
	"bufio"
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3response"
)

// What follows passes each call on an object with its name for its key. The
// caller's input is never written: a fault may use it again.

func (b keyed) PutObject(ctx context.Context, in s3response.PutObjectInput) (out s3response.PutObjectOutput, err error) {
	if in.Key, err = nameOf(in.Key); err != nil {
		return out, err
	}
	return b.Backend.PutObject(ctx, in)
}

func (b keyed) HeadObject(ctx context.Context, given *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	in, err := *given, error(nil)
	if in.Key, err = nameOf(in.Key); err != nil {
		return nil, err
	}
	out, err := b.Backend.HeadObject(ctx, &in)
	return out, named(err, given.Key)
}

func (b keyed) GetObject(ctx context.Context, given *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	in, err := *given, error(nil)
	if in.Key, err = nameOf(in.Key); err != nil {
		return nil, err
	}
	out, err := b.Backend.GetObject(ctx, &in)
	return out, named(err, given.Key)
}

func (b keyed) GetObjectAttributes(ctx context.Context, given *s3.GetObjectAttributesInput) (out s3response.GetObjectAttributesResponse, err error) {
	in := *given
	if in.Key, err = nameOf(in.Key); err != nil {
		return out, err
	}
	out, err = b.Backend.GetObjectAttributes(ctx, &in)
	return out, named(err, given.Key)
}

func (b keyed) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (out s3response.CopyObjectOutput, err error) {
	if in.CopySource, err = sourceName(in.CopySource); err != nil {
		return out, err
	}
	key := in.Key
	if in.Key, err = nameOf(in.Key); err != nil {
		return out, err
	}
	out, err = b.Backend.CopyObject(ctx, in)
	return out, named(err, key)
}

func (b keyed) DeleteObject(ctx context.Context, given *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	in, err := *given, error(nil)
	if in.Key, err = nameOf(in.Key); err != nil {
		return nil, err
	}
	out, err := b.Backend.DeleteObject(ctx, &in)
	return out, named(err, given.Key)
}

func (b keyed) DeleteObjects(ctx context.Context, given *s3.DeleteObjectsInput) (s3response.DeleteResult, error) {
	in := *given
	if given.Delete != nil {
		in.Delete = &types.Delete{Quiet: given.Delete.Quiet}
		for _, o := range given.Delete.Objects {
			o.Key = part(o.Key) // a key that is too long fails by itself
			in.Delete.Objects = append(in.Delete.Objects, o)
		}
	}
	out, err := b.Backend.DeleteObjects(ctx, &in)
	for i := range out.Deleted {
		out.Deleted[i].Key = plain(out.Deleted[i].Key)
	}
	for i := range out.Error {
		out.Error[i].Key = plain(out.Error[i].Key)
	}
	return out, err
}

func (b keyed) GetObjectAcl(ctx context.Context, given *s3.GetObjectAclInput) (*s3.GetObjectAclOutput, error) {
	in := *given
	in.Key = part(in.Key)
	return b.Backend.GetObjectAcl(ctx, &in)
}

func (b keyed) PutObjectAcl(ctx context.Context, given *s3.PutObjectAclInput) error {
	in := *given
	in.Key = part(in.Key)
	return b.Backend.PutObjectAcl(ctx, &in)
}

func (b keyed) RestoreObject(ctx context.Context, given *s3.RestoreObjectInput) error {
	in := *given
	in.Key = part(in.Key)
	return b.Backend.RestoreObject(ctx, &in)
}

func (b keyed) SelectObjectContent(ctx context.Context, given *s3.SelectObjectContentInput) func(*bufio.Writer) {
	in := *given
	in.Key = part(in.Key)
	return b.Backend.SelectObjectContent(ctx, &in)
}

func (b keyed) GetObjectTagging(ctx context.Context, bucket, object, version string) (map[string]string, error) {
	out, err := b.Backend.GetObjectTagging(ctx, bucket, encodeName(object), version)
	return out, named(err, &object)
}

func (b keyed) PutObjectTagging(ctx context.Context, bucket, object, version string, tags map[string]string) error {
	return named(b.Backend.PutObjectTagging(ctx, bucket, encodeName(object), version, tags), &object)
}

func (b keyed) DeleteObjectTagging(ctx context.Context, bucket, object, version string) error {
	return named(b.Backend.DeleteObjectTagging(ctx, bucket, encodeName(object), version), &object)
}

func (b keyed) PutObjectRetention(ctx context.Context, bucket, object, version string, retention []byte) error {
	return named(b.Backend.PutObjectRetention(ctx, bucket, encodeName(object), version, retention), &object)
}

func (b keyed) GetObjectRetention(ctx context.Context, bucket, object, version string) ([]byte, error) {
	out, err := b.Backend.GetObjectRetention(ctx, bucket, encodeName(object), version)
	return out, named(err, &object)
}

func (b keyed) PutObjectLegalHold(ctx context.Context, bucket, object, version string, status bool) error {
	return named(b.Backend.PutObjectLegalHold(ctx, bucket, encodeName(object), version, status), &object)
}

func (b keyed) GetObjectLegalHold(ctx context.Context, bucket, object, version string) (*bool, error) {
	out, err := b.Backend.GetObjectLegalHold(ctx, bucket, encodeName(object), version)
	return out, named(err, &object)
}
