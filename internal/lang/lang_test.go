package lang_test

import (
	"testing"

	"aloi.dev/internal/lang"
)

func TestT(t *testing.T) {
	t.Parallel()
	unit := lang.T("octets", "bytes")
	for name, c := range map[string]struct{ got, want lang.Text }{
		"no argument, percent kept": {lang.T("100 %", "100 %"), lang.Text{FR: "100 %", EN: "100 %"}},
		"arguments in both":         {lang.T("%d sur %d", "%d of %d", 1, 2), lang.Text{FR: "1 sur 2", EN: "1 of 2"}},
		"text among arguments":      {lang.T("%d %s", "%d %s", 3, unit), lang.Text{FR: "3 octets", EN: "3 bytes"}},
		"arguments in other order":  {lang.T("%[2]s %[1]d", "%[1]d %[2]s", 3, unit), lang.Text{FR: "octets 3", EN: "3 bytes"}},
		"same":                      {lang.Same("S3"), lang.Text{FR: "S3", EN: "S3"}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %+v", name, c.got)
		}
	}
}

func TestText_In(t *testing.T) {
	t.Parallel()
	text := lang.Text{FR: "oui", EN: "yes"}
	for code, want := range map[string]string{"fr": "oui", "en": "yes", "": "oui", "de": "oui", "EN": "oui"} {
		if got := text.In(code); got != want {
			t.Errorf("In(%q) = %q", code, got)
		}
	}
	if text.IsZero() || !(lang.Text{}).IsZero() || (lang.Text{EN: "x"}).IsZero() {
		t.Error("IsZero")
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]lang.Lang{"fr": lang.FR, "FR": lang.FR, "en": lang.EN, "En": lang.EN, "": "", "english": "", "de": ""} {
		if got, ok := lang.Parse(s); got != want || ok != (want != "") {
			t.Errorf("Parse(%q) = %q, %v", s, got, ok)
		}
	}
}

func TestFromLocale(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]lang.Lang{
		"en_GB.UTF-8": lang.EN, "EN": lang.EN, "fr_FR.UTF-8": lang.FR, "C": lang.FR, "": lang.FR, "de_DE": lang.FR,
	} {
		if got := lang.FromLocale(locale); got != want {
			t.Errorf("FromLocale(%q) = %q", locale, got)
		}
	}
}
