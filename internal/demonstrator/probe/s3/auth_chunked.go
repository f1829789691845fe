package s3

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

const (
	streamingPayload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	smallestChunk    = 8 << 10 // of all chunks but the last
)

// chunkedChecks send bodies in chunks, each with a signature that follows from
// the one before it.
var chunkedChecks = []probe.Check{
	{
		ID: "s3/auth/chunked", Rule: "AWS SigV4, chunked upload",
		Title: lang.T("Un contenu signé par morceaux est reconstitué", "A body signed in chunks is put together"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(1, smallestChunk+1000)
			c.putChunked(t, bucket, body, "", nil).Want(t, http.StatusOK)
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, body).WantHeader(t, "Content-Encoding", "")
		}),
	},
	{
		ID: "s3/auth/chunked-encoding", Rule: "AWS SigV4, chunked upload",
		Title: lang.T("L'encodage par morceaux n'est pas gardé avec l'objet", "The chunked encoding is not kept with the object"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.putChunked(t, bucket, pattern(1, 1000), "gzip", nil).Want(t, http.StatusOK)
			a := c.Head(t, bucket, "object").Want(t, http.StatusOK).WantHeader(t, "Content-Encoding", "gzip")
			a.WantHeader(t, "Content-Length", "1000")
		}),
	},
	{
		ID: "s3/auth/chunked-tampered", Rule: "AWS SigV4, chunked upload",
		Title: lang.T("Un morceau changé après sa signature fait tout refuser", "A chunk changed after it was signed has all refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadChunks(t, c, "with a chunk changed after it was signed", func(wire []byte) {
				wire[len(wire)-200]++ // in the data of the last chunk that has some
			})
		}),
	},
	{
		ID: "s3/auth/chunked-forged", Rule: "AWS SigV4, chunked upload",
		Title: lang.T("Un morceau dont la signature est fausse fait tout refuser", "A chunk with a false signature has all refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadChunks(t, c, "with a chunk of which the signature is altered", func(wire []byte) {
				at := bytes.Index(wire, []byte(chunkMark)) + len(chunkMark)
				copy(wire[at:], strings.Repeat("0", 2*sha256.Size))
			})
		}),
	},
}

// wantBadChunks spoils what goes over the wire, and wants it refused and nothing
// stored.
func wantBadChunks(t *probe.T, c *Cloud, note string, spoil func(wire []byte)) {
	bucket := c.Bucket(t)
	c.putChunked(t, bucket, pattern(1, smallestChunk+1000), "", spoil).but(note).
		WantRefusal(t, http.StatusForbidden, "SignatureDoesNotMatch")
	wantAbsent(t, c, bucket, "object")
}

const chunkMark = ";chunk-signature="

// putChunked uploads "object" in chunks that are signed one by one; spoil, if any,
// changes the bytes on the wire after that.
func (c *Cloud) putChunked(t *probe.T, bucket string, body []byte, encoding string, spoil func([]byte)) Answer {
	chunks := [][]byte{body[:min(smallestChunk, len(body))], body[min(smallestChunk, len(body)):], {}}
	if len(chunks[1]) == 0 {
		chunks = [][]byte{body, {}}
	}
	length := 0
	for _, chunk := range chunks {
		length += len(fmt.Sprintf("%x", len(chunk))) + len(chunkMark) + 2*sha256.Size + len("\r\n") + len(chunk) + len("\r\n")
	}
	r := Request{
		Method: http.MethodPut, Bucket: bucket, Key: "object", Payload: streamingPayload,
		Header: []string{"Content-Encoding", strings.TrimSuffix("aws-chunked,"+encoding, ","), "X-Amz-Decoded-Content-Length", fmt.Sprint(len(body))},
		Body:   make([]byte, length), // its length is signed before its bytes are known
	}
	req, err := c.Build(t.Context(), r)
	if err != nil {
		t.Bug(err)
	}
	wire := c.signChunks(req, chunks)
	if spoil != nil {
		spoil(wire)
	}
	req.Body = io.NopCloser(bytes.NewReader(wire))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(wire)), nil }
	return c.Finish(t, "PUT object in signed chunks", req)
}

// signChunks writes the chunks as they go over the wire. The chain of their
// signatures starts with that of the request.
func (c *Cloud) signChunks(req *http.Request, chunks [][]byte) []byte {
	at := req.Header.Get("X-Amz-Date")
	day := at[:len("20060102")]
	_, previous, _ := strings.Cut(req.Header.Get("Authorization"), "Signature=")
	key := c.signingKey(day)
	var wire bytes.Buffer
	for _, chunk := range chunks {
		previous = hex.EncodeToString(hmacSHA256(key, strings.Join([]string{
			"AWS4-HMAC-SHA256-PAYLOAD", at, day + "/" + c.region + "/s3/aws4_request",
			previous, hexSHA256(nil), hexSHA256(chunk),
		}, "\n")))
		fmt.Fprintf(&wire, "%x%s%s\r\n%s\r\n", len(chunk), chunkMark, previous, chunk)
	}
	return wire.Bytes()
}

// signingKey is the main account's key for signatures of one day.
func (c *Cloud) signingKey(day string) []byte {
	key := []byte("AWS4" + c.secret(mainAccount))
	for _, part := range []string{day, c.region, "s3", "aws4_request"} {
		key = hmacSHA256(key, part)
	}
	return key
}

func hmacSHA256(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hexSHA256(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
