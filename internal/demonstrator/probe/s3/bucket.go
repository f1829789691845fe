package s3

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var bucketChecks = []probe.Check{
	{
		ID: "s3/bucket/create", Rule: "S3 API, CreateBucket",
		Title: lang.T("Un seau créé existe", "A created bucket exists"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Do(t, Request{Method: http.MethodHead, Bucket: bucket}).Want(t, http.StatusOK)
		}),
	},
	{
		ID: "s3/bucket/create-again", Rule: "S3 API, CreateBucket, errors",
		Title: lang.T("Recréer son propre seau n'y change rien", "Creating one's own bucket again changes nothing in it"),
		Run:   with(createAgain),
	},
	{
		ID: "s3/bucket/name-taken", Rule: "S3 API, CreateBucket, errors", Features: []string{secondAccount},
		Title: lang.T("Le nom d'un seau d'autrui est refusé", "The name of someone else's bucket is refused"),
		Run:   with(createTaken),
	},
	{
		ID: "s3/bucket/name-uppercase", Rule: "Amazon S3 User Guide, bucket naming rules",
		Title: lang.T("Un nom de seau avec des majuscules est refusé", "A bucket name with capitals is refused"),
		Run:   with(func(t *probe.T, c *Cloud) { wantBadName(t, c, "-UPPER") }),
	},
	{
		ID: "s3/bucket/name-underscore", Rule: "Amazon S3 User Guide, bucket naming rules",
		Title: lang.T("Un nom de seau avec un tiret bas est refusé", "A bucket name with an underscore is refused"),
		Run:   with(func(t *probe.T, c *Cloud) { wantBadName(t, c, "-under_score") }),
	},
	{
		ID: "s3/bucket/name-hyphen-end", Rule: "Amazon S3 User Guide, bucket naming rules",
		Title: lang.T("Un nom de seau qui finit par un tiret est refusé", "A bucket name that ends with a hyphen is refused"),
		Run:   with(func(t *probe.T, c *Cloud) { wantBadName(t, c, "-") }),
	},
	{
		ID: "s3/bucket/name-two-dots", Rule: "Amazon S3 User Guide, bucket naming rules",
		Title: lang.T("Un nom de seau avec deux points de suite est refusé", "A bucket name with two adjacent periods is refused"),
		Run:   with(func(t *probe.T, c *Cloud) { wantBadName(t, c, "..dots") }),
	},
	{
		ID: "s3/bucket/name-too-long", Rule: "Amazon S3 User Guide, bucket naming rules",
		Title: lang.T("Un nom de seau de plus de 63 caractères est refusé", "A bucket name of more than 63 characters is refused"),
		Run:   with(func(t *probe.T, c *Cloud) { wantBadName(t, c, strings.Repeat("x", 63)) }),
	},
	{
		ID: "s3/bucket/head-missing", Rule: "S3 API, HeadBucket",
		Title: lang.T("HEAD d'un seau absent répond 404", "HEAD of a missing bucket answers 404"),
		Run: with(func(t *probe.T, c *Cloud) {
			c.Do(t, Request{Method: http.MethodHead, Bucket: c.Reserve(t, mainAccount)}).WantRefusal(t, http.StatusNotFound)
		}),
	},
	{
		ID: "s3/bucket/head-region", Rule: "S3 API, HeadBucket",
		Title: lang.T("HEAD d'un seau dit sa région", "HEAD of a bucket tells its region"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Do(t, Request{Method: http.MethodHead, Bucket: bucket}).Want(t, http.StatusOK).
				WantHeader(t, "X-Amz-Bucket-Region", c.region)
		}),
	},
	{
		ID: "s3/bucket/location", Rule: "S3 API, GetBucketLocation",
		Title: lang.T("La région d'un seau se demande", "A bucket's location can be asked"),
		Run:   with(wantLocation),
	},
	{
		ID: "s3/bucket/list", Rule: "S3 API, ListBuckets",
		Title: lang.T("La liste des seaux montre un nouveau seau et sa date", "The list of buckets shows a new bucket with its date"),
		Run:   with(listNewBucket),
	},
	{
		ID: "s3/bucket/delete", Rule: "S3 API, DeleteBucket",
		Title: lang.T("Un seau supprimé n'existe plus", "A deleted bucket is gone"),
		Run:   with(deleteBucket),
	},
	{
		ID: "s3/bucket/delete-missing", Rule: "S3 API, DeleteBucket",
		Title: lang.T("Supprimer un seau absent répond NoSuchBucket", "Deleting a missing bucket answers NoSuchBucket"),
		Run: with(func(t *probe.T, c *Cloud) {
			name := c.Reserve(t, mainAccount)
			_, err := c.AWS().DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: &name})
			absent(t, "DELETE missing bucket", err, "NoSuchBucket")
		}),
	},
	{
		ID: "s3/bucket/delete-not-empty", Rule: "S3 API, DeleteBucket",
		Title: lang.T("Un seau qui contient un objet ne se supprime pas", "A bucket that holds an object can't be deleted"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(2, 512)
			c.Put(t, bucket, "kept", body)
			c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket}).
				WantRefusal(t, http.StatusConflict, "BucketNotEmpty")
			c.Get(t, bucket, "kept").Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
	{
		ID: "s3/bucket/missing", Rule: "S3 API, error responses, NoSuchBucket",
		Title: lang.T("Écrire dans un seau absent est refusé et ne le crée pas", "Writing into a missing bucket is refused and doesn't create it"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Reserve(t, mainAccount)
			c.Do(t, Request{Method: http.MethodPut, Bucket: bucket, Key: "object", Body: pattern(3, 64)}).
				WantRefusal(t, http.StatusNotFound, "NoSuchBucket")
			c.Get(t, bucket, "object").WantRefusal(t, http.StatusNotFound, "NoSuchBucket")
			c.Do(t, Request{Method: http.MethodHead, Bucket: bucket}).WantRefusal(t, http.StatusNotFound)
		}),
	},
	{
		ID: "s3/bucket/error-document", Rule: "S3 API, REST error responses",
		Title: lang.T("Une erreur est un document XML complet", "An error is a complete XML document"),
		Run:   with(wantErrorDocument),
	},
	{
		ID: "s3/bucket/request-id", Rule: "S3 API, common response headers",
		Title: lang.T("Chaque réponse a son identifiant de requête", "Each answer has its own request identifier"),
		Run:   with(wantRequestIDs),
	},
	{
		ID: "s3/bucket/date", Rule: "RFC 9110 section 6.6.1",
		Title: lang.T("Chaque réponse porte sa date, à un quart d'heure près", "Each answer bears its date, within a quarter of an hour"),
		Run: with(func(t *probe.T, c *Cloud) {
			a := c.Do(t, Request{Method: http.MethodHead, Bucket: c.Bucket(t)}).Want(t, http.StatusOK)
			at, err := http.ParseTime(a.Header.Get("Date"))
			t.Want(err == nil && t.Now().Sub(at).Abs() < 15*time.Minute, a.Did,
				fmt.Sprintf("Date %q", a.Header.Get("Date")), "the date of the answer, as near as SigV4 wants clocks to be")
		}),
	},
}

