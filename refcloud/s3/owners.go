package s3

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend"
)

// cacheTime is how long the gateway remembers an account: all are created
// before it starts, and none changes.
const cacheTime = time.Hour

// owners gives each account what an administrator of its own tenant has: every
// right on its own buckets, which only an explicit Deny of a bucket's policy
// takes away. By itself the gateway knows no rights of identities, and shuts an
// owner out of a bucket as soon as its policy grants something to another.
type owners struct {
	auth.IAMService
	be backend.Backend
}

var _ auth.PolicyEvaluator = owners{}

func newOwners(iam auth.IAMService, be backend.Backend) owners {
	return owners{IAMService: auth.NewCache(iam, cacheTime, cacheTime), be: be}
}

// EvaluatePolicy says which actions on which resources an account's own rights
// allow. The rest is for policies and ACLs of buckets to grant.
func (o owners) EvaluatePolicy(access, _ string, actions []auth.Action, resources []string, _ map[string][]string) (auth.PolicyEvaluation, error) {
	var out auth.PolicyEvaluation
	for _, resource := range resources {
		owned, err := o.owns(access, resource)
		if err != nil {
			return out, err
		}
		appendRow(&out.Decisions, actions, func(action auth.Action) bool {
			return owned || action == auth.CreateBucketAction || action == auth.ListAllMyBucketsAction
		})
	}
	return out, nil
}

// appendRow adds the decisions on a resource. Their type is not exported; its
// values are 0, no rule matches, and 1, allowed.
func appendRow[D ~int](matrix *[][]D, actions []auth.Action, allowed func(auth.Action) bool) {
	row := make([]D, len(actions))
	for i, action := range actions {
		if allowed(action) {
			row[i] = 1
		}
	}
	*matrix = append(*matrix, row)
}

func (o owners) owns(access, resource string) (bool, error) {
	bucket, _, _ := strings.Cut(strings.TrimPrefix(resource, auth.ResourceArnPrefix), "/")
	raw, err := o.be.GetBucketAcl(context.Background(), &s3.GetBucketAclInput{Bucket: &bucket})
	if err != nil {
		return false, nil // no such bucket: nothing to own
	}
	acl, err := auth.ParseACL(raw)
	if err != nil {
		return false, errors.Join(errors.New("parse acl of "+bucket), err)
	}
	return acl.Owner == access, nil
}
