package report_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/report"
	"aloi.dev/internal/lang"
)

var update = flag.Bool("update", false, "rewrite the files of testdata")

func TestTerminal(t *testing.T) {
	t.Parallel()
	views := map[string]report.View{"1": sample(1), "2": sample(2), "4": sample(4), "partial": partial(), "tie": tie(), "found": found(), "loaded": loaded()}
	for name, v := range views {
		for _, l := range lang.All {
			for _, width := range []int{80, 120} {
				got := terminal(t, v, l, report.TerminalOptions{Width: width})
				for i, line := range strings.Split(got, "\n") {
					if n := len([]rune(line)); n > width { // wide characters count once: a bound, not the measure
						t.Errorf("%s %s %d: line %d takes %d columns: %s", name, l, width, i+1, n, line)
					}
				}
				if strings.ContainsAny(got, "\x1b\x00\u00a0\u202f\u202e") || strings.Contains(got, "%!") {
					t.Errorf("%s %s %d: it holds a character that acts", name, l, width)
				}
				golden(t, fmt.Sprintf("terminal-%s-%d.%s.txt", name, width, l), got)
			}
		}
	}
}

// Colour adds nothing but colour.
func TestTerminal_Color(t *testing.T) {
	t.Parallel()
	plain := terminal(t, sample(3), lang.FR, report.TerminalOptions{Width: 100})
	coloured := terminal(t, sample(3), lang.FR, report.TerminalOptions{Width: 100, Color: true})
	if plain == coloured {
		t.Error("no colour at all")
	}
	var lines []string
	for line := range strings.SplitSeq(regexp.MustCompile("\x1b\\[[0-9]*m").ReplaceAllString(coloured, ""), "\n") {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	if got := strings.Join(lines, "\n"); got != plain {
		t.Errorf("without its colours:\n%s\nwant:\n%s", got, plain)
	}
}

func TestTerminal_AnyWidth(t *testing.T) {
	t.Parallel()
	for _, v := range []report.View{sample(1), sample(4)} {
		for width := 0; width < 200; width += 7 {
			if got := terminal(t, v, lang.EN, report.TerminalOptions{Width: width}); !strings.Contains(got, "sha256:4f1c09a7e2d3") {
				t.Fatalf("width %d: no digest", width)
			}
		}
	}
}

// tie is a run in which two offers have the same score and all their gates.
func tie() report.View {
	v := sample(2)
	var kept []catalogue.Target
	for _, target := range v.Record.Catalogue.Targets {
		if target.Functional != nil {
			kept = append(kept, target)
		}
	}
	v.Record.Catalogue.Targets = kept
	for i := range v.Record.Results {
		if r := &v.Record.Results[i]; r.State == measure.Fail || r.State == measure.Errored || r.State == measure.NotRun {
			r.State, r.Reason, r.Exchanges = measure.Pass, nil, nil
		}
	}
	for i := range v.Record.Results {
		if r := &v.Record.Results[i]; strings.HasPrefix(r.Check, "s3/lock/") {
			r.State, r.Reason = measure.Pass, nil
		}
	}
	return decided(v.Record)
}

func terminal(t *testing.T, v report.View, l lang.Lang, opt report.TerminalOptions) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.Terminal(&out, v, l, opt); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update and read the change:\n%s", name, got)
	}
}
