package s3

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// lists are the listings of objects.
const lists = "ListObjects ListObjectsV2"

var listFaults = []Fault{
	{
		Name: "s3.list-shallow", Group: "list",
		Text: "Listings leave out the keys below the second folder.",
		Front: EditXML(lists, func(_ *http.Request, doc string) string {
			return Each(doc, "Contents", func(entry string) string {
				if strings.Count(Inner(entry, "Key"), "/") > 1 {
					return ""
				}
				return entry
			})
		}),
	},
	{
		Name: "s3.list-order-by-folder", Group: "list",
		Text: "Listings are in the order of folders, not of bytes.",
		Front: EditXML(lists, func(r *http.Request, doc string) string {
			if r.URL.Query().Has("encoding-type") {
				return doc
			}
			return sortByFolder(doc)
		}),
	},
	{
		Name: "s3.list-prefix-of-folder", Group: "list",
		Text: "A prefix selects whole folders only.",
		Front: editQuery(lists, "prefix", func(value string) (string, bool) {
			if value == "" {
				return value, true
			}
			return strings.TrimSuffix(value, "/") + "/", true
		}),
	},
	{
		Name: "s3.list-delimiter-slash-only", Group: "list",
		Text:  "A delimiter other than a slash is ignored.",
		Front: editQuery(lists, "delimiter", func(value string) (string, bool) { return value, value == "/" }),
	},
	{
		Name: "s3.list-folders-as-keys", Group: "list",
		Text:  "Listings with a delimiter show folders as keys too.",
		Front: EditXML(lists, func(_ *http.Request, doc string) string { return foldersAsKeys(doc) }),
	},
	{
		Name: "s3.list-prefixes-relative", Group: "list",
		Text: "Common prefixes are given without the prefix that was asked for.",
		Front: EditXML(lists, func(r *http.Request, doc string) string {
			prefix := r.URL.Query().Get("prefix")
			return Each(doc, "CommonPrefixes", func(entry string) string {
				return strings.Replace(entry, "<Prefix>"+prefix, "<Prefix>", 1)
			})
		}),
	},
	{
		Name: "s3.list-start-inclusive", Group: "list",
		Text:  "A list that should start after a key or a marker starts with it.",
		Front: startInclusive,
	},
	{
		Name: "s3.list-page-loses-key", Group: "list",
		Text: "The first key after a page break is lost.",
		Front: EditXML("ListObjectsV2", func(r *http.Request, doc string) string {
			if r.URL.Query().Get("continuation-token") == "" {
				return doc
			}
			return strings.Replace(doc, element("Contents").FindString(doc), "", 1)
		}),
	},
	{
		Name: "s3.list-prefix-on-each-page", Group: "list",
		Text:  "A page that begins where a common prefix ended shows that prefix again.",
		Front: repeatPrefix,
	},
	{
		Name: "s3.list-truncation-unsaid", Group: "list",
		Text: "Listings that are cut short say that they are complete.",
		Front: EditXML(lists, func(_ *http.Request, doc string) string {
			return Replace(doc, "IsTruncated", func(string) string { return "false" })
		}),
	},
	{
		Name: "s3.list-empty-truncated", Group: "list",
		Text: "A list without any name says that more follows.",
		Front: EditXML(lists, func(_ *http.Request, doc string) string {
			if strings.Contains(doc, "<Contents>") || strings.Contains(doc, "<CommonPrefixes>") {
				return doc
			}
			return Replace(doc, "IsTruncated", func(string) string { return "true" })
		}),
	},
	{
		Name: "s3.list-count-of-keys", Group: "list",
		Text: "KeyCount leaves out the common prefixes.",
		Front: EditXML("ListObjectsV2", func(_ *http.Request, doc string) string {
			return Replace(doc, "KeyCount", func(string) string { return fmt.Sprint(strings.Count(doc, "<Contents>")) })
		}),
	},
	{
		Name: "s3.list-max-keys-zero-all", Group: "list",
		Text:  "max-keys=0 lists everything.",
		Front: editQuery(lists, "max-keys", func(value string) (string, bool) { return value, value != "0" }),
	},
	{
		Name: "s3.list-max-keys-lenient", Group: "list",
		Text: "A max-keys that is no number, or negative, is ignored.",
		Front: editQuery(lists, "max-keys", func(value string) (string, bool) {
			n, err := strconv.Atoi(value)
			return value, err == nil && n >= 0
		}),
	},
	{
		Name: "s3.list-encoding-ignored", Group: "list",
		Text:  "encoding-type is ignored.",
		Front: editQuery(lists, "encoding-type", func(string) (string, bool) { return "", false }),
	},
	{
		Name: "s3.list-without-owner", Group: "list",
		Text:  "Listings never name the owners of objects.",
		Front: EditXML(lists, func(_ *http.Request, doc string) string { return Cut(doc, "Owner") }),
	},
	{
		Name: "s3.list-without-class", Group: "list",
		Text:  "Listings leave out the storage class of objects.",
		Front: EditXML(lists, func(_ *http.Request, doc string) string { return Cut(doc, "StorageClass") }),
	},
	{
		Name: "s3.list-v1-refused", Group: "list",
		Text: "Version 1 of the listing is not implemented.",
		Front: On("ListObjects", func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			Refuse(w, r, http.StatusNotImplemented, "NotImplemented", "Use ListObjectsV2.")
		}),
	},
	{
		Name: "s3.list-missing-bucket-empty", Group: "list",
		Text: "A bucket that does not exist lists as empty.",
		Front: EditResponse(lists, func(r *http.Request, resp *Response) {
			if bucket, _ := Target(r); resp.Status == http.StatusNotFound {
				resp.Status = http.StatusOK
				resp.Body = []byte("<ListBucketResult><Name>" + bucket + "</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>")
			}
		}),
	},
	{
		Name: "s3.list-stale", Group: "list",
		Text:  "Listings come from a cache that is a second late.",
		Front: staleLists,
	},
}

