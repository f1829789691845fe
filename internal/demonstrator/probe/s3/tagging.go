package s3

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var taggingChecks = slices.Concat(taggingBucketChecks, taggingObjectChecks, taggingRefusalChecks)

var taggingBucketChecks = []probe.Check{
	{
		ID: "s3/tagging/bucket-round-trip", Rule: "S3 API, PutBucketTagging and GetBucketTagging", Features: []string{tagging},
		Title: lang.T("Les étiquettes d'un seau s'écrivent et se relisent", "The tags of a bucket are written and read back"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.setTags(t, bucket, "", "team=archives", "level=2").Want(t, http.StatusOK, http.StatusNoContent)
			wantTagSet(t, c, bucket, "", "tagging", "level=2", "team=archives")
		}),
	},
	{
		ID: "s3/tagging/bucket-missing", Rule: "S3 API, GetBucketTagging, NoSuchTagSet", Features: []string{tagging},
		Title: lang.T("Un seau sans étiquettes le dit", "A bucket without tags says so"),
		Run: with(func(t *probe.T, c *Cloud) {
			c.Document(t, c.Bucket(t), "", "tagging").WantRefusal(t, http.StatusNotFound, "NoSuchTagSet")
		}),
	},
	{
		ID: "s3/tagging/bucket-delete", Rule: "S3 API, DeleteBucketTagging", Features: []string{tagging},
		Title: lang.T("Les étiquettes d'un seau se suppriment", "The tags of a bucket can be deleted"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.setTags(t, bucket, "", "team=archives").Want(t, http.StatusOK, http.StatusNoContent)
			c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket, Query: "tagging"}).Want(t, http.StatusNoContent)
			c.Document(t, bucket, "", "tagging").WantRefusal(t, http.StatusNotFound, "NoSuchTagSet")
		}),
	},
}

var taggingObjectChecks = []probe.Check{
	{
		ID: "s3/tagging/object-round-trip", Rule: "S3 API, PutObjectTagging and GetObjectTagging", Features: []string{tagging},
		Title: lang.T("Les étiquettes d'un objet se relisent, accents et signes compris", "The tags of an object read back, accents and signs included"),
		Run:   with(taggingRoundTrip),
	},
	{
		ID: "s3/tagging/none", Rule: "S3 API, GetObjectTagging", Features: []string{tagging},
		Title: lang.T("Un objet neuf n'a pas d'étiquette", "A new object has no tags"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Put(t, bucket, "object", pattern(1, 100))
			wantTagSet(t, c, bucket, "object", "tagging")
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantHeader(t, tagCount, "")
		}),
	},
	{
		ID: "s3/tagging/put-header", Rule: "S3 API, PutObject, x-amz-tagging", Features: []string{tagging},
		Title: lang.T("Des étiquettes se donnent à l'écriture", "Tags can be given when writing"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Put(t, bucket, "object", pattern(1, 100), "X-Amz-Tagging", "team=archives&note=a%2Bb%20c")
			wantTagSet(t, c, bucket, "object", "tagging", "note=a+b c", "team=archives")
			c.Put(t, bucket, "object", pattern(1, 100))
			wantTagSet(t, c, bucket, "object", "tagging")
		}),
	},
	{
		ID: "s3/tagging/count-header", Rule: "S3 API, GetObject, x-amz-tagging-count", Features: []string{tagging},
		Title: lang.T("GET dit le nombre d'étiquettes", "GET tells the number of tags"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Put(t, bucket, "object", pattern(1, 100))
			c.setTags(t, bucket, "object", "a=1", "b=2", "c=3").Want(t, http.StatusOK)
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantHeader(t, tagCount, "3")
		}),
	},
	{
		ID: "s3/tagging/replace-all", Rule: "S3 API, PutObjectTagging", Features: []string{tagging},
		Title: lang.T("De nouvelles étiquettes remplacent toutes les anciennes", "New tags replace all the old ones"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Put(t, bucket, "object", pattern(1, 100))
			c.setTags(t, bucket, "object", "a=1", "b=2").Want(t, http.StatusOK)
			c.setTags(t, bucket, "object", "b=3").Want(t, http.StatusOK)
			wantTagSet(t, c, bucket, "object", "tagging", "b=3")
		}),
	},
	{
		ID: "s3/tagging/object-delete", Rule: "S3 API, DeleteObjectTagging", Features: []string{tagging},
		Title: lang.T("Les étiquettes d'un objet se suppriment et l'objet reste", "The tags of an object can be deleted and the object stays"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(1, 100)
			c.Put(t, bucket, "object", body)
			c.setTags(t, bucket, "object", "a=1", "b=2").Want(t, http.StatusOK)
			c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket, Key: "object", Query: "tagging"}).Want(t, http.StatusNoContent)
			wantTagSet(t, c, bucket, "object", "tagging")
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
	{
		ID: "s3/tagging/per-version", Rule: "S3 API, PutObjectTagging, versionId", Features: []string{tagging, versioning},
		Title: lang.T("Chaque version a ses étiquettes", "Each version has its own tags"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.twoVersions(t)
			c.PutDocument(t, v.bucket, v.key, "tagging&versionId="+v.first, tagDoc("of=first")).Want(t, http.StatusOK)
			c.setTags(t, v.bucket, v.key, "of=second").Want(t, http.StatusOK)
			wantTagSet(t, c, v.bucket, v.key, "tagging&versionId="+v.first, "of=first")
			wantTagSet(t, c, v.bucket, v.key, "tagging&versionId="+v.second, "of=second")
		}),
	},
	{
		ID: "s3/tagging/object-missing", Rule: "S3 API, PutObjectTagging, NoSuchKey", Features: []string{tagging},
		Title: lang.T("Un objet absent ne s'étiquette pas", "A missing object can't be tagged"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.setTags(t, bucket, "missing", "a=1").WantRefusal(t, http.StatusNotFound, "NoSuchKey")
			c.Document(t, bucket, "missing", "tagging").WantRefusal(t, http.StatusNotFound, "NoSuchKey")
		}),
	},
}

