package s3

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// deleteChecks: one object deleted, and many at once.
var deleteChecks = []probe.Check{
	{
		ID: "s3/object/delete", Rule: "S3 API, DeleteObject",
		Title: lang.T("Un objet effacé n'existe plus", "A deleted object is gone"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Put(t, bucket, "object", pattern(1, 100))
			c.Put(t, bucket, "object-2", pattern(2, 100))
			a := c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket, Key: "object"}).Want(t, http.StatusNoContent)
			t.Want(len(a.Body) == 0, a.Did, a.Got(), "204 without a body")
			c.Get(t, bucket, "object").WantRefusal(t, http.StatusNotFound, "NoSuchKey")
			wantHeld(t, c, bucket, "object-2")
		}),
	},
	{
		ID: "s3/object/delete-missing", Rule: "S3 API, DeleteObject",
		Title: lang.T("Effacer une clé absente réussit", "Deleting a missing key succeeds"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket, Key: "missing"}).Want(t, http.StatusNoContent)
		}),
	},
	{
		ID: "s3/object/delete-many", Rule: "S3 API, DeleteObjects",
		Title: lang.T("Une demande efface plusieurs objets et les nomme", "One request deletes several objects and names them"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			keys := []string{"a", "b & <c>", "d/e"}
			for _, key := range append(keys, "kept") {
				c.Put(t, bucket, key, pattern(1, 20))
			}
			wantDeleted(t, c, bucket, false, keys, keys)
			wantHeld(t, c, bucket, "kept")
		}),
	},
	{
		ID: "s3/object/delete-many-quiet", Rule: "S3 API, DeleteObjects (Quiet)",
		Title: lang.T("En mode silencieux, les objets effacés ne sont pas nommés", "In quiet mode the deleted objects aren't named"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Put(t, bucket, "a", pattern(1, 20))
			c.Put(t, bucket, "b", pattern(2, 20))
			wantDeleted(t, c, bucket, true, []string{"a", "b"}, nil)
			wantHeld(t, c, bucket)
		}),
	},
	{
		ID: "s3/object/delete-many-missing", Rule: "S3 API, DeleteObjects",
		Title: lang.T("Une clé absente compte comme effacée", "A missing key counts as deleted"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Put(t, bucket, "a", pattern(1, 20))
			wantDeleted(t, c, bucket, false, []string{"a", "missing"}, []string{"a", "missing"})
		}),
	},
	{
		ID: "s3/object/delete-many-limit", Rule: "S3 API, DeleteObjects",
		Title: lang.T("Plus de 1 000 clés dans une demande sont refusées", "More than 1,000 keys in one request are refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Put(t, bucket, "key-0", pattern(1, 20))
			var keys []string
			for i := range 1001 {
				keys = append(keys, fmt.Sprintf("key-%d", i))
			}
			deleteMany(t, c, bucket, false, keys).WantRefusal(t, http.StatusBadRequest, "MalformedXML")
			c.Head(t, bucket, "key-0").Want(t, http.StatusOK)
		}),
	},
}

// deleteMany sends a DeleteObjects request, with the digest that S3 asks for.
func deleteMany(t *probe.T, c *Cloud, bucket string, quiet bool, keys []string) Answer {
	var doc strings.Builder
	fmt.Fprintf(&doc, `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>%t</Quiet>`, quiet)
	for _, key := range keys {
		doc.WriteString("<Object><Key>")
		if err := xml.EscapeText(&doc, []byte(key)); err != nil {
			t.Bug(err)
		}
		doc.WriteString("</Key></Object>")
	}
	doc.WriteString("</Delete>")
	body := []byte(doc.String())
	a := c.Do(t, Request{Method: http.MethodPost, Bucket: bucket, Query: "delete", Body: body, Header: []string{"Content-MD5", md5Of(body)}})
	a.Did = fmt.Sprintf("DeleteObjects of %d keys with Quiet %t", len(keys), quiet)
	return a
}

// wantDeleted deletes keys and wants the answer to name these ones, and no error.
func wantDeleted(t *probe.T, c *Cloud, bucket string, quiet bool, keys, named []string) {
	var result struct {
		Deleted []struct{ Key string }
		Error   []struct{ Key, Code string }
	}
	a := deleteMany(t, c, bucket, quiet, keys).Want(t, http.StatusOK)
	a.XML(t, &result)
	if len(result.Error) > 0 {
		t.Fail(a.Did, fmt.Sprintf("Error %s for %q", result.Error[0].Code, result.Error[0].Key), "no Error")
	}
	var got []string
	for _, d := range result.Deleted {
		got = append(got, d.Key)
	}
	slices.Sort(got)
	t.Want(slices.Equal(got, named), a.Did, fmt.Sprintf("Deleted %q", got), fmt.Sprintf("Deleted %q", named))
}

// md5Of returns a digest as the Content-MD5 header writes it.
func md5Of(body []byte) string {
	sum := md5.Sum(body)
	return base64.StdEncoding.EncodeToString(sum[:])
}
