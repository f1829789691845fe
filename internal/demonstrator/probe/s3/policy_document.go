package s3

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"aloi.dev/internal/demonstrator/probe"
)

// statement is one rule of a bucket's policy.
type statement struct {
	Sid       string `json:",omitempty"`
	Effect    string
	Principal any
	Action    oneOrMore
	Resource  oneOrMore
	Condition any `json:",omitempty"`
}

// everyone is the principal that stands for all, known or not.
const everyone = "*"

// oneOrMore is a list that a policy may write as a single text.
type oneOrMore []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *oneOrMore) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*l = oneOrMore{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(l))
}

// allow is the rule that somebody may do something in a bucket: to the objects
// of a pattern, or to the bucket itself when there is none.
func allow(who any, action, bucket, pattern string) statement {
	resource := "arn:aws:s3:::" + bucket
	if pattern != "" {
		resource += "/" + pattern
	}
	return statement{Effect: "Allow", Principal: who, Action: oneOrMore{action}, Resource: oneOrMore{resource}}
}

// deny is the contrary of allow.
func deny(who any, action, bucket, pattern string) statement {
	s := allow(who, action, bucket, pattern)
	s.Effect = "Deny"
	return s
}

// policyOf writes statements as the document of a policy.
func policyOf(t *probe.T, statements ...statement) string {
	doc, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		t.Bug(err)
	}
	return string(doc)
}

// SetPolicy gives a bucket a policy.
func (c *Cloud) SetPolicy(t *probe.T, bucket string, statements ...statement) {
	c.unblock(t, bucket)
	c.PutDocument(t, bucket, "", "policy", policyOf(t, statements...)).Want(t, http.StatusNoContent, http.StatusOK)
}

// Policy returns the statements of a bucket's policy.
func (c *Cloud) Policy(t *probe.T, bucket string) []statement {
	a := c.Document(t, bucket, "", "policy").Want(t, http.StatusOK)
	var doc struct{ Statement []statement }
	if err := json.Unmarshal(a.Body, &doc); err != nil {
		t.Fail(a.Did, "a body that is not the JSON document", "the policy")
	}
	return doc.Statement
}

// unblock lifts the public access block that Amazon puts on new buckets. A
// service that doesn't have this may answer what it wants.
func (c *Cloud) unblock(t *probe.T, bucket string) {
	c.PutDocument(t, bucket, "", "publicAccessBlock", `<PublicAccessBlockConfiguration `+xmlns+`>`+
		`<BlockPublicAcls>false</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls>`+
		`<BlockPublicPolicy>false</BlockPublicPolicy><RestrictPublicBuckets>false</RestrictPublicBuckets>`+
		`</PublicAccessBlockConfiguration>`)
}

// Settled makes a request again for a moment, until its answer has one of the
// statuses: a bucket's new configuration may take effect a little late. The
// answer that it returns is the last.
func (c *Cloud) Settled(t *probe.T, r Request, statuses ...int) Answer {
	for wait := 100 * time.Millisecond; ; wait *= 2 {
		a := c.Do(t, r)
		if slices.Contains(statuses, a.Status) || wait > time.Second {
			return a
		}
		select {
		case <-time.After(wait):
		case <-t.Context().Done():
			return a
		}
	}
}

// otherPrincipal names the second account as the offer's policies do: what the
// setting other-principal gives, or its access key if that is "access-key".
func (c *Cloud) otherPrincipal(t *probe.T) any {
	name := c.session.Setting("other-principal", "")
	switch name {
	case "":
		t.Unsupported("other-principal")
	case "access-key":
		name = c.key(otherAccount)
	}
	return map[string][]string{"AWS": {name}}
}
