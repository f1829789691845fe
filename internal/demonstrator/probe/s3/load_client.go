package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/load/wire"
)

// rider is the client of one connection of a traffic. Every answer is looked at
// whole: a fast wrong one is an error.
type rider struct {
	w    *traffic
	conn *wire.Conn
	sign lineSigner
	req  wire.Request
	path []byte
	sink sink
	list []byte // the last one that was right
}

// Warm connects before the schedule begins.
func (r *rider) Warm(ctx context.Context) error {
	return r.conn.Connect(ctx, load.NewOp(load.System()))
}

// Close ends the connection.
func (r *rider) Close() error { return r.conn.Close() }

// allRead is the query that lists what is read.
const allRead = "list-type=2&max-keys=1000&prefix=r%2F"

// Do makes one request. Its number says which one.
func (r *rider) Do(ctx context.Context, op *load.Op) error {
	random := op.Random()
	v, o := r.w.pick(random), &r.w.objects[(random>>32)%uint64(len(r.w.objects))]
	query, payload := "", unsigned
	r.path = append(r.path[:0], o.path...)
	r.sink = sink{got: r.sink.got[:0], gather: v != get}
	r.req.Body, r.req.NoBody = nil, v == stat
	switch v {
	case get:
		r.sink.want = o.body
	case put:
		r.path = key(r.path[:0], r.w.prefix, "/w/", uint64(op.Index)%written)
		r.req.Body, payload = o.body, o.payload
	case del:
		if i := r.w.before(op.Index); i >= 0 {
			r.path = key(r.path[:0], r.w.prefix, "/w/", uint64(i)%written)
		} else { // the first ones are there; of a key that isn't, the API answers the same
			r.path = key(r.path[:0], r.w.prefix, "/d/", uint64(op.Index))
		}
	case list:
		r.path, query = append(append(r.path[:0], r.w.prefix...), '/'), allRead
		if r.w.prefix != "" {
			r.path = r.path[:len(r.path)-1]
		}
	}
	r.head(methods[v], query, payload)
	answer, err := r.conn.Do(ctx, op, &r.req, &r.sink)
	if err != nil {
		return err
	}
	return r.right(v, o, answer)
}

const (
	written = 1000 // keys that are written in turn
	settled = 64   // a write is over when so many requests have begun since
)

// before is the number of the write whose object a deletion removes, -1 when there
// is none: writes and deletions are paired like parentheses, so that no two remove
// the same object, and the deletions held back until the writes are over.
func (w *traffic) before(deletion int64) int64 {
	if !w.mixed {
		return -1
	}
	open := 1
	for i := deletion - settled; i >= max(0, deletion-written+settled); i-- {
		if w.pick((&load.Op{Index: i}).Random()) == put {
			if open--; open == 0 {
				return i
			}
		}
		if w.pick((&load.Op{Index: i + settled - 1}).Random()) == del {
			open++
		}
	}
	return -1
}

// key appends a path that ends with a number of six digits at least.
func key(into []byte, prefix, folder string, n uint64) []byte {
	into = append(append(into, prefix...), folder...)
	for limit := uint64(100_000); limit > max(n, 1); limit /= 10 {
		into = append(into, '0')
	}
	return strconv.AppendUint(into, n, 10)
}

func (r *rider) head(method, query, payload string) {
	r.req.Head = append(append(r.req.Head[:0], method...), ' ')
	r.req.Head = append(r.req.Head, r.path...)
	if query != "" {
		r.req.Head = append(append(r.req.Head, '?'), query...)
	}
	r.req.Head = append(r.req.Head, " HTTP/1.1\r\n"...)
	r.req.Head = r.sign.sign(r.req.Head, time.Now(), method, string(r.path), query, payload)
	if method == methods[put] {
		r.req.Head = append(r.req.Head, "Content-Length: "...)
		r.req.Head = strconv.AppendInt(r.req.Head, int64(len(r.req.Body)), 10)
		r.req.Head = append(r.req.Head, "\r\n"...)
	}
	r.req.Head = append(r.req.Head, "\r\n"...)
}

var (
	errContent = errors.New("another content than what was stored")
	errETag    = errors.New("another ETag than what was stored")
	errListed  = errors.New("other keys than those that exist")
)

// right says whether an answer is the one that the request must have.
func (r *rider) right(v verb, o *object, answer *wire.Answer) error {
	want := 200
	if v == del {
		want = 204
	}
	if err := answer.Check(want); err != nil {
		return err
	}
	switch v {
	case get:
		if r.sink.wrong || r.sink.at != len(o.body) {
			return load.Fail(load.Wrong, errContent)
		}
	case stat:
		if length := string(answer.Header("content-length")); length != strconv.Itoa(len(o.body)) {
			return load.Fail(load.Wrong, fmt.Errorf("Content-Length %s", length))
		}
		if string(answer.Header("etag")) != o.etag {
			return load.Fail(load.Wrong, errETag)
		}
	case put:
		if etag := answer.Header("etag"); len(etag) == 0 || r.w.md5 && string(etag) != o.etag {
			return load.Fail(load.Wrong, errETag)
		}
	case list:
		if bytes.Equal(r.sink.got, r.list) { // reading it takes as long as some services answer
			return nil
		}
		if !r.w.listed(r.sink.got) {
			return load.Fail(load.Wrong, errListed)
		}
		r.list = bytes.Clone(r.sink.got)
	}
	return nil
}
