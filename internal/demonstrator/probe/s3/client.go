package s3

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var clientChecks = slices.Concat(awsChecks, minioChecks)

// awsChecks: what an application does through the AWS SDK with its own defaults.
var awsChecks = []probe.Check{
	{
		ID: "s3/client/aws-put-get", Rule: "AWS SDK for Go v2, PutObject and GetObject",
		Title: lang.T("Le SDK d'AWS écrit et relit un objet avec ses propriétés", "The AWS SDK writes and reads an object with its properties"),
		Run:   with(awsPutGet),
	},
	{
		ID: "s3/client/aws-stream", Rule: "AWS SDK for Go v2, PutObject of a stream",
		Title: lang.T("Le SDK d'AWS envoie un flux qu'il ne peut pas relire", "The AWS SDK uploads a stream that it can't rewind"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, key, body := c.Bucket(t), "stream", pattern(2, 150_000)
			_, err := c.AWS().PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: &bucket, Key: &key, Body: io.MultiReader(bytes.NewReader(body)), ContentLength: aws.Int64(int64(len(body))),
			}, asShipped)
			works(t, "PutObject of a stream", err)
			c.Get(t, bucket, key).Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
	{
		ID: "s3/client/aws-paginator", Rule: "AWS SDK for Go v2, ListObjectsV2Paginator",
		Title: lang.T("Le SDK d'AWS parcourt toutes les pages d'une liste", "The AWS SDK walks all the pages of a listing"),
		Run:   with(awsPaginator),
	},
	{
		ID: "s3/client/aws-presigner", Rule: "AWS SDK for Go v2, PresignClient",
		Title: lang.T("Un navigateur écrit et lit avec les adresses que signe le SDK d'AWS", "A browser writes and reads with addresses that the AWS SDK signs"),
		Run:   with(awsPresigner),
	},
	{
		ID: "s3/client/aws-errors", Rule: "AWS SDK for Go v2, typed errors",
		Title: lang.T("Le SDK d'AWS reconnaît l'erreur d'un objet absent", "The AWS SDK recognizes the error of a missing object"),
		Run:   with(awsErrors),
	},
	{
		ID: "s3/client/aws-waiter", Rule: "AWS SDK for Go v2, ObjectExistsWaiter",
		Title: lang.T("Le SDK d'AWS attend qu'un objet existe, puis qu'il n'existe plus", "The AWS SDK waits until an object exists, then until it is gone"),
		Run:   with(awsWaiter),
	},
	{
		ID: "s3/client/aws-delete-many", Rule: "AWS SDK for Go v2, DeleteObjects",
		Title: lang.T("Le SDK d'AWS efface plusieurs objets d'une demande", "The AWS SDK deletes several objects with one request"),
		Run:   with(awsDeleteMany),
	},
}

// asShipped gives the client the settings that an application gets when it sets
// nothing: a checksum with every upload.
func asShipped(o *s3.Options) {
	o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenSupported
	o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenSupported
}

func awsPutGet(t *probe.T, c *Cloud) {
	bucket, key, body := c.Bucket(t), "reports/2044 Q1.csv", pattern(1, 5000)
	put, err := c.AWS().PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: bytes.NewReader(body),
		ContentType: aws.String("text/csv"), Metadata: map[string]string{"author": "Jeanne"},
	}, asShipped)
	works(t, "PutObject", err)
	const did = "GetObject"
	out, err := c.AWS().GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key}, asShipped)
	works(t, did, err)
	defer out.Body.Close()
	got, err := io.ReadAll(out.Body) // the SDK verifies the checksum as it reads
	t.Do(did, err)
	t.Want(bytes.Equal(got, body), did, fmt.Sprintf("%d other bytes", len(got)), "the bytes that were stored")
	t.Want(aws.ToString(out.ETag) == aws.ToString(put.ETag), did, "ETag "+aws.ToString(out.ETag), "ETag "+aws.ToString(put.ETag))
	t.Want(aws.ToString(out.ContentType) == "text/csv", did, "ContentType "+aws.ToString(out.ContentType), "ContentType text/csv")
	t.Want(out.Metadata["author"] == "Jeanne", did, fmt.Sprintf("Metadata %v", out.Metadata), "Metadata author: Jeanne")
	t.Want(out.LastModified != nil, did, "no LastModified", "LastModified")
}

