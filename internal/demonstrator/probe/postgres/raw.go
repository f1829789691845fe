package postgres

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgproto3"

	"aloi.dev/internal/demonstrator/probe"
)

// raw is a connection on which a check writes the protocol's messages itself, up to
// the point where a password would be asked for: it never sends one.
type raw struct {
	w     *work
	conn  net.Conn
	front *pgproto3.Frontend
}

// dial opens a raw connection, in clear.
func (w *work) dial() *raw {
	conn, err := w.t.Dial("tcp", w.t.Session().Address())
	w.t.Do("CONNECT", err)
	r := &raw{w: w}
	r.over(conn)
	return r
}

func (r *raw) over(conn net.Conn) {
	r.conn, r.front = conn, pgproto3.NewFrontend(conn, conn)
	r.front.SetMaxBodyLen(longestMessage)
}

// ask sends a message of the time before the start-up, which one byte answers.
func (r *raw) ask(name string, request pgproto3.FrontendMessage) byte {
	out, err := request.Encode(nil)
	if err != nil {
		r.w.t.Bug(err)
	}
	_, err = r.conn.Write(out)
	r.w.t.Do(name, err)
	var answer [1]byte
	_, err = io.ReadFull(r.conn, answer[:])
	if err != nil {
		r.w.t.Note(name, "", probe.Plain(err))
	}
	r.w.t.Do(name, err)
	r.w.t.Note(name, "", fmt.Sprintf("%q", answer[0]))
	return answer[0]
}

// secure asks for TLS and returns the error of the handshake.
func (r *raw) secure(edit func(*tls.Config)) (tls.ConnectionState, error) {
	answer := r.ask("SSLRequest", &pgproto3.SSLRequest{})
	r.w.t.Want(answer == 'S', "SSLRequest", fmt.Sprintf("%q", answer), "S: go on in TLS")
	config := serverTLS(r.w.t.Session())
	if edit != nil {
		edit(config)
	}
	secure := tls.Client(r.conn, config)
	err := secure.HandshakeContext(r.w.t.Context())
	got := tls.VersionName(secure.ConnectionState().Version)
	if err != nil {
		got = probe.Plain(err)
	}
	r.w.t.Note("TLS", config.ServerName, got)
	r.over(secure)
	return secure.ConnectionState(), err
}

// start sends the start-up and returns the first message that answers it.
func (r *raw) start(version uint32, parameters map[string]string) pgproto3.BackendMessage {
	r.front.Send(&pgproto3.StartupMessage{ProtocolVersion: version, Parameters: parameters})
	r.w.t.Do("StartupMessage", r.front.Flush())
	return r.next("StartupMessage")
}

// next returns the next message of the server.
func (r *raw) next(did string) pgproto3.BackendMessage {
	m, err := r.front.Receive()
	if err != nil {
		r.w.t.Note(did, "", probe.Plain(err))
	}
	r.w.t.Do(did, err)
	r.w.t.Note(did, "", describe(m))
	return m
}

// describe says what a message is, in a sentence.
func describe(m pgproto3.BackendMessage) string {
	switch m := m.(type) {
	case *pgproto3.ErrorResponse:
		return "the error " + m.Code + " " + clip(m.Message, 200)
	case *pgproto3.AuthenticationSASL:
		return fmt.Sprintf("a request for SASL with %v", m.AuthMechanisms)
	case *pgproto3.AuthenticationOk:
		return "a session, no password asked"
	case *pgproto3.AuthenticationMD5Password:
		return "a request for the password's MD5 digest"
	case *pgproto3.AuthenticationCleartextPassword:
		return "a request for the password in clear"
	}
	return fmt.Sprintf("a message %T", m)
}

// startup returns the parameters with which an account logs in.
func (w *work) startup(user string) map[string]string {
	return map[string]string{"user": user, "database": w.t.Session().Setting("database", "postgres"), "client_encoding": "UTF8"}
}
