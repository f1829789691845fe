package strict

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

// Problem is one thing that is wrong in a file, and what to do about it. Line and
// Column count from 1, a column being a character.
type Problem struct {
	File   string
	Line   int
	Column int
	Text   lang.Text
	Hint   lang.Text // may be zero
}

// In returns "file:line:column: text (hint)" in the language with that code.
func (p Problem) In(code string) string {
	line := fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text.In(code))
	if hint := p.Hint.In(code); hint != "" {
		line += " (" + hint + ")"
	}
	return line
}

// Problems is all that is wrong in one or several files. It is an error of kind
// fault.Invalid, and errors.As finds both it and the fault.
type Problems []Problem

// Err returns the problems in order of file and position, without repeats; nil
// when there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	sorted := slices.Clone(ps)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Text.EN, b.Text.EN))
	})
	return slices.Compact(sorted)
}

// In returns one line a problem in the language with that code.
func (ps Problems) In(code string) string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.In(code)
	}
	return strings.Join(lines, "\n")
}

// Error returns one English line a problem.
func (ps Problems) Error() string { return ps.In(string(lang.EN)) }

// As lets errors.As see the problems as a fault of kind Invalid, so that the
// edges treat them as any other error that a person can mend.
func (ps Problems) As(target any) bool {
	f, ok := target.(**fault.Error)
	if ok {
		*f = &fault.Error{Kind: fault.Invalid, Message: ps}
	}
	return ok
}

// Collect takes the problems out of err and appends them to ps. It returns err
// itself when it holds something else.
func (ps *Problems) Collect(err error) error {
	var found Problems
	if errors.As(err, &found) {
		*ps = append(*ps, found...)
		return nil
	}
	return err
}
