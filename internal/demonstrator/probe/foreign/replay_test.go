package foreign

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// consistent checks what must hold of the results of any file.
func consistent(t *testing.T, m *Mapping, data []byte, passed int) {
	t.Helper()
	run := measure.ForeignRun{Suite: "s", Offer: "o", Imported: true, File: "r"}
	results := Replay(m, data, run)
	seen := map[string]bool{}
	for _, r := range results {
		if (r.Reason == nil) != (r.State == measure.Pass) || !r.State.Valid() || seen[r.Check] || r.Duration < 0 {
			t.Errorf("%+v", r)
		}
		if r.State == measure.Pass && passed == 0 && !strings.HasSuffix(r.Check, whole) {
			t.Errorf("%s passed and no test did", r.Check)
		}
		seen[r.Check] = true
	}
	a, _ := json.Marshal(results)
	if b, _ := json.Marshal(Replay(m, data, run)); string(a) != string(b) {
		t.Errorf("%s\nand again\n%s", a, b)
	}
}

// states writes results as a table expects them.
func states(results []measure.Result) string {
	var list []string
	for _, r := range results {
		list = append(list, strings.TrimPrefix(r.Check, "s/")+"="+string(r.State))
	}
	return strings.Join(list, " ")
}

func suite(cases ...string) string {
	return "<testsuite>" + strings.Join(cases, "") + "</testsuite>"
}

func one(name, inner string) string {
	return fmt.Sprintf("<testcase name=%q>%s</testcase>", name, inner)
}

const (
	failed  = "<failure message='no'/>"
	errored = "<error/>"
	skipped = "<skipped message='why'/>"
)

