package foreign

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"time"

	"aloi.dev/internal/lang"
)

// The lines of TAP 14, https://testanything.org/tap-version-14-specification.html
var (
	tapVersion = regexp.MustCompile(`^TAP [Vv]ersion (\d+)\s*$`)
	tapPlan    = regexp.MustCompile(`^1\.\.(\d+)\s*(#.*)?$`)
	tapTest    = regexp.MustCompile(`^(not )?ok\b\s*(\d+)?\s*(.*)$`)
	tapSubtest = regexp.MustCompile(`^# Subtest:\s*(.*)$`)
	tapBail    = regexp.MustCompile(`(?i)^bail out!\s*(.*)$`)
	tapTook    = regexp.MustCompile(`(?m)^\s*duration_ms:\s*([0-9.]+)\s*$`)
	tapWords   = regexp.MustCompile(`(?m)^\s*message:\s*['"]?(.*?)['"]?\s*$`)
)

// tap reads a TAP stream. A stream without a plan is refused: nobody knows what
// it should have held. Lines that are no TAP are passed over, as TAP asks.
func (r *reading) tap(data []byte) error {
	x := &tapReader{reading: r, levels: []tapLevel{{plan: -1}}, last: -1}
	number := 0
	for raw := range bytes.Lines(data) {
		number++
		if err := x.read(strings.TrimRight(string(raw), "\r\n"), number); err != nil {
			return err
		}
		if x.bailed {
			break
		}
	}
	for len(x.levels) > 1 {
		x.Missing++ // the test that this subtest belongs to never came
		if err := x.close("", number); err != nil {
			return err
		}
	}
	return x.settle(x.levels[0], number)
}

type tapReader struct {
	*reading
	levels []tapLevel // of subtests; the first is the stream
	block  *strings.Builder
	margin string // of the block that is open
	last   int    // index of the case that a block describes; -1 for none
	bailed bool
}

// tapLevel is the stream, or a subtest in it.
type tapLevel struct {
	plan  int // -1: none yet
	tests int
	first int    // index of its first case
	title string // of the subtest that comes next in it
	seen  map[int]bool
}

// read takes one line.
func (x *tapReader) read(line string, number int) error {
	if x.block != nil {
		return x.inBlock(line)
	}
	text := strings.TrimLeft(line, " ")
	indent := len(line) - len(text)
	if text == "---" && indent%4 == 2 && x.last >= 0 {
		x.block, x.margin = &strings.Builder{}, line[:indent]
		return nil
	}
	if indent%4 != 0 || !tapLine(text) {
		return nil
	}
	if indent/4 >= maxDepth {
		return x.wrong(number, lang.T("plus de %d tests emboîtés", "more than %d nested tests", maxDepth))
	}
	if m := tapBail.FindStringSubmatch(text); m != nil {
		x.bailed = true
		return nil
	}
	return x.statement(text, indent/4, number)
}

// tapLine reports whether a line says something in TAP.
func tapLine(text string) bool {
	for _, start := range []string{"ok", "not ok", "1..", "TAP ", "# Subtest:"} {
		if strings.HasPrefix(text, start) {
			return true
		}
	}
	return tapBail.MatchString(text)
}

// statement takes a version, a plan, the title of a subtest or a test.
func (x *tapReader) statement(text string, depth, number int) error {
	test := tapTest.FindStringSubmatch(text)
	for depth < len(x.levels)-1 {
		description := ""
		if test != nil && depth == len(x.levels)-2 {
			description, _, _ = directive(test[3])
		} else {
			x.Missing++ // the test that this subtest belongs to never came
		}
		if err := x.close(description, number); err != nil {
			return err
		}
	}
	for depth > len(x.levels)-1 {
		x.levels = append(x.levels, tapLevel{plan: -1, first: len(x.Cases)})
	}
	level := &x.levels[len(x.levels)-1]
	if test != nil {
		return x.test(level, test, number)
	}
	if m := tapVersion.FindStringSubmatch(text); m != nil {
		if v, err := strconv.Atoi(m[1]); err != nil || v < 12 || v > 14 {
			return x.wrong(number, lang.T("TAP version %s : seules les versions 12 à 14 se lisent", "TAP version %s: only versions 12 to 14 are read", m[1]))
		}
		return nil
	}
	if m := tapPlan.FindStringSubmatch(text); m != nil {
		return x.plan(level, m[1], number)
	}
	if m := tapSubtest.FindStringSubmatch(text); m != nil {
		level.title = m[1]
	}
	return nil
}

