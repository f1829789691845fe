package oci

import (
	"net/http"
	"strings"
	"time"
)

// variations are within the specification and HTTP. The first is the nearest to the
// client: header-case must see all other headers.
var variations = []Variation{
	{
		Name: "oci.header-case", Group: "headers",
		Text:  "Names of response headers are written in lower case (they are case-insensitive).",
		Front: EditHeader("*", lowerCase),
	},
	{
		Name: "oci.extra-headers", Group: "headers",
		Text: "Answers carry warnings and headers that no registry documents.",
		Front: EditHeader("*", func(_ *http.Request, status int, h http.Header) int {
			h.Set("Warning", `299 - "This registry moves next month."`)
			h.Set("Via", "1.1 edge")
			h.Set("X-Refcloud-Shelf", "12")
			return status
		}),
	},
	{
		Name: "oci.connection-close", Group: "transport",
		Text: "The connection closes after each answer, and the answer says so.",
		Front: EditHeader("*", func(_ *http.Request, status int, h http.Header) int {
			h.Set("Connection", "close")
			return status
		}),
	},
	{
		Name: "oci.slow-answers", Group: "transport",
		Text: "Each answer is delayed by 8 ms.",
		Front: On("*", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			time.Sleep(8 * time.Millisecond)
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.blobs-from-store", Group: "redirects",
		Text: "GET of a blob is redirected to a ticket at another declared host, which refuses other credentials.",
		Front: On("GetBlob", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			head := sub(r, http.MethodHead, r.URL.RequestURI(), nil)
			if record(next, head).Status != http.StatusOK {
				next.ServeHTTP(w, r)
				return
			}
			http.Redirect(w, r, ticket(r), http.StatusTemporaryRedirect)
		}),
	},
	{
		Name: "oci.locations-relative", Group: "push",
		Text: "Every Location is relative.",
		Front: EditHeader("*", func(_ *http.Request, status int, h http.Header) int {
			if location := h.Get("Location"); location != "" && status < 300 {
				h.Set("Location", local(location))
			}
			return status
		}),
	},
	{
		Name: "oci.errors-as-text", Group: "errors",
		Text: "Refusals have a text for a body, as any format is allowed.",
		Front: EditResponse(registryOps, func(_ *http.Request, resp *Response) {
			if resp.Status >= 400 {
				resp.Header.Set("Content-Type", "text/plain; charset=utf-8")
				resp.Body = []byte("Sorry.\n")
			}
		}),
	},
	{
		Name: "oci.digests-unsaid", Group: "pull",
		Text:  "Answers to GET and PUT name no digest, as it was in version 1.0.",
		Front: DropHeader("GetManifest GetBlob HeadBlob PutManifest PutUpload", "Docker-Content-Digest"),
	},
	{
		Name: "oci.referrers-unfiltered", Group: "referrers",
		Text:  "Referrers are not filtered, and the answer claims no filter.",
		Front: EditRequest("ListReferrers", func(r *http.Request) { r.URL.RawQuery = "" }),
	},
	{
		Name: "oci.token-by-its-other-name", Group: "auth",
		Text: "The token server answers an access_token only, and doesn't say how long it is good.",
		Front: EditDocument("Token", func(_ *http.Request, doc map[string]any) {
			delete(doc, "token")
			delete(doc, "expires_in")
			delete(doc, "issued_at")
		}),
	},
	{
		Name: "oci.challenge-spaced", Group: "auth",
		Text: "The parameters of the challenge come in another order, with spaces.",
		Front: EditHeader("*", func(_ *http.Request, status int, h http.Header) int {
			if rest, ok := strings.CutPrefix(h.Get("WWW-Authenticate"), "Bearer "); ok {
				realm, others, _ := strings.Cut(rest, ",")
				h.Set("WWW-Authenticate", "Bearer "+strings.ReplaceAll(others, `",`, `", `)+", "+realm)
			}
			return status
		}),
	},
	{
		Name: "oci.chunk-minimum", Group: "chunk",
		Text: "The registry asks for chunks of 1 kB at least.",
		Front: EditHeader("StartUpload", func(_ *http.Request, status int, h http.Header) int {
			h.Set("OCI-Chunk-Min-Length", "1024")
			return status
		}),
	},
	{
		Name: "oci.denied-with-403", Group: "auth",
		Text: "A token that doesn't open something answers 403, as DENIED.",
		Front: EditHeader(registryOps, func(r *http.Request, status int, _ http.Header) int {
			if status == http.StatusUnauthorized && r.Header.Get("Authorization") != "" {
				return http.StatusForbidden
			}
			return status
		}),
	},
}

// lowerCase renames all headers but those that Go's server reads itself. The empty
// canonical names keep it from adding its own.
func lowerCase(_ *http.Request, status int, h http.Header) int {
	for name, values := range h {
		switch name {
		case "Content-Length", "Transfer-Encoding", "Connection", "Trailer":
		default:
			delete(h, name)
			if len(values) > 0 {
				h[strings.ToLower(name)] = values
			}
		}
	}
	h["Content-Type"] = nil
	if _, ok := h[strings.ToLower("Date")]; ok {
		h["Date"] = nil
	}
	return status
}
