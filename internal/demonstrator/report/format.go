package report

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/lang"
)

// The spaces that never break: the wide one goes before a colon and inside
// guillemets, the narrow one before other high marks and between thousands.
const (
	hard   = "\u00a0"
	narrow = "\u202f"
)

// printer writes values in one language.
type printer struct{ l lang.Lang }

// say writes a text with the typography of its language, control characters visible.
func (p printer) say(t lang.Text) string { return p.typeset(visible(t.In(string(p.l)))) }

// word writes one of the package's words; see words.
func (p printer) word(key string, args ...any) string { return p.say(wording(key, args...)) }

var frenchSpaces = strings.NewReplacer(
	" :", hard+":", "« ", "«"+hard, " »", hard+"»",
	" ;", narrow+";", " ?", narrow+"?", " !", narrow+"!", " %", hard+"%",
)

var englishSpaces = strings.NewReplacer(" %", hard+"%")

func (p printer) typeset(s string) string {
	if p.l == lang.EN {
		return englishSpaces.Replace(s)
	}
	return frenchSpaces.Replace(s)
}

// visible replaces what could act on a terminal, a page or a reader's eye by
// something seen: control characters by their pictures, marks that turn the
// direction of writing by their number.
func visible(s string) string {
	if strings.IndexFunc(s, acts) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case !acts(r):
			b.WriteRune(r)
		case r < 0x20:
			b.WriteRune(0x2400 + r)
		case r == 0x7f:
			b.WriteRune(0x2421)
		default:
			fmt.Fprintf(&b, "<U+%04X>", r)
		}
	}
	return b.String()
}

func acts(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029', r == '\ufeff', r == '\ufffe', r == '\uffff':
		return true
	}
	return false
}

// line is visible, on one line.
func line(s string) string {
	return strings.Join(strings.Split(strings.ReplaceAll(visible(s), "\t", " "), "\n"), " ")
}

// number writes a whole number with its thousands apart.
func (p printer) number(n int64) string {
	digits, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		digits, sign = digits[1:], "-"
	}
	if len(digits) <= 4 && p.l == lang.FR {
		return sign + digits // four figures stay together in French
	}
	separator := ","
	if p.l == lang.FR {
		separator = narrow
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + separator + digits[i:]
	}
	return sign + digits
}

// percent writes a value between 0 and 1, truncated to one decimal.
func (p printer) percent(r *big.Rat) string {
	if r == nil {
		return ""
	}
	return p.decimal(score.Percent(r, 1)) + hard + "%"
}

// decimal puts the comma of French into a decimal number.
func (p printer) decimal(s string) string {
	if p.l == lang.FR {
		return strings.Replace(s, ".", ",", 1)
	}
	return s
}

var months = map[lang.Lang][]string{
	lang.FR: {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	lang.EN: {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

// day writes a date in full.
func (p printer) day(t time.Time) string {
	month, day := months[p.l][t.Month()-1], strconv.Itoa(t.Day())
	if p.l == lang.FR && t.Day() == 1 {
		day = "1er"
	}
	return day + hard + month + " " + strconv.Itoa(t.Year())
}

// civil writes a date of the catalogue; one that doesn't parse is shown as it is.
func (p printer) civil(d catalogue.Date) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return visible(string(d))
	}
	return p.day(t)
}

// instant writes a date and a time to the minute, with the zone that it carries.
func (p printer) instant(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	zone, _ := t.Zone()
	if p.l == lang.FR {
		return fmt.Sprintf("%s à %d%sh%s%02d (%s)", p.day(t), t.Hour(), hard, hard, t.Minute(), zone)
	}
	return fmt.Sprintf("%s at %02d:%02d (%s)", p.day(t), t.Hour(), t.Minute(), zone)
}

// took writes how long something lasted, truncated to what a reader can use.
func (p printer) took(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return p.number(d.Microseconds()) + hard + "µs"
	case d < time.Second:
		return p.number(d.Milliseconds()) + hard + "ms"
	case d < time.Minute:
		return p.decimal(fmt.Sprintf("%d.%d", d/time.Second, d%time.Second/(100*time.Millisecond))) + hard + "s"
	case d < time.Hour:
		return fmt.Sprintf("%d%smin%s%02d%ss", d/time.Minute, hard, hard, d%time.Minute/time.Second, hard)
	}
	return fmt.Sprintf("%d%sh%s%02d%smin", d/time.Hour, hard, hard, d%time.Hour/time.Minute, hard)
}

// short abbreviates a digest to what the eye compares.
func short(digest string) string {
	name, hex, ok := strings.Cut(digest, ":")
	if !ok {
		name, hex = "", digest
	} else {
		name += ":"
	}
	if len(hex) <= 12 {
		return visible(digest)
	}
	return visible(name + hex[:12] + "…")
}

// plural chooses the form that goes with n; French counts zero as one.
func (p printer) plural(n int, key string) string {
	if n == 1 || n == 0 && p.l == lang.FR {
		return p.word(key+".one", p.number(int64(n)))
	}
	return p.word(key+".many", p.number(int64(n)))
}

// list joins names as a sentence does: "a, b and c".
func (p printer) list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " " + p.word("and") + " " + names[last]
}
