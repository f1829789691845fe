package s3

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/minio/minio-go/v7"

	"aloi.dev/internal/demonstrator/probe"
)

// Got says what came back, for a sentence: "404 NoSuchKey", "200 with 12 bytes".
func (a Answer) Got() string {
	switch {
	case a.Code != "":
		return fmt.Sprintf("%d %s", a.Status, a.Code)
	case a.Status >= 300 && a.Header.Get("Location") != "":
		return fmt.Sprintf("%d to %s", a.Status, a.Header.Get("Location"))
	case len(a.Body) > 0:
		return fmt.Sprintf("%d with %d bytes", a.Status, len(a.Body))
	}
	return fmt.Sprintf("%d", a.Status)
}

// Want ends the check unless the answer has one of the statuses.
func (a Answer) Want(t *probe.T, statuses ...int) Answer {
	if !slices.Contains(statuses, a.Status) {
		t.Fail(a.Did, a.Got(), strings.Trim(strings.ReplaceAll(fmt.Sprint(statuses), " ", " or "), "[]"))
	}
	return a
}

// WantRefusal ends the check unless the answer is an S3 error with that status
// and one of the codes. The answer to a HEAD has no document: the status decides.
func (a Answer) WantRefusal(t *probe.T, status int, codes ...string) Answer {
	ok := a.Status == status
	if ok && !strings.HasPrefix(a.Did, http.MethodHead) {
		ok = slices.Contains(codes, a.Code)
	}
	if !ok {
		t.Fail(a.Did, a.Got(), fmt.Sprintf("%d %s", status, strings.Join(codes, " or ")))
	}
	return a
}

// WantHeader ends the check unless a header has that value.
func (a Answer) WantHeader(t *probe.T, name, value string) Answer {
	if got := a.Header.Get(name); got != value {
		t.Fail(a.Did, fmt.Sprintf("%d with %s %q", a.Status, name, got), fmt.Sprintf("%s %q", name, value))
	}
	return a
}

// WantBody ends the check unless the body is that one.
func (a Answer) WantBody(t *probe.T, body []byte) Answer {
	if !bytes.Equal(a.Body, body) {
		got := fmt.Sprintf("%d with %d bytes", a.Status, len(a.Body))
		if len(a.Body) == len(body) {
			got = fmt.Sprintf("%d bytes that differ from byte %d on", len(body), firstDifference(a.Body, body))
		}
		t.Fail(a.Did, got, fmt.Sprintf("the %d bytes that were stored", len(body)))
	}
	return a
}

// XML reads the answer's document into a value; a malformed one ends the check.
func (a Answer) XML(t *probe.T, into any) {
	if err := xml.Unmarshal(a.Body, into); err != nil {
		t.Fail(a.Did, fmt.Sprintf("%d with a body that is not the XML document (%v)", a.Status, err), "the XML document of the operation")
	}
}

// ETag returns the answer's entity tag without its quotes.
func (a Answer) ETag() string { return strings.Trim(a.Header.Get("ETag"), `"`) }

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// refusal reads an SDK's error as status and code; ok is false when no S3 answer
// came at all.
func refusal(err error) (status int, code string, ok bool) {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	var api smithy.APIError
	if errors.As(err, &api) && status != 0 {
		return status, api.ErrorCode(), true
	}
	var m minio.ErrorResponse
	if errors.As(err, &m) && m.StatusCode != 0 {
		return m.StatusCode, m.Code, true
	}
	return status, "", false
}

// works ends the check when an SDK's call failed.
func works(t *probe.T, did string, err error) {
	if err == nil {
		return
	}
	if status, code, ok := refusal(err); ok {
		t.Fail(did, fmt.Sprintf("%d %s", status, code), "success")
	}
	t.Do(did, err)
}

// absent ends the check unless an SDK's call was answered 404 with one of the codes.
func absent(t *probe.T, did string, err error, codes ...string) {
	want := "404 " + strings.Join(codes, " or ")
	if err == nil {
		t.Fail(did, "success", want)
	}
	status, code, ok := refusal(err)
	if !ok {
		t.Do(did, err)
	}
	if status != http.StatusNotFound || !slices.Contains(codes, code) {
		t.Fail(did, fmt.Sprintf("%d %s", status, code), want)
	}
}

// pattern returns n bytes that depend on the seed and repeat nowhere nearby.
func pattern(seed byte, n int) []byte {
	b := make([]byte, n)
	x := uint32(seed)*2654435761 + 12345
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}
