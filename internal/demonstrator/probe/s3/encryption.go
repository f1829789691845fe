package s3

import (
	"net/http"
	"slices"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var encryptionChecks = slices.Concat(managedKeyChecks, bucketEncryptionChecks, customerKeyChecks)

// sse tells how an object is encrypted with a key of the server.
const sse = "X-Amz-Server-Side-Encryption"

// managedKeyChecks are about SSE-S3.
var managedKeyChecks = []probe.Check{
	{
		ID: "s3/encryption/sse-s3", Rule: "S3 API, PutObject, x-amz-server-side-encryption", Features: []string{encryption},
		Title: lang.T("Le chiffrement demandé à l'écriture est confirmé", "Encryption asked for when writing is confirmed"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(1, 1000)
			c.Put(t, bucket, "object", body, sse, "AES256").WantHeader(t, sse, "AES256")
			c.Head(t, bucket, "object").Want(t, http.StatusOK).WantHeader(t, sse, "AES256")
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantHeader(t, sse, "AES256").WantBody(t, body)
		}),
	},
	{
		ID: "s3/encryption/sse-s3-multipart", Rule: "S3 API, CreateMultipartUpload, x-amz-server-side-encryption", Features: []string{encryption, multipart},
		Title: lang.T("Un envoi en parties est chiffré comme demandé", "A multipart upload is encrypted as asked for"),
		Run: with(func(t *probe.T, c *Cloud) {
			u, body := c.upload(t, sse, "AES256"), pattern(1, 1500)
			u.complete(t, u.part(t, 1, body)).wantComplete(t)
			c.Get(t, u.bucket, u.key).Want(t, http.StatusOK).WantHeader(t, sse, "AES256").WantBody(t, body)
		}),
	},
	{
		ID: "s3/encryption/invalid-algorithm", Rule: "S3 API, PutObject, InvalidArgument", Features: []string{encryption},
		Title: lang.T("Un algorithme inconnu est refusé", "An unknown algorithm is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Do(t, Request{Method: http.MethodPut, Bucket: bucket, Key: "object", Body: pattern(1, 100), Header: []string{sse, "AES999"}}).
				WantRefusal(t, http.StatusBadRequest, "InvalidArgument", "InvalidEncryptionAlgorithmError", "InvalidRequest")
			c.Get(t, bucket, "object").WantRefusal(t, http.StatusNotFound, "NoSuchKey")
		}),
	},
}

// bucketEncryptionChecks are about what a bucket encrypts by default.
var bucketEncryptionChecks = []probe.Check{
	{
		ID: "s3/encryption/bucket-config-round-trip", Rule: "S3 API, PutBucketEncryption and GetBucketEncryption", Features: []string{encryption},
		Title: lang.T("Le chiffrement par défaut d'un seau s'écrit et se relit", "The default encryption of a bucket is written and reads back"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.setEncryption(t, bucket, "AES256").Want(t, http.StatusOK)
			got := encryptionOf(t, c, bucket)
			t.Want(got == "AES256", "GET bucket ?encryption", got, "AES256")
		}),
	},
	{
		ID: "s3/encryption/bucket-config-missing", Rule: "S3 API, GetBucketEncryption", Features: []string{encryption},
		Title: lang.T("Un seau neuf dit son chiffrement, ou qu'il n'en a pas", "A new bucket tells its encryption, or that it has none"),
		Run:   with(func(t *probe.T, c *Cloud) { encryptionOf(t, c, c.Bucket(t)) }),
	},
	{
		ID: "s3/encryption/bucket-config-delete", Rule: "S3 API, DeleteBucketEncryption", Features: []string{encryption},
		Title: lang.T("Supprimer le chiffrement d'un seau le remet comme neuf", "Deleting the encryption of a bucket makes it as new"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			fresh := encryptionOf(t, c, bucket)
			c.setEncryption(t, bucket, "AES256").Want(t, http.StatusOK)
			c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket, Query: "encryption"}).Want(t, http.StatusNoContent)
			got := encryptionOf(t, c, bucket)
			t.Want(got == fresh, "GET bucket ?encryption after DELETE", got, fresh+", as before")
		}),
	},
	{
		ID: "s3/encryption/bucket-default-applied", Rule: "S3 API, PutBucketEncryption", Features: []string{encryption},
		Title: lang.T("Le chiffrement par défaut s'applique aux nouveaux objets", "The default encryption applies to new objects"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.setEncryption(t, bucket, "AES256").Want(t, http.StatusOK)
			c.Put(t, bucket, "object", pattern(1, 100)).WantHeader(t, sse, "AES256")
			c.Head(t, bucket, "object").Want(t, http.StatusOK).WantHeader(t, sse, "AES256")
		}),
	},
	{
		ID: "s3/encryption/bucket-config-malformed", Rule: "S3 API, PutBucketEncryption, MalformedXML", Features: []string{encryption},
		Title: lang.T("Un chiffrement par défaut inconnu est refusé", "An unknown default encryption is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			fresh := encryptionOf(t, c, bucket)
			c.setEncryption(t, bucket, "AES999").WantRefusal(t, http.StatusBadRequest, "MalformedXML", "InvalidArgument", "InvalidRequest")
			got := encryptionOf(t, c, bucket)
			t.Want(got == fresh, "GET bucket ?encryption after the refusal", got, fresh+", as before")
		}),
	},
}

