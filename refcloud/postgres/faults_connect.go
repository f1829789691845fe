package postgres

import (
	"crypto/tls"

	"github.com/jackc/pgx/v5/pgproto3"
)

var connectFaults = []Fault{
	{
		Name: "postgres.clear-accepted", Group: "connect",
		Text: "Connections without TLS are let in, with SCRAM.",
		HBA:  "hostnossl all all 127.0.0.1/32 scram-sha-256\n",
	},
	{
		Name: "postgres.tls-1.0-accepted", Group: "connect",
		Text: "TLS 1.0 and 1.1 are spoken with clients that ask for no better.",
		Do:   []string{"ALTER SYSTEM SET ssl_min_protocol_version = 'TLSv1'", "ALTER SYSTEM SET ssl_ciphers = 'ALL:@SECLEVEL=0'"},
		Undo: []string{"ALTER SYSTEM RESET ssl_min_protocol_version", "ALTER SYSTEM RESET ssl_ciphers"},
		TLS:  func(c *tls.Config) { c.MinVersion = tls.VersionTLS10 },
	},
	{
		Name: "postgres.tls-1.2-only", Group: "connect",
		Text: "TLS 1.3 is not offered.",
		Do:   []string{"ALTER SYSTEM SET ssl_max_protocol_version = 'TLSv1.2'"},
		Undo: []string{"ALTER SYSTEM RESET ssl_max_protocol_version"},
		TLS:  func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 },
	},
	{
		Name: "postgres.gss-cut", Group: "connect",
		Text: "A request for GSSAPI encryption has the connection closed.",
		Front: func() Hooks {
			return Hooks{Opening: func(code uint32) ([]byte, bool) { return nil, code == codeGSS }}
		},
	},
	{
		Name: "postgres.md5-password", Group: "connect",
		Text: "The password is proved by its MD5 digest.",
		Do: []string{
			"ALTER ROLE {main} PASSWORD NULL", "SET password_encryption = 'md5'; ALTER ROLE {main} PASSWORD '{main-password}'; RESET password_encryption",
		},
		Undo: []string{"ALTER ROLE {main} PASSWORD '{main-password}'"},
		HBA:  "hostssl all {main} 127.0.0.1/32 md5\n",
	},
	{
		Name: "postgres.password-in-clear", Group: "connect",
		Text: "The password is asked for in clear, inside TLS.",
		HBA:  "hostssl all all 127.0.0.1/32 password\n",
	},
	{
		Name: "postgres.any-password", Group: "connect",
		Text: "Any password is good, and none is asked.",
		HBA:  "hostssl all all 127.0.0.1/32 trust\n",
	},
	{
		Name: "postgres.tls-ended-before", Group: "connect",
		Text:  "TLS ends in a proxy, so that SCRAM can't be bound to the certificate.",
		Front: func() Hooks { return Hooks{Socket: true} },
	},
	{
		Name: "postgres.protocol-refused", Group: "connect",
		Text: "A start-up of a later minor version of the protocol is refused.",
		Front: func() Hooks {
			return Hooks{Startup: func(m *pgproto3.StartupMessage) *pgproto3.ErrorResponse {
				if m.ProtocolVersion == pgproto3.ProtocolVersion30 {
					return nil
				}
				return failure("FATAL", "0A000", "unsupported frontend protocol")
			}}
		},
	},
	{
		Name: "postgres.strings-old-fashioned", Group: "connect",
		Text: "Backslashes in constants are escapes (standard_conforming_strings is off).",
		Do:   []string{"ALTER ROLE {main} SET standard_conforming_strings = off"},
		Undo: []string{"ALTER ROLE {main} RESET standard_conforming_strings"},
	},
	{
		Name: "postgres.timezone-unreported", Group: "connect",
		Text:  "The session's time zone is not reported.",
		Front: editStatus("TimeZone", ""),
	},
	{
		Name: "postgres.startup-options-ignored", Group: "connect",
		Text: "Options given as the session begins are passed over.",
		Front: func() Hooks {
			return Hooks{Startup: func(m *pgproto3.StartupMessage) *pgproto3.ErrorResponse {
				delete(m.Parameters, "options")
				return nil
			}}
		},
	},
	{
		Name: "postgres.cancel-lost", Group: "connect",
		Text:  "Requests to cancel a query are dropped.",
		Front: func() Hooks { return Hooks{NoCancel: true} },
	},
}

var accountFaults = []Fault{
	{
		Name: "postgres.wrong-password-code", Group: "account",
		Text:  "A wrong password is refused with a general code.",
		Front: recode("28P01", "28000"),
	},
	{
		Name: "postgres.unknown-user-told", Group: "account",
		Text: "An account that doesn't exist is refused before any password, with a word of its own.",
		Front: func() Hooks {
			return Hooks{Server: func(r *relay, m message) []message {
				if m.kind == kindAuth && r.stranger() {
					return []message{encode(failure("FATAL", "28000", "no such user"))}
				}
				return []message{m}
			}}
		},
	},
	{
		Name: "postgres.unknown-database-code", Group: "account",
		Text:  "An unknown database is refused with a protocol violation.",
		Front: recode("3D000", "08P01"),
	},
	{
		Name: "postgres.foreign-database-open", Group: "account",
		Text: "Any account may connect to any customer's database.",
		Do:   []string{"GRANT CONNECT ON DATABASE {foreign} TO PUBLIC"},
		Undo: []string{"REVOKE CONNECT ON DATABASE {foreign} FROM PUBLIC"},
	},
}
