package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// corsChecks ask that a bucket's CORS configuration is kept, and that browsers
// are answered by it.
var corsChecks = slices.Concat(corsDocumentChecks, preflightChecks, corsRequestChecks)

// The origins of the checks: the first two are let in, the third never is.
const (
	shop    = "https://shop.example.com"
	partner = "https://eu.partner.example.org"
	thief   = "https://thief.example.net"
)

// corsRules has one rule for a shop that reads and writes, then one for the
// partners that only read.
const corsRules = `<CORSConfiguration ` + xmlns + `>` +
	`<CORSRule><ID>shop</ID><AllowedOrigin>` + shop + `</AllowedOrigin>` +
	`<AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>` +
	`<AllowedHeader>x-amz-meta-*</AllowedHeader><AllowedHeader>Content-Type</AllowedHeader>` +
	`<ExposeHeader>x-amz-request-id</ExposeHeader><ExposeHeader>ETag</ExposeHeader>` +
	`<MaxAgeSeconds>1800</MaxAgeSeconds></CORSRule>` +
	`<CORSRule><AllowedOrigin>https://*.partner.example.org</AllowedOrigin>` +
	`<AllowedMethod>GET</AllowedMethod></CORSRule>` +
	`</CORSConfiguration>`

var corsDocumentChecks = []probe.Check{
	{
		ID: "s3/cors/round-trip", Rule: "S3 API, PutBucketCors", Features: []string{cors},
		Title: lang.T("La configuration CORS est rendue comme elle a été écrite", "The CORS configuration is returned as it was written"),
		Run:   with(corsRoundTrip),
	},
	{
		ID: "s3/cors/replaced", Rule: "S3 API, PutBucketCors", Features: []string{cors},
		Title: lang.T("Une nouvelle configuration CORS remplace la précédente", "A new CORS configuration replaces the one before"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.PutDocument(t, bucket, "", "cors", corsRules).Want(t, http.StatusOK)
			c.PutDocument(t, bucket, "", "cors", corsRule("<AllowedOrigin>"+partner+"</AllowedOrigin><AllowedMethod>HEAD</AllowedMethod>")).
				Want(t, http.StatusOK)
			a := c.Document(t, bucket, "", "cors").Want(t, http.StatusOK)
			var doc struct {
				XMLName xml.Name `xml:"CORSConfiguration"`
				Origins []string `xml:"CORSRule>AllowedOrigin"`
			}
			a.XML(t, &doc)
			wantRows(t, a.Did, doc.Origins, []string{partner})
		}),
	},
	{
		ID: "s3/cors/missing", Rule: "S3 API, GetBucketCors", Features: []string{cors},
		Title: lang.T("Un seau neuf n'a pas de configuration CORS", "A new bucket has no CORS configuration"),
		Run: with(func(t *probe.T, c *Cloud) {
			c.Document(t, c.Bucket(t), "", "cors").WantRefusal(t, http.StatusNotFound, "NoSuchCORSConfiguration")
		}),
	},
	{
		ID: "s3/cors/delete", Rule: "S3 API, DeleteBucketCors", Features: []string{cors},
		Title: lang.T("Une configuration CORS supprimée n'existe plus", "A deleted CORS configuration is gone"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := shopBucket(t, c)
			c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket, Query: "cors"}).Want(t, http.StatusNoContent, http.StatusOK)
			c.Document(t, bucket, "", "cors").but("after DELETE").WantRefusal(t, http.StatusNotFound, "NoSuchCORSConfiguration")
			c.Settled(t, preflight(bucket, shop, "GET", ""), http.StatusForbidden).
				but("after DELETE").WantRefusal(t, http.StatusForbidden, "AccessForbidden", "AccessDenied")
		}),
	},
	{
		ID: "s3/cors/invalid-method", Rule: "S3 API, PutBucketCors", Features: []string{cors},
		Title: lang.T("Une règle CORS sur une méthode qui n'existe pas en S3 est refusée", "A CORS rule on a method that S3 does not have is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadCORS(t, c, "<AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod>")
		}),
	},
	{
		ID: "s3/cors/invalid-origin", Rule: "S3 API, PutBucketCors", Features: []string{cors},
		Title: lang.T("Une origine avec deux jokers est refusée", "An origin with two wildcards is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadCORS(t, c, "<AllowedOrigin>https://*.*.example.org</AllowedOrigin><AllowedMethod>GET</AllowedMethod>")
		}),
	},
	{
		ID: "s3/cors/incomplete", Rule: "S3 API, PutBucketCors", Features: []string{cors},
		Title: lang.T("Une règle CORS sans origine est refusée", "A CORS rule without an origin is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadCORS(t, c, "<AllowedMethod>GET</AllowedMethod>")
		}),
	},
}

func corsRule(content string) string {
	return "<CORSConfiguration " + xmlns + "><CORSRule>" + content + "</CORSRule></CORSConfiguration>"
}

// wantBadCORS wants a rule refused, and the bucket left without a configuration.
func wantBadCORS(t *probe.T, c *Cloud, rule string) {
	bucket := c.Bucket(t)
	c.PutDocument(t, bucket, "", "cors", corsRule(rule)).WantRefusal(t, http.StatusBadRequest, "InvalidRequest", "MalformedXML")
	c.Document(t, bucket, "", "cors").but("after the refusal").WantRefusal(t, http.StatusNotFound, "NoSuchCORSConfiguration")
}

func corsRoundTrip(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	_, err := c.AWS().PutBucketCors(t.Context(), &s3.PutBucketCorsInput{
		Bucket: &bucket,
		CORSConfiguration: &types.CORSConfiguration{CORSRules: []types.CORSRule{
			{
				ID: aws.String("shop"), AllowedOrigins: []string{shop}, AllowedMethods: []string{"GET", "PUT"},
				AllowedHeaders: []string{"x-amz-meta-*"}, ExposeHeaders: []string{"ETag"}, MaxAgeSeconds: aws.Int32(1800),
			},
			{AllowedOrigins: []string{"*"}, AllowedMethods: []string{"HEAD"}},
		}},
	})
	works(t, "PutBucketCors", err)
	out, err := c.AWS().GetBucketCors(t.Context(), &s3.GetBucketCorsInput{Bucket: &bucket})
	works(t, "GetBucketCors", err)
	var got []string
	for _, r := range out.CORSRules {
		got = append(got, strings.Join(slices.Concat([]string{aws.ToString(r.ID)}, r.AllowedOrigins, r.AllowedMethods, r.AllowedHeaders, r.ExposeHeaders), " "))
	}
	if len(got) == 2 && aws.ToInt32(out.CORSRules[0].MaxAgeSeconds) == 1800 {
		got[0] += " 1800"
	}
	if len(got) == 2 && aws.ToString(out.CORSRules[1].ID) != "" {
		got[1] = strings.TrimPrefix(got[1], aws.ToString(out.CORSRules[1].ID)) // the service may name a rule that has no name
	}
	wantRows(t, "GetBucketCors", got, []string{"shop " + shop + " GET PUT x-amz-meta-* ETag 1800", " * HEAD"})
}

// shopBucket makes a bucket with corsRules and the object "object".
func shopBucket(t *probe.T, c *Cloud) string {
	bucket := c.Bucket(t)
	c.Put(t, bucket, "object", pattern(1, 1024))
	c.PutDocument(t, bucket, "", "cors", corsRules).Want(t, http.StatusOK)
	return bucket
}
