package s3

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// signatureChecks forge one thing in a request that is right otherwise.
var signatureChecks = []probe.Check{
	{
		ID: "s3/auth/bad-signature", Rule: "AWS SigV4, signature calculation",
		Title: lang.T("Une signature altérée est refusée", "An altered signature is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantForged(t, c, Request{Edit: editAuthorization(alterSignature)},
				"with its signature altered", http.StatusForbidden, "SignatureDoesNotMatch")
		}),
	},
	{
		ID: "s3/auth/unknown-key", Rule: "S3 API, error responses",
		Title: lang.T("Une clé d'accès inconnue est refusée", "An unknown access key is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantForged(t, c, Request{Edit: editAuthorization(func(s string) string {
				return strings.ReplaceAll(s, c.key(mainAccount), unknownKey)
			})}, "with an unknown access key", http.StatusForbidden, "InvalidAccessKeyId")
		}),
	},
	{
		ID: "s3/auth/clock-late", Rule: "S3 API, error responses",
		Title: lang.T("Une requête signée il y a vingt minutes est refusée", "A request signed twenty minutes ago is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantForged(t, c, Request{At: t.Now().Add(-20 * time.Minute)},
				"signed twenty minutes ago", http.StatusForbidden, "RequestTimeTooSkewed")
		}),
	},
	{
		ID: "s3/auth/clock-early", Rule: "S3 API, error responses",
		Title: lang.T("Une requête signée vingt minutes trop tôt est refusée", "A request signed twenty minutes ahead is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantForged(t, c, Request{At: t.Now().Add(20 * time.Minute)},
				"signed twenty minutes ahead", http.StatusForbidden, "RequestTimeTooSkewed")
		}),
	},
	{
		ID: "s3/auth/wrong-region", Rule: "AWS SigV4, credential scope",
		Title: lang.T("Une signature faite pour une autre région est refusée", "A signature made for another region is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantForged(t, c, Request{Edit: c.signFor(t, "s3", "elsewhere-1")},
				"signed for region elsewhere-1", http.StatusBadRequest, "AuthorizationHeaderMalformed")
		}),
	},
	{
		ID: "s3/auth/wrong-service", Rule: "AWS SigV4, credential scope",
		Title: lang.T("Une signature faite pour un autre service est refusée", "A signature made for another service is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantForged(t, c, Request{Edit: c.signFor(t, "iam", c.region)},
				"signed for service iam", http.StatusBadRequest, "AuthorizationHeaderMalformed")
		}),
	},
	{
		ID: "s3/auth/missing-date", Rule: "AWS SigV4, x-amz-date",
		Title: lang.T("Une requête signée sans date est refusée", "A signed request without a date is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantForged(t, c, Request{Edit: func(r *http.Request) { r.Header.Del("X-Amz-Date") }},
				"without its date", http.StatusForbidden, "AccessDenied", "SignatureDoesNotMatch")
		}),
	},
	{
		ID: "s3/auth/incomplete-authorization", Rule: "AWS SigV4, Authorization header",
		Title: lang.T("Un en-tête Authorization sans signature est refusé", "An Authorization header without a signature is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantForged(t, c, Request{Edit: editAuthorization(func(s string) string {
				before, _, _ := strings.Cut(s, ", Signature=")
				return before
			})}, "with half an Authorization", http.StatusBadRequest, "AuthorizationHeaderMalformed")
		}),
	},
	{
		ID: "s3/auth/unknown-scheme", Rule: "AWS SigV4, Authorization header",
		Title: lang.T("Un mode d'authentification inconnu est refusé", "An unknown authentication scheme is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantForged(t, c, Request{Edit: editAuthorization(func(string) string { return "Bearer nothing" })},
				"with Authorization Bearer", http.StatusBadRequest, "InvalidArgument", "InvalidRequest", "AuthorizationHeaderMalformed")
		}),
	},
	{
		ID: "s3/auth/tampered-header", Rule: "AWS SigV4, canonical request",
		Title: lang.T("Un en-tête changé après la signature est refusé", "A header changed after signing is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantForged(t, c, Request{
				Header: []string{"X-Amz-Meta-Amount", "10"},
				Edit:   func(r *http.Request) { r.Header.Set("X-Amz-Meta-Amount", "1000") },
			}, "changed after signing", http.StatusForbidden, "SignatureDoesNotMatch")
		}),
	},
	{
		ID: "s3/auth/unsigned-header", Rule: "AWS SigV4, canonical headers",
		Title: lang.T("Un en-tête x-amz-* ajouté après la signature est refusé", "An x-amz-* header added after signing is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantForged(t, c, Request{Edit: func(r *http.Request) { r.Header.Set("X-Amz-Meta-Amount", "1000") }},
				"with x-amz-meta-amount added after signing", http.StatusForbidden, "AccessDenied", "SignatureDoesNotMatch")
		}),
	},
	{
		ID: "s3/auth/tampered-query", Rule: "AWS SigV4, canonical request",
		Title: lang.T("Un paramètre ajouté après la signature est refusé", "A parameter added after signing is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantForged(t, c, Request{Edit: func(r *http.Request) { r.URL.RawQuery = "x-id=PutObject" }},
				"with a parameter added after signing", http.StatusForbidden, "SignatureDoesNotMatch")
		}),
	},
	{
		ID: "s3/auth/tampered-path", Rule: "AWS SigV4, canonical request",
		Title: lang.T("Une clé changée après la signature est refusée", "A key changed after signing is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantForged(t, c, Request{Key: "agreed", Edit: func(r *http.Request) {
				r.URL.Path, r.URL.RawPath = strings.TrimSuffix(r.URL.Path, "agreed")+"object", ""
			}}, "with its key changed after signing", http.StatusForbidden, "SignatureDoesNotMatch")
		}),
	},
	{
		ID: "s3/auth/payload-mismatch", Rule: "AWS SigV4, x-amz-content-sha256",
		Title: lang.T("Un contenu autre que celui qui est signé est refusé", "A body other than the signed one is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			sum := sha256.Sum256([]byte("the agreed body"))
			wantForged(t, c, Request{Payload: hex.EncodeToString(sum[:])},
				"with the digest of another body", http.StatusBadRequest, "XAmzContentSHA256Mismatch")
		}),
	},
	{
		ID: "s3/auth/unsigned-payload", Rule: "AWS SigV4, UNSIGNED-PAYLOAD",
		Title: lang.T("Un contenu laissé hors de la signature est accepté", "A body left out of the signature is accepted"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantAccepted(t, c, Request{Payload: unsignedPayload})
		}),
	},
	{
		ID: "s3/auth/canonical-request", Rule: "AWS SigV4, canonical request",
		Title: lang.T("Espaces, ordre et encodage ne trompent pas le calcul de la signature", "Spaces, order and encoding do not mislead the calculation of the signature"),
		Run: with(func(t *probe.T, c *Cloud) {
			const query = "x-id=PutObject&note=%C3%A9t%C3%A9%2F%20%2B%7E&empty="
			wantAccepted(t, c, Request{
				Query:  query,
				Header: []string{"X-Amz-Meta-Words", "  one   two  ", "X-Amz-Meta-Zone", "a", "X-Amz-Meta-Area", "b"},
				Edit:   func(r *http.Request) { r.URL.RawQuery = query }, // signing has sorted it
			})
		}),
	},
}

