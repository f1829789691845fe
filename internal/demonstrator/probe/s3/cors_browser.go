package s3

import (
	"net/http"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// The headers of an answer to a browser.
const (
	allowOrigin   = "Access-Control-Allow-Origin"
	allowMethods  = "Access-Control-Allow-Methods"
	allowHeaders  = "Access-Control-Allow-Headers"
	exposeHeaders = "Access-Control-Expose-Headers"
	maxAge        = "Access-Control-Max-Age"
)

// preflightChecks ask as a browser does before a request to another origin.
var preflightChecks = []probe.Check{
	{
		ID: "s3/cors/preflight", Rule: "S3 API, CORS preflight", Features: []string{cors},
		Title: lang.T("Le navigateur d'une origine permise reçoit l'accord", "The browser of an allowed origin is told yes"),
		Run: with(func(t *probe.T, c *Cloud) {
			a := c.Settled(t, preflight(shopBucket(t, c), shop, "PUT", ""), http.StatusOK, http.StatusNoContent).
				Want(t, http.StatusOK, http.StatusNoContent).WantHeader(t, allowOrigin, shop)
			wantNamed(t, a, allowMethods, "PUT")
		}),
	},
	{
		ID: "s3/cors/preflight-headers", Rule: "S3 API, CORS preflight", Features: []string{cors},
		Title: lang.T("Les en-têtes permis sont annoncés, jokers compris", "The allowed headers are announced, wildcards included"),
		Run: with(func(t *probe.T, c *Cloud) {
			a := c.Settled(t, preflight(shopBucket(t, c), shop, "PUT", "content-type,x-amz-meta-color"), http.StatusOK, http.StatusNoContent).
				Want(t, http.StatusOK, http.StatusNoContent)
			wantNamed(t, a, allowHeaders, "content-type", "x-amz-meta-color")
		}),
	},
	{
		ID: "s3/cors/preflight-max-age", Rule: "S3 API, CORS preflight", Features: []string{cors},
		Title: lang.T("La durée de l'accord est annoncée", "How long the answer holds is announced"),
		Run: with(func(t *probe.T, c *Cloud) {
			c.Settled(t, preflight(shopBucket(t, c), shop, "PUT", ""), http.StatusOK, http.StatusNoContent).
				Want(t, http.StatusOK, http.StatusNoContent).WantHeader(t, maxAge, "1800")
		}),
	},
	{
		ID: "s3/cors/preflight-second-rule", Rule: "S3 API, CORS preflight", Features: []string{cors},
		Title: lang.T("La première règle qui convient est suivie, jokers d'origine compris", "The first rule that fits is followed, wildcards of origins included"),
		Run: with(func(t *probe.T, c *Cloud) {
			a := c.Settled(t, preflight(shopBucket(t, c), partner, "GET", ""), http.StatusOK, http.StatusNoContent).
				Want(t, http.StatusOK, http.StatusNoContent).WantHeader(t, allowOrigin, partner)
			wantNamed(t, a, allowMethods, "GET")
		}),
	},
	{
		ID: "s3/cors/preflight-origin", Rule: "S3 API, CORS preflight", Features: []string{cors},
		Title: lang.T("Le navigateur d'une autre origine est refusé", "The browser of another origin is refused"),
		Run:   with(func(t *probe.T, c *Cloud) { wantNoPreflight(t, c, thief, "GET", "") }),
	},
	{
		ID: "s3/cors/preflight-method", Rule: "S3 API, CORS preflight", Features: []string{cors},
		Title: lang.T("Une méthode qui n'est pas permise est refusée au navigateur", "A method that is not allowed is refused to the browser"),
		Run:   with(func(t *probe.T, c *Cloud) { wantNoPreflight(t, c, shop, "DELETE", "") }),
	},
	{
		ID: "s3/cors/preflight-header", Rule: "S3 API, CORS preflight", Features: []string{cors},
		Title: lang.T("Un en-tête qui n'est pas permis est refusé au navigateur", "A header that is not allowed is refused to the browser"),
		Run:   with(func(t *probe.T, c *Cloud) { wantNoPreflight(t, c, shop, "PUT", "x-shop-token") }),
	},
	{
		ID: "s3/cors/preflight-unset", Rule: "S3 API, CORS preflight", Features: []string{cors},
		Title: lang.T("Sans configuration CORS, tout navigateur est refusé", "Without a CORS configuration, every browser is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			refusePreflight(t, c.Do(t, preflight(c.Bucket(t), shop, "GET", "")))
		}),
	},
}

