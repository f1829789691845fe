package s3

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3response"
)

// repairedLists undoes what the files' backend does otherwise than the S3 API
// says about listings in pages. Each method names the defect.
type repairedLists struct{ backend.Backend }

// row is an entry of a listing in pages: an upload, a version, a delete marker,
// or a common prefix, which has no id.
type row[T any] struct {
	key, id string
	entry   T
}

// following returns the rows after a key and an id, max at most, and whether there
// are more. Rows of one key are in their own order: an id is found by looking.
func following[T any](rows []row[T], key, id string, most int) ([]row[T], bool) {
	if key != "" {
		at := slices.IndexFunc(rows, func(r row[T]) bool { return r.key == key && r.id == id })
		if id == "" || at < 0 {
			at = slices.IndexFunc(rows, func(r row[T]) bool { return r.key > key }) - 1
			if at == -2 {
				at = len(rows) - 1
			}
		}
		rows = rows[at+1:]
	}
	if len(rows) > most {
		return rows[:most], true
	}
	return rows, false
}

// ListMultipartUploads doesn't find the place where its own last page ended.
func (b repairedLists) ListMultipartUploads(ctx context.Context, in *s3.ListMultipartUploadsInput) (s3response.ListMultipartUploadsResult, error) {
	key, id, most := aws.ToString(in.KeyMarker), aws.ToString(in.UploadIdMarker), int(aws.ToInt32(in.MaxUploads))
	if key == "" || id == "" {
		return b.Backend.ListMultipartUploads(ctx, in)
	}
	whole := *in
	whole.KeyMarker, whole.UploadIdMarker, whole.MaxUploads = nil, nil, aws.Int32(math.MaxInt32)
	out, err := b.Backend.ListMultipartUploads(ctx, &whole)
	if err != nil {
		return out, err
	}
	var rows []row[any]
	for _, u := range out.Uploads {
		rows = append(rows, row[any]{u.Key, u.UploadID, u})
	}
	for _, p := range out.CommonPrefixes {
		rows = append(rows, row[any]{p.Prefix, "", p})
	}
	slices.SortStableFunc(rows, func(a, b row[any]) int { return cmp.Compare(a.key, b.key) })
	rows, out.IsTruncated = following(rows, key, id, most)
	out.KeyMarker, out.UploadIDMarker, out.MaxUploads, out.Uploads, out.CommonPrefixes = key, id, most, nil, nil
	for _, r := range rows {
		switch e := r.entry.(type) {
		case s3response.Upload:
			out.Uploads = append(out.Uploads, e)
		case s3response.CommonPrefix:
			out.CommonPrefixes = append(out.CommonPrefixes, e)
		}
	}
	if out.IsTruncated && len(rows) > 0 {
		last := rows[len(rows)-1]
		out.NextKeyMarker, out.NextUploadIDMarker = last.key, last.id
	}
	return out, nil
}

// ListObjectVersions begins a page with the version that ended the one before.
func (b repairedLists) ListObjectVersions(ctx context.Context, in *s3.ListObjectVersionsInput) (s3response.ListVersionsResult, error) {
	key, id := aws.ToString(in.KeyMarker), aws.ToString(in.VersionIdMarker)
	if key == "" {
		out, err := b.Backend.ListObjectVersions(ctx, in)
		if err != nil || !aws.ToBool(out.IsTruncated) {
			return out, err
		}
	}
	whole := *in
	whole.KeyMarker, whole.VersionIdMarker, whole.MaxKeys = nil, nil, aws.Int32(math.MaxInt32)
	out, err := b.Backend.ListObjectVersions(ctx, &whole)
	if err != nil {
		return out, err
	}
	rows, more := following(versionRows(out), key, id, int(aws.ToInt32(in.MaxKeys)))
	out.KeyMarker, out.VersionIdMarker, out.MaxKeys, out.IsTruncated = in.KeyMarker, in.VersionIdMarker, in.MaxKeys, &more
	out.Versions, out.DeleteMarkers, out.CommonPrefixes = nil, nil, nil
	for _, r := range rows {
		switch e := r.entry.(type) {
		case s3response.ObjectVersion:
			out.Versions = append(out.Versions, e)
		case types.DeleteMarkerEntry:
			out.DeleteMarkers = append(out.DeleteMarkers, e)
		case types.CommonPrefix:
			out.CommonPrefixes = append(out.CommonPrefixes, e)
		}
	}
	if more && len(rows) > 0 {
		last := rows[len(rows)-1]
		out.NextKeyMarker, out.NextVersionIdMarker = &last.key, &last.id
	}
	return out, nil
}

// versionRows merges versions and markers, newest first in each key.
func versionRows(out s3response.ListVersionsResult) []row[any] {
	type dated struct {
		row[any]
		latest bool
		at     time.Time
	}
	var all []dated
	for _, v := range out.Versions {
		all = append(all, dated{row[any]{*v.Key, *v.VersionId, v}, aws.ToBool(v.IsLatest), aws.ToTime(v.LastModified)})
	}
	for _, m := range out.DeleteMarkers {
		all = append(all, dated{row[any]{*m.Key, *m.VersionId, m}, aws.ToBool(m.IsLatest), aws.ToTime(m.LastModified)})
	}
	for _, p := range out.CommonPrefixes {
		all = append(all, dated{row: row[any]{*p.Prefix, "", p}})
	}
	slices.SortStableFunc(all, func(a, b dated) int {
		if a.key == b.key && a.latest != b.latest {
			if a.latest {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.key, b.key), b.at.Compare(a.at))
	})
	rows := make([]row[any], len(all))
	for i, d := range all {
		rows[i] = d.row
	}
	return rows
}
