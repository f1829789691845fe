package s3

import (
	"net/http"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
)

// xmlns is what S3's documents bear.
const xmlns = `xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`

// PutDocument writes a configuration of a bucket, or of an object in it: query
// names which one. The digest goes with it, as most of these operations demand.
func (c *Cloud) PutDocument(t *probe.T, bucket, key, query, doc string, header ...string) Answer {
	return c.Do(t, Request{
		Method: http.MethodPut, Bucket: bucket, Key: key, Query: query, Body: []byte(doc),
		Header: append([]string{"Content-Md5", md5Of([]byte(doc))}, header...),
	})
}

// Document asks for a configuration, whatever the answer.
func (c *Cloud) Document(t *probe.T, bucket, key, query string) Answer {
	return c.Do(t, Request{Method: http.MethodGet, Bucket: bucket, Key: key, Query: query})
}

// wantRows ends the check unless a list has these rows, in that order.
func wantRows(t *probe.T, did string, got, want []string) {
	if !slices.Equal(got, want) {
		t.Fail(did, "["+strings.Join(got, ", ")+"]", "["+strings.Join(want, ", ")+"]")
	}
}

// bareETag is an entity tag without its quotes.
func bareETag(etag string) string { return strings.Trim(etag, `"`) }
