package postgres

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"sync"

	"aloi.dev/refcloud/service"

	"github.com/jackc/pgx/v5/pgproto3"
)

// Hooks are what faults do to one connection that the front takes part in. All may
// be nil or false.
type Hooks struct {
	TLS      func(*tls.Config)                                      // edits how the front ends the client's TLS
	Opening  func(code uint32) (answer []byte, ok bool)             // answers a request that comes before the start-up
	Startup  func(*pgproto3.StartupMessage) *pgproto3.ErrorResponse // edits the start-up, or refuses it
	Query    func(sql string) string                                // edits the text of a statement
	Client   func(r *relay, m message) []message                    // replaces a message of the client by others
	Server   func(r *relay, m message) []message                    // and one of the server
	End      func(r *relay)                                         // when the client has gone, before the server hears of it
	Socket   bool                                                   // reach the server over its socket, without TLS
	Latin    bool                                                   // lead to the database in LATIN1, whichever is asked for
	NoCancel bool                                                   // drop requests to cancel
}

// The codes with which a client's first message may begin.
const (
	codeCancel = 80877102
	codeTLS    = 80877103
	codeGSS    = 80877104
)

// front is what clients connect to.
type front struct {
	env     service.Env
	cluster *cluster
	names   names

	mu     sync.Mutex
	active []Fault
	open   map[net.Conn]struct{}
	closed bool
}

func newFront(env service.Env, c *cluster, n names) *front {
	return &front{env: env, cluster: c, names: n, open: map[net.Conn]struct{}{}}
}

func (f *front) plant(active []Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.active = active
}

func (f *front) serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go f.handle(conn)
	}
}

// keep remembers a connection, to cut it when the front closes.
func (f *front) keep(conn net.Conn) (forget func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		conn.Close()
	}
	f.open[conn] = struct{}{}
	return func() {
		conn.Close()
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.open, conn)
	}
}

func (f *front) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for conn := range f.open {
		conn.Close()
	}
}

func (f *front) handle(client net.Conn) {
	defer f.keep(client)()
	f.mu.Lock()
	var hooks []Hooks
	for _, fault := range f.active {
		if fault.Front != nil {
			hooks = append(hooks, fault.Front())
		}
	}
	f.mu.Unlock()
	if len(hooks) == 0 {
		f.splice(client)
		return
	}
	if err := f.disturb(client, hooks); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
		f.env.Log.Debug("connection", "error", err)
	}
}

// splice lets the client speak with the real server, byte for byte.
func (f *front) splice(client net.Conn) {
	server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", f.cluster.port))
	if err != nil {
		return
	}
	defer f.keep(server)()
	go func() {
		io.Copy(server, client)
		server.(*net.TCPConn).CloseWrite()
	}()
	io.Copy(client, server)
}

// disturb speaks with the client itself and hands its messages, edited, to the
// real server.
func (f *front) disturb(client net.Conn, hooks []Hooks) error {
	in := bufio.NewReader(client)
	for {
		first, err := readFirst(in)
		if err != nil {
			return err
		}
		code := binary.BigEndian.Uint32(first)
		if answer, ok := opening(hooks, code); ok {
			if _, err := client.Write(answer); err != nil || len(answer) == 0 {
				return err
			}
			continue
		}
		switch code {
		case codeGSS:
			if _, err := client.Write([]byte("N")); err != nil {
				return err
			}
		case codeTLS:
			if _, err := client.Write([]byte("S")); err != nil {
				return err
			}
			secure := tls.Server(client, f.tls(hooks))
			if err := secure.Handshake(); err != nil {
				return err
			}
			client, in = secure, bufio.NewReader(secure)
		case codeCancel:
			return f.cancel(first, hooks)
		default:
			return f.begin(client, in, first, hooks)
		}
	}
}

func opening(hooks []Hooks, code uint32) ([]byte, bool) {
	for _, h := range hooks {
		if h.Opening != nil {
			if answer, ok := h.Opening(code); ok {
				return answer, true
			}
		}
	}
	return nil, false
}

// readFirst reads a message of the time before the start-up: a length and a body.
func readFirst(in io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n < 8 || n > 10_000 {
		return nil, fmt.Errorf("a first message of %d bytes", n)
	}
	body := make([]byte, n-4)
	_, err := io.ReadFull(in, body)
	return body, err
}

