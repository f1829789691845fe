package s3

import (
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var lockChecks = slices.Concat(lockRetentionChecks, lockHoldChecks, lockBucketChecks)

// lockRetentionChecks only use the GOVERNANCE mode: a COMPLIANCE retention could
// not be lifted, and the bucket not be deleted.
var lockRetentionChecks = []probe.Check{
	{
		ID: "s3/lock/retention-blocks-delete", Rule: "S3 API, Object Lock, retention", Features: []string{objectLock},
		Title: lang.T("Une version sous rétention ne se supprime pas", "A version under retention can't be deleted"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.retained(t)
			v.do(t, http.MethodDelete, v.first).WantRefusal(t, http.StatusForbidden, "AccessDenied")
			v.get(t, v.first).Want(t, http.StatusOK).WantBody(t, v.old)
		}),
	},
	{
		ID: "s3/lock/marker-allowed", Rule: "S3 API, Object Lock, delete markers", Features: []string{objectLock},
		Title: lang.T("Supprimer sans version reste permis et garde la version retenue", "Deleting without a version stays allowed and keeps the retained version"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.retained(t)
			v.mark(t)
			v.get(t, v.first).Want(t, http.StatusOK).WantBody(t, v.old)
			v.do(t, http.MethodDelete, v.first).WantRefusal(t, http.StatusForbidden, "AccessDenied")
		}),
	},
	{
		ID: "s3/lock/overwrite-keeps", Rule: "S3 API, Object Lock, retention", Features: []string{objectLock},
		Title: lang.T("Écrire par-dessus ajoute une version et garde la version retenue", "Writing over it adds a version and keeps the retained version"),
		Run: with(func(t *probe.T, c *Cloud) {
			v, last := c.retained(t), pattern(3, 300)
			c.putVersion(t, v.bucket, v.key, last)
			c.Get(t, v.bucket, v.key).Want(t, http.StatusOK).WantBody(t, last)
			v.get(t, v.first).Want(t, http.StatusOK).WantBody(t, v.old)
			v.do(t, http.MethodDelete, v.first).WantRefusal(t, http.StatusForbidden, "AccessDenied")
		}),
	},
	{
		ID: "s3/lock/headers", Rule: "S3 API, GetObject and HeadObject, x-amz-object-lock-mode", Features: []string{objectLock},
		Title: lang.T("GET et HEAD disent le mode et le terme de la rétention", "GET and HEAD tell the mode and the end of the retention"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.retained(t)
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				wantRetention(t, v.do(t, method, v.first).Want(t, http.StatusOK), v.until)
			}
		}),
	},
	{
		ID: "s3/lock/retention-round-trip", Rule: "S3 API, PutObjectRetention and GetObjectRetention", Features: []string{objectLock},
		Title: lang.T("La rétention d'un objet s'écrit et se relit", "The retention of an object is written and reads back"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, until := c.lockedBucket(t), t.Now().Add(48*time.Hour).UTC().Truncate(time.Second)
			c.Put(t, bucket, "object", pattern(1, 100))
			c.PutDocument(t, bucket, "object", "retention", retentionDoc(until)).Want(t, http.StatusOK)
			a := c.Document(t, bucket, "object", "retention").Want(t, http.StatusOK)
			var doc struct{ Mode, RetainUntilDate string }
			a.XML(t, &doc)
			t.Want(doc.Mode == "GOVERNANCE", a.Did, "mode "+doc.Mode, "GOVERNANCE")
			wantInstant(t, a.Did, doc.RetainUntilDate, until, time.Second)
		}),
	},
	{
		ID: "s3/lock/shorten-refused", Rule: "S3 API, PutObjectRetention, GOVERNANCE", Features: []string{objectLock},
		Title: lang.T("Une rétention se prolonge mais ne se raccourcit pas", "A retention can be extended but not shortened"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.retained(t)
			longer, shorter := v.until.Add(24*time.Hour), v.until.Add(-24*time.Hour)
			c.PutDocument(t, v.bucket, v.key, "retention", retentionDoc(longer)).Want(t, http.StatusOK)
			c.PutDocument(t, v.bucket, v.key, "retention", retentionDoc(shorter)).WantRefusal(t, http.StatusForbidden, "AccessDenied")
			wantRetention(t, c.Head(t, v.bucket, v.key).Want(t, http.StatusOK), longer)
		}),
	},
	{
		ID: "s3/lock/governance-bypass", Rule: "S3 API, DeleteObject, x-amz-bypass-governance-retention", Features: []string{objectLock},
		Title: lang.T("Qui en a le droit passe outre une rétention GOVERNANCE", "Who has the right bypasses a GOVERNANCE retention"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.retained(t)
			v.do(t, http.MethodDelete, v.first, "X-Amz-Bypass-Governance-Retention", "true").Want(t, http.StatusNoContent)
			v.get(t, v.first).WantRefusals(t, "404 NoSuchVersion", "404 NoSuchKey")
		}),
	},
	{
		ID: "s3/lock/retention-past", Rule: "S3 API, PutObjectRetention, RetainUntilDate", Features: []string{objectLock},
		Title: lang.T("Une rétention qui finit dans le passé est refusée", "A retention that ends in the past is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, past := c.lockedBucket(t), t.Now().Add(-time.Hour).UTC().Truncate(time.Second)
			c.Put(t, bucket, "object", pattern(1, 100))
			c.PutDocument(t, bucket, "object", "retention", retentionDoc(past)).
				WantRefusal(t, http.StatusBadRequest, "InvalidArgument", "InvalidRequest")
			c.Head(t, bucket, "object").Want(t, http.StatusOK).WantHeader(t, lockMode, "")
		}),
	},
}

