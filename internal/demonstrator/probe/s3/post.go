package s3

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var postChecks = []probe.Check{
	{
		ID: "s3/post/upload", Rule: "S3 API, POST Object", Features: []string{postForm},
		Title: lang.T("Un formulaire signé dépose un fichier", "A signed form uploads a file"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, file := c.Bucket(t), pattern(1, 1024)
			c.Post(t, bucket, form{fields: []string{"key", "object"}, file: file}).Want(t, http.StatusNoContent)
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, file)
		}),
	},
	{
		ID: "s3/post/sdk", Rule: "S3 API, POST policy", Features: []string{postForm},
		Title: lang.T("Un formulaire préparé par un SDK dépose un fichier", "A form prepared by an SDK uploads a file"),
		Run:   with(postBySDK),
	},
	{
		ID: "s3/post/status-200", Rule: "S3 API, POST Object, success_action_status", Features: []string{postForm},
		Title: lang.T("success_action_status 200 est suivi", "success_action_status 200 is followed"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, file := c.Bucket(t), pattern(1, 1024)
			c.Post(t, bucket, form{fields: []string{"key", "object", "success_action_status", "200"}, file: file}).Want(t, http.StatusOK)
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, file)
		}),
	},
	{
		ID: "s3/post/status-201", Rule: "S3 API, POST Object, success_action_status", Features: []string{postForm},
		Title: lang.T("success_action_status 201 rend un document qui décrit l'objet", "success_action_status 201 returns a document that describes the object"),
		Run:   with(postCreated),
	},
	{
		ID: "s3/post/redirect", Rule: "S3 API, POST Object, success_action_redirect", Features: []string{postForm},
		Title: lang.T("success_action_redirect renvoie le navigateur avec le nom de l'objet", "success_action_redirect sends the browser back with the object's name"),
		Run:   with(postRedirect),
	},
	{
		ID: "s3/post/filename", Rule: "S3 API, POST Object, key", Features: []string{postForm},
		Title: lang.T("${filename} dans la clé est remplacé par le nom du fichier", "${filename} in the key is replaced with the name of the file"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, file := c.Bucket(t), pattern(1, 1024)
			c.Post(t, bucket, form{
				fields: []string{"key", "inbox/${filename}"}, conditions: []any{startsWith("key", "inbox/")},
				file: file, name: "report 2.csv",
			}).Want(t, http.StatusNoContent)
			c.Get(t, bucket, "inbox/report 2.csv").Want(t, http.StatusOK).WantBody(t, file)
		}),
	},
	{
		ID: "s3/post/metadata", Rule: "S3 API, POST Object, form fields", Features: []string{postForm},
		Title: lang.T("Le type et les métadonnées du formulaire sont gardés avec l'objet", "The form's type and metadata are kept with the object"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Post(t, bucket, form{
				fields: []string{"key", "object", "Content-Type", "text/csv", "Cache-Control", "no-store", "x-amz-meta-team", "blue"},
				file:   pattern(1, 1024),
			}).Want(t, http.StatusNoContent)
			c.Head(t, bucket, "object").Want(t, http.StatusOK).
				WantHeader(t, "Content-Type", "text/csv").
				WantHeader(t, "Cache-Control", "no-store").
				WantHeader(t, "X-Amz-Meta-Team", "blue")
		}),
	},
	{
		ID: "s3/post/length-bounds", Rule: "S3 API, POST policy, content-length-range", Features: []string{postForm},
		Title: lang.T("Un fichier de la taille limite est accepté", "A file of exactly the size limit is accepted"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, file := c.Bucket(t), pattern(1, 1024)
			c.Post(t, bucket, form{fields: objectKey, conditions: append(exactly(objectKey), lengthRange(1024, 1024)), file: file}).
				Want(t, http.StatusNoContent)
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, file)
		}),
	},
	{
		ID: "s3/post/too-large", Rule: "S3 API, POST policy, content-length-range", Features: []string{postForm},
		Title: lang.T("Un fichier trop grand pour le formulaire est refusé", "A file too large for the form is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadForm(t, c, "with a file one byte too large",
				form{fields: objectKey, conditions: append(exactly(objectKey), lengthRange(0, 1023))},
				http.StatusBadRequest, "EntityTooLarge")
		}),
	},
	{
		ID: "s3/post/too-small", Rule: "S3 API, POST policy, content-length-range", Features: []string{postForm},
		Title: lang.T("Un fichier trop petit pour le formulaire est refusé", "A file too small for the form is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadForm(t, c, "with a file one byte too small",
				form{fields: objectKey, conditions: append(exactly(objectKey), lengthRange(1025, 4096))},
				http.StatusBadRequest, "EntityTooSmall")
		}),
	},
	{
		ID: "s3/post/condition", Rule: "S3 API, POST policy, conditions", Features: []string{postForm},
		Title: lang.T("Un champ contraire à une condition est refusé", "A field against a condition is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadForm(t, c, "with a key that its policy excludes",
				form{fields: objectKey, conditions: []any{startsWith("key", "inbox/")}},
				http.StatusForbidden, "AccessDenied")
		}),
	},
	{
		ID: "s3/post/extra-field", Rule: "S3 API, POST policy, conditions", Features: []string{postForm},
		Title: lang.T("Un champ que la règle du formulaire ne prévoit pas est refusé", "A field that the form's policy does not foresee is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadForm(t, c, "with a field that its policy does not name",
				form{fields: []string{"key", "object", "x-amz-meta-team", "red"}, conditions: exactly(objectKey)},
				http.StatusForbidden, "AccessDenied")
		}),
	},
	{
		ID: "s3/post/expired", Rule: "S3 API, POST policy, expiration", Features: []string{postForm},
		Title: lang.T("Un formulaire échu est refusé", "An expired form is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadForm(t, c, "that expired", form{fields: objectKey, valid: -10 * time.Minute},
				http.StatusForbidden, "AccessDenied")
		}),
	},
	{
		ID: "s3/post/malformed-policy", Rule: "S3 API, error responses", Features: []string{postForm},
		Title: lang.T("Un formulaire dont la règle n'est pas du JSON est refusé", "A form with a policy that is not JSON is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadForm(t, c, "with a policy that is not JSON", form{fields: objectKey, policy: "anything goes"},
				http.StatusBadRequest, "InvalidPolicyDocument")
		}),
	},
	{
		ID: "s3/post/bad-signature", Rule: "AWS SigV4, POST policy", Features: []string{postForm},
		Title: lang.T("Un formulaire dont la signature est altérée est refusé", "A form with an altered signature is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadForm(t, c, "with its signature altered",
				form{fields: objectKey, forge: onField("x-amz-signature", alterSignature)},
				http.StatusForbidden, "SignatureDoesNotMatch")
		}),
	},
	{
		ID: "s3/post/tampered-policy", Rule: "AWS SigV4, POST policy", Features: []string{postForm},
		Title: lang.T("Une règle de formulaire changée après la signature est refusée", "A form's policy changed after signing is refused"),
		Run:   with(postTampered),
	},
	{
		ID: "s3/post/unsigned", Rule: "S3 API, POST Object", Features: []string{postForm},
		Title: lang.T("Un formulaire sans signature est refusé par un seau privé", "A form without a signature is refused by a private bucket"),
		Run: with(func(t *probe.T, c *Cloud) {
			wantBadForm(t, c, "without a signature", form{fields: objectKey, unsigned: true},
				http.StatusForbidden, "AccessDenied")
		}),
	},
	{
		ID: "s3/post/missing-file", Rule: "S3 API, error responses", Features: []string{postForm},
		Title: lang.T("Un formulaire sans fichier est refusé", "A form without a file is refused"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			c.Post(t, bucket, form{fields: objectKey}).but("without a file").
				WantRefusal(t, http.StatusBadRequest, "InvalidArgument", "IncorrectNumberOfFilesInPostRequest")
			wantAbsent(t, c, bucket, "object")
		}),
	},
}

