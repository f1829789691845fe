package postgres

import (
	"crypto/tls"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var connectChecks = []probe.Check{
	{
		ID: "postgres/connect/tls-required", Rule: "PostgreSQL 15 documentation, 21.1 The pg_hba.conf file, hostssl",
		Title: lang.T("Une connexion sans chiffrement est refusée avant tout mot de passe", "A connection in clear is refused before any password"),
		Run:   with(wantNoClear),
	},
	{
		ID: "postgres/connect/tls-old-refused", Rule: "RFC 8996 section 4; PostgreSQL 15 documentation, 20.3.3 SSL, ssl_min_protocol_version",
		Title: lang.T("TLS 1.0 et 1.1 sont refusés", "TLS 1.0 and 1.1 are refused"),
		Run:   with(wantNoOldTLS),
	},
	{
		ID: "postgres/connect/tls-1.3", Rule: "RFC 8446; PostgreSQL 15 documentation, 20.3.3 SSL, ssl_max_protocol_version",
		Title: lang.T("TLS 1.3 est proposé, avec un certificat vérifié pour le nom du service", "TLS 1.3 is offered, with a certificate verified for the service's name"),
		Run: with(func(w *work) {
			state, err := w.dial().secure(nil)
			w.t.Do("TLS handshake", err)
			w.t.Want(state.Version == tls.VersionTLS13, "TLS handshake", tls.VersionName(state.Version), "TLS 1.3")
		}),
	},
	{
		ID: "postgres/connect/gss-answered", Rule: "PostgreSQL 15 documentation, 55.2.11 GSSAPI session encryption",
		Title: lang.T("Une demande de chiffrement GSSAPI reçoit sa réponse, et TLS peut suivre", "A request for GSSAPI encryption is answered, and TLS may follow"),
		Run:   with(wantGSSAnswered),
	},
	{
		ID: "postgres/connect/scram", Rule: "RFC 7677; PostgreSQL 15 documentation, 21.5 Password authentication",
		Title: lang.T("Le mot de passe est prouvé par SCRAM-SHA-256, jamais transmis", "The password is proved by SCRAM-SHA-256, never sent"),
		Run: with(func(w *work) {
			r := w.secured()
			m := r.start(pgproto3.ProtocolVersion30, w.startup(w.user(mainAccount)))
			sasl, ok := m.(*pgproto3.AuthenticationSASL)
			w.t.Want(ok && slices.Contains(sasl.AuthMechanisms, "SCRAM-SHA-256"), "StartupMessage", describe(m), "a request for SASL with SCRAM-SHA-256")
		}),
	},
	{
		ID: "postgres/connect/channel-binding", Rule: "RFC 5929 section 4; PostgreSQL 15 documentation, 55.3.1 SCRAM-SHA-256 authentication", Features: []string{channelBinding},
		Title: lang.T("La preuve du mot de passe est liée au certificat (SCRAM-SHA-256-PLUS)", "The proof of the password is bound to the certificate (SCRAM-SHA-256-PLUS)"),
		Run: with(func(w *work) {
			w.login(func(c *pgconn.Config) { c.ChannelBinding, c.RequireAuth = "require", "scram-sha-256" })
		}),
	},
	{
		ID: "postgres/connect/protocol-negotiated", Rule: "PostgreSQL 15 documentation, 55.2.1 Start-up, NegotiateProtocolVersion",
		Title: lang.T("Une version mineure plus récente du protocole est négociée, pas refusée", "A later minor version of the protocol is negotiated, not refused"),
		Run:   with(wantNegotiation),
	},
	{
		ID: "postgres/connect/parameters", Rule: "PostgreSQL 15 documentation, 55.2.7 Asynchronous operations, ParameterStatus",
		Title: lang.T("Le serveur annonce ses paramètres au début de la session", "The server reports its parameters as the session begins"),
		Run:   on(wantParameters),
	},
	{
		ID: "postgres/connect/parameter-change", Rule: "PostgreSQL 15 documentation, 55.2.7 Asynchronous operations, ParameterStatus",
		Title: lang.T("Un paramètre changé en cours de session est annoncé", "A parameter changed during the session is reported"),
		Run: on(func(c *conn) {
			const zone = "America/Cayenne"
			c.exec("SET TIME ZONE '" + zone + "'")
			same(c.w, "ParameterStatus after SET TIME ZONE", c.pg.ParameterStatus("TimeZone"), zone)
		}),
	},
	{
		ID: "postgres/connect/startup-parameters", Rule: "PostgreSQL 15 documentation, 55.2.1 Start-up, and 20.1.3 Parameter interaction via SQL",
		Title: lang.T("Les paramètres donnés au début de la session s'appliquent", "Parameters given as the session begins take effect"),
		Run: with(func(w *work) {
			c := w.login(func(c *pgconn.Config) { c.RuntimeParams["options"] = "-c statement_timeout=12s -c lock_timeout=3s" })
			c.want("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')", "12s|3s")
		}),
	},
	{
		ID: "postgres/connect/cancel", Rule: "PostgreSQL 15 documentation, 55.2.8 Canceling requests in progress",
		Title: lang.T("Une requête en cours s'annule", "A query in progress can be cancelled"),
		Run:   on(wantCancelled),
	},
}

// secured is a raw connection in verified TLS.
func (w *work) secured() *raw {
	r := w.dial()
	_, err := r.secure(nil)
	w.t.Do("TLS handshake", err)
	return r
}

func wantNoClear(w *work) {
	m := w.dial().start(pgproto3.ProtocolVersion30, w.startup(w.user(mainAccount)))
	e, ok := m.(*pgproto3.ErrorResponse)
	w.t.Want(ok && e.Severity == "FATAL", "StartupMessage in clear", describe(m), "a fatal error")
}

// wantNoOldTLS accepts any end of the handshake but success: servers close the
// connection or send an alert.
func wantNoOldTLS(w *work) {
	state, err := w.dial().secure(func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })
	w.t.Want(err != nil, "a handshake with at most TLS 1.1", tls.VersionName(state.Version), "a refusal")
}

