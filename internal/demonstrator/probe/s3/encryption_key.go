package s3

import (
	"crypto/md5"
	"encoding/base64"
	"net/http"

	"aloi.dev/internal/demonstrator/probe"
)

// The headers of a customer's key begin so.
const (
	customer       = "X-Amz-Server-Side-Encryption-Customer-"
	customerSource = "X-Amz-Copy-Source-Server-Side-Encryption-Customer-"
)

// customerKey is a key of SSE-C and its digest, in base64.
type customerKey struct{ key, md5 string }

func newCustomerKey(seed byte) customerKey {
	raw := pattern(seed, 32)
	sum := md5.Sum(raw)
	return customerKey{base64.StdEncoding.EncodeToString(raw), base64.StdEncoding.EncodeToString(sum[:])}
}

// set writes the key, if any, into a request. It isn't among the request's
// headers that sentences repeat.
func (k customerKey) set(prefix string) func(*http.Request) {
	return func(r *http.Request) {
		if k.key == "" {
			return
		}
		r.Header.Set(prefix+"Algorithm", "AES256")
		r.Header.Set(prefix+"Key", k.key)
		r.Header.Set(prefix+"Key-Md5", k.md5)
	}
}

// customerObject is an object encrypted with a key of the client.
type customerObject struct {
	c      *Cloud
	bucket string
	body   []byte
	key    customerKey
	put    Answer
}

// customerObject stores an object with SSE-C. A bucket may block that until its
// configuration allows it.
func (c *Cloud) customerObject(t *probe.T) customerObject {
	o := customerObject{c: c, bucket: c.Bucket(t), body: pattern(5, 1000), key: newCustomerKey(7)}
	o.put = o.send(t, "object", o.key)
	if o.put.Status == http.StatusForbidden && o.put.Code == "AccessDenied" {
		c.PutDocument(t, o.bucket, "", "encryption", encryptionDoc("AES256",
			"<BlockedEncryptionTypes><EncryptionType>NONE</EncryptionType></BlockedEncryptionTypes>")).Want(t, http.StatusOK)
		o.put = o.send(t, "object", o.key)
	}
	o.put.Want(t, http.StatusOK)
	return o
}

// send stores the body under a name, with a key.
func (o customerObject) send(t *probe.T, name string, k customerKey) Answer {
	return o.said(o.c.Do(t, Request{Method: http.MethodPut, Bucket: o.bucket, Key: name, Body: o.body, Signed: k.set(customer)}), k)
}

// with asks for the object with a key.
func (o customerObject) with(t *probe.T, method string, k customerKey) Answer {
	return o.said(o.c.Do(t, Request{Method: method, Bucket: o.bucket, Key: "object", Signed: k.set(customer)}), k)
}

// copyTo copies the object to a plain one, giving a key for the source.
func (o customerObject) copyTo(t *probe.T, name string, k customerKey) Answer {
	return o.said(o.c.Do(t, Request{
		Method: http.MethodPut, Bucket: o.bucket, Key: name,
		Header: []string{"X-Amz-Copy-Source", "/" + o.bucket + "/object"}, Signed: k.set(customerSource),
	}), k)
}

// said tells in sentences which key went with a request.
func (o customerObject) said(a Answer, k customerKey) Answer {
	switch k {
	case o.key:
		a.Did += ", SSE-C with the key"
	case customerKey{}:
		a.Did += ", no SSE-C key"
	default:
		a.Did += ", SSE-C with another key or digest"
	}
	return a
}

func encryptionDoc(algorithm, more string) string {
	return "<ServerSideEncryptionConfiguration " + xmlns + "><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>" + algorithm +
		"</SSEAlgorithm></ApplyServerSideEncryptionByDefault>" + more + "</Rule></ServerSideEncryptionConfiguration>"
}

func (c *Cloud) setEncryption(t *probe.T, bucket, algorithm string) Answer {
	return c.PutDocument(t, bucket, "", "encryption", encryptionDoc(algorithm, ""))
}

// encryptionOf returns a bucket's default algorithm, "none" when it has none. A
// server may give every bucket one.
func encryptionOf(t *probe.T, c *Cloud, bucket string) string {
	a := c.Document(t, bucket, "", "encryption")
	if a.Status != http.StatusOK {
		a.WantRefusal(t, http.StatusNotFound, "ServerSideEncryptionConfigurationNotFoundError")
		return "none"
	}
	var doc struct {
		Algorithm string `xml:"Rule>ApplyServerSideEncryptionByDefault>SSEAlgorithm"`
	}
	a.XML(t, &doc)
	t.Want(doc.Algorithm != "", a.Did, "200 without an algorithm", "the default algorithm, or 404")
	return doc.Algorithm
}
