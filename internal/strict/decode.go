package strict

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"aloi.dev/internal/lang"
)

// decoder walks the tree of a document and the Go value it goes into, side by
// side, so that each problem has the place of its own node.
type decoder struct {
	*Positions
	formats Formats
}

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// value decodes a node into v and reports whether the node said something: an
// empty text, list or block says nothing.
func (d *decoder) value(n ast.Node, v reflect.Value, path string) (said bool) {
	begin := beginning(n)
	d.values[path] = begin
	if n.Type() == ast.NullType {
		d.report(path, begin, lang.T("« %s » n'a pas de valeur", "%q has no value", name(path)),
			lang.T("donner une valeur ou retirer la ligne", "give it a value or remove the line"))
		return true
	}
	for v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if v.Addr().Type().Implements(textUnmarshaler) {
		return d.scalar(n, v, path)
	}
	switch v.Kind() {
	case reflect.Struct:
		return d.fields(n, v, path)
	case reflect.Map:
		return d.entries(n, v, path)
	case reflect.Slice:
		return d.items(n, v, path)
	}
	return d.scalar(n, v, path)
}

// fields decodes a block of fields into a struct.
func (d *decoder) fields(n ast.Node, v reflect.Value, path string) bool {
	entries, ok := d.mapping(n, path)
	if !ok {
		return true
	}
	known := fieldsOf(v.Type())
	said := map[string]bool{}
	for _, e := range entries {
		at := join(path, e.name)
		i, ok := known.index[e.name]
		if !ok {
			d.values[at] = d.keys[at]
			d.report(at, d.keys[at], lang.T("champ inconnu « %s »", "unknown field %q", short(e.name)),
				DidYouMean(e.name, known.names))
			continue
		}
		said[e.name] = true
		if !d.value(e.node, v.Field(i), at) && !known.optional[e.name] {
			d.report(at, d.values[at], lang.T("« %s » est vide", "%q is empty", e.name), lang.Text{})
		}
	}
	for _, field := range known.names {
		if !said[field] && !known.optional[field] {
			at := join(path, field)
			d.report(at, d.At(path), lang.T("il manque le champ « %s »", "the field %q is missing", field), lang.Text{})
		}
	}
	return true
}

// entries decodes a block into a map with string keys.
func (d *decoder) entries(n ast.Node, v reflect.Value, path string) bool {
	entries, ok := d.mapping(n, path)
	if !ok {
		return true
	}
	t := v.Type()
	v.Set(reflect.MakeMapWithSize(t, len(entries)))
	for _, e := range entries {
		at := join(path, e.name)
		item := reflect.New(t.Elem()).Elem()
		if !d.value(e.node, item, at) {
			d.report(at, d.values[at], lang.T("« %s » est vide", "%q is empty", e.name), lang.Text{})
		}
		v.SetMapIndex(reflect.ValueOf(e.name).Convert(t.Key()), item)
	}
	return len(entries) > 0
}

// items decodes a list into a slice.
func (d *decoder) items(n ast.Node, v reflect.Value, path string) bool {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		d.wrong(n, path, aList)
		return true
	}
	v.Set(reflect.MakeSlice(v.Type(), len(list.Values), len(list.Values)))
	for i, item := range list.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		if !d.value(item, v.Index(i), at) {
			d.report(at, d.values[at], lang.T("élément vide", "empty item"), lang.Text{})
		}
	}
	return len(list.Values) > 0
}

// entry is one line "name: value" of a block.
type entry struct {
	name string
	node ast.Node
}

// mapping returns the entries of a block, each name once.
func (d *decoder) mapping(n ast.Node, path string) ([]entry, bool) {
	block, ok := n.(ast.MapNode)
	if !ok {
		d.wrong(n, path, aBlock)
		return nil, false
	}
	var entries []entry
	seen := map[string]Position{}
	for it := block.MapRange(); it.Next(); {
		begin := beginning(it.Key())
		name, _, ok := written(it.Key())
		if !ok || name == "" || strings.ContainsFunc(name, control) {
			d.report(path, begin, lang.T("un nom de champ est attendu ici", "a field name is expected here"), lang.Text{})
			continue
		}
		at := join(path, name)
		if first, twice := seen[name]; twice {
			d.report(at, begin, lang.T("« %s » est déjà écrit à la ligne %d", "%q is already written on line %d", short(name), first.Line),
				lang.T("garder une seule des deux lignes", "keep one of the two"))
			continue
		}
		seen[name], d.keys[at] = begin, begin
		entries = append(entries, entry{name, it.Value()})
	}
	return entries, true
}

func (d *decoder) report(path string, begin Position, text, hint lang.Text) {
	d.add(path, Problem{Line: begin.Line, Column: begin.Column, Text: text, Hint: hint})
}

// The kinds of node, as a person calls them.
var (
	aText   = lang.T("un texte", "a text")
	aNumber = lang.T("un nombre entier", "a whole number")
	aTruth  = lang.T("« true » ou « false »", "true or false")
	aList   = lang.T("une liste", "a list")
	aBlock  = lang.T("un bloc de champs", "a block of fields")
)

// wrong reports a node of another kind than the one that is wanted.
func (d *decoder) wrong(n ast.Node, path string, wants lang.Text) {
	var hint lang.Text
	got := aText
	switch n.(type) {
	case *ast.SequenceNode:
		got = aList
	case ast.MapNode:
		got = aBlock
	default:
		if wants == aList {
			hint = lang.T("une ligne par élément, qui commence par « - »", "one line an item, beginning with \"- \"")
		}
	}
	if got == wants {
		got = lang.T("autre chose", "something else")
	}
	d.report(path, beginning(n), lang.T("« %s » attend %s et reçoit %s", "%q wants %s and has %s", name(path), wants, got), hint)
}

// name returns the last part of a path as a person would call it.
func name(path string) string {
	if path == "" {
		return "document"
	}
	return path[strings.LastIndex(path, ".")+1:]
}

// beginning returns where a node's first character is.
func beginning(n ast.Node) Position {
	t := n.GetToken()
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		t = m.Values[0].Key.GetToken()
	}
	if m, ok := n.(*ast.MappingValueNode); ok {
		t = m.Key.GetToken()
	}
	if t == nil || t.Position == nil {
		return Position{1, 1}
	}
	return Position{t.Position.Line, t.Position.Column}
}

// fieldSet describes the fields of a struct that take part.
type fieldSet struct {
	names    []string
	index    map[string]int
	optional map[string]bool
}

func fieldsOf(t reflect.Type) fieldSet {
	set := fieldSet{index: map[string]int{}, optional: map[string]bool{}}
	for i := range t.NumField() {
		tag, ok := t.Field(i).Tag.Lookup("yaml")
		name, rest, _ := strings.Cut(tag, ",")
		if !ok || name == "-" || name == "" {
			continue
		}
		set.names = append(set.names, name)
		set.index[name] = i
		set.optional[name] = strings.Contains(rest, "omitempty")
	}
	return set
}