// createAgain accepts both of the API's answers: 409, and in us-east-1 200.
func createAgain(t *probe.T, c *Cloud) {
	bucket, body := c.Bucket(t), pattern(4, 512)
	c.Put(t, bucket, "kept", body)
	a := c.Do(t, Request{Method: http.MethodPut, Bucket: bucket, Body: c.createBody()})
	if a.Status != http.StatusOK {
		a.WantRefusal(t, http.StatusConflict, "BucketAlreadyOwnedByYou")
	}
	c.Get(t, bucket, "kept").Want(t, http.StatusOK).WantBody(t, body)
}

// createTaken has the other account ask for a name of the main one: neither may
// it succeed, nor may the bucket change hands.
func createTaken(t *probe.T, c *Cloud) {
	bucket, body := c.Bucket(t), pattern(5, 512)
	c.Put(t, bucket, "kept", body)
	a := c.Do(t, Request{Method: http.MethodPut, Bucket: bucket, As: otherAccount, Body: c.createBody()})
	a.Did += " of another account"
	a.WantRefusal(t, http.StatusConflict, "BucketAlreadyExists")
	c.Do(t, Request{Method: http.MethodHead, Bucket: bucket, As: otherAccount}).Want(t, http.StatusForbidden)
	c.Get(t, bucket, "kept").Want(t, http.StatusOK).WantBody(t, body)
}

