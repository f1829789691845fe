package s3

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// lifecycleChecks only look at the configuration: what it does takes days.
var lifecycleChecks = []probe.Check{
	{
		ID: "s3/lifecycle/round-trip", Rule: "S3 API, PutBucketLifecycleConfiguration", Features: []string{lifecycle},
		Title: lang.T("Les règles de cycle de vie s'écrivent et se relisent", "Lifecycle rules are written and read back"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			rules := []string{expire("logs", "logs/", 30), `<Rule><ID>off</ID><Filter><Prefix></Prefix></Filter><Status>Disabled</Status><Expiration><Days>1</Days></Expiration></Rule>`}
			c.setLifecycle(t, bucket, rules...).Want(t, http.StatusOK)
			wantRules(t, c, bucket, "logs Enabled logs/ 30", "off Disabled  1")
		}),
	},
	{
		ID: "s3/lifecycle/replaced", Rule: "S3 API, PutBucketLifecycleConfiguration", Features: []string{lifecycle},
		Title: lang.T("De nouvelles règles remplacent toutes les anciennes", "New rules replace all the old ones"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.setLifecycle(t, bucket, expire("one", "a/", 10), expire("two", "b/", 20)).Want(t, http.StatusOK)
			c.setLifecycle(t, bucket, expire("three", "c/", 30)).Want(t, http.StatusOK)
			wantRules(t, c, bucket, "three Enabled c/ 30")
		}),
	},
	{
		ID: "s3/lifecycle/missing", Rule: "S3 API, GetBucketLifecycleConfiguration", Features: []string{lifecycle},
		Title: lang.T("Un seau sans cycle de vie le dit", "A bucket without a lifecycle says so"),
		Run:   with(func(t *probe.T, c *Cloud) { wantNoLifecycle(t, c, c.Bucket(t)) }),
	},
	{
		ID: "s3/lifecycle/delete", Rule: "S3 API, DeleteBucketLifecycle", Features: []string{lifecycle},
		Title: lang.T("Le cycle de vie d'un seau se supprime", "The lifecycle of a bucket can be deleted"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.setLifecycle(t, bucket, expire("logs", "logs/", 30)).Want(t, http.StatusOK)
			c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket, Query: "lifecycle"}).Want(t, http.StatusNoContent)
			wantNoLifecycle(t, c, bucket)
		}),
	},
	{
		ID: "s3/lifecycle/other-actions", Rule: "S3 API, NoncurrentVersionExpiration and AbortIncompleteMultipartUpload", Features: []string{lifecycle},
		Title: lang.T("Les règles sur les anciennes versions et les envois inachevés se relisent", "Rules on old versions and unfinished uploads read back"),
		Run:   with(lifecycleActions),
	},
	{
		ID: "s3/lifecycle/filter-kept", Rule: "S3 API, LifecycleRuleFilter", Features: []string{lifecycle},
		Title: lang.T("Un filtre par préfixe et étiquette se relit", "A filter on prefix and tag reads back"),
		Run:   with(lifecycleFilter),
	},
	{
		ID: "s3/lifecycle/days-zero", Rule: "S3 API, LifecycleExpiration, Days", Features: []string{lifecycle},
		Title: lang.T("Une expiration à zéro jour est refusée", "An expiration after zero days is refused"),
		Run:   with(func(t *probe.T, c *Cloud) { wantRulesRefused(t, c, "InvalidArgument", expire("zero", "a/", 0)) }),
	},
	{
		ID: "s3/lifecycle/malformed", Rule: "S3 API, LifecycleRule, Status", Features: []string{lifecycle},
		Title: lang.T("Un état de règle inconnu est refusé", "An unknown rule status is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantRulesRefused(t, c, "MalformedXML", strings.Replace(expire("odd", "a/", 1), "Enabled", "Sometimes", 1))
		}),
	},
	{
		ID: "s3/lifecycle/duplicate-ids", Rule: "S3 API, LifecycleRule, ID", Features: []string{lifecycle},
		Title: lang.T("Deux règles ne portent pas le même identifiant", "Two rules can't have the same identifier"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantRulesRefused(t, c, "InvalidArgument", expire("same", "a/", 1), expire("same", "b/", 2))
		}),
	},
	{
		ID: "s3/lifecycle/id-too-long", Rule: "S3 API, LifecycleRule, ID", Features: []string{lifecycle},
		Title: lang.T("Un identifiant de règle a 255 caractères au plus", "A rule identifier has 255 characters at most"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantRulesRefused(t, c, "InvalidArgument", expire(strings.Repeat("i", 256), "a/", 1))
		}),
	},
}

