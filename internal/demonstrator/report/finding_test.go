package report_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/report"
	"aloi.dev/internal/lang"
)

// TestFindings: whoever reads a report sees who found what, on what evidence, and
// whether it counts.
func TestFindings(t *testing.T) {
	t.Parallel()
	v := found()
	reports := map[string]string{
		"HTML": render(t, v, lang.EN), "JSON": string(jsonOf(t, v)), "JUnit": junitOf(t, v, "alpage") + junitOf(t, v, "cirrus"),
	}
	for name, text := range reports {
		text = strings.NewReplacer("&#43;", "+", "&#xA;", "\n", "\u00a0", " ", "&#39;", "'", `\u003c`, "<").Replace(text)
		for _, want := range []string{"Camille Roux", "nuit+0a1b2c3d", "Direction des achats", "journal d'appels.pdf", digest, "80 %", "2027"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s doesn't say %q", name, want)
			}
		}
		if name != "JSON" && !strings.Contains(text, "awaiting approval (1 of 2)") {
			t.Errorf("%s doesn't say what is awaited", name)
		}
		if name != "JSON" && strings.Contains(text, "<script>") {
			t.Errorf("%s lets markup through", name)
		}
	}
}

// TestRemarks: an answer and an exception are shown beside what they speak of, in
// every report, and turn nothing green.
func TestRemarks(t *testing.T) {
	t.Parallel()
	v := found()
	plain := v
	plain.Answers, plain.Exceptions = nil, nil
	plainer, page := render(t, plain, lang.EN), render(t, v, lang.EN)
	for name, text := range map[string]string{"HTML": page, "JSON": string(jsonOf(t, v)), "terminal": terminal(t, v, lang.EN, report.TerminalOptions{Width: 160})} {
		text = strings.Join(strings.Fields(strings.NewReplacer("&#43;", "+", "\u00a0", " ", "&amp;", "&", `\u0026`, "&").Replace(text)), " ")
		for _, want := range []string{"Brume & Fils", "contest", "exception until 2026-12-31, does not count as passed", "awaiting a second signature", "Camille Roux, Direction"} {
			if !strings.Contains(strings.ToLower(text), strings.ToLower(want)) {
				t.Errorf("%s doesn't say %q", name, want)
			}
		}
	}
	for _, class := range []string{`"pass"`, `"met"`, `class="mark met`, `class="mark pass`, "✓"} {
		if a, b := strings.Count(plainer, class), strings.Count(page, class); a != b {
			t.Errorf("%s: %d times without remarks, %d with", class, a, b)
		}
	}
	if strings.Contains(page, "<script>") {
		t.Error("markup goes through")
	}
	_, row, _ := strings.Cut(page, `id="row-s3.range.middle"`)
	if row, _, _ = strings.Cut(row, "</tr>"); !strings.Contains(row, "contests") || !strings.Contains(row, "does not count as passed") {
		t.Errorf("the row of the check says\n%s", row)
	}
}

// TestFindings_Expire: a comparison says when what people found stops counting.
func TestFindings_Expire(t *testing.T) {
	t.Parallel()
	first, later := found(), found()
	later.Record.Plan.Run, later.Record.Plan.Started = "aloi-later", began.AddDate(0, 0, 7)
	for on, want := range map[catalogue.Date][]string{"2027-07-20": nil, "2027-07-21": {"support"}} {
		var out bytes.Buffer
		if err := report.Compare([]report.View{first, later}, report.CompareOptions{On: on}).JSON(&out); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Offers []struct{ Expired []struct{ Target string } }
		}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		var expired []string
		for _, o := range got.Offers {
			for _, e := range o.Expired {
				expired = append(expired, e.Target)
			}
		}
		if !slices.Equal(expired, want) {
			t.Errorf("on %s: expired %q, want %q", on, expired, want)
		}
	}
}
