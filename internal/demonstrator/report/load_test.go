package report_test

import (
	"regexp"
	"strings"
	"testing"

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
