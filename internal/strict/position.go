package strict

import (
	"strings"

	"aloi.dev/internal/lang"
)

// Position is a place in a file; Line and Column count from 1.
type Position struct {
	Line   int
	Column int
}

// Positions remembers where each value of a decoded file is written, so that a
// check made later can point at it. A path is written as in the file:
// "targets[3].functional.checks[2]"; the whole document is "".
type Positions struct {
	file     string
	lines    int
	values   map[string]Position
	keys     map[string]Position
	faulty   map[string]bool
	problems Problems
}

func newPositions(file string, source []byte) *Positions {
	return &Positions{
		file:   file,
		lines:  1 + strings.Count(strings.TrimSuffix(string(source), "\n"), "\n"),
		values: map[string]Position{},
		keys:   map[string]Position{},
		faulty: map[string]bool{},
	}
}

// File returns the name of the file.
func (p *Positions) File() string { return p.file }

// At returns where the value at a path begins. A value that isn't in the file is
// placed at the nearest one that encloses it.
func (p *Positions) At(path string) Position {
	for {
		if at, ok := p.values[path]; ok {
			return at
		}
		if path == "" {
			return Position{1, 1}
		}
		path = parent(path)
	}
}

// Key returns where the name of the field or of the map entry at a path is
// written; it is At when the path is not a field's.
func (p *Positions) Key(path string) Position {
	if at, ok := p.keys[path]; ok {
		return at
	}
	return p.At(path)
}

// Problem returns a problem with the value at a path.
func (p *Positions) Problem(path string, text, hint lang.Text) Problem {
	return p.problem(p.At(path), text, hint)
}

// KeyProblem returns a problem with the name of the field or entry at a path.
func (p *Positions) KeyProblem(path string, text, hint lang.Text) Problem {
	return p.problem(p.Key(path), text, hint)
}

// Faulty reports whether the decoding found a problem at the path, in what the
// path encloses, or in what encloses it: a check of meaning would only repeat it.
func (p *Positions) Faulty(path string) bool {
	for bad := range p.faulty {
		if bad == path || within(bad, path) || within(path, bad) {
			return true
		}
	}
	return false
}

// add records a problem of decoding at a path. The place of the problem is kept
// inside the file whatever the parser said.
func (p *Positions) add(path string, found Problem) {
	p.faulty[path] = true
	p.problems = append(p.problems, p.problem(Position{found.Line, found.Column}, found.Text, found.Hint))
}

func (p *Positions) problem(at Position, text, hint lang.Text) Problem {
	line := min(max(at.Line, 1), p.lines)
	return Problem{File: p.file, Line: line, Column: max(at.Column, 1), Text: text, Hint: hint}
}

// within reports whether path is inside the value at outer.
func within(path, outer string) bool {
	if outer == "" {
		return true
	}
	rest, ok := strings.CutPrefix(path, outer)
	return ok && rest != "" && (rest[0] == '.' || rest[0] == '[')
}

// parent cuts the last field or index off a path.
func parent(path string) string {
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}

// join appends a field to a path.
func join(path, field string) string {
	if path == "" {
		return field
	}
	return path + "." + field
}
