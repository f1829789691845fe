package s3

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// propertyChecks: what an object bears besides its bytes.
var propertyChecks = []probe.Check{
	{
		ID: "s3/object/content-type", Rule: "S3 API, PutObject (Content-Type)",
		Title: lang.T("Le type d'un objet est rendu tel qu'il a été donné", "The type of an object comes back as it was given"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantKept(t, c, "Content-Type", `text/csv; charset="utf-8"; header=present`)
		}),
	},
	{
		ID: "s3/object/system-headers", Rule: "S3 API, PutObject and GetObject",
		Title: lang.T("Cache-Control, Content-Disposition, -Encoding, -Language et Expires sont rendus", "Cache-Control, Content-Disposition, -Encoding, -Language and Expires come back"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantKept(t, c, "Cache-Control", "max-age=3600, private", "Content-Disposition", `attachment; filename="rapport annuel.csv"`,
				"Content-Encoding", "zstd", "Content-Language", "fr-FR, en", "Expires", "Thu, 01 Dec 2044 16:00:00 GMT")
		}),
	},
	{
		ID: "s3/object/metadata", Rule: "S3 API, PutObject (x-amz-meta-)",
		Title: lang.T("Les métadonnées de l'utilisateur sont rendues", "User metadata comes back"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantKept(t, c, "x-amz-meta-author", "Jeanne", "x-amz-meta-step-2", "0042", "X-Amz-Meta-Mixed-Case", "Kept As Written")
		}),
	},
	{
		ID: "s3/object/metadata-values", Rule: "S3 API, PutObject (x-amz-meta-)",
		Title: lang.T("Les valeurs de métadonnées gardent espaces et ponctuation", "Metadata values keep their spaces and punctuation"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantKept(t, c, "x-amz-meta-list", "a, b;c=d", "x-amz-meta-json", `{"k":["v", 1]}`, "x-amz-meta-sign", "50% & <more> + /x?y#z",
				"x-amz-meta-long", strings.Repeat("0123456789abcdef", 64))
		}),
	},
	{
		ID: "s3/object/metadata-replaced", Rule: "S3 API, PutObject (x-amz-meta-)",
		Title: lang.T("Réécrire un objet remplace ses métadonnées", "Overwriting an object replaces its metadata"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Put(t, bucket, "object", pattern(1, 64), "x-amz-meta-old", "1", "x-amz-meta-both", "1", "Cache-Control", "no-store")
			c.Put(t, bucket, "object", pattern(2, 64), "x-amz-meta-both", "2")
			c.Head(t, bucket, "object").Want(t, http.StatusOK).
				WantHeader(t, "X-Amz-Meta-Both", "2").WantHeader(t, "X-Amz-Meta-Old", "").WantHeader(t, "Cache-Control", "")
		}),
	},
	{
		ID: "s3/object/metadata-too-large", Rule: "S3 API, error MetadataTooLarge",
		Title: lang.T("Des métadonnées de plus de 2 Kio sont refusées", "Metadata over 2 KiB is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			put := Request{Method: http.MethodPut, Bucket: bucket, Key: "object", Body: pattern(1, 64)}
			for i := range 3 {
				put.Header = append(put.Header, fmt.Sprintf("x-amz-meta-part-%d", i), strings.Repeat("m", 1000))
			}
			c.Do(t, put).WantRefusal(t, http.StatusBadRequest, "MetadataTooLarge")
			wantAbsent(t, c, bucket, "object")
		}),
	},
	{
		ID: "s3/object/content-length", Rule: "S3 API, HeadObject (Content-Length)",
		Title: lang.T("HEAD donne la longueur de l'objet", "HEAD gives the length of the object"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Put(t, bucket, "object", pattern(1, 1234))
			c.Head(t, bucket, "object").Want(t, http.StatusOK).WantHeader(t, "Content-Length", "1234")
		}),
	},
	{
		ID: "s3/object/head-equals-get", Rule: "RFC 9110 section 9.3.2",
		Title: lang.T("HEAD donne les mêmes en-têtes que GET", "HEAD gives the same headers as GET"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Put(t, bucket, "object", pattern(1, 500), "Content-Type", "text/plain", "Cache-Control", "no-cache", "x-amz-meta-k", "v")
			get, head := c.Get(t, bucket, "object").Want(t, http.StatusOK), c.Head(t, bucket, "object").Want(t, http.StatusOK)
			t.Want(len(head.Body) == 0, head.Did, head.Got(), "no body")
			for _, name := range []string{"ETag", "Last-Modified", "Content-Type", "Cache-Control", "X-Amz-Meta-K"} {
				t.Want(get.Header.Get(name) != "", get.Did, "200 without "+name, name)
				head.WantHeader(t, name, get.Header.Get(name))
			}
		}),
	},
	{
		ID: "s3/object/last-modified", Rule: "RFC 9110 section 8.8.2",
		Title: lang.T("La date de modification est celle de l'écriture, au format HTTP", "The date of modification is that of the write, in the format of HTTP"),
		Run:   with(lastModified),
	},
	{
		ID: "s3/object/response-overrides", Rule: "S3 API, GetObject (response-content-type)",
		Title: lang.T("Un lecteur peut redéfinir les en-têtes de la réponse", "A reader may override the headers of the answer"),
		Run:   with(responseOverrides),
	},
	{
		ID: "s3/object/attributes", Rule: "S3 API, GetObjectAttributes",
		Title: lang.T("Les propriétés d'un objet se lisent sans lui", "The attributes of an object can be read without it"),
		Run:   with(objectAttributes),
	},
	{
		ID: "s3/object/attributes-unknown", Rule: "S3 API, GetObjectAttributes",
		Title: lang.T("Une propriété inconnue est refusée", "An unknown attribute is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Put(t, bucket, "object", pattern(1, 100))
			c.Do(t, Request{Method: http.MethodGet, Bucket: bucket, Key: "object", Query: "attributes", Header: []string{"x-amz-object-attributes", "Colour"}}).
				WantRefusal(t, http.StatusBadRequest, "InvalidArgument")
		}),
	},
	{
		ID: "s3/object/storage-class", Rule: "S3 API, PutObject (x-amz-storage-class)",
		Title: lang.T("La classe STANDARD est acceptée", "The class STANDARD is accepted"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(1, 100)
			c.Put(t, bucket, "object", body, "x-amz-storage-class", "STANDARD")
			a := c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, body)
			if class := a.Header.Get("X-Amz-Storage-Class"); class != "" { // AWS leaves it out for STANDARD
				a.WantHeader(t, "X-Amz-Storage-Class", "STANDARD")
			}
		}),
	},
	{
		ID: "s3/object/storage-class-unknown", Rule: "S3 API, error InvalidStorageClass",
		Title: lang.T("Une classe de stockage inconnue est refusée", "An unknown storage class is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Do(t, Request{Method: http.MethodPut, Bucket: bucket, Key: "object", Body: pattern(1, 100), Header: []string{"x-amz-storage-class", "GRANITE"}}).
				WantRefusal(t, http.StatusBadRequest, "InvalidStorageClass")
			wantAbsent(t, c, bucket, "object")
		}),
	},
}

