package s3

import (
	"crypto/md5"
	"fmt"
	"net/http"
	"regexp"
	"slices"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var objectChecks = slices.Concat(contentChecks, propertyChecks, keyChecks, deleteChecks, refusalChecks, freshChecks)

// contentChecks: the bytes of an object, and what is said of them.
var contentChecks = []probe.Check{
	{
		ID: "s3/object/put-get", Rule: "S3 API, PutObject and GetObject",
		Title: lang.T("Un objet écrit se relit à l'identique", "A stored object reads back identical"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(7, 4096)
			c.Put(t, bucket, "object", body)
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
	{
		ID: "s3/object/empty", Rule: "S3 API, PutObject",
		Title: lang.T("Un objet vide existe et se relit vide", "An empty object exists and reads back empty"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Put(t, bucket, "object", nil)
			a := c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, nil)
			wantETag(t, a, fmt.Sprintf("%x", md5.Sum(nil)))
			c.Head(t, bucket, "object").Want(t, http.StatusOK).WantHeader(t, "Content-Length", "0")
		}),
	},
	{
		ID: "s3/object/overwrite", Rule: "S3 API, PutObject",
		Title: lang.T("Un objet réécrit ne garde rien de l'ancien contenu", "An overwritten object keeps nothing of its former content"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, long, short := c.Bucket(t), pattern(1, 3000), pattern(2, 700)
			before := c.Put(t, bucket, "object", long)
			after := c.Put(t, bucket, "object", short)
			t.Want(before.ETag() != after.ETag(), "PUT of other bytes", "the ETag of the former object", "an ETag of its own")
			a := c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, short)
			wantETag(t, a, after.ETag())
		}),
	},
	{
		ID: "s3/object/etag-md5", Rule: "S3 API, Object (ETag)",
		Title: lang.T("L'ETag d'un objet écrit d'un bloc est le MD5 de ses octets", "The ETag of an object put in one piece is the MD5 of its bytes"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(3, 2048)
			want := fmt.Sprintf("%x", md5.Sum(body))
			wantETag(t, c.Put(t, bucket, "object", body), want)
			wantETag(t, c.Get(t, bucket, "object").Want(t, http.StatusOK), want)
			wantETag(t, c.Head(t, bucket, "object").Want(t, http.StatusOK), want)
		}),
	},
	{
		ID: "s3/object/etag-quoted", Rule: "RFC 9110 section 8.8.3",
		Title: lang.T("L'ETag est entre guillemets et fort", "The ETag is quoted and strong"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			put := c.Put(t, bucket, "object", pattern(4, 100))
			for _, a := range []Answer{put, c.Get(t, bucket, "object"), c.Head(t, bucket, "object")} {
				etag := a.Header.Get("ETag")
				t.Want(strongTag.MatchString(etag), a.Did, "ETag: "+etag, `a value between quotes, without W/`)
			}
		}),
	},
	{
		ID: "s3/object/large", Rule: "S3 API, PutObject",
		Title: lang.T("Un objet de 8 Mio envoyé d'un bloc se relit à l'identique", "An object of 8 MiB sent in one piece reads back identical"),
		Run:   with(largeObject),
	},
	{
		ID: "s3/object/expect-continue", Rule: "RFC 9110 section 10.1.1",
		Title: lang.T("Un envoi annoncé par « Expect: 100-continue » est accepté", "An upload announced with Expect: 100-continue is accepted"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(5, 4000)
			c.Put(t, bucket, "object", body, "Expect", "100-continue")
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
	{
		ID: "s3/object/chunked-transfer", Rule: "S3 API, PutObject (Content-Length)",
		Title: lang.T("Un envoi sans longueur est refusé, ou stocké en entier", "An upload without a length is refused, or stored whole"),
		Run:   with(chunkedTransfer),
	},
}

var strongTag = regexp.MustCompile(`^"[^"]+"$`)

// wantETag ends the check unless an answer bears that entity tag.
func wantETag(t *probe.T, a Answer, want string) {
	t.Want(a.ETag() == want, a.Did, fmt.Sprintf("%d with ETag %q", a.Status, a.ETag()), fmt.Sprintf("ETag %q", want))
}
