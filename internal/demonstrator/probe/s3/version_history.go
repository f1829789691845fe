package s3

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
)

// The headers that tell of a version.
const (
	versionID    = "X-Amz-Version-Id"
	deleteMarker = "X-Amz-Delete-Marker"
)

// history is an object with two versions.
type history struct {
	c             *Cloud
	bucket, key   string
	first, second string // version ids
	old, new      []byte // of 100 and of 200 bytes
}

func (c *Cloud) setVersioning(t *probe.T, bucket, status string) Answer {
	return c.PutDocument(t, bucket, "", "versioning",
		"<VersioningConfiguration "+xmlns+"><Status>"+status+"</Status></VersioningConfiguration>")
}

func (c *Cloud) versionedBucket(t *probe.T) string {
	bucket := c.Bucket(t)
	c.setVersioning(t, bucket, "Enabled").Want(t, http.StatusOK)
	return bucket
}

func (c *Cloud) twoVersions(t *probe.T) history {
	v := history{c: c, bucket: c.versionedBucket(t), key: "object", old: pattern(1, 100), new: pattern(2, 200)}
	v.first, v.second = c.putVersion(t, v.bucket, v.key, v.old), c.putVersion(t, v.bucket, v.key, v.new)
	t.Want(v.first != v.second, "PUT object twice", "the same version id", "two version ids")
	return v
}

// putVersion stores an object and returns the id of its version.
func (c *Cloud) putVersion(t *probe.T, bucket, key string, body []byte, header ...string) string {
	a := c.Put(t, bucket, key, body, header...)
	id := a.Header.Get(versionID)
	t.Want(id != "" && id != "null", a.Did, fmt.Sprintf("%d with %s %q", a.Status, versionID, id), "a version id")
	return id
}

func (v history) do(t *probe.T, method, version string, header ...string) Answer {
	return v.c.Do(t, Request{Method: method, Bucket: v.bucket, Key: v.key, Query: "versionId=" + url.QueryEscape(version), Header: header})
}

func (v history) get(t *probe.T, version string) Answer { return v.do(t, http.MethodGet, version) }

// mark deletes the object without naming a version and returns the id of the
// marker.
func (v history) mark(t *probe.T) string {
	a := v.c.Do(t, Request{Method: http.MethodDelete, Bucket: v.bucket, Key: v.key}).
		Want(t, http.StatusNoContent).WantHeader(t, deleteMarker, "true")
	id := a.Header.Get(versionID)
	t.Want(id != "", a.Did, "a marker without "+versionID, "the marker's version id")
	return id
}

func wantVersioning(t *probe.T, c *Cloud, bucket, status string) {
	a := c.Document(t, bucket, "", "versioning").Want(t, http.StatusOK)
	var doc struct{ Status string }
	a.XML(t, &doc)
	t.Want(doc.Status == status, a.Did, fmt.Sprintf("status %q", doc.Status), fmt.Sprintf("status %q", status))
}

// versionList reads versions and markers in the order in which they stand.
type versionList struct {
	Entries []versionEntry `xml:",any"`
}

type versionEntry struct {
	XMLName        xml.Name
	Key, VersionId string
	IsLatest       bool
	Size           int
}

// versionRows lists a bucket's versions and markers as they stand in the answer,
// the latest ones first: a server may list all markers after the versions.
func versionRows(t *probe.T, c *Cloud, bucket string) []string {
	a := c.Do(t, Request{Method: http.MethodGet, Bucket: bucket, Query: "versions"}).Want(t, http.StatusOK)
	var list versionList
	a.XML(t, &list)
	var latest, rest []string
	for _, e := range list.Entries {
		row := fmt.Sprintf("%s %s of %d bytes", e.Key, e.VersionId, e.Size)
		switch e.XMLName.Local {
		case "Version":
		case "DeleteMarker":
			row = fmt.Sprintf("%s %s marker", e.Key, e.VersionId)
		default:
			continue
		}
		if e.IsLatest {
			latest = append(latest, row+", latest")
			continue
		}
		rest = append(rest, row)
	}
	return slices.Concat(latest, rest)
}

// WantRefusals ends the check unless the answer is one of these refusals, as in
// "404 NoSuchVersion".
func (a Answer) WantRefusals(t *probe.T, refusals ...string) Answer {
	if !slices.Contains(refusals, fmt.Sprintf("%d %s", a.Status, a.Code)) {
		t.Fail(a.Did, a.Got(), strings.Join(refusals, " or "))
	}
	return a
}
