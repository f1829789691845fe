package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"aloi.dev/internal/demonstrator/load"
)

// The bounds of what is read before an answer is refused.
const (
	mostHeader  = 64 << 10 // bytes, of a header or of trailers
	mostLine    = 8 << 10  // of a chunk's size with its extensions
	mostInterim = 8        // 1xx answers before the final one
)

// reader reads answers from a connection.
type reader struct {
	from     io.Reader
	buf      []byte
	start    int // of what hasn't been taken
	end      int
	received int64
	first    time.Duration // when the first byte came
	clock    interface{ Now() time.Duration }
	answer   Answer
}

// Answer is a complete answer.
type Answer struct {
	Status int
	Length int64 // of the body, in bytes, without its framing
	Closes bool  // the server closes the connection

	reader *reader
	header []byte // lines after the status line, each with its CRLF; a copy
	length int64  // by Content-Length; -1 without
	chunks bool
	one    bool // HTTP/1.1
}

// Header returns the first value of a header line, whose name is given in lower
// case; nil without. It is valid until the next request.
func (a *Answer) Header(name string) []byte {
	for rest := a.header; len(rest) > 0; {
		line, after, _ := bytes.Cut(rest, crlf)
		if key, value, ok := bytes.Cut(line, colon); ok && isName(key, name) {
			return bytes.Trim(value, " \t")
		}
		rest = after
	}
	return nil
}

var (
	crlf  = []byte("\r\n")
	colon = []byte(":")
)

// read reads one answer to its last byte (RFC 9112, sections 4 to 7). Where the RFC
// lets a client guess, it refuses: a length and chunks together, several lengths,
// a lone LF, folded lines, a body without an announced end, bytes after the end.
func (r *reader) read(noBody bool, mostBody int64, body io.Writer) error {
	a := &r.answer
	for interim := 0; ; interim++ {
		if err := r.head(); err != nil {
			return err
		}
		if a.Status >= 200 {
			break
		}
		if a.Status == 101 || interim == mostInterim {
			return malformed("status %d", a.Status)
		}
	}
	var err error
	switch {
	case noBody || a.Status == 204 || a.Status == 304:
	case a.chunks:
		err = r.chunked(mostBody, body)
	case a.length >= 0:
		err = r.sized(a.length, mostBody, body)
	default:
		err = malformed("neither a length nor chunks: the end can't be known")
	}
	if err == nil && r.start != r.end {
		err = malformed("%d bytes after the end", r.end-r.start)
	}
	return err
}

// head reads a status line and a header.
func (r *reader) head() error {
	seen := 0
	for {
		if i := bytes.Index(r.buf[r.start+max(seen-3, 0):r.end], []byte("\r\n\r\n")); i >= 0 {
			end := r.start + max(seen-3, 0) + i + 2
			head := r.buf[r.start:end]
			r.start = end + 2
			return r.answer.parse(head)
		}
		seen = r.end - r.start
		if seen > mostHeader {
			return malformed("more than %d bytes of header", mostHeader)
		}
		if err := r.more(); err != nil {
			return err
		}
	}
}

// more reads at least a byte. What isn't taken moves to the beginning when there is
// no room behind it, and the buffer grows only for a header.
func (r *reader) more() error {
	if r.start == r.end {
		r.start, r.end = 0, 0
	}
	if r.end == len(r.buf) {
		if r.start == 0 {
			r.buf = append(r.buf, make([]byte, len(r.buf))...)
		} else {
			r.end = copy(r.buf, r.buf[r.start:r.end])
			r.start = 0
		}
	}
	for range 100 {
		n, err := r.from.Read(r.buf[r.end:])
		if r.received == 0 && n > 0 {
			r.first = r.clock.Now()
		}
		r.end += n
		r.received += int64(n)
		switch {
		case n > 0:
			return nil // the error comes again
		case errors.Is(err, io.EOF):
			return load.Fail(load.Broken, io.ErrUnexpectedEOF)
		case err != nil:
			return load.Fail(load.Broken, err)
		}
	}
	return load.Fail(load.Broken, io.ErrNoProgress)
}

// sized reads n bytes of body.
func (r *reader) sized(n, most int64, body io.Writer) error {
	if n > most-r.answer.Length {
		return load.Fail(load.TooLarge, fmt.Errorf("a body of more than %d bytes", most))
	}
	for n > 0 {
		if r.start == r.end {
			if err := r.more(); err != nil {
				return err
			}
		}
		piece := r.buf[r.start:min(int64(r.end), int64(r.start)+n)]
		r.start += len(piece)
		n -= int64(len(piece))
		r.answer.Length += int64(len(piece))
		if body != nil {
			if _, err := body.Write(piece); err != nil {
				return load.Fail(load.Wrong, err)
			}
		}
	}
	return nil
}

// chunked reads a body in chunks and its trailers, which are of no use here.
func (r *reader) chunked(most int64, body io.Writer) error {
	for {
		line, err := r.line(mostLine)
		if err != nil {
			return err
		}
		size, ok := chunkSize(line)
		if !ok {
			return malformed("a chunk of size %.40q", line)
		}
		if size == 0 {
			break
		}
		if err := r.sized(size, most, body); err != nil {
			return err
		}
		if line, err := r.line(mostLine); err != nil {
			return err
		} else if len(line) > 0 {
			return malformed("%.40q at the end of a chunk", line)
		}
	}
	for trailers := 0; ; {
		line, err := r.line(mostLine)
		if err != nil {
			return err
		}
		if len(line) == 0 {
			return nil
		}
		if trailers += len(line); trailers > mostHeader || !isField(line) {
			return malformed("trailers")
		}
	}
}

// line takes a line and returns it without its CRLF. It is valid until the next
// read.
func (r *reader) line(most int) ([]byte, error) {
	seen := 0
	for {
		if i := bytes.IndexByte(r.buf[r.start+seen:r.end], '\n'); i >= 0 {
			line := r.buf[r.start : r.start+seen+i]
			r.start += seen + i + 1
			if len(line) == 0 || line[len(line)-1] != '\r' || bytes.IndexByte(line[:len(line)-1], '\r') >= 0 {
				return nil, malformed("a line that doesn't end with CRLF")
			}
			return line[:len(line)-1], nil
		}
		seen = r.end - r.start
		if seen > most {
			return nil, malformed("a line of more than %d bytes", most)
		}
		if err := r.more(); err != nil {
			return nil, err
		}
	}
}

func malformed(format string, args ...any) error {
	return load.Fail(load.Malformed, fmt.Errorf(format, args...))
}
