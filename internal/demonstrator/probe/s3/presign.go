package s3

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// presignLimit is how long a presigned URL may be valid: seven days.
const presignLimit = 7 * 24 * time.Hour

var presignChecks = []probe.Check{
	{
		ID: "s3/presign/get", Rule: "AWS SigV4, query parameters",
		Title: lang.T("Une adresse présignée donne l'objet à qui n'a pas de clé", "A presigned URL gives the object to whoever has no key"),
		Run:   with(presignedGet),
	},
	{
		ID: "s3/presign/head", Rule: "AWS SigV4, query parameters",
		Title: lang.T("Une adresse présignée pour HEAD donne les en-têtes de l'objet", "A URL presigned for HEAD gives the object's headers"),
		Run: with(func(t *probe.T, c *Cloud) {
			r := storedForLink(t, c, http.MethodHead)
			c.Fetch(t, http.MethodHead, c.link(t, r), nil).Want(t, http.StatusOK).WantHeader(t, "Content-Length", "1024")
		}),
	},
	{
		ID: "s3/presign/put", Rule: "AWS SigV4, query parameters",
		Title: lang.T("Une adresse présignée laisse déposer un objet à qui n'a pas de clé", "A presigned URL lets whoever has no key upload an object"),
		Run:   with(presignedPut),
	},
	{
		ID: "s3/presign/delete", Rule: "AWS SigV4, query parameters",
		Title: lang.T("Une adresse présignée laisse supprimer l'objet", "A presigned URL lets the object be deleted"),
		Run: with(func(t *probe.T, c *Cloud) {
			r := storedForLink(t, c, http.MethodDelete)
			c.Fetch(t, http.MethodDelete, c.link(t, r), nil).Want(t, http.StatusNoContent, http.StatusOK)
			c.Get(t, r.Bucket, r.Key).WantRefusal(t, http.StatusNotFound, "NoSuchKey")
		}),
	},
	{
		ID: "s3/presign/response-headers", Rule: "S3 API, GetObject",
		Title: lang.T("Une adresse présignée fixe le type et le nom du fichier rendu", "A presigned URL sets the type and the name of the file returned"),
		Run: with(func(t *probe.T, c *Cloud) {
			r := storedForLink(t, c, http.MethodGet)
			r.Query = "response-content-disposition=attachment%3B%20filename%3D%22report.csv%22&response-content-type=text%2Fcsv"
			c.Fetch(t, http.MethodGet, c.link(t, r), nil).Want(t, http.StatusOK).
				WantHeader(t, "Content-Type", "text/csv").
				WantHeader(t, "Content-Disposition", `attachment; filename="report.csv"`)
		}),
	},
	{
		ID: "s3/presign/expired", Rule: "AWS SigV4, X-Amz-Expires",
		Title: lang.T("Une adresse présignée échue est refusée", "An expired presigned URL is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			r := storedForLink(t, c, http.MethodGet)
			late := c.Presign(t, r, t.Now().Add(-time.Hour), 10*time.Minute)
			c.Fetch(t, http.MethodGet, late, nil).but("that expired").WantRefusal(t, http.StatusForbidden, "AccessDenied")
		}),
	},
	{
		ID: "s3/presign/too-long", Rule: "AWS SigV4, X-Amz-Expires",
		Title: lang.T("Une adresse présignée pour plus de sept jours est refusée", "A URL presigned for more than seven days is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			r := storedForLink(t, c, http.MethodGet)
			c.Fetch(t, http.MethodGet, c.Presign(t, r, t.Now(), presignLimit), nil).but("for seven days").Want(t, http.StatusOK)
			c.Fetch(t, http.MethodGet, c.Presign(t, r, t.Now(), presignLimit+time.Second), nil).but("for seven days and a second").
				WantRefusal(t, http.StatusBadRequest, "AuthorizationQueryParametersError")
		}),
	},
	{
		ID: "s3/presign/longer", Rule: "AWS SigV4, canonical request",
		Title: lang.T("Qui allonge la durée d'une adresse présignée est refusé", "Whoever extends a presigned URL is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadLink(t, c, "with a longer X-Amz-Expires", func(u *url.URL, query url.Values) {
				query.Set("X-Amz-Expires", "86400")
			}, http.StatusForbidden, "SignatureDoesNotMatch")
		}),
	},
	{
		ID: "s3/presign/other-key", Rule: "AWS SigV4, canonical request",
		Title: lang.T("Une adresse présignée ne vaut pas pour une autre clé", "A presigned URL does not serve for another key"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadLink(t, c, "with another key", func(u *url.URL, _ url.Values) {
				u.Path = strings.TrimSuffix(u.Path, "object") + "secret"
			}, http.StatusForbidden, "SignatureDoesNotMatch")
		}),
	},
	{
		ID: "s3/presign/other-method", Rule: "AWS SigV4, canonical request",
		Title: lang.T("Une adresse présignée pour lire ne permet ni d'écrire ni de supprimer", "A URL presigned for reading neither writes nor deletes"),
		Run:   with(presignedOtherMethod),
	},
	{
		ID: "s3/presign/unknown-key", Rule: "S3 API, error responses",
		Title: lang.T("Une adresse présignée avec une clé d'accès inconnue est refusée", "A URL presigned with an unknown access key is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadLink(t, c, "with an unknown access key", func(_ *url.URL, query url.Values) {
				query.Set("X-Amz-Credential", strings.Replace(query.Get("X-Amz-Credential"), c.key(mainAccount), unknownKey, 1))
			}, http.StatusForbidden, "InvalidAccessKeyId")
		}),
	},
	{
		ID: "s3/presign/incomplete", Rule: "AWS SigV4, query parameters",
		Title: lang.T("Une adresse présignée sans date est refusée", "A presigned URL without a date is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadLink(t, c, "without X-Amz-Date", func(_ *url.URL, query url.Values) {
				query.Del("X-Amz-Date")
			}, http.StatusBadRequest, "AuthorizationQueryParametersError")
		}),
	},
	{
		ID: "s3/presign/signed-header", Rule: "AWS SigV4, X-Amz-SignedHeaders",
		Title: lang.T("Une adresse présignée pour un type de contenu n'en accepte pas d'autre", "A URL presigned for a content type accepts no other"),
		Run:   with(presignedHeader),
	},
}

