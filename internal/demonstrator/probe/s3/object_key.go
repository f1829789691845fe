package s3

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// keyChecks: which names an object can have.
var keyChecks = []probe.Check{
	{
		ID: "s3/object/key-unicode", Rule: "S3 API, object key names",
		Title: lang.T("Une clé en toute écriture est gardée octet par octet", "A key in any script is kept byte by byte"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantKeys(t, c, "caf\u00e9 \u65e5\u672c\u8a9e.txt", "\u043a\u043b\u044e\u0447-\U0001f5dd")
		}),
	},
	{
		ID: "s3/object/key-normalization", Rule: "S3 API, object key names",
		Title: lang.T("Deux clés qui ne diffèrent que par leur forme Unicode restent deux", "Two keys that differ only in their Unicode form stay two"),
		Run:   with(func(t *probe.T, c *Cloud) { wantKeys(t, c, "caf\u00e9", "cafe\u0301") }),
	},
	{
		ID: "s3/object/key-case", Rule: "S3 API, object key names",
		Title: lang.T("Majuscules et minuscules font des clés différentes", "Upper and lower case make different keys"),
		Run:   with(func(t *probe.T, c *Cloud) { wantKeys(t, c, "Report.TXT", "report.txt") }),
	},
	{
		ID: "s3/object/key-special", Rule: "S3 API, object key names",
		Title: lang.T("Une clé peut contenir espaces et ponctuation", "A key may hold spaces and punctuation"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantKeys(t, c, "a b+c&d=e,f;g:h@i$j!k'l(m)*", "what?query=1#fragment", `"<quoted>"[]{}|^~\`+"`")
		}),
	},
	{
		ID: "s3/object/key-percent", Rule: "S3 API, object key names",
		Title: lang.T("Un « % » dans une clé n'est pas décodé une seconde fois", "A % in a key isn't decoded a second time"),
		Run:   with(func(t *probe.T, c *Cloud) { wantKeys(t, c, "a%20b", "a b", "50%") }),
	},
	{
		ID: "s3/object/key-slashes", Rule: "S3 API, object key names",
		Title: lang.T("Les dossiers d'une clé ne sont pas des objets", "The folders of a key are no objects"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(1, 64)
			c.Put(t, bucket, "photos/2044/january.jpg", body)
			c.Get(t, bucket, "photos/2044/january.jpg").Want(t, http.StatusOK).WantBody(t, body)
			for _, folder := range []string{"photos/2044/", "photos/2044", "photos"} {
				a := c.Get(t, bucket, folder)
				a.Did = "GET of the prefix " + folder
				a.WantRefusal(t, http.StatusNotFound, "NoSuchKey")
			}
		}),
	},
	{
		ID: "s3/object/key-and-folder", Rule: "S3 API, object key names",
		Title: lang.T("Une clé peut en prolonger une autre par « / »", "A key may continue another one with /"),
		Run:   with(func(t *probe.T, c *Cloud) { wantKeys(t, c, "logs", "logs/today", "logs/today/1", "logs/") }),
	},
	{
		ID: "s3/object/key-double-slash", Rule: "S3 API, object key names",
		Title: lang.T("Les « / » répétés d'une clé sont gardés", "The repeated slashes of a key are kept"),
		Run:   with(func(t *probe.T, c *Cloud) { wantKeys(t, c, "a/b", "a//b", "/a/b") }),
	},
	{
		ID: "s3/object/key-trailing-slash", Rule: "S3 API, object key names",
		Title: lang.T("Un « dossier » est un objet vide dont la clé finit par « / »", "A \"folder\" is an empty object whose key ends in /"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Put(t, bucket, "folder/", nil)
			c.Get(t, bucket, "folder/").Want(t, http.StatusOK).WantBody(t, nil)
			a := c.Get(t, bucket, "folder")
			a.Did = "GET of the key without its slash"
			a.WantRefusal(t, http.StatusNotFound, "NoSuchKey")
			wantHeld(t, c, bucket, "folder/")
		}),
	},
	{
		ID: "s3/object/key-1024", Rule: "S3 API, object key names",
		Title: lang.T("Une clé de 1 024 octets est acceptée", "A key of 1,024 bytes is accepted"),
		Run:   with(func(t *probe.T, c *Cloud) { wantKeys(t, c, longKey(1024), strings.Repeat("f", 1024)) }),
	},
	{
		ID: "s3/object/key-too-long", Rule: "S3 API, error KeyTooLongError",
		Title: lang.T("Une clé de plus de 1 024 octets est refusée", "A key over 1,024 bytes is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			a := c.Do(t, Request{Method: http.MethodPut, Bucket: bucket, Key: longKey(1025), Body: pattern(1, 64)})
			a.Did = "PUT of a key of 1,025 bytes"
			a.WantRefusal(t, http.StatusBadRequest, "KeyTooLongError")
			wantHeld(t, c, bucket)
		}),
	},
}

// longKey returns a key of n bytes, in folders of 128.
func longKey(n int) string {
	return ("zz" + strings.Repeat(strings.Repeat("k", 127)+"/", n/128+1))[:n]
}

// wantKeys stores objects under these keys, all in one bucket, and wants each to
// be itself: read alone with its own bytes, and listed under its own name.
func wantKeys(t *probe.T, c *Cloud, keys ...string) {
	bucket := c.Bucket(t)
	for i, key := range keys {
		c.Put(t, bucket, key, pattern(byte(i), 80))
	}
	for i, key := range keys {
		a := c.Get(t, bucket, key)
		a.Did = fmt.Sprintf("GET of the key %+q", clip(key))
		a.Want(t, http.StatusOK).WantBody(t, pattern(byte(i), 80))
	}
	wantHeld(t, c, bucket, keys...)
}

// wantHeld ends the check unless the bucket holds exactly these keys.
func wantHeld(t *probe.T, c *Cloud, bucket string, want ...string) {
	const did = "ListObjectsV2"
	out, err := c.AWS().ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
	works(t, did, err)
	var got []string
	for _, o := range out.Contents {
		got = append(got, aws.ToString(o.Key))
	}
	want = slices.Sorted(slices.Values(want))
	t.Want(slices.Equal(slices.Sorted(slices.Values(got)), want), did, clip(fmt.Sprintf("%+q", got)), clip(fmt.Sprintf("%+q", want)))
}