// wantGSSAnswered stops short of GSSAPI: a server that agrees has answered.
func wantGSSAnswered(w *work) {
	r := w.dial()
	switch answer := r.ask("GSSENCRequest", &pgproto3.GSSEncRequest{}); answer {
	case 'G':
	case 'N':
		_, err := r.secure(nil)
		w.t.Do("TLS handshake after GSSENCRequest", err)
	default:
		w.t.Fail("GSSENCRequest", fmt.Sprintf("%q", answer), "G or N")
	}
}

// wantNegotiation asks for a minor version that doesn't exist, with a protocol
// option that nobody knows: the server says what it speaks, and goes on.
func wantNegotiation(w *work) {
	parameters := w.startup(w.user(mainAccount))
	parameters["_pq_.aloi"] = "1"
	m := w.secured().start(3<<16|9998, parameters)
	n, ok := m.(*pgproto3.NegotiateProtocolVersion)
	w.t.Want(ok, "StartupMessage of protocol 3.9998", describe(m), "NegotiateProtocolVersion")
	w.t.Want(slices.Contains(n.UnrecognizedOptions, "_pq_.aloi"), "StartupMessage of protocol 3.9998",
		fmt.Sprintf("NegotiateProtocolVersion with the options %q", n.UnrecognizedOptions), "the unknown option _pq_.aloi among them")
}

// wantParameters looks at those of which a client depends on the value.
func wantParameters(c *conn) {
	for name, want := range map[string]string{
		"server_encoding": "UTF8", "client_encoding": "UTF8", "standard_conforming_strings": "on", "integer_datetimes": "on",
	} {
		same(c.w, "ParameterStatus "+name, c.pg.ParameterStatus(name), want)
	}
	for _, name := range []string{"server_version", "DateStyle", "IntervalStyle", "TimeZone", "is_superuser", "session_authorization"} {
		c.w.t.Want(c.pg.ParameterStatus(name) != "", "ParameterStatus "+name, "nothing", "a value")
	}
}

// wantCancelled cancels a query that has surely begun: it has sent its row.
func wantCancelled(c *conn) {
	const sql = "SELECT 1 UNION ALL SELECT 2 FROM pg_sleep(5)"
	other := c.w.login()
	ctx := c.w.t.Context()
	pid := c.pg.PID()
	reader := c.pg.Exec(ctx, sql)
	for range 100 { // until the server says that it is at work
		if other.value(fmt.Sprintf("SELECT count(*) FROM pg_stat_activity WHERE pid = %d AND wait_event = 'PgSleep'", pid)) == "1" {
			break
		}
		c.w.pause(10 * time.Millisecond)
	}
	c.w.t.Do("CancelRequest", c.pg.CancelRequest(ctx))
	_, err := reader.ReadAll()
	_, refusal := c.heard("QUERY", sql+" -- cancelled", answer{tag: "its end"}, err)
	c.w.t.Want(refusal != nil, "CancelRequest", "the query's result", "the error 57014")
	wantCode(c.w.t, "CancelRequest", refusal, []string{"57014"})
}
