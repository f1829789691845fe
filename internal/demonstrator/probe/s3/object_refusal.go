package s3

import (
	"net/http"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// refusalChecks: what isn't there, and what was damaged on the way.
var refusalChecks = []probe.Check{
	{
		ID: "s3/object/get-missing", Rule: "S3 API, error NoSuchKey",
		Title: lang.T("Lire une clé absente rend 404 et un document d'erreur", "Reading a missing key returns 404 and an error document"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			a := c.Get(t, bucket, "missing").WantRefusal(t, http.StatusNotFound, "NoSuchKey")
			t.Want(strings.Contains(a.Header.Get("Content-Type"), "xml"), a.Did, "Content-Type: "+a.Header.Get("Content-Type"), "application/xml")
			t.Want(a.Text != "", a.Did, "an error without Message", "an error with Code and Message")
		}),
	},
	{
		ID: "s3/object/head-missing", Rule: "S3 API, HeadObject",
		Title: lang.T("HEAD d'une clé absente rend 404 sans corps", "HEAD of a missing key returns 404 without a body"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			a := c.Head(t, bucket, "missing").WantRefusal(t, http.StatusNotFound)
			t.Want(len(a.Body) == 0, a.Did, a.Got(), "404 without a body")
		}),
	},
	{
		ID: "s3/object/missing-bucket", Rule: "S3 API, error NoSuchBucket",
		Title: lang.T("Lire ou écrire dans un seau absent est refusé", "Reading or writing in a missing bucket is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Reserve(t, mainAccount) // in the ledger, in case the PUT creates it
			c.Get(t, bucket, "object").WantRefusal(t, http.StatusNotFound, "NoSuchBucket")
			c.Do(t, Request{Method: http.MethodPut, Bucket: bucket, Key: "object", Body: pattern(1, 64)}).
				WantRefusal(t, http.StatusNotFound, "NoSuchBucket")
		}),
	},
	{
		ID: "s3/object/content-md5", Rule: "S3 API, PutObject (Content-MD5)",
		Title: lang.T("Un envoi avec son MD5 est accepté", "An upload with its MD5 is accepted"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(1, 1000)
			c.Put(t, bucket, "object", body, "Content-MD5", md5Of(body))
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
	{
		ID: "s3/object/content-md5-wrong", Rule: "S3 API, error BadDigest",
		Title: lang.T("Un envoi dont le MD5 est faux est refusé et rien n'est stocké", "An upload with a wrong MD5 is refused and nothing is stored"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantRefusedPut(t, c, []string{"Content-MD5", md5Of([]byte("other bytes"))}, "400 BadDigest")
		}),
	},
	{
		ID: "s3/object/content-md5-invalid", Rule: "S3 API, error InvalidDigest",
		Title: lang.T("Un Content-MD5 mal formé est refusé", "A malformed Content-MD5 is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantRefusedPut(t, c, []string{"Content-MD5", "bm90IGFuIG1kNQ=="}, "400 InvalidDigest")
		}),
	},
}

// wantRefusedPut sends an object with headers that the server must refuse in one
// of these ways, over an object that must stay as it was.
func wantRefusedPut(t *probe.T, c *Cloud, header []string, refusals ...string) {
	bucket, kept := c.Bucket(t), pattern(1, 500)
	c.Put(t, bucket, "object", kept)
	a := c.Do(t, Request{Method: http.MethodPut, Bucket: bucket, Key: "object", Body: pattern(2, 600), Header: header})
	wantOneOf(t, a, refusals...)
	a = c.Get(t, bucket, "object").Want(t, http.StatusOK)
	a.Did += " after the refusal"
	a.WantBody(t, kept)
}

// wantOneOf ends the check unless the answer is one of these refusals, each
// written as its status and code.
func wantOneOf(t *probe.T, a Answer, refusals ...string) {
	t.Want(slices.Contains(refusals, a.Got()), a.Did, a.Got(), strings.Join(refusals, " or "))
}

// wantAbsent ends the check if a request that was refused stored something.
func wantAbsent(t *probe.T, c *Cloud, bucket, key string) {
	a := c.Get(t, bucket, key)
	a.Did += " after the refusal"
	a.WantRefusal(t, http.StatusNotFound, "NoSuchKey")
}
