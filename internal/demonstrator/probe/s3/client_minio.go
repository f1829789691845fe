package s3

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/minio/minio-go/v7"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// minioChecks: what an application does through the MinIO SDK.
var minioChecks = []probe.Check{
	{
		ID: "s3/client/minio-put-get", Rule: "MinIO SDK for Go, PutObject and GetObject",
		Title: lang.T("Le SDK de MinIO écrit et relit un objet, en entier et par morceaux", "The MinIO SDK writes and reads an object, whole and in parts"),
		Run:   with(minioPutGet),
	},
	{
		ID: "s3/client/minio-stat", Rule: "MinIO SDK for Go, StatObject",
		Title: lang.T("Le SDK de MinIO connaît taille, type, date, ETag et métadonnées d'un objet", "The MinIO SDK knows size, type, date, ETag and metadata of an object"),
		Run:   with(minioStat),
	},
	{
		ID: "s3/client/minio-list", Rule: "MinIO SDK for Go, ListObjects",
		Title: lang.T("Le SDK de MinIO liste un seau en entier et dossier par dossier", "The MinIO SDK lists a bucket whole and folder by folder"),
		Run:   with(minioList),
	},
	{
		ID: "s3/client/minio-remove-many", Rule: "MinIO SDK for Go, RemoveObjects",
		Title: lang.T("Le SDK de MinIO efface un flux de clés", "The MinIO SDK deletes a stream of keys"),
		Run:   with(minioRemoveMany),
	},
	{
		ID: "s3/client/minio-copy", Rule: "MinIO SDK for Go, CopyObject",
		Title: lang.T("Le SDK de MinIO copie un objet sous d'autres métadonnées", "The MinIO SDK copies an object under other metadata"),
		Run:   with(minioCopy),
	},
	{
		ID: "s3/client/minio-stream", Rule: "MinIO SDK for Go, PutObject of unknown size", Features: []string{multipart},
		Title: lang.T("Le SDK de MinIO envoie un flux dont il ignore la taille", "The MinIO SDK uploads a stream of unknown size"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(5, 70_000)
			_, err := c.Minio().Client.PutObject(t.Context(), bucket, "stream", io.MultiReader(bytes.NewReader(body)), -1, minio.PutObjectOptions{PartSize: 5 << 20})
			works(t, "PutObject of a stream of unknown size", err)
			c.Get(t, bucket, "stream").Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
	{
		ID: "s3/client/minio-errors", Rule: "MinIO SDK for Go, ErrorResponse",
		Title: lang.T("Le SDK de MinIO reconnaît l'erreur d'un objet absent", "The MinIO SDK recognizes the error of a missing object"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			_, err := c.Minio().StatObject(t.Context(), bucket, "missing", minio.StatObjectOptions{})
			absent(t, "StatObject of a missing key", err, minio.NoSuchKey)
			_, _, _, err = c.Minio().GetObject(t.Context(), bucket, "missing", minio.GetObjectOptions{})
			absent(t, "GetObject of a missing key", err, minio.NoSuchKey)
		}),
	},
}

func minioPutGet(t *probe.T, c *Cloud) {
	bucket, key, body := c.Bucket(t), "dossier/été 2044.bin", pattern(1, 5000)
	_, err := c.Minio().Client.PutObject(t.Context(), bucket, key, bytes.NewReader(body), int64(len(body)), minio.PutObjectOptions{})
	works(t, "PutObject", err)
	object, err := c.Minio().Client.GetObject(t.Context(), bucket, key, minio.GetObjectOptions{})
	works(t, "GetObject", err)
	defer func() { _ = object.Close() }()
	got, err := io.ReadAll(object)
	works(t, "GetObject", err)
	t.Want(bytes.Equal(got, body), "GetObject", fmt.Sprintf("%d other bytes", len(got)), "the bytes that were stored")
	part := make([]byte, 100)
	_, err = object.ReadAt(part, 1000)
	works(t, "ReadAt of 100 bytes from 1000", err)
	t.Want(bytes.Equal(part, body[1000:1100]), "ReadAt of 100 bytes from 1000", "other bytes", "the bytes that were stored there")
}

func minioStat(t *probe.T, c *Cloud) {
	bucket, body := c.Bucket(t), pattern(2, 3210)
	put, err := c.Minio().Client.PutObject(t.Context(), bucket, "object", bytes.NewReader(body), int64(len(body)), minio.PutObjectOptions{
		ContentType: "text/csv", CacheControl: "max-age=60", UserMetadata: map[string]string{"author": "Jeanne"},
	})
	works(t, "PutObject", err)
	const did = "StatObject"
	info, err := c.Minio().StatObject(t.Context(), bucket, "object", minio.StatObjectOptions{})
	works(t, did, err)
	t.Want(info.Size == 3210, did, fmt.Sprintf("Size %d", info.Size), "Size 3210")
	t.Want(info.ETag == put.ETag, did, "ETag "+info.ETag, "ETag "+put.ETag)
	t.Want(info.ContentType == "text/csv", did, "ContentType "+info.ContentType, "ContentType text/csv")
	t.Want(info.Metadata.Get("Cache-Control") == "max-age=60", did, "Cache-Control "+info.Metadata.Get("Cache-Control"), "Cache-Control max-age=60")
	t.Want(info.UserMetadata["Author"] == "Jeanne", did, fmt.Sprintf("UserMetadata %v", info.UserMetadata), "UserMetadata Author: Jeanne")
	t.Want(!info.LastModified.IsZero(), did, "no LastModified", "LastModified")
}

func minioList(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	keys := []string{"a/1", "a/2", "a/b/3", "c d", "z"}
	for _, key := range keys {
		c.Put(t, bucket, key, pattern(1, 42))
	}
	for _, want := range []struct {
		did     string
		options minio.ListObjectsOptions
		keys    []string
	}{
		{"ListObjects of all keys, 2 a page", minio.ListObjectsOptions{Recursive: true, MaxKeys: 2}, keys},
		{"ListObjects of the top folder", minio.ListObjectsOptions{}, []string{"a/", "c d", "z"}},
		{"ListObjects of the folder a/", minio.ListObjectsOptions{Prefix: "a/"}, []string{"a/1", "a/2", "a/b/"}},
		{"ListObjects of version 1, 2 a page", minio.ListObjectsOptions{Recursive: true, MaxKeys: 2, UseV1: true}, keys},
	} {
		var got []string
		for o := range c.Minio().ListObjectsIter(t.Context(), bucket, want.options) {
			works(t, want.did, o.Err)
			got = append(got, o.Key)
		}
		slices.Sort(got) // folders come apart from keys
		t.Want(slices.Equal(got, want.keys), want.did, fmt.Sprintf("%q", got), fmt.Sprintf("%q", want.keys))
	}
}

func minioRemoveMany(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	gone := make(chan minio.ObjectInfo, 3)
	for _, key := range []string{"a", "b/c", "d e"} {
		c.Put(t, bucket, key, pattern(1, 10))
		gone <- minio.ObjectInfo{Key: key}
	}
	close(gone)
	c.Put(t, bucket, "kept", pattern(1, 10))
	for failed := range c.Minio().RemoveObjects(t.Context(), bucket, gone, minio.RemoveObjectsOptions{}) {
		works(t, "RemoveObjects, key "+failed.ObjectName, failed.Err)
	}
	wantHeld(t, c, bucket, "kept")
}

func minioCopy(t *probe.T, c *Cloud) {
	bucket, body := c.Bucket(t), pattern(3, 2000)
	c.Put(t, bucket, "source", body, "x-amz-meta-stage", "draft")
	const did = "CopyObject with other metadata"
	info, err := c.Minio().Client.CopyObject(t.Context(),
		minio.CopyDestOptions{Bucket: bucket, Object: "the copy", ReplaceMetadata: true, UserMetadata: map[string]string{"stage": "final"}},
		minio.CopySrcOptions{Bucket: bucket, Object: "source"})
	works(t, did, err)
	a := c.Get(t, bucket, "the copy").Want(t, http.StatusOK).WantBody(t, body).WantHeader(t, "X-Amz-Meta-Stage", "final")
	t.Want(info.ETag == a.ETag(), did, "ETag "+info.ETag, "the ETag of the copy, "+a.ETag())
	c.Get(t, bucket, "source").Want(t, http.StatusOK).WantHeader(t, "X-Amz-Meta-Stage", "draft")
}
