package foreign

import (
	"maps"
	"reflect"
	"regexp"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
	"aloi.dev/internal/strict"
)

// Mapping is the file that makes a foreign suite's tests into checks: who made the
// suite, how its result is written, how it may be run, and what each test is.
type Mapping struct {
	Suite   SuiteID          `yaml:"suite" json:"suite"` // begins the id of every check
	Title   lang.Text        `yaml:"title" json:"title"`
	Version string           `yaml:"version" json:"version"` // of the suite
	Rule    string           `yaml:"rule" json:"rule"`       // the standard that it tests
	Source  catalogue.Source `yaml:"source" json:"source"`   // who made it
	Service string           `yaml:"service" json:"service"` // of an offer, which it measures
	Format  Format           `yaml:"format" json:"format"`

	Command     []string          `yaml:"command,omitempty" json:"command,omitempty"` // how it is run; it can only be imported when absent
	Output      string            `yaml:"output,omitempty" json:"output,omitempty"`   // the file it writes in its folder; standard output when absent
	Exit        []int             `yaml:"exit,omitempty" json:"exit,omitempty"`       // codes of a run that went to its end; see Replay when absent
	Limits      Limits            `yaml:"limits,omitempty" json:"limits,omitzero"`
	Environment []string          `yaml:"environment,omitempty" json:"environment,omitempty"` // variables that pass through
	Set         map[string]string `yaml:"set,omitempty" json:"set,omitempty"`                 // variables made for it

	States    States    `yaml:"states,omitempty" json:"states,omitzero"`
	Totals    Totals    `yaml:"totals,omitempty" json:"totals,omitempty"`
	Expect    int       `yaml:"expect,omitempty" json:"expect,omitempty"` // tests of a whole run, at least
	Unmatched Unmatched `yaml:"unmatched,omitempty" json:"unmatched,omitempty"`
	Checks    []Rule    `yaml:"checks" json:"checks"` // the first that matches a test takes it
}

// Limits bound a run of the command. Absent, they are 10 min, no limit of memory,
// and MaxBytes.
type Limits struct {
	Time   *measure.Duration `yaml:"time,omitempty" json:"time,omitempty"`
	Memory *measure.Size     `yaml:"memory,omitempty" json:"memory,omitempty"` // address space of each process; Linux only
	Output *measure.Size     `yaml:"output,omitempty" json:"output,omitempty"` // of the result, and of what is printed besides
}

// States says what each outcome means. Absent, they are pass, fail, error, not-run
// and not-run.
type States struct {
	Passed   passedState  `yaml:"passed,omitempty" json:"passed,omitempty"`
	Failed   failedState  `yaml:"failed,omitempty" json:"failed,omitempty"`
	Errored  failedState  `yaml:"errored,omitempty" json:"errored,omitempty"`
	Skipped  skippedState `yaml:"skipped,omitempty" json:"skipped,omitempty"`
	Disabled skippedState `yaml:"disabled,omitempty" json:"disabled,omitempty"`
}

// The states that an outcome may mean: only a passed test is ever a pass, and a
// failed one always speaks.
type (
	passedState  string
	failedState  string
	skippedState string
)

// Values lists what may be written.
func (passedState) Values() []string { return []string{string(measure.Pass)} }

// Values lists what may be written.
func (failedState) Values() []string { return []string{string(measure.Fail), string(measure.Errored)} }

// Values lists what may be written.
func (skippedState) Values() []string {
	return []string{string(measure.NotRun), string(measure.Unsupported)}
}

// of returns the state that an outcome means.
func (s States) of(o Outcome) measure.State {
	word, usual := "", measure.Errored
	switch o {
	case Passed:
		return measure.Pass
	case Failed:
		word, usual = string(s.Failed), measure.Fail
	case Errored:
		word = string(s.Errored)
	case Skipped:
		word, usual = string(s.Skipped), measure.NotRun
	case Disabled:
		word, usual = string(s.Disabled), measure.NotRun
	}
	if word != "" {
		return measure.State(word)
	}
	return usual
}

// Totals says whether the counts at the head of a JUnit file are those of its
// tests. Some suites count something else, such as assertions.
type Totals string

// The ways to read totals; Trusted when absent.
const (
	Trusted Totals = "trusted" // what is announced and not reported is missing
	Ignored Totals = "ignored" // then Expect says how many tests there are
)

// Values lists the ways.
func (Totals) Values() []string { return []string{string(Trusted), string(Ignored)} }

// Unmatched says what to do with a test that no rule takes.
type Unmatched string

// The ways to treat such tests; Refuse when absent.
const (
	Refuse Unmatched = "refuse" // the whole result is refused
	Ignore Unmatched = "ignore" // they are left out
)

// Values lists the ways.
func (Unmatched) Values() []string { return []string{string(Refuse), string(Ignore)} }

// Rule says what the tests whose full name it matches are: one check together
// (ID), or a check each (Namespace).
type Rule struct {
	Match     string     `yaml:"match,omitempty" json:"match,omitempty"`         // * stands for any run of characters
	Regexp    string     `yaml:"regexp,omitempty" json:"regexp,omitempty"`       // of the whole name, in the syntax of Go
	ID        CheckName  `yaml:"id,omitempty" json:"id,omitempty"`               // group/name
	Namespace GroupID    `yaml:"namespace,omitempty" json:"namespace,omitempty"` // group
	Tests     int        `yaml:"tests,omitempty" json:"tests,omitempty"`         // that an ID takes in a whole run, at least
	Title     *lang.Text `yaml:"title,omitempty" json:"title,omitempty"`         // what holds when it passes
	Rule      string     `yaml:"rule,omitempty" json:"rule,omitempty"`           // the standard's section
}

