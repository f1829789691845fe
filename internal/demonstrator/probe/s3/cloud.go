package s3

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssigner "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/minio/minio-go/v7"
	miniocreds "github.com/minio/minio-go/v7/pkg/credentials"

	"aloi.dev/internal/demonstrator/probe"
)

// The accounts of an offer, and nobody.
const (
	mainAccount  = "main"
	otherAccount = "other"
	anonymous    = "-"
)

// Cloud is an offer's S3 service as its clients see it: two public SDKs, and
// requests made by hand where an SDK would hide the behaviour. It is built once
// for all the checks of a session; all clients share the session's guard.
type Cloud struct {
	session  *probe.Session
	endpoint *url.URL
	region   string
	virtual  bool
	signer   *awssigner.Signer
	aws      map[string]*s3.Client
	minio    map[string]*minio.Core
}

func cloudOf(s *probe.Session) *Cloud {
	return s.Keep("cloud", func() any { return newCloud(s) }).(*Cloud)
}

func newCloud(s *probe.Session) *Cloud {
	endpoint, err := url.Parse(s.Service.Endpoint)
	if err != nil {
		panic(err) // the session parsed it already
	}
	c := &Cloud{
		session: s, endpoint: endpoint,
		region:  s.Setting("region", "us-east-1"),
		virtual: s.Setting("addressing", "path") == "virtual",
		signer:  awssigner.NewSigner(func(o *awssigner.SignerOptions) { o.DisableURIPathEscaping = true }),
		aws:     map[string]*s3.Client{},
		minio:   map[string]*minio.Core{},
	}
	for _, account := range []string{mainAccount, otherAccount} {
		if _, ok := s.Account(account); ok {
			c.aws[account], c.minio[account] = c.newAWS(account), c.newMinio(account)
		}
	}
	return c
}

func (c *Cloud) newAWS(account string) *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: aws.String(c.endpoint.String()),
		Region:       c.region,
		UsePathStyle: !c.virtual,
		Credentials:  credentials.NewStaticCredentialsProvider(c.key(account), c.secret(account), ""),
		HTTPClient:   c.session.HTTP(),
		Retryer:      aws.NopRetryer{}, // a retry would hide what a check looks for
	})
}

func (c *Cloud) newMinio(account string) *minio.Core {
	lookup := minio.BucketLookupPath
	if c.virtual {
		lookup = minio.BucketLookupDNS
	}
	core, err := minio.NewCore(c.endpoint.Host, &minio.Options{
		Creds:        miniocreds.NewStaticV4(c.key(account), c.secret(account), ""),
		Secure:       c.endpoint.Scheme == "https",
		Region:       c.region,
		BucketLookup: lookup,
		Transport:    c.session.HTTP().Transport,
		MaxRetries:   1,
	})
	if err != nil {
		panic(err) // only a malformed endpoint, refused when the offer was loaded
	}
	return core
}

func (c *Cloud) key(account string) string {
	a, _ := c.session.Account(account)
	return a["access-key"]
}

func (c *Cloud) secret(account string) string {
	a, _ := c.session.Account(account)
	return a["secret-key"]
}

// AWS is the AWS SDK's client of the main account.
func (c *Cloud) AWS() *s3.Client { return c.aws[mainAccount] }

// Minio is the MinIO SDK's low-level client of the main account.
func (c *Cloud) Minio() *minio.Core { return c.minio[mainAccount] }

// Bucket creates a bucket of the main account, which is deleted with all its
// contents when the check ends.
func (c *Cloud) Bucket(t *probe.T, header ...string) string {
	return c.BucketOf(t, mainAccount, header...)
}

// BucketOf is Bucket for another account. The headers, name and value in turn,
// go with the request: x-amz-bucket-object-lock-enabled and the like.
func (c *Cloud) BucketOf(t *probe.T, account string, header ...string) string {
	name := c.Reserve(t, account)
	c.Do(t, Request{Method: http.MethodPut, Bucket: name, As: account, Header: header, Body: c.createBody()}).Want(t, http.StatusOK)
	return name
}

// Reserve returns a new bucket name that is in the ledger and doesn't exist yet.
func (c *Cloud) Reserve(t *probe.T, account string) string {
	name := t.Name()
	t.Own("s3/bucket", name, account, "delete every object, version and upload of bucket "+name+", then the bucket")
	return name
}

// createBody is the location constraint that a region other than the default wants.
func (c *Cloud) createBody() []byte {
	if c.region == "us-east-1" {
		return nil
	}
	return []byte(`<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>` +
		c.region + `</LocationConstraint></CreateBucketConfiguration>`)
}

// Put stores an object that the check needs; a failure ends the check.
func (c *Cloud) Put(t *probe.T, bucket, key string, body []byte, header ...string) Answer {
	return c.Do(t, Request{Method: http.MethodPut, Bucket: bucket, Key: key, Body: body, Header: header}).Want(t, http.StatusOK)
}

// Get reads an object, whatever the answer.
func (c *Cloud) Get(t *probe.T, bucket, key string, header ...string) Answer {
	return c.Do(t, Request{Method: http.MethodGet, Bucket: bucket, Key: key, Header: header})
}

// Head asks for an object's headers, whatever the answer.
func (c *Cloud) Head(t *probe.T, bucket, key string, header ...string) Answer {
	return c.Do(t, Request{Method: http.MethodHead, Bucket: bucket, Key: key, Header: header})
}

// control makes one harmless call with each account.
func control(ctx context.Context, s *probe.Session) error {
	for account, client := range cloudOf(s).aws {
		_, err := client.ListBuckets(ctx, &s3.ListBucketsInput{})
		if err == nil {
			continue
		}
		if status, code, ok := refusal(err); ok {
			return fmt.Errorf("account %s: list buckets returned %d %s", account, status, code)
		}
		return fmt.Errorf("account %s: list buckets: %s", account, probe.Plain(err))
	}
	return nil
}
