package s3

import (
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// repairs undo, at the front, what the gateway does otherwise than the S3 API
// says. The first is the nearest to the gateway.
var repairs = []func(http.Handler) http.Handler{
	// A bucket's name may not hold two adjacent periods.
	On("CreateBucket", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if bucket, _ := Target(r); strings.Contains(bucket, "..") {
			Refuse(w, r, http.StatusBadRequest, "InvalidBucketName", "The specified bucket is not valid.")
			return
		}
		next.ServeHTTP(w, r)
	}),
	// A condition on the source of a copy that fails is 412, never 304.
	On("CopyObject UploadPartCopy", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		resp := record(next, w, r)
		if resp.Status == http.StatusNotModified {
			Refuse(w, r, http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
			return
		}
		resp.send(w, r)
	}),
	// encoding-type=url encodes the names in a listing.
	EditXML("ListObjects ListObjectsV2 ListObjectVersions ListMultipartUploads", encodeNames),
}

func repaired(h http.Handler) http.Handler {
	for _, repair := range slices.Concat(repairs, objectRepairs, accessRepairs) {
		h = repair(h)
	}
	return h
}

func encodeNames(r *http.Request, doc string) string {
	if r.URL.Query().Get("encoding-type") != "url" || strings.Contains(doc, "<Error>") {
		return doc
	}
	for _, name := range strings.Fields("Key Prefix Delimiter Marker NextMarker StartAfter KeyMarker NextKeyMarker") {
		doc = Replace(doc, name, func(inner string) string {
			return strings.ReplaceAll(url.QueryEscape(html.UnescapeString(inner)), "%2F", "/")
		})
	}
	return Append(Cut(doc, "EncodingType"), "<EncodingType>url</EncodingType>")
}