// customerKeyChecks are about SSE-C: the server forgets the key that the client
// sends each time.
var customerKeyChecks = []probe.Check{
	{
		ID: "s3/encryption/sse-c-round-trip", Rule: "S3 API, PutObject, x-amz-server-side-encryption-customer-key", Features: []string{encryption},
		Title: lang.T("Un objet chiffré avec la clé du client se relit avec elle", "An object encrypted with the client's key reads back with it"),
		Run: with(func(t *probe.T, c *Cloud) {
			o := c.customerObject(t)
			o.put.WantHeader(t, customer+"Algorithm", "AES256").WantHeader(t, customer+"Key-Md5", o.key.md5)
			a := o.with(t, http.MethodGet, o.key).Want(t, http.StatusOK).WantBody(t, o.body)
			a.WantHeader(t, customer+"Key-Md5", o.key.md5).WantHeader(t, customer+"Key", "")
			o.with(t, http.MethodHead, o.key).Want(t, http.StatusOK)
		}),
	},
	{
		ID: "s3/encryption/sse-c-missing-key", Rule: "S3 API, GetObject, SSE-C", Features: []string{encryption},
		Title: lang.T("Sans la clé du client, l'objet ne se lit pas", "Without the client's key the object can't be read"),
		Run: with(func(t *probe.T, c *Cloud) {
			o := c.customerObject(t)
			c.Get(t, o.bucket, "object").WantRefusal(t, http.StatusBadRequest, "InvalidRequest")
			c.Head(t, o.bucket, "object").WantRefusal(t, http.StatusBadRequest)
		}),
	},
	{
		ID: "s3/encryption/sse-c-wrong-key", Rule: "S3 API, GetObject, SSE-C", Features: []string{encryption},
		Title: lang.T("Avec une autre clé, l'objet ne se lit pas", "With another key the object can't be read"),
		Run: with(func(t *probe.T, c *Cloud) {
			o := c.customerObject(t)
			o.with(t, http.MethodGet, newCustomerKey(8)).WantRefusals(t, "403 AccessDenied", "400 InvalidRequest", "400 InvalidArgument")
		}),
	},
	{
		ID: "s3/encryption/sse-c-bad-md5", Rule: "S3 API, PutObject, x-amz-server-side-encryption-customer-key-MD5", Features: []string{encryption},
		Title: lang.T("Une clé qui ne correspond pas à son empreinte est refusée", "A key that doesn't match its digest is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			o := c.customerObject(t)
			damaged := o.key
			damaged.md5 = newCustomerKey(8).md5
			o.send(t, "another", damaged).WantRefusal(t, http.StatusBadRequest, "InvalidArgument", "InvalidDigest", "InvalidRequest")
			c.Get(t, o.bucket, "another").WantRefusal(t, http.StatusNotFound, "NoSuchKey")
		}),
	},
	{
		ID: "s3/encryption/sse-c-copy", Rule: "S3 API, CopyObject, x-amz-copy-source-server-side-encryption-customer-key", Features: []string{encryption},
		Title: lang.T("Un objet chiffré avec la clé du client ne se copie qu'avec elle", "An object encrypted with the client's key is only copied with it"),
		Run: with(func(t *probe.T, c *Cloud) {
			o := c.customerObject(t)
			o.copyTo(t, "copy", customerKey{}).WantRefusals(t, "400 InvalidRequest", "403 AccessDenied")
			c.Get(t, o.bucket, "copy").WantRefusal(t, http.StatusNotFound, "NoSuchKey")
			o.copyTo(t, "copy", o.key).Want(t, http.StatusOK)
			c.Get(t, o.bucket, "copy").Want(t, http.StatusOK).WantBody(t, o.body)
		}),
	},
}
