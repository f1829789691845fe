package s3

import (
	"net/http"
	"net/url"
	"strings"
)

// route is one row of the table that names operations. An empty column matches
// anything; of several rows that match, the first counts.
type route struct {
	method string
	query  string // a parameter that must be present, or name=value
	header string // a request header that must be present
	name   string
}

var serviceRoutes = []route{
	{method: "GET", name: "ListBuckets"},
	{method: "OPTIONS", name: "Preflight"},
}

var bucketRoutes = []route{
	{method: "OPTIONS", name: "Preflight"},
	{method: "GET", query: "acl", name: "GetBucketAcl"},
	{method: "PUT", query: "acl", name: "PutBucketAcl"},
	{method: "GET", query: "policyStatus", name: "GetBucketPolicyStatus"},
	{method: "GET", query: "policy", name: "GetBucketPolicy"},
	{method: "PUT", query: "policy", name: "PutBucketPolicy"},
	{method: "DELETE", query: "policy", name: "DeleteBucketPolicy"},
	{method: "GET", query: "cors", name: "GetBucketCors"},
	{method: "PUT", query: "cors", name: "PutBucketCors"},
	{method: "DELETE", query: "cors", name: "DeleteBucketCors"},
	{method: "GET", query: "tagging", name: "GetBucketTagging"},
	{method: "PUT", query: "tagging", name: "PutBucketTagging"},
	{method: "DELETE", query: "tagging", name: "DeleteBucketTagging"},
	{method: "GET", query: "versioning", name: "GetBucketVersioning"},
	{method: "PUT", query: "versioning", name: "PutBucketVersioning"},
	{method: "GET", query: "ownershipControls", name: "GetBucketOwnershipControls"},
	{method: "PUT", query: "ownershipControls", name: "PutBucketOwnershipControls"},
	{method: "DELETE", query: "ownershipControls", name: "DeleteBucketOwnershipControls"},
	{method: "GET", query: "object-lock", name: "GetObjectLockConfiguration"},
	{method: "PUT", query: "object-lock", name: "PutObjectLockConfiguration"},
	{method: "GET", query: "lifecycle", name: "GetBucketLifecycleConfiguration"},
	{method: "PUT", query: "lifecycle", name: "PutBucketLifecycleConfiguration"},
	{method: "DELETE", query: "lifecycle", name: "DeleteBucketLifecycle"},
	{method: "GET", query: "encryption", name: "GetBucketEncryption"},
	{method: "PUT", query: "encryption", name: "PutBucketEncryption"},
	{method: "DELETE", query: "encryption", name: "DeleteBucketEncryption"},
	{method: "GET", query: "website", name: "GetBucketWebsite"},
	{method: "PUT", query: "website", name: "PutBucketWebsite"},
	{method: "DELETE", query: "website", name: "DeleteBucketWebsite"},
	{method: "GET", query: "publicAccessBlock", name: "GetPublicAccessBlock"},
	{method: "PUT", query: "publicAccessBlock", name: "PutPublicAccessBlock"},
	{method: "DELETE", query: "publicAccessBlock", name: "DeletePublicAccessBlock"},
	{method: "GET", query: "location", name: "GetBucketLocation"},
	{method: "GET", query: "versions", name: "ListObjectVersions"},
	{method: "GET", query: "uploads", name: "ListMultipartUploads"},
	{method: "GET", query: "list-type=2", name: "ListObjectsV2"},
	{method: "POST", query: "delete", name: "DeleteObjects"},
	{method: "POST", name: "PostObject"},
	{method: "GET", name: "ListObjects"},
	{method: "HEAD", name: "HeadBucket"},
	{method: "PUT", name: "CreateBucket"},
	{method: "DELETE", name: "DeleteBucket"},
}

var objectRoutes = []route{
	{method: "OPTIONS", name: "Preflight"},
	{method: "GET", query: "acl", name: "GetObjectAcl"},
	{method: "PUT", query: "acl", name: "PutObjectAcl"},
	{method: "GET", query: "tagging", name: "GetObjectTagging"},
	{method: "PUT", query: "tagging", name: "PutObjectTagging"},
	{method: "DELETE", query: "tagging", name: "DeleteObjectTagging"},
	{method: "GET", query: "retention", name: "GetObjectRetention"},
	{method: "PUT", query: "retention", name: "PutObjectRetention"},
	{method: "GET", query: "legal-hold", name: "GetObjectLegalHold"},
	{method: "PUT", query: "legal-hold", name: "PutObjectLegalHold"},
	{method: "GET", query: "attributes", name: "GetObjectAttributes"},
	{method: "GET", query: "uploadId", name: "ListParts"},
	{method: "PUT", query: "uploadId", header: "X-Amz-Copy-Source", name: "UploadPartCopy"},
	{method: "PUT", query: "uploadId", name: "UploadPart"},
	{method: "POST", query: "uploadId", name: "CompleteMultipartUpload"},
	{method: "POST", query: "uploads", name: "CreateMultipartUpload"},
	{method: "POST", query: "restore", name: "RestoreObject"},
	{method: "POST", query: "select", name: "SelectObjectContent"},
	{method: "DELETE", query: "uploadId", name: "AbortMultipartUpload"},
	{method: "PUT", header: "X-Amz-Copy-Source", name: "CopyObject"},
	{method: "GET", name: "GetObject"},
	{method: "HEAD", name: "HeadObject"},
	{method: "PUT", name: "PutObject"},
	{method: "DELETE", name: "DeleteObject"},
}

// Operation returns the name of the S3 operation that a request asks for, as
// the API's reference spells it, "" if there is none. A browser's form upload
// is PostObject, a CORS preflight is Preflight.
func Operation(r *http.Request) string {
	bucket, key := Target(r)
	table := objectRoutes
	switch {
	case bucket == "":
		table = serviceRoutes
	case key == "":
		table = bucketRoutes
	}
	query := r.URL.Query()
	for _, row := range table {
		if row.matches(r, query) {
			return row.name
		}
	}
	return ""
}

func (row route) matches(r *http.Request, query url.Values) bool {
	if row.method != r.Method {
		return false
	}
	if row.header != "" && r.Header.Get(row.header) == "" {
		return false
	}
	name, value, exact := strings.Cut(row.query, "=")
	if name == "" {
		return true
	}
	return query.Has(name) && (!exact || query.Get(name) == value)
}

// Target returns the bucket and the key of a request, decoded. The key is ""
// for an operation on a bucket, both are "" for one on the service.
func Target(r *http.Request) (bucket, key string) {
	bucket, key, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return bucket, key
}

// oneOf returns a test for "is the request's operation in this list", a list of
// names separated by spaces. "*" stands for every request, also unknown ones.
func oneOf(operations string) func(*http.Request) bool {
	if operations == "*" {
		return func(*http.Request) bool { return true }
	}
	names := map[string]bool{}
	for _, name := range strings.Fields(operations) {
		names[name] = true
	}
	return func(r *http.Request) bool { return names[Operation(r)] }
}
