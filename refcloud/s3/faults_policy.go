package s3

import (
	"net/http"
	"strings"
	"sync"

	"aloi.dev/refcloud/answer"
	"github.com/versity/versitygw/s3err"
)

var policyFaults = []Fault{
	{
		Name: "s3.policy-ignored", Group: "policy",
		Text: "Policies are kept and shown, and nobody obeys them.",
		Backend: obeyed(func(string, []byte, error) ([]byte, error) {
			return nil, s3err.GetAPIError(s3err.ErrNoSuchBucketPolicy)
		}),
	},
	{
		Name: "s3.policy-deny-ignored", Group: "policy",
		Text:    "Statements with the effect Deny are not obeyed.",
		Backend: obeyed(eachStatement(func(s map[string]any) bool { return s["Effect"] != "Deny" })),
	},
	{
		Name: "s3.policy-prefix-ignored", Group: "policy",
		Text:    "A statement about some objects counts for all objects of the bucket.",
		Backend: obeyed(eachStatement(widenResources)),
	},
	{
		Name: "s3.policy-action-ignored", Group: "policy",
		Text: "A statement about one action counts for all actions.",
		Backend: obeyed(eachStatement(func(s map[string]any) bool {
			s["Action"] = "s3:*"
			return true
		})),
	},
	{
		Name: "s3.policy-condition-ignored", Group: "policy",
		Text: "The conditions of statements are not verified.",
		Backend: obeyed(eachStatement(func(s map[string]any) bool {
			delete(s, "Condition")
			return true
		})),
	},
	{
		Name: "s3.policy-lingers", Group: "policy",
		Text:    "A policy that was deleted is still obeyed.",
		Backend: obeyed(rememberPolicies()),
	},
	{
		Name: "s3.policy-owner-shut-out", Group: "policy",
		Text:  "A bucket's policy replaces the rights of its owner on the objects.",
		Front: shutOwnerOut,
	},
	{
		Name: "s3.policy-first-statement", Group: "policy",
		Text: "Only the first statement of a policy is kept.",
		Front: EditResponse("GetBucketPolicy", func(_ *http.Request, resp *Response) {
			seen := false
			if resp.Status < 300 {
				resp.Body, _ = eachStatement(func(map[string]any) bool {
					first := !seen
					seen = true
					return first
				})("", resp.Body, nil)
			}
		}),
	},
	{
		Name: "s3.policy-errors-ignored", Group: "policy",
		Text:  "A policy that can't be read is answered 204.",
		Front: EditResponse("PutBucketPolicy", excuse("MalformedPolicy", http.StatusNoContent)),
	},
	{
		Name: "s3.policy-missing-empty", Group: "policy",
		Text: "A bucket without a policy is said to have an empty one.",
		Front: EditResponse("GetBucketPolicy", func(_ *http.Request, resp *Response) {
			if refusedFor("NoSuchBucketPolicy")(nil, resp) {
				resp.Status, resp.Body = http.StatusOK, []byte("{}")
				resp.Header.Set("Content-Type", "application/json")
			}
		}),
	},
	{
		Name: "s3.policy-never-public", Group: "policy",
		Text:  "GetBucketPolicyStatus says of every bucket that it isn't public.",
		Front: EditXML("GetBucketPolicyStatus", sayPublic("false")),
	},
	{
		Name: "s3.policy-always-public", Group: "policy",
		Text:  "GetBucketPolicyStatus says of every bucket with a policy that it is public.",
		Front: EditXML("GetBucketPolicyStatus", sayPublic("true")),
	},
	{
		Name: "s3.replacement-ignored", Group: "policy",
		Text:  "A second policy, CORS configuration or ownership of a bucket is accepted, and the first one stays.",
		Front: keepFirst,
	},
}

func sayPublic(value string) func(*http.Request, string) string {
	return func(_ *http.Request, doc string) string {
		return Replace(doc, "IsPublic", func(string) string { return value })
	}
}

func widenResources(s map[string]any) bool {
	widen := func(resource any) any {
		text, _ := resource.(string)
		bucket, _, object := strings.Cut(text, "/")
		if object {
			return bucket + "/*"
		}
		return text
	}
	if list, ok := s["Resource"].([]any); ok {
		for i := range list {
			list[i] = widen(list[i])
		}
		return true
	}
	s["Resource"] = widen(s["Resource"])
	return true
}

func rememberPolicies() func(string, []byte, error) ([]byte, error) {
	var last sync.Map // bucket: document
	return func(bucket string, doc []byte, err error) ([]byte, error) {
		if err == nil {
			last.Store(strings.Clone(bucket), doc) // the gateway uses the memory of its strings again
			return doc, nil
		}
		if old, ok := last.Load(bucket); ok {
			return old.([]byte), nil
		}
		return doc, err
	}
}

// shutOwnerOut remembers which buckets have a policy.
func shutOwnerOut(next http.Handler) http.Handler {
	var ruled sync.Map // bucket
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bucket, _ := Target(r)
		op := Operation(r)
		switch op {
		case "PutBucketPolicy", "DeleteBucketPolicy", "DeleteBucket":
			next.ServeHTTP(&answer.HeaderEditor{ResponseWriter: w, Edit: func(status int, _ http.Header) int {
				if ruled.Delete(bucket); status < 300 && op == "PutBucketPolicy" {
					ruled.Store(bucket, true)
				}
				return status
			}}, r)
			return
		case "GetObject", "PutObject":
			keys, _ := r.Context().Value(keyringKey{}).(keyring)
			if _, ok := ruled.Load(bucket); ok && accessKey(r) == keys.accounts.main.Access {
				Refuse(w, r, http.StatusForbidden, "AccessDenied", "Access Denied.")
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// keepFirst answers a second configuration as it answered the first, and drops it.
func keepFirst(next http.Handler) http.Handler {
	var kept sync.Map // bucket and operation: status
	return On("PutBucketPolicy PutBucketCors PutBucketOwnershipControls", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		bucket, _ := Target(r)
		id := bucket + " " + Operation(r)
		if status, ok := kept.Load(id); ok {
			(&Response{Status: status.(int), Header: http.Header{}}).send(w, r)
			return
		}
		resp := record(next, w, r)
		if resp.Status < 300 {
			kept.Store(id, resp.Status)
		}
		resp.send(w, r)
	})(next)
}
