package s3

import (
	"net/http"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// vetChecks examine an offer's description before any measure: that the accounts
// do what the suite needs, and are refused where they have no business.
var vetChecks = []probe.Check{
	{
		ID: "s3/offer/main", Rule: "offer.yaml",
		Title: lang.T("Le compte principal crée un seau, y écrit, relit et efface", "The main account creates a bucket, writes, reads and deletes"),
		Run:   with(func(t *probe.T, c *Cloud) { vetAccount(t, c, mainAccount) }),
	},
	{
		ID: "s3/offer/other", Rule: "offer.yaml", Features: []string{secondAccount},
		Title: lang.T("Le second compte crée un seau, y écrit, relit et efface", "The second account creates a bucket, writes, reads and deletes"),
		Run:   with(func(t *probe.T, c *Cloud) { vetAccount(t, c, otherAccount) }),
	},
	{
		ID: "s3/offer/foreign", Rule: "offer.yaml",
		Title: lang.T("Le compte principal est refusé dans un seau étranger", "The main account is refused in a foreign bucket"),
		Run:   with(vetForeign),
	},
}

func vetAccount(t *probe.T, c *Cloud, account string) {
	if _, ok := c.session.Account(account); !ok {
		t.Fail("reading the offer", "no account "+account, "credentials of the account "+account)
	}
	bucket := c.BucketOf(t, account)
	body := []byte("aloi")
	c.Do(t, Request{Method: http.MethodPut, Bucket: bucket, Key: "vet", Body: body, As: account}).Want(t, http.StatusOK)
	c.Do(t, Request{Method: http.MethodGet, Bucket: bucket, Key: "vet", As: account}).Want(t, http.StatusOK).WantBody(t, body)
	c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket, Key: "vet", As: account}).Want(t, http.StatusNoContent)
}

// vetForeign only reads: nothing is written where it could succeed.
func vetForeign(t *probe.T, c *Cloud) {
	foreign := c.session.Setting("foreign-bucket", "")
	if foreign == "" {
		t.Unsupported("foreign-bucket")
	}
	c.Do(t, Request{Method: http.MethodGet, Bucket: foreign, Query: "list-type=2&max-keys=1"}).
		WantRefusal(t, http.StatusForbidden, "AccessDenied")
}
