package postgres

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/jackc/pgx/v5/pgproto3"
)

// message is one typed message of the protocol, in either direction.
type message struct {
	kind byte
	body []byte
}

// The kinds of message that faults look for. The same letter may mean another
// message in the other direction.
const (
	kindQuery, kindParse, kindBind, kindExecute = 'Q', 'P', 'B', 'E' // of the client

	kindError, kindRow, kindTag, kindReady, kindStatus = 'E', 'D', 'C', 'Z', 'S' // of the server
	kindNotice, kindNotify, kindParams, kindAuth       = 'N', 'A', 't', 'R'
	kindKey, kindEmpty                                 = 'K', 'I'

	kindData = 'd' // of both
)

// longest bounds a message, in bytes.
const longest = 64 << 20

// encode returns a typed message of the library as it passes here.
func encode(m interface{ Encode([]byte) ([]byte, error) }) message {
	whole, err := m.Encode(nil)
	if err != nil {
		panic(err) // only what was decoded a moment ago is encoded
	}
	return message{kind: whole[0], body: whole[5:]}
}

func readMessage(in io.Reader) (message, error) {
	var head [5]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return message{}, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n < 4 || n > longest {
		return message{}, fmt.Errorf("a message of %d bytes", n)
	}
	m := message{kind: head[0], body: make([]byte, n-4)}
	_, err := io.ReadFull(in, m.body)
	return m, err
}

// relay carries the messages of one session, edited by its hooks.
type relay struct {
	hooks          []Hooks
	client, server net.Conn
	names          names
	user           string     // of the start-up
	mu             sync.Mutex // guards writing to the server, which both directions do
}

// stranger reports whether the client gave the name of no account of the offer.
func (r *relay) stranger() bool {
	return r.user != r.names.main && r.user != r.names.other && r.user != r.names.stranger && r.user != admin
}

// run returns when either side has left.
func (r *relay) run(client, server *bufio.Reader) error {
	gone := make(chan error, 1)
	go func() {
		err := r.carry(client, r.fromClient, r.toServer)
		for _, h := range r.hooks {
			if h.End != nil {
				h.End(r)
			}
		}
		r.server.Close()
		gone <- err
	}()
	out := bufio.NewWriterSize(r.client, 64<<10)
	err := r.carry(server, r.fromServer, func(list []message) error {
		for _, m := range list {
			if err := write(out, m); err != nil {
				return err
			}
		}
		if server.Buffered() > 0 { // more is coming at once
			return nil
		}
		return out.Flush()
	})
	r.client.Close()
	return errors.Join(err, <-gone)
}

func (r *relay) carry(in *bufio.Reader, edit func(message) []message, send func([]message) error) error {
	for {
		m, err := readMessage(in)
		if err != nil {
			return err
		}
		if err := send(edit(m)); err != nil {
			return err
		}
	}
}

func write(out io.Writer, m message) error {
	head := binary.BigEndian.AppendUint32([]byte{m.kind}, uint32(len(m.body)+4))
	if _, err := out.Write(head); err != nil {
		return err
	}
	_, err := out.Write(m.body)
	return err
}

func (r *relay) toServer(list []message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := bufio.NewWriter(r.server)
	for _, m := range list {
		if err := write(out, m); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (r *relay) fromClient(m message) []message {
	list := []message{m}
	for _, h := range r.hooks {
		var next []message
		for _, m := range list {
			if h.Query != nil {
				m = editQuery(m, h.Query)
			}
			if h.Client != nil {
				next = append(next, h.Client(r, m)...)
			} else {
				next = append(next, m)
			}
		}
		list = next
	}
	return list
}

func (r *relay) fromServer(m message) []message {
	list := []message{m}
	for i := len(r.hooks) - 1; i >= 0; i-- { // the nearest to the client comes last
		if r.hooks[i].Server == nil {
			continue
		}
		var next []message
		for _, m := range list {
			next = append(next, r.hooks[i].Server(r, m)...)
		}
		list = next
	}
	return list
}

// editQuery edits the text of a statement, in either of the two messages that
// bear one.
func editQuery(m message, edit func(string) string) message {
	switch m.kind {
	case kindQuery:
		var q pgproto3.Query
		if q.Decode(m.body) == nil {
			q.String = edit(q.String)
			return encode(&q)
		}
	case kindParse:
		var p pgproto3.Parse
		if p.Decode(m.body) == nil {
			p.Query = edit(p.Query)
			return encode(&p)
		}
	}
	return m
}
