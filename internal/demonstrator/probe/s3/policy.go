package s3

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// policyChecks ask that a bucket's policy is kept, and that it is obeyed.
var policyChecks = slices.Concat(policyDocumentChecks, policyEffectChecks, policyAccountChecks)

var policyDocumentChecks = []probe.Check{
	{
		ID: "s3/policy/round-trip", Rule: "S3 API, PutBucketPolicy", Features: []string{policy},
		Title: lang.T("La règle d'un seau est rendue comme elle a été écrite", "A bucket's policy is returned as it was written"),
		Run:   with(policyRoundTrip),
	},
	{
		ID: "s3/policy/replaced", Rule: "S3 API, PutBucketPolicy", Features: []string{policy},
		Title: lang.T("Une nouvelle règle remplace la précédente", "A new policy replaces the one before"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.SetPolicy(t, bucket, allow(everyone, "s3:GetObject", bucket, "first/*"))
			c.SetPolicy(t, bucket, allow(everyone, "s3:GetObject", bucket, "second/*"))
			wantStatements(t, c.Policy(t, bucket), allow(everyone, "s3:GetObject", bucket, "second/*"))
		}),
	},
	{
		ID: "s3/policy/missing", Rule: "S3 API, GetBucketPolicy", Features: []string{policy},
		Title: lang.T("Un seau neuf n'a pas de règle", "A new bucket has no policy"),
		Run: with(func(t *probe.T, c *Cloud) {
			_, err := c.AWS().GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: aws.String(c.Bucket(t))})
			absent(t, "GetBucketPolicy of a new bucket", err, "NoSuchBucketPolicy")
		}),
	},
	{
		ID: "s3/policy/delete", Rule: "S3 API, DeleteBucketPolicy", Features: []string{policy},
		Title: lang.T("Une règle supprimée n'existe plus", "A deleted policy is gone"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.SetPolicy(t, bucket, allow(everyone, "s3:GetObject", bucket, "*"))
			c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket, Query: "policy"}).Want(t, http.StatusNoContent, http.StatusOK)
			c.Document(t, bucket, "", "policy").but("after DELETE").WantRefusal(t, http.StatusNotFound, "NoSuchBucketPolicy")
		}),
	},
	{
		ID: "s3/policy/malformed", Rule: "S3 API, error responses", Features: []string{policy},
		Title: lang.T("Une règle qui n'est pas du JSON est refusée", "A policy that is not JSON is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadPolicy(t, c, "that is not JSON", func(string) string { return "everybody may read" })
		}),
	},
	{
		ID: "s3/policy/incomplete", Rule: "S3 API, error responses", Features: []string{policy},
		Title: lang.T("Une règle à laquelle manque l'effet est refusée", "A policy without an effect is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadPolicy(t, c, "without Effect", func(bucket string) string {
				return strings.Replace(policyOf(t, allow(everyone, "s3:GetObject", bucket, "*")), `"Effect":"Allow",`, "", 1)
			})
		}),
	},
	{
		ID: "s3/policy/foreign-resource", Rule: "S3 API, PutBucketPolicy", Features: []string{policy},
		Title: lang.T("Une règle qui porte sur un autre seau est refusée", "A policy about another bucket is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadPolicy(t, c, "about another bucket", func(bucket string) string {
				return policyOf(t, allow(everyone, "s3:GetObject", bucket+"-other", "*"))
			})
		}),
	},
	{
		ID: "s3/policy/status-public", Rule: "S3 API, GetBucketPolicyStatus", Features: []string{policy},
		Title: lang.T("Un seau ouvert à tous est dit public", "A bucket open to all is said to be public"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.SetPolicy(t, bucket, allow(everyone, "s3:GetObject", bucket, "*"))
			wantPublic(t, c, bucket, true)
		}),
	},
	{
		ID: "s3/policy/status-restricted", Rule: "S3 API, GetBucketPolicyStatus", Features: []string{policy, secondAccount},
		Title: lang.T("Un seau ouvert à un seul compte n'est pas dit public", "A bucket open to one account only is not said to be public"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.SetPolicy(t, bucket, allow(c.otherPrincipal(t), "s3:GetObject", bucket, "*"))
			wantPublic(t, c, bucket, false)
		}),
	},
}

func policyRoundTrip(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	first := allow(everyone, "s3:GetObject", bucket, "shared/*")
	first.Sid, first.Action = "Readers", oneOrMore{"s3:GetObject", "s3:GetObjectTagging"}
	second := deny(everyone, "s3:DeleteObject", bucket, "kept/*")
	second.Sid = "Keepers"
	c.unblock(t, bucket)
	_, err := c.AWS().PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: aws.String(policyOf(t, first, second))})
	works(t, "PutBucketPolicy", err)
	wantStatements(t, c.Policy(t, bucket), first, second)
}

// wantStatements compares the statements of a policy, whatever their order.
func wantStatements(t *probe.T, got []statement, want ...statement) {
	gotRows, wantRows := rowsOf(got), rowsOf(want)
	t.Want(slices.Equal(gotRows, wantRows), "GET bucket ?policy", strings.Join(gotRows, ", "), strings.Join(wantRows, ", "))
}

func rowsOf(statements []statement) []string {
	var rows []string
	for _, s := range statements {
		slices.Sort(s.Action)
		slices.Sort(s.Resource)
		rows = append(rows, strings.TrimSpace(fmt.Sprint(s.Sid, " ", s.Effect, " ", s.Action, " on ", s.Resource)))
	}
	slices.Sort(rows)
	return rows
}

// wantBadPolicy wants a document refused, and the bucket left without a policy.
func wantBadPolicy(t *probe.T, c *Cloud, note string, document func(bucket string) string) {
	bucket := c.Bucket(t)
	c.unblock(t, bucket)
	c.PutDocument(t, bucket, "", "policy", document(bucket)).but(note).WantRefusal(t, http.StatusBadRequest, "MalformedPolicy")
	c.Document(t, bucket, "", "policy").but("after the refusal").WantRefusal(t, http.StatusNotFound, "NoSuchBucketPolicy")
}

func wantPublic(t *probe.T, c *Cloud, bucket string, public bool) {
	a := c.Document(t, bucket, "", "policyStatus").Want(t, http.StatusOK)
	var doc struct {
		XMLName  xml.Name `xml:"PolicyStatus"`
		IsPublic string
	}
	a.XML(t, &doc)
	t.Want(strings.EqualFold(doc.IsPublic, fmt.Sprint(public)), a.Did, "IsPublic "+doc.IsPublic, fmt.Sprint("IsPublic ", public))
}
