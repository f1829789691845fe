package s3

import (
	"context"
	"net/http"
	"strings"

	"github.com/versity/versitygw/backend"
)

// objectReads are the requests that a page makes itself.
const objectReads = "GetObject HeadObject"

var corsFaults = []Fault{
	{
		Name: "s3.cors-no-preflight", Group: "cors",
		Text: "OPTIONS is answered 405 MethodNotAllowed.",
		Front: On("Preflight", func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			Refuse(w, r, http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
		}),
	},
	{
		Name: "s3.cors-open-preflight", Group: "cors",
		Text: "Every browser is told yes, whatever the configuration.",
		Front: EditResponse("Preflight", func(r *http.Request, resp *Response) {
			if resp.Status == http.StatusForbidden {
				resp.Status, resp.Body = http.StatusOK, nil
				resp.Header.Del("Content-Type")
				resp.Header.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
				resp.Header.Set("Access-Control-Allow-Methods", r.Header.Get("Access-Control-Request-Method"))
				resp.Header.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
			}
		}),
	},
	{
		Name: "s3.cors-preflight-poor", Group: "cors",
		Text: "Answers to OPTIONS announce neither headers nor a duration.",
		Front: EditHeader("Preflight", func(_ *http.Request, status int, h http.Header) int {
			h.Del("Access-Control-Allow-Headers")
			h.Del("Access-Control-Max-Age")
			return status
		}),
	},
	{
		Name: "s3.cors-methods-lost", Group: "cors",
		Text: "Answers to OPTIONS announce GET and HEAD only.",
		Front: EditHeader("Preflight", func(_ *http.Request, status int, h http.Header) int {
			if h.Get("Access-Control-Allow-Methods") != "" {
				h.Set("Access-Control-Allow-Methods", "GET, HEAD")
			}
			return status
		}),
	},
	{
		Name: "s3.cors-first-rule", Group: "cors",
		Text:    "Only the first rule of a CORS configuration counts.",
		Backend: func(next backend.Backend) backend.Backend { return firstRule{next} },
	},
	{
		Name: "s3.cors-preflight-only", Group: "cors",
		Text: "Only answers to OPTIONS carry CORS headers.",
		Front: EditHeader(objectReads, func(_ *http.Request, status int, h http.Header) int {
			for name := range h {
				if strings.HasPrefix(name, "Access-Control-") {
					h.Del(name)
				}
			}
			return status
		}),
	},
	{
		Name: "s3.cors-origin-echoed", Group: "cors",
		Text: "Every answer permits the origin that asked.",
		Front: EditHeader(objectReads, func(r *http.Request, status int, h http.Header) int {
			if origin := r.Header.Get("Origin"); origin != "" {
				h.Set("Access-Control-Allow-Origin", origin)
			}
			return status
		}),
	},
	{
		Name: "s3.cors-always-open", Group: "cors",
		Text: "Every answer permits all origins, even to a client that names none.",
		Front: EditHeader(objectReads, func(_ *http.Request, status int, h http.Header) int {
			h.Set("Access-Control-Allow-Origin", "*")
			return status
		}),
	},
	{
		Name: "s3.cors-document-poor", Group: "cors",
		Text:  "The CORS configuration is returned without its names and durations.",
		Front: EditXML("GetBucketCors", func(_ *http.Request, doc string) string { return Cut(Cut(doc, "ID"), "MaxAgeSeconds") }),
	},
	{
		Name: "s3.cors-errors-ignored", Group: "cors",
		Text: "A CORS configuration that can't be read is answered 200.",
		Front: EditResponse("PutBucketCors", func(r *http.Request, resp *Response) {
			excuse("InvalidRequest", http.StatusOK)(r, resp)
			excuse("MalformedXML", http.StatusOK)(r, resp)
		}),
	},
	{
		Name: "s3.cors-missing-empty", Group: "cors",
		Text: "A bucket without a CORS configuration is said to have an empty one.",
		Front: EditResponse("GetBucketCors", func(_ *http.Request, resp *Response) {
			if refusedFor("NoSuchCORSConfiguration")(nil, resp) {
				resp.Status, resp.Body = http.StatusOK, []byte("<CORSConfiguration></CORSConfiguration>")
			}
		}),
	},
}

// firstRule obeys the first rule; the configuration is shown whole.
type firstRule struct{ backend.Backend }

func (b firstRule) GetBucketCors(ctx context.Context, bucket string) ([]byte, error) {
	raw, err := b.Backend.GetBucketCors(ctx, bucket)
	if err != nil || asks(ctx, "cors") {
		return raw, err
	}
	return []byte(onlyFirst(string(raw), "CORSRule")), nil
}