// wantForged makes a PUT with something wrong in it, and wants it refused and
// nothing stored.
func wantForged(t *probe.T, c *Cloud, r Request, note string, status int, codes ...string) {
	r.Method, r.Bucket, r.Body = http.MethodPut, c.Bucket(t), pattern(1, 1024)
	if r.Key == "" {
		r.Key = "object"
	}
	c.Do(t, r).but(note).WantRefusal(t, status, codes...)
	wantAbsent(t, c, r.Bucket, "object")
}

// wantAccepted makes a PUT and wants its bytes back.
func wantAccepted(t *probe.T, c *Cloud, r Request) {
	r.Method, r.Bucket, r.Key, r.Body = http.MethodPut, c.Bucket(t), "object", pattern(1, 1024)
	a := c.Do(t, r)
	if r.Payload != "" {
		a = a.but("with x-amz-content-sha256 " + r.Payload)
	}
	a.Want(t, http.StatusOK)
	c.Get(t, r.Bucket, "object").Want(t, http.StatusOK).WantBody(t, r.Body)
}

// unknownKey has the form of an access key, and nobody has it.
const unknownKey = "AKIAALOINOBODYHASIT0"

// editAuthorization changes the Authorization header of a signed request.
func editAuthorization(edit func(string) string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", edit(r.Header.Get("Authorization"))) }
}

// alterSignature changes the last digit of the signature that ends a text.
func alterSignature(s string) string {
	last := "0"
	if strings.HasSuffix(s, last) {
		last = "1"
	}
	return s[:len(s)-1] + last
}

// signFor signs a request again, for a service and a region of the check's choice.
func (c *Cloud) signFor(t *probe.T, service, region string) func(*http.Request) {
	return func(r *http.Request) {
		err := c.signer.SignHTTP(t.Context(), c.credentials(mainAccount), r, r.Header.Get("X-Amz-Content-Sha256"), service, region, t.Now())
		if err != nil {
			t.Bug(err)
		}
	}
}
