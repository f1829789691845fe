package s3

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"aloi.dev/internal/demonstrator/probe"
)

const (
	unsignedPayload = "UNSIGNED-PAYLOAD"
	largeSize       = 8 << 20
)

// largeObject sends and reads a stream that neither side of the check keeps.
func largeObject(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	sent := sha256.New()
	c.Do(t, Request{
		Method: http.MethodPut, Bucket: bucket, Key: "object", Payload: unsignedPayload,
		Signed: func(r *http.Request) {
			source := io.LimitReader(rand.NewChaCha8([32]byte{1}), largeSize)
			r.Body, r.ContentLength = io.NopCloser(io.TeeReader(source, sent)), largeSize
		},
	}).Want(t, http.StatusOK)
	const did = "GET of the 8 MiB object"
	key := "object"
	out, err := c.AWS().GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	works(t, did, err)
	defer out.Body.Close()
	read := sha256.New()
	n, err := io.Copy(read, out.Body)
	t.Do(did, err)
	t.Want(n == largeSize, did, fmt.Sprintf("%d bytes", n), fmt.Sprintf("%d bytes", int64(largeSize)))
	t.Want(bytes.Equal(sent.Sum(nil), read.Sum(nil)), did, "other bytes", "the bytes that were stored")
}

// chunkedTransfer uses the transfer coding of HTTP, which says no length: S3
// wants one, but a server that can do without breaks nothing. What is wrong is
// to store another object than the one that was sent.
func chunkedTransfer(t *probe.T, c *Cloud) {
	bucket, body := c.Bucket(t), pattern(6, 3000)
	a := c.Do(t, Request{
		Method: http.MethodPut, Bucket: bucket, Key: "object", Payload: unsignedPayload,
		Signed: func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), -1 },
	})
	a.Did = "PUT object with Transfer-Encoding: chunked"
	if a.Status == http.StatusOK {
		c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, body)
		return
	}
	wantOneOf(t, a, "411 MissingContentLength", "501 NotImplemented", "400 IncompleteBody")
	wantAbsent(t, c, bucket, "object")
}
