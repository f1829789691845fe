package s3

import (
	"net/http"
	"regexp"
	"strings"

	"aloi.dev/refcloud/answer"
)

// bodyVariations change how XML documents are written, not what they say.
// chunked-bodies is the nearest to the client: it sends what the others made.
var bodyVariations = []Variation{
	{
		Name: "chunked-bodies", Group: "bodies",
		Text:  "XML answers come in chunks, without Content-Length.",
		Front: onXML("*", sendChunked),
	},
	{
		Name: "quoted-differently", Group: "bodies",
		Text:  "XML answers write quotes as &#x22; and keys as CDATA.",
		Front: EditXML("*", func(_ *http.Request, doc string) string { return requote(doc) }),
	},
	{
		Name: "extra-xml", Group: "bodies",
		Text: "XML answers hold unknown elements and comments.",
		Front: EditXML("*", func(_ *http.Request, doc string) string {
			return Append(doc, `<!-- more --><RefcloudNote><Shelf>12</Shelf></RefcloudNote>`)
		}),
	},
	{
		Name: "xml-layout", Group: "bodies",
		Text:  "XML answers are indented, and their attributes are in single quotes.",
		Front: EditXML("*", func(_ *http.Request, doc string) string { return layout(doc) }),
	},
	{
		Name: "xml-prefix", Group: "bodies",
		Text:  "XML answers put S3's namespace on a prefix.",
		Front: EditXML("*", func(_ *http.Request, doc string) string { return prefix(doc) }),
	},
	{
		Name: "empty-elements", Group: "bodies",
		Text:  "Empty elements of XML answers are written as one tag.",
		Front: EditXML("*", func(_ *http.Request, doc string) string { return closeEmpty(doc) }),
	},
}

// sendChunked leaves the length out and sends the document in two chunks.
func sendChunked(w http.ResponseWriter, r *http.Request, resp *Response) {
	if r.Method == http.MethodHead || len(resp.Body) == 0 {
		resp.send(w, r)
		return
	}
	answer.CopyHeader(w.Header(), resp.Header)
	w.Header().Del("Content-Length")
	w.WriteHeader(resp.Status)
	half := len(resp.Body) / 2
	w.Write(resp.Body[:half])
	http.NewResponseController(w).Flush()
	w.Write(resp.Body[half:])
}

var (
	anyTag    = regexp.MustCompile(`<[^>]*>`)
	attribute = regexp.MustCompile(`="([^"']*)"`)
	emptyPair = regexp.MustCompile(`<([\w:]+)></([\w:]+)>`)
	textNode  = regexp.MustCompile(`>[^<]+<`)
)

// layout starts each tag that follows another tag on a line of its own, except
// between a start tag and its own end tag, where white space would be content.
func layout(doc string) string {
	var b strings.Builder
	depth, last, opened := 0, 0, false
	for _, at := range anyTag.FindAllStringIndex(doc, -1) {
		tag, text := doc[at[0]:at[1]], doc[last:at[0]]
		end := strings.HasPrefix(tag, "</")
		if end {
			depth--
		}
		if leaf := end && opened; leaf || strings.TrimSpace(text) != "" {
			b.WriteString(text)
		} else if last > 0 {
			b.WriteString("\n" + strings.Repeat("  ", max(depth, 0)))
		}
		b.WriteString(attribute.ReplaceAllString(tag, `='$1'`))
		opened = !end && !strings.HasSuffix(tag, "/>") && !strings.HasPrefix(tag, "<?") && !strings.HasPrefix(tag, "<!")
		if opened {
			depth++
		}
		last = at[1]
	}
	b.WriteString(doc[last:] + "\n")
	return b.String()
}

// prefix moves the default namespace of a document to a prefix. A document
// without one stays as it is: its names belong to no namespace.
func prefix(doc string) string {
	const declared = ` xmlns="`
	if strings.Count(doc, declared) != 1 || strings.Contains(doc, "<![CDATA[") {
		return doc
	}
	doc = strings.Replace(doc, declared, ` xmlns:s3="`, 1)
	return anyTag.ReplaceAllStringFunc(doc, func(tag string) string {
		name := strings.TrimLeft(tag, "</")
		if name[0] == '?' || name[0] == '!' {
			return tag
		}
		return tag[:len(tag)-len(name)] + "s3:" + name
	})
}

func closeEmpty(doc string) string {
	return emptyPair.ReplaceAllStringFunc(doc, func(pair string) string {
		m := emptyPair.FindStringSubmatch(pair)
		if m[1] != m[2] {
			return pair
		}
		return "<" + m[1] + "/>"
	})
}

func requote(doc string) string {
	doc = textNode.ReplaceAllStringFunc(doc, func(text string) string {
		return strings.NewReplacer(`&#34;`, `&#x22;`, `&quot;`, `&#x22;`, `"`, `&#x22;`).Replace(text)
	})
	return Replace(doc, "Key", func(inner string) string {
		if inner == "" || strings.ContainsAny(inner, "<&]") {
			return inner
		}
		return "<![CDATA[" + inner + "]]>"
	})
}