// objectKey is the one field that a form must have.
var objectKey = []string{"key", "object"}

// wantBadForm posts a file of 1,024 bytes, and wants the form refused and nothing
// stored.
func wantBadForm(t *probe.T, c *Cloud, note string, f form, status int, codes ...string) {
	bucket := c.Bucket(t)
	f.file = pattern(1, 1024)
	c.Post(t, bucket, f).but(note).WantRefusal(t, status, codes...)
	wantAbsent(t, c, bucket, "object")
}

// onField changes one field of a form.
func onField(name string, edit func(string) string) func([]string) {
	return func(fields []string) {
		for i := 0; i+1 < len(fields); i += 2 {
			if fields[i] == name {
				fields[i+1] = edit(fields[i+1])
			}
		}
	}
}

func postBySDK(t *probe.T, c *Cloud) {
	bucket, file := c.Bucket(t), pattern(1, 1024)
	policy := minio.NewPostPolicy()
	for _, err := range []error{
		policy.SetBucket(bucket), policy.SetKeyStartsWith("inbox/"), policy.SetContentType("text/csv"),
		policy.SetExpires(t.Now().UTC().Add(10 * time.Minute)), policy.SetContentLengthRange(1, 4096),
	} {
		if err != nil {
			t.Bug(err)
		}
	}
	to, prepared, err := c.Minio().PresignedPostPolicy(t.Context(), policy)
	if err != nil {
		t.Bug(err)
	}
	prepared["key"] = "inbox/object"
	var fields []string
	for name, value := range prepared {
		fields = append(fields, name, value)
	}
	c.sendForm(t, to.String(), fields, form{file: file}).Want(t, http.StatusNoContent)
	c.Get(t, bucket, "inbox/object").Want(t, http.StatusOK).WantBody(t, file).WantHeader(t, "Content-Type", "text/csv")
}

