package s3

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var multipartChecks = slices.Concat(multipartObjectChecks, multipartStateChecks)

// multipartObjectChecks look at the object that a completion makes.
var multipartObjectChecks = []probe.Check{
	{
		ID: "s3/multipart/round-trip", Rule: "S3 API, CompleteMultipartUpload", Features: []string{multipart},
		Title: lang.T("Un objet envoyé en deux parties se relit à l'identique", "An object uploaded in two parts reads back identical"),
		Run: with(func(t *probe.T, c *Cloud) {
			u, body := c.twoParts(t)
			c.Get(t, u.bucket, u.key).Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
	{
		ID: "s3/multipart/get-by-part-number", Rule: "S3 API, GetObject, partNumber", Features: []string{multipart},
		Title: lang.T("Une partie se relit par son numéro", "A part reads back by its number"),
		Run: with(func(t *probe.T, c *Cloud) {
			u, body := c.twoParts(t)
			c.Do(t, Request{Method: http.MethodGet, Bucket: u.bucket, Key: u.key, Query: "partNumber=2"}).
				Want(t, http.StatusPartialContent).
				WantHeader(t, "X-Amz-Mp-Parts-Count", "2").
				WantBody(t, body[partSize:])
		}),
	},
	{
		ID: "s3/multipart/single-small-part", Rule: "S3 API, CompleteMultipartUpload", Features: []string{multipart},
		Title: lang.T("Une partie unique peut être petite", "A single part may be small"),
		Run: with(func(t *probe.T, c *Cloud) {
			u, body := c.upload(t), pattern(1, 1500)
			u.complete(t, u.part(t, 1, body)).wantComplete(t)
			c.Get(t, u.bucket, u.key).Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
	{
		ID: "s3/multipart/number-gap", Rule: "S3 API, UploadPart", Features: []string{multipart},
		Title: lang.T("Les numéros de parties n'ont pas à se suivre", "Part numbers need not be consecutive"),
		Run: with(func(t *probe.T, c *Cloud) {
			u, body := c.upload(t), pattern(2, 1500)
			u.complete(t, u.part(t, 10000, body)).wantComplete(t)
			c.Get(t, u.bucket, u.key).Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
	{
		ID: "s3/multipart/etag-form", Rule: "S3 API, Object, ETag", Features: []string{multipart},
		Title: lang.T("L'ETag dit le nombre de parties, partout le même", "The ETag tells the number of parts and is the same everywhere"),
		Run:   with(multipartETag),
	},
	{
		ID: "s3/multipart/part-too-small", Rule: "S3 API, CompleteMultipartUpload, EntityTooSmall", Features: []string{multipart},
		Title: lang.T("Une petite partie n'est permise qu'à la fin", "A small part is only allowed at the end"),
		Run: with(func(t *probe.T, c *Cloud) {
			u := c.upload(t)
			one, two := u.part(t, 1, pattern(1, 1500)), u.part(t, 2, pattern(2, 1500))
			u.complete(t, one, two).WantRefusal(t, http.StatusBadRequest, "EntityTooSmall")
			c.Get(t, u.bucket, u.key).WantRefusal(t, http.StatusNotFound, "NoSuchKey")
		}),
	},
	{
		ID: "s3/multipart/order-wrong", Rule: "S3 API, CompleteMultipartUpload, InvalidPartOrder", Features: []string{multipart},
		Title: lang.T("Une liste de parties en désordre est refusée", "A list of parts out of order is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			u := c.upload(t)
			one, two := u.part(t, 1, pattern(1, 1500)), u.part(t, 2, pattern(2, partSize))
			u.complete(t, two, one).WantRefusal(t, http.StatusBadRequest, "InvalidPartOrder")
			c.Get(t, u.bucket, u.key).WantRefusal(t, http.StatusNotFound, "NoSuchKey")
		}),
	},
	{
		ID: "s3/multipart/part-missing", Rule: "S3 API, CompleteMultipartUpload, InvalidPart", Features: []string{multipart},
		Title: lang.T("Une partie qui n'a pas été envoyée est refusée", "A part that was not uploaded is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			u := c.upload(t)
			one := u.part(t, 1, pattern(1, 1500))
			u.complete(t, part{number: 2, etag: one.etag}).WantRefusal(t, http.StatusBadRequest, "InvalidPart")
			c.Get(t, u.bucket, u.key).WantRefusal(t, http.StatusNotFound, "NoSuchKey")
		}),
	},
	{
		ID: "s3/multipart/etag-wrong", Rule: "S3 API, CompleteMultipartUpload, InvalidPart", Features: []string{multipart},
		Title: lang.T("Une partie dont l'ETag est faux est refusée", "A part with a wrong ETag is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			u := c.upload(t)
			one := u.part(t, 1, pattern(1, 1500))
			one.etag = `"` + strings.Repeat("0", 32) + `"`
			u.complete(t, one).WantRefusal(t, http.StatusBadRequest, "InvalidPart")
			c.Get(t, u.bucket, u.key).WantRefusal(t, http.StatusNotFound, "NoSuchKey")
		}),
	},
	{
		ID: "s3/multipart/empty-complete", Rule: "S3 API, CompleteMultipartUpload", Features: []string{multipart},
		Title: lang.T("Un envoi ne se termine pas sans partie", "An upload can't be completed without a part"),
		Run: with(func(t *probe.T, c *Cloud) {
			u := c.upload(t)
			u.part(t, 1, pattern(1, 1500))
			u.complete(t).WantRefusal(t, http.StatusBadRequest, "MalformedXML", "InvalidRequest")
			c.Get(t, u.bucket, u.key).WantRefusal(t, http.StatusNotFound, "NoSuchKey")
		}),
	},
	{
		ID: "s3/multipart/resend-part", Rule: "S3 API, UploadPart", Features: []string{multipart},
		Title: lang.T("Une partie renvoyée remplace la première", "A part sent again replaces the first"),
		Run: with(func(t *probe.T, c *Cloud) {
			u, body := c.upload(t), pattern(2, 1700)
			first := u.part(t, 1, pattern(1, 1500))
			again := u.part(t, 1, body)
			u.complete(t, first).WantRefusal(t, http.StatusBadRequest, "InvalidPart")
			u.complete(t, again).wantComplete(t)
			c.Get(t, u.bucket, u.key).Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
	{
		ID: "s3/multipart/part-number-out-of-range", Rule: "S3 API, UploadPart, InvalidArgument", Features: []string{multipart},
		Title: lang.T("Un numéro de partie hors de 1 à 10 000 est refusé", "A part number outside 1 to 10,000 is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			u := c.upload(t)
			u.send(t, 0, pattern(1, 100)).WantRefusal(t, http.StatusBadRequest, "InvalidArgument")
			u.send(t, 10001, pattern(1, 100)).WantRefusal(t, http.StatusBadRequest, "InvalidArgument")
		}),
	},
	{
		ID: "s3/multipart/metadata-kept", Rule: "S3 API, CreateMultipartUpload", Features: []string{multipart},
		Title: lang.T("Les métadonnées données au début restent sur l'objet", "Metadata given at the start stay on the object"),
		Run: with(func(t *probe.T, c *Cloud) {
			u := c.upload(t, "Content-Type", "text/x-aloi", "Cache-Control", "max-age=61", "X-Amz-Meta-Author", "aloi")
			u.complete(t, u.part(t, 1, pattern(1, 1500))).wantComplete(t)
			c.Head(t, u.bucket, u.key).Want(t, http.StatusOK).
				WantHeader(t, "Content-Type", "text/x-aloi").
				WantHeader(t, "Cache-Control", "max-age=61").
				WantHeader(t, "X-Amz-Meta-Author", "aloi")
		}),
	},
	{
		ID: "s3/multipart/overwrite", Rule: "S3 API, CompleteMultipartUpload", Features: []string{multipart},
		Title: lang.T("L'ancien objet reste lisible jusqu'à la fin de l'envoi, qui le remplace", "The old object stays readable until the upload completes and replaces it"),
		Run: with(func(t *probe.T, c *Cloud) {
			u, old, body := c.upload(t), pattern(1, 900), pattern(2, 1500)
			c.Put(t, u.bucket, u.key, old)
			one := u.part(t, 1, body)
			c.Get(t, u.bucket, u.key).Want(t, http.StatusOK).WantBody(t, old)
			u.complete(t, one).wantComplete(t)
			c.Get(t, u.bucket, u.key).Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
}

var severalParts = regexp.MustCompile(`^"?[0-9a-zA-Z]+-1"?$`)

// multipartETag only wants what tools rely on: a suffix with the number of parts,
// which no digest of whole bytes has.
func multipartETag(t *probe.T, c *Cloud) {
	u := c.upload(t)
	done := u.complete(t, u.part(t, 1, pattern(1, 1500))).wantComplete(t)
	if !severalParts.MatchString(done.ETag) {
		t.Fail("completing an upload of one part", "ETag "+done.ETag, "an ETag that ends in -1")
	}
	head := c.Head(t, u.bucket, u.key).Want(t, http.StatusOK)
	if head.ETag() != strings.Trim(done.ETag, `"`) {
		t.Fail(head.Did, "ETag "+head.ETag(), "the ETag of the completed upload, "+done.ETag)
	}
}
