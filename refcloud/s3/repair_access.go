package s3

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"regexp"
	"strings"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/s3err"
)

// accessRepairs are the repairs at the front for forms and ACLs.
var accessRepairs = []func(http.Handler) http.Handler{
	On("PostObject", fillFilename),
	EditXML("GetBucketAcl", nameEverybody),
}

// filePart is the header of a form's file, with its name.
var filePart = regexp.MustCompile(`(?i)name="?file"?; *filename="([^"]*)"`)

// fillFilename puts the name of a form's file in the place of ${filename} in
// the fields before it.
func fillFilename(w http.ResponseWriter, r *http.Request, next http.Handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		Refuse(w, r, http.StatusBadRequest, "IncompleteBody", err.Error())
		return
	}
	if at := filePart.FindSubmatchIndex(body); at != nil {
		name := path.Base(string(body[at[2]:at[3]]))
		body = append(bytes.ReplaceAll(body[:at[0]], []byte("${filename}"), []byte(name)), body[at[0]:]...)
	}
	setForm(r, body)
	next.ServeHTTP(w, r)
}

// setForm replaces the body of a request that no signature covers.
func setForm(r *http.Request, body []byte) {
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Del("Content-Length")
}

// nameEverybody names the group of all users by its URI in an ACL.
func nameEverybody(_ *http.Request, doc string) string {
	return strings.ReplaceAll(doc, "<ID>all-users</ID>", "<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>")
}

// PutBucketPolicy refuses what is about another bucket whose name only begins
// with that of the bucket.
func (f repairedFiles) PutBucketPolicy(ctx context.Context, bucket string, policy []byte) error {
	var doc auth.BucketPolicy
	if err := json.Unmarshal(policy, &doc); err != nil {
		return err // the gateway has read it already
	}
	for _, statement := range doc.Statement {
		for resource := range statement.Resources {
			named, _, _ := strings.Cut(resource, "/")
			if ok, err := path.Match(named, bucket); err != nil || !ok {
				return s3err.APIError{Code: "MalformedPolicy", Description: "Policy has invalid resource", HTTPStatusCode: http.StatusBadRequest}
			}
		}
	}
	return f.Backend.PutBucketPolicy(ctx, bucket, policy)
}
