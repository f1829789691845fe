package s3_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"aloi.dev/refcloud/cloudtest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// codeOf is the S3 code of an SDK's error, "" without one.
func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func TestClean_Ordinary(t *testing.T) {
	ordinary(t, alize(t).Account(t, "main"))
}

func TestClean_ForeignBucketRefused(t *testing.T) {
	o := alize(t)
	foreign := "/" + o.Services["s3"].Settings["foreign-bucket"]
	if !slices.Contains(o.Inventory(t), "bucket"+foreign) || !slices.Contains(o.Inventory(t), "object"+foreign+"/kept.txt@null") {
		t.Fatalf("the inventory lacks the foreign bucket: %v", o.Inventory(t))
	}
	for _, name := range []string{"main", "other"} {
		a := o.Account(t, name)
		for _, c := range [][2]string{
			{"GET", foreign}, {"HEAD", foreign}, {"GET", foreign + "/kept.txt"}, {"PUT", foreign + "/mine"},
			{"DELETE", foreign + "/kept.txt"}, {"DELETE", foreign}, {"GET", foreign + "?lifecycle"}, {"PUT", foreign + "?encryption"},
		} {
			if got := a.Send(t, c[0], c[1], ""); got.Status != http.StatusForbidden {
				t.Errorf("%s %s by %s: %d %s", c[0], c[1], name, got.Status, got.Body)
			}
		}
		if got := a.Send(t, "PUT", foreign, ""); got.Status != http.StatusConflict {
			t.Errorf("PUT %s by %s: %d %s", foreign, name, got.Status, got.Body)
		}
	}
}

// Keys are strings, byte by byte: no two are the same, and none is a path.
func TestClean_OddKeys(t *testing.T) {
	a := alize(t).Account(t, "main")
	bucket := "/" + newBucket(t, a)
	paths := []string{
		"plain", "a", "a/b", "a/b/", "a-b", "a%20b", "a%2Bb", "%C3%A9t%C3%A9", "e%CC%81", "x//y", "x/y", "x/", "q%3Fx%26y%3Dz", "%25",
		"it%27s%28here%29%21%2A~", "dots/...", "%E2%82%AC%3B%3A%40%2C%24%3D", "p/../q", "p/./q", "q", "UP", "up", "tab%09", ".sgwtmp",
		strings.Repeat("k", 120), strings.Repeat("k", 240), strings.Repeat("k", 241), strings.Repeat("k", 1024), strings.Repeat("k/", 512),
	}
	var keys []string
	for _, path := range paths {
		a.Must(t, "PUT", bucket+"/"+path, "body of "+path)
		key, err := url.PathUnescape(path)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	for i, path := range paths {
		if got := a.Send(t, "GET", bucket+"/"+path, ""); got.Body != "body of "+path {
			t.Errorf("GET %s: %d %s", path, got.Status, got.Body)
		}
		if !slices.Contains(alize(t).Inventory(t), "object"+bucket+"/"+keys[i]+"@null") {
			t.Errorf("the inventory lacks %q", keys[i])
		}
	}
	if got := a.Send(t, "PUT", bucket+"/"+strings.Repeat("k", 1025), ""); got.Status != 400 {
		t.Errorf("PUT of a key of 1025 bytes: %d", got.Status)
	}
	slices.Sort(keys)
	for _, size := range []string{"1", "3", "1000"} {
		if got, prefixes := walk(t, a, bucket[1:], size, ""); !slices.Equal(got, keys) || len(prefixes) > 0 {
			t.Errorf("listing by %s: %q, want %q", size, got, keys)
		}
	}
	for _, size := range []string{"1", "2", "1000"} {
		got, prefixes := walk(t, a, bucket[1:], size, "/")
		want := []string{"a/", "dots/", "k/", "p/", "x/"}
		if !slices.Equal(prefixes, want) || slices.ContainsFunc(got, func(k string) bool { return strings.Contains(k, "/") }) {
			t.Errorf("listing by %s with delimiter: %q and %q, want %q", size, got, prefixes, want)
		}
	}
	if got := a.Send(t, "GET", bucket+"?list-type=2&continuation-token=plain", ""); got.Status != 400 {
		t.Errorf("listing with a made-up token: %d %s", got.Status, got.Body)
	}
}

// walk lists a bucket page by page.
func walk(t *testing.T, a cloudtest.Account, bucket, size, delimiter string) (keys, prefixes []string) {
	t.Helper()
	most, err := strconv.ParseInt(size, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	pages := s3.NewListObjectsV2Paginator(a.SDK(), &s3.ListObjectsV2Input{
		Bucket: &bucket, MaxKeys: aws.Int32(int32(most)), Delimiter: &delimiter,
	})
	for pages.HasMorePages() {
		page := try(pages.NextPage(t.Context())).must(t)
		for _, o := range page.Contents {
			keys = append(keys, *o.Key)
		}
		for _, p := range page.CommonPrefixes {
			prefixes = append(prefixes, *p.Prefix)
		}
	}
	return keys, prefixes
}

func TestClean_ManyAtOnce(t *testing.T) {
	a := alize(t).Account(t, "main")
	bucket, body := "/"+newBucket(t, a), strings.Repeat("x", 64<<10)
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			for j := range 5 {
				path := fmt.Sprintf("%s/%d/%d", bucket, i, j)
				if put, got := a.Send(t, "PUT", path, body), a.Send(t, "GET", path, ""); put.Status != 200 || got.Body != body {
					t.Errorf("%s: PUT %d %v, GET %d %v", path, put.Status, put.Err, got.Status, got.Err)
				}
			}
		})
	}
	all.Wait()
}

func TestInventory(t *testing.T) {
	o := alize(t)
	a := o.Account(t, "main")
	name := newBucket(t, a)
	bucket := "/" + name
	of := func() []string {
		return slices.DeleteFunc(o.Inventory(t), func(s string) bool {
			_, rest, _ := strings.Cut(s, "/")
			owner, _, _ := strings.Cut(rest, "/")
			return owner != name
		})
	}
	a.Must(t, "PUT", bucket+"/one", "1")
	created := a.Must(t, "POST", bucket+"/dir/two?uploads", "")
	_, rest, _ := strings.Cut(created.Body, "<UploadId>")
	upload, _, _ := strings.Cut(rest, "</UploadId>")
	want := []string{"bucket/" + name, "object/" + name + "/one@null", "upload/" + name + "/dir/two#" + upload}
	if got := of(); !slices.Equal(got, want) {
		t.Errorf("inventory %v, want %v", got, want)
	}
	a.Must(t, "PUT", bucket+"?versioning", `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>`)
	second := a.Must(t, "PUT", bucket+"/one", "2").Header.Get("X-Amz-Version-Id")
	marker := a.Must(t, "DELETE", bucket+"/one", "").Header.Get("X-Amz-Version-Id")
	want = append(want, "object/"+name+"/one@"+second, "object/"+name+"/one@"+marker)
	slices.Sort(want)
	if got := of(); !slices.Equal(got, want) {
		t.Errorf("inventory with versions %v, want %v", got, want)
	}
}