var lockHoldChecks = []probe.Check{
	{
		ID: "s3/lock/legal-hold-blocks", Rule: "S3 API, PutObjectLegalHold", Features: []string{objectLock},
		Title: lang.T("Une version sous conservation légale ne se supprime pas, même en passant outre la rétention", "A version under legal hold can't be deleted, even when bypassing retention"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.held(t)
			v.do(t, http.MethodDelete, v.first).WantRefusal(t, http.StatusForbidden, "AccessDenied")
			v.do(t, http.MethodDelete, v.first, "X-Amz-Bypass-Governance-Retention", "true").
				WantRefusal(t, http.StatusForbidden, "AccessDenied")
			v.get(t, v.first).Want(t, http.StatusOK).WantBody(t, v.old).WantHeader(t, lockHold, "ON")
		}),
	},
	{
		ID: "s3/lock/legal-hold-released", Rule: "S3 API, PutObjectLegalHold", Features: []string{objectLock},
		Title: lang.T("La conservation légale levée, la version se supprime", "Once the hold is released, the version can be deleted"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.held(t)
			hold := &s3.PutObjectLegalHoldInput{Bucket: &v.bucket, Key: &v.key, LegalHold: &types.ObjectLockLegalHold{Status: types.ObjectLockLegalHoldStatusOff}}
			_, err := c.AWS().PutObjectLegalHold(t.Context(), hold)
			works(t, "PutObjectLegalHold OFF", err)
			out, err := c.AWS().GetObjectLegalHold(t.Context(), &s3.GetObjectLegalHoldInput{Bucket: &v.bucket, Key: &v.key})
			works(t, "GetObjectLegalHold", err)
			t.Want(out.LegalHold != nil && out.LegalHold.Status == types.ObjectLockLegalHoldStatusOff, "GetObjectLegalHold", "another status", "OFF")
			v.do(t, http.MethodDelete, v.first).Want(t, http.StatusNoContent)
			v.get(t, v.first).WantRefusals(t, "404 NoSuchVersion", "404 NoSuchKey")
		}),
	},
	{
		ID: "s3/lock/legal-hold-invalid", Rule: "S3 API, PutObjectLegalHold, MalformedXML", Features: []string{objectLock},
		Title: lang.T("Un état de conservation légale inconnu est refusé", "An unknown legal hold status is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.held(t)
			c.PutDocument(t, v.bucket, v.key, "legal-hold", "<LegalHold "+xmlns+"><Status>MAYBE</Status></LegalHold>").
				WantRefusal(t, http.StatusBadRequest, "MalformedXML", "InvalidArgument", "InvalidRequest")
			c.Head(t, v.bucket, v.key).Want(t, http.StatusOK).WantHeader(t, lockHold, "ON")
		}),
	},
}

