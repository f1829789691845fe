package s3

import (
	"net/http"
	"strings"
	"time"
)

// headerVariations change how HTTP is spoken, within RFC 9110 and RFC 9112. The
// first is the nearest to the client: header-case must see all other headers.
var headerVariations = []Variation{
	{
		Name: "header-case", Group: "headers",
		Text:  "Names of response headers are written in lower case (they are case-insensitive).",
		Front: EditHeader("*", lowerCase),
	},
	{
		Name: "extra-headers", Group: "headers",
		Text: "Answers carry headers that no S3 server documents.",
		Front: EditHeader("*", func(_ *http.Request, status int, h http.Header) int {
			h.Set("Via", "1.1 edge")
			h.Set("Server-Timing", "store;dur=1.2")
			h.Set("X-Refcloud-Shelf", "12")
			return status
		}),
	},
	{
		Name: "date-skew", Group: "headers",
		Text: "The clock behind the Date header is five seconds late.",
		Front: EditHeader("*", func(_ *http.Request, status int, h http.Header) int {
			h.Set("Date", time.Now().Add(-5*time.Second).UTC().Format(http.TimeFormat))
			return status
		}),
	},
	{
		Name: "connection-close", Group: "transport",
		Text: "The connection closes after each answer, and the answer says so.",
		Front: EditHeader("*", func(_ *http.Request, status int, h http.Header) int {
			h.Set("Connection", "close")
			return status
		}),
	},
	{
		Name: "interim-answers", Group: "transport",
		Text: "An interim answer (103) comes before each final one.",
		Front: On("*", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			w.WriteHeader(http.StatusEarlyHints)
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "slow-answers", Group: "transport",
		Text: "Each answer is delayed by 30 ms.",
		Front: On("*", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			time.Sleep(30 * time.Millisecond)
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "small-pieces", Group: "transport",
		Text: "The first kilobytes of an object arrive in pieces of 500 bytes.",
		Front: On("GetObject", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(&pieceWriter{ResponseWriter: w, left: 10}, r)
		}),
	},
}

// lowerCase renames all headers but those that Go's server reads itself. The
// empty canonical names keep it from adding its own.
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

// pieceWriter sends its first bytes in small pieces, each on its own.
type pieceWriter struct {
	http.ResponseWriter
	left int
}

const pieceSize = 500

// Write sends the pieces that are left, then the rest at once.
func (w *pieceWriter) Write(p []byte) (int, error) {
	sent := 0
	for ; w.left > 0 && len(p)-sent > pieceSize; w.left-- {
		n, err := w.ResponseWriter.Write(p[sent : sent+pieceSize])
		sent += n
		if err != nil {
			return sent, err
		}
		if err := http.NewResponseController(w.ResponseWriter).Flush(); err != nil {
			return sent, err
		}
	}
	n, err := w.ResponseWriter.Write(p[sent:])
	return sent + n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *pieceWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