// storedForLink stores an object of 1,024 bytes and returns a request for it.
func storedForLink(t *probe.T, c *Cloud, method string) Request {
	r := Request{Method: method, Bucket: c.Bucket(t), Key: "object"}
	c.Put(t, r.Bucket, r.Key, pattern(1, 1024))
	return r
}

// link presigns a request for ten minutes.
func (c *Cloud) link(t *probe.T, r Request) string { return c.Presign(t, r, t.Now(), 10*time.Minute) }

// wantBadLink spoils a URL, presigned for GET, that is right otherwise, and wants it refused.
func wantBadLink(t *probe.T, c *Cloud, note string, spoil func(*url.URL, url.Values), status int, codes ...string) {
	r := storedForLink(t, c, http.MethodGet)
	c.Put(t, r.Bucket, "secret", pattern(2, 1024))
	u, err := url.Parse(c.link(t, r))
	if err != nil {
		t.Bug(err)
	}
	query := u.Query()
	spoil(u, query)
	u.RawQuery = query.Encode()
	c.Fetch(t, r.Method, u.String(), nil).but(note).WantRefusal(t, status, codes...)
}

func presignedGet(t *probe.T, c *Cloud) {
	r := storedForLink(t, c, http.MethodGet)
	signed, err := s3.NewPresignClient(c.AWS()).PresignGetObject(t.Context(),
		&s3.GetObjectInput{Bucket: &r.Bucket, Key: &r.Key}, s3.WithPresignExpires(10*time.Minute))
	if err != nil {
		t.Bug(err)
	}
	var header []string
	for name, values := range signed.SignedHeader {
		if name != "Host" {
			header = append(header, name, strings.Join(values, ","))
		}
	}
	c.Fetch(t, signed.Method, signed.URL, nil, header...).Want(t, http.StatusOK).WantBody(t, pattern(1, 1024))
}

func presignedPut(t *probe.T, c *Cloud) {
	bucket, body := c.Bucket(t), pattern(1, 1024)
	signed, err := c.Minio().PresignedPutObject(t.Context(), bucket, "object", 10*time.Minute)
	if err != nil {
		t.Bug(err)
	}
	c.Fetch(t, http.MethodPut, signed.String(), body).Want(t, http.StatusOK)
	c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, body)
}

func presignedOtherMethod(t *probe.T, c *Cloud) {
	r := storedForLink(t, c, http.MethodGet)
	reading := c.link(t, r)
	c.Fetch(t, http.MethodPut, reading, pattern(2, 1024)).but("for GET").WantRefusal(t, http.StatusForbidden, "SignatureDoesNotMatch")
	c.Fetch(t, http.MethodDelete, reading, nil).but("for GET").WantRefusal(t, http.StatusForbidden, "SignatureDoesNotMatch")
	c.Get(t, r.Bucket, r.Key).but("after the refusal").Want(t, http.StatusOK).WantBody(t, pattern(1, 1024))
}

func presignedHeader(t *probe.T, c *Cloud) {
	r := Request{Method: http.MethodPut, Bucket: c.Bucket(t), Key: "object", Header: []string{"Content-Type", "image/png"}}
	link, body := c.link(t, r), pattern(1, 1024)
	c.Fetch(t, http.MethodPut, link, body, "Content-Type", "text/html").but("for image/png with text/html").
		WantRefusal(t, http.StatusForbidden, "SignatureDoesNotMatch")
	wantAbsent(t, c, r.Bucket, r.Key)
	c.Fetch(t, http.MethodPut, link, body, "Content-Type", "image/png").Want(t, http.StatusOK)
	c.Head(t, r.Bucket, r.Key).Want(t, http.StatusOK).WantHeader(t, "Content-Type", "image/png")
}
