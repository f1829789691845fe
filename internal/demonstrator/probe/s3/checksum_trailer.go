package s3

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// trailerChecks: a checksum that follows the body, which SDKs send by default
// since January 2025.
var trailerChecks = []probe.Check{
	{
		ID: "s3/checksum/default", Rule: "S3 API, default integrity protections", Features: []string{checksums},
		Title: lang.T("Le réglage par défaut d'un SDK récent est servi et sa somme est gardée", "The default settings of a recent SDK are served and its checksum is kept"),
		Run:   with(defaultChecksum),
	},
	{
		ID: "s3/checksum/trailer", Rule: "AWS SigV4, STREAMING-UNSIGNED-PAYLOAD-TRAILER", Features: []string{checksums},
		Title: lang.T("Une somme envoyée après le corps est vérifiée et gardée", "A checksum sent after the body is verified and kept"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(3, 2000)
			name, value := checksumOf("sha256", body)
			putTrailed(t, c, bucket, body, name, value).Want(t, http.StatusOK)
			c.Get(t, bucket, "object", "x-amz-checksum-mode", "ENABLED").Want(t, http.StatusOK).WantBody(t, body).WantHeader(t, name, value)
		}),
	},
	{
		ID: "s3/checksum/trailer-encoding", Rule: "S3 API, PutObject (Content-Encoding)", Features: []string{checksums},
		Title: lang.T("« aws-chunked » n'est pas gardé dans Content-Encoding", "aws-chunked isn't kept in Content-Encoding"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(3, 2000)
			name, value := checksumOf("crc32", body)
			putTrailed(t, c, bucket, body, name, value).Want(t, http.StatusOK)
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, body).WantHeader(t, "Content-Encoding", "")
		}),
	},
	{
		ID: "s3/checksum/trailer-wrong", Rule: "S3 API, error BadDigest", Features: []string{checksums},
		Title: lang.T("Une somme fausse envoyée après le corps est refusée et rien n'est stocké", "A wrong checksum sent after the body is refused and nothing is stored"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			name, value := checksumOf("crc32", []byte("other bytes"))
			wantOneOf(t, putTrailed(t, c, bucket, pattern(3, 2000), name, value), "400 BadDigest", "400 XAmzContentChecksumMismatch")
			wantAbsent(t, c, bucket, "object")
		}),
	},
}

// putTrailed sends an object in aws-chunked with a checksum as its trailer.
func putTrailed(t *probe.T, c *Cloud, bucket string, body []byte, name, value string) Answer {
	framed := fmt.Appendf(nil, "%x\r\n%s\r\n0\r\n%s:%s\r\n\r\n", len(body), body, name, value) // in a single chunk
	a := c.Do(t, Request{
		Method: http.MethodPut, Bucket: bucket, Key: "object", Payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER", Body: framed,
		Header: []string{
			"Content-Encoding", "aws-chunked", "X-Amz-Decoded-Content-Length", fmt.Sprint(len(body)), "X-Amz-Trailer", name,
		},
	})
	a.Did = "PUT object in aws-chunked with the trailer " + name
	return a
}

func defaultChecksum(t *probe.T, c *Cloud) {
	bucket, key, body := c.Bucket(t), "object", pattern(4, 3000)
	_, err := c.AWS().PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(body)},
		func(o *s3.Options) { o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenSupported })
	works(t, "PutObject with the default checksum", err)
	const did = "HeadObject with ChecksumMode ENABLED"
	out, err := c.AWS().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	works(t, did, err)
	_, want := checksumOf("crc32", body)
	t.Want(aws.ToString(out.ChecksumCRC32) == want, did, fmt.Sprintf("ChecksumCRC32 %q", aws.ToString(out.ChecksumCRC32)), fmt.Sprintf("ChecksumCRC32 %q", want))
	c.Get(t, bucket, key).Want(t, http.StatusOK).WantBody(t, body)
}
