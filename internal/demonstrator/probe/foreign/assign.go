package foreign

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"aloi.dev/internal/lang"
	"aloi.dev/internal/strict"
)

// maxProblems is how many problems of one result are said.
const maxProblems = 20

// Assigned is the tests of a report, sorted into checks.
type Assigned struct {
	Checks  []Gathered // those of Known without the last, then those of namespaces in order of their ids
	Ignored []Case     // that no rule takes, where the mapping says to ignore them
}

// Gathered is a check with the tests that decide it.
type Gathered struct {
	Check Check
	Cases []Case
	short []Rule // rules that took fewer tests than they say, or none
	exact bool   // nothing that is missing elsewhere can be a test of it
}

// Assign sorts the tests of a report. The error, a strict.Problems that points into
// the file, names the tests that no rule takes and those whose names make the same
// id. It is of kind fault.Invalid.
func (m *Mapping) Assign(file string, r *Report) (*Assigned, error) {
	a := assigner{m: m, file: file, fixed: map[string]*Gathered{}, spaces: map[string]*Gathered{}, taken: make([]int, len(m.Checks))}
	for _, c := range m.Known() {
		if c.ID != m.id(whole) {
			a.order = append(a.order, c.ID)
			a.fixed[c.ID] = &Gathered{Check: c, exact: true}
		}
	}
	for _, rule := range m.Checks {
		p, err := rule.pattern()
		if err != nil {
			return nil, err // the loader refuses it
		}
		a.patterns = append(a.patterns, p)
	}
	for _, c := range r.Cases {
		a.take(c)
	}
	a.count()
	if err := a.problems.Err(); err != nil {
		return nil, err
	}
	return a.result(), nil
}

type assigner struct {
	m        *Mapping
	file     string
	patterns []*regexp.Regexp
	order    []string // of fixed
	fixed    map[string]*Gathered
	spaces   map[string]*Gathered
	taken    []int // tests, by rule
	ignored  []Case
	problems strict.Problems
	more     int
}

// take gives a test to the first rule that matches it.
func (a *assigner) take(c Case) {
	for i, p := range a.patterns {
		match := p.FindStringSubmatch(c.Name)
		if match == nil {
			continue
		}
		a.taken[i]++
		rule := a.m.Checks[i]
		if rule.ID != "" {
			g := a.fixed[a.m.id(string(rule.ID))]
			g.Cases = append(g.Cases, c)
			return
		}
		name := c.Name
		if len(match) > 1 {
			name = match[1]
		}
		a.space(c, rule, slug(name))
		return
	}
	if a.m.Unmatched == Ignore {
		a.ignored = append(a.ignored, c)
		return
	}
	a.refuse(c, lang.T("aucune règle ne dit ce qu'est le test « %s »", "no rule says what the test %q is", c.Name),
		lang.T("ajouter une règle, ou « unmatched: ignore »", "add a rule, or unmatched: ignore"))
}

// space makes a check of one test. The same test may be reported several times.
func (a *assigner) space(c Case, rule Rule, end string) {
	if end == "" {
		a.refuse(c, lang.T("le nom « %s » ne donne pas d'identifiant", "the name %q makes no id", c.Name), lang.T("le prendre par une règle « id »", "take it with an id rule"))
		return
	}
	check := a.m.check(string(rule.Namespace)+"/"+end, rule, lang.Same(c.Name))
	known := a.spaces[check.ID]
	switch {
	case a.fixed[check.ID] != nil || check.ID == a.m.id(whole):
		a.refuse(c, lang.T("le nom « %s » donne l'identifiant %s, qu'une règle « id » a déjà", "the name %q makes the id %s, which an id rule has already", c.Name, check.ID), none)
	case known != nil && known.Cases[0].Name != c.Name:
		a.refuse(c, lang.T("« %s » et « %s » donnent le même identifiant, %s", "%q and %q make the same id, %s", known.Cases[0].Name, c.Name, check.ID),
			lang.T("prendre l'un des deux par une règle « id »", "take one of them with an id rule"))
	case known != nil:
		known.Cases = append(known.Cases, c)
	default:
		a.spaces[check.ID] = &Gathered{Check: check, Cases: []Case{c}, exact: true}
	}
}

func (a *assigner) refuse(c Case, text, hint lang.Text) {
	if len(a.problems) == maxProblems {
		a.more++
		return
	}
	a.problems = append(a.problems, strict.Problem{File: a.file, Line: max(c.Line, 1), Column: 1, Text: text, Hint: hint})
}

// count notes the rules that took fewer tests than they should.
func (a *assigner) count() {
	for i, rule := range a.m.Checks {
		if rule.ID == "" {
			continue
		}
		g := a.fixed[a.m.id(string(rule.ID))]
		if a.taken[i] < max(rule.Tests, 1) {
			rule.Tests = max(rule.Tests, 1)
			g.short = append(g.short, rule)
		}
		g.exact = g.exact && (rule.exact() || rule.Tests > 0)
	}
	if a.more > 0 {
		last := a.problems[len(a.problems)-1]
		a.problems = append(a.problems, strict.Problem{File: a.file, Line: last.Line, Column: 1 << 20, Text: lang.T("et %d autres", "and %d more", a.more)})
	}
}

func (a *assigner) result() *Assigned {
	out := &Assigned{Ignored: a.ignored}
	for _, id := range a.order {
		out.Checks = append(out.Checks, *a.fixed[id])
	}
	var names []string
	for id := range a.spaces {
		names = append(names, id)
	}
	slices.Sort(names)
	for _, id := range names {
		out.Checks = append(out.Checks, *a.spaces[id])
	}
	return out
}

// maxSlug is the most characters of the end of an id.
const maxSlug = 100

// slug makes the end of an id of a test's name: its ASCII letters in lower case and
// its figures, anything else a hyphen. A long one is cut, and told from others by a
// digest.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	s := strings.Trim(b.String(), "-")
	if len(s) <= maxSlug {
		return s
	}
	sum := sha256.Sum256([]byte(name))
	return strings.TrimRight(s[:maxSlug-9], "-") + "-" + hex.EncodeToString(sum[:4])
}
