package strict

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"aloi.dev/internal/lang"
)

// scalar decodes a single value: a text as it is written, a whole number, true or
// false, or whatever a TextUnmarshaler makes of the text.
func (d *decoder) scalar(n ast.Node, v reflect.Value, path string) (said bool) {
	text, kind, ok := written(n)
	if !ok {
		d.wrong(n, path, wanted(v))
		return true
	}
	if i := strings.IndexFunc(text, misleading); i >= 0 {
		d.report(path, beginning(n), lang.T("« %s » contient un caractère de contrôle", "%q holds a control character", name(path)),
			lang.T("le supprimer", "remove it"))
		return true
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		err := u.UnmarshalText([]byte(text))
		if f, ok := d.formats[v.Type()]; ok && (err != nil || !f.matches(text)) {
			text, hint := f.refusal(text)
			d.report(path, beginning(n), text, hint)
		} else if err != nil {
			d.report(path, beginning(n), lang.T("« %s » est refusé : %v", "%q is refused: %v", name(path), err), lang.Text{})
		}
		return true
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
		d.judge(n, path, v.Type(), text)
		return text != ""
	case reflect.Bool:
		if kind != token.BoolType {
			d.wrong(n, path, aTruth)
			return true
		}
		v.SetBool(strings.EqualFold(text, "true"))
	case reflect.Int, reflect.Int64, reflect.Int32:
		i, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil || kind != token.IntegerType {
			d.wrong(n, path, aNumber)
			return true
		}
		v.SetInt(i)
	default:
		panic(fmt.Sprintf("strict: a field of type %s can't be decoded", v.Type()))
	}
	return true
}

// judge checks a text against the closed list or the format of its type.
func (d *decoder) judge(n ast.Node, path string, t reflect.Type, text string) {
	if text == "" {
		return
	}
	if words := values(t); words != nil && !slices.Contains(words, text) {
		hint := DidYouMean(text, words)
		d.report(path, beginning(n), lang.T("« %s » n'est pas une valeur de « %s »", "%q is not a value of %q", short(text), name(path)), hint)
		return
	}
	if f, ok := d.formats[t]; ok && !f.matches(text) {
		text, hint := f.refusal(text)
		d.report(path, beginning(n), text, hint)
	}
}

// written returns a scalar exactly as it is written, without its quotes or the
// line ends that close it.
func written(n ast.Node) (text string, kind token.Type, ok bool) {
	switch n := n.(type) {
	case *ast.LiteralNode:
		return strings.TrimRight(n.Value.Value, "\n"), token.StringType, true
	case *ast.StringNode:
		if t := n.GetToken(); scalar(t.Type) {
			return strings.TrimRight(n.Value, "\n"), t.Type, true
		}
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode, *ast.NullNode:
		t := n.GetToken()
		return t.Value, t.Type, true
	}
	return "", token.UnknownType, false
}

// misleading reports whether a rune has no place in a value, even escaped.
func misleading(r rune) bool { return r != '\n' && r != '\t' && control(r) }

// wanted names the kind of scalar that goes into v.
func wanted(v reflect.Value) lang.Text {
	switch v.Kind() {
	case reflect.Bool:
		return aTruth
	case reflect.Int, reflect.Int64, reflect.Int32:
		if !v.Addr().Type().Implements(textUnmarshaler) {
			return aNumber
		}
	}
	return aText
}
