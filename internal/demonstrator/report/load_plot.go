package report

import (
	"math"
	"strconv"
	"strings"

	"aloi.dev/internal/lang"
)

// A plot is drawn in a box of plotWidth units; two stand side by side on a wide page,
// so that a unit is about a pixel there and on a telephone.
const (
	plotWidth  = 420
	plotHeight = 270
	plotLeft   = 58
	plotRight  = 20
	plotTop    = 14
	plotBottom = 40
)

// plot is a drawing with what it says in words and in figures.
type plot struct {
	ID            string
	Heading, Desc string
	Width, Height int
	Box           box
	X, Y          []tick
	XName, YName  string
	Keys          []key
	Refs          []reference
	Bands         []curve
	Curves        []curve
	Labels        []label
	Table         plotTable
	Nothing       string // why nothing is drawn
}

// box is the part within the axes.
type box struct{ Left, Top, Right, Bottom float64 }

// tick is a line of the grid and its label.
type tick struct {
	At, LabelAt string
	Label       string
}

// key is an entry of the legend.
type key struct{ Class, Name, Mark string }

// reference is a bound: a line, its label, and where a curve must pass.
type reference struct {
	X1, Y1, X2, Y2 string
	Label          label
	Ring           *label
}

// label is a text at a place.
type label struct{ X, Y, Anchor, Text, Class string }

// curve is a line with its marks, as data of an SVG path.
type curve struct{ Class, Line, Marks string }

// plotTable is what a plot shows, in figures.
type plotTable struct {
	Caption string
	Heads   []string // of the columns, that of the rows first
	Rows    []plotRow
}

type plotRow struct {
	Head  string
	Cells []plotCell
}

// plotCell repeats the head of its column, for narrow pages.
type plotCell struct{ Head, Text string }

// tableOfLines is an empty table with a column for each line.
func (v *loadView) tableOfLines(caption, first string) plotTable {
	t := plotTable{Caption: caption, Heads: []string{first}}
	for _, s := range v.lines {
		t.Heads = append(t.Heads, s.name)
	}
	return t
}

// row completes a table's row.
func (t *plotTable) row(head string, cells ...string) {
	r := plotRow{Head: head}
	for i, text := range cells {
		r.Cells = append(r.Cells, plotCell{t.Heads[i+1], text})
	}
	t.Rows = append(t.Rows, r)
}

func newPlot(id, heading, x, y string) *plot {
	return &plot{
		ID: id, Heading: heading, Width: plotWidth, Height: plotHeight, XName: x, YName: y,
		Box: box{plotLeft, plotTop, plotWidth - plotRight, plotHeight - plotBottom},
	}
}

// The places of what stands around the box.
func (p *plot) TickX() string { return coordinate(p.Box.Left - 6) }
func (p *plot) TickY() string { return coordinate(p.Box.Bottom + 17) }
func (p *plot) NameX() string { return coordinate(p.Box.Right) }
func (p *plot) NameY() string { return coordinate(float64(p.Height) - 7) }

// across adds a bound over the whole width, at a height, with its label above it.
func (p *plot) across(at, above float64, text string) {
	y := coordinate(at)
	p.Refs = append(p.Refs, reference{
		X1: coordinate(p.Box.Left), X2: coordinate(p.Box.Right), Y1: y, Y2: y,
		Label: label{X: coordinate(p.Box.Right - 4), Y: coordinate(at - above), Anchor: "end", Text: text},
	})
}

// scale turns values into places along an axis.
type scale struct {
	low, high float64 // values; logarithms when log
	from, to  float64 // places
	log       bool
}

// logScale reaches from a 1, 2 or 5 below the low value to one above the high one.
func logScale(low, high, from, to float64) scale {
	low, high = math.Max(low, 1e-6), math.Max(high, 1e-6)
	s := scale{low: math.Log10(roundTo(low, false)), high: math.Log10(roundTo(high, true)), from: from, to: to, log: true}
	if s.high-s.low < 0.1 {
		s.low, s.high = s.low-0.3, s.high+0.3
	}
	return s
}

// roundTo is the nearest 1, 2 or 5 times a power of ten, below or above.
func roundTo(v float64, up bool) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)+1e-9))
	last := power
	for _, m := range []float64{1, 2, 5, 10} {
		at := float64(m * power)
		if up && at >= v*(1-1e-9) {
			return at
		}
		if at <= v*(1+1e-9) {
			last = at
		}
	}
	return last
}