func TestReplay(t *testing.T) {
	t.Parallel()
	rule := func(match string, id CheckName) Rule { return Rule{Match: match, ID: id} }
	for name, c := range map[string]struct {
		m    Mapping
		data string
		want string
	}{
		"all pass": {Mapping{Checks: []Rule{rule("a*", "g/a")}}, suite(one("a1", ""), one("a2", "")), "g/a=pass run/whole=pass"},
		"the worst wins, and a failure decides over an error": {Mapping{Checks: []Rule{rule("a*", "g/a")}},
			suite(one("a1", ""), one("a2", errored), one("a3", failed), one("a4", skipped)), "g/a=fail run/whole=not-run"},
		"an error decides over what did not run": {Mapping{Checks: []Rule{rule("a*", "g/a")}}, suite(one("a1", skipped), one("a2", errored)), "g/a=error run/whole=not-run"},
		"one skipped is enough":                  {Mapping{Checks: []Rule{rule("a*", "g/a")}}, suite(one("a1", ""), one("a2", skipped)), "g/a=not-run run/whole=not-run"},
		"skipped may mean unsupported": {Mapping{States: States{Skipped: "unsupported"}, Checks: []Rule{rule("a*", "g/a")}},
			suite(one("a1", ""), one("a2", skipped)), "g/a=unsupported run/whole=pass"},
		"a test that isn't there":          {Mapping{Checks: []Rule{rule("a", "g/a"), rule("b", "g/b")}}, suite(one("a", "")), "g/a=pass g/b=not-run run/whole=pass"},
		"one of two rules takes nothing":   {Mapping{Checks: []Rule{rule("a", "g/a"), rule("b", "g/a")}}, suite(one("a", "")), "g/a=not-run run/whole=pass"},
		"fewer than the rule says":         {Mapping{Checks: []Rule{{Match: "a*", ID: "g/a", Tests: 3}}}, suite(one("a1", ""), one("a2", "")), "g/a=not-run run/whole=pass"},
		"fewer than a whole run":           {Mapping{Expect: 3, Checks: []Rule{rule("a*", "g/a"), rule("b", "g/b")}}, suite(one("a1", ""), one("b", "")), "g/a=not-run g/b=pass run/whole=not-run"},
		"announced and not there":          {Mapping{Checks: []Rule{rule("a*", "g/a")}}, `<testsuite tests="2">` + one("a1", "") + `</testsuite>`, "g/a=not-run run/whole=not-run"},
		"totals that count something else": {Mapping{Totals: Ignored, Expect: 1, Checks: []Rule{rule("a*", "g/a")}}, `<testsuite tests="2">` + one("a1", "") + `</testsuite>`, "g/a=pass run/whole=pass"},
		"nothing at all":                   {Mapping{Checks: []Rule{rule("a*", "g/a")}}, suite(), "g/a=not-run run/whole=not-run"},
		"a namespace":                      {Mapping{Checks: []Rule{{Match: "a/*", Namespace: "n"}}}, suite(one("a/É Two + 2", ""), one("a/one", failed)), "run/whole=pass n/one=fail n/two-2=pass"},
		"a group of an expression":         {Mapping{Checks: []Rule{{Regexp: `a/(\w+)/.*`, Namespace: "n"}}}, suite(one("a/x/1", "")), "run/whole=pass n/x=pass"},
		"one test reported twice":          {Mapping{Checks: []Rule{{Match: "*", Namespace: "n"}}}, suite(one("x", ""), one("x", failed)), "run/whole=pass n/x=fail"},
		"two names for one id":             {Mapping{Checks: []Rule{{Match: "*", Namespace: "n"}}}, suite(one("-500", ""), one("500-", "")), "run/whole=error"},
		"no rule":                          {Mapping{Checks: []Rule{rule("a", "g/a")}}, suite(one("a", ""), one("b", "")), "g/a=error run/whole=error"},
		"no rule, left out":                {Mapping{Unmatched: Ignore, Checks: []Rule{rule("a", "g/a")}}, suite(one("a", ""), one("b", "")), "g/a=pass run/whole=pass"},
		"garbage":                          {Mapping{Checks: []Rule{rule("a", "g/a")}}, "Segmentation fault", "g/a=error run/whole=error"},
		"the first rule takes it":          {Mapping{Checks: []Rule{rule("a1", "g/one"), rule("a*", "g/a")}}, suite(one("a1", failed), one("a2", "")), "g/one=fail g/a=pass run/whole=pass"},
	} {
		c.m.Suite, c.m.Format = "s", JUnit
		results := Replay(&c.m, []byte(c.data), measure.ForeignRun{Suite: "s", Offer: "o", Imported: true, File: "r.xml"})
		if got := states(results); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestReplay_Ended: which ends of a command are believed.
func TestReplay_Ended(t *testing.T) {
	t.Parallel()
	good, bad := suite(one("a", "")), suite(one("a", failed))
	for name, c := range map[string]struct {
		data string
		exit []int
		run  measure.ForeignRun
		want string
		says string
	}{
		"a failed test explains 1":      {bad, nil, measure.ForeignRun{Exit: 1}, "g/a=fail run/whole=pass", ""},
		"nothing explains 1":            {good, nil, measure.ForeignRun{Exit: 1}, "g/a=error run/whole=error", "exit code 1"},
		"nothing explains 2":            {bad, nil, measure.ForeignRun{Exit: 2}, "g/a=error run/whole=error", "exit code 2"},
		"the mapping explains 2":        {good, []int{2}, measure.ForeignRun{Exit: 2}, "g/a=pass run/whole=pass", ""},
		"the mapping doesn't explain 0": {good, []int{2}, measure.ForeignRun{}, "g/a=error run/whole=error", "exit code 0"},
		"too late":                      {good, nil, measure.ForeignRun{Halt: measure.HaltTime, Detail: "10 min"}, "g/a=error run/whole=error", "time limit, 10 min"},
		"stopped by a person":           {good, nil, measure.ForeignRun{Halt: measure.HaltStop}, "g/a=not-run run/whole=not-run", "stopped before the end"},
		"imported, the code is nothing": {good, nil, measure.ForeignRun{Imported: true, Exit: 7}, "g/a=pass run/whole=pass", ""},
	} {
		m := &Mapping{Suite: "s", Format: JUnit, Exit: c.exit, Checks: []Rule{{Match: "a", ID: "g/a"}}}
		c.run.Started = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		results := Replay(m, []byte(c.data), c.run)
		if got := states(results); got != c.want || !results[0].Started.Equal(c.run.Started) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if c.says != "" && !strings.Contains(results[0].Reason.Text().EN, c.says) {
			t.Errorf("%s: %s", name, results[0].Reason.Text().EN)
		}
	}
}

// TestReplay_Kept: from the canonical mapping, the bytes and how they came about,
// everything is had again.
func TestReplay_Kept(t *testing.T) {
	t.Parallel()
	m := mapping(t, "good.yaml")
	canonical, err := m.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	again, err := FromJSON(canonical)
	if err != nil {
		t.Fatal(err)
	}
	data := []byte(suite(one("upload one", ""), one("upload two", failed), one("list", skipped), one("other/x", "")))
	run := measure.ForeignRun{Suite: "demo", Offer: "o", Started: time.Now().UTC(), Exit: 1, File: "r.xml"}
	line, _ := json.Marshal(run)
	var kept measure.ForeignRun
	if err := json.Unmarshal(line, &kept); err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(Replay(m, data, run))
	if b, _ := json.Marshal(Replay(again, data, kept)); string(a) != string(b) || !strings.Contains(string(a), `"state":"fail"`) {
		t.Errorf("%s\nand again\n%s", a, b)
	}
	if _, err := FromJSON(append([]byte(" "), canonical...)); err == nil {
		t.Error("another encoding of the mapping is taken")
	}
}
