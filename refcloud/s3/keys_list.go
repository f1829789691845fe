package s3

import (
	"context"
	"encoding/base64"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

func plainObjects(objects []s3response.Object, prefixes []types.CommonPrefix) {
	for i := range objects {
		objects[i].Key = plain(objects[i].Key)
	}
	plainPrefixes(prefixes)
}

func plainPrefixes(prefixes []types.CommonPrefix) {
	for i := range prefixes {
		prefixes[i].Prefix = plain(prefixes[i].Prefix)
	}
}

func (b keyed) ListObjects(ctx context.Context, given *s3.ListObjectsInput) (s3response.ListObjectsResult, error) {
	in := *given
	in.Prefix, in.Marker, in.Delimiter = part(in.Prefix), part(in.Marker), part(in.Delimiter)
	out, err := b.Backend.ListObjects(ctx, &in)
	plainObjects(out.Contents, out.CommonPrefixes)
	out.Prefix, out.Delimiter = instead(out.Prefix, given.Prefix), instead(out.Delimiter, given.Delimiter)
	out.Marker, out.NextMarker = instead(out.Marker, given.Marker), plain(out.NextMarker)
	return out, err
}

// token makes a continuation token of a name. Clients must not look inside.
var token = base64.RawURLEncoding

func (b keyed) ListObjectsV2(ctx context.Context, given *s3.ListObjectsV2Input) (s3response.ListObjectsV2Result, error) {
	in := *given
	in.Prefix, in.StartAfter, in.Delimiter = part(in.Prefix), part(in.StartAfter), part(in.Delimiter)
	if in.ContinuationToken != nil && *in.ContinuationToken != "" {
		name, err := token.DecodeString(*in.ContinuationToken)
		if _, ok := decodeName(string(name)); err != nil || !ok {
			return s3response.ListObjectsV2Result{}, s3err.APIError{
				Code: "InvalidArgument", Description: "The continuation token provided is incorrect", HTTPStatusCode: 400,
			}
		}
		in.ContinuationToken = new(string)
		*in.ContinuationToken = string(name)
	}
	out, err := b.Backend.ListObjectsV2(ctx, &in)
	plainObjects(out.Contents, out.CommonPrefixes)
	out.Prefix, out.Delimiter = instead(out.Prefix, given.Prefix), instead(out.Delimiter, given.Delimiter)
	out.StartAfter = instead(out.StartAfter, given.StartAfter)
	out.ContinuationToken = nil
	if given.ContinuationToken != nil && *given.ContinuationToken != "" {
		out.ContinuationToken = given.ContinuationToken
	}
	if next := out.NextContinuationToken; next != nil && *next != "" {
		*next = token.EncodeToString([]byte(*next))
	}
	return out, err
}

func (b keyed) ListObjectVersions(ctx context.Context, given *s3.ListObjectVersionsInput) (s3response.ListVersionsResult, error) {
	in := *given
	in.Prefix, in.KeyMarker, in.Delimiter = part(in.Prefix), part(in.KeyMarker), part(in.Delimiter)
	out, err := b.Backend.ListObjectVersions(ctx, &in)
	for i := range out.Versions {
		out.Versions[i].Key = plain(out.Versions[i].Key)
	}
	for i := range out.DeleteMarkers {
		out.DeleteMarkers[i].Key = plain(out.DeleteMarkers[i].Key)
	}
	plainPrefixes(out.CommonPrefixes)
	out.Prefix, out.Delimiter = instead(out.Prefix, given.Prefix), instead(out.Delimiter, given.Delimiter)
	out.KeyMarker, out.NextKeyMarker = instead(out.KeyMarker, given.KeyMarker), plain(out.NextKeyMarker)
	return out, err
}

func (b keyed) ListMultipartUploads(ctx context.Context, given *s3.ListMultipartUploadsInput) (s3response.ListMultipartUploadsResult, error) {
	in := *given
	in.Prefix, in.KeyMarker, in.Delimiter = part(in.Prefix), part(in.KeyMarker), part(in.Delimiter)
	out, err := b.Backend.ListMultipartUploads(ctx, &in)
	for i := range out.Uploads {
		out.Uploads[i].Key = *plain(&out.Uploads[i].Key)
	}
	for i := range out.CommonPrefixes {
		out.CommonPrefixes[i].Prefix = *plain(&out.CommonPrefixes[i].Prefix)
	}
	for _, field := range []*string{&out.Prefix, &out.Delimiter, &out.KeyMarker, &out.NextKeyMarker} {
		*field = *plain(field)
	}
	return out, err
}
