package inference

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// schema is a JSON Schema of the kind that structured outputs take.
type schema = map[string]any

// keywords are those that the simulator honours; it refuses a schema with others,
// as a service does that can't constrain what it decodes by them.
var keywords = []string{
	"$schema", "$id", "$defs", "$ref", "title", "description", "type", "enum", "const", "anyOf", "properties", "required",
	"additionalProperties", "items", "minItems", "maxItems", "minimum", "maximum", "minLength", "maxLength",
}

var types = []string{"object", "array", "string", "integer", "number", "boolean", "null"}

// checkSchema returns what is wrong with a schema.
func checkSchema(s schema, at string) error {
	for _, key := range slices.Sorted(maps.Keys(s)) {
		if !slices.Contains(keywords, key) {
			return fmt.Errorf("in %s, %q is not permitted", at, key)
		}
	}
	if len(s) == 0 {
		return fmt.Errorf("in %s, the schema is empty", at)
	}
	if name, ok := s["type"]; ok {
		if text, isText := name.(string); !isText || !slices.Contains(types, text) {
			return fmt.Errorf("in %s, %v is not a type", at, name)
		}
	}
	for _, key := range []string{"properties", "$defs"} {
		below, ok := s[key].(schema)
		if s[key] != nil && !ok {
			return fmt.Errorf("in %s, %s is not an object", at, key)
		}
		for _, name := range slices.Sorted(maps.Keys(below)) {
			if err := checkAny(below[name], at+"."+name); err != nil {
				return err
			}
		}
	}
	if items, ok := s["items"]; ok {
		return checkAny(items, at+"[]")
	}
	return nil
}

func checkAny(s any, at string) error {
	below, ok := s.(schema)
	if !ok {
		return fmt.Errorf("%s is not a schema", at)
	}
	return checkSchema(below, at)
}

// composer writes values that a schema admits.
type composer struct {
	root schema
	r    *rand.Rand
	hint string // the prompt: a text property takes a name from it when there is one
}

// value returns a value of the schema, which checkSchema has admitted.
func (c composer) value(s schema) (any, error) {
	switch {
	case s["const"] != nil:
		return s["const"], nil
	case s["$ref"] != nil:
		return c.reference(s["$ref"])
	}
	if list, ok := s["enum"].([]any); ok && len(list) > 0 {
		return list[c.r.IntN(len(list))], nil
	}
	if list, ok := s["anyOf"].([]any); ok && len(list) > 0 {
		if one, ok := list[c.r.IntN(len(list))].(schema); ok {
			return c.value(one)
		}
	}
	switch s["type"] {
	case "object", nil:
		return c.object(s)
	case "array":
		return c.array(s)
	case "integer":
		return int64(c.between(s, 0, 99)), nil
	case "number":
		return float64(int64(c.between(s, 0, 99)*4)) / 4, nil
	case "boolean":
		return c.r.IntN(2) == 0, nil
	case "null":
		return nil, nil
	}
	return c.text(s), nil
}

func (c composer) reference(ref any) (any, error) {
	name, ok := strings.CutPrefix(fmt.Sprint(ref), "#/$defs/")
	defs, _ := c.root["$defs"].(schema)
	target, found := defs[name].(schema)
	if !ok || !found {
		return nil, fmt.Errorf("%v refers to nothing", ref)
	}
	return c.value(target)
}

func (c composer) object(s schema) (any, error) {
	out, properties := map[string]any{}, schema{}
	if p, ok := s["properties"].(schema); ok {
		properties = p
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		v, err := c.value(properties[name].(schema))
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

func (c composer) array(s schema) (any, error) {
	items, ok := s["items"].(schema)
	if !ok {
		return nil, errors.New("an array without items")
	}
	low, high := int(bound(s, "minItems", 1)), int(bound(s, "maxItems", 3))
	out := []any{}
	for range low + c.r.IntN(max(1, high-low+1)) {
		v, err := c.value(items)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// text takes a capitalised word of the prompt, or one of the grammar.
func (c composer) text(s schema) string {
	words := strings.Fields(french[2][c.r.IntN(len(french[2]))])
	out := words[len(words)-1]
	for _, word := range strings.Fields(c.hint)[min(1, len(strings.Fields(c.hint))):] {
		if word = strings.Trim(word, ".,?!:;«»\"'"); word != "" && strings.ToUpper(word[:1]) == word[:1] && strings.ToLower(word) != word {
			out = word
			break
		}
	}
	for len([]rune(out)) < int(bound(s, "minLength", 0)) {
		out += "a"
	}
	if longest := int(bound(s, "maxLength", 200)); len([]rune(out)) > longest {
		out = string([]rune(out)[:longest])
	}
	return out
}

func (c composer) between(s schema, low, high float64) float64 {
	low = bound(s, "minimum", low)
	high = bound(s, "maximum", max(high, low))
	return low + float64(c.r.IntN(int(high-low)+1))
}

func bound(s schema, key string, otherwise float64) float64 {
	if n, ok := s[key].(float64); ok {
		return n
	}
	return otherwise
}
