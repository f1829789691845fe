// Package oci is the suite of checks for container registries: the OCI Distribution
// Specification as any client must find it, every digest computed from what came
// back. The checks stand in tables, one file a group; registry.go and token.go have
// the client that they use, content.go what they store, and want.go the sentences
// that they end with.
package oci

import (
	"slices"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// The features that an offer may declare. A check that needs another one is
// "unsupported" there.
const (
	deletion       = "delete"
	tagDeletion    = "tag-delete"
	blobDeletion   = "blob-delete"
	referrersAPI   = "referrers"
	mount          = "mount"
	anonymousMount = "anonymous-mount"
	chunked        = "chunked"
	streaming      = "streaming"
	singlePost     = "single-post"
	uploadCancel   = "upload-cancel"
	blobRange      = "blob-range"
	tagParameter   = "tag-parameter"
	sha512Digests  = "sha512"
	tokenAuth      = "token-auth"
	secondAccount  = "second-account"
)

// Suite is the table of all checks.
var Suite = probe.Suite{
	ID:    "oci",
	Title: lang.T("Registre de conteneurs (OCI)", "Container registry (OCI)"),
	Features: []string{
		deletion, tagDeletion, blobDeletion, referrersAPI, mount, anonymousMount, chunked, streaming, singlePost,
		uploadCancel, blobRange, tagParameter, sha512Digests, tokenAuth, secondAccount,
	},
	Settings: []string{"namespace", "foreign-repository"},
	Credentials: map[string][]string{
		"main":  {"user", "password"},
		"other": {"user", "password"},
	},
	Required: []string{"main"},
	Slots:    20,
	Checks: slices.Concat(
		apiChecks, pullChecks, pushChecks, chunkChecks, mountChecks, manifestChecks, contentChecks, tagChecks,
		referrerChecks, deleteChecks, digestChecks, authChecks, scopeChecks, clientChecks,
	),
	Vet:       vetChecks,
	Control:   control,
	Delete:    remove,
	Inventory: inventory,
}

// in gives a check a repository of its own, which is emptied when it ends.
func in(run func(*probe.T, *Repo)) func(*probe.T) {
	return func(t *probe.T) { run(t, registryOf(t.Session()).Repo(t)) }
}
