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

// multipartStateChecks look at uploads under way: their parts, their listings,
// and their end without an object.
var multipartStateChecks = []probe.Check{
	{
		ID: "s3/multipart/invisible-before-complete", Rule: "S3 API, CompleteMultipartUpload", Features: []string{multipart},
		Title: lang.T("Un envoi en cours ne montre aucun objet", "An upload under way shows no object"),
		Run: with(func(t *probe.T, c *Cloud) {
			u := c.upload(t)
			u.part(t, 1, pattern(1, 1500))
			c.Get(t, u.bucket, u.key).WantRefusal(t, http.StatusNotFound, "NoSuchKey")
			wantNoObjects(t, c, u.bucket)
		}),
	},
	{
		ID: "s3/multipart/abort", Rule: "S3 API, AbortMultipartUpload", Features: []string{multipart},
		Title: lang.T("Un envoi abandonné ne laisse rien", "An aborted upload leaves nothing"),
		Run:   with(multipartAbort),
	},
	{
		ID: "s3/multipart/unknown-upload", Rule: "S3 API, NoSuchUpload", Features: []string{multipart},
		Title: lang.T("Un envoi inconnu est refusé", "An unknown upload is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			u := c.upload(t)
			one := u.part(t, 1, pattern(1, 1500))
			u.key = "another" // an upload is that of one key
			u.send(t, 1, pattern(1, 1500)).WantRefusal(t, http.StatusNotFound, "NoSuchUpload")
			u.complete(t, one).WantRefusal(t, http.StatusNotFound, "NoSuchUpload")
			err := c.Minio().AbortMultipartUpload(t.Context(), u.bucket, u.key, u.id)
			absent(t, "AbortMultipartUpload of another key's upload", err, "NoSuchUpload")
		}),
	},
	{
		ID: "s3/multipart/list-parts", Rule: "S3 API, ListParts", Features: []string{multipart},
		Title: lang.T("La liste des parties donne numéros, tailles et ETags", "The list of parts gives numbers, sizes and ETags"),
		Run:   with(multipartListParts),
	},
	{
		ID: "s3/multipart/list-parts-pages", Rule: "S3 API, ListParts, part-number-marker", Features: []string{multipart},
		Title: lang.T("La liste des parties se lit page par page", "The list of parts reads page by page"),
		Run:   with(multipartListPartsPages),
	},
	{
		ID: "s3/multipart/list-uploads", Rule: "S3 API, ListMultipartUploads", Features: []string{multipart},
		Title: lang.T("Les envois en cours sont listés, les terminés non", "Uploads under way are listed, completed ones are not"),
		Run: with(func(t *probe.T, c *Cloud) {
			b := c.uploadTo(t, c.Bucket(t), "b")
			a, again := c.uploadTo(t, b.bucket, "a"), c.uploadTo(t, b.bucket, "b")
			done := c.uploadTo(t, b.bucket, "c")
			done.complete(t, done.part(t, 1, pattern(1, 100))).wantComplete(t)
			wantUploads(t, c, b.bucket, "", "", a, b, again)
		}),
	},
	{
		ID: "s3/multipart/list-uploads-prefix", Rule: "S3 API, ListMultipartUploads, prefix", Features: []string{multipart},
		Title: lang.T("Un préfixe et un séparateur restreignent la liste des envois", "A prefix and a delimiter narrow the list of uploads"),
		Run: with(func(t *probe.T, c *Cloud) {
			in := c.uploadTo(t, c.Bucket(t), "a/one")
			c.uploadTo(t, in.bucket, "b/two")
			c.uploadTo(t, in.bucket, "a/deep/three")
			list := wantUploads(t, c, in.bucket, "a/", "/", in)
			if len(list.CommonPrefixes) != 1 || list.CommonPrefixes[0].Prefix != "a/deep/" {
				t.Fail("listing uploads with prefix a/ and delimiter /", fmt.Sprintf("common prefixes %v", list.CommonPrefixes), "the common prefix a/deep/")
			}
		}),
	},
	{
		ID: "s3/multipart/list-uploads-pages", Rule: "S3 API, ListMultipartUploads, key-marker", Features: []string{multipart},
		Title: lang.T("La liste des envois se lit page par page", "The list of uploads reads page by page"),
		Run:   with(multipartListUploadsPages),
	},
	{
		ID: "s3/multipart/upload-part-copy", Rule: "S3 API, UploadPartCopy", Features: []string{multipart},
		Title: lang.T("Une partie se copie d'un objet", "A part is copied from an object"),
		Run:   with(func(t *probe.T, c *Cloud) { partCopy(t, c, 0, 2000) }),
	},
	{
		ID: "s3/multipart/upload-part-copy-range", Rule: "S3 API, UploadPartCopy, x-amz-copy-source-range", Features: []string{multipart},
		Title: lang.T("Une partie se copie d'une plage d'un objet", "A part is copied from a range of an object"),
		Run:   with(func(t *probe.T, c *Cloud) { partCopy(t, c, 500, 1000, "X-Amz-Copy-Source-Range", "bytes=500-1499") }),
	},
}

func multipartAbort(t *probe.T, c *Cloud) {
	u := c.upload(t)
	one := u.part(t, 1, pattern(1, 1500))
	u.abort(t)
	u.do(t, http.MethodGet, "", nil).WantRefusal(t, http.StatusNotFound, "NoSuchUpload")
	u.send(t, 2, pattern(2, 1500)).WantRefusal(t, http.StatusNotFound, "NoSuchUpload")
	u.complete(t, one).WantRefusal(t, http.StatusNotFound, "NoSuchUpload")
	wantUploads(t, c, u.bucket, "", "")
	wantNoObjects(t, c, u.bucket)
}

