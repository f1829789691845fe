package s3

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var versionChecks = slices.Concat(versionObjectChecks, versionListChecks)

// versionObjectChecks look at the versions of one object.
var versionObjectChecks = []probe.Check{
	{
		ID: "s3/version/off-by-default", Rule: "S3 API, GetBucketVersioning", Features: []string{versioning},
		Title: lang.T("Un seau neuf ne garde pas les versions", "A new bucket keeps no versions"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			wantVersioning(t, c, bucket, "")
			c.Put(t, bucket, "object", pattern(1, 100))
			c.Put(t, bucket, "object", pattern(2, 200))
			wantRows(t, "ListObjectVersions", versionRows(t, c, bucket), []string{"object null of 200 bytes, latest"})
		}),
	},
	{
		ID: "s3/version/enable", Rule: "S3 API, PutBucketVersioning", Features: []string{versioning},
		Title: lang.T("La conservation des versions s'active et se suspend", "Versioning is enabled and suspended"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.versionedBucket(t)
			wantVersioning(t, c, bucket, "Enabled")
			c.setVersioning(t, bucket, "Suspended").Want(t, http.StatusOK)
			wantVersioning(t, c, bucket, "Suspended")
		}),
	},
	{
		ID: "s3/version/invalid-status", Rule: "S3 API, PutBucketVersioning", Features: []string{versioning},
		Title: lang.T("Un état de versions inconnu est refusé", "An unknown versioning status is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.setVersioning(t, bucket, "Sometimes").WantRefusal(t, http.StatusBadRequest, "MalformedXML", "IllegalVersioningConfigurationException")
			wantVersioning(t, c, bucket, "")
		}),
	},
	{
		ID: "s3/version/get-by-version", Rule: "S3 API, GetObject, versionId", Features: []string{versioning},
		Title: lang.T("Chaque version se relit par son identifiant", "Each version reads back by its identifier"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.twoVersions(t)
			v.get(t, v.first).Want(t, http.StatusOK).WantBody(t, v.old).WantHeader(t, versionID, v.first)
			v.get(t, v.second).Want(t, http.StatusOK).WantBody(t, v.new).WantHeader(t, versionID, v.second)
			c.Get(t, v.bucket, v.key).Want(t, http.StatusOK).WantBody(t, v.new).WantHeader(t, versionID, v.second)
		}),
	},
	{
		ID: "s3/version/head-by-version", Rule: "S3 API, HeadObject, versionId", Features: []string{versioning},
		Title: lang.T("HEAD décrit la version demandée", "HEAD describes the version that was asked for"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.twoVersions(t)
			v.do(t, http.MethodHead, v.first).Want(t, http.StatusOK).
				WantHeader(t, "Content-Length", fmt.Sprint(len(v.old))).WantHeader(t, versionID, v.first)
		}),
	},
	{
		ID: "s3/version/unknown-version", Rule: "S3 API, NoSuchVersion", Features: []string{versioning},
		Title: lang.T("Une version inconnue est refusée", "An unknown version is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.twoVersions(t)
			v.do(t, http.MethodDelete, v.first).Want(t, http.StatusNoContent)
			v.get(t, v.first).WantRefusal(t, http.StatusNotFound, "NoSuchVersion")
			v.get(t, "not-a-version").WantRefusals(t, "400 InvalidArgument", "404 NoSuchVersion")
		}),
	},
	{
		ID: "s3/version/delete-adds-marker", Rule: "S3 API, DeleteObject, x-amz-delete-marker", Features: []string{versioning},
		Title: lang.T("Supprimer sans version pose un marqueur et garde les versions", "Deleting without a version adds a marker and keeps the versions"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.twoVersions(t)
			marker := v.mark(t)
			t.Want(marker != v.first && marker != v.second, "DELETE object", "the version id of another version", "a new version id for the marker")
			v.get(t, v.first).Want(t, http.StatusOK).WantBody(t, v.old)
			v.get(t, v.second).Want(t, http.StatusOK).WantBody(t, v.new)
		}),
	},
	{
		ID: "s3/version/get-after-delete", Rule: "S3 API, GetObject, x-amz-delete-marker", Features: []string{versioning},
		Title: lang.T("Sous un marqueur, l'objet est introuvable et la réponse le dit", "Below a marker the object is not found, and the answer says so"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.twoVersions(t)
			v.mark(t)
			c.Get(t, v.bucket, v.key).WantRefusal(t, http.StatusNotFound, "NoSuchKey").WantHeader(t, deleteMarker, "true")
			c.Head(t, v.bucket, v.key).WantRefusal(t, http.StatusNotFound).WantHeader(t, deleteMarker, "true")
			wantNoObjects(t, c, v.bucket)
		}),
	},
	{
		ID: "s3/version/marker-get", Rule: "S3 API, GetObject, MethodNotAllowed", Features: []string{versioning},
		Title: lang.T("Un marqueur ne se lit pas", "A marker can't be read"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.twoVersions(t)
			v.get(t, v.mark(t)).WantRefusal(t, http.StatusMethodNotAllowed, "MethodNotAllowed").WantHeader(t, deleteMarker, "true")
		}),
	},
	{
		ID: "s3/version/remove-marker", Rule: "S3 API, DeleteObject, versionId", Features: []string{versioning},
		Title: lang.T("Supprimer le marqueur rétablit l'objet", "Deleting the marker restores the object"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.twoVersions(t)
			v.do(t, http.MethodDelete, v.mark(t)).Want(t, http.StatusNoContent).WantHeader(t, deleteMarker, "true")
			c.Get(t, v.bucket, v.key).Want(t, http.StatusOK).WantBody(t, v.new)
		}),
	},
	{
		ID: "s3/version/delete-version", Rule: "S3 API, DeleteObject, versionId", Features: []string{versioning},
		Title: lang.T("Supprimer la dernière version rétablit la précédente", "Deleting the latest version restores the one before"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.twoVersions(t)
			v.do(t, http.MethodDelete, v.second).Want(t, http.StatusNoContent)
			v.get(t, v.second).WantRefusal(t, http.StatusNotFound, "NoSuchVersion")
			c.Get(t, v.bucket, v.key).Want(t, http.StatusOK).WantBody(t, v.old)
		}),
	},
	{
		ID: "s3/version/copy-version", Rule: "S3 API, CopyObject, x-amz-copy-source", Features: []string{versioning},
		Title: lang.T("Une ancienne version se copie", "An old version can be copied"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.twoVersions(t)
			source := "/" + v.bucket + "/" + v.key + "?versionId=" + v.first
			c.Put(t, v.bucket, v.key, nil, "X-Amz-Copy-Source", source).WantHeader(t, "X-Amz-Copy-Source-Version-Id", v.first)
			c.Get(t, v.bucket, v.key).Want(t, http.StatusOK).WantBody(t, v.old)
			v.get(t, v.second).Want(t, http.StatusOK).WantBody(t, v.new)
		}),
	},
	{
		ID: "s3/version/null-kept", Rule: "S3 API, PutBucketVersioning", Features: []string{versioning},
		Title: lang.T("L'objet d'avant les versions reste lisible comme version « null »", `The object from before versioning stays readable as version "null"`),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, old := c.Bucket(t), pattern(1, 100)
			c.Put(t, bucket, "object", old)
			c.setVersioning(t, bucket, "Enabled").Want(t, http.StatusOK)
			c.Put(t, bucket, "object", pattern(2, 200))
			c.Do(t, Request{Method: http.MethodGet, Bucket: bucket, Key: "object", Query: "versionId=null"}).
				Want(t, http.StatusOK).WantBody(t, old)
		}),
	},
	{
		ID: "s3/version/suspended", Rule: "S3 API, PutBucketVersioning, Suspended", Features: []string{versioning},
		Title: lang.T("Suspendu, le seau remplace la version « null » et garde les autres", `While suspended, the bucket replaces the "null" version and keeps the others`),
		Run: with(func(t *probe.T, c *Cloud) {
			v, last := c.twoVersions(t), pattern(4, 400)
			c.setVersioning(t, v.bucket, "Suspended").Want(t, http.StatusOK)
			c.Put(t, v.bucket, v.key, pattern(3, 300))
			c.Put(t, v.bucket, v.key, last)
			c.Get(t, v.bucket, v.key).Want(t, http.StatusOK).WantBody(t, last)
			wantRows(t, "ListObjectVersions", versionRows(t, c, v.bucket), []string{
				"object null of 400 bytes, latest",
				"object " + v.second + " of 200 bytes",
				"object " + v.first + " of 100 bytes",
			})
		}),
	},
}

