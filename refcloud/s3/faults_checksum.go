package s3

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
)

var checksumFaults = []Fault{
	{
		Name: "s3.checksum-not-returned", Group: "checksum",
		Text: "Checksums are not returned with an object, even when they are asked for.",
		Front: EditHeader("GetObject HeadObject", func(_ *http.Request, status int, h http.Header) int {
			maps.DeleteFunc(h, func(name string, _ []string) bool { return isChecksum(name) })
			return status
		}),
	},
	{
		Name: "s3.checksum-always-returned", Group: "checksum",
		Text:    "Checksums are returned with an object that was asked for without them.",
		Backend: func(next backend.Backend) backend.Backend { return alwaysSums{next} },
	},
	{
		Name: "s3.checksum-ignored", Group: "checksum",
		Text:  "The checksum headers of an upload are ignored.",
		Front: EditRequest("PutObject", dropChecksums(0)),
	},
	{
		Name: "s3.checksum-first-counts", Group: "checksum",
		Text:  "Of several checksums of an upload all but one are ignored.",
		Front: EditRequest("PutObject", dropChecksums(1)),
	},
	{
		Name: "s3.crc64nvme-ignored", Group: "checksum",
		Text:  "A CRC64NVME checksum, which older servers don't know, is not verified.",
		Front: EditRequest("PutObject", without("X-Amz-Checksum-Crc64nvme")),
	},
	{
		Name: "s3.attributes-without-checksum", Group: "checksum",
		Text:  "GetObjectAttributes doesn't give the checksum.",
		Front: EditXML("GetObjectAttributes", func(_ *http.Request, doc string) string { return Cut(doc, "Checksum") }),
	},
	{
		Name: "s3.checksum-required", Group: "checksum",
		Text: "An upload with an unsigned payload and no checksum is refused.",
		Front: On("PutObject", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Header.Get(hashHeader) == unsignedRaw && len(checksumHeaders(r)) == 0 && r.Header.Get("Content-Md5") == "" {
				Refuse(w, r, http.StatusBadRequest, "InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "s3.trailer-refused", Group: "checksum",
		Text: "An upload whose checksum follows the body is answered 501.",
		Front: On("PutObject UploadPart", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Header.Get("X-Amz-Trailer") != "" {
				Refuse(w, r, http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "s3.trailer-ignored", Group: "checksum",
		Text:  "A checksum that follows the body is thrown away.",
		Front: EditRequest("PutObject", dropTrailer),
	},
}

func isChecksum(name string) bool {
	return strings.HasPrefix(name, "X-Amz-Checksum-") && name != "X-Amz-Checksum-Mode" && name != "X-Amz-Checksum-Type"
}

// checksumHeaders returns the names of the checksums of a request, in order.
func checksumHeaders(r *http.Request) []string {
	return slices.Sorted(func(yield func(string) bool) {
		for name := range r.Header {
			if isChecksum(name) && !yield(name) {
				return
			}
		}
	})
}

// dropChecksums returns an edit that leaves the first keep checksums.
func dropChecksums(keep int) func(*http.Request) bool {
	return func(r *http.Request) bool {
		names := checksumHeaders(r)
		if len(names) <= keep {
			return false
		}
		for _, name := range names[keep:] {
			r.Header.Del(name)
		}
		r.Header.Del("X-Amz-Sdk-Checksum-Algorithm")
		return true
	}
}

// dropTrailer makes an ordinary request of one in aws-chunked with a trailer.
func dropTrailer(r *http.Request) bool {
	if r.Header.Get("X-Amz-Trailer") == "" || !strings.HasPrefix(r.Header.Get(hashHeader), "STREAMING-UNSIGNED") {
		return false
	}
	body, err := unchunk(r.Body)
	if err != nil {
		return false
	}
	for _, name := range []string{"X-Amz-Trailer", "X-Amz-Decoded-Content-Length", "X-Amz-Sdk-Checksum-Algorithm", "Content-Encoding"} {
		r.Header.Del(name)
	}
	r.TransferEncoding = nil
	SetBody(r, body)
	return true
}

// unchunk returns what unsigned chunks carry.
func unchunk(body io.Reader) ([]byte, error) {
	var out bytes.Buffer
	in := bufio.NewReader(body)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("read chunk: %w", err)
		}
		n, err := strconv.ParseInt(strings.TrimSpace(line), 16, 64)
		if err != nil {
			return nil, fmt.Errorf("read chunk: %w", err)
		}
		if n == 0 {
			_, err := io.Copy(io.Discard, in)
			return out.Bytes(), err
		}
		if _, err := io.CopyN(&out, in, n); err != nil {
			return nil, fmt.Errorf("read chunk: %w", err)
		}
		if end, err := in.ReadString('\n'); err != nil || strings.TrimSpace(end) != "" {
			return nil, errors.Join(errors.New("read chunk: no end of line"), err)
		}
	}
}

type alwaysSums struct{ backend.Backend }

func (b alwaysSums) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	in.ChecksumMode = types.ChecksumModeEnabled
	return b.Backend.GetObject(ctx, in)
}

func (b alwaysSums) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	in.ChecksumMode = types.ChecksumModeEnabled
	return b.Backend.HeadObject(ctx, in)
}