func (x *tapReader) plan(level *tapLevel, count string, number int) error {
	n, err := strconv.Atoi(count)
	switch {
	case err != nil || n > maxCases:
		return x.wrong(number, lang.T("un plan de %s tests ; %d au plus", "a plan of %s tests; at most %d", named(count), maxCases))
	case level.plan >= 0:
		return x.wrong(number, lang.T("un second plan au même niveau", "a second plan at the same level"))
	}
	level.plan = n
	return nil
}

// test takes a test point; m is not, number, description.
func (x *tapReader) test(level *tapLevel, m []string, line int) error {
	level.tests++
	id := level.tests
	if m[2] != "" {
		n, err := strconv.Atoi(m[2])
		if err != nil || n < 1 || n > maxCases {
			return x.wrong(line, lang.T("numéro de test %s hors limites", "test number %s out of range", named(m[2])))
		}
		id = n
	}
	if level.seen == nil {
		level.seen = map[int]bool{}
	}
	if level.seen[id] {
		return x.wrong(line, lang.T("le test n° %d figure deux fois", "test %d stands twice", id))
	}
	level.seen[id] = true
	description, word, why := directive(m[3])
	c := Case{Name: description, Outcome: Passed, Line: line, Message: why}
	if c.Name == "" {
		c.Name = "#" + strconv.Itoa(id)
	}
	switch {
	case word == "SKIP":
		c.Outcome = Skipped
	case word == "TODO":
		c.Outcome = Disabled
	case m[1] != "":
		c.Outcome = Failed
	}
	x.last = len(x.Cases)
	return x.add(c)
}

// directive splits what follows the number of a test: its description, SKIP or
// TODO, and why.
func directive(rest string) (description, word, why string) {
	rest = strings.TrimPrefix(strings.TrimSpace(rest), "- ")
	if rest == "-" {
		rest = ""
	}
	for i := 0; i < len(rest); i++ {
		if rest[i] == '\\' {
			i++
			continue
		}
		if rest[i] != '#' || i > 0 && rest[i-1] != ' ' {
			continue
		}
		first, after, _ := strings.Cut(strings.TrimSpace(rest[i+1:]), " ")
		if first = strings.ToUpper(strings.TrimRight(first, ":")); first == "SKIP" || first == "SKIPPED" || first == "TODO" {
			word, why = strings.TrimSuffix(first, "PED"), strings.TrimSpace(after)
			rest = rest[:i]
			break
		}
	}
	return strings.NewReplacer(`\\`, `\`, `\#`, `#`).Replace(strings.TrimSpace(rest)), word, why
}

// inBlock takes a line of the YAML block that describes the last test. It is kept
// as text: nothing in it changes an outcome.
func (x *tapReader) inBlock(line string) error {
	if strings.TrimRight(line, " ") != x.margin+"..." {
		if x.block.Len() < 4*maxMessage {
			x.block.WriteString(line[:min(len(line), maxMessage)] + "\n")
		}
		return nil
	}
	text, c := x.block.String(), &x.Cases[x.last]
	x.block = nil
	if m := tapTook.FindStringSubmatch(text); m != nil {
		if ms, err := strconv.ParseFloat(m[1], 64); err == nil {
			c.Took = seconds(ms / 1000).Round(time.Microsecond)
		}
	}
	if m := tapWords.FindStringSubmatch(text); m != nil && m[1] != "" {
		text = m[1]
	}
	if c.Message == "" && c.Outcome != Passed {
		c.Message = cut(text, maxMessage)
	}
	return nil
}

// close ends the deepest subtest and puts the name of its test before those of
// its own.
func (x *tapReader) close(description string, line int) error {
	level := x.levels[len(x.levels)-1]
	x.levels = x.levels[:len(x.levels)-1]
	above := &x.levels[len(x.levels)-1]
	if description == "" {
		description = above.title
	}
	if description == "" {
		description = "#" + strconv.Itoa(above.tests+1)
	}
	above.title = ""
	for i := level.first; i < len(x.Cases); i++ {
		x.Cases[i].Name = named(description + "/" + x.Cases[i].Name)
	}
	return x.settle(level, line)
}

// settle compares a level with its plan. A run that bailed out is short of it.
func (x *tapReader) settle(level tapLevel, line int) error {
	switch {
	case level.plan < 0 && x.bailed:
		return x.wrong(line, lang.T("la suite s'est interrompue (« Bail out! ») avant d'annoncer son plan", "the suite bailed out before it announced its plan"))
	case level.plan < 0:
		return x.wrong(line, lang.T("pas de plan (« 1..N ») : on ne sait pas combien de tests il devait y avoir", "no plan (1..N): nobody knows how many tests there should be"))
	case level.tests > level.plan:
		return x.wrong(line, lang.T("%d tests pour un plan de %d", "%d tests for a plan of %d", level.tests, level.plan))
	}
	x.Missing += level.plan - level.tests
	return nil
}
