package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"aloi.dev/internal/demonstrator/probe"
)

// Request is a request made by hand: signed with SigV4 as it is on the wire, so
// that a check decides every header.
type Request struct {
	Method string
	Bucket string
	Key    string
	Query  string   // raw, as in "versioning" or "list-type=2&prefix=a%2F"
	Header []string // name and value in turn
	Body   []byte
	As     string // account; the main one when empty; "-" for nobody

	// Edit changes the request after it was signed: for what must be refused.
	Edit func(*http.Request)
	// Signed changes the request just before it is signed.
	Signed func(*http.Request)
	// At is the instant of signature; now when zero.
	At time.Time
	// Payload is the value of x-amz-content-sha256; the body's digest when empty.
	Payload string
}

// Answer is what came back, read to its end.
type Answer struct {
	Did    string // what was asked, for sentences
	Status int
	Header http.Header
	Body   []byte
	Code   string // of an S3 error document
	Text   string // its message
}

// maxBody bounds what one answer may hold in memory.
const maxBody = 64 << 20

// Do sends a request and reads the answer; an exchange that breaks ends the check.
func (c *Cloud) Do(t *probe.T, r Request) Answer {
	req, err := c.Build(t.Context(), r)
	if err != nil {
		t.Bug(err)
	}
	return c.Finish(t, r.did(), req)
}

// Finish sends a request that the check may have built itself, and says of it
// that it did that.
func (c *Cloud) Finish(t *probe.T, did string, req *http.Request) Answer {
	a := Answer{Did: did}
	res, err := c.session.HTTP().Do(req)
	t.Do(did, err)
	defer res.Body.Close()
	a.Status, a.Header = res.StatusCode, res.Header
	a.Body, err = io.ReadAll(io.LimitReader(res.Body, maxBody))
	t.Do(did, err)
	if a.Status >= 300 {
		var doc struct{ Code, Message string }
		if xml.Unmarshal(a.Body, &doc) == nil {
			a.Code, a.Text = doc.Code, doc.Message
		}
	}
	return a
}

// Build returns the signed request without sending it.
func (c *Cloud) Build(ctx context.Context, r Request) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, c.URL(r.Bucket, r.Key, r.Query), bytes.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", r.did(), err)
	}
	if len(r.Body) == 0 {
		req.Body, req.GetBody, req.ContentLength = http.NoBody, nil, 0
	}
	for i := 0; i+1 < len(r.Header); i += 2 {
		req.Header.Add(r.Header[i], r.Header[i+1])
	}
	if r.Signed != nil {
		r.Signed(req)
	}
	if r.As != anonymous {
		if err := c.sign(ctx, req, r); err != nil {
			return nil, err
		}
	}
	if r.Edit != nil {
		r.Edit(req)
	}
	return req, nil
}

func (c *Cloud) sign(ctx context.Context, req *http.Request, r Request) error {
	payload := r.Payload
	if payload == "" {
		sum := sha256.Sum256(r.Body)
		payload = hex.EncodeToString(sum[:])
	}
	req.Header.Set("X-Amz-Content-Sha256", payload)
	at := r.At
	if at.IsZero() {
		at = time.Now()
	}
	err := c.signer.SignHTTP(ctx, c.credentials(r.As), req, payload, "s3", c.region, at)
	if err != nil {
		return fmt.Errorf("sign %s: %w", r.did(), err)
	}
	return nil
}

// credentials returns the keys of an account; the main one when empty.
func (c *Cloud) credentials(account string) aws.Credentials {
	if account == "" {
		account = mainAccount
	}
	return aws.Credentials{AccessKeyID: c.key(account), SecretAccessKey: c.secret(account)}
}

// Presign returns a URL that anyone may use for that long, from the instant at.
func (c *Cloud) Presign(t *probe.T, r Request, at time.Time, valid time.Duration) string {
	query := r.Query
	if query != "" {
		query += "&"
	}
	query += fmt.Sprintf("X-Amz-Expires=%d", int64(valid/time.Second))
	req, err := http.NewRequestWithContext(t.Context(), r.Method, c.URL(r.Bucket, r.Key, query), nil)
	if err != nil {
		t.Bug(err)
	}
	for i := 0; i+1 < len(r.Header); i += 2 {
		req.Header.Add(r.Header[i], r.Header[i+1])
	}
	signed, _, err := c.signer.PresignHTTP(t.Context(), c.credentials(r.As), req, "UNSIGNED-PAYLOAD", "s3", c.region, at)
	if err != nil {
		t.Bug(err)
	}
	return signed
}

// Fetch uses a URL as it is, without signing anything.
func (c *Cloud) Fetch(t *probe.T, method, rawURL string, body []byte, header ...string) Answer {
	req, err := http.NewRequestWithContext(t.Context(), method, rawURL, bytes.NewReader(body))
	if err != nil {
		t.Bug(err)
	}
	if len(body) == 0 {
		req.Body, req.GetBody, req.ContentLength = http.NoBody, nil, 0
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	return c.Finish(t, method+" of a presigned URL", req)
}

// URL returns the address of a bucket, or of a key in it, in the addressing
// style of the offer.
func (c *Cloud) URL(bucket, key, query string) string {
	u := *c.endpoint
	path := "/"
	switch {
	case bucket == "":
	case c.virtual:
		u.Host = bucket + "." + u.Host
		path += key
	case key == "":
		path += bucket
	default:
		path += bucket + "/" + key
	}
	u.Path, u.RawPath, u.RawQuery = path, escape(path), query
	return u.String()
}

// escape percent-encodes a path as SigV4 wants it: all but unreserved characters
// and the slash.
func escape(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		ch := path[i]
		if ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z' || ch >= '0' && ch <= '9' || strings.IndexByte("-._~/", ch) >= 0 {
			b.WriteByte(ch)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", ch)
	}
	return b.String()
}

// did names a request in a sentence: "GET object?versionId=1 with Range bytes=0-1".
func (r Request) did() string {
	what := "service"
	switch {
	case r.Key != "":
		what = "object"
	case r.Bucket != "":
		what = "bucket"
	}
	text := r.Method + " " + what
	if r.Query != "" {
		query, err := url.QueryUnescape(r.Query)
		if err != nil {
			query = r.Query
		}
		text += " ?" + clip(query)
	}
	for i := 0; i+1 < len(r.Header); i += 2 {
		word := " with "
		if i > 0 {
			word = " and "
		}
		text += word + r.Header[i] + " " + clip(r.Header[i+1])
	}
	return text
}

func clip(s string) string {
	if len(s) > 60 {
		return s[:57] + "..."
	}
	return s
}
