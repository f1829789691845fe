package s3

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/minio/minio-go/v7"

	"aloi.dev/internal/demonstrator/probe"
)

// album is a small tree of keys, in the order of their bytes.
var album = []string{"maps/paris", "note", "phone", "photos/1.jpg", "photos/2024/a.jpg", "photos/2024/b.jpg", "zebra"}

// scripts are keys whose order of UTF-8 bytes is neither that of a dictionary,
// nor that of folders, nor that of UTF-16 (where the last two change places).
var scripts = []string{"B", "a", "road-map", "road.map", "road/map", "road0", "z", "é", "\uff5e", "\U0001f600"}

// page is a listing of either version.
type page struct {
	did string

	XMLName        struct{} `xml:"ListBucketResult"`
	Name           string
	IsTruncated    bool
	KeyCount       *int
	EncodingType   string
	Contents       []listedObject
	CommonPrefixes []struct{ Prefix string }

	NextContinuationToken, NextMarker string
}

type listedObject struct {
	Key          string
	Size         string
	ETag         string
	LastModified time.Time
	StorageClass string
	Owner        struct{ ID string }
}

// etag is the entity tag without its quotes.
func (o listedObject) etag() string { return strings.Trim(o.ETag, `"`) }

// listed is what a listing must hold, in this order.
type listed struct{ keys, prefixes []string }

func (l listed) String() string {
	text := fmt.Sprintf("keys %q", l.keys)
	if len(l.prefixes) > 0 {
		text += fmt.Sprintf(" and common prefixes %q", l.prefixes)
	}
	return text
}

func (l listed) equal(other listed) bool {
	return slices.Equal(l.keys, other.keys) && slices.Equal(l.prefixes, other.prefixes)
}

// held returns the names of a page.
func (p page) held() listed {
	var l listed
	for _, o := range p.Contents {
		l.keys = append(l.keys, o.Key)
	}
	for _, c := range p.CommonPrefixes {
		l.prefixes = append(l.prefixes, c.Prefix)
	}
	return l
}

// want ends the check unless the page holds this and is the last.
func (p page) want(t *probe.T, want listed) {
	got := p.held()
	t.Want(got.equal(want), p.did, got.String(), want.String())
	t.Want(!p.IsTruncated, p.did, "IsTruncated true", "a list that is complete")
}

// list reads one page.
func (c *Cloud) list(t *probe.T, bucket, query string) page {
	a := c.Do(t, Request{Method: http.MethodGet, Bucket: bucket, Query: query}).Want(t, http.StatusOK)
	p := page{did: a.Did}
	a.XML(t, &p)
	t.Want(p.Name == bucket, a.Did, fmt.Sprintf("a list with Name %q", p.Name), "the bucket's name")
	return p
}

// fill makes a bucket that holds these keys, written last first.
func fill(t *probe.T, c *Cloud, keys []string) string {
	bucket := c.Bucket(t)
	for _, key := range slices.Backward(keys) {
		c.Put(t, bucket, key, []byte(key))
	}
	return bucket
}

// wantListed wants one page of a bucket with these keys to hold just that.
func wantListed(t *probe.T, c *Cloud, keys []string, query string, want listed) {
	c.list(t, fill(t, c, keys), query).want(t, want)
}

// wantPages follows the pages of a bucket to the end. A page may hold fewer than
// max names, never more; a page cut short says where the next begins.
func wantPages(t *probe.T, c *Cloud, keys []string, query string, limit int, want listed) {
	bucket := fill(t, c, keys)
	var all listed
	next, did := "", ""
	for range len(keys) + 2 {
		p := c.list(t, bucket, query+next)
		got := p.held()
		size := len(got.keys) + len(got.prefixes)
		t.Want(size <= limit, p.did, fmt.Sprintf("a page of %d", size), fmt.Sprintf("at most max-keys (%d) keys and prefixes", limit))
		all.keys, all.prefixes, did = append(all.keys, got.keys...), append(all.prefixes, got.prefixes...), p.did
		if !p.IsTruncated {
			t.Want(all.equal(want), "GET bucket ?"+query+", page after page,", all.String(), want.String())
			return
		}
		next = p.next(t, query)
	}
	t.Fail(did, "yet another page", "an end after "+want.String())
}

// next is the parameter that asks for the page after this one.
func (p page) next(t *probe.T, query string) string {
	switch {
	case strings.Contains(query, "list-type=2"):
		t.Want(p.NextContinuationToken != "", p.did, "IsTruncated true without NextContinuationToken", "the token of the next page")
		return "&continuation-token=" + url.QueryEscape(p.NextContinuationToken)
	case strings.Contains(query, "delimiter"):
		t.Want(p.NextMarker != "", p.did, "IsTruncated true without NextMarker", "NextMarker when there is a delimiter")
		return "&marker=" + url.QueryEscape(p.NextMarker)
	}
	t.Want(len(p.Contents) > 0, p.did, "IsTruncated true without a key", "a last key that leads to the next page")
	return "&marker=" + url.QueryEscape(p.Contents[len(p.Contents)-1].Key)
}

