package s3

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
)

// ownershipHeader chooses the ownership as a bucket is created.
const ownershipHeader = "X-Amz-Object-Ownership"

var aclFaults = []Fault{
	{
		Name: "s3.acl-ignored", Group: "acl",
		Text:    "ACLs that open a bucket are kept and shown, and nobody obeys them.",
		Backend: func(next backend.Backend) backend.Backend { return privateForAll{next} },
	},
	{
		Name: "s3.acl-when-enforced", Group: "acl",
		Text:    "ACLs are accepted where BucketOwnerEnforced forbids them.",
		Backend: func(next backend.Backend) backend.Backend { return neverEnforced{next} },
	},
	{
		Name: "s3.acl-errors-ignored", Group: "acl",
		Text: "An ACL that can't be read is answered 200.",
		Front: EditResponse("PutBucketAcl", func(r *http.Request, resp *Response) {
			excuse("InvalidArgument", http.StatusOK)(r, resp)
			excuse("MalformedACLError", http.StatusOK)(r, resp)
		}),
	},
	{
		Name: "s3.acl-without-grants", Group: "acl",
		Text:  "The document of an ACL lists no grant.",
		Front: EditXML("GetBucketAcl", func(_ *http.Request, doc string) string { return Cut(doc, "Grant") }),
	},
	{
		Name: "s3.ownership-header-ignored", Group: "ownership",
		Text: "The ownership that a new bucket asks for is ignored.",
		Front: EditRequest("CreateBucket", func(r *http.Request) bool {
			asked := r.Header.Get(ownershipHeader) != ""
			r.Header.Del(ownershipHeader)
			return asked
		}),
	},
	{
		Name: "s3.ownership-of-writers", Group: "ownership",
		Text: "The objects of a new bucket belong to those who write them.",
		Front: EditRequest("CreateBucket", func(r *http.Request) bool {
			if r.Header.Get(ownershipHeader) != "" {
				return false
			}
			r.Header.Set(ownershipHeader, "ObjectWriter")
			return true
		}),
	},
	{
		Name: "s3.ownership-errors-ignored", Group: "ownership",
		Text:  "An unknown ownership is answered 200.",
		Front: EditResponse("PutBucketOwnershipControls", excuse("MalformedXML", http.StatusOK)),
	},
	{
		Name: "s3.ownership-stays", Group: "ownership",
		Text: "The ownership of a bucket can't be deleted, and the answer is 204.",
		Front: On("DeleteBucketOwnershipControls", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.WriteHeader(http.StatusNoContent)
		}),
	},
}

type privateForAll struct{ backend.Backend }

func (b privateForAll) GetBucketAcl(ctx context.Context, in *s3.GetBucketAclInput) ([]byte, error) {
	raw, err := b.Backend.GetBucketAcl(ctx, in)
	if err != nil || asks(ctx, "acl") {
		return raw, err
	}
	return withoutGroups(raw), nil
}

type neverEnforced struct{ backend.Backend }

func (b neverEnforced) GetBucketOwnershipControls(ctx context.Context, bucket string) (types.ObjectOwnership, error) {
	mode, err := b.Backend.GetBucketOwnershipControls(ctx, bucket)
	if err == nil && asks(ctx, "acl") {
		mode = types.ObjectOwnershipObjectWriter
	}
	return mode, err
}