// editQuery edits a parameter of requests that carry it, or removes it.
func editQuery(operations, name string, edit func(value string) (string, bool)) func(http.Handler) http.Handler {
	return EditRequest(operations, func(r *http.Request) bool {
		query := r.URL.Query()
		if !query.Has(name) {
			return false
		}
		value, keep := edit(query.Get(name))
		if keep && value == query.Get(name) {
			return false
		}
		query.Del(name)
		if keep {
			query.Set(name, value)
		}
		r.URL.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
		r.RequestURI = r.URL.RequestURI()
		return true
	})
}

func sortByFolder(doc string) string {
	entries := element("Contents").FindAllString(doc, -1)
	folders := func(entry string) string { return strings.ReplaceAll(Inner(entry, "Key"), "/", "\x00") }
	slices.SortStableFunc(entries, func(a, b string) int { return cmp.Compare(folders(a), folders(b)) })
	return Each(doc, "Contents", func(string) string {
		next := entries[0]
		entries = entries[1:]
		return next
	})
}

func foldersAsKeys(doc string) string {
	return Each(doc, "CommonPrefixes", func(entry string) string {
		return "<Contents><Key>" + Inner(entry, "Prefix") + "</Key><Size>0</Size></Contents>" + entry
	})
}

// startInclusive aims markers just before the key that they name.
func startInclusive(next http.Handler) http.Handler {
	before := func(key string) (string, bool) {
		if key == "" {
			return key, true
		}
		last := len(key) - 1
		return key[:last] + string(key[last]-1) + "~~~", true
	}
	return editQuery("ListObjects", "marker", before)(editQuery("ListObjectsV2", "start-after", before)(next))
}

// repeatPrefix remembers the last common prefix of each page that is cut short.
func repeatPrefix(next http.Handler) http.Handler {
	var last sync.Map // bucket and continuation token: the common prefix
	return EditXML("ListObjectsV2", func(r *http.Request, doc string) string {
		bucket, _ := Target(r)
		entry, again := last.Load(bucket + "?" + r.URL.Query().Get("continuation-token"))
		entries := element("CommonPrefixes").FindAllString(doc, -1)
		if token := Inner(doc, "NextContinuationToken"); token != "" && len(entries) > 0 {
			last.Store(bucket+"?"+token, entries[len(entries)-1])
		}
		if again && r.URL.Query().Get("continuation-token") != "" {
			return Append(doc, entry.(string))
		}
		return doc
	})(next)
}

// staleLists answers a listing that was asked less than a second ago as it was
// answered then.
func staleLists(next http.Handler) http.Handler {
	type cached struct {
		at   time.Time
		resp Response
	}
	var answers sync.Map // account and address: cached
	return On(lists, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		key := accessKey(r) + r.RequestURI
		if kept, ok := answers.Load(key); ok && time.Since(kept.(cached).at) < time.Second {
			resp := kept.(cached).resp
			resp.send(w, r)
			return
		}
		resp := record(next, w, r)
		if resp.Status < 300 {
			answers.Store(key, cached{time.Now(), Response{resp.Status, resp.Header.Clone(), resp.Body}})
		}
		resp.send(w, r)
	})(next)
}
