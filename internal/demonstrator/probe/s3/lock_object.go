package s3

import (
	"fmt"
	"net/http"
	"time"

	"aloi.dev/internal/demonstrator/probe"
)

// The headers of a lock.
const (
	lockMode  = "X-Amz-Object-Lock-Mode"
	lockUntil = "X-Amz-Object-Lock-Retain-Until-Date"
	lockHold  = "X-Amz-Object-Lock-Legal-Hold"
)

const holdDoc = "<LegalHold " + xmlns + "><Status>ON</Status></LegalHold>"

func retentionDoc(until time.Time) string {
	return "<Retention " + xmlns + "><Mode>GOVERNANCE</Mode><RetainUntilDate>" + until.Format(time.RFC3339) + "</RetainUntilDate></Retention>"
}

// lockedBucket creates a bucket with object lock and no default retention.
func (c *Cloud) lockedBucket(t *probe.T) string {
	return c.Bucket(t, "X-Amz-Bucket-Object-Lock-Enabled", "true")
}

func (c *Cloud) setDefaultRetention(t *probe.T, bucket string, days int) {
	doc := fmt.Sprintf("<ObjectLockConfiguration "+xmlns+"><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>"+
		"<Mode>GOVERNANCE</Mode><Days>%d</Days></DefaultRetention></Rule></ObjectLockConfiguration>", days)
	c.PutDocument(t, bucket, "", "object-lock", doc).Want(t, http.StatusOK)
}

// locked is an object with one version, under a retention or a legal hold.
type locked struct {
	history
	until time.Time
}

// retained stores an object under a GOVERNANCE retention of two days.
func (c *Cloud) retained(t *probe.T) locked {
	until := t.Now().Add(48 * time.Hour).UTC().Truncate(time.Second)
	return c.locked(t, until, lockMode, "GOVERNANCE", lockUntil, until.Format(time.RFC3339))
}

// held stores an object and puts it under a legal hold.
func (c *Cloud) held(t *probe.T) locked {
	v := c.locked(t, time.Time{})
	c.PutDocument(t, v.bucket, v.key, "legal-hold", holdDoc).Want(t, http.StatusOK)
	return v
}

func (c *Cloud) locked(t *probe.T, until time.Time, header ...string) locked {
	v := locked{history{c: c, bucket: c.lockedBucket(t), key: "object", old: pattern(1, 100)}, until}
	header = append(header, "Content-Md5", md5Of(v.old)) // a server may demand it where a lock is set
	v.first = c.putVersion(t, v.bucket, v.key, v.old, header...)
	return v
}

// wantRetention ends the check unless an object says that it is under a
// GOVERNANCE retention until then, give or take a minute of clocks.
func wantRetention(t *probe.T, a Answer, until time.Time) {
	a.WantHeader(t, lockMode, "GOVERNANCE")
	wantInstant(t, a.Did, a.Header.Get(lockUntil), until, time.Minute)
}

func wantInstant(t *probe.T, did, text string, want time.Time, within time.Duration) {
	got, err := time.Parse(time.RFC3339, text)
	if err != nil || got.Sub(want).Abs() > within {
		t.Fail(did, fmt.Sprintf("retention until %q", text), "until "+want.UTC().Format(time.RFC3339))
	}
}
