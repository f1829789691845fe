package s3

import (
	"fmt"
	"net/http"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// listChecks covers both versions of the listing, a check for each behaviour on
// which programs rely. list_answer.go reads the pages that they judge.
var listChecks = []probe.Check{
	{
		ID: "s3/list/v2-all", Rule: "S3 API, ListObjectsV2",
		Title: lang.T("La liste montre tous les objets d'un seau, et eux seuls", "The list shows all objects of a bucket, and no other"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantListed(t, c, album, "list-type=2", listed{keys: album})
		}),
	},
	{
		ID: "s3/list/v2-prefix", Rule: "S3 API, ListObjectsV2, prefix",
		Title: lang.T("Un préfixe choisit les clés qui commencent ainsi", "A prefix selects the keys that begin with it"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantListed(t, c, album, "list-type=2&prefix=pho", listed{keys: album[2:6]})
		}),
	},
	{
		ID: "s3/list/v2-delimiter", Rule: "S3 API, ListObjectsV2, delimiter",
		Title: lang.T("Un délimiteur rassemble les clés en préfixes communs", "A delimiter gathers keys into common prefixes"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantListed(t, c, album, "list-type=2&delimiter=%2F",
				listed{keys: []string{"note", "phone", "zebra"}, prefixes: []string{"maps/", "photos/"}})
		}),
	},
	{
		ID: "s3/list/v2-prefix-delimiter", Rule: "S3 API, ListObjectsV2, delimiter",
		Title: lang.T("Préfixe et délimiteur listent un niveau, noms entiers", "Prefix and delimiter list one level, with whole names"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantListed(t, c, album, "list-type=2&prefix=photos%2F&delimiter=%2F",
				listed{keys: []string{"photos/1.jpg"}, prefixes: []string{"photos/2024/"}})
		}),
	},
	{
		ID: "s3/list/v2-other-delimiter", Rule: "S3 API, ListObjectsV2, delimiter",
		Title: lang.T("Un délimiteur peut être autre chose qu'une barre oblique", "A delimiter may be something else than a slash"),
		Run: with(func(t *probe.T, c *Cloud) {
			keys := []string{"2023-01", "2024-01", "2024-02", "today"}
			wantListed(t, c, keys, "list-type=2&delimiter=-", listed{keys: keys[3:], prefixes: []string{"2023-", "2024-"}})
		}),
	},
	{
		ID: "s3/list/v2-start-after", Rule: "S3 API, ListObjectsV2, start-after",
		Title: lang.T("La liste peut commencer après une clé, présente ou non", "The list can start after a key, present or not"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := fill(t, c, album)
			c.list(t, bucket, "list-type=2&start-after=phone").want(t, listed{keys: album[3:]})
			c.list(t, bucket, "list-type=2&start-after=photos%2Fabsent").want(t, listed{keys: album[6:]})
		}),
	},
	{
		ID: "s3/list/v2-pages", Rule: "S3 API, ListObjectsV2, continuation-token",
		Title: lang.T("Les pages mises bout à bout sont la liste, sans perte ni doublon", "The pages put together are the list, without loss or duplicate"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantPages(t, c, album, "list-type=2&max-keys=2", 2, listed{keys: album})
		}),
	},
	{
		ID: "s3/list/v2-delimiter-pages", Rule: "S3 API, ListObjectsV2, CommonPrefixes",
		Title: lang.T("Un préfixe commun ne compte qu'une fois sur toutes les pages", "A common prefix counts once over all pages"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantPages(t, c, album, "list-type=2&delimiter=%2F&max-keys=1", 1,
				listed{keys: []string{"note", "phone", "zebra"}, prefixes: []string{"maps/", "photos/"}})
		}),
	},
	{
		ID: "s3/list/v2-key-count", Rule: "S3 API, ListObjectsV2, KeyCount",
		Title: lang.T("KeyCount compte les clés et les préfixes communs", "KeyCount counts keys and common prefixes"),
		Run: with(func(t *probe.T, c *Cloud) {
			p := c.list(t, fill(t, c, album), "list-type=2&delimiter=%2F")
			got := "no KeyCount"
			if p.KeyCount != nil {
				got = fmt.Sprintf("KeyCount %d", *p.KeyCount)
			}
			t.Want(got == "KeyCount 5", p.did, got, "KeyCount 5: three keys and two common prefixes")
		}),
	},
	{
		ID: "s3/list/v2-max-keys-zero", Rule: "S3 API, ListObjectsV2, max-keys",
		Title: lang.T("max-keys=0 rend une page vide", "max-keys=0 returns an empty page"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantListed(t, c, album[:2], "list-type=2&max-keys=0", listed{})
		}),
	},
	{
		ID: "s3/list/v2-fetch-owner", Rule: "S3 API, ListObjectsV2, fetch-owner",
		Title: lang.T("Avec fetch-owner, chaque objet a son propriétaire", "With fetch-owner, each object has its owner"),
		Run:   with(func(t *probe.T, c *Cloud) { wantOwner(t, c, "list-type=2&fetch-owner=true") }),
	},
	{
		ID: "s3/list/v2-fields", Rule: "S3 API, Object",
		Title: lang.T("Chaque objet listé a sa taille, son ETag, sa date et sa classe", "Each listed object has its size, ETag, date and storage class"),
		Run:   with(func(t *probe.T, c *Cloud) { wantFields(t, c, "list-type=2") }),
	},
	{
		ID: "s3/list/v1-all", Rule: "S3 API, ListObjects",
		Title: lang.T("La liste version 1 montre tous les objets", "The version 1 list shows all objects"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantListed(t, c, album, "", listed{keys: album})
		}),
	},
	{
		ID: "s3/list/v1-fields", Rule: "S3 API, Object",
		Title: lang.T("La liste version 1 donne taille, ETag, date et classe", "The version 1 list gives size, ETag, date and storage class"),
		Run:   with(func(t *probe.T, c *Cloud) { wantFields(t, c, "") }),
	},
	{
		ID: "s3/list/v1-owner", Rule: "S3 API, ListObjects",
		Title: lang.T("La liste version 1 donne le propriétaire de chaque objet", "The version 1 list gives the owner of each object"),
		Run:   with(func(t *probe.T, c *Cloud) { wantOwner(t, c, "") }),
	},
	{
		ID: "s3/list/v1-marker", Rule: "S3 API, ListObjects, marker",
		Title: lang.T("La liste version 1 commence après le marqueur", "The version 1 list starts after the marker"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantListed(t, c, album, "marker=phone", listed{keys: album[3:]})
		}),
	},
	{
		ID: "s3/list/v1-pages", Rule: "S3 API, ListObjects, marker",
		Title: lang.T("La dernière clé d'une page version 1 mène à la suivante", "The last key of a version 1 page leads to the next one"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantPages(t, c, album, "max-keys=2", 2, listed{keys: album})
		}),
	},
	{
		ID: "s3/list/v1-next-marker", Rule: "S3 API, ListObjects, NextMarker",
		Title: lang.T("Avec un délimiteur, NextMarker mène à la page suivante", "With a delimiter, NextMarker leads to the next page"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantPages(t, c, album, "delimiter=%2F&max-keys=1", 1,
				listed{keys: []string{"note", "phone", "zebra"}, prefixes: []string{"maps/", "photos/"}})
		}),
	},
	{
		ID: "s3/list/order", Rule: "S3 API, ListObjectsV2: UTF-8 binary order",
		Title: lang.T("Les clés viennent dans l'ordre des octets UTF-8", "Keys come in the order of their UTF-8 bytes"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantListed(t, c, scripts, "list-type=2", listed{keys: scripts})
		}),
	},
	{
		ID: "s3/list/encoding-type", Rule: "S3 API, ListObjectsV2, encoding-type",
		Title: lang.T("encoding-type=url code les noms dans la réponse", "encoding-type=url encodes the names in the answer"),
		Run:   with(wantEncoded),
	},
	{
		ID: "s3/list/empty", Rule: "S3 API, ListObjectsV2",
		Title: lang.T("Un seau vide donne une liste vide", "An empty bucket gives an empty list"),
		Run:   with(func(t *probe.T, c *Cloud) { wantListed(t, c, nil, "list-type=2", listed{}) }),
	},
	{
		ID: "s3/list/no-match", Rule: "S3 API, ListObjectsV2, prefix",
		Title: lang.T("Un préfixe sans clé donne une liste vide", "A prefix without keys gives an empty list"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantListed(t, c, album[:1], "list-type=2&prefix=absent%2F", listed{})
		}),
	},
	{
		ID: "s3/list/invalid-max-keys", Rule: "S3 API, ListObjectsV2, max-keys",
		Title: lang.T("max-keys négatif ou sans nombre est refusé", "A max-keys that is negative or no number is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			for _, query := range []string{"list-type=2&max-keys=-1", "list-type=2&max-keys=many", "max-keys=many"} {
				c.Do(t, Request{Method: http.MethodGet, Bucket: bucket, Query: query}).
					WantRefusal(t, http.StatusBadRequest, "InvalidArgument")
			}
		}),
	},
	{
		ID: "s3/list/missing-bucket", Rule: "S3 API, ListObjectsV2, errors",
		Title: lang.T("Lister un seau absent répond NoSuchBucket", "Listing a missing bucket answers NoSuchBucket"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Reserve(t, mainAccount)
			for _, query := range []string{"list-type=2", ""} {
				c.Do(t, Request{Method: http.MethodGet, Bucket: bucket, Query: query}).
					WantRefusal(t, http.StatusNotFound, "NoSuchBucket")
			}
		}),
	},
	{
		ID: "s3/list/after-changes", Rule: "Amazon S3 User Guide, data consistency model",
		Title: lang.T("Une liste montre aussitôt écritures et suppressions", "A list shows writes and deletions at once"),
		Run:   with(wantFresh),
	},
	{
		ID: "s3/list/clients", Rule: "S3 API, ListObjectsV2 and ListObjects",
		Title: lang.T("Deux SDK publics parcourent toutes les pages", "Two public SDKs walk through all pages"),
		Run:   with(walkWithSDKs),
	},
}
