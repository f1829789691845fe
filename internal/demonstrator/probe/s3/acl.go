package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// allUsers is the group of everybody, known or not.
const allUsers = "http://acs.amazonaws.com/groups/global/AllUsers"

// withACLs are the headers that create a bucket with ACLs that count.
var withACLs = []string{"X-Amz-Object-Ownership", "BucketOwnerPreferred"}

var aclChecks = []probe.Check{
	{
		ID: "s3/acl/default", Rule: "S3 API, GetBucketAcl", Features: []string{acl},
		Title: lang.T("Un seau neuf n'est qu'à son propriétaire", "A new bucket is its owner's only"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			wantGrants(t, c, bucket, "owner FULL_CONTROL")
		}),
	},
	{
		ID: "s3/acl/public-read", Rule: "S3 API, canned ACL", Features: []string{acl, ownership},
		Title: lang.T("public-read laisse chacun lister le seau, et non y écrire", "public-read lets anyone list the bucket, not write to it"),
		Run:   with(aclPublicRead),
	},
	{
		ID: "s3/acl/public-read-document", Rule: "S3 API, GetBucketAcl", Features: []string{acl, ownership},
		Title: lang.T("public-read se lit dans la liste d'accès du seau", "public-read can be read in the bucket's access list"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t, withACLs...)
			c.setACL(t, bucket, "public-read").Want(t, http.StatusOK)
			wantGrants(t, c, bucket, "everybody READ", "owner FULL_CONTROL")
		}),
	},
	{
		ID: "s3/acl/private-again", Rule: "S3 API, canned ACL", Features: []string{acl, ownership},
		Title: lang.T("private referme un seau qui était ouvert", "private closes a bucket that was open"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t, withACLs...)
			c.setACL(t, bucket, "public-read").Want(t, http.StatusOK)
			c.Settled(t, look(bucket, ""), http.StatusOK).but(stranger(anonymous)).Want(t, http.StatusOK)
			c.setACL(t, bucket, "private").Want(t, http.StatusOK)
			c.Settled(t, look(bucket, ""), http.StatusForbidden).but(stranger(anonymous)).
				WantRefusal(t, http.StatusForbidden, "AccessDenied")
			wantGrants(t, c, bucket, "owner FULL_CONTROL")
		}),
	},
	{
		ID: "s3/acl/enforced", Rule: "S3 API, PutBucketAcl", Features: []string{acl, ownership},
		Title: lang.T("BucketOwnerEnforced fait refuser les listes d'accès", "BucketOwnerEnforced has access lists refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t, "X-Amz-Object-Ownership", "BucketOwnerEnforced")
			c.setACL(t, bucket, "public-read").WantRefusal(t, http.StatusBadRequest, "AccessControlListNotSupported")
			wantGrants(t, c, bucket, "owner FULL_CONTROL")
		}),
	},
	{
		ID: "s3/acl/invalid", Rule: "S3 API, canned ACL", Features: []string{acl, ownership},
		Title: lang.T("Une liste d'accès prédéfinie inconnue est refusée", "An unknown canned ACL is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t, withACLs...)
			c.setACL(t, bucket, "read-on-sundays").WantRefusal(t, http.StatusBadRequest, "InvalidArgument")
			wantGrants(t, c, bucket, "owner FULL_CONTROL")
		}),
	},
	{
		ID: "s3/acl/malformed", Rule: "S3 API, PutBucketAcl", Features: []string{acl, ownership},
		Title: lang.T("Une liste d'accès mal formée est refusée", "A malformed access list is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t, withACLs...)
			c.PutDocument(t, bucket, "", "acl", "<AccessControlPolicy "+xmlns+"><Owner>").
				WantRefusal(t, http.StatusBadRequest, "MalformedACLError", "MalformedXML")
			wantGrants(t, c, bucket, "owner FULL_CONTROL")
		}),
	},
	{
		ID: "s3/acl/other-account", Rule: "S3 API, PutBucketAcl", Features: []string{acl, ownership, secondAccount},
		Title: lang.T("Un autre compte ne lit ni ne change la liste d'accès d'un seau", "Another account neither reads nor changes a bucket's access list"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t, withACLs...)
			r := Request{Method: http.MethodGet, Bucket: bucket, Query: "acl", As: otherAccount}
			c.Do(t, r).but(stranger(otherAccount)).WantRefusal(t, http.StatusForbidden, "AccessDenied")
			r.Method, r.Header = http.MethodPut, []string{"X-Amz-Acl", "public-read-write"}
			c.Do(t, r).but(stranger(otherAccount)).WantRefusal(t, http.StatusForbidden, "AccessDenied")
			wantGrants(t, c, bucket, "owner FULL_CONTROL")
		}),
	},
}

// setACL gives a bucket a canned ACL.
func (c *Cloud) setACL(t *probe.T, bucket, canned string) Answer {
	c.unblock(t, bucket)
	return c.Do(t, Request{Method: http.MethodPut, Bucket: bucket, Query: "acl", Header: []string{"X-Amz-Acl", canned}})
}

func aclPublicRead(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t, withACLs...)
	c.Put(t, bucket, "object", pattern(1, 1024))
	c.Do(t, look(bucket, "")).but(stranger(anonymous)).WantRefusal(t, http.StatusForbidden, "AccessDenied")
	c.setACL(t, bucket, "public-read").Want(t, http.StatusOK)
	wantSeen(t, c, bucket, "object")
	put := visit(http.MethodPut, bucket, "other")
	put.Body = []byte("intruder")
	c.Do(t, put).but(stranger(anonymous)).WantRefusal(t, http.StatusForbidden, "AccessDenied")
	wantAbsent(t, c, bucket, "other")
}

// accessList is the document of an ACL.
type accessList struct {
	XMLName xml.Name `xml:"AccessControlPolicy"`
	Owner   struct{ ID string }
	Grants  []struct {
		Grantee    struct{ ID, URI string }
		Permission string
	} `xml:"AccessControlList>Grant"`
}

// wantGrants wants the ACL of a bucket to name its owner, and to hold just these
// grants, each written as the grantee and the permission.
func wantGrants(t *probe.T, c *Cloud, bucket string, want ...string) {
	a := c.Document(t, bucket, "", "acl").Want(t, http.StatusOK)
	var doc accessList
	a.XML(t, &doc)
	t.Want(doc.Owner.ID != "", a.Did, "an Owner without ID", "the ID of the owner")
	var got []string
	for _, g := range doc.Grants {
		who := strings.TrimSpace("somebody else " + g.Grantee.URI)
		switch {
		case g.Grantee.ID == doc.Owner.ID:
			who = "owner"
		case g.Grantee.URI == allUsers:
			who = "everybody"
		}
		got = append(got, who+" "+g.Permission)
	}
	slices.Sort(got)
	wantRows(t, a.Did, got, want)
}
