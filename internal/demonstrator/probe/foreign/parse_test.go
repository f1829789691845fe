package foreign

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/fault"
)

// told writes a report as a table expects it: an outcome and a name a line.
func told(r *Report) string {
	var b strings.Builder
	for _, c := range r.Cases {
		fmt.Fprintf(&b, "%s %s\n", c.Outcome, c.Name)
	}
	if r.Missing > 0 {
		fmt.Fprintf(&b, "missing %d\n", r.Missing)
	}
	return b.String()
}

var readable = []struct {
	name   string
	format Format
	data   string
	want   string
}{
	{"junit suites in suites", JUnit, `<testsuites><testsuite name="a"><properties><property name="tests" value="9"/></properties>
<testsuite name="b"><testcase classname="c" name="one" time="1.5"/></testsuite><testcase name="two"><failure message="no"/></testcase></testsuite></testsuites>`,
		"passed a/b/c/one\nfailed a/two\n"},
	{"junit one suite", JUnit, `<?xml version="1.0"?><testsuite name="s" tests="4"><testcase name="a"><error>x</error></testcase>
<testcase name="b"><skipped/></testcase><testcase name="c" status="disabled"/><testcase name="d" classname="s"/></testsuite>`,
		"errored s/a\nskipped s/b\ndisabled s/c\npassed s/d\n"},
	{"junit the worst of what it says", JUnit, `<testsuite name="s"><testcase name="a"><skipped/><failure/></testcase><testcase name="b" status="passed"><error/></testcase></testsuite>`,
		"failed s/a\nerrored s/b\n"},
	{"junit a status that nobody knows", JUnit, `<testsuite name="s"><testcase name="a" status="greenish"/><testcase name="b" status="run" result="suppressed"/></testsuite>`,
		"errored s/a\ndisabled s/b\n"},
	{"junit announces more than it reports", JUnit, `<testsuite name="s" tests="80" disabled="65" failures="0"><testcase name="a"/></testsuite>`,
		"passed s/a\nmissing 79\n"},
	{"junit the suite's name twice", JUnit, `<testsuite name="OCI"><testcase name="OCI/ping"/></testsuite>`, "passed OCI/ping\n"},
	{"junit CDATA, comments, quotes", JUnit, "<testsuite name='s'><!-- it's < \" --><testcase name=\"a &gt; b\"><system-out><![CDATA[<\"']]></system-out></testcase></testsuite>",
		"passed s/a > b\n"},
	{"tap", TAP, "TAP version 14\n1..4\nok 1 - first\nnot ok 2 - second\n  ---\n  message: 'it broke'\n  duration_ms: 12\n  ...\nok 3 # SKIP no network\nnot ok 4 - fourth # TODO later\n",
		"passed first\nfailed second\nskipped #3\ndisabled fourth\n"},
	{"tap a plan at the end, noise, no version", TAP, "hello\nok\nok 2 - \\# hash # time=3\n# a remark\n1..2\n", "passed #1\npassed # hash # time=3\n"},
	{"tap is short of its plan", TAP, "1..3\nok 1 - a\n", "passed a\nmissing 2\n"},
	{"tap bails out", TAP, "1..3\nok 1 - a\nBail out! no database\nok 2 - b\n", "passed a\nmissing 2\n"},
	{"tap subtests", TAP, "TAP version 14\n# Subtest: group\n    ok 1 - in\n    not ok 2 - out\n    1..2\nnot ok 1 - group\nok 2 - alone\n1..2\n",
		"passed group/in\nfailed group/out\nfailed group\npassed alone\n"},
	{"tap a subtest without its test", TAP, "1..1\n    1..1\n    ok 1 - in\n", "passed #1/in\nmissing 2\n"},
	{"tap a test of skipped tests", TAP, "1..1\n    1..1\n    ok 1 - in # SKIP\nok 1 - group\n", "skipped group/in\nskipped group\n"},
	{"tap skips all", TAP, "1..0 # skip not here\n", ""},
	{"go", GoTest, `{"Action":"start","Package":"p"}
{"Time":"2026-01-02T03:04:05Z","Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/x"}
{"Action":"output","Package":"p","Test":"TestA/x","Output":"    a_test.go:1: no\n"}
{"Action":"fail","Package":"p","Test":"TestA/x","Elapsed":0.5}
{"Action":"fail","Package":"p","Test":"TestA","Elapsed":0.5}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"fail","Package":"p"}
`, "failed p/TestA/x\nfailed p/TestA\nskipped p/TestB\n"},
	{"go a test without an end", GoTest, `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"pass","Package":"p","Test":"TestB"}
{"Action":"fail","Package":"p"}
`, "passed p/TestB\nerrored p/TestA\n"},
	{"go the stream is cut", GoTest, `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
`, "passed p/TestA\nerrored p\n"},
	{"go a build that fails", GoTest, `{"ImportPath":"p [p.test]","Action":"build-output","Output":"p.go:3: undefined: x\n"}
{"ImportPath":"p [p.test]","Action":"build-fail"}
{"Action":"start","Package":"p"}
{"Action":"fail","Package":"p","FailedBuild":"p [p.test]"}
`, "errored p\n"},
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range readable {
		r, err := Parse(c.format, "result", []byte(c.data))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got := told(r); got != c.want {
			t.Errorf("%s:\n%swant\n%s", c.name, got, c.want)
		}
	}
}

