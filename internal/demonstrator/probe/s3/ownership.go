package s3

import (
	"encoding/xml"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var ownershipChecks = []probe.Check{
	{
		ID: "s3/ownership/default", Rule: "S3 API, GetBucketOwnershipControls", Features: []string{ownership},
		Title: lang.T("Un seau neuf appartient tout entier à son propriétaire", "A new bucket belongs to its owner altogether"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantOwnership(t, c, c.Bucket(t), "BucketOwnerEnforced")
		}),
	},
	{
		ID: "s3/ownership/at-creation", Rule: "S3 API, CreateBucket", Features: []string{ownership},
		Title: lang.T("Le mode de propriété se choisit à la création du seau", "The ownership is chosen as the bucket is created"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantOwnership(t, c, c.Bucket(t, "X-Amz-Object-Ownership", "ObjectWriter"), "ObjectWriter")
		}),
	},
	{
		ID: "s3/ownership/round-trip", Rule: "S3 API, PutBucketOwnershipControls", Features: []string{ownership},
		Title: lang.T("Le mode de propriété se change", "The ownership can be changed"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			for _, mode := range []types.ObjectOwnership{types.ObjectOwnershipObjectWriter, types.ObjectOwnershipBucketOwnerPreferred} {
				_, err := c.AWS().PutBucketOwnershipControls(t.Context(), &s3.PutBucketOwnershipControlsInput{
					Bucket:            &bucket,
					OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{{ObjectOwnership: mode}}},
				})
				works(t, "PutBucketOwnershipControls "+string(mode), err)
				wantOwnership(t, c, bucket, string(mode))
			}
		}),
	},
	{
		ID: "s3/ownership/delete", Rule: "S3 API, DeleteBucketOwnershipControls", Features: []string{ownership},
		Title: lang.T("Un mode de propriété supprimé n'existe plus", "A deleted ownership is gone"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket, Query: "ownershipControls"}).Want(t, http.StatusNoContent, http.StatusOK)
			c.Document(t, bucket, "", "ownershipControls").but("after DELETE").
				WantRefusal(t, http.StatusNotFound, "OwnershipControlsNotFoundError")
		}),
	},
	{
		ID: "s3/ownership/invalid", Rule: "S3 API, PutBucketOwnershipControls", Features: []string{ownership},
		Title: lang.T("Un mode de propriété inconnu est refusé", "An unknown ownership is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t, withACLs...)
			c.PutDocument(t, bucket, "", "ownershipControls", `<OwnershipControls `+xmlns+`><Rule>`+
				`<ObjectOwnership>Everybody</ObjectOwnership></Rule></OwnershipControls>`).
				WantRefusal(t, http.StatusBadRequest, "MalformedXML")
			wantOwnership(t, c, bucket, "BucketOwnerPreferred")
		}),
	},
}

func wantOwnership(t *probe.T, c *Cloud, bucket, mode string) {
	a := c.Document(t, bucket, "", "ownershipControls").Want(t, http.StatusOK)
	var doc struct {
		XMLName xml.Name `xml:"OwnershipControls"`
		Modes   []string `xml:"Rule>ObjectOwnership"`
	}
	a.XML(t, &doc)
	wantRows(t, a.Did, doc.Modes, []string{mode})
}