// wantKept stores an object with headers, name and value in turn, and wants GET
// to return them all.
func wantKept(t *probe.T, c *Cloud, header ...string) {
	bucket := c.Bucket(t)
	c.Put(t, bucket, "object", pattern(8, 256), header...)
	a := c.Get(t, bucket, "object").Want(t, http.StatusOK)
	for pair := range slices.Chunk(header, 2) {
		a.WantHeader(t, pair[0], pair[1])
	}
}

func lastModified(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	put := c.Put(t, bucket, "object", pattern(1, 100))
	now, err := http.ParseTime(put.Header.Get("Date")) // the server's own clock, if it says the time
	if err != nil {
		now = t.Now()
	}
	for _, a := range []Answer{c.Head(t, bucket, "object"), c.Get(t, bucket, "object")} {
		text := a.Want(t, http.StatusOK).Header.Get("Last-Modified")
		at, err := time.Parse(http.TimeFormat, text)
		t.Want(err == nil, a.Did, "Last-Modified: "+text, "a date such as "+now.UTC().Format(http.TimeFormat))
		t.Want(at.Sub(now).Abs() <= time.Minute, a.Did, "Last-Modified: "+text, "the date of the write, "+now.UTC().Format(http.TimeFormat))
	}
}

func responseOverrides(t *probe.T, c *Cloud) {
	bucket, body := c.Bucket(t), pattern(1, 200)
	c.Put(t, bucket, "object", body, "Content-Type", "text/plain", "Cache-Control", "no-store")
	overrides := []string{
		"Content-Type", "application/json", "Cache-Control", "max-age=60", "Content-Disposition", `attachment; filename="a b.json"`,
		"Content-Language", "fr", "Content-Encoding", "zstd", "Expires", "Thu, 01 Dec 2044 16:00:00 GMT",
	}
	query := url.Values{}
	for pair := range slices.Chunk(overrides, 2) {
		query.Set("response-"+strings.ToLower(pair[0]), pair[1])
	}
	a := c.Do(t, Request{Method: http.MethodGet, Bucket: bucket, Key: "object", Query: strings.ReplaceAll(query.Encode(), "+", "%20")}).
		Want(t, http.StatusOK).WantBody(t, body)
	a.Did = "GET object with all response- overrides"
	for pair := range slices.Chunk(overrides, 2) {
		a.WantHeader(t, pair[0], pair[1])
	}
	c.Get(t, bucket, "object").Want(t, http.StatusOK).WantHeader(t, "Content-Type", "text/plain").WantHeader(t, "Cache-Control", "no-store")
}

func objectAttributes(t *probe.T, c *Cloud) {
	bucket, key := c.Bucket(t), "object"
	put := c.Put(t, bucket, key, pattern(1, 777))
	const did = "GetObjectAttributes of ETag, ObjectSize, StorageClass"
	out, err := c.AWS().GetObjectAttributes(t.Context(), &s3.GetObjectAttributesInput{
		Bucket: &bucket, Key: &key,
		ObjectAttributes: []types.ObjectAttributes{types.ObjectAttributesEtag, types.ObjectAttributesObjectSize, types.ObjectAttributesStorageClass},
	})
	works(t, did, err)
	t.Want(aws.ToInt64(out.ObjectSize) == 777, did, fmt.Sprintf("ObjectSize %d", aws.ToInt64(out.ObjectSize)), "ObjectSize 777")
	t.Want(strings.Trim(aws.ToString(out.ETag), `"`) == put.ETag(), did, fmt.Sprintf("ETag %q", aws.ToString(out.ETag)), fmt.Sprintf("ETag %q", put.ETag()))
	if out.StorageClass != "" { // as in a header, STANDARD may go without saying
		t.Want(out.StorageClass == types.StorageClassStandard, did, fmt.Sprintf("StorageClass %q", out.StorageClass), `StorageClass "STANDARD"`)
	}
	t.Want(out.ObjectParts == nil, did, "ObjectParts", "the attributes that were asked for, no other")
}
