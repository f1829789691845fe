package s3

import (
	"log/slog"
	"net/http"
	"sync"

	"aloi.dev/refcloud/answer"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend"
)

// emulation answers for what the gateway lacks: the lifecycle and encryption
// configurations of buckets, and the encryption headers of objects. It keeps
// and checks what the protocol says and does nothing with it: no object expires
// and no byte is encrypted. It is a reference for the protocol only.
type emulation struct {
	be  backend.Backend
	iam auth.IAMService
	log *slog.Logger

	mu      sync.Mutex // guards what follows
	configs map[configID][]byte
	objects map[objectID]encryption
	uploads map[string]encryption // by upload id
}

// configID names a document of a bucket: "lifecycle" or "encryption".
type configID struct{ bucket, document string }

// objectID names a version of an object; "null" without versioning.
type objectID struct{ bucket, key, version string }

func newEmulation(be backend.Backend, iam auth.IAMService, log *slog.Logger) *emulation {
	return &emulation{
		be: be, iam: iam, log: log,
		configs: map[configID][]byte{},
		objects: map[objectID]encryption{},
		uploads: map[string]encryption{},
	}
}

// wrap puts the emulation in front of the gateway.
func (e *emulation) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch op := Operation(r); op {
		case "GetBucketLifecycleConfiguration", "PutBucketLifecycleConfiguration", "DeleteBucketLifecycle":
			e.configuration(w, r, next, lifecycle)
		case "GetBucketEncryption", "PutBucketEncryption", "DeleteBucketEncryption":
			e.configuration(w, r, next, bucketEncryption)
		case "PutObject", "CreateMultipartUpload":
			e.create(w, r, next)
		case "CopyObject":
			e.copy(w, r, next)
		case "UploadPart", "UploadPartCopy":
			e.part(w, r, next)
		case "CompleteMultipartUpload", "AbortMultipartUpload":
			e.endUpload(w, r, next)
		case "GetObject", "HeadObject", "GetObjectAttributes":
			e.read(w, r, next)
		case "DeleteObject":
			e.after(w, r, next, e.forgetObject)
		case "DeleteBucket":
			e.after(w, r, next, e.forgetBucket)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// after streams an answer and calls then if it is a success, before its header
// leaves: then may add to it.
func (e *emulation) after(w http.ResponseWriter, r *http.Request, next http.Handler, then func(r *http.Request, h http.Header)) {
	next.ServeHTTP(&answer.HeaderEditor{ResponseWriter: w, Edit: func(status int, h http.Header) int {
		if status < 300 {
			then(r, h)
		}
		return status
	}}, r)
}

// versionOf names the version that an answer is about.
func versionOf(r *http.Request, h http.Header) objectID {
	bucket, key := Target(r)
	id := objectID{bucket, key, h.Get("X-Amz-Version-Id")}
	if id.version == "" {
		id.version = "null"
	}
	return id
}

func (e *emulation) forgetObject(r *http.Request, h http.Header) {
	if r.URL.Query().Get("versionId") == "" && h.Get("X-Amz-Delete-Marker") == "true" {
		return // the versions stay
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.objects, versionOf(r, h))
}

func (e *emulation) forgetBucket(r *http.Request, _ http.Header) {
	bucket, _ := Target(r)
	e.mu.Lock()
	defer e.mu.Unlock()
	for id := range e.configs {
		if id.bucket == bucket {
			delete(e.configs, id)
		}
	}
	for id := range e.objects {
		if id.bucket == bucket {
			delete(e.objects, id)
		}
	}
}
