package s3

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"

	"github.com/versity/versitygw/auth"
)

// maxDocument bounds a configuration document.
const maxDocument = 1 << 20

// document is a kind of bucket configuration that the gateway lacks.
type document struct {
	name     string
	read     auth.Action
	write    auth.Action // also for deleting
	missing  refusal     // the answer to a GET when there is none
	validate func(body []byte) ([]byte, error)
}

// refusal is an S3 error.
type refusal struct {
	status  int
	code    string
	message string
}

func (r refusal) Error() string { return r.code + ": " + r.message }

func invalid(code, message string) refusal { return refusal{http.StatusBadRequest, code, message} }

var malformedXML = invalid("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")

// configuration forwards a request for a document. The gateway authenticates
// it, checks that the bucket exists, and answers 501. It does not check that
// the account may do this, so that is checked here before answering.
func (e *emulation) configuration(w http.ResponseWriter, r *http.Request, next http.Handler, doc document) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxDocument+1))
	if err != nil || len(body) > maxDocument {
		Refuse(w, r, http.StatusBadRequest, "EntityTooLarge", "The document is too large or was cut short.")
		return
	}
	forwarded := r.Clone(r.Context())
	forwarded.Body = io.NopCloser(bytes.NewReader(body))
	resp := record(next, w, forwarded)
	if resp.Status != http.StatusNotImplemented {
		resp.send(w, r)
		return
	}
	status, out, err := e.answer(r, doc, body)
	var refused refusal
	switch {
	case errors.As(err, &refused):
		Refuse(w, r, refused.status, refused.code, refused.message)
	case err != nil:
		e.log.Error("emulate configuration", "document", doc.name, "error", err)
		Refuse(w, r, http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again.")
	default:
		resp := &Response{Status: status, Header: http.Header{"X-Amz-Request-Id": {hexID(8)}}, Body: out}
		if out != nil {
			resp.Header.Set("Content-Type", "application/xml")
		}
		resp.send(w, r)
	}
}

func (e *emulation) answer(r *http.Request, doc document, body []byte) (int, []byte, error) {
	bucket, _ := Target(r)
	action := doc.write
	if r.Method == http.MethodGet {
		action = doc.read
	}
	if err := e.authorise(r, bucket, action); err != nil {
		return 0, nil, err
	}
	if err := intact(r, body); err != nil {
		return 0, nil, err
	}
	id := configID{bucket, doc.name}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch r.Method {
	case http.MethodGet:
		kept, ok := e.configs[id]
		if !ok {
			return 0, nil, doc.missing
		}
		return http.StatusOK, kept, nil
	case http.MethodDelete:
		delete(e.configs, id)
		return http.StatusNoContent, nil, nil
	default:
		kept, err := doc.validate(body)
		if err != nil {
			return 0, nil, err
		}
		e.configs[id] = kept
		return http.StatusOK, nil, nil
	}
}

// intact checks a body against the digests that its request carries. The
// gateway answered before it read the body.
func intact(r *http.Request, body []byte) error {
	if want := r.Header.Get(hashHeader); len(want) == hex.EncodedLen(sha256.Size) {
		if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != want {
			return invalid("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
		}
	}
	if want := r.Header.Get("Content-Md5"); want != "" {
		sum := md5.Sum(body)
		given, err := base64.StdEncoding.DecodeString(want)
		switch {
		case err != nil || len(given) != md5.Size:
			return invalid("InvalidDigest", "The Content-MD5 you specified was invalid.")
		case !bytes.Equal(given, sum[:]):
			return invalid("BadDigest", "The Content-MD5 you specified did not match what we received.")
		}
	}
	return nil
}
