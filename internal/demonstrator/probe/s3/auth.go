package s3

import (
	"net/http"
	"slices"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// authChecks ask who is let in, and how a request proves who sends it.
var authChecks = slices.Concat(strangerChecks, signatureChecks, chunkedChecks)

// strangerChecks come without a signature, or with that of another account.
var strangerChecks = []probe.Check{
	{
		ID: "s3/auth/anonymous-get", Rule: "S3 API, GetObject",
		Title: lang.T("Un objet privé n'est pas lu sans signature", "A private object is not read without a signature"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantShutOut(t, c, anonymous, Request{Method: http.MethodGet, Key: "object"})
		}),
	},
	{
		ID: "s3/auth/anonymous-list", Rule: "S3 API, ListObjectsV2",
		Title: lang.T("Un seau privé n'est pas listé sans signature", "A private bucket is not listed without a signature"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantShutOut(t, c, anonymous, Request{Method: http.MethodGet, Query: "list-type=2"})
		}),
	},
	{
		ID: "s3/auth/anonymous-put", Rule: "S3 API, PutObject",
		Title: lang.T("Rien n'est écrit sans signature", "Nothing is written without a signature"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantShutOut(t, c, anonymous, Request{Method: http.MethodPut, Key: "object", Body: []byte("intruder")})
		}),
	},
	{
		ID: "s3/auth/anonymous-delete", Rule: "S3 API, DeleteObject",
		Title: lang.T("Rien n'est supprimé sans signature", "Nothing is deleted without a signature"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantShutOut(t, c, anonymous, Request{Method: http.MethodDelete, Key: "object"})
		}),
	},
	{
		ID: "s3/auth/other-account-read", Rule: "S3 API, GetObject", Features: []string{secondAccount},
		Title: lang.T("Un autre compte ne lit ni ne liste un seau privé", "Another account neither reads nor lists a private bucket"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantShutOut(t, c, otherAccount,
				Request{Method: http.MethodGet, Key: "object"},
				Request{Method: http.MethodGet, Query: "list-type=2"})
		}),
	},
	{
		ID: "s3/auth/other-account-write", Rule: "S3 API, PutObject", Features: []string{secondAccount},
		Title: lang.T("Un autre compte n'écrit ni ne supprime dans un seau privé", "Another account neither writes nor deletes in a private bucket"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantShutOut(t, c, otherAccount,
				Request{Method: http.MethodPut, Key: "object", Body: []byte("intruder")},
				Request{Method: http.MethodDelete, Key: "object"})
		}),
	},
	{
		ID: "s3/auth/other-account-copy", Rule: "S3 API, CopyObject", Features: []string{secondAccount}, Slots: 2,
		Title: lang.T("Un autre compte ne copie pas un objet privé chez lui", "Another account does not copy a private object to its own bucket"),
		Run:   with(copyByOther),
	},
	{
		ID: "s3/auth/other-account-hidden", Rule: "S3 API, ListBuckets", Features: []string{secondAccount},
		Title: lang.T("Un compte ne voit pas les seaux d'un autre dans sa liste", "An account does not see another's buckets in its list"),
		Run:   with(bucketsHidden),
	},
}

// wantShutOut makes requests as somebody else in a bucket that holds one object,
// and wants each refused and the object as it was.
func wantShutOut(t *probe.T, c *Cloud, account string, requests ...Request) {
	bucket, body := c.Bucket(t), pattern(1, 1024)
	c.Put(t, bucket, "object", body)
	for _, r := range requests {
		r.Bucket, r.As = bucket, account
		c.Do(t, r).but(stranger(account)).WantRefusal(t, http.StatusForbidden, "AccessDenied")
	}
	c.Get(t, bucket, "object").but("after the refusal").Want(t, http.StatusOK).WantBody(t, body)
}

// stranger says in a sentence who asks.
func stranger(account string) string {
	if account == anonymous {
		return "without a signature"
	}
	return "by another account"
}

func copyByOther(t *probe.T, c *Cloud) {
	source, target := c.Bucket(t), c.BucketOf(t, otherAccount)
	c.Put(t, source, "object", pattern(1, 1024))
	c.Do(t, Request{
		Method: http.MethodPut, Bucket: target, Key: "copy", As: otherAccount,
		Header: []string{"X-Amz-Copy-Source", "/" + source + "/object"},
	}).WantRefusal(t, http.StatusForbidden, "AccessDenied")
	c.Do(t, Request{Method: http.MethodGet, Bucket: target, Key: "copy", As: otherAccount}).
		but("after the refusal").WantRefusal(t, http.StatusNotFound, "NoSuchKey")
}

func bucketsHidden(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	for account, visible := range map[string]bool{mainAccount: true, otherAccount: false} {
		a := c.Do(t, Request{Method: http.MethodGet, As: account}).but("by account "+account).Want(t, http.StatusOK)
		var list struct {
			Names []string `xml:"Buckets>Bucket>Name"`
		}
		a.XML(t, &list)
		switch listed := slices.Contains(list.Names, bucket); {
		case listed && !visible:
			t.Fail(a.Did, "a list with a bucket of account "+mainAccount, "its own buckets only")
		case !listed && visible:
			t.Fail(a.Did, "a list without the bucket that it created", "all its buckets")
		}
	}
}

// but adds to what was asked, for sentences: "GET object without a signature".
func (a Answer) but(note string) Answer {
	a.Did += " " + note
	return a
}
