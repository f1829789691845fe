// Package s3 is the suite of checks for object storage with the S3 API: what
// several public SDKs, and requests made by hand, must obtain from any offer.
// The checks stand in tables, one file a group; cloud.go has the clients that
// they use and want.go the sentences that they end with.
package s3

import (
	"slices"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// The features that an offer may declare. A check that needs another one is
// "unsupported" there.
const (
	versioning    = "versioning"
	objectLock    = "object-lock"
	policy        = "policy"
	acl           = "acl"
	ownership     = "ownership"
	cors          = "cors"
	tagging       = "tagging"
	postForm      = "post-form"
	checksums     = "checksums"
	encryption    = "encryption"
	lifecycle     = "lifecycle"
	multipart     = "multipart"
	secondAccount = "second-account"
)

// Suite is the table of all checks.
var Suite = probe.Suite{
	ID:    "s3",
	Title: lang.T("Stockage objet (API S3)", "Object storage (S3 API)"),
	Features: []string{
		versioning, objectLock, policy, acl, ownership, cors, tagging, postForm,
		checksums, encryption, lifecycle, multipart, secondAccount,
	},
	Settings: []string{"region", "addressing", "foreign-bucket", "other-principal"},
	Credentials: map[string][]string{
		"main":  {"access-key", "secret-key"},
		"other": {"access-key", "secret-key"},
	},
	Required: []string{"main"},
	Slots:    20,
	Checks: slices.Concat(
		bucketChecks, objectChecks, listChecks, rangeChecks, conditionalChecks, copyChecks,
		multipartChecks, checksumChecks, clientChecks, versionChecks, lockChecks, taggingChecks,
		lifecycleChecks, encryptionChecks, authChecks, presignChecks, postChecks, policyChecks,
		aclChecks, ownershipChecks, corsChecks,
	),
	Vet:       vetChecks,
	Loads:     loads,
	Control:   control,
	Delete:    remove,
	Inventory: inventory,
}

// with gives a check the clients of its session.
func with(run func(*probe.T, *Cloud)) func(*probe.T) {
	return func(t *probe.T) { run(t, cloudOf(t.Session())) }
}