// expire is a rule that expires what has a prefix.
func expire(id, prefix string, days int) string {
	return fmt.Sprintf("<Rule><ID>%s</ID><Filter><Prefix>%s</Prefix></Filter><Status>Enabled</Status><Expiration><Days>%d</Days></Expiration></Rule>", id, prefix, days)
}

func (c *Cloud) setLifecycle(t *probe.T, bucket string, rules ...string) Answer {
	return c.PutDocument(t, bucket, "", "lifecycle", "<LifecycleConfiguration "+xmlns+">"+strings.Join(rules, "")+"</LifecycleConfiguration>")
}

func wantNoLifecycle(t *probe.T, c *Cloud, bucket string) {
	c.Document(t, bucket, "", "lifecycle").WantRefusal(t, http.StatusNotFound, "NoSuchLifecycleConfiguration")
}

// wantRules ends the check unless a bucket's rules are these, in any order: id,
// status, prefix and days.
func wantRules(t *probe.T, c *Cloud, bucket string, rules ...string) {
	a := c.Document(t, bucket, "", "lifecycle").Want(t, http.StatusOK)
	var doc struct {
		Rule []struct {
			ID, Status string
			Prefix     string `xml:"Filter>Prefix"`
			Days       string `xml:"Expiration>Days"`
		}
	}
	a.XML(t, &doc)
	var got []string
	for _, r := range doc.Rule {
		got = append(got, strings.Join([]string{r.ID, r.Status, r.Prefix, r.Days}, " "))
	}
	slices.Sort(got)
	wantRows(t, a.Did, got, rules)
}

// wantRulesRefused wants a refusal that leaves the rules as they were.
func wantRulesRefused(t *probe.T, c *Cloud, code string, rules ...string) {
	bucket := c.Bucket(t)
	c.setLifecycle(t, bucket, expire("kept", "k/", 7)).Want(t, http.StatusOK)
	c.setLifecycle(t, bucket, rules...).WantRefusal(t, http.StatusBadRequest, code)
	wantRules(t, c, bucket, "kept Enabled k/ 7")
}

// onlyRule stores one rule with the AWS SDK and returns it as it reads back.
func onlyRule(t *probe.T, c *Cloud, rule types.LifecycleRule) types.LifecycleRule {
	bucket := c.Bucket(t)
	_, err := c.AWS().PutBucketLifecycleConfiguration(t.Context(), &s3.PutBucketLifecycleConfigurationInput{
		Bucket: &bucket, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{rule}},
	})
	works(t, "PutBucketLifecycleConfiguration", err)
	out, err := c.AWS().GetBucketLifecycleConfiguration(t.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: &bucket})
	works(t, "GetBucketLifecycleConfiguration", err)
	t.Want(len(out.Rules) == 1, "GetBucketLifecycleConfiguration", fmt.Sprintf("%d rules", len(out.Rules)), "the rule that was written")
	return out.Rules[0]
}

func lifecycleActions(t *probe.T, c *Cloud) {
	got := onlyRule(t, c, types.LifecycleRule{
		ID: aws.String("tidy"), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")},
		NoncurrentVersionExpiration:    &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(9)},
		AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(4)},
	})
	old, unfinished := got.NoncurrentVersionExpiration, got.AbortIncompleteMultipartUpload
	ok := old != nil && aws.ToInt32(old.NoncurrentDays) == 9 && unfinished != nil && aws.ToInt32(unfinished.DaysAfterInitiation) == 4
	t.Want(ok, "GetBucketLifecycleConfiguration", "a rule without one of its actions", "old versions after 9 days, unfinished uploads after 4")
}

func lifecycleFilter(t *probe.T, c *Cloud) {
	got := onlyRule(t, c, types.LifecycleRule{
		ID: aws.String("some"), Status: types.ExpirationStatusEnabled, Expiration: &types.LifecycleExpiration{Days: aws.Int32(5)},
		Filter: &types.LifecycleRuleFilter{And: &types.LifecycleRuleAndOperator{
			Prefix: aws.String("a/"), Tags: []types.Tag{{Key: aws.String("keep"), Value: aws.String("no")}, {Key: aws.String("level"), Value: aws.String("2")}},
		}},
	})
	var tags []string
	if got.Filter != nil && got.Filter.And != nil {
		for _, tag := range got.Filter.And.Tags {
			tags = append(tags, aws.ToString(tag.Key)+"="+aws.ToString(tag.Value))
		}
		tags = append(tags, "prefix "+aws.ToString(got.Filter.And.Prefix))
	}
	slices.Sort(tags)
	wantRows(t, "GetBucketLifecycleConfiguration, filter", tags, []string{"keep=no", "level=2", "prefix a/"})
}