var lockBucketChecks = []probe.Check{
	{
		ID: "s3/lock/config-round-trip", Rule: "S3 API, PutObjectLockConfiguration", Features: []string{objectLock},
		Title: lang.T("La rétention par défaut d'un seau s'écrit et se relit", "The default retention of a bucket is written and reads back"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.lockedBucket(t)
			wantVersioning(t, c, bucket, "Enabled")
			c.setDefaultRetention(t, bucket, 3)
			out, err := c.AWS().GetObjectLockConfiguration(t.Context(), &s3.GetObjectLockConfigurationInput{Bucket: &bucket})
			works(t, "GetObjectLockConfiguration", err)
			doc := out.ObjectLockConfiguration
			ok := doc != nil && doc.ObjectLockEnabled == types.ObjectLockEnabledEnabled && doc.Rule != nil && doc.Rule.DefaultRetention != nil
			t.Want(ok, "GetObjectLockConfiguration", "no default retention", "an enabled lock with a default retention")
			r := doc.Rule.DefaultRetention
			t.Want(r.Mode == types.ObjectLockRetentionModeGovernance && aws.ToInt32(r.Days) == 3, "GetObjectLockConfiguration", "another retention", "GOVERNANCE for 3 days")
		}),
	},
	{
		ID: "s3/lock/default-retention", Rule: "S3 API, PutObjectLockConfiguration, DefaultRetention", Features: []string{objectLock},
		Title: lang.T("La rétention par défaut s'applique aux nouveaux objets", "The default retention applies to new objects"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.lockedBucket(t)
			c.setDefaultRetention(t, bucket, 2)
			v := history{c: c, bucket: bucket, key: "object", old: pattern(1, 100)}
			v.first = c.putVersion(t, bucket, v.key, v.old, "Content-Md5", md5Of(v.old))
			wantRetention(t, c.Head(t, bucket, v.key).Want(t, http.StatusOK), t.Now().Add(48*time.Hour))
			v.do(t, http.MethodDelete, v.first).WantRefusal(t, http.StatusForbidden, "AccessDenied")
			v.get(t, v.first).Want(t, http.StatusOK).WantBody(t, v.old)
		}),
	},
	{
		ID: "s3/lock/versioning-stays", Rule: "S3 API, PutBucketVersioning, InvalidBucketState", Features: []string{objectLock},
		Title: lang.T("Un seau verrouillable garde ses versions", "A bucket with object lock keeps its versions"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.lockedBucket(t)
			c.setVersioning(t, bucket, "Suspended").WantRefusals(t, "409 InvalidBucketState", "400 InvalidBucketState")
			wantVersioning(t, c, bucket, "Enabled")
		}),
	},
	{
		ID: "s3/lock/not-enabled", Rule: "S3 API, GetObjectLockConfiguration", Features: []string{objectLock},
		Title: lang.T("Un seau sans verrou le dit", "A bucket without object lock says so"),
		Run: with(func(t *probe.T, c *Cloud) {
			c.Document(t, c.Bucket(t), "", "object-lock").
				WantRefusal(t, http.StatusNotFound, "ObjectLockConfigurationNotFoundError")
		}),
	},
	{
		ID: "s3/lock/put-without-lock", Rule: "S3 API, PutObjectRetention, InvalidRequest", Features: []string{objectLock},
		Title: lang.T("Un seau sans verrou refuse rétention et conservation légale", "A bucket without object lock refuses retention and legal hold"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, until := c.versionedBucket(t), t.Now().Add(24*time.Hour).UTC().Truncate(time.Second)
			c.Put(t, bucket, "object", pattern(1, 100))
			c.PutDocument(t, bucket, "object", "retention", retentionDoc(until)).WantRefusal(t, http.StatusBadRequest, "InvalidRequest")
			c.PutDocument(t, bucket, "object", "legal-hold", holdDoc).WantRefusal(t, http.StatusBadRequest, "InvalidRequest")
			c.Do(t, Request{
				Method: http.MethodPut, Bucket: bucket, Key: "another", Body: pattern(2, 100),
				Header: []string{lockMode, "GOVERNANCE", lockUntil, until.Format(time.RFC3339), "Content-Md5", md5Of(pattern(2, 100))},
			}).WantRefusal(t, http.StatusBadRequest, "InvalidRequest")
			c.Get(t, bucket, "another").WantRefusal(t, http.StatusNotFound, "NoSuchKey")
		}),
	},
}
