package s3

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssigner "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var checksumChecks = slices.Concat(checksumKeptChecks, checksumWrongChecks, trailerChecks)

// The checksum algorithms of S3 that every SDK knows, by the end of their header.
var algorithms = map[string]func() hash.Hash{
	"crc32":     func() hash.Hash { return crc32.NewIEEE() },
	"crc32c":    func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
	"crc64nvme": func() hash.Hash { return crc64.New(crc64.MakeTable(0x9a6c9329ac4bc9b5)) },
	"sha1":      sha1.New,
	"sha256":    sha256.New,
}

// checksumOf returns the name and the value of the header that bears a checksum.
func checksumOf(algorithm string, body []byte) (name, value string) {
	h := algorithms[algorithm]()
	h.Write(body)
	return "x-amz-checksum-" + algorithm, base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// checksumKeptChecks: a checksum is verified, kept, and given back on demand.
var checksumKeptChecks = []probe.Check{
	{
		ID: "s3/checksum/crc32", Rule: "S3 API, PutObject (x-amz-checksum-crc32)", Features: []string{checksums},
		Title: lang.T("Une somme CRC32 est gardée et rendue", "A CRC32 checksum is kept and returned"),
		Run:   with(func(t *probe.T, c *Cloud) { wantChecksumKept(t, c, "crc32") }),
	},
	{
		ID: "s3/checksum/crc32c", Rule: "S3 API, PutObject (x-amz-checksum-crc32c)", Features: []string{checksums},
		Title: lang.T("Une somme CRC32C est gardée et rendue", "A CRC32C checksum is kept and returned"),
		Run:   with(func(t *probe.T, c *Cloud) { wantChecksumKept(t, c, "crc32c") }),
	},
	{
		ID: "s3/checksum/crc64nvme", Rule: "S3 API, PutObject (x-amz-checksum-crc64nvme)", Features: []string{checksums},
		Title: lang.T("Une somme CRC64NVME est gardée et rendue", "A CRC64NVME checksum is kept and returned"),
		Run:   with(func(t *probe.T, c *Cloud) { wantChecksumKept(t, c, "crc64nvme") }),
	},
	{
		ID: "s3/checksum/sha1", Rule: "S3 API, PutObject (x-amz-checksum-sha1)", Features: []string{checksums},
		Title: lang.T("Une somme SHA-1 est gardée et rendue", "A SHA-1 checksum is kept and returned"),
		Run:   with(func(t *probe.T, c *Cloud) { wantChecksumKept(t, c, "sha1") }),
	},
	{
		ID: "s3/checksum/sha256", Rule: "S3 API, PutObject (x-amz-checksum-sha256)", Features: []string{checksums},
		Title: lang.T("Une somme SHA-256 est gardée et rendue", "A SHA-256 checksum is kept and returned"),
		Run:   with(func(t *probe.T, c *Cloud) { wantChecksumKept(t, c, "sha256") }),
	},
	{
		ID: "s3/checksum/not-asked", Rule: "S3 API, GetObject (x-amz-checksum-mode)", Features: []string{checksums},
		Title: lang.T("Une somme n'est rendue que si elle est demandée", "A checksum is returned only when it is asked for"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(1, 500)
			name, value := checksumOf("sha256", body)
			c.Put(t, bucket, "object", body, name, value)
			for _, a := range []Answer{c.Get(t, bucket, "object"), c.Head(t, bucket, "object")} {
				a.Want(t, http.StatusOK).WantHeader(t, name, "")
			}
		}),
	},
	{
		ID: "s3/checksum/attributes", Rule: "S3 API, GetObjectAttributes (Checksum)", Features: []string{checksums},
		Title: lang.T("La somme se lit parmi les propriétés de l'objet", "The checksum is one of the object's attributes"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, key, body := c.Bucket(t), "object", pattern(1, 500)
			name, value := checksumOf("sha256", body)
			c.Put(t, bucket, key, body, name, value)
			const did = "GetObjectAttributes of Checksum"
			out, err := c.AWS().GetObjectAttributes(t.Context(), &s3.GetObjectAttributesInput{
				Bucket: &bucket, Key: &key, ObjectAttributes: []types.ObjectAttributes{types.ObjectAttributesChecksum},
			})
			works(t, did, err)
			t.Want(out.Checksum != nil && aws.ToString(out.Checksum.ChecksumSHA256) == value, did, "another checksum", "ChecksumSHA256 "+value)
		}),
	},
	{
		ID: "s3/checksum/when-required", Rule: "S3 API, PutObject (checksums are optional)",
		Title: lang.T("Un client plus ancien, qui n'envoie aucune somme, est servi", "An older client, which sends no checksum, is served"),
		Run:   with(withoutChecksum),
	},
}

