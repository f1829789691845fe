package s3

import (
	"fmt"
	"net/http"
	"sync"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// writeIfChecks: PUT that depends on what is there.
var writeIfChecks = []probe.Check{
	{
		ID: "s3/conditional/put-if-none-match", Rule: "S3 API, PutObject (If-None-Match)",
		Title: lang.T("Une écriture avec If-None-Match: * crée un objet absent", "A write with If-None-Match: * creates an object that isn't there"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(1, 300)
			c.Put(t, bucket, "object", body, "If-None-Match", "*")
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
	{
		ID: "s3/conditional/put-if-none-match-exists", Rule: "S3 API, PutObject (If-None-Match)",
		Title: lang.T("Une écriture avec If-None-Match: * ne remplace pas un objet", "A write with If-None-Match: * doesn't replace an object"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantRefusedPut(t, c, []string{"If-None-Match", "*"}, "412 PreconditionFailed")
		}),
	},
	{
		ID: "s3/conditional/put-if-none-match-deleted", Rule: "S3 API, PutObject (If-None-Match)",
		Title: lang.T("Une clé effacée peut être créée de nouveau avec If-None-Match: *", "A deleted key can be created again with If-None-Match: *"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(2, 300)
			c.Put(t, bucket, "object", pattern(1, 300))
			c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket, Key: "object"}).Want(t, http.StatusNoContent, http.StatusOK)
			c.Put(t, bucket, "object", body, "If-None-Match", "*")
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
	{
		ID: "s3/conditional/put-if-match", Rule: "S3 API, PutObject (If-Match)",
		Title: lang.T("Une écriture avec If-Match de l'ETag courant remplace l'objet", "A write with If-Match of the current ETag replaces the object"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(2, 300)
			before := c.Put(t, bucket, "object", pattern(1, 300))
			c.Put(t, bucket, "object", body, "If-Match", before.Header.Get("ETag"))
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
	{
		ID: "s3/conditional/put-if-match-stale", Rule: "S3 API, PutObject (If-Match)",
		Title: lang.T("Une écriture avec If-Match d'un autre ETag est refusée", "A write with If-Match of another ETag is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantRefusedPut(t, c, []string{"If-Match", staleTag}, "412 PreconditionFailed")
		}),
	},
	{
		ID: "s3/conditional/put-if-match-missing", Rule: "S3 API, PutObject (If-Match)",
		Title: lang.T("Une écriture avec If-Match ne crée pas un objet absent", "A write with If-Match doesn't create an object that isn't there"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			a := c.Do(t, Request{Method: http.MethodPut, Bucket: bucket, Key: "object", Body: pattern(1, 300), Header: []string{"If-Match", staleTag}})
			wantOneOf(t, a, "404 NoSuchKey", "412 PreconditionFailed")
			wantAbsent(t, c, bucket, "object")
		}),
	},
	{
		ID: "s3/conditional/put-race", Rule: "S3 API, PutObject (If-None-Match)",
		Title: lang.T("De plusieurs créations simultanées avec If-None-Match: *, une seule réussit", "Of several simultaneous creations with If-None-Match: *, only one succeeds"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			wantOneWinner(t, c, bucket, "If-None-Match", "*")
		}),
	},
	{
		ID: "s3/conditional/put-race-match", Rule: "S3 API, PutObject (If-Match)",
		Title: lang.T("De plusieurs écritures simultanées avec le même If-Match, une seule réussit", "Of several simultaneous writes with the same If-Match, only one succeeds"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			put := c.Put(t, bucket, "object", pattern(100, 4000))
			wantOneWinner(t, c, bucket, "If-Match", put.Header.Get("ETag"))
		}),
	},
}

// wantOneWinner has four writers write under the same condition, which the first
// of them makes false. 409 is how S3 tells a writer that another was faster
// while it wrote.
func wantOneWinner(t *probe.T, c *Cloud, bucket, condition, value string) {
	answers := make([]Answer, 4)
	var writers sync.WaitGroup
	for i := range answers {
		writers.Go(func() {
			answers[i] = c.Do(t, Request{
				Method: http.MethodPut, Bucket: bucket, Key: "object", Body: pattern(byte(i), 4000), Header: []string{condition, value},
			})
		})
	}
	writers.Wait()
	winner, winners := -1, 0
	for i, a := range answers {
		switch {
		case a.Did == "": // its exchange broke, and ended the check
			return
		case a.Status == http.StatusOK:
			winner, winners = i, winners+1
		default:
			wantOneOf(t, a, "412 PreconditionFailed", "409 ConditionalRequestConflict")
		}
	}
	did := fmt.Sprintf("four PUT at once with %s", condition)
	t.Want(winners == 1, did, fmt.Sprintf("200 to %d of them", winners), "200 to one of them")
	a := c.Get(t, bucket, "object").Want(t, http.StatusOK)
	a.Did = did + ", then GET"
	a.WantBody(t, pattern(byte(winner), 4000))
}
