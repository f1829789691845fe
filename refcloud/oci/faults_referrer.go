package oci

import (
	"encoding/json"
	"net/http"
)

var referrerFaults = []Fault{
	{
		Name: "oci.subject-unsaid", Group: "referrers",
		Text:  "A push doesn't say that its subject was understood.",
		Front: DropHeader("PutManifest", "OCI-Subject"),
	},
	{
		Name: "oci.subject-missing-refused", Group: "referrers",
		Text: "A manifest is refused whose subject isn't there.",
		Front: On("PutManifest", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if subject := subjectOf(r); subject != "" && lacks(next, r, subject) {
				Refuse(w, http.StatusBadRequest, "MANIFEST_BLOB_UNKNOWN", "the subject isn't there")
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.referrers-without-annotations", Group: "referrers",
		Text:  "Referrers are listed without their annotations.",
		Front: eachReferrer(func(d map[string]any) { delete(d, "annotations") }),
	},
	{
		Name: "oci.referrers-without-type", Group: "referrers",
		Text: "Referrers are listed without their artifact type.",
		Front: eachReferrer(func(d map[string]any) {
			if d["artifactType"] != "application/vnd.oci.image.config.v1+json" {
				delete(d, "artifactType")
			}
		}),
	},
	{
		Name: "oci.referrers-size-zero", Group: "referrers",
		Text:  "Referrers are listed with the size 0.",
		Front: eachReferrer(func(d map[string]any) { d["size"] = 0 }),
	},
	{
		Name: "oci.referrers-config-type-unsaid", Group: "referrers",
		Text: "A referrer without an artifact type is listed without its configuration's.",
		Front: eachReferrer(func(d map[string]any) {
			if d["artifactType"] == "application/vnd.oci.image.config.v1+json" {
				delete(d, "artifactType")
			}
		}),
	},
	{
		Name: "oci.referrers-index-typed", Group: "referrers",
		Text: "An index among the referrers gets its media type for an artifact type.",
		Front: eachReferrer(func(d map[string]any) {
			if d["mediaType"] == indexType {
				d["artifactType"] = indexType
			}
		}),
	},
	{
		Name: "oci.referrers-filter-pretended", Group: "referrers",
		Text: "A filter is said to be applied, and isn't.",
		Front: On("ListReferrers", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.URL.RawQuery != "" {
				r.URL.RawQuery = ""
				w.Header().Set("OCI-Filters-Applied", "artifactType")
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.referrers-filter-empties", Group: "referrers",
		Text: "A filter finds nothing.",
		Front: On("ListReferrers", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.URL.RawQuery != "" {
				r.URL.RawQuery = "artifactType=none"
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.referrers-none-404", Group: "referrers",
		Text: "A list without a referrer answers 404.",
		Front: EditResponse("ListReferrers", func(r *http.Request, resp *Response) {
			var doc struct{ Manifests []descriptor }
			if resp.Status == http.StatusOK && r.URL.RawQuery == "" && json.Unmarshal(resp.Body, &doc) == nil && len(doc.Manifests) == 0 {
				resp.Status = http.StatusNotFound
			}
		}),
	},
	{
		Name: "oci.referrers-null", Group: "referrers",
		Text: "A list without a referrer has no manifests.",
		Front: EditDocument("ListReferrers", func(_ *http.Request, doc map[string]any) {
			if all, ok := doc["manifests"].([]any); ok && len(all) == 0 {
				delete(doc, "manifests")
			}
		}),
	},
	{
		Name: "oci.referrers-type-json", Group: "referrers",
		Text:  "A list of referrers is of the type application/json.",
		Front: onSuccess("ListReferrers", func(h http.Header) { h.Set("Content-Type", "application/json") }),
	},
	{
		Name: "oci.referrers-early-forgotten", Group: "referrers",
		Text: "A referrer that came before its subject is never listed.",
		Front: remembering(func(m *memory[bool], w http.ResponseWriter, r *http.Request, next http.Handler) {
			repository, reference := Target(r)
			switch Operation(r) {
			case "PutManifest":
				if subject := subjectOf(r); subject != "" && lacks(next, r, subject) {
					m.note(repository+"@"+reference, true)
				}
			case "ListReferrers":
				editReferrers(func(_ *http.Request, all []map[string]any) []map[string]any {
					kept := []map[string]any{}
					for _, d := range all {
						if early, _ := m.get(repository + "@" + d["digest"].(string)); !early {
							kept = append(kept, d)
						}
					}
					return kept
				})(next).ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.referrers-invalid-200", Group: "referrers",
		Text: "What is no digest has an empty list of referrers.",
		Front: EditResponse("ListReferrers", func(_ *http.Request, resp *Response) {
			if resp.Status == http.StatusBadRequest {
				resp.Status, resp.Body = http.StatusOK, []byte(`{"schemaVersion":2,"mediaType":"`+indexType+`","manifests":[]}`)
				resp.Header.Set("Content-Type", indexType)
			}
		}),
	},
	{
		Name: "oci.referrers-of-all", Group: "referrers",
		Text: "Referrers are listed from whatever repository they are in.",
		Front: remembering(func(m *memory[place], w http.ResponseWriter, r *http.Request, next http.Handler) {
			repository, reference := Target(r)
			switch Operation(r) {
			case "PutManifest":
				if subject := subjectOf(r); subject != "" {
					m.note(subject, place{repository, r.Header.Get("Authorization")})
				}
			case "ListReferrers":
				if p, ok := m.get(reference); ok && p.repository != repository {
					next.ServeHTTP(w, p.at(r, http.MethodGet, "referrers/"+reference))
					return
				}
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.referrers-deleted-stay", Group: "referrers",
		Text: "A referrer that was deleted is listed still.",
		Front: remembering(func(m *memory[string], w http.ResponseWriter, r *http.Request, next http.Handler) {
			repository, reference := Target(r)
			switch Operation(r) {
			case "DeleteManifest":
				if isDigest(reference) {
					m.note(repository, reference)
				}
			case "ListReferrers":
				if gone, ok := m.get(repository); ok {
					editReferrers(func(_ *http.Request, all []map[string]any) []map[string]any {
						return append(all, map[string]any{"mediaType": imageType, "digest": gone, "size": 1})
					})(next).ServeHTTP(w, r)
					return
				}
			}
			next.ServeHTTP(w, r)
		}),
	},
}

// subjectOf reads the subject of a manifest that is pushed, "" if it has none.
func subjectOf(r *http.Request) string {
	var doc struct{ Subject struct{ Digest string } }
	if body, err := keepBody(r); err == nil {
		_ = json.Unmarshal(body, &doc)
	}
	return doc.Subject.Digest
}

// lacks tells whether the repository of a request has no such manifest.
func lacks(next http.Handler, r *http.Request, digest string) bool {
	repository, _ := Target(r)
	return look(next, r, http.MethodHead, repository, digest).Status != http.StatusOK
}

func editReferrers(edit func(r *http.Request, all []map[string]any) []map[string]any) func(http.Handler) http.Handler {
	return EditDocument("ListReferrers", func(r *http.Request, doc map[string]any) {
		doc["manifests"] = append([]map[string]any{}, edit(r, list(doc["manifests"]))...)
	})
}

func eachReferrer(edit func(d map[string]any)) func(http.Handler) http.Handler {
	return editReferrers(func(_ *http.Request, all []map[string]any) []map[string]any {
		for _, d := range all {
			edit(d)
		}
		return all
	})
}
