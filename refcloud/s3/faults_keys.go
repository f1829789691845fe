package s3

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
	"golang.org/x/text/unicode/norm"
)

// keyFaults: servers that keep objects as files of an operating system, or decode
// keys as often as they meet them.
var keyFaults = []Fault{
	{
		Name: "s3.key-decomposed", Group: "keys",
		Text:    "Keys are brought to Unicode's decomposed form.",
		Backend: rekey(norm.NFD.String),
	},
	{
		Name: "s3.key-lower-case", Group: "keys",
		Text:    "Keys are brought to lower case.",
		Backend: rekey(strings.ToLower),
	},
	{
		Name: "s3.key-plus-as-space", Group: "keys",
		Text:    "A plus in a key is taken for a space.",
		Backend: rekey(func(key string) string { return strings.ReplaceAll(key, "+", " ") }),
	},
	{
		Name: "s3.key-decoded-twice", Group: "keys",
		Text: "Percent-encoding is decoded a second time in keys.",
		Backend: rekey(func(key string) string {
			if again, err := url.PathUnescape(key); err == nil {
				return again
			}
			return key
		}),
	},
	{
		Name: "s3.key-slashes-collapsed", Group: "keys",
		Text: "Repeated slashes of a key become one, and a leading one is dropped.",
		Backend: rekey(func(key string) string {
			return strings.TrimLeft(repeatedSlashes.ReplaceAllString(key, "/"), "/")
		}),
	},
	{
		Name: "s3.key-under-object", Group: "keys",
		Text:    "A key that continues that of an object with a slash is refused: the object is no folder.",
		Backend: func(next backend.Backend) backend.Backend { return underObject{next} },
	},
	{
		Name: "s3.key-slash-cut", Group: "keys",
		Text: "The slash at the end of a key is dropped when it is stored.",
		Backend: func(next backend.Backend) backend.Backend {
			return storeUnder{next, func(key string) string { return strings.TrimRight(key, "/") }}
		},
	},
	{
		Name: "s3.key-limit-255", Group: "keys",
		Text: "A key of more than 255 bytes is refused.",
		Front: On("PutObject", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if _, key := Target(r); len(key) > 255 {
				Refuse(w, r, http.StatusBadRequest, "KeyTooLongError", "Your key is too long")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "s3.key-truncated", Group: "keys",
		Text: "A key of more than 1,024 bytes is cut instead of refused.",
		Front: EditRequest("PutObject", func(r *http.Request) bool {
			bucket, key := Target(r)
			if len(key) <= keyLimit {
				return false
			}
			r.URL.Path, r.URL.RawPath = "/"+bucket+"/"+key[:keyLimit], ""
			r.RequestURI = r.URL.RequestURI()
			return true
		}),
	},
	{
		Name: "s3.folders-are-objects", Group: "keys",
		Text:    "A prefix of keys that exist can be read as if it were an empty object.",
		Backend: func(next backend.Backend) backend.Backend { return folderObjects{next} },
	},
}

var repeatedSlashes = regexp.MustCompile(`//+`)

// rekey returns the backend of a server that knows each object under another key.
func rekey(to func(string) string) func(backend.Backend) backend.Backend {
	return func(next backend.Backend) backend.Backend { return rekeyed{storeUnder{next, to}} }
}

// storeUnder writes objects under other keys.
type storeUnder struct {
	backend.Backend
	to func(string) string
}

func (b storeUnder) key(key *string) *string {
	if key == nil {
		return nil
	}
	other := b.to(*key)
	return &other
}

func (b storeUnder) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	in.Key = b.key(in.Key)
	return b.Backend.PutObject(ctx, in)
}

// rekeyed reads them under those keys too.
type rekeyed struct{ storeUnder }

func (b rekeyed) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	in.Key = b.key(in.Key)
	return b.Backend.GetObject(ctx, in)
}

func (b rekeyed) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	in.Key = b.key(in.Key)
	return b.Backend.HeadObject(ctx, in)
}

func (b rekeyed) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	in.Key = b.key(in.Key)
	return b.Backend.DeleteObject(ctx, in)
}

type underObject struct{ backend.Backend }

func (b underObject) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	for i, ch := range *in.Key {
		if parent := (*in.Key)[:i]; ch == '/' && parent != "" {
			if _, err := b.HeadObject(ctx, &s3.HeadObjectInput{Bucket: in.Bucket, Key: &parent}); err == nil {
				return s3response.PutObjectOutput{}, s3err.GetAPIError(s3err.ErrObjectParentIsFile)
			}
		}
	}
	return b.Backend.PutObject(ctx, in)
}

type folderObjects struct{ backend.Backend }

func (b folderObjects) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	out, err := b.Backend.GetObject(ctx, in)
	if err == nil || !b.folder(ctx, in.Bucket, in.Key) {
		return out, err
	}
	length, etag, now := int64(0), `"d41d8cd98f00b204e9800998ecf8427e"`, time.Now()
	return &s3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader(nil)), ContentLength: &length, ETag: &etag, LastModified: &now}, nil
}

func (b folderObjects) folder(ctx context.Context, bucket, key *string) bool {
	prefix, none, one := strings.TrimRight(*key, "/")+"/", "", int32(1)
	list, err := b.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket: bucket, Prefix: &prefix, Delimiter: &none, ContinuationToken: &none, StartAfter: &none, MaxKeys: &one,
	})
	return err == nil && len(list.Contents) > 0
}
