package s3

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"aloi.dev/refcloud/answer"
)

var postFaults = []Fault{
	{
		Name: "s3.post-refused", Group: "post",
		Text: "Forms are answered 405 MethodNotAllowed.",
		Front: On("PostObject", func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			Refuse(w, r, http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
		}),
	},
	{
		Name: "s3.post-conditions-ignored", Group: "post",
		Text: "The conditions of a form's policy are not verified.",
		Front: forgive("PostObject", func(_ *http.Request, resp *Response) bool {
			return bytes.Contains(resp.Body, []byte("Invalid according to Policy")) && !bytes.Contains(resp.Body, []byte("expired"))
		}, putForm),
	},
	{
		Name: "s3.post-for-ever", Group: "post",
		Text: "Forms never expire.",
		Front: forgive("PostObject", func(_ *http.Request, resp *Response) bool {
			return bytes.Contains(resp.Body, []byte("Policy expired"))
		}, putForm),
	},
	{
		Name: "s3.post-any-length", Group: "post",
		Text:  "content-length-range is not verified.",
		Front: forgive("PostObject", refusedFor("EntityTooLarge", "EntityTooSmall"), putForm),
	},
	{
		Name: "s3.post-length-exclusive", Group: "post",
		Text:  "A file of exactly the largest size of content-length-range is refused.",
		Front: On("PostObject", refuseLargest),
	},
	{
		Name: "s3.post-signature-unchecked", Group: "post",
		Text:  "The signature of a form is not verified.",
		Front: forgive("PostObject", refusedFor("SignatureDoesNotMatch"), putForm),
	},
	{
		Name: "s3.post-unsigned", Group: "post",
		Text: "Forms without a signature are accepted.",
		Front: forgive("PostObject", func(_ *http.Request, resp *Response) bool {
			return refusedFor("AccessDenied")(nil, resp) && !bytes.Contains(resp.Body, []byte("Policy"))
		}, putForm),
	},
	{
		Name: "s3.post-crash", Group: "post",
		Text: "A form that can't be read is answered 500 InternalError.",
		Front: EditResponse("PostObject", func(_ *http.Request, resp *Response) {
			for _, code := range []string{"InvalidPolicyDocument", "InvalidArgument"} {
				if Inner(string(resp.Body), "Code") == code {
					resp.Status = http.StatusInternalServerError
					resp.Body = bytes.Replace(resp.Body, []byte(code), []byte("InternalError"), 1)
				}
			}
		}),
	},
	{
		Name: "s3.post-status-ignored", Group: "post",
		Text: "success_action_status is ignored.",
		Front: EditResponse("PostObject", func(_ *http.Request, resp *Response) {
			if resp.Status < 300 {
				resp.Status, resp.Body = http.StatusNoContent, nil
			}
		}),
	},
	{
		Name: "s3.post-redirect-ignored", Group: "post",
		Text: "success_action_redirect is ignored.",
		Front: EditResponse("PostObject", func(_ *http.Request, resp *Response) {
			if resp.Status == http.StatusSeeOther {
				resp.Status = http.StatusNoContent
				resp.Header.Del("Location")
			}
		}),
	},
	{
		Name: "s3.post-filename-literal", Group: "post",
		Text:  "${filename} in a form's key stays as it is.",
		Front: On("PostObject", keepVariable),
	},
	{
		Name: "s3.post-fields-lost", Group: "post",
		Text:  "The type and the metadata of a form are not kept.",
		Front: loseFields,
	},
}

// fieldsOf reads a form: its fields by lower-case name, and its file.
func fieldsOf(r *http.Request, body []byte) (map[string]string, []byte, error) {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, nil, err
	}
	fields, parts := map[string]string{}, multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil {
			return nil, nil, err
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, err
		}
		if part.FormName() == "file" {
			return fields, content, nil
		}
		fields[strings.ToLower(part.FormName())] = string(content)
	}
}

// putForm is a mend that stores a form's file as the main account does.
func putForm(r *http.Request, body []byte) error {
	fields, file, err := fieldsOf(r, body)
	if err != nil || fields["key"] == "" {
		return errors.Join(errors.New("no key"), err)
	}
	r.Method = http.MethodPut
	r.URL.Path, r.URL.RawPath = strings.TrimSuffix(r.URL.Path, "/")+"/"+fields["key"], ""
	r.RequestURI = r.URL.RequestURI()
	r.Header.Del("Content-Type")
	SetBody(r, file)
	return asMain(r, nil)
}

// lengthRange is the condition on the size of a form's file.
var lengthRange = regexp.MustCompile(`"content-length-range", *\d+, *(\d+)`)

func refuseLargest(w http.ResponseWriter, r *http.Request, next http.Handler) {
	body, err := io.ReadAll(r.Body)
	fields, file, failed := fieldsOf(r, body)
	policy, _ := base64.StdEncoding.DecodeString(fields["policy"])
	if most := lengthRange.FindSubmatch(policy); err == nil && failed == nil && most != nil && string(most[1]) == strconv.Itoa(len(file)) {
		Refuse(w, r, http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	next.ServeHTTP(w, r)
}

// keepVariable gives the file the name that makes the variable stand for itself.
func keepVariable(w http.ResponseWriter, r *http.Request, next http.Handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		Refuse(w, r, http.StatusBadRequest, "IncompleteBody", err.Error())
		return
	}
	setForm(r, filePart.ReplaceAll(body, []byte(`name="file"; filename="$${filename}"`)))
	next.ServeHTTP(w, r)
}

// loseFields remembers the objects that came by a form.
func loseFields(next http.Handler) http.Handler {
	var posted sync.Map // path
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch Operation(r) {
		case "PostObject":
			body, err := io.ReadAll(r.Body)
			if fields, _, failed := fieldsOf(r, body); err == nil && failed == nil {
				posted.Store(strings.TrimSuffix(r.URL.Path, "/")+"/"+fields["key"], true)
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
		case "GetObject", "HeadObject":
			if _, ok := posted.Load(r.URL.Path); ok {
				w = &answer.HeaderEditor{ResponseWriter: w, Edit: func(status int, h http.Header) int {
					for name := range h {
						if strings.HasPrefix(name, "X-Amz-Meta-") || name == "Cache-Control" {
							h.Del(name)
						}
					}
					if status < 300 {
						h.Set("Content-Type", "binary/octet-stream")
					}
					return status
				}}
			}
		}
		next.ServeHTTP(w, r)
	})
}
