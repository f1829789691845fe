// Package strict reads the data files that people write: one YAML document a
// file, in a plain subset (no anchors, aliases, tags or second document), decoded
// into structs with nothing guessed. Every problem of a file is found in one pass
// and says where it is, what is wrong and what to do, in French and English.
//
// The package is pure: it takes bytes or an fs.FS and returns values.
package strict

import (
	"fmt"
	"io"
	"io/fs"
	"reflect"

	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

// MaxBytes is the size from which a file is refused.
const MaxBytes = 1 << 20

// Decode reads the YAML document in data into the struct or map that into points
// at. The name of the file only serves the messages; formats may be nil.
//
// A struct field takes part when it has a yaml tag. It must be present and not
// empty unless the tag says omitempty. A type that implements
// encoding.TextUnmarshaler reads any scalar exactly as it is written, and so
// does a string: 2024-05-14 and 1.50 arrive unchanged. The line ends that close a
// block text are dropped.
//
// The error, when not nil, is a [Problems] of kind fault.Invalid. The positions
// are returned in either case, so that later checks can name the place too; into
// then holds what could be read.
func Decode(file string, data []byte, into any, formats Formats) (*Positions, error) {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		panic(fmt.Sprintf("strict: decode into %T, which is not a pointer", into))
	}
	source, problem := readable(file, data)
	pos := newPositions(file, source)
	if problem != nil {
		pos.add("", *problem)
		return pos, pos.problems.Err()
	}
	body, problem := parse(source)
	if problem != nil {
		pos.add("", *problem)
		return pos, pos.problems.Err()
	}
	d := decoder{Positions: pos, formats: formats}
	d.value(body, v.Elem(), "")
	return pos, pos.problems.Err()
}

// DecodeFile is Decode of a file of fsys. A file that can't be opened is of kind
// fault.NotFound, and one that can't be read of kind fault.Unavailable.
func DecodeFile(fsys fs.FS, name string, into any, formats Formats) (*Positions, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, lang.T("« %s » ne s'ouvre pas", "%s can't be opened", name), err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxBytes+1))
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, lang.T("« %s » ne se lit pas", "%s can't be read", name), err)
	}
	return Decode(name, data, into, formats)
}