// SuiteID names a suite for ever: lower-case words joined by hyphens.
type SuiteID string

// GroupID is the middle of a check's id.
type GroupID string

// CheckName is the middle and the end of a check's id.
type CheckName string

const word = `[a-z0-9]+(-[a-z0-9]+)*`

// Formats says how each type of a mapping is written.
var Formats = func() strict.Formats {
	f := maps.Clone(catalogue.Formats)
	f[reflect.TypeFor[SuiteID]()] = catalogue.Formats[reflect.TypeFor[catalogue.OfferID]()]
	f[reflect.TypeFor[GroupID]()] = strict.Format{
		What: lang.T("un groupe : des mots en minuscules joints par des traits d'union", "a group: lower-case words joined by hyphens"), Pattern: `^` + word + `$`, Examples: []string{"blob", "blob-upload"}, Max: 60,
	}
	f[reflect.TypeFor[CheckName]()] = strict.Format{
		What: lang.T("la fin d'un identifiant de vérification : groupe/nom", "the end of a check's id: group/name"), Pattern: `^` + word + `/` + word + `$`, Examples: []string{"blob/upload", "tag/list"}, Max: 120,
	}
	return f
}()

// Schema returns the JSON Schema of mapping files.
func Schema() ([]byte, error) {
	return strict.Schema(reflect.TypeFor[Mapping](), lang.T("Suite étrangère", "Foreign suite"), Formats)
}

// Canonical returns the canonical JSON of the mapping.
func (m *Mapping) Canonical() ([]byte, error) { return proof.Canonical(m) }

// Digest identifies the mapping by its canonical bytes.
func (m *Mapping) Digest() (string, error) {
	b, err := m.Canonical()
	return proof.Digest(b), err
}

// FromJSON reads back the canonical bytes of a mapping: exactly those that
// Canonical gives, else the error is of kind fault.Invalid.
func FromJSON(canonical []byte) (*Mapping, error) {
	m := &Mapping{}
	if err := proof.Decode(canonical, m); err != nil {
		return nil, fault.Wrap(fault.Invalid, lang.T("octets canoniques refusés", "canonical bytes refused"), err)
	}
	for _, r := range m.Checks {
		if _, err := r.pattern(); err != nil {
			return nil, fault.Wrap(fault.Invalid, lang.T("règle refusée", "rule refused"), err)
		}
	}
	return m, nil
}

// time is how long the command may take.
func (l Limits) time() time.Duration {
	if l.Time == nil {
		return 10 * time.Minute
	}
	return time.Duration(*l.Time)
}

// output is how many bytes may be kept.
func (l Limits) output() measure.Size {
	if l.Output == nil {
		return MaxBytes
	}
	return min(*l.Output, MaxBytes)
}

// Check is one check that a mapping makes of tests.
type Check struct {
	ID    string
	Title lang.Text
	Rule  string
}

// whole ends the id of the check that every suite has: that all of its tests ran.
const whole = "run/whole"

// Known lists the checks whose ids the mapping alone tells: those of its id rules,
// in their order, and the one that says that the suite ran whole. Only these can
// be used by targets.
func (m *Mapping) Known() []Check {
	var list []Check
	seen := map[CheckName]bool{}
	for _, r := range m.Checks {
		if r.ID == "" || seen[r.ID] {
			continue
		}
		seen[r.ID] = true
		list = append(list, m.check(string(r.ID), r, lang.Same(strings.ReplaceAll(string(r.ID), "/", ", "))))
	}
	return append(list, Check{ID: m.id(whole), Rule: m.Rule,
		Title: lang.T("Chaque test de la suite a donné une réponse", "Every test of the suite gave an answer")})
}

// Whole is the id of the check that says that every test gave an answer.
func (m *Mapping) Whole() string { return m.id(whole) }

func (m *Mapping) check(name string, r Rule, title lang.Text) Check {
	c := Check{ID: m.id(name), Title: title, Rule: m.Rule}
	if r.Title != nil {
		c.Title = *r.Title
	}
	if r.Rule != "" {
		c.Rule += ", " + r.Rule
	}
	return c
}

func (m *Mapping) id(name string) string { return string(m.Suite) + "/" + name }

// pattern compiles what a rule matches. Its group is what a namespace makes the
// id of: the name from the first * on, or the first group of the expression.
func (r Rule) pattern() (*regexp.Regexp, error) {
	if r.Regexp != "" {
		return regexp.Compile(`^(?:` + r.Regexp + `)$`)
	}
	first, rest, open := strings.Cut(r.Match, "*")
	if !open {
		return regexp.Compile(`^` + regexp.QuoteMeta(r.Match) + `$`)
	}
	tail := strings.ReplaceAll(regexp.QuoteMeta("*"+rest), `\*`, `.*`)
	return regexp.Compile(`^` + regexp.QuoteMeta(first) + `(` + tail + `)$`)
}

// exact reports whether a rule names one test.
func (r Rule) exact() bool { return r.Regexp == "" && !strings.Contains(r.Match, "*") }