var refused = []struct {
	name   string
	format Format
	data   string
	says   string
}{
	{"empty", JUnit, "", "result:1: no testsuite"},
	{"another document", JUnit, "<html><body/></html>", "result:1: the element html"},
	{"a DTD", JUnit, "<?xml version=\"1.0\"?>\n<!DOCTYPE x [<!ENTITY a \"b\">]>\n<testsuite name=\"&a;\"/>", "result:2: a <!...> declaration"},
	{"an entity", JUnit, "<testsuite>\n<testcase name=\"&b;\"/></testsuite>", "result:2: XML refused"},
	{"cut", JUnit, "<testsuite>\n<testcase name=\"a\">", "result:2: XML refused"},
	{"too deep", JUnit, strings.Repeat("<testsuite>", 40), "nested suites"},
	{"too deep, of anything", JUnit, "<testsuite>" + strings.Repeat("<a>", 200), "nested elements"},
	{"a huge tag", JUnit, "<testsuite " + strings.Repeat("a='>' ", 400_000) + "/>", "a tag of more than"},
	{"failures that aren't there", JUnit, `<testsuites failures="3"><testsuite><testcase name="a"/></testsuite></testsuites>`, "announces failures (3) and shows none"},
	{"another encoding", JUnit, `<?xml version="1.0" encoding="EBCDIC"?><testsuite/>`, "XML refused"},
	{"no plan", TAP, "TAP version 14\nok 1\nok 2\n", "result:3: no plan"},
	{"no TAP", TAP, "hello\nworld\n", "result:2: no plan"},
	{"more than the plan", TAP, "1..1\nok 1\nok 2\n", "result:3: 2 tests for a plan of 1"},
	{"twice", TAP, "1..2\nok 1\nok 1\n", "result:3: test 1 stands twice"},
	{"two plans", TAP, "1..1\nok 1\n1..1\n", "result:3: a second plan"},
	{"a plan beyond all", TAP, "1..99999999\n", "result:1: a plan of 99999999"},
	{"a version to come", TAP, "TAP version 15\n1..0\n", "result:1: TAP version 15"},
	{"bails out before its plan", TAP, "ok 1\nBail out!\n", "bailed out before"},
	{"a subtest without a plan", TAP, "1..1\n    ok 1 - in\nok 1 - out\n", "result:3: no plan"},
	{"no event", GoTest, "", "no event of any package"},
	{"no JSON", GoTest, "{\"Action\":\"start\",\"Package\":\"p\"}\nFAIL p [build failed]\n", "result:2: this is no event"},
	{"no action", GoTest, "{}\n", "result:1: an event without an Action"},
	{"deep JSON", GoTest, strings.Repeat("[", 100_000), "result:1: this is no event"},
}

func TestParse_Refuses(t *testing.T) {
	t.Parallel()
	for _, c := range refused {
		_, err := Parse(c.format, "result", []byte(c.data))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), c.says) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want one that says %q", c.name, err, c.says)
		}
	}
}

// TestParse_Details: what a case bears besides its outcome.
func TestParse_Details(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 3000)
	r, err := Parse(JUnit, "r", []byte(`<testsuite name="s" timestamp="2026-03-01T10:00:00">
<testcase name="`+long+`" time="1,234.5"><failure>`+long+`</failure></testcase>
<testcase name="b" time="1e300"><system-out>why</system-out><skipped/></testcase></testsuite>`))
	if err != nil {
		t.Fatal(err)
	}
	a, b := r.Cases[0], r.Cases[1]
	if a.Took != 1234500*time.Millisecond || len(a.Name) > maxName || len(a.Message) > maxMessage+3 || !strings.HasSuffix(a.Message, "é…") || a.Line != 2 {
		t.Errorf("%d bytes of name, %d of message, %s, line %d", len(a.Name), len(a.Message), a.Took, a.Line)
	}
	if b.Message != "why" || b.Took != 0 || !r.Started.Equal(time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v, started %s", b, r.Started)
	}
}

// TestGoTest reads what the go command writes today.
func TestGoTest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":          "module example.test\n\ngo 1.26\n",
		"a_test.go":       "package a\n\nimport \"testing\"\n\nfunc TestGood(t *testing.T) {\n\tt.Run(\"in\", func(t *testing.T) {})\n}\n\nfunc TestBad(t *testing.T) { t.Error(\"no\") }\n\nfunc TestAway(t *testing.T) { t.Skip(\"not here\") }\n",
		"b/b_test.go":     "package b\n\nimport \"testing\"\n\nfunc TestNever(t *testing.T) { panic(\"oh\") }\n",
		"c/c_test.go":     "package c\n\nfunc init() { undefined() }\n",
		"none/nothing.go": "package none\n",
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-json", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	out, _ := cmd.Output() // it exits with 1: tests fail
	r, err := Parse(GoTest, "stdout", out)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got := told(r)
	for _, want := range []string{
		"passed example.test/TestGood\n", "passed example.test/TestGood/in\n", "failed example.test/TestBad\n", "skipped example.test/TestAway\n",
		"example.test/b/TestNever\n", "errored example.test/c\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "passed example.test/b") || strings.Contains(got, "none") || r.Started.IsZero() {
		t.Errorf("started %s\n%s", r.Started, got)
	}
}
