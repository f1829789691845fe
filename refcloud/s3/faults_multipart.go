package s3

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

var multipartFaults = slices.Concat(completionFaults, uploadFaults)

// completionFaults spoil what a completed upload becomes.
var completionFaults = []Fault{
	{
		Name: "s3.multipart-first-part-only", Group: "multipart",
		Text: "GET of an object uploaded in several parts returns its first part.",
		Backend: onGet(func(next backend.Backend, ctx context.Context, in *s3.GetObjectInput) error {
			head, err := next.HeadObject(ctx, &s3.HeadObjectInput{Bucket: in.Bucket, Key: in.Key, VersionId: in.VersionId, PartNumber: aws.Int32(1)})
			if err == nil && in.PartNumber == nil && aws.ToInt32(head.PartsCount) > 1 {
				in.PartNumber = aws.Int32(1)
			}
			return nil
		}),
	},
	{
		Name: "s3.multipart-part-number-ignored", Group: "multipart",
		Text: "GET with a partNumber returns the whole object.",
		Backend: onGet(func(_ backend.Backend, _ context.Context, in *s3.GetObjectInput) error {
			in.PartNumber = nil
			return nil
		}),
	},
	{
		Name: "s3.multipart-hides-old", Group: "multipart",
		Text: "An object can't be read while an upload to its key is under way.",
		Backend: onGet(func(next backend.Backend, ctx context.Context, in *s3.GetObjectInput) error {
			list, err := next.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: in.Bucket, Prefix: in.Key, MaxUploads: aws.Int32(1000)})
			if err == nil && slices.ContainsFunc(list.Uploads, func(u s3response.Upload) bool { return u.Key == *in.Key }) {
				return s3err.GetAPIError(s3err.ErrNoSuchKey)
			}
			return nil
		}),
	},
	{
		Name: "s3.multipart-etag-plain", Group: "multipart",
		Text: "The ETag of a completed upload has the form of an MD5, without the number of parts.",
		Front: EditXML("CompleteMultipartUpload", func(_ *http.Request, doc string) string {
			return Replace(doc, "ETag", func(etag string) string { return strings.Replace(etag, "-1", "", 1) })
		}),
	},
	{
		Name: "s3.multipart-last-part-small-refused", Group: "multipart",
		Text: "A single part is refused as EntityTooSmall below 5 MiB.",
		Backend: onComplete(func(have uploadedParts, parts []types.CompletedPart) ([]types.CompletedPart, error) {
			if p, ok := have[number(parts[0])]; ok && len(parts) == 1 && bare(&p.ETag) == bare(parts[0].ETag) && p.Size < backend.MinPartSize {
				return nil, s3err.GetEntityTooSmallErr(p.Size, backend.MinPartSize)
			}
			return parts, nil
		}),
	},
	{
		Name: "s3.multipart-gap-refused", Group: "multipart",
		Text: "A part whose number is beyond the count of parts is refused as InvalidPart.",
		Backend: onComplete(func(have uploadedParts, parts []types.CompletedPart) ([]types.CompletedPart, error) {
			for _, p := range parts {
				if int(number(p)) > len(parts) {
					return nil, s3err.GetInvalidPartErr("", number(p), aws.ToString(p.ETag))
				}
			}
			return parts, nil
		}),
	},
	{
		Name: "s3.multipart-small-part-dropped", Group: "multipart",
		Text: "Parts that are too small are dropped instead of refused.",
		Backend: onComplete(func(have uploadedParts, parts []types.CompletedPart) ([]types.CompletedPart, error) {
			last := number(parts[len(parts)-1])
			return slices.DeleteFunc(parts, func(p types.CompletedPart) bool {
				uploaded, ok := have[number(p)]
				return ok && uploaded.Size < backend.MinPartSize && number(p) < last
			}), nil
		}),
	},
	{
		Name: "s3.multipart-order-ignored", Group: "multipart",
		Text: "A list of parts out of order is sorted instead of refused.",
		Backend: onComplete(func(_ uploadedParts, parts []types.CompletedPart) ([]types.CompletedPart, error) {
			slices.SortFunc(parts, func(a, b types.CompletedPart) int { return cmp.Compare(number(a), number(b)) })
			return parts, nil
		}),
	},
	{
		Name: "s3.multipart-etag-unchecked", Group: "multipart",
		Text: "The ETags in a list of parts are not compared with those of the parts.",
		Backend: onComplete(func(have uploadedParts, parts []types.CompletedPart) ([]types.CompletedPart, error) {
			for i, p := range parts {
				if uploaded, ok := have[number(p)]; ok {
					parts[i].ETag = &uploaded.ETag
				}
			}
			return parts, nil
		}),
	},
	{
		Name: "s3.multipart-missing-part-skipped", Group: "multipart",
		Text: "Parts that were not uploaded are left out instead of refused.",
		Backend: onComplete(func(have uploadedParts, parts []types.CompletedPart) ([]types.CompletedPart, error) {
			for i, p := range parts {
				if _, ok := have[number(p)]; ok || len(have) == 0 {
					continue
				}
				for n, uploaded := range have { // any part that is there
					parts[i].PartNumber, parts[i].ETag = &n, &uploaded.ETag
				}
			}
			return parts, nil
		}),
	},
	{
		Name: "s3.multipart-empty-complete", Group: "multipart",
		Text: "Completing an upload without naming any part is answered 200.",
		Front: EditResponse("CompleteMultipartUpload", func(r *http.Request, resp *Response) {
			if resp.Status == http.StatusBadRequest && Inner(string(resp.Body), "Code") == "MalformedXML" {
				bucket, key := Target(r)
				resp.Status, resp.Body = http.StatusOK, fmt.Appendf(nil, "<CompleteMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key>"+
					"<ETag>&quot;d41d8cd98f00b204e9800998ecf8427e-0&quot;</ETag></CompleteMultipartUploadResult>", bucket, key)
			}
		}),
	},
}

