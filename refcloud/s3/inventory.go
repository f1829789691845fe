package s3

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// page is how many names are asked of the backend at once.
const page = int32(1000)

// Inventory lists what exists, from the files and past every planted fault:
//
//	bucket/BUCKET
//	object/BUCKET/KEY@VERSION     also for delete markers; "null" without versioning
//	upload/BUCKET/KEY#UPLOAD      multipart uploads that are not completed
func (s *Server) Inventory(ctx context.Context) ([]string, error) {
	buckets, err := s.files.ListBucketsAndOwners(ctx)
	if err != nil {
		return nil, fmt.Errorf("list buckets: %w", err)
	}
	var out []string
	for _, b := range buckets {
		out = append(out, "bucket/"+b.Name)
		objects, err := s.objects(ctx, b.Name)
		if err != nil {
			return nil, fmt.Errorf("list objects of %s: %w", b.Name, err)
		}
		uploads, err := s.uploads(ctx, b.Name)
		if err != nil {
			return nil, fmt.Errorf("list uploads of %s: %w", b.Name, err)
		}
		out = append(append(out, objects...), uploads...)
	}
	slices.Sort(out)
	return out, nil
}

func (s *Server) objects(ctx context.Context, bucket string) ([]string, error) {
	var out []string
	limit := page
	in := &s3.ListObjectVersionsInput{Bucket: &bucket, MaxKeys: &limit}
	for {
		list, err := s.files.ListObjectVersions(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, v := range list.Versions {
			out = append(out, objectName(bucket, v.Key, v.VersionId))
		}
		for _, m := range list.DeleteMarkers {
			out = append(out, objectName(bucket, m.Key, m.VersionId))
		}
		if list.IsTruncated == nil || !*list.IsTruncated {
			return out, nil
		}
		in.KeyMarker, in.VersionIdMarker = list.NextKeyMarker, list.NextVersionIdMarker
	}
}

func objectName(bucket string, key, version *string) string {
	v := "null"
	if version != nil && *version != "" {
		v = *version
	}
	return "object/" + bucket + "/" + *key + "@" + v
}

func (s *Server) uploads(ctx context.Context, bucket string) ([]string, error) {
	var out []string
	limit := page
	in := &s3.ListMultipartUploadsInput{Bucket: &bucket, MaxUploads: &limit}
	for {
		list, err := s.files.ListMultipartUploads(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, u := range list.Uploads {
			out = append(out, "upload/"+bucket+"/"+u.Key+"#"+u.UploadID)
		}
		if !list.IsTruncated {
			return out, nil
		}
		key, id := list.NextKeyMarker, list.NextUploadIDMarker
		in.KeyMarker, in.UploadIdMarker = &key, &id
	}
}