// versionListChecks look at the listing of versions.
var versionListChecks = []probe.Check{
	{
		ID: "s3/version/list-versions", Rule: "S3 API, ListObjectVersions", Features: []string{versioning},
		Title: lang.T("Versions et marqueurs sont listés, du plus récent au plus ancien", "Versions and markers are listed, newest first"),
		Run: with(func(t *probe.T, c *Cloud) {
			v := c.twoVersions(t)
			marker := v.mark(t)
			wantRows(t, "ListObjectVersions", versionRows(t, c, v.bucket), []string{
				"object " + marker + " marker, latest",
				"object " + v.second + " of 200 bytes",
				"object " + v.first + " of 100 bytes",
			})
		}),
	},
	{
		ID: "s3/version/list-versions-pages", Rule: "S3 API, ListObjectVersions, version-id-marker", Features: []string{versioning},
		Title: lang.T("La liste des versions se lit page par page", "The list of versions reads page by page"),
		Run:   with(versionPages),
	},
	{
		ID: "s3/version/list-versions-prefix", Rule: "S3 API, ListObjectVersions, prefix", Features: []string{versioning},
		Title: lang.T("Un préfixe et un séparateur restreignent la liste des versions", "A prefix and a delimiter narrow the list of versions"),
		Run:   with(versionPrefix),
	},
}

