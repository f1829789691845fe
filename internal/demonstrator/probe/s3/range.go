package s3

import (
	"fmt"
	"net/http"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var rangeChecks = []probe.Check{
	{
		ID: "s3/range/first", Rule: "RFC 9110 section 14.2",
		Title: lang.T("Une plage depuis le début rend ces octets seuls", "A range from the start returns those bytes only"),
		Run:   with(func(t *probe.T, c *Cloud) { wantRange(t, c, "bytes=0-9", 0, 10) }),
	},
	{
		ID: "s3/range/middle", Rule: "RFC 9110 section 14.2",
		Title: lang.T("Une plage au milieu rend ces octets seuls", "A range in the middle returns those bytes only"),
		Run:   with(func(t *probe.T, c *Cloud) { wantRange(t, c, "bytes=10-19", 10, 10) }),
	},
	{
		ID: "s3/range/open", Rule: "RFC 9110 section 14.1.2",
		Title: lang.T("Une plage sans fin va jusqu'au dernier octet", "A range without an end goes to the last byte"),
		Run:   with(func(t *probe.T, c *Cloud) { wantRange(t, c, "bytes=1000-", 1000, 24) }),
	},
	{
		ID: "s3/range/suffix", Rule: "RFC 9110 section 14.1.2",
		Title: lang.T("Une plage de fin rend les derniers octets", "A suffix range returns the last bytes"),
		Run:   with(func(t *probe.T, c *Cloud) { wantRange(t, c, "bytes=-24", 1000, 24) }),
	},
	{
		ID: "s3/range/clipped", Rule: "RFC 9110 section 14.1.2",
		Title: lang.T("Une plage qui dépasse la fin s'arrête au dernier octet", "A range beyond the end stops at the last byte"),
		Run:   with(func(t *probe.T, c *Cloud) { wantRange(t, c, "bytes=1000-9999", 1000, 24) }),
	},
	{
		ID: "s3/range/one-byte", Rule: "RFC 9110 section 14.1.2",
		Title: lang.T("Une plage d'un octet rend cet octet", "A range of one byte returns that byte"),
		Run:   with(func(t *probe.T, c *Cloud) { wantRange(t, c, "bytes=1023-1023", 1023, 1) }),
	},
	{
		ID: "s3/range/long-suffix", Rule: "RFC 9110 section 14.1.2",
		Title: lang.T("Une plage de fin plus longue que l'objet le rend entier", "A suffix range longer than the object returns all of it"),
		Run:   with(func(t *probe.T, c *Cloud) { wantWhole(t, c, "bytes=-9999", http.StatusPartialContent) }),
	},
	{
		ID: "s3/range/unknown-unit", Rule: "RFC 9110 section 14.2",
		Title: lang.T("Une unité de plage inconnue est ignorée", "An unknown range unit is ignored"),
		Run:   with(func(t *probe.T, c *Cloud) { wantWhole(t, c, "lines=0-9", http.StatusOK) }),
	},
	{
		ID: "s3/range/reversed", Rule: "RFC 9110 section 14.2",
		Title: lang.T("Une plage à l'envers ne rend jamais une partie", "A reversed range never returns a part"),
		Run:   with(wantReversed),
	},
	{
		ID: "s3/range/headers", Rule: "RFC 9110 section 15.3.7",
		Title: lang.T("Une partie porte l'ETag, le type et les métadonnées de l'objet", "A part bears the ETag, type and metadata of the object"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			put := c.Put(t, bucket, "object", pattern(1, 1024), "Content-Type", "text/csv", "x-amz-meta-colour", "blue")
			c.Get(t, bucket, "object", "Range", "bytes=100-199").Want(t, http.StatusPartialContent).
				WantHeader(t, "ETag", put.Header.Get("ETag")).
				WantHeader(t, "Content-Type", "text/csv").
				WantHeader(t, "X-Amz-Meta-Colour", "blue")
		}),
	},
	{
		ID: "s3/range/unsatisfiable", Rule: "RFC 9110 section 15.5.17",
		Title: lang.T("Une plage hors de l'objet est refusée", "A range outside the object is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Put(t, bucket, "object", pattern(1, 1024))
			c.Get(t, bucket, "object", "Range", "bytes=5000-5010").
				WantRefusal(t, http.StatusRequestedRangeNotSatisfiable, "InvalidRange")
		}),
	},
}

// wantRange reads a part of an object of 1,024 bytes and wants n bytes from first.
func wantRange(t *probe.T, c *Cloud, spec string, first, n int) {
	bucket, body := c.Bucket(t), pattern(1, 1024)
	c.Put(t, bucket, "object", body)
	a := c.Get(t, bucket, "object", "Range", spec)
	if a.Status != http.StatusPartialContent || len(a.Body) != n {
		t.Fail(a.Did, a.Got(), fmt.Sprintf("206 with %d bytes", n))
	}
	a.WantBody(t, body[first:first+n])
	a.WantHeader(t, "Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, first+n-1, len(body)))
}

// wantWhole reads an object of 1,024 bytes and wants all of it. A server may
// ignore a Range header, so 200 is right even where 206 is expected.
func wantWhole(t *probe.T, c *Cloud, spec string, status int) {
	bucket, body := c.Bucket(t), pattern(1, 1024)
	c.Put(t, bucket, "object", body)
	a := c.Get(t, bucket, "object", "Range", spec).Want(t, status, http.StatusOK).WantBody(t, body)
	if a.Status == http.StatusPartialContent {
		a.WantHeader(t, "Content-Range", "bytes 0-1023/1024")
	}
}

// wantReversed sends an invalid range, which a server may ignore or refuse.
func wantReversed(t *probe.T, c *Cloud) {
	bucket, body := c.Bucket(t), pattern(1, 1024)
	c.Put(t, bucket, "object", body)
	a := c.Get(t, bucket, "object", "Range", "bytes=20-10")
	switch a.Status {
	case http.StatusOK:
		a.WantBody(t, body)
	case http.StatusBadRequest:
		a.WantRefusal(t, http.StatusBadRequest, "InvalidArgument", "InvalidRange")
	default:
		a.WantRefusal(t, http.StatusRequestedRangeNotSatisfiable, "InvalidRange")
	}
}
