package s3_test

import (
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// result is what a call of the SDK returned.
type result[T any] struct {
	out T
	err error
}

func try[T any](out T, err error) result[T] { return result[T]{out, err} }

// must is the output of a call that must succeed.
func (r result[T]) must(t *testing.T) T {
	t.Helper()
	if r.err != nil {
		t.Fatal(r.err)
	}
	return r.out
}

// status is the HTTP status of an SDK's error, 0 without one.
func status(err error) int {
	var resp *awshttp.ResponseError
	if errors.As(err, &resp) {
		return resp.HTTPStatusCode()
	}
	return 0
}

const (
	rule = `<Rule><ID>%s</ID><Filter><Prefix>logs/</Prefix></Filter><Status>%s</Status><Expiration><Days>%s</Days></Expiration></Rule>`
	open = `<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`
	end  = `</LifecycleConfiguration>`
)

func TestEmulation_Lifecycle(t *testing.T) {
	main, other := alize(t).Account(t, "main"), alize(t).Account(t, "other")
	path := "/" + newBucket(t, main) + "?lifecycle"
	good := open + fmt.Sprintf(rule, "a", "Enabled", "30") + end
	if got := main.Send(t, "GET", path, ""); got.Status != 404 || !strings.Contains(got.Body, "<Code>NoSuchLifecycleConfiguration</Code>") {
		t.Errorf("GET of nothing: %d %s", got.Status, got.Body)
	}
	for body, want := range map[string]string{
		"":            "MalformedXML",
		"<nonsense":   "MalformedXML",
		open + end:    "MalformedXML",
		open + "<x/>": "MalformedXML",
		open + fmt.Sprintf(rule, "a", "enabled", "30") + end:                                          "MalformedXML",
		open + fmt.Sprintf(rule, "a", "Enabled", "soon") + end:                                        "MalformedXML",
		open + fmt.Sprintf(rule, "a", "Enabled", "0") + end:                                           "InvalidArgument",
		open + fmt.Sprintf(rule, "a", "Enabled", "-3") + end:                                          "InvalidArgument",
		open + fmt.Sprintf(rule, "a", "Enabled", "1") + fmt.Sprintf(rule, "a", "Disabled", "2") + end: "InvalidArgument",
		open + "<Rule><Status>Enabled</Status><Filter><Prefix></Prefix></Filter></Rule>" + end:        "InvalidRequest",
	} {
		if got := main.Send(t, "PUT", path, body); got.Status != 400 || !strings.Contains(got.Body, "<Code>"+want+"</Code>") {
			t.Errorf("PUT of %q: %d %s, want %s", body, got.Status, got.Body, want)
		}
	}
	for method, body := range map[string]string{"GET": "", "PUT": good, "DELETE": ""} {
		if got := other.Send(t, method, path, body); got.Status != 403 {
			t.Errorf("%s by another account: %d %s", method, got.Status, got.Body)
		}
	}
	main.Must(t, "PUT", path, good)
	if got := main.Must(t, "GET", path, ""); !strings.Contains(got.Body, "<ID>a</ID><Filter><Prefix>logs/</Prefix></Filter><Status>Enabled</Status>") {
		t.Errorf("GET: %s", got.Body)
	}
	if got := main.Send(t, "PUT", path, good, "Content-MD5: AAAAAAAAAAAAAAAAAAAAAA=="); got.Status != 400 {
		t.Errorf("PUT with a wrong Content-MD5: %d %s", got.Status, got.Body)
	}
	if got := main.Send(t, "DELETE", path, ""); got.Status != 204 {
		t.Errorf("DELETE: %d", got.Status)
	}
	if got := main.Send(t, "GET", path, ""); got.Status != 404 {
		t.Errorf("GET after DELETE: %d", got.Status)
	}
	if got := main.Send(t, "PUT", "/no-such-bucket-here?lifecycle", good); got.Status != 404 {
		t.Errorf("PUT to a bucket that does not exist: %d", got.Status)
	}
}

// The bucket's policy decides who may read the emulated documents too.
func TestEmulation_Policy(t *testing.T) {
	main, other := alize(t).Account(t, "main"), alize(t).Account(t, "other")
	bucket := newBucket(t, main)
	who := alize(t).Resolve(t, alize(t).Services["s3"].Credentials["other"]["access-key"])
	main.Must(t, "PUT", "/"+bucket+"?lifecycle", open+fmt.Sprintf(rule, "a", "Enabled", "30")+end)
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["%s"]},"Action":"s3:GetLifecycleConfiguration",
		"Resource":"arn:aws:s3:::%s","Condition":{"Bool":{"aws:SecureTransport":"%v"},"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}}]}`
	for secure, want := range map[bool]int{false: 403, true: 200} {
		main.Must(t, "PUT", "/"+bucket+"?policy", fmt.Sprintf(policy, who, bucket, secure))
		if got := other.Send(t, "GET", "/"+bucket+"?lifecycle", ""); got.Status != want {
			t.Errorf("GET by another account under a policy on SecureTransport %v: %d %s", secure, got.Status, got.Body)
		}
		if got := other.Send(t, "DELETE", "/"+bucket+"?lifecycle", ""); got.Status != 403 {
			t.Errorf("DELETE by another account: %d", got.Status)
		}
	}
}

func TestEmulation_BucketEncryption(t *testing.T) {
	ctx, main := t.Context(), alize(t).Account(t, "main")
	client, bucket := main.SDK(), aws.String(newBucket(t, main))
	_, err := client.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: bucket})
	if code := codeOf(err); code != "ServerSideEncryptionConfigurationNotFoundError" {
		t.Errorf("get of nothing: %v", err)
	}
	put := func(algorithm types.ServerSideEncryption) error {
		_, err := client.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{
			Bucket: bucket, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
				Rules: []types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: algorithm}}},
			}})
		return err
	}
	for _, algorithm := range []types.ServerSideEncryption{"aws:kms", "AES512"} {
		if err := put(algorithm); status(err) != 400 {
			t.Errorf("put of %s: %v", algorithm, err)
		}
	}
	if err := put("AES256"); err != nil {
		t.Fatal(err)
	}
	got := try(client.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: bucket})).must(t)
	if rules := got.ServerSideEncryptionConfiguration.Rules; len(rules) != 1 || rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm != "AES256" {
		t.Errorf("get: %+v", rules)
	}
	out := try(client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: bucket, Body: strings.NewReader("x")})).must(t)
	if out.ServerSideEncryption != "AES256" {
		t.Errorf("PutObject under a default shows %q", out.ServerSideEncryption)
	}
	try(client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: bucket})).must(t)
	try(client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: bucket})).must(t)
	main.Must(t, "PUT", "/"+*bucket, "")
	if got := main.Send(t, "GET", "/"+*bucket+"?encryption", ""); got.Status != 404 {
		t.Errorf("the configuration outlives its bucket: %d %s", got.Status, got.Body)
	}
}

