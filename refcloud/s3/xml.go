package s3

import (
	"regexp"
	"strings"
)

// What follows edits an XML document as text, so that whatever is not edited
// stays as the gateway wrote it. Names are local names, without a prefix.

// element matches elements of a name that contain no element of the same name.
func element(name string) *regexp.Regexp {
	q := regexp.QuoteMeta(name)
	return regexp.MustCompile(`(?s)<` + q + `(?:\s[^>]*)?(?:/>|>(.*?)</` + q + `\s*>)`)
}

// Cut removes every element of a name.
func Cut(doc, name string) string { return element(name).ReplaceAllString(doc, "") }

// Inner returns the text between the tags of the first element of a name.
func Inner(doc, name string) string {
	m := element(name).FindStringSubmatch(doc)
	if m == nil {
		return ""
	}
	return m[1]
}

// Replace replaces what is between the tags of every element of a name.
func Replace(doc, name string, edit func(inner string) string) string {
	re := element(name)
	return re.ReplaceAllStringFunc(doc, func(found string) string {
		return "<" + name + ">" + edit(re.FindStringSubmatch(found)[1]) + "</" + name + ">"
	})
}

// Each edits every element of a name, tags included. "" removes it.
func Each(doc, name string, edit func(element string) string) string {
	return element(name).ReplaceAllStringFunc(doc, edit)
}

// Append adds text before the end tag of the document's root.
func Append(doc, text string) string {
	at := strings.LastIndex(doc, "</")
	if at < 0 {
		return doc
	}
	return doc[:at] + text + doc[at:]
}
