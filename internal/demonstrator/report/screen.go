package report

import (
	"bytes"
	"io"
	"strings"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
)

// screen gathers lines for a terminal. Spaces that don't break become ordinary
// ones at the very end, so that what is printed can be searched and copied.
type screen struct {
	printer
	out   bytes.Buffer
	width int
	color bool
}

// The widths between which a terminal is laid out.
const (
	narrowest = 40
	widest    = 160
	usual     = 80
)

func newScreen(p printer, width int, color bool) *screen {
	if width <= 0 {
		width = usual
	}
	return &screen{printer: p, width: min(max(width, narrowest), widest), color: color}
}

var plainSpaces = strings.NewReplacer(hard, " ", narrow, " ")

func (s *screen) flush(w io.Writer) error {
	_, err := w.Write(s.out.Bytes())
	return err
}

// line writes one line without its trailing spaces.
func (s *screen) line(text string) {
	s.out.WriteString(strings.TrimRight(plainSpaces.Replace(text), " ") + "\n")
}

// para writes a text on as many lines as it takes, all but the first further in.
func (s *screen) para(indent, hang int, tint, text string) {
	for i, l := range wrap(text, s.width-indent-hang) {
		s.line(strings.Repeat(" ", indent+hang*min(i, 1)) + s.tint(tint, l))
	}
}

// title writes a heading after an empty line.
func (s *screen) title(text string) {
	s.line("")
	s.para(0, 0, bold, text)
}

const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
	dim    = "2"
)

// tint colours a text; colour never says more than the words do.
func (s *screen) tint(code, text string) string {
	if !s.color || code == "" || strings.TrimSpace(text) == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func tintOf(class string) string {
	switch class {
	case string(score.Met), string(measure.Pass):
		return green
	case string(score.NotMet), string(measure.Fail):
		return red
	case string(score.NotEstablished), string(measure.Errored):
		return yellow
	}
	return dim
}

// grid is a table whose first column takes what the others leave.
type grid struct {
	heads []string
	rows  []gridRow
}

type gridRow struct {
	head  string
	cells []gridCell
	title bool // stands alone over the rows below it
}

type gridCell struct{ text, tint string }

const (
	gap       = 2
	leastHead = 24
	leastCell = 10
)

// grid prints a table, in several parts when its columns don't fit side by side.
func (s *screen) grid(g grid) {
	widths, lead := g.widths(), min(leastHead, g.headWidth())
	for from := 0; from < len(widths); {
		to, used := from, lead
		for to < len(widths) && (to == from || used+gap+widths[to] <= s.width) {
			used += gap + widths[to]
			to++
		}
		if parts := (len(widths) - from + to - from - 1) / (to - from); parts > 1 {
			to = from + (len(widths)-from+parts-1)/parts // parts of the same size
		}
		if from > 0 {
			s.line("")
		}
		s.part(g, widths, from, to)
		from = to
	}
}

// widths of the columns: what the cells take, and the heads if they can.
func (g grid) widths() []int {
	widths := make([]int, len(g.heads))
	for i, head := range g.heads {
		widths[i] = max(leastCell, min(columnsOf(head), leastHead))
		for _, r := range g.rows {
			if i < len(r.cells) {
				widths[i] = max(widths[i], columnsOf(r.cells[i].text))
			}
		}
	}
	return widths
}

func (s *screen) part(g grid, widths []int, from, to int) {
	first := s.width
	for _, w := range widths[from:to] {
		first -= gap + w
	}
	first = max(min(first, g.headWidth()), 8)
	header := pad("", first)
	for i := from; i < to; i++ {
		header += strings.Repeat(" ", gap) + s.tint(bold, pad(cut(g.heads[i], widths[i]), widths[i]))
	}
	if strings.TrimSpace(strings.Join(g.heads[from:to], "")) != "" {
		s.line(header)
	}
	for _, r := range g.rows {
		s.row(r, first, widths, from, to)
	}
}

// headWidth is the widest head of the rows.
func (g grid) headWidth() int {
	n := 0
	for _, r := range g.rows {
		if !r.title {
			n = max(n, columnsOf(r.head))
		}
	}
	return n
}

func (s *screen) row(r gridRow, first int, widths []int, from, to int) {
	if r.title {
		s.para(0, 0, bold, r.head)
		return
	}
	for i, head := range wrapHanging(r.head, first) {
		text := pad(head, first)
		for c := from; c < to && i == 0; c++ {
			cell := gridCell{}
			if c < len(r.cells) {
				cell = r.cells[c]
			}
			text += strings.Repeat(" ", gap) + s.tint(cell.tint, cut(cell.text, widths[c])) + strings.Repeat(" ", max(0, widths[c]-columnsOf(cell.text)))
		}
		s.line(text)
	}
}

// wrapHanging wraps a row's head; its later lines go further in than its first.
func wrapHanging(s string, n int) []string {
	if columnsOf(s) <= n {
		return []string{s}
	}
	body := strings.TrimLeft(s, " ")
	indent := len(s) - len(body)
	lines := wrap(body, n-indent-2)
	for i := range lines {
		lines[i] = strings.Repeat(" ", indent+min(i, 1)*2) + lines[i]
	}
	return lines
}
