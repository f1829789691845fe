package s3

import (
	"net/http"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// policyEffectChecks let strangers in by a policy, and ask what it lets them do.
var policyEffectChecks = []probe.Check{
	{
		ID: "s3/policy/anonymous-read", Rule: "S3 API, bucket policies", Features: []string{policy},
		Title: lang.T("Un objet ouvert à tous est lu sans signature", "An object open to all is read without a signature"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := twoObjects(t, c)
			c.SetPolicy(t, bucket, allow(everyone, "s3:GetObject", bucket, "*"))
			c.Settled(t, visit(http.MethodGet, bucket, "open/object"), http.StatusOK).but(stranger(anonymous)).
				Want(t, http.StatusOK).WantBody(t, pattern(1, 1024))
		}),
	},
	{
		ID: "s3/policy/anonymous-list", Rule: "S3 API, bucket policies", Features: []string{policy},
		Title: lang.T("Qui peut lister un seau ne lit pas pour autant ses objets", "Whoever may list a bucket may not read its objects for all that"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := twoObjects(t, c)
			c.SetPolicy(t, bucket, allow(everyone, "s3:ListBucket", bucket, ""))
			wantSeen(t, c, bucket, "open/object", "secret/object")
			c.Do(t, visit(http.MethodGet, bucket, "open/object")).but(stranger(anonymous)).
				WantRefusal(t, http.StatusForbidden, "AccessDenied")
		}),
	},
	{
		ID: "s3/policy/action", Rule: "S3 API, bucket policies", Features: []string{policy},
		Title: lang.T("Qui peut lire un objet ne peut ni l'écrire ni le supprimer", "Whoever may read an object may neither write nor delete it"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := twoObjects(t, c)
			c.SetPolicy(t, bucket, allow(everyone, "s3:GetObject", bucket, "*"))
			c.Settled(t, visit(http.MethodGet, bucket, "open/object"), http.StatusOK).Want(t, http.StatusOK)
			put := visit(http.MethodPut, bucket, "open/object")
			put.Body = []byte("intruder")
			c.Do(t, put).but(stranger(anonymous)).WantRefusal(t, http.StatusForbidden, "AccessDenied")
			c.Do(t, visit(http.MethodDelete, bucket, "open/object")).but(stranger(anonymous)).WantRefusal(t, http.StatusForbidden, "AccessDenied")
			c.Get(t, bucket, "open/object").but("after the refusal").Want(t, http.StatusOK).WantBody(t, pattern(1, 1024))
		}),
	},
	{
		ID: "s3/policy/prefix", Rule: "S3 API, bucket policies", Features: []string{policy},
		Title: lang.T("Une règle sur un préfixe n'ouvre pas le reste du seau", "A policy on a prefix does not open the rest of the bucket"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := twoObjects(t, c)
			c.SetPolicy(t, bucket, allow(everyone, "s3:GetObject", bucket, "open/*"))
			wantOpenOnly(t, c, bucket)
		}),
	},
	{
		ID: "s3/policy/deny", Rule: "S3 API, policy evaluation", Features: []string{policy},
		Title: lang.T("Un refus explicite l'emporte sur une autorisation", "An explicit denial prevails over a permission"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := twoObjects(t, c)
			c.SetPolicy(t, bucket, allow(everyone, "s3:GetObject", bucket, "*"), deny(everyone, "s3:GetObject", bucket, "secret/*"))
			wantOpenOnly(t, c, bucket)
		}),
	},
	{
		ID: "s3/policy/deny-owner", Rule: "S3 API, policy evaluation", Features: []string{policy},
		Title: lang.T("Un refus explicite vaut aussi pour le propriétaire", "An explicit denial holds for the owner too"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := twoObjects(t, c)
			c.SetPolicy(t, bucket, deny(everyone, "s3:GetObject", bucket, "secret/*"))
			c.Settled(t, Request{Method: http.MethodGet, Bucket: bucket, Key: "secret/object"}, http.StatusForbidden).
				WantRefusal(t, http.StatusForbidden, "AccessDenied")
			c.Get(t, bucket, "open/object").Want(t, http.StatusOK).WantBody(t, pattern(1, 1024))
		}),
	},
	{
		ID: "s3/policy/condition", Rule: "S3 API, policy condition keys", Features: []string{policy},
		Title: lang.T("La condition d'une règle est respectée", "The condition of a policy is respected"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := twoObjects(t, c)
			rule := allow(everyone, "s3:ListBucket", bucket, "")
			rule.Condition = map[string]any{"StringEquals": map[string]string{"s3:prefix": "open/"}}
			c.SetPolicy(t, bucket, rule)
			c.Settled(t, look(bucket, "open%2F"), http.StatusOK).but(stranger(anonymous)).Want(t, http.StatusOK)
			c.Do(t, look(bucket, "secret%2F")).but(stranger(anonymous)).WantRefusal(t, http.StatusForbidden, "AccessDenied")
		}),
	},
	{
		ID: "s3/policy/revoked", Rule: "S3 API, DeleteBucketPolicy", Features: []string{policy},
		Title: lang.T("Une règle supprimée n'ouvre plus rien", "A deleted policy opens nothing any more"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := twoObjects(t, c)
			get := visit(http.MethodGet, bucket, "open/object")
			c.SetPolicy(t, bucket, allow(everyone, "s3:GetObject", bucket, "*"))
			c.Settled(t, get, http.StatusOK).Want(t, http.StatusOK)
			c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket, Query: "policy"}).Want(t, http.StatusNoContent, http.StatusOK)
			c.Settled(t, get, http.StatusForbidden).but("after the policy was deleted").WantRefusal(t, http.StatusForbidden, "AccessDenied")
		}),
	},
	{
		ID: "s3/policy/owner", Rule: "S3 API, policy evaluation", Features: []string{policy},
		Title: lang.T("Une règle qui ouvre le seau à d'autres ne le ferme pas au propriétaire", "A policy that opens the bucket to others does not close it to its owner"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := twoObjects(t, c)
			c.SetPolicy(t, bucket, allow(everyone, "s3:GetObject", bucket, "open/*"))
			c.Settled(t, visit(http.MethodGet, bucket, "open/object"), http.StatusOK).Want(t, http.StatusOK)
			c.Get(t, bucket, "secret/object").but("by the owner").Want(t, http.StatusOK).WantBody(t, pattern(2, 1024))
			c.Put(t, bucket, "secret/object", pattern(3, 1024))
			c.Get(t, bucket, "secret/object").but("by the owner").Want(t, http.StatusOK).WantBody(t, pattern(3, 1024))
		}),
	},
}

