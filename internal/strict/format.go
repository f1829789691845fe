package strict

import (
	"reflect"
	"regexp"
	"sync"
	"unicode/utf8"

	"aloi.dev/internal/lang"
)

// Format says how the values of a type are written. One table of formats serves
// the messages, the check of plain string types and the JSON Schema.
type Format struct {
	What     lang.Text // "une durée", "a duration"
	Pattern  string    // anchored, in the syntax common to Go and JSON Schema
	Examples []string
	Max      int  // characters; 0 for no limit
	Secret   bool // never repeat a refused value in a message
}

// Formats keys formats by type. A value is checked against the pattern of its type
// when it is decoded, and a TextUnmarshaler must accept it besides; its own error,
// which is in one language, gives way to the words of the format.
type Formats map[reflect.Type]Format

// Enumerated is implemented by string types that have a closed list of values.
type Enumerated interface {
	Values() []string
}

var patterns sync.Map // pattern -> *regexp.Regexp

func (f Format) matches(s string) bool {
	if f.Max > 0 && utf8.RuneCountInString(s) > f.Max {
		return false
	}
	if f.Pattern == "" {
		return true
	}
	compiled, ok := patterns.Load(f.Pattern)
	if !ok {
		compiled, _ = patterns.LoadOrStore(f.Pattern, regexp.MustCompile(f.Pattern))
	}
	return compiled.(*regexp.Regexp).MatchString(s)
}

// refusal returns the text for a value that is not in the format.
func (f Format) refusal(value string) (text, hint lang.Text) {
	if f.Secret {
		text = lang.T("cette valeur n'est pas %s", "this value is not %s", f.What)
	} else {
		text = lang.T("« %s » n'est pas %s", "%q is not %s", short(value), f.What)
	}
	for i, example := range f.Examples {
		if i == 0 {
			hint = lang.T("par exemple %s", "for example %s", example)
			continue
		}
		hint = lang.Text{FR: hint.FR + ", " + example, EN: hint.EN + ", " + example}
	}
	return text, hint
}

// values returns the closed list of a type, or nil.
func values(t reflect.Type) []string {
	if e, ok := reflect.Zero(t).Interface().(Enumerated); ok && t.Kind() == reflect.String {
		return e.Values()
	}
	return nil
}

// short keeps a message on one line whatever the value.
func short(s string) string {
	const limit = 60
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}
