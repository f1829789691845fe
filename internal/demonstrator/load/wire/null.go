package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"aloi.dev/internal/demonstrator/load"
)

// NullBody is the length of the null server's answers, in bytes.
const NullBody = 1 << 10

// Null is the null server: it answers 1 KiB to any request without a body, and does
// nothing else, so that a latency measured on it is the generator's own. It lives in
// the generator's process: what it takes from the generator counts against the
// generator, never for the service.
type Null struct {
	listener net.Listener
	serving  sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
}

// ListenNull starts a null server on a free port of the loopback.
func ListenNull(ctx context.Context) (*Null, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	n := &Null{listener: listener, conns: map[net.Conn]struct{}{}}
	n.serving.Go(n.accept)
	return n, nil
}

// Workload asks the null server.
func (n *Null) Workload() load.Workload {
	address := n.listener.Addr().String()
	head := fmt.Appendf(nil, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", address)
	var dialer net.Dialer
	return &Fetch{
		Server: &Server{Address: address, Dial: dialer.DialContext, MostBody: NullBody},
		Head:   func(into []byte, _ *load.Op) []byte { return append(into, head...) },
	}
}

// Close ends the server and waits for it.
func (n *Null) Close() error {
	err := n.listener.Close()
	n.mu.Lock()
	n.closed = true
	for conn := range n.conns {
		_ = conn.Close()
	}
	n.mu.Unlock()
	n.serving.Wait()
	return err
}

func (n *Null) accept() {
	for {
		conn, err := n.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil && n.keep(conn) {
			n.serving.Go(func() { n.serve(conn) })
		}
	}
}

func (n *Null) keep(conn net.Conn) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		_ = conn.Close()
		return false
	}
	n.conns[conn] = struct{}{}
	return true
}

func (n *Null) serve(conn net.Conn) {
	defer func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.conns, conn)
		_ = conn.Close()
	}()
	answer := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", NullBody, bytes.Repeat([]byte{'0'}, NullBody))
	buf, have := make([]byte, 4<<10), 0
	for {
		end := bytes.Index(buf[:have], []byte("\r\n\r\n"))
		if end < 0 {
			if have == len(buf) {
				return
			}
			read, err := conn.Read(buf[have:])
			if err != nil {
				return
			}
			have += read
			continue
		}
		have = copy(buf, buf[end+4:have])
		if _, err := conn.Write(answer); err != nil {
			return
		}
	}
}
