package s3

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
)

// partSize is the least that a part must have unless it is the last.
const partSize = 5 << 20

// upload is a multipart upload under way.
type upload struct {
	c               *Cloud
	bucket, key, id string
}

// part is what a completion says of a part.
type part struct {
	number int
	etag   string
}

// upload begins an upload in a new bucket, with these headers.
func (c *Cloud) upload(t *probe.T, header ...string) upload {
	return c.uploadTo(t, c.Bucket(t), "object", header...)
}

func (c *Cloud) uploadTo(t *probe.T, bucket, key string, header ...string) upload {
	a := c.Do(t, Request{Method: http.MethodPost, Bucket: bucket, Key: key, Query: "uploads", Header: header}).Want(t, http.StatusOK)
	var doc struct{ UploadId string }
	a.XML(t, &doc)
	t.Want(doc.UploadId != "", a.Did, "no UploadId", "an UploadId")
	return upload{c: c, bucket: bucket, key: key, id: doc.UploadId}
}

// twoParts uploads and completes two parts, the second one small and sent first.
func (c *Cloud) twoParts(t *probe.T) (upload, []byte) {
	u, body := c.upload(t), pattern(9, partSize+1500)
	two := u.part(t, 2, body[partSize:])
	one := u.part(t, 1, body[:partSize])
	u.complete(t, one, two).wantComplete(t)
	return u, body
}

// query names the upload in a request, after more parameters.
func (u upload) query(parameters string) string {
	return parameters + "uploadId=" + url.QueryEscape(u.id)
}

func (u upload) do(t *probe.T, method, query string, body []byte, header ...string) Answer {
	return u.c.Do(t, Request{Method: method, Bucket: u.bucket, Key: u.key, Query: u.query(query), Body: body, Header: header})
}

// send uploads a part, whatever the answer.
func (u upload) send(t *probe.T, number int, body []byte) Answer {
	return u.do(t, http.MethodPut, fmt.Sprintf("partNumber=%d&", number), body)
}

// part uploads a part that the check needs.
func (u upload) part(t *probe.T, number int, body []byte) part {
	a := u.send(t, number, body).Want(t, http.StatusOK)
	t.Want(a.ETag() != "", a.Did, "200 without ETag", "the part's ETag")
	return part{number, a.Header.Get("ETag")}
}

// complete asks for these parts to be put together, whatever the answer.
func (u upload) complete(t *probe.T, parts ...part) completion {
	var doc strings.Builder
	doc.WriteString("<CompleteMultipartUpload " + xmlns + ">")
	for _, p := range parts {
		fmt.Fprintf(&doc, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", p.number, p.etag)
	}
	doc.WriteString("</CompleteMultipartUpload>")
	return completion{u.do(t, http.MethodPost, "", []byte(doc.String()))}
}

// abort gives the upload up.
func (u upload) abort(t *probe.T) {
	u.do(t, http.MethodDelete, "", nil).Want(t, http.StatusNoContent)
}

// completion is the answer to a completion. It may say 200 first and tell of a
// failure in its document.
type completion struct{ Answer }

type completed struct {
	XMLName xml.Name
	ETag    string
}

// wantComplete ends the check unless the parts were put together.
func (a completion) wantComplete(t *probe.T) completed {
	a.Want(t, http.StatusOK)
	var doc completed
	a.XML(t, &doc)
	if doc.XMLName.Local != "CompleteMultipartUploadResult" || doc.ETag == "" {
		t.Fail(a.Did, fmt.Sprintf("200 with %s, ETag %q", doc.XMLName.Local, doc.ETag), "a CompleteMultipartUploadResult with an ETag")
	}
	return doc
}
