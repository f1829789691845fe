package foreign

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"aloi.dev/internal/lang"
)

// goEvent is a line of go test -json; see `go doc test2json`.
type goEvent struct {
	Time        time.Time
	Action      string
	Package     string
	ImportPath  string // of a build that failed
	Test        string
	Elapsed     float64 // seconds
	Output      string
	FailedBuild string
}

// gotest reads the events of go test -json. A test without an end is in error; so
// is a package that failed although none of its tests did.
func (r *reading) gotest(data []byte) error {
	x := &goReader{reading: r, open: map[goKey]*goTest{}, packages: map[string]*goPackage{}}
	number := 0
	for line := range bytes.Lines(data) {
		number++
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		var e goEvent
		if err := json.Unmarshal(line, &e); err != nil || line[0] != '{' {
			return r.wrong(number, lang.T("ce n'est pas un événement de « go test -json »", "this is no event of go test -json"))
		}
		if e.Action == "" {
			return r.wrong(number, lang.T("un événement sans « Action »", "an event without an Action"))
		}
		if err := x.event(e, number); err != nil {
			return err
		}
	}
	return x.end(number)
}

type goKey struct{ pkg, test string }

type goTest struct {
	output strings.Builder
	line   int
}

type goPackage struct {
	goTest
	failed bool // one of its tests
	ended  bool
	opened []goKey // its tests, in the order in which they began
}

type goReader struct {
	*reading
	open     map[goKey]*goTest
	packages map[string]*goPackage
	order    []string        // of the packages
	begun    int             // tests
	builds   strings.Builder // what the compiler said
}

func (x *goReader) event(e goEvent, line int) error {
	x.starting(e.Time)
	if e.Package == "" {
		if e.Action == "build-output" && x.builds.Len() < maxMessage {
			x.builds.WriteString(e.Output)
		}
		return nil
	}
	p := x.packages[e.Package]
	if p == nil {
		if len(x.order) == maxCases {
			return x.wrong(line, lang.T("plus de %d paquets", "more than %d packages", maxCases))
		}
		p = &goPackage{goTest: goTest{line: line}}
		x.packages[e.Package] = p
		x.order = append(x.order, e.Package)
	}
	if e.Test == "" {
		return x.ofPackage(p, e, line)
	}
	key := goKey{e.Package, e.Test}
	t := x.open[key]
	if t == nil {
		if x.begun++; x.begun > maxCases {
			return x.wrong(line, lang.T("plus de %d tests", "more than %d tests", maxCases))
		}
		t = &goTest{line: line}
		x.open[key] = t
		p.opened = append(p.opened, key)
	}
	switch e.Action {
	case "output":
		t.say(e.Output)
	case "pass", "bench":
		return x.done(key, t, Passed, e.Elapsed)
	case "skip":
		return x.done(key, t, Skipped, e.Elapsed)
	case "fail":
		p.failed = true
		return x.done(key, t, Failed, e.Elapsed)
	}
	return nil
}

// ofPackage takes an event of a package as a whole.
func (x *goReader) ofPackage(p *goPackage, e goEvent, line int) error {
	switch e.Action {
	case "output":
		p.say(e.Output)
	case "pass", "skip":
		p.ended = true
	case "fail":
		p.ended = true
		if err := x.unfinished(p); err != nil {
			return err
		}
		if !p.failed {
			message := p.output.String()
			if e.FailedBuild != "" {
				message = "the build of " + e.FailedBuild + " failed\n" + x.builds.String()
			}
			return x.add(Case{Name: e.Package, Outcome: Errored, Took: seconds(e.Elapsed), Message: message, Line: line})
		}
	}
	return nil
}

// say keeps the beginning of what a test prints, the framework's own lines apart.
func (t *goTest) say(output string) {
	trimmed := strings.TrimSpace(output)
	for _, own := range []string{"=== ", "--- ", "FAIL", "PASS", "ok  \t", "exit status "} {
		if strings.HasPrefix(trimmed, own) {
			return
		}
	}
	if t.output.Len() < maxMessage {
		t.output.WriteString(output[:min(len(output), maxMessage)])
	}
}

func (x *goReader) done(key goKey, t *goTest, o Outcome, elapsed float64) error {
	delete(x.open, key)
	c := Case{Name: key.pkg + "/" + key.test, Outcome: o, Took: seconds(elapsed), Line: t.line}
	if o != Passed {
		c.Message = t.output.String()
	}
	return x.add(c)
}

// unfinished puts the tests of a package that began and never ended in error.
func (x *goReader) unfinished(p *goPackage) error {
	for _, key := range p.opened {
		t := x.open[key]
		if t == nil {
			continue
		}
		delete(x.open, key)
		p.failed = true
		message := "it never ended\n" + t.output.String()
		if err := x.add(Case{Name: key.pkg + "/" + key.test, Outcome: Errored, Message: message, Line: t.line}); err != nil {
			return err
		}
	}
	return nil
}

func (x *goReader) end(line int) error {
	if len(x.order) == 0 && x.builds.Len() == 0 {
		return x.wrong(line, lang.T("aucun événement d'aucun paquet", "no event of any package"))
	}
	for _, pkg := range x.order {
		p := x.packages[pkg]
		if err := x.unfinished(p); err != nil {
			return err
		}
		if !p.ended {
			if err := x.add(Case{Name: pkg, Outcome: Errored, Message: "the package never ended\n" + p.output.String(), Line: p.line}); err != nil {
				return err
			}
		}
	}
	return nil
}
