package inference

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/load/wire"
)

// rider is the client of one connection.
type rider struct {
	w     *traffic
	conn  *wire.Conn
	req   wire.Request
	reply reply
}

// Warm connects before the schedule begins.
func (r *rider) Warm(ctx context.Context) error {
	return r.conn.Connect(ctx, load.NewOp(load.System()))
}

// Close ends the connection.
func (r *rider) Close() error { return r.conn.Close() }

// Do asks one question and looks at the whole answer: a fast wrong one is an error.
func (r *rider) Do(ctx context.Context, op *load.Op) error {
	r.req.Body = fmt.Appendf(r.req.Body[:0], r.w.body, op.Index+1)
	r.req.Head = strconv.AppendInt(append(r.req.Head[:0], r.w.head...), int64(len(r.req.Body)), 10)
	r.req.Head = append(r.req.Head, "\r\n\r\n"...)
	r.reply = reply{op: op, stream: r.w.stream, line: r.reply.line[:0]}
	answer, err := r.conn.Do(ctx, op, &r.req, &r.reply)
	if err != nil {
		return err
	}
	if err := answer.Check(200); err != nil {
		return err
	}
	if err := r.w.right(&r.reply); err != nil {
		return load.Fail(load.Wrong, err)
	}
	if r.w.stream {
		r.reply.mark()
	}
	return nil
}

// reply gathers an answer as it comes. Of a stream it reads the events, and notes when
// those with text came.
type reply struct {
	op     *load.Op
	stream bool
	line   []byte // what is not complete; the whole answer when it isn't a stream

	texts            int
	first, last, gap time.Duration
	done, broken     bool
	finish           string
	usage            *Usage
}

// Write takes what has come; it is the instant at which all of it came.
func (p *reply) Write(b []byte) (int, error) {
	if !p.stream {
		p.line = append(p.line, b...)
		return len(b), nil
	}
	now, n := p.op.Now(), len(b)
	for {
		line, rest, whole := bytes.Cut(b, newline)
		p.line = append(p.line, line...)
		if !whole {
			return n, nil
		}
		p.event(bytes.TrimSuffix(p.line, carriage), now)
		p.line, b = p.line[:0], rest
	}
}

var (
	newline  = []byte("\n")
	carriage = []byte("\r")
	data     = []byte("data:")
	doneWord = []byte("[DONE]")
)

// event reads a line of a stream. Services put each event on one line.
func (p *reply) event(line []byte, now time.Duration) {
	value, is := bytes.CutPrefix(line, data)
	if !is {
		return
	}
	value = bytes.TrimSpace(value)
	if bytes.Equal(value, doneWord) {
		p.done = true
		return
	}
	var c Chunk
	if p.done || json.Unmarshal(value, &c) != nil {
		p.broken = true
		return
	}
	if c.Usage != nil {
		p.usage = c.Usage
	}
	if len(c.Choices) > 0 && c.Choices[0].Finish != nil {
		p.finish = *c.Choices[0].Finish
	}
	if c.text() == "" {
		return
	}
	if p.texts++; p.texts == 1 {
		p.first = now
	} else {
		p.gap = max(p.gap, now-p.last)
	}
	p.last = now
}

// mark notes what the stream is measured by.
func (p *reply) mark() {
	p.op.Mark(0, p.first-p.op.Intended)
	p.op.Mark(1, (p.last-p.first)/time.Duration(max(1, p.tokens()-1)))
	p.op.Mark(2, p.gap)
}

// tokens is what the service counts, or the events with text when it doesn't say.
func (p *reply) tokens() int {
	if p.usage != nil {
		return p.usage.Completion
	}
	return p.texts
}

var (
	errNoText   = errors.New("no text")
	errNoDone   = errors.New("no [DONE], or more after it")
	errNoFinish = errors.New("no reason why the answer ended")
	errTooMany  = errors.New("more tokens than were asked for, or none")
)

// streamed wants a whole stream.
func streamed(p *reply) error {
	switch {
	case !p.done || p.broken:
		return errNoDone
	case p.texts == 0:
		return errNoText
	case p.finish == "":
		return errNoFinish
	case p.tokens() < 1 || p.tokens() > mostTokens:
		return errTooMany
	}
	return nil
}

// inOne wants an answer in one piece.
func inOne(p *reply) error {
	var c Completion
	if err := json.Unmarshal(p.line, &c); err != nil {
		return err
	}
	switch {
	case len(c.Choices) != 1 || c.Text() == "":
		return errNoText
	case c.Choices[0].Finish == "":
		return errNoFinish
	case c.Usage == nil || c.Usage.Completion < 1 || c.Usage.Completion > mostTokens:
		return errTooMany
	}
	return nil
}

// embedded wants one vector.
func embedded(p *reply) error {
	var e struct {
		Data []struct{ Embedding []float64 }
	}
	if err := json.Unmarshal(p.line, &e); err != nil {
		return err
	}
	if len(e.Data) != 1 || len(e.Data[0].Embedding) < 2 {
		return errors.New("no vector")
	}
	return nil
}
