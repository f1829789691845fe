package s3

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// presignedQuery are the parameters that a presigned URL must have.
var presignedQuery = strings.Fields("X-Amz-Algorithm X-Amz-Credential X-Amz-Date X-Amz-Expires X-Amz-SignedHeaders X-Amz-Signature")

var presignFaults = []Fault{
	{
		Name: "s3.presigned-refused", Group: "presign",
		Text: "Presigned URLs are refused.",
		Front: On("*", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if presigned(r) {
				Refuse(w, r, http.StatusForbidden, "AccessDenied", "Access Denied.")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "s3.presigned-for-ever", Group: "presign",
		Text: "Presigned URLs never expire.",
		Front: forgive("*", func(r *http.Request, _ *Response) bool {
			at, err := time.Parse("20060102T150405Z", r.URL.Query().Get("X-Amz-Date"))
			seconds, failed := strconv.Atoi(r.URL.Query().Get("X-Amz-Expires"))
			return err == nil && failed == nil && presigned(r) && at.Add(time.Duration(seconds)*time.Second).Before(time.Now())
		}, resign),
	},
	{
		Name: "s3.presigned-any-duration", Group: "presign",
		Text: "A URL may be presigned for more than seven days.",
		Front: forgive("*", func(r *http.Request, _ *Response) bool {
			seconds, err := strconv.Atoi(r.URL.Query().Get("X-Amz-Expires"))
			return err == nil && presigned(r) && seconds > 7*24*60*60
		}, resign),
	},
	{
		Name: "s3.presigned-signature-unchecked", Group: "presign",
		Text: "The signature of a presigned URL is not verified.",
		Front: forgive("*", func(r *http.Request, resp *Response) bool {
			return presigned(r) && (resp.Status == http.StatusForbidden && r.Method == http.MethodHead || refusedFor("SignatureDoesNotMatch")(r, resp))
		}, resign),
	},
	{
		Name: "s3.presigned-any-header", Group: "presign",
		Text: "A presigned URL for one content type accepts all.",
		Front: forgive("PutObject", func(r *http.Request, resp *Response) bool {
			signed := strings.Split(r.URL.Query().Get("X-Amz-SignedHeaders"), ";")
			return presigned(r) && len(signed) > 1 && refusedFor("SignatureDoesNotMatch")(r, resp)
		}, resign),
	},
	{
		Name: "s3.presigned-anonymous", Group: "presign",
		Text: "A presigned URL that lacks a parameter counts as a request without a signature.",
		Front: On("*", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			query, found := r.URL.Query(), 0
			for _, name := range presignedQuery {
				if query.Has(name) {
					found++
				}
			}
			if found > 0 && found < len(presignedQuery) {
				Refuse(w, r, http.StatusForbidden, "AccessDenied", "Access Denied.")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "s3.presigned-plain", Group: "presign",
		Text: "Presigned URLs ignore the response-* parameters.",
		Front: EditHeader("GetObject", func(r *http.Request, status int, h http.Header) int {
			if presigned(r) && status < 300 && r.URL.Query().Has("response-content-disposition") {
				h.Del("Content-Disposition")
				h.Set("Content-Type", "binary/octet-stream")
			}
			return status
		}),
	},
}