func (f *front) tls(hooks []Hooks) *tls.Config {
	config := &tls.Config{Certificates: []tls.Certificate{f.env.Leaf.Pair}, MinVersion: tls.VersionTLS12}
	for _, h := range hooks {
		if h.TLS != nil {
			h.TLS(config)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fault := range f.active {
		if fault.TLS != nil {
			fault.TLS(config)
		}
	}
	return config
}

// dial reaches the real server: over TLS with the same certificate as the front's,
// so that SCRAM's channel binding holds end to end, or over its socket.
func (f *front) dial(hooks []Hooks) (net.Conn, error) {
	for _, h := range hooks {
		if h.Socket {
			return net.Dial("unix", filepath.Join(f.cluster.path("s"), fmt.Sprintf(".s.PGSQL.%d", f.cluster.port)))
		}
	}
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", f.cluster.port))
	if err != nil {
		return nil, err
	}
	ask, err := (&pgproto3.SSLRequest{}).Encode(nil)
	if err == nil {
		_, err = conn.Write(ask)
	}
	var answer [1]byte
	if err == nil {
		_, err = io.ReadFull(conn, answer[:])
	}
	secure := tls.Client(conn, &tls.Config{RootCAs: f.env.Leaf.Roots, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12})
	if err == nil {
		err = secure.Handshake()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return secure, nil
}

func (f *front) cancel(first []byte, hooks []Hooks) error {
	for _, h := range hooks {
		if h.NoCancel {
			return nil
		}
	}
	server, err := f.dial(hooks)
	if err != nil {
		return err
	}
	defer server.Close()
	if _, err := server.Write(binary.BigEndian.AppendUint32(nil, uint32(len(first)+4))); err != nil {
		return err
	}
	if _, err := server.Write(first); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, server) // it closes when it has seen to it
	return err
}

// begin starts the session: the start-up goes to the real server, and the two
// talk until one of them leaves.
func (f *front) begin(client net.Conn, in *bufio.Reader, first []byte, hooks []Hooks) error {
	refuse := func(e *pgproto3.ErrorResponse) error {
		out, err := e.Encode(nil)
		if err == nil {
			_, err = client.Write(out)
		}
		return err
	}
	if _, secure := client.(*tls.Conn); !secure {
		return refuse(failure("FATAL", "28000", "pg_hba.conf rejects connection for this host, no encryption"))
	}
	opened, err := decodeStartup(first)
	if err != nil {
		return err
	}
	first, refusal, err := f.editStartup(first, hooks)
	if err != nil {
		return err
	}
	if refusal != nil {
		return refuse(refusal)
	}
	server, err := f.dial(hooks)
	if err != nil {
		return err
	}
	defer f.keep(server)()
	if _, err := server.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(first)+4)), first...)); err != nil {
		return err
	}
	r := &relay{hooks: hooks, client: client, server: server, names: f.names, user: opened.Parameters["user"]}
	return r.run(in, bufio.NewReader(server))
}

// editStartup hands the start-up to the hooks. One that no hook changes goes on as
// it came: the client may speak a later protocol than this program.
func (f *front) editStartup(first []byte, hooks []Hooks) ([]byte, *pgproto3.ErrorResponse, error) {
	for _, h := range hooks {
		if h.Latin {
			h.Startup = func(m *pgproto3.StartupMessage) *pgproto3.ErrorResponse {
				if m.Parameters["database"] == f.names.database {
					m.Parameters["database"] = f.names.latin
				}
				return nil
			}
		}
		if h.Startup == nil {
			continue
		}
		m, err := decodeStartup(first)
		if err != nil {
			return nil, nil, err
		}
		if refusal := h.Startup(m); refusal != nil {
			return nil, refusal, nil
		}
		whole, err := m.Encode(nil)
		if err != nil {
			return nil, nil, err
		}
		first = whole[4:]
	}
	return first, nil, nil
}

// decodeStartup reads a start-up of any minor version of the protocol.
func decodeStartup(first []byte) (*pgproto3.StartupMessage, error) {
	m := &pgproto3.StartupMessage{}
	if err := m.Decode(append([]byte{0, 3, 0, 0}, first[4:]...)); err != nil {
		return nil, err
	}
	m.ProtocolVersion = binary.BigEndian.Uint32(first)
	return m, nil
}

// failure is an error as a server sends it.
func failure(severity, code, text string) *pgproto3.ErrorResponse {
	return &pgproto3.ErrorResponse{Severity: severity, SeverityUnlocalized: severity, Code: code, Message: text}
}
