package s3

import (
	"errors"
	"net/http"

	"aloi.dev/refcloud/answer"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
)

// refuseWith answers with a refusal.
func refuseWith(w http.ResponseWriter, r *http.Request, err error) {
	var refused refusal
	if !errors.As(err, &refused) {
		refused = refusal{http.StatusInternalServerError, "InternalError", err.Error()}
	}
	Refuse(w, r, refused.status, refused.code, refused.message)
}

// chosen is what a request asks for, or else the bucket's default.
func (e *emulation) chosen(r *http.Request) (encryption, error) {
	enc, err := asked(r)
	if err != nil || enc != (encryption{}) {
		return enc, err
	}
	bucket, _ := Target(r)
	e.mu.Lock()
	defer e.mu.Unlock()
	_, byDefault := e.configs[configID{bucket, bucketEncryption.name}]
	return encryption{managed: byDefault}, nil
}

// create serves PutObject and CreateMultipartUpload.
func (e *emulation) create(w http.ResponseWriter, r *http.Request, next http.Handler) {
	enc, err := e.chosen(r)
	if err != nil {
		refuseWith(w, r, err)
		return
	}
	if Operation(r) == "CreateMultipartUpload" {
		e.createUpload(w, r, next, enc)
		return
	}
	e.after(w, r, next, func(r *http.Request, h http.Header) {
		e.remember(versionOf(r, h), enc)
		enc.show(h)
	})
}

func (e *emulation) remember(id objectID, enc encryption) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if enc == (encryption{}) {
		delete(e.objects, id)
		return
	}
	e.objects[id] = enc
}

func (e *emulation) createUpload(w http.ResponseWriter, r *http.Request, next http.Handler, enc encryption) {
	resp := record(next, w, r)
	if id := Inner(string(resp.Body), "UploadId"); resp.Status < 300 && id != "" && enc != (encryption{}) {
		e.mu.Lock()
		e.uploads[id] = enc
		e.mu.Unlock()
		enc.show(resp.Header)
	}
	resp.send(w, r)
}

// part serves UploadPart and UploadPartCopy: the key is that of the upload.
func (e *emulation) part(w http.ResponseWriter, r *http.Request, next http.Handler) {
	e.mu.Lock()
	enc := e.uploads[r.URL.Query().Get("uploadId")]
	e.mu.Unlock()
	if err := enc.opens(r, customerPrefix); err != nil {
		refuseWith(w, r, err)
		return
	}
	if err := e.source(r); err != nil {
		refuseWith(w, r, err)
		return
	}
	e.after(w, r, next, func(_ *http.Request, h http.Header) { enc.show(h) })
}

// endUpload serves CompleteMultipartUpload and AbortMultipartUpload.
func (e *emulation) endUpload(w http.ResponseWriter, r *http.Request, next http.Handler) {
	e.after(w, r, next, func(r *http.Request, h http.Header) {
		upload := r.URL.Query().Get("uploadId")
		e.mu.Lock()
		enc := e.uploads[upload]
		delete(e.uploads, upload)
		e.mu.Unlock()
		if r.Method == http.MethodPost {
			e.remember(versionOf(r, h), enc)
			encryption{managed: enc.managed}.show(h)
		}
	})
}

// copy serves CopyObject: the key of the source, then that of the copy.
func (e *emulation) copy(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if err := e.source(r); err != nil {
		refuseWith(w, r, err)
		return
	}
	e.create(w, r, next)
}

// source checks the key of the object that a request copies from. What is wrong
// with the source otherwise is for the gateway to say.
func (e *emulation) source(r *http.Request) error {
	header := r.Header.Get("X-Amz-Copy-Source")
	if header == "" {
		return nil
	}
	bucket, key, version, err := backend.ParseCopySource(header)
	if err != nil {
		return nil
	}
	if version == "" {
		head, err := e.be.HeadObject(r.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
		if err != nil {
			return nil
		}
		version = "null"
		if head.VersionId != nil && *head.VersionId != "" {
			version = *head.VersionId
		}
	}
	e.mu.Lock()
	enc := e.objects[objectID{bucket, key, version}]
	e.mu.Unlock()
	return enc.opens(r, sourcePrefix)
}

// read serves GetObject, HeadObject and GetObjectAttributes.
func (e *emulation) read(w http.ResponseWriter, r *http.Request, next http.Handler) {
	next.ServeHTTP(&lockedWriter{client: w, r: r, e: e, header: http.Header{}}, r)
}

// lockedWriter lets an object through only if the request has its key: the
// gateway's header says which version it is about.
type lockedWriter struct {
	client  http.ResponseWriter
	r       *http.Request
	e       *emulation
	header  http.Header
	decided bool
	refused bool
}

// Header is the header of the gateway's answer.
func (w *lockedWriter) Header() http.Header {
	if w.decided {
		return w.client.Header()
	}
	return w.header
}

// WriteHeader decides.
func (w *lockedWriter) WriteHeader(code int) {
	if w.decided || code < 200 {
		w.client.WriteHeader(code)
		return
	}
	w.decided = true
	if code < 300 || code == http.StatusNotModified {
		w.e.mu.Lock()
		enc := w.e.objects[versionOf(w.r, w.header)]
		w.e.mu.Unlock()
		if err := enc.opens(w.r, customerPrefix); err != nil {
			w.refused = true
			refuseWith(w.client, w.r, err)
			return
		}
		enc.show(w.header)
	}
	answer.CopyHeader(w.client.Header(), w.header)
	w.client.WriteHeader(code)
}

// Write streams the object, or drops it.
func (w *lockedWriter) Write(p []byte) (int, error) {
	if !w.decided {
		w.WriteHeader(http.StatusOK)
	}
	if w.refused {
		return len(p), nil
	}
	return w.client.Write(p)
}

// FlushError sends what was written so far.
func (w *lockedWriter) FlushError() error {
	return http.NewResponseController(w.client).Flush()
}
