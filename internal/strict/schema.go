package strict

import (
	"encoding/json"
	"fmt"
	"reflect"

	"aloi.dev/internal/lang"
)

// Schema returns the JSON Schema (draft 2020-12) of the files that decode into a
// value of type t, so that an editor completes and checks them while they are
// written. It states what Decode refuses field by field; the checks of meaning
// remain the loader's. The same type and formats give the same bytes.
func Schema(t reflect.Type, title lang.Text, formats Formats) ([]byte, error) {
	s := schemas{formats: formats, defs: map[string]node{}}
	root, err := s.of(t)
	if err != nil {
		return nil, err
	}
	root = node{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   title.FR + " / " + title.EN,
		"$ref":    root["$ref"],
		"$defs":   s.defs,
	}
	b, err := json.MarshalIndent(root, "", "  ")
	return append(b, '\n'), err
}

// node is one JSON Schema; encoding/json writes its keys in order.
type node map[string]any

type schemas struct {
	formats Formats
	defs    map[string]node
}

// of returns the schema of a type; structs become named definitions.
func (s *schemas) of(t reflect.Type) (node, error) {
	if t.Kind() == reflect.Pointer {
		return s.of(t.Elem())
	}
	if f, ok := s.formats[t]; ok {
		return text(f), nil
	}
	if reflect.PointerTo(t).Implements(textUnmarshaler) {
		return node{"type": "string", "minLength": 1}, nil
	}
	switch t.Kind() {
	case reflect.String:
		if words := values(t); words != nil {
			return node{"enum": words}, nil
		}
		return node{"type": []string{"string", "number", "boolean"}, "minLength": 1}, nil
	case reflect.Int, reflect.Int64, reflect.Int32:
		return node{"type": "integer"}, nil
	case reflect.Bool:
		return node{"type": "boolean"}, nil
	case reflect.Slice:
		items, err := s.of(t.Elem())
		return node{"type": "array", "items": items}, err
	case reflect.Map:
		items, err := s.of(t.Elem())
		return node{"type": "object", "additionalProperties": items}, err
	case reflect.Struct:
		return s.object(t)
	}
	return nil, fmt.Errorf("schema of %s: a %s can't be decoded", t, t.Kind())
}

// object defines a struct once, under the name of its type.
func (s *schemas) object(t reflect.Type) (node, error) {
	ref := node{"$ref": "#/$defs/" + t.Name()}
	if _, ok := s.defs[t.Name()]; ok {
		return ref, nil
	}
	def := node{"type": "object", "additionalProperties": false}
	s.defs[t.Name()] = def
	properties, required := node{}, []string{}
	known := fieldsOf(t)
	for _, name := range known.names {
		field, err := s.of(t.Field(known.index[name]).Type)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", name, err)
		}
		if !known.optional[name] {
			required = append(required, name)
			notEmpty(field)
		}
		properties[name] = field
	}
	def["properties"] = properties
	if len(required) > 0 {
		def["required"] = required
	}
	return ref, nil
}

// notEmpty adds that a required list or map has something in it.
func notEmpty(field node) {
	switch field["type"] {
	case "array":
		field["minItems"] = 1
	case "object":
		field["minProperties"] = 1
	}
}

// text returns the schema of a type that has a format.
func text(f Format) node {
	n := node{"type": "string", "description": f.What.FR + " / " + f.What.EN}
	if f.Pattern != "" {
		n["pattern"] = f.Pattern
	}
	if f.Max > 0 {
		n["maxLength"] = f.Max
	}
	if len(f.Examples) > 0 {
		n["examples"] = f.Examples
	}
	return n
}
