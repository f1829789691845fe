// Package foreign makes checks out of the results of suites that aren't ours:
// JUnit XML, TAP and go test -json, read as hostile input, and mapped to check ids
// by a file that says what each test is. It runs such a suite as a child process,
// or takes a result that was made elsewhere; either way the same bytes and the
// same mapping give the same results, which Replay shows.
//
// Nothing but a test that the suite reports as passed is ever a pass.
package foreign

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

// The limits of a result file. Beyond any of them it is refused.
const (
	MaxBytes   = 64 << 20 // of the file
	maxCases   = 200_000  // tests
	maxDepth   = 32       // suites in suites, tests in tests
	maxName    = 1000     // bytes of a test's full name; a longer one is shortened
	maxMessage = 2 << 10  // bytes of a test's message; a longer one is cut
	maxTook    = 30 * 24 * time.Hour
)

// Format is how a suite writes its result.
type Format string

// The formats.
const (
	JUnit  Format = "junit"  // JUnit XML, as most test tools write it
	TAP    Format = "tap"    // Test Anything Protocol, versions 12 to 14
	GoTest Format = "gotest" // go test -json
)

// Values lists the formats.
func (Format) Values() []string { return []string{string(JUnit), string(TAP), string(GoTest)} }

// Outcome is what a suite says of one test.
type Outcome string

// The outcomes, from the worst to the only good one.
const (
	Failed   Outcome = "failed"
	Errored  Outcome = "errored"  // it broke, or never ended
	Disabled Outcome = "disabled" // switched off, or known not to work (TODO)
	Skipped  Outcome = "skipped"  // it decided not to run
	Passed   Outcome = "passed"
)

var outcomes = []Outcome{Failed, Errored, Disabled, Skipped, Passed}

// Case is one test of a suite.
type Case struct {
	Name    string // full: its suites and itself, joined by slashes
	Outcome Outcome
	Took    time.Duration // zero when the suite doesn't say
	Message string        // the suite's own words, valid UTF-8, cut
	Line    int           // where it stands in the file
}

// Report is a result file read.
type Report struct {
	Cases   []Case
	Missing int       // tests that the file announces and doesn't report
	Started time.Time // the earliest instant that the file names; zero when it names none
}

// SyntaxError is a result that isn't in its format, or contradicts itself.
type SyntaxError struct {
	File string
	Line int
	Text lang.Text
}

// Error returns "file:line: text" in English.
func (e *SyntaxError) Error() string { return e.In(string(lang.EN)) }

// In returns "file:line: text" in the language with that code.
func (e *SyntaxError) In(code string) string {
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text.In(code))
}

// As lets errors.As see it as a fault of kind Invalid, as any other error that a
// person can mend.
func (e *SyntaxError) As(target any) bool {
	f, ok := target.(**fault.Error)
	if ok {
		*f = &fault.Error{Kind: fault.Invalid, Message: e}
	}
	return ok
}

// Parse reads a result. The file's name serves the messages only. The error is a
// *SyntaxError. Memory stays within a small multiple of the data, whatever it is.
func Parse(format Format, file string, data []byte) (*Report, error) {
	r := &reading{file: file}
	if len(data) > MaxBytes {
		return nil, r.wrong(1, lang.T("plus de %d octets", "more than %d bytes", MaxBytes))
	}
	var err error
	switch format {
	case JUnit:
		err = r.junit(data)
	case TAP:
		err = r.tap(data)
	case GoTest:
		err = r.gotest(data)
	default:
		err = r.wrong(1, lang.T("format « %s » inconnu", "unknown format %q", format))
	}
	if err != nil {
		return nil, err
	}
	r.parents()
	return &r.Report, nil
}

// reading is a file being read.
type reading struct {
	Report
	file string
}

func (r *reading) wrong(line int, text lang.Text) error {
	return &SyntaxError{File: r.file, Line: max(line, 1), Text: text}
}

// add notes a test.
func (r *reading) add(c Case) error {
	if len(r.Cases) >= maxCases {
		return r.wrong(c.Line, lang.T("plus de %d tests", "more than %d tests", maxCases))
	}
	c.Name, c.Message = named(c.Name), cut(c.Message, maxMessage)
	r.Cases = append(r.Cases, c)
	return nil
}

// starting notes an instant that the file names.
func (r *reading) starting(at time.Time) {
	if !at.IsZero() && (r.Started.IsZero() || at.Before(r.Started)) {
		r.Started = at.UTC()
	}
}

// parents corrects tests that hold others: one that is said to have passed
// although none of its own did has run nothing.
func (r *reading) parents() {
	type inside struct{ passed, others bool }
	below := make(map[string]inside, len(r.Cases))
	for _, c := range r.Cases {
		below[c.Name] = inside{}
	}
	for _, c := range r.Cases {
		name := c.Name
		for range maxDepth {
			i := strings.LastIndexByte(name, '/')
			if i < 0 {
				break
			}
			name = name[:i]
			if in, known := below[name]; known {
				below[name] = inside{in.passed || c.Outcome == Passed, in.others || c.Outcome != Passed}
			}
		}
	}
	for i := range r.Cases {
		c := &r.Cases[i]
		if in := below[c.Name]; c.Outcome == Passed && in.others && !in.passed {
			c.Outcome, c.Message = Skipped, "none of its own tests passed"
		}
	}
}

// worst returns the worse of two outcomes.
func worst(a, b Outcome) Outcome {
	for _, o := range outcomes {
		if a == o || b == o {
			return o
		}
	}
	return Errored
}

// named makes a name valid, printable on one line and not too long; a shortened
// one keeps what tells it from others.
func named(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\ufffd")), " ")
	if s == "" {
		return "-"
	}
	if len(s) <= maxName {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return cut(s, maxName-20) + hex.EncodeToString(sum[:4])
}

// cut returns at most the first n bytes of a text, as valid UTF-8.
func cut(s string, n int) string {
	s = strings.TrimSpace(s)
	if len(s) > n {
		s = s[:n]
		for i := 0; i < utf8.UTFMax && s != "" && !utf8.ValidString(s[max(0, len(s)-utf8.UTFMax):]); i++ {
			s = s[:len(s)-1]
		}
		s += "…"
	}
	return strings.Clone(strings.ToValidUTF8(s, "\ufffd")) // not a piece that keeps the whole file alive
}

// seconds turns what a suite says into a duration; nonsense is zero.
func seconds(s float64) time.Duration {
	if math.IsNaN(s) || s < 0 || s > maxTook.Seconds() {
		return 0
	}
	return time.Duration(s * float64(time.Second))
}