// corsRequestChecks make the request itself, with the header Origin.
var corsRequestChecks = []probe.Check{
	{
		ID: "s3/cors/request", Rule: "S3 API, CORS", Features: []string{cors},
		Title: lang.T("La réponse à une origine permise la nomme, et dit qu'elle en dépend", "The answer to an allowed origin names it, and says that it depends on it"),
		Run: with(func(t *probe.T, c *Cloud) {
			a := fromOrigin(t, c, shopBucket(t, c), shop).WantHeader(t, allowOrigin, shop)
			wantNamed(t, a, "Vary", "Origin")
		}),
	},
	{
		ID: "s3/cors/request-exposed", Rule: "S3 API, CORS", Features: []string{cors},
		Title: lang.T("Les en-têtes que le navigateur peut lire sont annoncés", "The headers that the browser may read are announced"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantNamed(t, fromOrigin(t, c, shopBucket(t, c), shop), exposeHeaders, "ETag", "x-amz-request-id")
		}),
	},
	{
		ID: "s3/cors/request-any-origin", Rule: "S3 API, CORS", Features: []string{cors},
		Title: lang.T("L'origine * laisse lire depuis toute origine", "The origin * lets any origin read"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Put(t, bucket, "object", pattern(1, 1024))
			c.PutDocument(t, bucket, "", "cors", corsRule("<AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>")).Want(t, http.StatusOK)
			a := fromOrigin(t, c, bucket, thief)
			got := a.Header.Get(allowOrigin)
			t.Want(got == "*" || got == thief, a.Did, allowOrigin+" "+got, allowOrigin+" *")
		}),
	},
	{
		ID: "s3/cors/request-other-origin", Rule: "S3 API, CORS", Features: []string{cors},
		Title: lang.T("La réponse à une autre origine n'en permet aucune", "The answer to another origin allows none"),
		Run: with(func(t *probe.T, c *Cloud) {
			fromOrigin(t, c, shopBucket(t, c), thief).WantHeader(t, allowOrigin, "")
		}),
	},
	{
		ID: "s3/cors/request-no-origin", Rule: "S3 API, CORS", Features: []string{cors},
		Title: lang.T("La réponse à un client qui n'est pas un navigateur ne parle pas de CORS", "The answer to a client that is not a browser does not speak of CORS"),
		Run: with(func(t *probe.T, c *Cloud) {
			c.Get(t, shopBucket(t, c), "object").Want(t, http.StatusOK).WantHeader(t, allowOrigin, "")
		}),
	},
}

// preflight is what a browser asks before a request with some method and headers.
func preflight(bucket, origin, method, headers string) Request {
	r := Request{
		Method: http.MethodOptions, Bucket: bucket, Key: "object", As: anonymous,
		Header: []string{"Origin", origin, "Access-Control-Request-Method", method},
	}
	if headers != "" {
		r.Header = append(r.Header, "Access-Control-Request-Headers", headers)
	}
	return r
}

// wantNoPreflight wants a browser refused by a bucket with corsRules.
func wantNoPreflight(t *probe.T, c *Cloud, origin, method, headers string) {
	bucket := shopBucket(t, c)
	c.Settled(t, preflight(bucket, shop, "GET", ""), http.StatusOK, http.StatusNoContent).Want(t, http.StatusOK, http.StatusNoContent)
	refusePreflight(t, c.Do(t, preflight(bucket, origin, method, headers)))
}

func refusePreflight(t *probe.T, a Answer) {
	a.WantRefusal(t, http.StatusForbidden, "AccessForbidden", "AccessDenied").WantHeader(t, allowOrigin, "")
}

// fromOrigin reads the object as a page of some origin does.
func fromOrigin(t *probe.T, c *Cloud, bucket, origin string) Answer {
	return c.Get(t, bucket, "object", "Origin", origin).Want(t, http.StatusOK).WantBody(t, pattern(1, 1024))
}

// wantNamed wants names in a header that is a list, whatever their case.
func wantNamed(t *probe.T, a Answer, header string, names ...string) {
	list := strings.Join(a.Header.Values(header), ",")
	for _, name := range names {
		found := false
		for item := range strings.SplitSeq(list, ",") {
			found = found || strings.EqualFold(strings.TrimSpace(item), name)
		}
		t.Want(found, a.Did, header+" "+list, header+" with "+name)
	}
}
