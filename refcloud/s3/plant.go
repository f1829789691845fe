package s3

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"

	"aloi.dev/refcloud/answer"
)

// What follows makes the Front of a fault. Operations are names as Operation
// returns them, separated by spaces, or "*" for all.

// On hands the requests of some operations to handle, which may answer itself
// or call next.
func On(operations string, handle func(w http.ResponseWriter, r *http.Request, next http.Handler)) func(http.Handler) http.Handler {
	match := oneOf(operations)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !match(r) {
				next.ServeHTTP(w, r)
				return
			}
			handle(w, r, next)
		})
	}
}

// EditRequest edits requests before the gateway sees them, and signs them
// again. An edit that returns false leaves the request alone.
func EditRequest(operations string, edit func(r *http.Request) bool) func(http.Handler) http.Handler {
	return On(operations, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if edit(r) && accessKey(r) != "" {
			if err := Resign(r); err != nil {
				Refuse(w, r, http.StatusInternalServerError, "InternalError", err.Error())
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// EditHeader edits the status and the header of answers while their bodies
// stream. It returns the status to send.
func EditHeader(operations string, edit func(r *http.Request, status int, h http.Header) int) func(http.Handler) http.Handler {
	return On(operations, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(&answer.HeaderEditor{ResponseWriter: w, Edit: func(status int, h http.Header) int {
			return edit(r, status, h)
		}}, r)
	})
}

// EditResponse edits whole answers; each is held in memory until it is edited.
func EditResponse(operations string, edit func(r *http.Request, resp *Response)) func(http.Handler) http.Handler {
	return On(operations, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		resp := record(next, w, r)
		edit(r, resp)
		resp.send(w, r)
	})
}

// EditXML edits the XML documents of answers, errors included. Bodies of
// objects are never touched.
func EditXML(operations string, edit func(r *http.Request, doc string) string) func(http.Handler) http.Handler {
	return onXML(operations, func(w http.ResponseWriter, r *http.Request, resp *Response) {
		resp.Body = []byte(edit(r, string(resp.Body)))
		resp.send(w, r)
	})
}

// EditError edits the error documents of answers.
func EditError(operations string, edit func(r *http.Request, doc string) string) func(http.Handler) http.Handler {
	return EditXML(operations, func(r *http.Request, doc string) string {
		if !strings.Contains(doc, "<Error>") {
			return doc
		}
		return edit(r, doc)
	})
}

// onXML holds back answers that carry an XML document and hands them to finish,
// which sends them. All other answers stream through.
func onXML(operations string, finish func(w http.ResponseWriter, r *http.Request, resp *Response)) func(http.Handler) http.Handler {
	return On(operations, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		x := &xmlWriter{client: w, held: newRecorder(w), object: Operation(r) == "GetObject"}
		next.ServeHTTP(x, r)
		if x.passing {
			return
		}
		finish(w, r, &Response{Status: x.held.status(), Header: x.held.header, Body: x.held.body.Bytes()})
	})
}

// xmlWriter decides at the header whether to hold an answer back.
type xmlWriter struct {
	client  http.ResponseWriter
	held    *recorder
	object  bool // a success is an object, whatever its type
	decided bool
	passing bool
}

// Header is the header of the answer, held or not.
func (x *xmlWriter) Header() http.Header {
	if x.passing {
		return x.client.Header()
	}
	return x.held.Header()
}

// WriteHeader decides.
func (x *xmlWriter) WriteHeader(code int) {
	if code >= 200 && !x.decided {
		x.decided = true
		isXML := strings.Contains(x.held.header.Get("Content-Type"), "xml")
		if x.object && code < 300 || !isXML {
			x.passing = true
			answer.CopyHeader(x.client.Header(), x.held.header)
		}
	}
	if x.passing {
		x.client.WriteHeader(code)
		return
	}
	x.held.WriteHeader(code)
}

// Write passes or keeps the bytes.
func (x *xmlWriter) Write(p []byte) (int, error) {
	if !x.decided {
		x.WriteHeader(http.StatusOK)
	}
	if x.passing {
		return x.client.Write(p)
	}
	return x.held.Write(p)
}

// FlushError sends what was written so far, if it isn't held back.
func (x *xmlWriter) FlushError() error {
	if x.passing {
		return http.NewResponseController(x.client).Flush()
	}
	return nil
}

// Unwrap lets http.ResponseController take the connection over.
func (x *xmlWriter) Unwrap() http.ResponseWriter { return x.client }

// Refuse answers with an S3 error document, under the header that w has so far.
func Refuse(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	bucket, key := Target(r)
	doc, _ := xml.Marshal(struct {
		XMLName                                           xml.Name `xml:"Error"`
		Code, Message, BucketName, Key, RequestId, HostId string
	}{Code: code, Message: message, BucketName: bucket, Key: key, RequestId: hexID(8), HostId: "front"})
	resp := &Response{Status: status, Header: w.Header().Clone(), Body: []byte(xml.Header + string(doc))}
	resp.Header.Set("Content-Type", "application/xml")
	if r.Method == http.MethodHead {
		resp.Header.Set("Content-Length", fmt.Sprint(len(resp.Body)))
		resp.Body = nil
	}
	resp.send(w, r)
}