func wantOwner(t *probe.T, c *Cloud, query string) {
	p := c.list(t, fill(t, c, album[:2]), query)
	t.Want(len(p.Contents) == 2, p.did, p.held().String(), "both keys")
	for _, o := range p.Contents {
		t.Want(o.Owner.ID != "", p.did, "key "+o.Key+" without Owner", "the owner's ID")
	}
}

func wantFields(t *probe.T, c *Cloud, query string) {
	bucket, body := c.Bucket(t), pattern(6, 1500)
	put := c.Put(t, bucket, "object", body)
	p := c.list(t, bucket, query)
	t.Want(len(p.Contents) == 1, p.did, p.held().String(), "the one key")
	o := p.Contents[0]
	t.Want(o.Size == fmt.Sprint(len(body)), p.did, fmt.Sprintf("Size %q", o.Size), fmt.Sprintf("Size %d", len(body)))
	t.Want(o.etag() != "" && o.etag() == put.ETag(), p.did, "ETag "+o.ETag, "the ETag of the upload, "+put.ETag())
	t.Want(o.StorageClass != "", p.did, "no StorageClass", "the StorageClass of the object")
	wantRecent(t, p.did, "LastModified", o.LastModified)
}

// wantEncoded asks for names encoded as in a URL. A service may write a space as
// "+" or as "%20": the decoded names decide.
func wantEncoded(t *probe.T, c *Cloud) {
	keys := []string{"50% off/é+b", "a b", "a+b", "a&b<c>"}
	p := c.list(t, fill(t, c, keys), "list-type=2&encoding-type=url&delimiter=%2F")
	t.Want(p.EncodingType == "url", p.did, fmt.Sprintf("EncodingType %q", p.EncodingType), `EncodingType "url"`)
	got := p.held()
	for _, names := range [][]string{got.keys, got.prefixes} {
		for i, name := range names {
			decoded, err := url.QueryUnescape(name)
			t.Want(err == nil, p.did, fmt.Sprintf("the name %q", name), "names encoded as in a URL")
			names[i] = decoded
		}
	}
	want := listed{keys: []string{"a b", "a&b<c>", "a+b"}, prefixes: []string{"50% off/"}}
	t.Want(got.equal(want), p.did, "once decoded, "+got.String(), want.String())
}

// wantFresh lists after each change: S3 is strongly consistent since 2020.
func wantFresh(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	c.list(t, bucket, "list-type=2").want(t, listed{})
	c.Put(t, bucket, "object", []byte("first"))
	c.list(t, bucket, "list-type=2").want(t, listed{keys: []string{"object"}})
	second := c.Put(t, bucket, "object", []byte("the second"))
	p := c.list(t, bucket, "list-type=2")
	p.want(t, listed{keys: []string{"object"}})
	etag := p.Contents[0].etag()
	t.Want(etag == second.ETag(), p.did, "ETag "+etag, "the ETag of the last upload, "+second.ETag())
	c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket, Key: "object"}).Want(t, http.StatusNoContent, http.StatusOK)
	c.list(t, bucket, "list-type=2").want(t, listed{})
}

func walkWithSDKs(t *probe.T, c *Cloud) {
	bucket := fill(t, c, album)
	var got []string
	pages := s3.NewListObjectsV2Paginator(c.AWS(), &s3.ListObjectsV2Input{Bucket: &bucket, MaxKeys: aws.Int32(3)})
	for pages.HasMorePages() && len(got) <= len(album) {
		page, err := pages.NextPage(t.Context())
		works(t, "the AWS SDK's ListObjectsV2", err)
		for _, o := range page.Contents {
			got = append(got, aws.ToString(o.Key))
		}
	}
	t.Want(slices.Equal(got, album), "the AWS SDK's ListObjectsV2", fmt.Sprintf("keys %q", got), fmt.Sprintf("keys %q", album))
	for _, v1 := range []bool{false, true} {
		did := fmt.Sprintf("the MinIO SDK's ListObjects (version 1: %t)", v1)
		got = nil
		for o := range c.Minio().ListObjectsIter(t.Context(), bucket, minio.ListObjectsOptions{Recursive: true, MaxKeys: 3, UseV1: v1}) {
			works(t, did, o.Err)
			got = append(got, o.Key)
			if len(got) > len(album) {
				break
			}
		}
		t.Want(slices.Equal(got, album), did, fmt.Sprintf("keys %q", got), fmt.Sprintf("keys %q", album))
	}
}