func postCreated(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	a := c.Post(t, bucket, form{fields: []string{"key", "inbox/object", "success_action_status", "201"}, file: pattern(1, 1024)}).
		Want(t, http.StatusCreated)
	var doc struct{ Location, Bucket, Key, ETag string }
	a.XML(t, &doc)
	t.Want(doc.Bucket == bucket, a.Did, "Bucket "+doc.Bucket, bucket)
	t.Want(doc.Key == "inbox/object", a.Did, "Key "+doc.Key, "inbox/object")
	location, err := url.Parse(doc.Location)
	t.Want(err == nil && strings.HasSuffix(location.Path, "/inbox/object"), a.Did, "Location "+doc.Location, "the object's address")
	stored := c.Head(t, bucket, "inbox/object").Want(t, http.StatusOK)
	t.Want(bareETag(doc.ETag) == stored.ETag(), a.Did, "ETag "+doc.ETag, "the object's ETag "+stored.ETag())
}

func postRedirect(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	a := c.Post(t, bucket, form{
		fields: []string{"key", "inbox/object", "success_action_redirect", "https://www.example.org/thanks?from=form"},
		file:   pattern(1, 1024),
	}).Want(t, http.StatusSeeOther)
	to, err := url.Parse(a.Header.Get("Location"))
	if err != nil || to.Host != "www.example.org" || to.Path != "/thanks" || to.Query().Get("from") != "form" {
		t.Fail(a.Did, a.Got(), "the address that the form gives")
	}
	query, stored := to.Query(), c.Head(t, bucket, "inbox/object").Want(t, http.StatusOK)
	named := query.Get("bucket") == bucket && query.Get("key") == "inbox/object" && bareETag(query.Get("etag")) == stored.ETag()
	t.Want(named, a.Did, a.Got(), "bucket, key and etag as parameters of Location")
}

func postTampered(t *probe.T, c *Cloud) {
	bucket := c.Bucket(t)
	wider := c.signForm(t, bucket, form{fields: objectKey, valid: 24 * time.Hour})
	c.Post(t, bucket, form{
		fields: objectKey, file: pattern(1, 1024),
		forge: onField("policy", func(string) string { return valueOf(wider, "policy") }),
	}).but("with its policy changed after signing").WantRefusal(t, http.StatusForbidden, "SignatureDoesNotMatch")
	wantAbsent(t, c, bucket, "object")
}