func awsPaginator(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	var want, got []string
	for i := range 5 {
		want = append(want, fmt.Sprintf("page/%d", i))
		c.Put(t, bucket, want[i], pattern(byte(i), 10))
	}
	c.Put(t, bucket, "other", pattern(9, 10))
	const did = "pages of 2 from ListObjectsV2Paginator"
	pages := s3.NewListObjectsV2Paginator(c.AWS(), &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: aws.String("page/"), MaxKeys: aws.Int32(2)},
		func(o *s3.ListObjectsV2PaginatorOptions) { o.StopOnDuplicateToken = true })
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		works(t, did, err)
		t.Want(len(page.Contents) <= 2, did, fmt.Sprintf("a page of %d", len(page.Contents)), "2 at most")
		for _, o := range page.Contents {
			got = append(got, aws.ToString(o.Key))
		}
	}
	t.Want(slices.Equal(got, want), did, fmt.Sprint(got), fmt.Sprint(want))
}

func awsPresigner(t *probe.T, c *Cloud) {
	bucket, key, body := c.Bucket(t), "from a browser.bin", pattern(3, 2000)
	presigner := s3.NewPresignClient(c.AWS(), s3.WithPresignExpires(5*time.Minute))
	put, err := presigner.PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, ContentType: aws.String("application/x-report")})
	if err != nil {
		t.Bug(err)
	}
	c.Fetch(t, put.Method, put.URL, body, "Content-Type", "application/x-report").Want(t, http.StatusOK)
	get, err := presigner.PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		t.Bug(err)
	}
	c.Fetch(t, get.Method, get.URL, nil).Want(t, http.StatusOK).WantBody(t, body).WantHeader(t, "Content-Type", "application/x-report")
	c.Fetch(t, get.Method, get.URL+"0", nil).WantRefusal(t, http.StatusForbidden, "SignatureDoesNotMatch")
}

func awsErrors(t *probe.T, c *Cloud) {
	bucket, key := c.Bucket(t), "missing"
	var noKey *types.NoSuchKey
	_, err := c.AWS().GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	absent(t, "GetObject of a missing key", err, "NoSuchKey")
	t.Want(errors.As(err, &noKey), "GetObject of a missing key", "another error", "the SDK's NoSuchKey")
	var notFound *types.NotFound
	_, err = c.AWS().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
	absent(t, "HeadObject of a missing key", err, "NotFound")
	t.Want(errors.As(err, &notFound), "HeadObject of a missing key", "another error", "the SDK's NotFound")
}

func awsWaiter(t *probe.T, c *Cloud) {
	bucket, key := c.Bucket(t), "awaited"
	c.Put(t, bucket, key, pattern(1, 10))
	head := &s3.HeadObjectInput{Bucket: &bucket, Key: &key}
	err := s3.NewObjectExistsWaiter(c.AWS(), func(o *s3.ObjectExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, 200*time.Millisecond
	}).Wait(t.Context(), head, time.Second)
	t.Want(err == nil, "ObjectExistsWaiter after a PUT", fmt.Sprint(err), "the end of the wait")
	_, err = c.AWS().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: &key})
	works(t, "DeleteObject", err)
	err = s3.NewObjectNotExistsWaiter(c.AWS(), func(o *s3.ObjectNotExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, 200*time.Millisecond
	}).Wait(t.Context(), head, time.Second)
	t.Want(err == nil, "ObjectNotExistsWaiter after a DELETE", fmt.Sprint(err), "the end of the wait")
}

func awsDeleteMany(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	var gone []types.ObjectIdentifier
	for _, key := range []string{"a", "b", "c"} {
		c.Put(t, bucket, key, pattern(1, 10))
		gone = append(gone, types.ObjectIdentifier{Key: aws.String(key)})
	}
	c.Put(t, bucket, "kept", pattern(1, 10))
	const did = "DeleteObjects of 3 keys"
	out, err := c.AWS().DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: &bucket, Delete: &types.Delete{Objects: gone}}, asShipped)
	works(t, did, err)
	t.Want(len(out.Deleted) == 3 && len(out.Errors) == 0, did, fmt.Sprintf("%d Deleted, %d Errors", len(out.Deleted), len(out.Errors)), "3 Deleted, 0 Errors")
	wantHeld(t, c, bucket, "kept")
}
