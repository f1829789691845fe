package inference

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxStream bounds what one stream may bring, in bytes; an event is part of it.
const maxStream = 4 << 20

var errStreamTooLong = fmt.Errorf("the stream goes on after %d MiB", maxStream>>20)

// events reads a stream of server-sent events as the HTML standard has it (section
// 9.2.6): what a standard reader ignores is ignored and counted.
type events struct {
	in      *bufio.Reader
	left    int
	begun   bool
	skipLF  bool
	ignored int    // lines whose field the standard doesn't know
	first   string // the beginning of the first of them
}

func newEvents(in io.Reader) *events { return &events{in: bufio.NewReader(in), left: maxStream} }

// next returns the data of the next event that has some. At the end of the stream
// the error is io.EOF; an event that no blank line has ended is dropped.
func (e *events) next() (string, error) {
	var data strings.Builder
	some := false
	for {
		line, err := e.line()
		if err != nil {
			return "", err
		}
		if line == "" && some {
			return strings.TrimSuffix(data.String(), "\n"), nil
		}
		name, value, colon := strings.Cut(line, ":")
		switch {
		case line == "" || colon && name == "": // a blank line without data, a comment
		case name == "data":
			some = true
			data.WriteString(strings.TrimPrefix(value, " ") + "\n")
		case name == "event", name == "id", name == "retry":
		default:
			e.ignored++
			if e.first == "" {
				e.first = clip(line)
			}
		}
	}
}

// line returns a line without its end, which is CR, LF or both. What comes after
// the last end is no line.
func (e *events) line() (string, error) {
	var line strings.Builder
	for {
		c, err := e.in.ReadByte()
		if err != nil {
			return "", err
		}
		if e.left--; e.left < 0 {
			return "", errStreamTooLong
		}
		after := e.skipLF
		e.skipLF = false
		switch {
		case c == '\n' && after:
			continue
		case c == '\r' || c == '\n':
			e.skipLF = c == '\r'
			return e.unmarked(line.String()), nil
		}
		line.WriteByte(c)
	}
}

// unmarked drops the byte order mark with which a stream may begin.
func (e *events) unmarked(line string) string {
	if !e.begun {
		e.begun = true
		return strings.TrimPrefix(line, "\ufeff")
	}
	return line
}

// ended reports whether an error is the proper end of a stream.
func ended(err error) bool { return errors.Is(err, io.EOF) }
