package s3

import (
	"context"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3response"
)

// uploadFaults spoil uploads under way, their parts and their listings.
var uploadFaults = []Fault{
	{
		Name: "s3.multipart-metadata-lost", Group: "multipart",
		Text:    "The metadata given when an upload begins are lost.",
		Backend: func(next backend.Backend) backend.Backend { return metadataLost{next} },
	},
	{
		Name: "s3.multipart-listed-early", Group: "multipart",
		Text:    "ListObjectsV2 lists the keys of uploads under way.",
		Backend: func(next backend.Backend) backend.Backend { return listedEarly{next} },
	},
	{
		Name: "s3.multipart-abort-ignored", Group: "multipart",
		Text:    "An upload that was aborted goes on.",
		Backend: func(next backend.Backend) backend.Backend { return abortIgnored{next} },
	},
	{
		Name: "s3.multipart-key-unchecked", Group: "multipart",
		Text:    "A part is accepted with the upload id of another key.",
		Backend: func(next backend.Backend) backend.Backend { return keyUnchecked{next} },
	},
	{
		Name: "s3.multipart-number-unchecked", Group: "multipart",
		Text: "A part with a number outside 1 to 10,000 is answered 200.",
		Front: EditResponse("UploadPart", func(_ *http.Request, resp *Response) {
			if resp.Status == http.StatusBadRequest && Inner(string(resp.Body), "Code") == "InvalidArgument" {
				resp.Status, resp.Body = http.StatusOK, nil
				resp.Header = http.Header{"Etag": {`"d41d8cd98f00b204e9800998ecf8427e"`}}
			}
		}),
	},
	{
		Name: "s3.list-parts-without-size", Group: "multipart",
		Text: "The list of parts says Size 0.",
		Front: EditXML("ListParts", func(_ *http.Request, doc string) string {
			return Replace(doc, "Size", func(string) string { return "0" })
		}),
	},
	{
		Name: "s3.list-parts-marker-ignored", Group: "multipart",
		Text:    "The list of parts always begins with the first part.",
		Backend: func(next backend.Backend) backend.Backend { return partMarkerIgnored{next} },
	},
	{
		Name: "s3.list-uploads-one-per-key", Group: "multipart",
		Text:    "The list of uploads shows one upload of each key.",
		Backend: onUploads(nil, oneUploadPerKey),
	},
	{
		Name: "s3.list-uploads-prefix-ignored", Group: "multipart",
		Text:    "The list of uploads ignores prefix and delimiter.",
		Backend: onUploads(func(in *s3.ListMultipartUploadsInput) { in.Prefix, in.Delimiter = nil, nil }, nil),
	},
	{
		Name: "s3.list-uploads-marker-ignored", Group: "multipart",
		Text:    "The list of uploads always begins with the first key.",
		Backend: onUploads(func(in *s3.ListMultipartUploadsInput) { in.KeyMarker, in.UploadIdMarker = nil, nil }, nil),
	},
	{
		Name: "s3.copy-part-range-ignored", Group: "multipart",
		Text:    "UploadPartCopy copies the whole source whatever the range.",
		Backend: func(next backend.Backend) backend.Backend { return copyPartRangeIgnored{next} },
	},
	{
		Name: "s3.copy-part-not-implemented", Group: "multipart",
		Text: "UploadPartCopy is answered 501 NotImplemented.",
		Front: On("UploadPartCopy", func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			Refuse(w, r, http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented.")
		}),
	},
}

type metadataLost struct{ backend.Backend }

func (b metadataLost) CreateMultipartUpload(ctx context.Context, in s3response.CreateMultipartUploadInput) (s3response.InitiateMultipartUploadResult, error) {
	in.Metadata, in.CacheControl = nil, nil
	return b.Backend.CreateMultipartUpload(ctx, in)
}

type listedEarly struct{ backend.Backend }

func (b listedEarly) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input) (s3response.ListObjectsV2Result, error) {
	out, err := b.Backend.ListObjectsV2(ctx, in)
	if err != nil {
		return out, err
	}
	list, err := b.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: in.Bucket, MaxUploads: aws.Int32(1000)})
	for _, u := range list.Uploads {
		out.Contents = append(out.Contents, s3response.Object{Key: &u.Key, Size: aws.Int64(0), LastModified: &u.Initiated})
	}
	return out, err
}

type abortIgnored struct{ backend.Backend }

func (b abortIgnored) AbortMultipartUpload(ctx context.Context, in *s3.AbortMultipartUploadInput) error {
	_, err := b.ListParts(ctx, &s3.ListPartsInput{Bucket: in.Bucket, Key: in.Key, UploadId: in.UploadId, MaxParts: aws.Int32(1)})
	return err
}

type keyUnchecked struct{ backend.Backend }

func (b keyUnchecked) UploadPart(ctx context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	list, err := b.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: in.Bucket, MaxUploads: aws.Int32(1000)})
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(list.Uploads, func(u s3response.Upload) bool { return u.UploadID == *in.UploadId }); i >= 0 {
		in.Key = &list.Uploads[i].Key
	}
	return b.Backend.UploadPart(ctx, in)
}

type partMarkerIgnored struct{ backend.Backend }

func (b partMarkerIgnored) ListParts(ctx context.Context, in *s3.ListPartsInput) (s3response.ListPartsResult, error) {
	in.PartNumberMarker = nil
	return b.Backend.ListParts(ctx, in)
}

// uploadsEdited edits listings of uploads.
type uploadsEdited struct {
	backend.Backend
	ask    func(*s3.ListMultipartUploadsInput)
	answer func(*s3response.ListMultipartUploadsResult)
}

func onUploads(ask func(*s3.ListMultipartUploadsInput), answer func(*s3response.ListMultipartUploadsResult)) func(backend.Backend) backend.Backend {
	return func(next backend.Backend) backend.Backend { return uploadsEdited{next, ask, answer} }
}

func (b uploadsEdited) ListMultipartUploads(ctx context.Context, in *s3.ListMultipartUploadsInput) (s3response.ListMultipartUploadsResult, error) {
	if b.ask != nil {
		b.ask(in)
	}
	out, err := b.Backend.ListMultipartUploads(ctx, in)
	if b.answer != nil {
		b.answer(&out)
	}
	return out, err
}

func oneUploadPerKey(out *s3response.ListMultipartUploadsResult) {
	out.Uploads = slices.CompactFunc(out.Uploads, func(a, b s3response.Upload) bool { return a.Key == b.Key })
}

type copyPartRangeIgnored struct{ backend.Backend }

func (b copyPartRangeIgnored) UploadPartCopy(ctx context.Context, in *s3.UploadPartCopyInput) (s3response.CopyPartResult, error) {
	in.CopySourceRange = aws.String("")
	return b.Backend.UploadPartCopy(ctx, in)
}
