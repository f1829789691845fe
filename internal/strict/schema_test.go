package strict_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"aloi.dev/internal/lang"
	"aloi.dev/internal/strict"
)

func TestSchema(t *testing.T) {
	t.Parallel()
	schema := compiled(t)
	for text, ok := range map[string]bool{
		`{"name": "x"}`:  true,
		`{"name": 2024}`: true, // arrives as it is written
		`{"name": "x", "inner": [{"name": "y"}]}`:        true,
		`{"name": "x", "code": "ABC", "colour": "red"}`:  true,
		`{"name": "x", "labels": {"a": "b", "c": true}}`: true,
		`{"name": "x", "title": {"fr": "a", "en": "b"}}`: true,
		`{}`:                                    false,
		`{"name": ""}`:                          false,
		`{"name": null}`:                        false,
		`{"name": ["x"]}`:                       false,
		`{"name": "x", "more": 1}`:              false,
		`{"name": "x", "code": "abc"}`:          false,
		`{"name": "x", "colour": "mauve"}`:      false,
		`{"name": "x", "count": 1.5}`:           false,
		`{"name": "x", "open": "yes"}`:          false,
		`{"name": "x", "inner": [{}]}`:          false,
		`{"name": "x", "tags": "a"}`:            false,
		`{"name": "x", "title": {"fr": "a"}}`:   false,
		`{"name": "x", "labels": {"a": ["b"]}}`: false,
	} {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
		var b box // the loader reads JSON too, and agrees
		if _, err := strict.Decode("f", []byte(text), &b, formats); (err == nil) != ok {
			t.Errorf("%s: decoded: %v", text, err)
		}
	}
}

func TestSchema_Stable(t *testing.T) {
	t.Parallel()
	a, _ := strict.Schema(reflect.TypeFor[box](), lang.T("Boîte", "Box"), formats)
	b, _ := strict.Schema(reflect.TypeFor[box](), lang.T("Boîte", "Box"), formats)
	if diff := cmp.Diff(string(a), string(b)); diff != "" {
		t.Error(diff)
	}
	if _, err := strict.Schema(reflect.TypeFor[struct {
		C chan int `yaml:"c"`
	}](), lang.Text{}, nil); err == nil {
		t.Error("a channel has a schema")
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := strict.Schema(reflect.TypeFor[box](), lang.T("Boîte", "Box"), formats)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("box.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("box.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
