package foreign

import (
	"testing"
	"unicode/utf8"
)

func FuzzJUnit(f *testing.F) { fuzz(f, JUnit) }

func FuzzTAP(f *testing.F) { fuzz(f, TAP) }

func FuzzGoTest(f *testing.F) { fuzz(f, GoTest) }

// fuzz feeds a reader with anything: it refuses, or what it gives is within its
// limits and makes results that hold together.
func fuzz(f *testing.F, format Format) {
	for _, c := range readable {
		if c.format == format {
			f.Add([]byte(c.data))
		}
	}
	for _, c := range refused {
		if c.format == format && len(c.data) < 2000 {
			f.Add([]byte(c.data))
		}
	}
	m := &Mapping{Suite: "s", Format: format, Checks: []Rule{{Match: "s/*", ID: "a/b"}, {Match: "*", Namespace: "n"}}}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Parse(format, "r", data)
		if err != nil {
			return
		}
		passed := 0
		for _, c := range r.Cases {
			if c.Name == "" || len(c.Name) > maxName || len(c.Message) > maxMessage+3 || c.Took < 0 || c.Took > maxTook || !utf8.ValidString(c.Name+c.Message) {
				t.Errorf("%+v", c)
			}
			if c.Outcome == Passed {
				passed++
			}
		}
		if r.Missing < 0 {
			t.Errorf("%d missing", r.Missing)
		}
		consistent(t, m, data, passed)
	})
}
