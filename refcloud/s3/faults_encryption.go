package s3

import (
	"crypto/md5"
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
)

var encryptionFaults = []Fault{
	{
		Name: "s3.sse-unannounced", Group: "encryption",
		Text: "GET and HEAD do not tell that an object is encrypted.",
		Front: EditHeader("GetObject HeadObject", func(_ *http.Request, status int, h http.Header) int {
			h.Del(managedHeader)
			return status
		}),
	},
	{
		Name: "s3.sse-algorithm-unchecked", Group: "encryption",
		Text: "An unknown encryption algorithm is ignored instead of refused.",
		Front: EditRequest("PutObject CreateMultipartUpload", func(r *http.Request) bool {
			unknown := r.Header.Get(managedHeader) != "" && r.Header.Get(managedHeader) != "AES256"
			if unknown {
				r.Header.Del(managedHeader)
			}
			return unknown
		}),
	},
	{
		Name: "s3.bucket-encryption-lost", Group: "encryption",
		Text: "GetBucketEncryption always says that there is none.",
		Front: On("GetBucketEncryption", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if resp := record(next, w, r); resp.Status != http.StatusOK {
				resp.send(w, r)
				return
			}
			refuseWith(w, r, bucketEncryption.missing)
		}),
	},
	{
		Name: "s3.bucket-encryption-missing-empty", Group: "encryption",
		Text: "GetBucketEncryption of a bucket without encryption is answered 200 with an empty document.",
		Front: EditResponse("GetBucketEncryption", func(_ *http.Request, resp *Response) {
			if resp.Status == http.StatusNotFound {
				resp.Status, resp.Body = http.StatusOK, []byte("<ServerSideEncryptionConfiguration/>")
			}
		}),
	},
	{
		Name: "s3.bucket-encryption-undeletable", Group: "encryption",
		Text: "DeleteBucketEncryption is answered 204 and deletes nothing.",
		Front: On("DeleteBucketEncryption", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.WriteHeader(http.StatusNoContent)
		}),
	},
	{
		Name: "s3.bucket-encryption-unchecked", Group: "encryption",
		Text:  "A default encryption with an unknown algorithm is answered 200.",
		Front: swallow("PutBucketEncryption", "MalformedXML", "InvalidArgument"),
	},
	{
		Name: "s3.sse-c-unannounced", Group: "encryption",
		Text: "Answers about objects encrypted with a customer's key do not tell which key.",
		Front: EditHeader("PutObject GetObject HeadObject", func(_ *http.Request, status int, h http.Header) int {
			h.Del(customerPrefix + "Algorithm")
			h.Del(customerPrefix + "Key-Md5")
			return status
		}),
	},
	{
		Name: "s3.sse-c-unenforced", Group: "encryption",
		Text:  "An object encrypted with a customer's key is returned and copied whatever the key.",
		Front: keysRemembered,
	},
	{
		Name: "s3.sse-c-digest-unchecked", Group: "encryption",
		Text: "A customer's key is not compared with its digest.",
		Front: EditRequest("PutObject", func(r *http.Request) bool {
			key := r.Header.Get(customerPrefix + "Key")
			if key != "" {
				setCustomerKey(r, customerPrefix, key)
			}
			return key != ""
		}),
	},
}

// keysRemembered keeps the keys of customers, and uses them for whoever comes.
func keysRemembered(next http.Handler) http.Handler {
	var keys sync.Map // by path
	remember := EditRequest("PutObject", func(r *http.Request) bool {
		if key := r.Header.Get(customerPrefix + "Key"); key != "" {
			keys.Store(r.URL.Path, key)
		}
		return false
	})
	open := EditRequest("GetObject HeadObject CopyObject", func(r *http.Request) bool {
		path, prefix := r.URL.Path, customerPrefix
		if source := r.Header.Get("X-Amz-Copy-Source"); source != "" {
			path, prefix = "/"+strings.TrimPrefix(source, "/"), sourcePrefix
		}
		key, ok := keys.Load(path)
		if ok {
			setCustomerKey(r, prefix, key.(string))
		}
		return ok
	})
	return remember(open(next))
}

// setCustomerKey writes a key and the digest that belongs to it.
func setCustomerKey(r *http.Request, prefix, key string) {
	raw, _ := base64.StdEncoding.DecodeString(key)
	sum := md5.Sum(raw)
	r.Header.Set(prefix+"Algorithm", "AES256")
	r.Header.Set(prefix+"Key", key)
	r.Header.Set(prefix+"Key-Md5", base64.StdEncoding.EncodeToString(sum[:]))
}
