package report_test

import (
	"strings"
	"testing"

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