// getEdited edits or refuses requests for objects.
type getEdited struct {
	backend.Backend
	edit func(next backend.Backend, ctx context.Context, in *s3.GetObjectInput) error
}

func onGet(edit func(backend.Backend, context.Context, *s3.GetObjectInput) error) func(backend.Backend) backend.Backend {
	return func(next backend.Backend) backend.Backend { return getEdited{next, edit} }
}

func (b getEdited) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	if err := b.edit(b.Backend, ctx, in); err != nil {
		return nil, err
	}
	return b.Backend.GetObject(ctx, in)
}

// uploadedParts are the parts of an upload by number.
type uploadedParts map[int32]s3response.Part

// completeEdited edits or refuses lists of parts, knowing what was uploaded.
type completeEdited struct {
	backend.Backend
	edit func(have uploadedParts, parts []types.CompletedPart) ([]types.CompletedPart, error)
}

func onComplete(edit func(uploadedParts, []types.CompletedPart) ([]types.CompletedPart, error)) func(backend.Backend) backend.Backend {
	return func(next backend.Backend) backend.Backend { return completeEdited{next, edit} }
}

func (b completeEdited) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (s3response.CompleteMultipartUploadResult, string, error) {
	list, err := b.ListParts(ctx, &s3.ListPartsInput{Bucket: in.Bucket, Key: in.Key, UploadId: in.UploadId, MaxParts: aws.Int32(10000)})
	if err != nil {
		return b.Backend.CompleteMultipartUpload(ctx, in)
	}
	have := uploadedParts{}
	for _, p := range list.Parts {
		have[int32(p.PartNumber)] = p
	}
	in.MultipartUpload.Parts, err = b.edit(have, in.MultipartUpload.Parts)
	if err != nil {
		return s3response.CompleteMultipartUploadResult{}, "", err
	}
	return b.Backend.CompleteMultipartUpload(ctx, in)
}

func number(p types.CompletedPart) int32 { return aws.ToInt32(p.PartNumber) }
