package s3_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"aloi.dev/refcloud/cloudtest"
	refs3 "aloi.dev/refcloud/s3"
	"aloi.dev/refcloud/service"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// differs tells, for each variation, whether an offer shows it.
var differs = map[string]func(*testing.T, stage) bool{
	"header-case": func(t *testing.T, s stage) bool {
		got := wire(t, s)
		if strings.Count(strings.ToLower(got), "\ndate:") != 1 || strings.Count(strings.ToLower(got), "\ncontent-type:") != 1 {
			t.Errorf("Date or Content-Type is not there once:\n%s", got)
		}
		return strings.Contains(got, "\ndate:") && strings.Contains(got, "\nx-amz-request-id:")
	},
	"extra-headers": func(t *testing.T, s stage) bool { return s.Send(t, "HEAD", s.object, "").Header.Get("Via") != "" },
	"date-skew": func(t *testing.T, s stage) bool {
		date, err := http.ParseTime(s.Send(t, "HEAD", s.object, "").Header.Get("Date"))
		return err == nil && time.Since(date) > 4*time.Second
	},
	"connection-close": func(t *testing.T, s stage) bool { return strings.Contains(wire(t, s), "\nConnection: close") },
	"interim-answers": func(t *testing.T, s stage) bool {
		interim := 0
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, _ textproto.MIMEHeader) error { interim = code; return nil },
		})
		s.SDK().ListBuckets(ctx, nil)
		return interim == http.StatusEarlyHints
	},
	"slow-answers": func(t *testing.T, s stage) bool {
		start := time.Now()
		for range 5 {
			s.Send(t, "HEAD", s.object, "")
		}
		return time.Since(start) >= 150*time.Millisecond
	},
	"small-pieces": func(t *testing.T, s stage) bool {
		out, err := s.SDK().GetObject(t.Context(), &s3.GetObjectInput{
			Bucket: aws.String(s.bucket[1:]), Key: aws.String("object"),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer out.Body.Close()
		n, _ := out.Body.Read(make([]byte, 8192))
		return n <= 500
	},
	"chunked-bodies": func(t *testing.T, s stage) bool {
		return s.Send(t, "GET", s.bucket, "").Header.Get("Content-Length") == "" &&
			s.Send(t, "GET", s.object, "").Header.Get("Content-Length") == "10000"
	},
	"extra-xml":          listing("<RefcloudNote>"),
	"xml-layout":         listing("\n  <Contents>\n    <"),
	"xml-prefix":         listing("<s3:ListBucketResult xmlns:s3="),
	"empty-elements":     listing("<EncodingType/>"),
	"quoted-differently": listing("<Key><![CDATA[object]]></Key>"),
}

func listing(has string) func(*testing.T, stage) bool {
	return func(t *testing.T, s stage) bool {
		return strings.Contains(s.Send(t, "GET", s.bucket, "").Body, has)
	}
}

// wire is the header of an answer, as it was sent.
func wire(t *testing.T, s stage) string {
	t.Helper()
	conn, err := tls.Dial("tcp", strings.TrimPrefix(s.Endpoint, "https://"), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET "+s.bucket+" HTTP/1.1\r\nHost: h\r\n\r\n")
	conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	var got []byte
	for !bytes.Contains(got, []byte("\r\n\r\n")) {
		buf := make([]byte, 4096)
		n, err := conn.Read(buf)
		got = append(got, buf[:n]...)
		if err != nil {
			t.Fatalf("read header: %v: %s", err, got)
		}
	}
	return string(got)
}

func TestVariations(t *testing.T) {
	clean, other := newStage(t, alize(t)), newStage(t, brume(t))
	for _, v := range refs3.Variations() {
		t.Run(v.Name, func(t *testing.T) {
			differ, ok := differs[v.Name]
			if !ok {
				t.Fatal("the table differs has no row for this variation")
			}
			if differ(t, clean) {
				t.Error("an offer without it shows it")
			}
			brume(t).Switch(t, service.Set{Variations: []string{v.Name}})
			if !differ(t, other) {
				t.Error("the offer does not show it")
			}
			ordinary(t, other.Account)
		})
	}
	t.Run("all", func(t *testing.T) {
		var set service.Set
		for _, v := range refs3.Variations() {
			set.Variations = append(set.Variations, v.Name)
		}
		brume(t).Switch(t, set)
		ordinary(t, other.Account)
	})
}

// ordinary does what any client does, with the SDK: whatever varies legally, it
// must not notice.
func ordinary(t *testing.T, a cloudtest.Account) {
	t.Helper()
	ctx, client, bucket := t.Context(), a.SDK(), aws.String(newBucket(t, a))
	key, odd := aws.String("a b/ü+'&<>]]>\"key"), "\"x\" & <y>"
	try(client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: bucket, Key: key, Body: strings.NewReader(strings.Repeat("x", 3000)), Metadata: map[string]string{"Case": "Kept"},
	})).must(t)
	got := try(client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})).must(t)
	body, err := io.ReadAll(got.Body)
	if err != nil || len(body) != 3000 || got.Metadata["case"] != "Kept" {
		t.Errorf("GetObject: %d bytes, metadata %v, error %v", len(body), got.Metadata, err)
	}
	list := try(client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket, Delimiter: aws.String(" ")})).must(t)
	if len(list.CommonPrefixes) != 1 || *list.CommonPrefixes[0].Prefix != "a " || *list.Delimiter != " " {
		t.Errorf("ListObjectsV2 with delimiter: %+v", list)
	}
	list = try(client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket})).must(t)
	if len(list.Contents) != 1 || *list.Contents[0].Key != *key || *list.Contents[0].ETag != *got.ETag {
		t.Errorf("ListObjectsV2: %+v", list.Contents)
	}
	try(client.PutObjectTagging(ctx, &s3.PutObjectTaggingInput{
		Bucket: bucket, Key: key, Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("k"), Value: aws.String("  ")}}},
	})).must(t)
	tags := try(client.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: bucket, Key: key})).must(t)
	if len(tags.TagSet) != 1 || *tags.TagSet[0].Value != "  " {
		t.Errorf("GetObjectTagging: %+v", tags.TagSet)
	}
	multipart(t, client, bucket)
	try(client.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: bucket, Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: key}, {Key: aws.String("parts")}, {Key: &odd}}},
	})).must(t)
	try(client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: bucket})).must(t)
	_, err = client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: bucket})
	if status(err) != 404 {
		t.Errorf("HeadBucket of a deleted bucket: %v", err)
	}
}

func multipart(t *testing.T, client *s3.Client, bucket *string) {
	t.Helper()
	ctx, key := context.Background(), aws.String("parts")
	up := try(client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key})).must(t)
	part := try(client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: bucket, Key: key, UploadId: up.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("one part"),
	})).must(t)
	try(client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: bucket, Key: key, UploadId: up.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{ETag: part.ETag, PartNumber: aws.Int32(1)}}},
	})).must(t)
}
