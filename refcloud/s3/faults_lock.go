package s3

import (
	"context"
	"net/http"
	"strings"

	"github.com/versity/versitygw/backend"
)

const bypassHeader = "X-Amz-Bypass-Governance-Retention"

var lockFaults = []Fault{
	{
		Name: "s3.retention-unenforced", Group: "lock",
		Text: "A GOVERNANCE retention does not keep the owner from deleting.",
		Front: EditRequest("DeleteObject", func(r *http.Request) bool {
			version := r.URL.Query().Has("versionId")
			if version {
				r.Header.Set(bypassHeader, "true")
			}
			return version
		}),
	},
	{
		Name: "s3.retention-shortened", Group: "lock",
		Text: "A GOVERNANCE retention can be shortened without asking to bypass it.",
		Front: EditRequest("PutObjectRetention", func(r *http.Request) bool {
			r.Header.Set(bypassHeader, "true")
			return true
		}),
	},
	{
		Name: "s3.retention-bypass-refused", Group: "lock",
		Text: "A GOVERNANCE retention can't be bypassed by anyone.",
		Front: EditRequest("DeleteObject", func(r *http.Request) bool {
			bypass := r.Header.Get(bypassHeader) != ""
			r.Header.Del(bypassHeader)
			return bypass
		}),
	},
	{
		Name: "s3.retention-date-cut", Group: "lock",
		Text: "GetObjectRetention returns the day without the time.",
		Front: EditXML("GetObjectRetention", func(_ *http.Request, doc string) string {
			return Replace(doc, "RetainUntilDate", func(date string) string {
				day, _, _ := strings.Cut(date, "T")
				return day + "T00:00:00Z"
			})
		}),
	},
	{
		Name: "s3.lock-headers-missing", Group: "lock",
		Text: "GET and HEAD do not tell of retentions and legal holds.",
		Front: EditHeader("GetObject HeadObject", func(_ *http.Request, status int, h http.Header) int {
			for _, name := range []string{"Mode", "Retain-Until-Date", "Legal-Hold"} {
				h.Del("X-Amz-Object-Lock-" + name)
			}
			return status
		}),
	},
	{
		Name: "s3.lock-values-unchecked", Group: "lock",
		Text:  "A retention that ends in the past and an unknown legal hold status are answered 200.",
		Front: swallow("PutObjectRetention PutObjectLegalHold", "InvalidArgument", "MalformedXML"),
	},
	{
		Name: "s3.lock-without-configuration", Group: "lock",
		Text:  "Retentions and legal holds are answered 200 in a bucket without object lock.",
		Front: swallow("PutObjectRetention PutObjectLegalHold", "InvalidRequest"),
	},
	{
		Name: "s3.legal-hold-unenforced", Group: "lock",
		Text:    "A legal hold is said to be OFF and does not keep from deleting.",
		Backend: func(next backend.Backend) backend.Backend { return holdUnenforced{next} },
	},
	{
		Name: "s3.legal-hold-always-on", Group: "lock",
		Text: "GetObjectLegalHold says ON of a hold that was released.",
		Front: EditXML("GetObjectLegalHold", func(_ *http.Request, doc string) string {
			return Replace(doc, "Status", func(string) string { return "ON" })
		}),
	},
	{
		Name: "s3.lock-rule-lost", Group: "lock",
		Text:  "GetObjectLockConfiguration leaves out the default retention.",
		Front: EditXML("GetObjectLockConfiguration", func(_ *http.Request, doc string) string { return Cut(doc, "Rule") }),
	},
	{
		Name: "s3.lock-missing-empty", Group: "lock",
		Text: "GetObjectLockConfiguration of a bucket without object lock is answered 200 with an empty document.",
		Front: EditResponse("GetObjectLockConfiguration", func(_ *http.Request, resp *Response) {
			if resp.Status == http.StatusNotFound {
				resp.Status, resp.Body = http.StatusOK, []byte("<ObjectLockConfiguration/>")
			}
		}),
	},
}

type holdUnenforced struct{ backend.Backend }

func (b holdUnenforced) GetObjectLegalHold(ctx context.Context, bucket, object, version string) (*bool, error) {
	held, err := b.Backend.GetObjectLegalHold(ctx, bucket, object, version)
	if held != nil {
		*held = false
	}
	return held, err
}
