package foreign

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"aloi.dev/internal/lang"
)

// maxTag is the most bytes between < and > of one tag: attributes are where a
// small file could ask for much memory.
const maxTag = 1 << 20

// maxElements is how deep elements may nest, suites or not.
const maxElements = 100

// junit reads the elements of a JUnit file. No schema of it is binding: what
// counts is testcase with its name, classname, time and status, and the elements
// failure, error, skipped and disabled in it.
func (r *reading) junit(data []byte) error {
	x := &junitReader{reading: r, tags: &tagReader{data: data}}
	x.decoder = xml.NewDecoder(x.tags)
	for {
		token, err := x.decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return x.broken(err)
		}
		if err := x.token(token); err != nil {
			return err
		}
	}
	if !x.seen {
		return r.wrong(1, lang.T("pas d'élément testsuite ni testsuites : ce n'est pas un fichier JUnit", "no testsuite or testsuites element: this isn't a JUnit file"))
	}
	return x.agree()
}

type junitReader struct {
	*reading
	decoder  *xml.Decoder
	tags     *tagReader
	seen     bool // a suite
	depth    int  // of elements
	suites   []string
	test     *Case // the testcase that is open
	at       int   // its depth
	text     *strings.Builder
	printing bool   // text is what the test prints
	printed  string // by the testcase, which speaks where it gives no message
	outer    [2]int // tests and failures that testsuites announces; -1: it doesn't
	first    [2]int // the same, summed over the suites just below, or of the only one
}

func (x *junitReader) line() int {
	line, _ := x.decoder.InputPos()
	return line
}

func (x *junitReader) broken(err error) error {
	var syntax *xml.SyntaxError
	line, text := x.line(), err.Error()
	if errors.As(err, &syntax) {
		line, text = syntax.Line, syntax.Msg
	}
	return x.wrong(line, lang.T("XML refusé : %s", "XML refused: %s", text))
}

func (x *junitReader) token(token xml.Token) error {
	switch t := token.(type) {
	case xml.Directive:
		return x.wrong(x.line(), lang.T("une déclaration <!…> n'a pas sa place ici : ni DTD ni entités", "a <!...> declaration has no place here: no DTD, no entities"))
	case xml.StartElement:
		x.depth++
		if x.depth > maxElements {
			return x.wrong(x.line(), lang.T("plus de %d éléments emboîtés", "more than %d nested elements", maxElements))
		}
		return x.open(t)
	case xml.CharData:
		if x.text != nil && x.text.Len() < 2*maxMessage {
			x.text.Write(t[:min(len(t), 2*maxMessage)])
		}
	case xml.EndElement:
		err := x.shut(t)
		x.depth--
		return err
	}
	return nil
}

func (x *junitReader) open(t xml.StartElement) error {
	switch name := t.Name.Local; {
	case x.test != nil && x.depth == x.at+1:
		x.inside(t)
	case x.test != nil:
	case name == "testsuites" && x.depth == 1:
		x.seen, x.outer = true, announced(t)
	case name == "testsuite":
		if !x.seen {
			x.seen, x.outer = true, [2]int{-1, -1}
		}
		if len(x.suites) == maxDepth {
			return x.wrong(x.line(), lang.T("plus de %d suites emboîtées", "more than %d nested suites", maxDepth))
		}
		if len(x.suites) == 0 {
			for i, n := range announced(t) {
				x.first[i] += max(n, 0)
			}
		}
		x.suites = append(x.suites, attribute(t, "name"))
		x.starting(instant(attribute(t, "timestamp")))
	case name == "testcase":
		if len(x.suites) == 0 {
			return x.wrong(x.line(), lang.T("un testcase hors de toute suite", "a testcase outside any suite"))
		}
		x.test, x.at = x.begin(t), x.depth
	case !x.seen:
		return x.wrong(x.line(), lang.T("l'élément %s n'ouvre pas un fichier JUnit", "the element %s doesn't open a JUnit file", named(name)))
	}
	return nil
}

// begin makes a test of the attributes of a testcase.
func (x *junitReader) begin(t xml.StartElement) *Case {
	parts := slices.Clone(x.suites)
	if class := attribute(t, "classname"); class != "" && class != parts[len(parts)-1] {
		parts = append(parts, class)
	}
	name := attribute(t, "name")
	if last := parts[len(parts)-1]; last != "" {
		name = strings.TrimPrefix(name, last+"/") // some tools write it before the name too
	}
	parts = slices.DeleteFunc(append(parts, name), func(s string) bool { return s == "" })
	c := &Case{Name: strings.Join(parts, "/"), Outcome: Passed, Line: x.line()}
	if s, err := strconv.ParseFloat(strings.ReplaceAll(attribute(t, "time"), ",", ""), 64); err == nil {
		c.Took = seconds(s)
	}
	for _, name := range []string{"status", "result"} {
		word := attribute(t, name)
		o, known := statuses[strings.ToLower(word)]
		if !known {
			o, c.Message = Errored, "unknown "+name+" "+word
		}
		c.Outcome = worst(c.Outcome, o)
	}
	return c
}

