package s3

import (
	"net/http"
	"slices"
	"time"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var conditionalChecks = slices.Concat(readIfChecks, writeIfChecks)

const staleTag = `"0123456789abcdef0123456789abcdef"`

// readIfChecks: GET and HEAD that depend on what the client already has. In a
// condition, {etag}, {date} and {before} stand for those of the object and for
// an hour before.
var readIfChecks = []probe.Check{
	{
		ID: "s3/conditional/get-if-match", Rule: "RFC 9110 section 13.1.1",
		Title: lang.T("Une lecture avec If-Match de l'ETag courant réussit", "A read with If-Match of the current ETag succeeds"),
		Run:   readIf(http.MethodGet, 200, "If-Match", "{etag}"),
	},
	{
		ID: "s3/conditional/get-if-match-stale", Rule: "RFC 9110 section 13.1.1",
		Title: lang.T("Une lecture avec If-Match d'un autre ETag est refusée", "A read with If-Match of another ETag is refused"),
		Run:   readIf(http.MethodGet, 412, "If-Match", staleTag),
	},
	{
		ID: "s3/conditional/get-if-none-match", Rule: "RFC 9110 section 13.1.2",
		Title: lang.T("Une lecture avec If-None-Match de l'ETag courant rend 304", "A read with If-None-Match of the current ETag returns 304"),
		Run:   readIf(http.MethodGet, 304, "If-None-Match", "{etag}"),
	},
	{
		ID: "s3/conditional/get-if-none-match-other", Rule: "RFC 9110 section 13.1.2",
		Title: lang.T("Une lecture avec If-None-Match d'un autre ETag réussit", "A read with If-None-Match of another ETag succeeds"),
		Run:   readIf(http.MethodGet, 200, "If-None-Match", staleTag),
	},
	{
		ID: "s3/conditional/get-if-modified-since", Rule: "RFC 9110 section 13.1.3",
		Title: lang.T("Une lecture avec If-Modified-Since de la date de l'objet rend 304", "A read with If-Modified-Since of the object's date returns 304"),
		Run:   readIf(http.MethodGet, 304, "If-Modified-Since", "{date}"),
	},
	{
		ID: "s3/conditional/get-if-modified-since-before", Rule: "RFC 9110 section 13.1.3",
		Title: lang.T("Une lecture avec If-Modified-Since d'une date antérieure réussit", "A read with If-Modified-Since of an earlier date succeeds"),
		Run:   readIf(http.MethodGet, 200, "If-Modified-Since", "{before}"),
	},
	{
		ID: "s3/conditional/get-if-unmodified-since", Rule: "RFC 9110 section 13.1.4",
		Title: lang.T("Une lecture avec If-Unmodified-Since de la date de l'objet réussit", "A read with If-Unmodified-Since of the object's date succeeds"),
		Run:   readIf(http.MethodGet, 200, "If-Unmodified-Since", "{date}"),
	},
	{
		ID: "s3/conditional/get-if-unmodified-since-before", Rule: "RFC 9110 section 13.1.4",
		Title: lang.T("Une lecture avec If-Unmodified-Since d'une date antérieure est refusée", "A read with If-Unmodified-Since of an earlier date is refused"),
		Run:   readIf(http.MethodGet, 412, "If-Unmodified-Since", "{before}"),
	},
	{
		ID: "s3/conditional/head-if-match-stale", Rule: "RFC 9110 section 13.1.1",
		Title: lang.T("HEAD avec If-Match d'un autre ETag est refusé", "HEAD with If-Match of another ETag is refused"),
		Run:   readIf(http.MethodHead, 412, "If-Match", staleTag),
	},
	{
		ID: "s3/conditional/head-if-none-match", Rule: "RFC 9110 section 13.1.2",
		Title: lang.T("HEAD avec If-None-Match de l'ETag courant rend 304", "HEAD with If-None-Match of the current ETag returns 304"),
		Run:   readIf(http.MethodHead, 304, "If-None-Match", "{etag}"),
	},
	{
		ID: "s3/conditional/match-before-date", Rule: "RFC 9110 section 13.2.2",
		Title: lang.T("Un If-Match vrai l'emporte sur un If-Unmodified-Since faux", "A true If-Match prevails over a false If-Unmodified-Since"),
		Run:   readIf(http.MethodGet, 200, "If-Match", "{etag}", "If-Unmodified-Since", "{before}"),
	},
	{
		ID: "s3/conditional/none-match-before-date", Rule: "RFC 9110 section 13.2.2",
		Title: lang.T("Un If-None-Match faux l'emporte sur un If-Modified-Since vrai", "A false If-None-Match prevails over a true If-Modified-Since"),
		Run:   readIf(http.MethodGet, 304, "If-None-Match", "{etag}", "If-Modified-Since", "{before}"),
	},
	{
		ID: "s3/conditional/not-modified-etag", Rule: "RFC 9110 section 15.4.5",
		Title: lang.T("Une réponse 304 porte l'ETag de l'objet", "A 304 answer bears the ETag of the object"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			put := c.Put(t, bucket, "object", pattern(1, 300))
			a := c.Get(t, bucket, "object", "If-None-Match", put.Header.Get("ETag")).Want(t, http.StatusNotModified)
			wantETag(t, a, put.ETag())
		}),
	},
}

// readIf returns a check that reads an object under conditions, name and value
// in turn, and wants that status.
func readIf(method string, status int, conditions ...string) func(*probe.T) {
	return with(func(t *probe.T, c *Cloud) {
		bucket, body := c.Bucket(t), pattern(1, 300)
		put := c.Put(t, bucket, "object", body)
		modified := c.Head(t, bucket, "object").Want(t, http.StatusOK).Header.Get("Last-Modified")
		at, err := http.ParseTime(modified)
		t.Want(err == nil, "HEAD object", "Last-Modified: "+modified, "a date")
		stands := map[string]string{
			"{etag}": put.Header.Get("ETag"), "{date}": modified,
			"{before}": at.Add(-time.Hour).UTC().Format(http.TimeFormat),
		}
		header := slices.Clone(conditions)
		for i, value := range header {
			if is, ok := stands[value]; ok {
				header[i] = is
			}
		}
		a := c.Do(t, Request{Method: method, Bucket: bucket, Key: "object", Header: header})
		switch status {
		case http.StatusOK:
			a.Want(t, status).WantBody(t, body)
		case http.StatusNotModified:
			a.Want(t, status)
			t.Want(len(a.Body) == 0, a.Did, a.Got(), "304 without a body")
		default:
			a.WantRefusal(t, status, "PreconditionFailed")
		}
	})
}
