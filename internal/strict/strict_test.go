package strict_test

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/strict"
)

type colour string

func (colour) Values() []string { return []string{"red", "green", "blue"} }

type code string

type even int

func (e *even) UnmarshalText(text []byte) error {
	*e = even(len(text))
	if len(text)%2 != 0 {
		return errors.New("odd length")
	}
	return nil
}

type box struct {
	Name   string            `yaml:"name"`
	Colour colour            `yaml:"colour,omitempty"`
	Code   code              `yaml:"code,omitempty"`
	Count  int               `yaml:"count,omitempty"`
	Open   bool              `yaml:"open,omitempty"`
	Even   *even             `yaml:"even,omitempty"`
	Tags   []string          `yaml:"tags,omitempty"`
	Labels map[string]string `yaml:"labels,omitempty"`
	Inner  []box             `yaml:"inner,omitempty"`
	Title  lang.Text         `yaml:"title,omitempty"`
	_      int               // a field without a tag takes no part
}

var formats = strict.Formats{
	reflect.TypeFor[code](): {What: lang.T("un code", "a code"), Pattern: `^[A-Z]{3}$`, Examples: []string{"ABC", "XYZ"}},
	reflect.TypeFor[even](): {What: lang.T("un texte pair", "an even text"), Examples: []string{"ab"}, Secret: true},
}

