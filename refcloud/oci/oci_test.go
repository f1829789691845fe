package oci

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

func TestOperation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, path, operation, repository, reference string }{
		{"GET", "/v2/", "Ping", "", ""},
		{"GET", "/token", "Token", "", ""},
		{"POST", "/v2/a/b/c/blobs/uploads/", "StartUpload", "a/b/c", ""},
		{"PATCH", "/v2/a/b/blobs/uploads/1-2", "PatchUpload", "a/b", "1-2"},
		{"HEAD", "/v2/a/blobs/sha256:0", "HeadBlob", "a", "sha256:0"},
		{"DELETE", "/v2/a/b/manifests/v1", "DeleteManifest", "a/b", "v1"},
		{"GET", "/v2/a/b/tags/list", "ListTags", "a/b", ""},
		{"GET", "/v2/a/referrers/sha256:0", "ListReferrers", "a", "sha256:0"},
		{"GET", "/elsewhere", "", "", ""},
	} {
		r := httptest.NewRequest(c.method, c.path, http.NoBody)
		repository, reference := Target(r)
		if op := Operation(r); op != c.operation || repository != c.repository || reference != c.reference {
			t.Errorf("%s %s: %q of %q in %q", c.method, c.path, op, reference, repository)
		}
	}
}

func TestGrant(t *testing.T) {
	t.Parallel()
	main := account{name: "m", namespace: ours}
	for scope, want := range map[string][]string{
		"repository:" + ours + "/x:pull,push,delete": {"pull", "push", "delete"},
		"repository:" + ours + "/x:pull,admin":       {"pull"},
		"repository:" + ours + "x/y:pull":            nil,
		"repository:" + theirs + "/x:pull":           nil,
		"registry:catalog:*":                         {"*"},
		"registry:other:*":                           nil,
		"nonsense":                                   nil,
	} {
		var got []string
		if grant := main.grant(scope); grant != nil {
			got = grant.Actions
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", scope, got, want)
		}
		if grant := (account{}).grant(scope); grant != nil {
			t.Errorf("nobody got %v of %s", grant.Actions, scope)
		}
	}
}

// TestShelf: what a repository links to stays, what none does goes, and a folder may
// hold one of its own name.
func TestShelf(t *testing.T) {
	t.Parallel()
	ctx, s := context.Background(), newShelf()
	put := func(path, content string) {
		if err := s.driver.PutContent(ctx, path, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	held := repositoriesPath + "/" + ours + "/held"
	put(held+"/_layers/sha256/aa/link", "sha256:aa")
	put(held+"/_manifests/tags/index/index/sha256/aa/link", "sha256:aa")
	put(held+"/_manifests/tags/index/current/link", "sha256:aa")
	put(repositoriesPath+"/"+ours+"/emptied/_uploads/1/data", "rest")
	put(blobsPath+"/sha256/aa/aa/data", "linked")
	put(blobsPath+"/sha256/bb/bb/data", "loose")
	if err := s.prune(ctx); err != nil {
		t.Fatal(err)
	}
	var left []string
	if err := s.walk(ctx, "/docker", func(rel string) { left = append(left, rel) }); err != nil {
		t.Fatal(err)
	}
	if len(left) != 4 || slices.ContainsFunc(left, func(rel string) bool { return rel == "registry/v2/blobs/sha256/bb/bb/data" }) {
		t.Errorf("left: %q", left)
	}
	tags, err := s.driver.List(ctx, held+"/_manifests/tags")
	if err != nil || len(tags) != 1 {
		t.Errorf("tags %q, %v", tags, err)
	}
	server := &Server{shelf: s}
	names, err := server.Inventory(ctx)
	if want := []string{"blob/" + ours + "/held@sha256:aa", "tag/" + ours + "/held:index"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("inventory %q, %v", names, err)
	}
	if got := s.repositoryWith(ctx, ours, "sha256:aa"); got != ours+"/held" {
		t.Errorf("sha256:aa is in %q", got)
	}
	if got := s.repositoryWith(ctx, ours, "sha256:bb"); got != "" {
		t.Errorf("sha256:bb is in %q", got)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, name := range demoFaults {
		if !slices.ContainsFunc(Faults(), func(f Fault) bool { return f.Name == name }) {
			t.Errorf("the demonstration plants %s, which is no fault", name)
		}
	}
	for _, f := range slices.Concat(Faults(), Variations()) {
		if f.Front == nil || f.Text == "" || f.Group == "" {
			t.Errorf("%s lacks something", f.Name)
		}
	}
}
