package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/report"
	"aloi.dev/internal/demonstrator/score"
)

func TestJSON_Schema(t *testing.T) {
	t.Parallel()
	schema := compiled(t, "report.json")
	for name, v := range pagesOf() {
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(jsonOf(t, v)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(instance); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name == "2 offers" {
			instance.(map[string]any)["cards"].([]any)[0].(map[string]any)["gates"] = "green"
			if schema.Validate(instance) == nil {
				t.Error("the schema takes an unknown verdict")
			}
		}
	}
}

func TestJSON_SaysWhatTheCardsSay(t *testing.T) {
	t.Parallel()
	v := sample(2)
	var got struct {
		Run struct {
			ID, Seed          string
			Planned, Recorded int
		}
		Catalogue struct{ Digest string }
		Cards     []struct {
			Score struct {
				Value struct{ Exact, Percent string }
			}
			Tally score.Tally
		}
		Results []struct {
			State  measure.State
			Reason *struct{ FR, EN string }
		}
	}
	first := jsonOf(t, v)
	if err := json.Unmarshal(first, &got); err != nil {
		t.Fatal(err)
	}
	if got.Run.ID != v.Record.Plan.Run || got.Run.Seed != "18446744073709551557" || got.Catalogue.Digest != digest {
		t.Errorf("run %+v, catalogue %+v", got.Run, got.Catalogue)
	}
	if got.Run.Planned != 120 || got.Run.Recorded != 120 || len(got.Results) != 120 {
		t.Errorf("planned %d, recorded %d, %d results", got.Run.Planned, got.Run.Recorded, len(got.Results))
	}
	for i, c := range got.Cards {
		want := v.Cards[i]
		if c.Tally != want.Tally || c.Score.Value.Exact != want.Score.Value.RatString() || c.Score.Value.Percent != score.Percent(want.Score.Value, 1) {
			t.Errorf("card %d: %+v, want %+v", i, c, want)
		}
	}
	for _, r := range got.Results {
		if (r.Reason == nil) != (r.State == measure.Pass) || r.Reason != nil && (r.Reason.FR == "" || r.Reason.EN == "") {
			t.Errorf("state %s with reason %+v", r.State, r.Reason)
		}
	}
	if !bytes.Equal(first, jsonOf(t, v)) {
		t.Error("two renderings differ")
	}
}

func jsonOf(t *testing.T, v report.View) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := report.JSON(&out, v); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type junitSuite struct {
	Name     string `xml:"name,attr"`
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Skipped  int    `xml:"skipped,attr"`
	Cases    []struct {
		Name    string    `xml:"name,attr"`
		Failure *struct{} `xml:"failure"`
		Error   *struct{} `xml:"error"`
		Skipped *struct {
			Message string `xml:"message,attr"`
		} `xml:"skipped"`
	} `xml:"testcase"`
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	for name, v := range pagesOf() {
		for i, o := range v.Record.Offers {
			text := junitOf(t, v, o.ID)
			wellFormed(t, text)
			var got struct {
				Suites []junitSuite `xml:"testsuite"`
			}
			if err := xml.Unmarshal([]byte(text), &got); err != nil {
				t.Fatal(err)
			}
			targets, checks := got.Suites[0], got.Suites[1]
			wantFailures, wantSkipped := 0, 0
			for _, c := range v.Cards[i].Targets {
				switch c.Verdict {
				case score.NotEvaluated:
					wantSkipped++
				case score.NotMet, score.NotEstablished:
					wantFailures++
				}
			}
			if targets.Failures != wantFailures || targets.Skipped != wantSkipped || targets.Tests != len(v.Cards[i].Targets) || targets.Errors != 0 {
				t.Errorf("%s, %s: targets %d/%d/%d/%d", name, o.ID, targets.Tests, targets.Failures, targets.Errors, targets.Skipped)
			}
			counts := map[measure.State]int{}
			for _, r := range v.Record.Results {
				if r.Offer == string(o.ID) {
					counts[r.State]++
				}
			}
			if checks.Tests != len(v.Record.Plan.Checks) || checks.Failures != counts[measure.Fail] || checks.Errors != counts[measure.Errored] ||
				checks.Skipped != checks.Tests-counts[measure.Pass]-counts[measure.Fail]-counts[measure.Errored] {
				t.Errorf("%s, %s: checks %d/%d/%d/%d, results %v", name, o.ID, checks.Tests, checks.Failures, checks.Errors, checks.Skipped, counts)
			}
			for _, c := range append(targets.Cases, checks.Cases...) {
				if c.Skipped != nil && c.Skipped.Message == "" {
					t.Errorf("%s is skipped without a word", c.Name)
				}
			}
		}
	}
}

func TestJUnit_UnknownOffer(t *testing.T) {
	t.Parallel()
	if err := report.JUnit(io.Discard, sample(1), "nobody"); err == nil {
		t.Error("an offer that the run doesn't have must be an error")
	}
}

func junitOf(t *testing.T, v report.View, id catalogue.OfferID) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.JUnit(&out, v, id); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func wellFormed(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict = true
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
	}
}