// statuses are the words that tools put into the attributes status and result. A
// word that isn't here never counts as passed.
var statuses = map[string]Outcome{
	"": Passed, "passed": Passed, "pass": Passed, "success": Passed, "successful": Passed, "ok": Passed,
	"run": Passed, "completed": Passed, "executed": Passed,
	"failed": Failed, "fail": Failed, "failure": Failed,
	"error": Errored, "errored": Errored, "panicked": Errored, "timedout": Errored, "interrupted": Errored, "aborted": Errored,
	"skipped": Skipped, "ignored": Skipped,
	"disabled": Disabled, "notrun": Disabled, "suppressed": Disabled, "pending": Disabled,
}

// inside reads an element of the open testcase.
func (x *junitReader) inside(t xml.StartElement) {
	var o Outcome
	switch t.Name.Local {
	case "failure":
		o = Failed
	case "error":
		o = Errored
	case "skipped":
		o = Skipped
	case "disabled":
		o = Disabled
	case "system-out":
		x.text, x.printing = &strings.Builder{}, true
		return
	default:
		return
	}
	if worst(o, x.test.Outcome) == o || x.test.Message == "" {
		x.test.Message = cut(attribute(t, "message"), maxMessage)
	}
	x.test.Outcome = worst(x.test.Outcome, o)
	x.text, x.printing = &strings.Builder{}, false
}

func (x *junitReader) shut(t xml.EndElement) error {
	switch {
	case x.test != nil && x.depth == x.at:
		c := *x.test
		if c.Message == "" && c.Outcome != Passed {
			c.Message = x.printed
		}
		x.test, x.printed = nil, ""
		return x.add(c)
	case x.test != nil && x.depth == x.at+1 && x.text != nil:
		switch words := cut(x.text.String(), maxMessage); {
		case x.printing:
			x.printed = words
		case x.test.Message == "":
			x.test.Message = words
		}
		x.text = nil
	case x.test == nil && t.Name.Local == "testsuite":
		x.suites = x.suites[:max(0, len(x.suites)-1)]
	}
	return nil
}

// agree compares what the file announces with what it reports.
func (x *junitReader) agree() error {
	tests, failures := x.first[0], x.first[1]
	if x.outer[0] >= 0 {
		tests = x.outer[0]
	}
	if x.outer[1] >= 0 {
		failures = x.outer[1]
	}
	if tests > maxCases {
		return x.wrong(1, lang.T("plus de %d tests", "more than %d tests", maxCases))
	}
	x.Missing = max(0, tests-len(x.Cases))
	reported := slices.ContainsFunc(x.Cases, func(c Case) bool { return c.Outcome == Failed || c.Outcome == Errored })
	if failures > 0 && !reported {
		return x.wrong(1, lang.T("le fichier annonce des échecs (%d) et n'en montre aucun", "the file announces failures (%d) and shows none", failures))
	}
	return nil
}

// announced reads the counts of a suite: its tests, and those that failed or were
// in error; -1 where it says nothing.
func announced(t xml.StartElement) (counts [2]int) {
	counts = [2]int{-1, -1}
	for name, into := range map[string]*int{"tests": &counts[0], "failures": &counts[1], "errors": &counts[1]} {
		if n, err := strconv.Atoi(attribute(t, name)); err == nil && n >= 0 && n <= 1<<30 {
			*into = max(*into, 0) + n
		}
	}
	return counts
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// instant reads a date and a time, in UTC where no zone is written; zero when it
// is anything else.
func instant(s string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

// tagReader hands the file over byte by byte and refuses a tag of too many bytes.
type tagReader struct {
	data  []byte
	next  int
	tag   int  // bytes since <; 0 outside
	quote byte // the quote that is open in a tag
	until []byte
}

// Read serves the io.Reader that a decoder asks for; it uses ReadByte.
func (r *tagReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := r.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}

// ReadByte returns the next byte.
func (r *tagReader) ReadByte() (byte, error) {
	if r.next == len(r.data) {
		return 0, io.EOF
	}
	b := r.data[r.next]
	r.next++
	switch {
	case r.until != nil: // in a comment, a CDATA section or an instruction
		if b == '>' && bytes.HasSuffix(r.data[:r.next], r.until) {
			r.until = nil
		}
	case r.tag == 0 && b == '<':
		r.special()
	case r.tag > 0 && r.quote != 0:
		r.tag++
		if b == r.quote {
			r.quote = 0
		}
	case r.tag > 0:
		r.tag++
		switch b {
		case '>':
			r.tag = 0
		case '"', '\'':
			r.quote = b
		}
	}
	if r.tag > maxTag {
		return 0, errors.New("a tag of more than " + strconv.Itoa(maxTag) + " bytes")
	}
	return b, nil
}

// special tells an ordinary tag from what holds text.
func (r *tagReader) special() {
	for opening, ending := range map[string]string{"!--": "-->", "![CDATA[": "]]>", "?": "?>"} {
		if bytes.HasPrefix(r.data[r.next:], []byte(opening)) {
			r.until = []byte(ending)
			return
		}
	}
	r.tag = 1
}
