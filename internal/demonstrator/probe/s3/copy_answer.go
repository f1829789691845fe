package s3

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/minio/minio-go/v7"

	"aloi.dev/internal/demonstrator/probe"
)

// The metadata of a source, and another set that differs in every name.
var (
	painted   = []string{"Content-Type", "text/csv", "Cache-Control", "max-age=60", "x-amz-meta-colour", "blue"}
	repainted = []string{"Content-Type", "text/plain", "Content-Language", "fr", "x-amz-meta-shape", "round"}
)

// theETag stands, in the headers of wantNoCopy, for the ETag of the source.
const theETag = "the source's ETag"

// copyAnswer is the answer to CopyObject.
type copyAnswer struct{ Answer }

// copyResult is the document of a copy that was made.
type copyResult struct {
	XMLName      xml.Name
	ETag         string
	LastModified time.Time
}

// copyOf asks for the copy of an object, whatever the answer.
func (c *Cloud) copyOf(t *probe.T, fromBucket, from, toBucket, to string, header ...string) copyAnswer {
	header = append([]string{"x-amz-copy-source", escape("/" + fromBucket + "/" + from)}, header...)
	a := c.Do(t, Request{Method: http.MethodPut, Bucket: toBucket, Key: to, Header: header})
	a.Did = "the copy of an object"
	for i := 2; i < len(header); i += 2 {
		a.Did += fmt.Sprintf(" with %s %s", header[i], clip(header[i+1]))
	}
	return copyAnswer{a}
}

// wantCopied ends the check unless the copy was made. The status is sent before
// the copy is: an error may come in the document of a 200.
func (a copyAnswer) wantCopied(t *probe.T) copyResult {
	a.Want(t, http.StatusOK)
	var r copyResult
	a.XML(t, &r)
	t.Want(r.XMLName.Local == "CopyObjectResult", a.Did, "200 with a document "+r.XMLName.Local, "a document CopyObjectResult")
	return r
}

// wantCopy copies an object and reads both.
func wantCopy(t *probe.T, c *Cloud, fromBucket, toBucket string) {
	body := pattern(10, 3000)
	c.Put(t, fromBucket, "from", body)
	c.copyOf(t, fromBucket, "from", toBucket, "to").wantCopied(t)
	c.Get(t, toBucket, "to").Want(t, http.StatusOK).WantBody(t, body)
	c.Get(t, fromBucket, "from").Want(t, http.StatusOK).WantBody(t, body)
}

func wantCopyResult(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	c.Put(t, bucket, "from", pattern(10, 3000))
	a := c.copyOf(t, bucket, "from", bucket, "to")
	r := a.wantCopied(t)
	got, etag := strings.Trim(r.ETag, `"`), c.Head(t, bucket, "to").Want(t, http.StatusOK).ETag()
	t.Want(got != "" && got == etag, a.Did, fmt.Sprintf("ETag %q", got), "the ETag of the copy, "+etag)
	wantRecent(t, a.Did, "LastModified", r.LastModified)
}

// wantMetadata copies the object "from", which is painted, and wants the copy to
// have this metadata and none of the other set's. The body must be the same.
func wantMetadata(t *probe.T, c *Cloud, to string, header, want []string) {
	bucket, body := c.Bucket(t), pattern(16, 700)
	c.Put(t, bucket, "from", body, painted...)
	c.copyOf(t, bucket, "from", bucket, to, header...).wantCopied(t)
	a := c.Get(t, bucket, to).Want(t, http.StatusOK).WantBody(t, body)
	a.Did = "GET of the copy"
	for _, set := range [][]string{painted, repainted} {
		for i := 0; i < len(set); i += 2 {
			a.WantHeader(t, set[i], valueOf(want, set[i]))
		}
	}
}

// valueOf returns a header of a list of names and values, "" if it has none.
func valueOf(list []string, name string) string {
	for i := 0; i < len(list); i += 2 {
		if list[i] == name {
			return list[i+1]
		}
	}
	return ""
}

// wantNoCopy asks for a copy with a header for which it must be refused, and
// looks that none was made.
func wantNoCopy(t *probe.T, c *Cloud, status int, code, name, value string) {
	bucket := c.Bucket(t)
	put := c.Put(t, bucket, "from", pattern(17, 700))
	if value == theETag {
		value = put.Header.Get("ETag")
	}
	c.copyOf(t, bucket, "from", bucket, "to", name, value).WantRefusal(t, status, code)
	c.Head(t, bucket, "to").WantRefusal(t, http.StatusNotFound)
}

// wantTags copies an object of the team red and wants the copy to have this
// team as its only tag.
func wantTags(t *probe.T, c *Cloud, team string, header ...string) {
	bucket := c.Bucket(t)
	c.Put(t, bucket, "from", pattern(18, 64), "x-amz-tagging", "team=red")
	c.copyOf(t, bucket, "from", bucket, "to", header...).wantCopied(t)
	a := c.Do(t, Request{Method: http.MethodGet, Bucket: bucket, Key: "to", Query: "tagging"}).Want(t, http.StatusOK)
	var doc struct {
		Tags []struct{ Key, Value string } `xml:"TagSet>Tag"`
	}
	a.XML(t, &doc)
	ok := len(doc.Tags) == 1 && doc.Tags[0].Key == "team" && doc.Tags[0].Value == team
	t.Want(ok, a.Did+" of the copy", fmt.Sprintf("the tags %v", doc.Tags), "the tag team="+team+" alone")
}

func copyWithSDKs(t *probe.T, c *Cloud) {
	bucket, body := c.Bucket(t), pattern(19, 700)
	c.Put(t, bucket, "from", body, painted...)
	_, err := c.AWS().CopyObject(t.Context(), &s3.CopyObjectInput{
		Bucket: &bucket, Key: aws.String("aws"), CopySource: aws.String(bucket + "/from"),
	})
	works(t, "the AWS SDK's CopyObject", err)
	_, err = c.Minio().Client.CopyObject(t.Context(),
		minio.CopyDestOptions{Bucket: bucket, Object: "minio"}, minio.CopySrcOptions{Bucket: bucket, Object: "from"})
	works(t, "the MinIO SDK's CopyObject", err)
	for _, key := range []string{"aws", "minio"} {
		c.Get(t, bucket, key).Want(t, http.StatusOK).WantBody(t, body).WantHeader(t, "X-Amz-Meta-Colour", "blue")
	}
}
