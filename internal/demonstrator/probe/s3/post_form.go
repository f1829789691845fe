package s3

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	mimeparts "mime/multipart"
	"net/http"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/probe"
)

// form is what a browser sends to upload a file: fields, the file last, and the
// policy that an account signed for it.
type form struct {
	fields     []string      // name and value in turn, the key among them
	conditions []any         // of the policy on those fields; that each has its value when nil
	valid      time.Duration // of the policy; ten minutes when zero
	policy     string        // instead of the document that all this makes
	unsigned   bool          // no policy and no signature at all
	file       []byte        // none when nil
	name       string        // of the file
	// forge changes the fields after they were signed.
	forge func(fields []string)
}

// Post sends a form to a bucket as a browser does, without any other signature.
func (c *Cloud) Post(t *probe.T, bucket string, f form) Answer {
	fields := f.fields
	if !f.unsigned {
		fields = append(fields, c.signForm(t, bucket, f)...)
	}
	if f.forge != nil {
		f.forge(fields)
	}
	return c.sendForm(t, c.URL(bucket, "", ""), fields, f)
}

// sendForm writes the parts: S3 ignores what comes after the file.
func (c *Cloud) sendForm(t *probe.T, to string, fields []string, f form) Answer {
	var body bytes.Buffer
	w := mimeparts.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		_ = w.WriteField(fields[i], fields[i+1]) // a buffer takes all
	}
	if f.file != nil {
		part, err := w.CreateFormFile("file", f.fileName())
		if err != nil {
			t.Bug(err)
		}
		_, _ = part.Write(f.file)
	}
	_ = w.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, &body)
	if err != nil {
		t.Bug(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	return c.Finish(t, "POST form", req)
}

func (f form) fileName() string {
	if f.name == "" {
		return "upload.bin"
	}
	return f.name
}

// signForm returns the fields that carry the policy and its signature.
func (c *Cloud) signForm(t *probe.T, bucket string, f form) []string {
	at := t.Now().UTC()
	scope := at.Format("20060102") + "/" + c.region + "/s3/aws4_request"
	signing := []string{
		"x-amz-algorithm", "AWS4-HMAC-SHA256",
		"x-amz-credential", c.key(mainAccount) + "/" + scope,
		"x-amz-date", at.Format("20060102T150405Z"),
	}
	policy := f.policy
	if policy == "" {
		policy = f.document(t, bucket, at, signing)
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(policy))
	key := c.signingKey(at.Format("20060102"))
	return append(signing, "policy", encoded, "x-amz-signature", fmt.Sprintf("%x", hmacSHA256(key, encoded)))
}

// document is the policy in JSON.
func (f form) document(t *probe.T, bucket string, at time.Time, signing []string) string {
	conditions := append([]any{map[string]string{"bucket": bucket}}, f.conditions...)
	if f.conditions == nil {
		conditions = append(conditions, exactly(f.fields)...)
	}
	valid := f.valid
	if valid == 0 {
		valid = 10 * time.Minute
	}
	doc, err := json.Marshal(map[string]any{
		"expiration": at.Add(valid).Format("2006-01-02T15:04:05.000Z"),
		"conditions": append(conditions, exactly(signing)...),
	})
	if err != nil {
		t.Bug(err)
	}
	return string(doc)
}

// exactly returns a condition for each field: that it has its value.
func exactly(fields []string) []any {
	var conditions []any
	for i := 0; i+1 < len(fields); i += 2 {
		conditions = append(conditions, map[string]string{strings.ToLower(fields[i]): fields[i+1]})
	}
	return conditions
}

// startsWith is the condition that a field begins in a certain way.
func startsWith(field, prefix string) any { return []string{"starts-with", "$" + field, prefix} }

// lengthRange is the condition on the size of the file.
func lengthRange(least, most int) any { return []any{"content-length-range", least, most} }
