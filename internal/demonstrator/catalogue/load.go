package catalogue

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/strict"
)

// Load reads the needs of needs/*.yaml and the targets of targets/*.yaml and
// checks them together, against the words that the suites know. The error holds
// the problems of all files; see strict.Problems. On error there is no catalogue.
func Load(fsys fs.FS, words Vocabulary) (*Catalogue, error) {
	l := loader{words: words, checkIDs: words.Checks(), used: map[string]bool{}}
	needs, err := readAll(&l, fsys, "needs", func(f *needsFile) []Need { return f.Needs })
	if err != nil {
		return nil, err
	}
	targets, err := readAll(&l, fsys, "targets", func(f *targetsFile) []Target { return f.Targets })
	if err != nil {
		return nil, err
	}
	l.needs(needs)
	l.targets(needs, targets)
	l.together(needs, targets)
	if err := l.problems.Err(); err != nil {
		return nil, err
	}
	c := &Catalogue{Needs: values(needs), Targets: values(targets)}
	slices.SortFunc(c.Needs, func(a, b Need) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.Targets, func(a, b Target) int { return cmp.Compare(a.ID, b.ID) })
	return c, nil
}

// needsFile and targetsFile are what the files hold.
type (
	needsFile struct {
		Needs []Need `yaml:"needs"`
	}
	targetsFile struct {
		Targets []Target `yaml:"targets"`
	}
)

// loader gathers the problems of all files.
type loader struct {
	words    Vocabulary
	checkIDs []string        // all checks of words
	used     map[string]bool // checks that a target lists
	problems strict.Problems
	broken   bool // a file could not be decoded whole: what is absent may be in it
	strayed  bool // a target lists a check that nobody knows
}

// placed is an entry with the place where it is written.
type placed[T any] struct {
	value *T
	spot  spot
}

// readAll decodes the files of a folder; list takes the entries out of a file.
func readAll[F, T any](l *loader, fsys fs.FS, folder string, list func(*F) []T) ([]placed[T], error) {
	files, err := fs.ReadDir(fsys, folder)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, lang.T("le catalogue n'a pas de dossier « %s »", "the catalogue has no folder %q", folder), err)
	}
	var all []placed[T]
	for _, f := range files {
		name := path.Join(folder, f.Name())
		if strings.HasPrefix(f.Name(), ".") {
			continue
		}
		if f.IsDir() || path.Ext(f.Name()) != ".yaml" {
			l.problems = append(l.problems, strict.Problem{File: name, Line: 1, Column: 1,
				Text: lang.T("ce dossier ne contient que des fichiers .yaml", "this folder holds .yaml files only"),
				Hint: lang.T("renommer ou déplacer", "rename it or move it")})
			continue
		}
		var content F
		pos, err := strict.DecodeFile(fsys, name, &content, Formats)
		if err != nil {
			l.broken = true
			if err := l.problems.Collect(err); err != nil {
				return nil, err
			}
		}
		entries := list(&content)
		for i := range entries {
			all = append(all, placed[T]{&entries[i], spot{pos, fmt.Sprintf("%s[%d]", folder, i)}})
		}
	}
	if len(files) == 0 {
		return nil, fault.New(fault.NotFound, lang.T("le dossier « %s » est vide", "the folder %q is empty", folder))
	}
	return all, nil
}

func values[T any](all []placed[T]) []T {
	list := make([]T, len(all))
	for i, p := range all {
		list[i] = *p.value
	}
	return list
}

// spot is the place of a value in a file.
type spot struct {
	pos  *strict.Positions
	path string
}

// in returns the place of a field.
func (s spot) in(field string) spot { return spot{s.pos, s.path + "." + field} }

// item returns the place of an item of a list.
func (s spot) item(i int) spot { return spot{s.pos, fmt.Sprintf("%s[%d]", s.path, i)} }

// String returns "file:line".
func (s spot) String() string { return fmt.Sprintf("%s:%d", s.pos.File(), s.pos.At(s.path).Line) }

// report notes a problem with the value at a place, unless the decoding found one
// there already.
func (l *loader) report(s spot, text, hint lang.Text) {
	if !s.pos.Faulty(s.path) {
		l.problems = append(l.problems, s.pos.Problem(s.path, text, hint))
	}
}

// reportName is report at the name of a field or of an entry.
func (l *loader) reportName(s spot, text, hint lang.Text) {
	if !s.pos.Faulty(s.path) {
		l.problems = append(l.problems, s.pos.KeyProblem(s.path, text, hint))
	}
}

var none lang.Text // no hint