func wantNoObjects(t *probe.T, c *Cloud, bucket string) {
	page, err := c.AWS().ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
	works(t, "ListObjectsV2", err)
	t.Want(len(page.Contents) == 0, "ListObjectsV2", fmt.Sprintf("%d objects", len(page.Contents)), "none")
}

func multipartListParts(t *probe.T, c *Cloud) {
	u := c.upload(t)
	second, first := u.part(t, 2, pattern(2, 1700)), u.part(t, 1, pattern(1, 1500))
	out, err := c.AWS().ListParts(t.Context(), &s3.ListPartsInput{Bucket: &u.bucket, Key: &u.key, UploadId: &u.id})
	works(t, "ListParts", err)
	var got, want []string
	for _, p := range out.Parts {
		got = append(got, fmt.Sprintf("%d of %d bytes, %s", aws.ToInt32(p.PartNumber), aws.ToInt64(p.Size), bareETag(aws.ToString(p.ETag))))
	}
	for i, p := range []part{first, second} {
		want = append(want, fmt.Sprintf("%d of %d bytes, %s", p.number, 1500+200*i, bareETag(p.etag)))
	}
	wantRows(t, "ListParts", got, want)
	t.Want(!aws.ToBool(out.IsTruncated), "ListParts", "IsTruncated true", "false: all parts are there")
}

func multipartListPartsPages(t *probe.T, c *Cloud) {
	u := c.upload(t)
	for _, n := range []int{3, 5, 8} {
		u.part(t, n, pattern(byte(n), 100))
	}
	pages := s3.NewListPartsPaginator(c.AWS(), &s3.ListPartsInput{Bucket: &u.bucket, Key: &u.key, UploadId: &u.id, MaxParts: aws.Int32(2)})
	var got []string
	for range 3 {
		if !pages.HasMorePages() {
			break
		}
		page, err := pages.NextPage(t.Context())
		works(t, "ListParts, max-parts 2", err)
		t.Want(len(page.Parts) <= 2, "ListParts, max-parts 2", fmt.Sprintf("%d parts", len(page.Parts)), "2 at most")
		for _, p := range page.Parts {
			got = append(got, fmt.Sprint(aws.ToInt32(p.PartNumber)))
		}
		got = append(got, "end of page")
	}
	wantRows(t, "ListParts, max-parts 2", got, []string{"3", "5", "end of page", "8", "end of page"})
}

func multipartListUploadsPages(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	for _, key := range []string{"a", "b", "c"} {
		c.uploadTo(t, bucket, key)
	}
	var got []string
	marker, id := "", ""
	for range 3 {
		page, err := c.Minio().ListMultipartUploads(t.Context(), bucket, "", marker, id, "", 2)
		works(t, "ListMultipartUploads, max-uploads 2", err)
		for _, u := range page.Uploads {
			got = append(got, u.Key)
		}
		got = append(got, "end of page")
		if !page.IsTruncated {
			break
		}
		marker, id = page.NextKeyMarker, page.NextUploadIDMarker
	}
	wantRows(t, "ListMultipartUploads, max-uploads 2", got, []string{"a", "b", "end of page", "c", "end of page"})
}

type uploadList struct {
	Upload         []struct{ Key, UploadId string }
	CommonPrefixes []struct{ Prefix string }
}

// wantUploads lists uploads and wants these, in the order of their keys. Uploads
// of one key that began in the same second come in any order.
func wantUploads(t *probe.T, c *Cloud, bucket, prefix, delimiter string, uploads ...upload) uploadList {
	query := "uploads"
	if prefix != "" {
		query += "&prefix=" + prefix + "&delimiter=" + delimiter
	}
	a := c.Do(t, Request{Method: http.MethodGet, Bucket: bucket, Query: query}).Want(t, http.StatusOK)
	var list uploadList
	a.XML(t, &list)
	var keys, got, want []string
	for _, u := range list.Upload {
		keys, got = append(keys, u.Key), append(got, u.Key+" "+u.UploadId)
	}
	for _, u := range uploads {
		want = append(want, u.key+" "+u.id)
	}
	t.Want(slices.IsSorted(keys), a.Did, "keys in the order "+strings.Join(keys, ", "), "keys in ascending order")
	slices.Sort(got)
	slices.Sort(want)
	wantRows(t, a.Did, got, want)
	return list
}

// partCopy copies n bytes from first of an object of 2,000 as the only part.
func partCopy(t *probe.T, c *Cloud, first, n int, header ...string) {
	u, source := c.upload(t), pattern(3, 2000)
	c.Put(t, u.bucket, "source", source)
	header = append(header, "X-Amz-Copy-Source", "/"+u.bucket+"/source")
	a := u.do(t, http.MethodPut, "partNumber=1&", nil, header...).Want(t, http.StatusOK)
	var doc struct{ ETag string }
	a.XML(t, &doc)
	t.Want(doc.ETag != "", a.Did, "200 without an ETag", "a CopyPartResult with an ETag")
	u.complete(t, part{1, doc.ETag}).wantComplete(t)
	c.Get(t, u.bucket, u.key).Want(t, http.StatusOK).WantBody(t, source[first:first+n])
}