// checksumWrongChecks: what was damaged on the way isn't stored.
var checksumWrongChecks = []probe.Check{
	{
		ID: "s3/checksum/wrong", Rule: "S3 API, error BadDigest", Features: []string{checksums},
		Title: lang.T("Un envoi dont la somme est fausse est refusé et rien n'est stocké", "An upload with a wrong checksum is refused and nothing is stored"),
		Run: with(func(t *probe.T, c *Cloud) {
			name, value := checksumOf("crc32", []byte("other bytes"))
			wantRefusedPut(t, c, []string{name, value}, "400 BadDigest", "400 XAmzContentChecksumMismatch")
		}),
	},
	{
		ID: "s3/checksum/wrong-crc64nvme", Rule: "S3 API, error BadDigest", Features: []string{checksums},
		Title: lang.T("Une somme CRC64NVME fausse est refusée", "A wrong CRC64NVME checksum is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			name, value := checksumOf("crc64nvme", []byte("other bytes"))
			wantRefusedPut(t, c, []string{name, value}, "400 BadDigest", "400 XAmzContentChecksumMismatch")
		}),
	},
	{
		ID: "s3/checksum/malformed", Rule: "S3 API, PutObject (x-amz-checksum-crc32)", Features: []string{checksums},
		Title: lang.T("Une somme mal formée est refusée", "A malformed checksum is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantRefusedPut(t, c, []string{"x-amz-checksum-crc32", "not base64!"}, "400 InvalidRequest", "400 InvalidArgument")
		}),
	},
	{
		ID: "s3/checksum/several", Rule: "S3 API, checking object integrity", Features: []string{checksums},
		Title: lang.T("Un envoi avec deux sommes d'algorithmes différents est refusé", "An upload with checksums of two algorithms is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			body := pattern(2, 600) // the one that wantRefusedPut sends: both checksums are right
			name, value := checksumOf("crc32", body)
			name2, value2 := checksumOf("sha256", body)
			wantRefusedPut(t, c, []string{name, value, name2, value2}, "400 InvalidRequest", "400 InvalidArgument")
		}),
	},
}

// wantChecksumKept stores an object with a checksum and wants GET and HEAD to
// return it when they are asked to.
func wantChecksumKept(t *probe.T, c *Cloud, algorithm string) {
	bucket, body := c.Bucket(t), pattern(1, 900)
	name, value := checksumOf(algorithm, body)
	c.Put(t, bucket, "object", body, name, value)
	c.Get(t, bucket, "object", "x-amz-checksum-mode", "ENABLED").Want(t, http.StatusOK).WantBody(t, body).WantHeader(t, name, value)
	c.Head(t, bucket, "object", "x-amz-checksum-mode", "ENABLED").Want(t, http.StatusOK).WantHeader(t, name, value)
}

// withoutChecksum is what SDKs did before 2025, and still do when told to.
func withoutChecksum(t *probe.T, c *Cloud) {
	bucket, key, body := c.Bucket(t), "object", pattern(1, 500)
	_, err := c.AWS().PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(body)}, func(o *s3.Options) {
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.APIOptions = append(o.APIOptions, awssigner.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware)
	})
	works(t, "PutObject without a checksum, with an unsigned payload", err)
	c.Get(t, bucket, key).Want(t, http.StatusOK).WantBody(t, body)
}