// taggingRefusalChecks want a refusal that leaves the tags as they were.
var taggingRefusalChecks = []probe.Check{
	{
		ID: "s3/tagging/too-many", Rule: "S3 API, PutObjectTagging, 10 tags", Features: []string{tagging},
		Title: lang.T("Un objet n'a pas plus de dix étiquettes", "An object has ten tags at most"),
		Run: with(func(t *probe.T, c *Cloud) {
			var tags []string
			for i := range 11 {
				tags = append(tags, fmt.Sprintf("key%d=value", i))
			}
			wantTagsRefused(t, c, "BadRequest", tags...)
		}),
	},
	{
		ID: "s3/tagging/duplicate-key", Rule: "S3 API, PutObjectTagging, InvalidTag", Features: []string{tagging},
		Title: lang.T("Une clé d'étiquette ne se répète pas", "A tag key can't be given twice"),
		Run:   with(func(t *probe.T, c *Cloud) { wantTagsRefused(t, c, "InvalidTag", "a=1", "a=2") }),
	},
	{
		ID: "s3/tagging/key-too-long", Rule: "S3 API, PutObjectTagging, InvalidTag", Features: []string{tagging},
		Title: lang.T("Une clé d'étiquette a 128 caractères au plus", "A tag key has 128 characters at most"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantTagsRefused(t, c, "InvalidTag", strings.Repeat("k", 129)+"=value")
		}),
	},
	{
		ID: "s3/tagging/value-too-long", Rule: "S3 API, PutObjectTagging, InvalidTag", Features: []string{tagging},
		Title: lang.T("Une valeur d'étiquette a 256 caractères au plus", "A tag value has 256 characters at most"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantTagsRefused(t, c, "InvalidTag", "key="+strings.Repeat("v", 257))
		}),
	},
}

const tagCount = "X-Amz-Tagging-Count"

func taggingRoundTrip(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	c.Put(t, bucket, "object", pattern(1, 100))
	want := []types.Tag{{Key: aws.String("a:b/c@d"), Value: aws.String("1+1=2")}, {Key: aws.String("été"), Value: aws.String("")}}
	_, err := c.AWS().PutObjectTagging(t.Context(), &s3.PutObjectTaggingInput{Bucket: &bucket, Key: aws.String("object"), Tagging: &types.Tagging{TagSet: want}})
	works(t, "PutObjectTagging", err)
	wantTagSet(t, c, bucket, "object", "tagging", "a:b/c@d=1+1=2", "été=")
}

// tagDoc is a document of tags written "key=value".
func tagDoc(tags ...string) string {
	var doc strings.Builder
	doc.WriteString("<Tagging " + xmlns + "><TagSet>")
	for _, tag := range tags {
		key, value, _ := strings.Cut(tag, "=")
		doc.WriteString("<Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag>")
	}
	doc.WriteString("</TagSet></Tagging>")
	return doc.String()
}

func (c *Cloud) setTags(t *probe.T, bucket, key string, tags ...string) Answer {
	return c.PutDocument(t, bucket, key, "tagging", tagDoc(tags...))
}

// wantTagSet ends the check unless a bucket, or an object in it, has these tags.
// Their order is free: they are compared sorted.
func wantTagSet(t *probe.T, c *Cloud, bucket, key, query string, tags ...string) {
	a := c.Document(t, bucket, key, query).Want(t, http.StatusOK)
	var doc struct {
		Tags []struct{ Key, Value string } `xml:"TagSet>Tag"`
	}
	a.XML(t, &doc)
	var got []string
	for _, tag := range doc.Tags {
		got = append(got, tag.Key+"="+tag.Value)
	}
	slices.Sort(got)
	wantRows(t, a.Did, got, tags)
}

func wantTagsRefused(t *probe.T, c *Cloud, code string, tags ...string) {
	bucket := c.Bucket(t)
	c.Put(t, bucket, "object", pattern(1, 100))
	c.setTags(t, bucket, "object", "kept=yes").Want(t, http.StatusOK)
	c.setTags(t, bucket, "object", tags...).WantRefusal(t, http.StatusBadRequest, code, "InvalidTag")
	wantTagSet(t, c, bucket, "object", "tagging", "kept=yes")
}