// sseKey is the three headers of a customer's key.
func sseKey(prefix string, fill byte) []string {
	raw := []byte(strings.Repeat(string(fill), 32))
	sum := md5.Sum(raw)
	prefix += "server-side-encryption-customer-"
	return []string{
		prefix + "algorithm: AES256",
		prefix + "key: " + base64.StdEncoding.EncodeToString(raw),
		prefix + "key-MD5: " + base64.StdEncoding.EncodeToString(sum[:]),
	}
}

func TestEmulation_CustomerKey(t *testing.T) {
	main := alize(t).Account(t, "main")
	bucket := "/" + newBucket(t, main)
	object, right, wrong := bucket+"/secret", sseKey("x-amz-", 'r'), sseKey("x-amz-", 'w')
	main.Must(t, "PUT", bucket+"?versioning", `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>`)
	main.Must(t, "PUT", bucket+"/plain", "plain")
	put := main.Must(t, "PUT", object, "body", right...)
	if put.Header.Get("X-Amz-Server-Side-Encryption-Customer-Algorithm") != "AES256" {
		t.Errorf("PUT shows %v", put.Header)
	}
	version := "?versionId=" + put.Header.Get("X-Amz-Version-Id")
	for _, c := range []struct {
		path    string
		headers []string
		get     int
	}{
		{object, right, 200}, {object, wrong, 403}, {object, nil, 400},
		{object + version, right, 200}, {object + version, nil, 400},
		{bucket + "/plain", nil, 200}, {bucket + "/plain", right, 400},
		{bucket + "/missing", right, 404},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			if got := main.Send(t, method, c.path, "", c.headers...); got.Status != c.get {
				t.Errorf("%s %s with %v: %d %s, want %d", method, c.path, c.headers, got.Status, got.Body, c.get)
			}
		}
	}
	short := append([]string{right[0], "x-amz-server-side-encryption-customer-key: c2hvcnQ="}, right[2])
	mixed := append([]string{right[0], right[1]}, wrong[2])
	for _, headers := range [][]string{short, mixed, right[:2], right[1:], {"x-amz-server-side-encryption: rot13"}} {
		if got := main.Send(t, "PUT", object, "body", headers...); got.Status != 400 {
			t.Errorf("PUT with %v: %d %s", headers, got.Status, got.Body)
		}
	}
	from := "x-amz-copy-source: " + object
	if got := main.Send(t, "PUT", bucket+"/copy", "", from); got.Status != 400 {
		t.Errorf("copy without the key of the source: %d %s", got.Status, got.Body)
	}
	main.Must(t, "PUT", bucket+"/copy", "", append(sseKey("x-amz-copy-source-", 'r'), from)...)
	main.Must(t, "GET", bucket+"/copy", "")
	main.Must(t, "PUT", object, "no longer secret")
	main.Must(t, "GET", object, "")
	if got := main.Send(t, "GET", object+version, ""); got.Status != 400 {
		t.Errorf("GET of the old version without its key: %d", got.Status)
	}
}

