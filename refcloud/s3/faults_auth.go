package s3

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"aloi.dev/refcloud/answer"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/valyala/fasthttp"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend"
)

// chunkSigned is the digest that stands for a body signed in chunks.
const chunkSigned = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"

var authFaults = []Fault{
	{
		Name: "s3.signature-unchecked", Group: "auth",
		Text: "The signature of the Authorization header is not verified.",
		Front: forgive("*", func(r *http.Request, resp *Response) bool {
			return r.Header.Get("Authorization") != "" && refusedFor("SignatureDoesNotMatch")(r, resp)
		}, resign),
	},
	{
		Name: "s3.clock-unchecked", Group: "auth",
		Text:  "A request may be signed at any time.",
		Front: forgive("*", refusedFor("RequestTimeTooSkewed"), resign),
	},
	{
		Name: "s3.scope-unchecked", Group: "auth",
		Text: "A signature made for another region or another service is accepted.",
		Front: forgive("*", func(r *http.Request, resp *Response) bool {
			return strings.Contains(r.Header.Get("Authorization"), "Signature=") && refusedFor("AuthorizationHeaderMalformed")(r, resp)
		}, resign),
	},
	{
		Name: "s3.payload-unchecked", Group: "auth",
		Text: "The body is not compared with the digest that is signed.",
		Front: forgive("*", refusedFor("XAmzContentSHA256Mismatch"), func(r *http.Request, body []byte) error {
			SetBody(r, body)
			return Resign(r)
		}),
	},
	{
		Name: "s3.headers-unsigned", Group: "auth",
		Text: "x-amz-* headers that the signature doesn't cover are accepted.",
		Front: forgive("*", func(_ *http.Request, resp *Response) bool {
			return bytes.Contains(resp.Body, []byte("HeadersNotSigned"))
		}, resign),
	},
	{
		Name: "s3.date-optional", Group: "auth",
		Text: "A signed request needs no date.",
		Front: forgive("*", func(r *http.Request, _ *Response) bool {
			return r.Header.Get("Authorization") != "" && r.Header.Get("X-Amz-Date") == "" && r.Header.Get("Date") == ""
		}, resign),
	},
	{
		Name: "s3.authorization-crash", Group: "auth",
		Text: "An Authorization header that can't be read is answered 500 InternalError.",
		Front: On("*", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if value := r.Header.Get("Authorization"); value != "" && !strings.Contains(value, "Signature=") {
				Refuse(w, r, http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again.")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "s3.unknown-key-code", Group: "auth",
		Text: "An unknown access key is answered AccessDenied.",
		Front: EditError("*", func(_ *http.Request, doc string) string {
			return strings.Replace(doc, "<Code>InvalidAccessKeyId<", "<Code>AccessDenied<", 1)
		}),
	},
	{
		Name: "s3.spaces-signed", Group: "auth",
		Text: "Spaces that follow each other in a header are counted by the signature.",
		Front: On("*", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			for name, values := range r.Header {
				if strings.HasPrefix(name, "X-Amz-") && strings.Contains(strings.TrimSpace(strings.Join(values, ",")), "  ") {
					Refuse(w, r, http.StatusForbidden, "SignatureDoesNotMatch", "The request signature we calculated does not match.")
					return
				}
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "s3.unsigned-payload-refused", Group: "auth",
		Text: "An upload whose body is left out of the signature is refused.",
		Front: On("PutObject", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Header.Get("Authorization") != "" && r.Header.Get(hashHeader) == unsignedRaw {
				Refuse(w, r, http.StatusBadRequest, "InvalidRequest", "The body must be signed.")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "s3.anonymous-read", Group: "auth",
		Text:  "Objects and listings are given to whoever asks without a signature.",
		Front: forgive("GetObject HeadObject ListObjects ListObjectsV2", shutOut(nobody), asMain),
	},
	{
		Name: "s3.anonymous-write", Group: "auth",
		Text:  "Uploads and deletions without a signature are accepted.",
		Front: forgive("PutObject DeleteObject", shutOut(nobody), asMain),
	},
	{
		Name: "s3.accounts-mixed", Group: "auth",
		Text:  "Every account has every right on the buckets of the others.",
		Front: forgive("GetObject HeadObject ListObjects ListObjectsV2 PutObject DeleteObject PutBucketPolicy GetBucketAcl PutBucketAcl", shutOut(theOther), asMain),
	},
	{
		Name: "s3.copy-source-unchecked", Group: "auth",
		Text:    "A copy needs no right on its source.",
		Backend: func(next backend.Backend) backend.Backend { return openSource{next} },
	},
	{
		Name: "s3.buckets-of-all", Group: "auth",
		Text: "The list of buckets holds those of other accounts.",
		Front: On("ListBuckets", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if accessKey(r) != "" {
				_ = asMain(r, nil)
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "s3.chunks-kept", Group: "auth",
		Text:  "A body signed in chunks is stored with the sizes and signatures of its chunks.",
		Front: On("PutObject", storeChunked(func(wire []byte) []byte { return wire })),
	},
	{
		Name: "s3.chunks-unchecked", Group: "auth",
		Text:  "The signatures of chunks are not verified.",
		Front: On("PutObject", storeChunked(dataOfChunks)),
	},
	{
		Name: "s3.chunked-encoding-kept", Group: "auth",
		Text:  "Content-Encoding keeps the value aws-chunked.",
		Front: keepChunkedEncoding,
	},
}

// openSource shows the source of a copy as open to all.
type openSource struct{ backend.Backend }

func (b openSource) GetBucketAcl(ctx context.Context, in *s3.GetBucketAclInput) ([]byte, error) {
	raw, err := b.Backend.GetBucketAcl(ctx, in)
	r, ok := ctx.(*fasthttp.RequestCtx)
	if err != nil || !ok {
		return raw, err
	}
	source, _, _ := strings.Cut(strings.Trim(string(r.Request.Header.Peek("X-Amz-Copy-Source")), "/"), "/")
	if source != *in.Bucket {
		return raw, nil
	}
	acl, err := auth.ParseACL(raw)
	if err != nil {
		return raw, err
	}
	acl.Grantees = append(acl.Grantees, auth.Grantee{Permission: auth.PermissionRead, Access: "all-users", Type: types.TypeGroup})
	return json.Marshal(acl)
}

// storeChunked stores a body that is signed in chunks as decode reads it.
func storeChunked(decode func(wire []byte) []byte) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Header.Get(hashHeader) != chunkSigned {
			next.ServeHTTP(w, r)
			return
		}
		wire, err := io.ReadAll(r.Body)
		SetBody(r, decode(wire))
		r.Header.Del("X-Amz-Decoded-Content-Length")
		if err = errors.Join(err, Resign(r)); err != nil {
			Refuse(w, r, http.StatusInternalServerError, "InternalError", err.Error())
			return
		}
		next.ServeHTTP(w, r)
	}
}

// dataOfChunks reads "SIZE;chunk-signature=...", a line break, the data and a
// line break, until a chunk without data.
func dataOfChunks(wire []byte) []byte {
	var data []byte
	for {
		head, rest, _ := bytes.Cut(wire, []byte("\r\n"))
		size, _, _ := strings.Cut(string(head), ";")
		n, err := strconv.ParseInt(size, 16, 32)
		if err != nil || n == 0 || int(n) > len(rest) {
			return data
		}
		data, wire = append(data, rest[:n]...), bytes.TrimPrefix(rest[n:], []byte("\r\n"))
	}
}

// keepChunkedEncoding remembers what was uploaded in chunks.
func keepChunkedEncoding(next http.Handler) http.Handler {
	var chunked sync.Map // path
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch Operation(r) {
		case "PutObject":
			chunked.Delete(r.URL.Path)
			if strings.HasPrefix(r.Header.Get("Content-Encoding"), "aws-chunked") {
				chunked.Store(r.URL.Path, true)
			}
		case "GetObject", "HeadObject":
			if _, ok := chunked.Load(r.URL.Path); ok {
				w = &answer.HeaderEditor{ResponseWriter: w, Edit: func(status int, h http.Header) int {
					if status < 300 {
						h.Set("Content-Encoding", strings.TrimSuffix("aws-chunked,"+h.Get("Content-Encoding"), ","))
					}
					return status
				}}
			}
		}
		next.ServeHTTP(w, r)
	})
}
