package report

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/lang"
)

func TestWords_BothLanguages(t *testing.T) {
	t.Parallel()
	for key, text := range words {
		if strings.TrimSpace(text.FR) == "" || strings.TrimSpace(text.EN) == "" {
			t.Errorf("%s lacks a language", key)
		}
		if strings.Count(text.FR, "%") != strings.Count(text.EN, "%") {
			t.Errorf("%s doesn't take the same arguments in both languages", key)
		}
		for _, mark := range []string{":", ";", "?", "!", "»"} {
			parts := strings.Split(text.FR, mark)
			for _, before := range parts[:len(parts)-1] {
				if !strings.HasSuffix(before, " ") {
					t.Errorf("%s: no space before %q in French: %s", key, mark, text.FR)
				}
			}
		}
	}
}

func TestPrinter(t *testing.T) {
	t.Parallel()
	fr, en := printer{lang.FR}, printer{lang.EN}
	at := time.Date(2026, 3, 1, 7, 5, 0, 0, time.FixedZone("CET", 3600))
	for _, c := range []struct{ got, want string }{
		{fr.number(1234567), "1\u202f234\u202f567"},
		{en.number(1234567), "1,234,567"},
		{fr.number(9999), "9999"},
		{en.number(-1000), "-1,000"},
		{fr.number(-12345), "-12\u202f345"},
		{fr.percent(big.NewRat(999999, 1000000)), "99,9\u00a0%"},
		{en.percent(big.NewRat(2, 3)), "66.6\u00a0%"},
		{fr.instant(at), "1er\u00a0mars 2026 à 7\u00a0h\u00a005 (CET)"},
		{en.instant(at), "1\u00a0March 2026 at 07:05 (CET)"},
		{fr.civil("2026-08-14"), "14\u00a0août 2026"},
		{fr.civil("bientôt"), "bientôt"},
		{fr.took(1990 * time.Millisecond), "1,9\u00a0s"},
		{en.took(45 * time.Millisecond), "45\u00a0ms"},
		{fr.took(75 * time.Second), "1\u00a0min\u00a015\u00a0s"},
		{en.took(2*time.Hour + 3*time.Minute), "2\u00a0h\u00a003\u00a0min"},
		{fr.say(lang.T("Oui : « non » ; et 5 % ?", "")), "Oui\u00a0: «\u00a0non\u00a0»\u202f; et 5\u00a0%\u202f?"},
		{fr.list([]string{"a", "b", "c"}), "a, b et c"},
		{en.list([]string{"a"}), "a"},
		{fr.plural(0, "outside"), "0 autre non évaluée\u00a0: besoin non revendiqué"},
		{en.plural(0, "outside"), "0 more not evaluated: needs not claimed"},
		{short("sha256:0123456789abcdef"), "sha256:0123456789ab…"},
		{short("abc"), "abc"},
		{visible("a\x1b[0m\u202eb\tc\n\x7f\ufeff"), "a␛[0m<U+202E>b\tc\n␡<U+FEFF>"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"été": 3, "e\u0301te\u0301": 3, "雲": 2, "✓ ok": 4, "": 0, "ＡＢ": 4, "…": 1} {
		if got := columnsOf(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
	if got := cut("雲雲雲", 4); got != "雲…" {
		t.Errorf("cut gives %q", got)
	}
	if got := strings.Join(wrap("un deux trois"+hard+": quatre", 8), "|"); got != "un deux|trois"+hard+":|quatre" {
		t.Errorf("wrap gives %q", got)
	}
	if got := strings.Join(wrap("0123456789 ab", 8), "|"); got != "01234567|89 ab" {
		t.Errorf("wrap gives %q", got)
	}
}

func TestAnchor_Distinct(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, id := range []string{"s3/a/b", "s3/a-b", "s3.a.b", "s3/a--b", "s3/a b", "s3/A", "s3/é", "", "s3/a_20_b"} {
		a := anchor(id)
		if other, taken := seen[a]; taken {
			t.Errorf("%q and %q both give %q", id, other, a)
		}
		if strings.Contains(a, "--") {
			t.Errorf("%q gives %q", id, a)
		}
		seen[a] = id
	}
}
