// Package lang holds texts in French and English. A text is written in both
// languages at the place that says it, so that neither can be forgotten.
package lang

import (
	"fmt"
	"strings"
)

// Lang is a language of the interface.
type Lang string

// The languages, in the order of the interface: French first.
const (
	FR Lang = "fr"
	EN Lang = "en"
)

// All lists the languages.
var All = []Lang{FR, EN}

// Text is one text in both languages.
type Text struct {
	FR string `yaml:"fr" json:"fr"`
	EN string `yaml:"en" json:"en"`
}

// T returns a text with both formats applied to the same arguments. An argument
// that is itself a Text is put in the matching language.
func T(fr, en string, args ...any) Text {
	return Text{FR: format(FR, fr, args), EN: format(EN, en, args)}
}

// Same returns a text that reads the same in both languages: a name, a code.
func Same(s string) Text { return Text{FR: s, EN: s} }

// In returns the text in the language with that code; anything but "en" is French.
func (t Text) In(code string) string {
	if Lang(code) == EN {
		return t.EN
	}
	return t.FR
}

// IsZero reports whether both languages are empty.
func (t Text) IsZero() bool { return t == Text{} }

func format(l Lang, f string, args []any) string {
	if len(args) == 0 {
		return f
	}
	local := make([]any, len(args))
	for i, a := range args {
		if t, ok := a.(Text); ok {
			a = t.In(string(l))
		}
		local[i] = a
	}
	return fmt.Sprintf(f, local...)
}

// Parse reads "fr" or "en".
func Parse(s string) (Lang, bool) {
	switch Lang(strings.ToLower(s)) {
	case FR:
		return FR, true
	case EN:
		return EN, true
	}
	return "", false
}

// FromLocale chooses the language of a POSIX locale such as "en_GB.UTF-8":
// English when it begins with en, French otherwise.
func FromLocale(locale string) Lang {
	if strings.HasPrefix(strings.ToLower(locale), "en") {
		return EN
	}
	return FR
}