// at is the place of a value, within the axis.
func (s scale) at(v float64) float64 {
	if s.log {
		v = math.Log10(math.Max(v, 1e-9))
	}
	if s.high <= s.low {
		return s.from
	}
	part := math.Min(math.Max((v-s.low)/(s.high-s.low), 0), 1)
	return s.from + float64(part*(s.to-s.from))
}

// values are those that deserve a tick, about so many.
func (s scale) values(about int) []float64 {
	var list []float64
	if !s.log {
		step := roundTo(math.Max(s.high-s.low, 1e-9)/float64(about), true)
		for v := math.Ceil(s.low/step) * step; v <= float64(s.high*(1+1e-9)); v += step {
			list = append(list, v)
		}
		return list
	}
	steps := []float64{1}
	if decades := s.high - s.low; decades*3 <= float64(about) {
		steps = []float64{1, 2, 5}
	} else if decades*2 <= float64(about) {
		steps = []float64{1, 3}
	}
	for power := math.Floor(s.low); power <= s.high; power++ {
		for _, m := range steps {
			v := float64(m * math.Pow(10, power))
			if at := math.Log10(v); at >= s.low-1e-9 && at <= s.high+1e-9 {
				list = append(list, v)
			}
		}
	}
	return list
}

// along puts ticks on an axis: shift is from the line to the foot of its label.
func (s scale) along(values []float64, shift float64, name func(float64) string) []tick {
	ticks := make([]tick, 0, len(values))
	for _, v := range values {
		ticks = append(ticks, tick{coordinate(s.at(v)), coordinate(s.at(v) + shift), name(v)})
	}
	return ticks
}

// coordinate writes a place to the tenth of a unit.
func coordinate(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}

// path gathers the data of an SVG path.
type path struct{ strings.Builder }

func (p *path) to(x, y float64) {
	command := " L"
	if p.Len() == 0 {
		command = "M"
	}
	p.WriteString(command + coordinate(x) + " " + coordinate(y))
}

// shapes of the marks, that tell lines apart without their colours: circle, square, triangle,
// diamond, triangle on its head, cross.
var shapes = []string{
	"m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z", "m-3 -3h6v6h-6z", "m0 -4l3.8 6.6h-7.6z",
	"m0 -4.4l4 4.4l-4 4.4l-4 -4.4z", "m0 4l3.8 -6.6h-7.6z", "m-3.4 -3.4l6.8 6.8m0 -6.8l-6.8 6.8",
}

// mark adds the shape of a line at a place.
func (p *path) mark(x, y float64, shape int) {
	p.WriteString("M" + coordinate(x) + " " + coordinate(y) + shapes[shape%len(shapes)])
}

// figure writes a value of an axis with the decimals that it needs.
func (p printer) figure(v float64) string {
	if v >= 1000 {
		return p.number(int64(math.Round(v)))
	}
	return p.decimal(strconv.FormatFloat(v, 'g', 6, 64))
}

// millis writes microseconds in milliseconds, rounded up to three figures.
func (p printer) millis(us int64) string {
	step := int64(1)
	for us >= 1000*step && step < 1000 {
		step *= 10
	}
	us = (us + step - 1) / step * step
	if us%1000 == 0 {
		return p.number(us / 1000)
	}
	part := strings.TrimRight(strconv.FormatInt(1000+us%1000, 10)[1:], "0")
	return p.number(us/1000) + p.decimal("."+part)
}

// tenth writes n/of with one decimal, truncated.
func (p printer) tenth(n, of int64) string {
	if of <= 0 {
		return "–"
	}
	tenths := int64(float64(n) * 10 / float64(of))
	if tenths%10 == 0 {
		return p.number(tenths / 10)
	}
	return p.number(tenths/10) + p.decimal("."+strconv.FormatInt(tenths%10, 10))
}

// bytes writes a number of bytes in the largest decimal unit, truncated.
func (p printer) bytes(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	if p.l == lang.FR {
		units = []string{"o", "ko", "Mo", "Go", "To"}
	}
	unit, at := int64(1), 0
	for n >= 1000*unit && at < len(units)-1 {
		unit, at = unit*1000, at+1
	}
	return p.tenth(n, unit) + hard + units[at]
}
