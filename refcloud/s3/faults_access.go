package s3

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/valyala/fasthttp"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
)

// What follows is shared by the faults of authentication and authorisation.

// forgive makes a Front that lets through what the gateway refuses: when the
// answer is the one, mend changes the request so that it is right, and it is
// sent again. A mend that fails leaves the refusal as it was.
func forgive(operations string, one func(r *http.Request, resp *Response) bool, mend func(r *http.Request, body []byte) error) func(http.Handler) http.Handler {
	return On(operations, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			Refuse(w, r, http.StatusBadRequest, "IncompleteBody", err.Error())
			return
		}
		again := r.Clone(r.Context())
		r.Body, again.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
		resp := record(next, w, r)
		if resp.Status < 300 || !one(r, resp) || mend(again, body) != nil {
			resp.send(w, r)
			return
		}
		next.ServeHTTP(w, again)
	})
}

// refusedFor tells whether an answer is an error with one of the codes.
func refusedFor(codes ...string) func(*http.Request, *Response) bool {
	return func(_ *http.Request, resp *Response) bool {
		return slices.Contains(codes, Inner(string(resp.Body), "Code"))
	}
}

// shutOut tells whether an account was refused for want of rights; "" is nobody.
func shutOut(who func(keys keyring) string) func(*http.Request, *Response) bool {
	return func(r *http.Request, resp *Response) bool {
		keys, ok := r.Context().Value(keyringKey{}).(keyring)
		return ok && resp.Status == http.StatusForbidden && accessKey(r) == who(keys)
	}
}

func nobody(keyring) string        { return "" }
func theOther(keys keyring) string { return keys.accounts.other.Access }

// resign is a mend that only signs again, as the same account and by the clock.
func resign(r *http.Request, _ []byte) error { return Resign(r) }

// asMain is a mend that signs as the main account, whoever sent the request.
func asMain(r *http.Request, _ []byte) error {
	keys, ok := r.Context().Value(keyringKey{}).(keyring)
	if !ok {
		return errors.New("sign request: no keyring in its context")
	}
	dropPresigned(r)
	if r.Header.Get(hashHeader) == "" {
		r.Header.Set(hashHeader, unsignedRaw)
	}
	return keys.sign(r, keys.accounts.main.Access, keys.accounts.main.Secret)
}

// presigned tells whether a request carries its signature in its query.
func presigned(r *http.Request) bool { return r.URL.Query().Has("X-Amz-Signature") }

// obeyed makes a backend whose policies are read in another way by those who
// obey them, while they are shown as they are.
func obeyed(read func(bucket string, doc []byte, err error) ([]byte, error)) func(backend.Backend) backend.Backend {
	return func(next backend.Backend) backend.Backend { return readOtherwise{next, read} }
}

type readOtherwise struct {
	backend.Backend
	read func(bucket string, doc []byte, err error) ([]byte, error)
}

// GetBucketPolicy returns what is obeyed, or what is shown.
func (b readOtherwise) GetBucketPolicy(ctx context.Context, bucket string) ([]byte, error) {
	doc, err := b.Backend.GetBucketPolicy(ctx, bucket)
	if asks(ctx, "policy") || asks(ctx, "policyStatus") {
		return doc, err
	}
	return b.read(bucket, doc, err)
}

// asks tells whether the request behind a call on a backend has a parameter.
func asks(ctx context.Context, parameter string) bool {
	r, ok := ctx.(*fasthttp.RequestCtx)
	return ok && r.QueryArgs().Has(parameter)
}

// eachStatement edits the statements of a policy; an edit that returns false
// drops one. A policy that has none left is no policy.
func eachStatement(edit func(s map[string]any) bool) func(string, []byte, error) ([]byte, error) {
	return func(_ string, doc []byte, err error) ([]byte, error) {
		var policy struct {
			Version   string
			Statement []map[string]any
		}
		if err != nil || json.Unmarshal(doc, &policy) != nil {
			return doc, err
		}
		policy.Statement = slices.DeleteFunc(policy.Statement, func(s map[string]any) bool { return !edit(s) })
		if len(policy.Statement) == 0 {
			return nil, s3err.GetAPIError(s3err.ErrNoSuchBucketPolicy)
		}
		return json.Marshal(policy)
	}
}

// onlyFirst cuts every element of a name but the first.
func onlyFirst(doc, name string) string {
	seen := false
	return Each(doc, name, func(element string) string {
		if seen {
			return ""
		}
		seen = true
		return element
	})
}

// withoutGroups reads an ACL as if it opened the bucket to nobody.
func withoutGroups(raw []byte) []byte {
	acl, err := auth.ParseACL(raw)
	if err != nil {
		return raw
	}
	acl.Grantees = slices.DeleteFunc(acl.Grantees, func(g auth.Grantee) bool { return strings.EqualFold(string(g.Type), "group") })
	out, err := json.Marshal(acl)
	if err != nil {
		return raw
	}
	return out
}