func TestDecode(t *testing.T) {
	t.Parallel()
	const data = "\ufeff# a comment\r\nname: 2024-05-14\r\ncolour: red\ncode: ABC\ncount: 12\nopen: true\neven: 1234\n" +
		"tags: [1.50, yes, 0x10, ~tilde, 'no']\nlabels:\n  path-style: true\n  a.b: x\ninner:\n  - name: >\n      two\n      lines\n" +
		"title: {fr: é, en: \"e: f\"}\n"
	var got box
	pos, err := strict.Decode("box.yaml", []byte(data), &got, formats)
	if err != nil {
		t.Fatal(err)
	}
	four := even(4)
	want := box{
		Name: "2024-05-14", Colour: "red", Code: "ABC", Count: 12, Open: true, Even: &four,
		Tags:   []string{"1.50", "yes", "0x10", "~tilde", "no"},
		Labels: map[string]string{"path-style": "true", "a.b": "x"},
		Inner:  []box{{Name: "two lines"}},
		Title:  lang.Text{FR: "é", EN: "e: f"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(box{})); diff != "" {
		t.Error(diff)
	}
	for path, at := range map[string]strict.Position{
		"name": {2, 7}, "tags[2]": {8, 19}, "labels.path-style": {10, 15}, "inner": {13, 3},
		"inner[0]": {13, 5}, "inner[0].name": {13, 11}, "inner[0].title.fr": {13, 5}, "title.en": {16, 20}, "nowhere[3].x": {2, 1},
	} {
		if pos.At(path) != at {
			t.Errorf("At(%q) = %v, want %v", path, pos.At(path), at)
		}
	}
	if at := pos.Key("labels.path-style"); at != (strict.Position{10, 3}) {
		t.Errorf("Key = %v", at)
	}
	if pos.Faulty("") || pos.Faulty("inner[0]") {
		t.Error("a sound file is faulty")
	}
}

func TestDecode_Problems(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ data, want string }{
		"unknown field":       {"name: x\ncolor: red\n", `f:2:1: unknown field "color" (did you mean "colour"?)`},
		"unknown inner field": {"name: x\ninner:\n  - name: y\n    zzzzzzzz: 1\n", `f:4:5: unknown field "zzzzzzzz" (one of: name, colour, code, count, open, even, tags, labels, inner, title)`},
		"duplicate key":       {"name: x\ncount: 1\nname: y\n", `f:3:1: "name" is already written on line 1 (keep one of the two)`},
		"missing":             {"count: 1\n", `f:1:1: the field "name" is missing`},
		"missing inner":       {"name: x\ninner:\n  - count: 1\n", `f:3:5: the field "name" is missing`},
		"empty text":          {"name: \"\"\n", `f:1:7: "name" is empty`},
		"empty block text":    {"name: |-\ncount: 2\n", `f:1:7: "name" is empty`},
		"empty item":          {"name: x\ntags: [a, '']\n", `f:2:11: empty item`},
		"null":                {"name: ~\n", `f:1:7: "name" has no value (give it a value or remove the line)`},
		"implicit null":       {"name: x\ncount:\nopen: true\n", `f:2:7: "count" has no value (give it a value or remove the line)`},
		"text for list":       {"name: x\ntags: a\n", `f:2:7: "tags" wants a list and has a text (one line an item, beginning with "- ")`},
		"list for text":       {"name: [a]\n", `f:1:7: "name" wants a text and has a list`},
		"block for text":      {"name: {a: b}\n", `f:1:7: "name" wants a text and has a block of fields`},
		"text for block":      {"name: x\nlabels: a\n", `f:2:9: "labels" wants a block of fields and has a text`},
		"list for document":   {"- a\n", `f:1:1: "document" wants a block of fields and has a list`},
		"text for number":     {"name: x\ncount: many\n", `f:2:8: "count" wants a whole number and has a text`},
		"fraction":            {"name: x\ncount: 1.5\n", `f:2:8: "count" wants a whole number and has a text`},
		"huge number":         {"name: x\ncount: 99999999999999999999\n", `f:2:8: "count" wants a whole number and has a text`},
		"quoted number":       {"name: x\ncount: '1'\n", `f:2:8: "count" wants a whole number and has a text`},
		"text for truth":      {"name: x\nopen: yes\n", `f:2:7: "open" wants true or false and has a text`},
		"closed list":         {"name: x\ncolour: gren\n", `f:2:9: "gren" is not a value of "colour" (did you mean "green"?)`},
		"closed list, far":    {"name: x\ncolour: mauve\n", `f:2:9: "mauve" is not a value of "colour" (one of: red, green, blue)`},
		"format":              {"name: x\ncode: abc\n", `f:2:7: "abc" is not a code (for example ABC, XYZ)`},
		"unmarshaler, secret": {"name: x\neven: abc\n", `f:2:7: this value is not an even text (for example ab)`},
		"two problems":        {"colour: gren\ncolor: x\n", "f:1:1: the field \"name\" is missing\nf:1:9: \"gren\" is not a value of \"colour\" (did you mean \"green\"?)\nf:2:1: unknown field \"color\" (did you mean \"colour\"?)"},
		"tab":                 {"name: x\ninner:\n\t- name: y\n", `f:3:1: a tab in the indentation (use spaces)`},
		"colon":               {"name: a: b\n", `f:1:7: unexpected colon (quote a text that contains ": ")`},
		"quote":               {"name: x\ncode: \"ABC\n", `f:2:7: a quote that is never closed`},
		"bracket":             {"name: x\ntags: [a, b\ncount: 1\n", `f:3:1: a bracketed list is not closed`},
		"brace":               {"name: x\ntitle: {fr: a, en: b\n", `f:2:8: a block in braces is not closed`},
		"reserved":            {"name: @x\n", `f:1:7: a value can't begin with this character (quote the value)`},
		"trailing garbage":    {"name: x\n}\n", `f:2:1: the YAML can't be read here (check the indentation, the colons and the quotes)`},
		"second document":     {"---\nname: x\n---\nname: y\n", `f:3:1: one document a file (put what follows into another file)`},
		"document end":        {"name: x\n...\nname: y\n", `f:2:1: one document a file (put what follows into another file)`},
		"anchor":              {"name: &a x\n", `f:1:7: anchors (&) are not allowed (write the value out in full)`},
		"alias":               {"name: *a\n", `f:1:7: aliases (*) are not allowed (write the value out in full)`},
		"merge key":           {"name: x\n<<: {count: 1}\n", `f:2:1: merge keys (<<) are not allowed (write the value out in full)`},
		"tag":                 {"name: !!str 1\n", `f:1:7: tags (!) are not allowed (write the value out in full)`},
		"directive":           {"%YAML 1.2\n---\nname: x\n", `f:1:1: directives (%) are not allowed (write the value out in full)`},
		"question key":        {"? name\n: x\n", `f:1:1: "?" keys are not allowed (write the value out in full)`},
		"key without name":    {"name: x\n\"\": y\n", `f:2:1: a field name is expected here`},
		"empty file":          {"# nothing\n", `f:1:1: the file is empty`},
		"not UTF-8":           {"name: x\ncode: \xff\n", `f:2:7: a byte that is not UTF-8 (save the file as UTF-8)`},
		"control character":   {"name: x\x1b[31m\n", `f:1:8: control character U+001B (remove it)`},
		"escaped control":     {"name: \"\\e[31m\"\n", `f:1:7: "name" holds a control character (remove it)`},
		"too deep":            {"name: x\ntags: " + strings.Repeat("[", 33) + "\n", `f:2:39: nested too deep`},
		"too deep, dashes":    {strings.Repeat("- ", 40) + "x\n", `f:1:65: nested too deep`},
		"too large":           {strings.Repeat("#", strict.MaxBytes+1), `f:1:1: f is over 1 MiB (split it into several files)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b box
			_, err := strict.Decode("f", []byte(c.data), &b, formats)
			if err == nil {
				t.Fatalf("decoded %+v", b)
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("kind %v", fault.KindOf(err))
			}
			if fr := fault.Say(err, "fr"); fr == err.Error() || !strings.HasPrefix(fr, "f:") {
				t.Errorf("in French: %s", fr)
			}
		})
	}
}

func TestPositions_Faulty(t *testing.T) {
	t.Parallel()
	var b box
	pos, err := strict.Decode("f", []byte("name: x\ninner:\n  - count: 1\n  - name: y\n"), &b, nil)
	if err == nil {
		t.Fatal("decoded")
	}
	for path, want := range map[string]bool{
		"": true, "inner": true, "inner[0]": true, "inner[0].name": true, "inner[0].count": false,
		"inner[1]": false, "inner[1].name": false, "name": false,
	} {
		if pos.Faulty(path) != want {
			t.Errorf("Faulty(%q) = %v", path, !want)
		}
	}
	if p := pos.KeyProblem("inner", lang.Same("t"), lang.Text{}); p.In("fr") != "f:2:1: t" {
		t.Error(p.In("fr"))
	}
}

func TestDecodeFile(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{"a.yaml": {Data: []byte("name: x\n")}, "big.yaml": {Data: make([]byte, strict.MaxBytes+10)}}
	var b box
	if pos, err := strict.DecodeFile(fsys, "a.yaml", &b, nil); err != nil || b.Name != "x" || pos.File() != "a.yaml" {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err := strict.DecodeFile(fsys, "none.yaml", &b, nil); fault.KindOf(err) != fault.NotFound {
		t.Errorf("missing file: %v", err)
	}
	if _, err := strict.DecodeFile(fsys, "big.yaml", &b, nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf("big file: %v", err)
	}
}

func TestProblems_Collect(t *testing.T) {
	t.Parallel()
	var ps strict.Problems
	if ps.Err() != nil {
		t.Error("no problem is an error")
	}
	a, b := strict.Problem{File: "b", Line: 1, Column: 1}, strict.Problem{File: "a", Line: 10, Column: 1}
	if err := ps.Collect(strict.Problems{a, b, a}.Err()); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(strict.Problems{b, a}, ps); diff != "" {
		t.Error(diff)
	}
	other := errors.New("other")
	if err := ps.Collect(other); !errors.Is(err, other) {
		t.Error(err)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	words := []string{"s3/bucket/create", "s3/object/put-get", "checks", "id"}
	for word, want := range map[string]string{
		"s3/bucket/craete": "s3/bucket/create", "Checks": "checks", "check": "checks", "di": "id",
		"s3/objet/put-get": "s3/object/put-get", "postgres": "", "": "",
	} {
		if got := strict.Nearest(word, words); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
	if h := strict.DidYouMean("zzzzzz", []string{"a1", "b2"}); h.EN != "one of: a1, b2" {
		t.Error(h)
	}
	if h := strict.DidYouMean("zzzzzz", nil); !h.IsZero() {
		t.Error(h)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"name: x\n", "name: x\ntags: [a, b]\ninner:\n  - name: y\n", "title: {fr: a, en: b}\nname: |\n  x\n", "name: 'x\n", "- - a\n",
		"name: x\nlabels:\n  a: b\n", "a: &x *y\n", "\tname: x", "name: >-\n\n\n", "{name: x, tags: [}", "? a", "name:\r\n  x\r\n", "%a\n---\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var b box
		watchdog := time.AfterFunc(5*time.Second, func() { panic("still decoding after 5 s: " + strconv.Quote(string(data))) })
		pos, err := strict.Decode("f", data, &b, formats)
		watchdog.Stop()
		if err == nil {
			if b.Name == "" {
				t.Error("decoded without its name")
			}
			return
		}
		var ps strict.Problems
		if !errors.As(err, &ps) || len(ps) == 0 || !pos.Faulty("") {
			t.Fatalf("not problems: %v", err)
		}
		lines := 1 + strings.Count(string(data), "\n")
		for _, p := range ps {
			if p.Line < 1 || p.Line > lines || p.Column < 1 || p.Text.FR == "" || p.Text.EN == "" {
				t.Errorf("outside the %d lines: %+v", lines, p)
			}
		}
	})
}
