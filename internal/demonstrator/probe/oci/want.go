package oci

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Got says what came back, for a sentence: "404 MANIFEST_UNKNOWN", "200 with 12 bytes".
func (a Answer) Got() string {
	switch {
	case len(a.Codes) > 0:
		return fmt.Sprintf("%d %s", a.Status, strings.Join(a.Codes, ", "))
	case a.Status >= 300 && a.Status < 400 && a.Header.Get("Location") != "":
		return fmt.Sprintf("%d to %s", a.Status, a.Header.Get("Location"))
	case len(a.Body) > 0:
		return fmt.Sprintf("%d with %d bytes", a.Status, len(a.Body))
	}
	return fmt.Sprintf("%d", a.Status)
}

// Want ends the check unless the answer has one of the statuses.
func (a Answer) Want(statuses ...int) Answer {
	if !slices.Contains(statuses, a.Status) {
		a.t.Fail(a.Did, a.Got(), strings.Trim(strings.ReplaceAll(fmt.Sprint(statuses), " ", " or "), "[]"))
	}
	return a
}

// WantRefusal ends the check unless the answer has that status and, when it brings
// the specification's document, one of the codes. A refusal may have any body.
func (a Answer) WantRefusal(status int, codes ...string) Answer {
	ok := a.Status == status
	if ok && len(a.Codes) > 0 && len(codes) > 0 {
		ok = slices.ContainsFunc(codes, func(code string) bool { return slices.Contains(a.Codes, code) })
	}
	if !ok {
		a.t.Fail(a.Did, a.Got(), strings.TrimSpace(fmt.Sprintf("%d %s", status, strings.Join(codes, " or "))))
	}
	return a
}

// WantDenied ends the check unless the answer refuses access. Who may not read may
// be told that there is nothing.
func (a Answer) WantDenied() Answer {
	return a.Want(http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound)
}

// WantHeader ends the check unless a header has that value.
func (a Answer) WantHeader(name, value string) Answer {
	if got := a.Header.Get(name); got != value {
		a.t.Fail(a.Did, fmt.Sprintf("%d with %s %q", a.Status, name, got), fmt.Sprintf("%s %q", name, value))
	}
	return a
}

// WantType ends the check unless the answer has that media type; parameters are
// passed over, as clients should.
func (a Answer) WantType(kind string) Answer {
	got, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	if strings.TrimSpace(got) != kind {
		a.t.Fail(a.Did, fmt.Sprintf("%d of the type %q", a.Status, got), "the type "+kind)
	}
	return a
}

// WantBody ends the check unless the body is that one, byte by byte.
func (a Answer) WantBody(body []byte) Answer {
	if !bytes.Equal(a.Body, body) {
		got := fmt.Sprintf("%d with %d bytes", a.Status, len(a.Body))
		if len(a.Body) == len(body) {
			got = fmt.Sprintf("%d other bytes", len(body))
		}
		a.t.Fail(a.Did, got, fmt.Sprintf("the %d bytes that were pushed", len(body)))
	}
	return a
}

// WantContent ends the check unless the answer is that content: its bytes, its
// length, and its digest where the answer names one.
func (a Answer) WantContent(c content) Answer {
	return a.Want(http.StatusOK).WantBody(c.body).WantDigest(c)
}

// WantDigest ends the check unless the digest that the answer names, if it names
// one, is that of the content. The algorithm may be another than the client's.
func (a Answer) WantDigest(c content) Answer {
	if got := a.Header.Get("Docker-Content-Digest"); got != "" && !isDigestOf(got, c.body) {
		a.t.Fail(a.Did, fmt.Sprintf("%d with Docker-Content-Digest %q", a.Status, got), "the digest "+c.digest())
	}
	return a
}

// WantSize ends the check unless the answer to a HEAD tells the size of the content.
func (a Answer) WantSize(c content) Answer {
	if got := a.Header.Get("Content-Length"); got != strconv.Itoa(len(c.body)) {
		a.t.Fail(a.Did, fmt.Sprintf("%d with Content-Length %q", a.Status, got), fmt.Sprintf("Content-Length %d", len(c.body)))
	}
	return a
}

// WantRange ends the check unless an upload holds the bytes up to, and not
// including, that one.
func (a Answer) WantRange(end int) Answer {
	return a.WantHeader("Range", fmt.Sprintf("0-%d", end-1))
}

// Location returns the address that the answer gives; none ends the check.
func (a Answer) Location() *url.URL {
	got := a.Header.Get("Location")
	to, err := a.at.Parse(got)
	if got == "" || err != nil {
		a.t.Fail(a.Did, fmt.Sprintf("%d with Location %q", a.Status, got), "a Location")
	}
	return to
}

// JSON reads the answer's document into a value; another one ends the check.
func (a Answer) JSON(into any) {
	if err := json.Unmarshal(a.Body, into); err != nil {
		a.t.Fail(a.Did, fmt.Sprintf("%d with a body that is not the JSON document (%v)", a.Status, err), "the JSON document of the operation")
	}
}

// wantList ends the check unless a list is that one, in that order.
func (p *Repo) wantList(did string, got, want []string) {
	if !slices.Equal(got, want) {
		p.t.Fail(did, clip("["+strings.Join(got, ", ")+"]"), clip("["+strings.Join(want, ", ")+"]"))
	}
}

// clip cuts what is too long for a sentence.
func clip(s string) string {
	const most = 200
	if len(s) > most {
		return strings.ToValidUTF8(s[:most-3], "") + "..."
	}
	return s
}