// policyAccountChecks let the second account in by a policy.
var policyAccountChecks = []probe.Check{
	{
		ID: "s3/policy/account-read", Rule: "S3 API, bucket policies", Features: []string{policy, secondAccount},
		Title: lang.T("Un seau ouvert à un autre compte ne l'est qu'à lui", "A bucket open to another account is open to it only"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := twoObjects(t, c)
			get := Request{Method: http.MethodGet, Bucket: bucket, Key: "open/object", As: otherAccount}
			c.Do(t, get).but(stranger(otherAccount)).WantRefusal(t, http.StatusForbidden, "AccessDenied")
			c.SetPolicy(t, bucket, allow(c.otherPrincipal(t), "s3:GetObject", bucket, "*"))
			c.Settled(t, get, http.StatusOK).but(stranger(otherAccount)).Want(t, http.StatusOK).WantBody(t, pattern(1, 1024))
			c.Do(t, visit(http.MethodGet, bucket, "open/object")).but(stranger(anonymous)).WantRefusal(t, http.StatusForbidden, "AccessDenied")
		}),
	},
	{
		ID: "s3/policy/account-write", Rule: "S3 API, bucket policies", Features: []string{policy, secondAccount},
		Title: lang.T("Un compte invité dépose sous son préfixe, et pas ailleurs", "A guest account uploads under its prefix, and nowhere else"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(3, 1024)
			c.SetPolicy(t, bucket, allow(c.otherPrincipal(t), "s3:PutObject", bucket, "inbox/*"))
			put := Request{Method: http.MethodPut, Bucket: bucket, Key: "inbox/object", Body: body, As: otherAccount}
			c.Settled(t, put, http.StatusOK).but(stranger(otherAccount)).Want(t, http.StatusOK)
			c.Get(t, bucket, "inbox/object").Want(t, http.StatusOK).WantBody(t, body)
			put.Key = "object"
			c.Do(t, put).but(stranger(otherAccount)).WantRefusal(t, http.StatusForbidden, "AccessDenied")
			wantAbsent(t, c, bucket, "object")
		}),
	},
	{
		ID: "s3/policy/set-by-other", Rule: "S3 API, PutBucketPolicy", Features: []string{policy, secondAccount},
		Title: lang.T("Un autre compte ne change pas la règle d'un seau", "Another account does not change a bucket's policy"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			doc := policyOf(t, allow(everyone, "s3:GetObject", bucket, "*"))
			c.Do(t, Request{
				Method: http.MethodPut, Bucket: bucket, Query: "policy", As: otherAccount, Body: []byte(doc),
				Header: []string{"Content-Md5", md5Of([]byte(doc))},
			}).but(stranger(otherAccount)).WantRefusal(t, http.StatusForbidden, "AccessDenied")
			c.Document(t, bucket, "", "policy").but("after the refusal").WantRefusal(t, http.StatusNotFound, "NoSuchBucketPolicy")
		}),
	},
}

// twoObjects makes a bucket with the objects open/object and secret/object.
func twoObjects(t *probe.T, c *Cloud) string {
	bucket := c.Bucket(t)
	c.Put(t, bucket, "open/object", pattern(1, 1024))
	c.Put(t, bucket, "secret/object", pattern(2, 1024))
	return bucket
}

// visit is a request by somebody without an account.
func visit(method, bucket, key string) Request {
	return Request{Method: method, Bucket: bucket, Key: key, As: anonymous}
}

// look is a listing by somebody without an account.
func look(bucket, prefix string) Request {
	r := visit(http.MethodGet, bucket, "")
	r.Query = "list-type=2"
	if prefix != "" {
		r.Query += "&prefix=" + prefix
	}
	return r
}

// wantOpenOnly wants strangers to read open/object and to be refused secret/object.
func wantOpenOnly(t *probe.T, c *Cloud, bucket string) {
	c.Settled(t, visit(http.MethodGet, bucket, "open/object"), http.StatusOK).but("open to all").
		Want(t, http.StatusOK).WantBody(t, pattern(1, 1024))
	c.Do(t, visit(http.MethodGet, bucket, "secret/object")).but("that is not open to all").
		WantRefusal(t, http.StatusForbidden, "AccessDenied")
}

// wantSeen lists a bucket without a signature, and wants these keys.
func wantSeen(t *probe.T, c *Cloud, bucket string, keys ...string) {
	a := c.Settled(t, look(bucket, ""), http.StatusOK).but(stranger(anonymous)).Want(t, http.StatusOK)
	var doc struct {
		Keys []string `xml:"Contents>Key"`
	}
	a.XML(t, &doc)
	wantRows(t, a.Did, doc.Keys, keys)
}
