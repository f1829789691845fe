package oci

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
)

// mostManifest is the size that the registry accepts of a manifest, in bytes.
const mostManifest = 4 << 20

// codes are error codes of the registry that the specification doesn't have, and
// the nearest that it has.
var codes = map[string]string{
	"RANGE_INVALID": "BLOB_UPLOAD_INVALID", "TAG_INVALID": "MANIFEST_INVALID", "PAGINATION_NUMBER_INVALID": "UNSUPPORTED",
	"MANIFEST_UNVERIFIED": "MANIFEST_INVALID", "UNKNOWN": "UNSUPPORTED",
}

// repaired puts right what the registry does otherwise than the specification says.
// The requests about one upload take turns: the registry would let the rest of a chunk
// that was cut on the way land behind the one that replaces it.
func repaired(app http.Handler) http.Handler {
	var uploads sync.Map // id -> *sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		op := Operation(r)
		if _, id := Target(r); strings.HasSuffix(op, "Upload") && id != "" || op == "UploadStatus" {
			turn, _ := uploads.LoadOrStore(id, &sync.Mutex{})
			turn.(*sync.Mutex).Lock()
			defer turn.(*sync.Mutex).Unlock()
		}
		switch op {
		case "GetBlob", "HeadBlob": // these stream
			app.ServeHTTP(w, r)
		default:
			resp := record(app, r)
			repair(op, r, resp)
			resp.send(w, r)
		}
	})
}

func repair(op string, r *http.Request, resp *Response) {
	if op == "PutManifest" && resp.Status == http.StatusBadRequest && r.ContentLength > mostManifest {
		resp.Status = http.StatusRequestEntityTooLarge
	}
	if resp.Status < 400 {
		return
	}
	for ours, theirs := range codes {
		resp.Body = bytes.Replace(resp.Body, []byte(`"code":"`+ours+`"`), []byte(`"code":"`+theirs+`"`), 1)
	}
}
