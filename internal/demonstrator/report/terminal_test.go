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
	views := map[string]report.View{"1": sample(1), "2": sample(2), "4": sample(4), "partial": partial(), "tie": tie()}
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

func TestCompare(t *testing.T) {
	t.Parallel()
	later := sample(2)
	later.Record.Plan.Run, later.Record.Plan.Started = "aloi-z9y8x7w6v5", began.AddDate(0, 0, 7)
	later.Record.Plan.Offers[1].Digest = strings.Replace(digest, "4f", "cc", 1)
	for i := range later.Record.Results {
		r := &later.Record.Results[i]
		r.Started = r.Started.AddDate(0, 0, 7)
		if r.Check == "s3/range/middle" || r.Check == "s3/range/multiple" {
			r.State, r.Reason = measure.Pass, nil
		}
	}
	later = decided(later.Record)

	other := sample(3)
	other.Record.Plan.Run, other.Record.Plan.Catalogue = "aloi-m1n2o3p4q5", strings.Replace(digest, "4f", "dd", 1)
	cat := *other.Record.Catalogue
	cat.Targets = append([]catalogue.Target{}, cat.Targets[1:]...)
	cat.Targets[0].Weight = 50
	other.Record.Catalogue = &cat
	other = decided(other.Record)

	one := sample(1)
	for name, views := range map[string][]report.View{
		"none": nil, "same": {sample(2), sample(2)}, "later": {sample(2), later}, "catalogues": {sample(2), other}, "one-more": {one, sample(3), later},
	} {
		for _, l := range lang.All {
			var out bytes.Buffer
			if err := report.Compare(&out, views, l); err != nil {
				t.Fatal(err)
			}
			golden(t, "compare-"+name+"."+string(l)+".txt", out.String())
		}
		var out bytes.Buffer
		if err := report.CompareJSON(&out, views); err != nil {
			t.Fatal(err)
		}
		golden(t, "compare-"+name+".json", out.String())
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
