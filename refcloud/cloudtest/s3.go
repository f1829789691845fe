package cloudtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Account is one of an offer's S3 accounts, ready to send requests.
type Account struct {
	Endpoint string
	Region   string
	keys     aws.Credentials
	client   *http.Client
}

// Account returns an account of the offer. Redirects are not followed.
func (o Offer) Account(t testing.TB, name string) Account {
	t.Helper()
	svc := o.Services["s3"]
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(o.Resolve(t, svc.Trust))) {
		t.Fatal("no certificate in the offer's trust")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return Account{
		Endpoint: svc.Endpoint,
		Region:   svc.Settings["region"],
		keys: aws.Credentials{
			AccessKeyID:     o.Resolve(t, svc.Credentials[name]["access-key"]),
			SecretAccessKey: o.Resolve(t, svc.Credentials[name]["secret-key"]),
		},
		client: &http.Client{
			Transport: transport,
			Timeout:   10 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		},
	}
}

// SDK returns the account's client of the AWS SDK. It does not retry.
func (a Account) SDK() *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: &a.Endpoint,
		Region:       a.Region,
		UsePathStyle: true,
		HTTPClient:   a.client,
		Retryer:      aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return a.keys, nil
		}),
	})
}

// Answer is what came back for a raw request. After a broken answer Err is set,
// and the rest holds what arrived.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	Err    error
}

// Within limits the time of each request.
func (a Account) Within(limit time.Duration) Account {
	client := *a.client
	client.Timeout = limit
	a.client = &client
	return a
}

// Send signs a request and sends it. Headers are given as "Name: value".
func (a Account) Send(t testing.TB, method, path, body string, headers ...string) Answer {
	t.Helper()
	r, err := http.NewRequest(method, a.Endpoint+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	sum := sha256.Sum256([]byte(body))
	hash := hex.EncodeToString(sum[:])
	r.Header.Set("X-Amz-Content-Sha256", hash)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	if err := signer.SignHTTP(t.Context(), a.keys, r, hash, "s3", a.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	resp, err := a.client.Do(r)
	if err != nil {
		return Answer{Err: err}
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(content), Err: err}
}

// Must is Send for a request that must succeed.
func (a Account) Must(t testing.TB, method, path, body string, headers ...string) Answer {
	t.Helper()
	got := a.Send(t, method, path, body, headers...)
	if got.Err != nil || got.Status >= 300 {
		t.Fatalf("%s %s: status %d, error %v: %s", method, path, got.Status, got.Err, got.Body)
	}
	return got
}