func TestEmulation_ManagedKey(t *testing.T) {
	main := alize(t).Account(t, "main")
	object := "/" + newBucket(t, main) + "/object"
	asks := "x-amz-server-side-encryption: AES256"
	main.Must(t, "PUT", object, "body", asks)
	for _, method := range []string{"GET", "HEAD"} {
		if got := main.Send(t, method, object, "").Header.Get("X-Amz-Server-Side-Encryption"); got != "AES256" {
			t.Errorf("%s shows %q", method, got)
		}
	}
	main.Must(t, "PUT", object, "body")
	if got := main.Send(t, "HEAD", object, "").Header.Get("X-Amz-Server-Side-Encryption"); got != "" {
		t.Errorf("HEAD of an object that is not encrypted shows %q", got)
	}
}

func TestEmulation_MultipartCustomerKey(t *testing.T) {
	main := alize(t).Account(t, "main")
	object, right, wrong := "/"+newBucket(t, main)+"/parts", sseKey("x-amz-", 'r'), sseKey("x-amz-", 'w')
	created := main.Must(t, "POST", object+"?uploads", "", right...)
	_, rest, _ := strings.Cut(created.Body, "<UploadId>")
	upload, _, _ := strings.Cut(rest, "</UploadId>")
	part := object + "?partNumber=1&uploadId=" + upload
	for want, headers := range map[int][]string{400: nil, 403: wrong} {
		if got := main.Send(t, "PUT", part, "body", headers...); got.Status != want {
			t.Errorf("part with %v: %d %s", headers, got.Status, got.Body)
		}
	}
	etag := main.Must(t, "PUT", part, "body", right...).Header.Get("ETag")
	main.Must(t, "POST", object+"?uploadId="+upload, "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"+etag+"</ETag></Part></CompleteMultipartUpload>")
	main.Must(t, "GET", object, "", right...)
	if got := main.Send(t, "GET", object, ""); got.Status != 400 {
		t.Errorf("GET without the key: %d", got.Status)
	}
}
