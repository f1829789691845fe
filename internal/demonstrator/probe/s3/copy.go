package s3

import (
	"fmt"
	"net/http"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// copyChecks covers CopyObject; copy_answer.go makes and judges the copies.
var copyChecks = []probe.Check{
	{
		ID: "s3/copy/same-bucket", Rule: "S3 API, CopyObject",
		Title: lang.T("Une copie est identique et laisse la source en place", "A copy is identical and leaves the source in place"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			wantCopy(t, c, bucket, bucket)
		}),
	},
	{
		ID: "s3/copy/other-bucket", Rule: "S3 API, CopyObject", Slots: 2,
		Title: lang.T("Un objet se copie d'un seau dans un autre", "An object can be copied from one bucket to another"),
		Run:   with(func(t *probe.T, c *Cloud) { wantCopy(t, c, c.Bucket(t), c.Bucket(t)) }),
	},
	{
		ID: "s3/copy/result", Rule: "S3 API, CopyObject, CopyObjectResult",
		Title: lang.T("La réponse à une copie donne son ETag et sa date", "The answer to a copy gives its ETag and its date"),
		Run:   with(wantCopyResult),
	},
	{
		ID: "s3/copy/overwrite", Rule: "S3 API, CopyObject",
		Title: lang.T("Une copie remplace entièrement l'objet de ce nom", "A copy replaces the object of that name entirely"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(11, 700)
			c.Put(t, bucket, "from", body)
			c.Put(t, bucket, "to", pattern(12, 2000), "x-amz-meta-old", "yes")
			c.copyOf(t, bucket, "from", bucket, "to").wantCopied(t)
			c.Get(t, bucket, "to").Want(t, http.StatusOK).WantBody(t, body).WantHeader(t, "X-Amz-Meta-Old", "")
		}),
	},
	{
		ID: "s3/copy/independent", Rule: "S3 API, CopyObject",
		Title: lang.T("Changer ou supprimer la source ne touche pas la copie", "Changing or deleting the source leaves the copy alone"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(13, 700)
			c.Put(t, bucket, "from", body)
			c.copyOf(t, bucket, "from", bucket, "to").wantCopied(t)
			c.Put(t, bucket, "from", pattern(14, 700))
			c.Get(t, bucket, "to").Want(t, http.StatusOK).WantBody(t, body)
			c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket, Key: "from"}).Want(t, http.StatusNoContent, http.StatusOK)
			c.Get(t, bucket, "to").Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
	{
		ID: "s3/copy/metadata-copied", Rule: "S3 API, CopyObject, x-amz-metadata-directive",
		Title: lang.T("Une copie garde les métadonnées de la source", "A copy keeps the metadata of the source"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantMetadata(t, c, "to", nil, painted)
		}),
	},
	{
		ID: "s3/copy/copy-directive", Rule: "S3 API, CopyObject, x-amz-metadata-directive",
		Title: lang.T("Sans remplacement demandé, de nouvelles métadonnées sont ignorées", "Unless told to replace, new metadata is ignored"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantMetadata(t, c, "to", append([]string{"x-amz-metadata-directive", "COPY"}, repainted...), painted)
		}),
	},
	{
		ID: "s3/copy/metadata-replaced", Rule: "S3 API, CopyObject, x-amz-metadata-directive",
		Title: lang.T("Les métadonnées d'une copie peuvent être remplacées", "The metadata of a copy can be replaced"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantMetadata(t, c, "to", append([]string{"x-amz-metadata-directive", "REPLACE"}, repainted...), repainted)
		}),
	},
	{
		ID: "s3/copy/onto-itself-replaced", Rule: "S3 API, CopyObject, x-amz-metadata-directive",
		Title: lang.T("Copier un objet sur lui-même change ses métadonnées", "Copying an object onto itself changes its metadata"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantMetadata(t, c, "from", append([]string{"x-amz-metadata-directive", "REPLACE"}, repainted...), repainted)
		}),
	},
	{
		ID: "s3/copy/onto-itself", Rule: "S3 API, CopyObject, error responses",
		Title: lang.T("Copier un objet sur lui-même sans rien changer est refusé", "Copying an object onto itself unchanged is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(15, 700)
			c.Put(t, bucket, "object", body)
			c.copyOf(t, bucket, "object", bucket, "object").WantRefusal(t, http.StatusBadRequest, "InvalidRequest")
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, body)
		}),
	},
	{
		ID: "s3/copy/bad-directive", Rule: "S3 API, CopyObject, x-amz-metadata-directive",
		Title: lang.T("Une directive de métadonnées inconnue est refusée", "An unknown metadata directive is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantNoCopy(t, c, http.StatusBadRequest, "InvalidArgument", "x-amz-metadata-directive", "MERGE")
		}),
	},
	{
		ID: "s3/copy/encoded-source", Rule: "S3 API, CopyObject, x-amz-copy-source",
		Title: lang.T("Le nom de la source est codé comme dans une URL", "The source's name is encoded as in a URL"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			for i, key := range []string{"dossier d'été/a+b.txt", "100%25 sûr?", "日本"} {
				body, to := pattern(byte(20+i), 300), fmt.Sprintf("copy %d", i)
				c.Put(t, bucket, key, body)
				c.copyOf(t, bucket, key, bucket, to).wantCopied(t)
				c.Get(t, bucket, to).Want(t, http.StatusOK).WantBody(t, body)
			}
		}),
	},
	{
		ID: "s3/copy/missing-source", Rule: "S3 API, CopyObject, error responses",
		Title: lang.T("Copier un objet absent répond NoSuchKey", "Copying a missing object answers NoSuchKey"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.copyOf(t, bucket, "missing", bucket, "to").WantRefusal(t, http.StatusNotFound, "NoSuchKey")
			c.Head(t, bucket, "to").WantRefusal(t, http.StatusNotFound)
		}),
	},
	{
		ID: "s3/copy/missing-bucket", Rule: "S3 API, CopyObject, error responses",
		Title: lang.T("Copier depuis un seau absent répond NoSuchBucket", "Copying from a missing bucket answers NoSuchBucket"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, missing := c.Bucket(t), c.Reserve(t, mainAccount)
			c.copyOf(t, missing, "from", bucket, "to").WantRefusal(t, http.StatusNotFound, "NoSuchBucket")
			c.Head(t, bucket, "to").WantRefusal(t, http.StatusNotFound)
		}),
	},
	{
		ID: "s3/copy/if-match", Rule: "S3 API, CopyObject, x-amz-copy-source-if-match",
		Title: lang.T("La copie d'une source qui a changé est refusée", "Copying a source that has changed is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantNoCopy(t, c, http.StatusPreconditionFailed, "PreconditionFailed", "x-amz-copy-source-if-match", `"0123456789abcdef0123456789abcdef"`)
		}),
	},
	{
		ID: "s3/copy/if-none-match", Rule: "S3 API, CopyObject, x-amz-copy-source-if-none-match",
		Title: lang.T("La copie d'une source que l'on a déjà est refusée", "Copying a source that one already has is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantNoCopy(t, c, http.StatusPreconditionFailed, "PreconditionFailed", "x-amz-copy-source-if-none-match", theETag)
		}),
	},
	{
		ID: "s3/copy/if-unmodified", Rule: "S3 API, CopyObject, x-amz-copy-source-if-unmodified-since",
		Title: lang.T("La copie d'une source modifiée depuis une date est refusée", "Copying a source modified since a date is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantNoCopy(t, c, http.StatusPreconditionFailed, "PreconditionFailed", "x-amz-copy-source-if-unmodified-since", "Sat, 01 Jan 2000 00:00:00 GMT")
		}),
	},
	{
		ID: "s3/copy/tags-copied", Rule: "S3 API, CopyObject, x-amz-tagging-directive", Features: []string{tagging},
		Title: lang.T("Une copie garde les étiquettes de la source", "A copy keeps the tags of the source"),
		Run:   with(func(t *probe.T, c *Cloud) { wantTags(t, c, "red") }),
	},
	{
		ID: "s3/copy/tags-replaced", Rule: "S3 API, CopyObject, x-amz-tagging-directive", Features: []string{tagging},
		Title: lang.T("Les étiquettes d'une copie peuvent être remplacées", "The tags of a copy can be replaced"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantTags(t, c, "green", "x-amz-tagging-directive", "REPLACE", "x-amz-tagging", "team=green")
		}),
	},
	{
		ID: "s3/copy/clients", Rule: "S3 API, CopyObject",
		Title: lang.T("Deux SDK publics copient un objet", "Two public SDKs copy an object"),
		Run:   with(copyWithSDKs),
	},
}