// wantBadName asks for a bucket under a name of the run that the naming rules
// forbid. Such a name may be no host name: it goes in the path, as SDKs do.
func wantBadName(t *probe.T, c *Cloud, suffix string) {
	name := t.Name() + suffix
	t.Own("s3/bucket", name, mainAccount, "delete every object, version and upload of bucket "+name+", then the bucket")
	a := c.Do(t, Request{Method: http.MethodPut, Body: c.createBody(), Signed: func(r *http.Request) { r.URL.Path = "/" + name }})
	a.Did = "PUT bucket " + clip(name)
	a.WantRefusal(t, http.StatusBadRequest, "InvalidBucketName")
}

// wantLocation knows the two regions whose names the API writes otherwise.
func wantLocation(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	a := c.Do(t, Request{Method: http.MethodGet, Bucket: bucket, Query: "location"}).Want(t, http.StatusOK)
	var location struct {
		Place string `xml:",chardata"`
	}
	a.XML(t, &location)
	got := strings.TrimSpace(location.Place)
	ok := got == c.region || got == "" && c.region == "us-east-1" || got == "EU" && c.region == "eu-west-1"
	t.Want(ok, a.Did, fmt.Sprintf("%d with location %q", a.Status, got), fmt.Sprintf("the location %q", c.region))
}

func listNewBucket(t *probe.T, c *Cloud) {
	const did = "GET service"
	bucket := c.Bucket(t)
	pages := s3.NewListBucketsPaginator(c.AWS(), &s3.ListBucketsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		works(t, did, err)
		for _, b := range page.Buckets {
			if aws.ToString(b.Name) == bucket {
				wantRecent(t, did, "CreationDate", aws.ToTime(b.CreationDate))
				return
			}
		}
	}
	t.Fail(did, "a list without the new bucket", "all buckets of the account")
}

// skew is how far the clocks of a client and of a service may be apart: SigV4
// refuses more.
const skew = 15 * time.Minute

// wantRecent ends the check unless a date is that of this moment, give or take
// the clocks.
func wantRecent(t *probe.T, did, field string, at time.Time) {
	if off := at.Sub(t.Now()).Abs(); at.IsZero() || off > skew {
		t.Fail(did, field+" "+at.UTC().Format(time.RFC3339), "the date of its creation, a moment ago")
	}
}

func deleteBucket(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket}).Want(t, http.StatusNoContent)
	c.Do(t, Request{Method: http.MethodHead, Bucket: bucket}).WantRefusal(t, http.StatusNotFound)
	c.Do(t, Request{Method: http.MethodGet, Bucket: bucket, Query: "list-type=2"}).
		WantRefusal(t, http.StatusNotFound, "NoSuchBucket")
}

// wantErrorDocument reads the document of a frequent error. AWS leaves Resource
// out of many, so it isn't asked for.
func wantErrorDocument(t *probe.T, c *Cloud) {
	a := c.Get(t, c.Bucket(t), "missing").WantRefusal(t, http.StatusNotFound, "NoSuchKey")
	kind, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	t.Want(kind == "application/xml" || kind == "text/xml", a.Did, a.Got()+" as "+kind, "an error of the type application/xml")
	var doc struct {
		XMLName   struct{} `xml:"Error"`
		Message   string
		RequestID string `xml:"RequestId"`
	}
	a.XML(t, &doc)
	t.Want(doc.Message != "", a.Did, a.Got()+" without Message", "a Message for the reader")
	t.Want(doc.RequestID != "", a.Did, a.Got()+" without RequestId", "the RequestId of the request")
}

func wantRequestIDs(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	seen := map[string]bool{}
	for _, a := range []Answer{c.Put(t, bucket, "object", nil), c.Head(t, bucket, "object"), c.Head(t, bucket, "missing")} {
		id := a.Header.Get("X-Amz-Request-Id")
		t.Want(id != "", a.Did, a.Got()+" without x-amz-request-id", "a request identifier in every answer")
		t.Want(!seen[id], a.Did, a.Got()+" with the x-amz-request-id of an earlier answer", "a request identifier of its own")
		seen[id] = true
	}
}
