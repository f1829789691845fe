package report_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/report"
	"aloi.dev/internal/lang"
)

func TestHTML_Loads(t *testing.T) {
	t.Parallel()
	for _, l := range lang.All {
		page := render(t, loaded(), l)
		p := parsePage(t, page)
		p.checkHead(l)
		p.checkTables()
		p.checkLinks(l)
		p.checkTexts(l)
		_, part, _ := strings.Cut(page, `<section id="loads"`)
		part, _, _ = strings.Cut(part, `<section id="ranking"`)
		golden(t, "loads."+string(l)+".html", `<section id="loads"`+part)
	}
}

var drawing = regexp.MustCompile(`(?s)<svg class="drawing".*?</svg>`)

// Each drawing is an SVG by itself, with a title, a description and nothing that a policy on
// styles and scripts forbids.
func TestHTML_LoadDrawings(t *testing.T) {
	t.Parallel()
	for _, l := range lang.All {
		list := drawing.FindAllString(render(t, loaded(), l), -1)
		if want := 5 + 3; len(list) != want { // two metrics, time, throughput, failures; of the second run one metric and no failures
			t.Errorf("%d drawings, want %d", len(list), want)
		}
		for _, svg := range list {
			wellFormed(t, svg)
			for _, part := range []string{`role="img"`, "<title id=", "<desc id=", `xmlns="http://www.w3.org/2000/svg"`} {
				if !strings.Contains(svg, part) {
					t.Errorf("no %s in %.80s", part, svg)
				}
			}
			for _, never := range []string{"<script", "<b>", " style=", "NaN", "Inf", "\x1b"} {
				if strings.Contains(svg, never) {
					t.Errorf("%q in %.80s", never, svg)
				}
			}
		}
	}
}

// A run of any length is drawn with few points, and its one stall is still seen.
func TestHTML_LoadPoints(t *testing.T) {
	t.Parallel()
	v := sample(2)
	v.Record.Loads = []measure.LoadRun{sampleLoad(3000, 3)}
	for i := range v.Record.Loads[0].Offers[0].Blocks {
		v.Record.Loads[0].Offers[0].Blocks[i].P99 = 20_000
	}
	even := drawing.FindAllString(render(t, v, lang.EN), -1)
	v.Record.Loads[0].Offers[0].Blocks[1234].P99 = 900_000
	stalled := drawing.FindAllString(render(t, v, lang.EN), -1)
	if even[2] == stalled[2] {
		t.Error("a block of 900 ms among 3,000 leaves no trace")
	}
	for _, data := range regexp.MustCompile(`class="(?:curve|band[^"]*)" d="([^"]*)"`).FindAllStringSubmatch(strings.Join(stalled, ""), -1) {
		if n := strings.Count(data[1], "L"); n > 300 {
			t.Errorf("a line of %d points", n)
		}
	}
}

func TestJSON_Loads(t *testing.T) {
	t.Parallel()
	var got struct {
		Loads []struct {
			Offers []struct {
				Requests, Dropped, Failed int64
				Metrics                   []struct {
					Metric    string
					Quantiles map[string]*int64 `json:"quantiles_us"`
				}
				Void [][]struct{ Rule string }
			}
			Comparisons []struct {
				Slower, Faster string
				Beyond, Void   bool
				Text           *lang.Text
			}
		}
	}
	v := loaded()
	if err := json.Unmarshal(jsonOf(t, v), &got); err != nil {
		t.Fatal(err)
	}
	first, second := got.Loads[0], got.Loads[1]
	want := v.Record.Loads[0].Offers[0].Latency()
	p95, _ := want.Quantile(9500)
	weak := first.Offers[1]
	if q := first.Offers[0].Metrics[1]; q.Metric != measure.Latency || *q.Quantiles["p95"] != p95.Microseconds() {
		t.Errorf("%+v, want p95 of %v", q, p95)
	}
	if weak.Requests != 1600 || weak.Dropped+weak.Failed == 0 || weak.Metrics[1].Quantiles["p99"] != nil {
		t.Errorf("the weak offer: %+v", weak)
	}
	if c := first.Comparisons[0]; c.Slower != "brume" || !c.Beyond || c.Void || c.Text == nil {
		t.Errorf("comparison: %+v", c)
	}
	if len(first.Offers[0].Void[0]) != 0 || second.Offers[0].Void[0][0].Rule != string(measure.Generator) || len(second.Comparisons) != 0 {
		t.Errorf("void: %+v", second)
	}
}

// What is void isn't compared.
func TestTerminal_VoidIsNotCompared(t *testing.T) {
	t.Parallel()
	v := sample(2)
	v.Record.Loads = []measure.LoadRun{sampleLoad(40, 300)}
	got := terminal(t, v, lang.EN, report.TerminalOptions{Width: 120})
	if !strings.Contains(got, "aren't compared at p95: void measurement") || strings.Contains(got, "times faster") {
		t.Errorf("it says:\n%s", got)
	}
}