// versionPages stops in the middle of a key's versions.
func versionPages(t *probe.T, c *Cloud) {
	v := c.twoVersions(t)
	c.Put(t, v.bucket, "z", pattern(5, 500))
	pages := s3.NewListObjectVersionsPaginator(c.AWS(), &s3.ListObjectVersionsInput{Bucket: &v.bucket, MaxKeys: aws.Int32(1)})
	var got []string
	for range 4 {
		if !pages.HasMorePages() {
			break
		}
		page, err := pages.NextPage(t.Context())
		works(t, "ListObjectVersions, max-keys 1", err)
		t.Want(len(page.Versions) <= 1, "ListObjectVersions, max-keys 1", fmt.Sprintf("%d versions", len(page.Versions)), "1 at most")
		for _, o := range page.Versions {
			got = append(got, fmt.Sprintf("%s of %d bytes", aws.ToString(o.Key), aws.ToInt64(o.Size)))
		}
	}
	wantRows(t, "ListObjectVersions, max-keys 1", got, []string{"object of 200 bytes", "object of 100 bytes", "z of 500 bytes"})
}

func versionPrefix(t *probe.T, c *Cloud) {
	bucket := c.versionedBucket(t)
	for _, key := range []string{"a/one", "a/deep/two", "b/three"} {
		c.Put(t, bucket, key, pattern(1, 10))
	}
	c.Put(t, bucket, "a/one", pattern(2, 20))
	out, err := c.AWS().ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: aws.String("a/"), Delimiter: aws.String("/")})
	works(t, "ListObjectVersions", err)
	var got []string
	for _, o := range out.Versions {
		got = append(got, fmt.Sprintf("%s of %d bytes", aws.ToString(o.Key), aws.ToInt64(o.Size)))
	}
	for _, p := range out.CommonPrefixes {
		got = append(got, "common "+aws.ToString(p.Prefix))
	}
	wantRows(t, "ListObjectVersions, prefix a/, delimiter /", got, []string{"a/one of 20 bytes", "a/one of 10 bytes", "common a/deep/"})
}
