package postgres

import (
	"bytes"
	"regexp"

	"sync/atomic"

	"github.com/jackc/pgx/v5/pgproto3"
)

var protocolFaults = []Fault{
	{
		Name: "postgres.pool-deallocate", Group: "protocol",
		Text:  "Prepared statements end with the transaction, as behind a transaction pooler.",
		Front: pool("DEALLOCATE ALL"),
	},
	{
		Name: "postgres.types-undescribed", Group: "protocol",
		Text: "The types of parameters are not told.",
		Front: onServer(kindParams, func(m message) []message {
			var d pgproto3.ParameterDescription
			if d.Decode(m.body) != nil {
				return []message{m}
			}
			clear(d.ParameterOIDs)
			return []message{encode(&d)}
		}),
	},
	{
		Name: "postgres.portals-whole", Group: "protocol",
		Text: "A result comes whole, whatever part was asked for.",
		Front: func() Hooks {
			return Hooks{Client: func(_ *relay, m message) []message {
				var e pgproto3.Execute
				if m.kind != kindExecute || e.Decode(m.body) != nil {
					return []message{m}
				}
				e.MaxRows = 0
				return []message{encode(&e)}
			}}
		},
	},
	{
		Name: "postgres.pipeline-cut-up", Group: "protocol",
		Text:  "Each statement of a pipeline is a transaction of its own.",
		Front: cutUp,
	},
	{
		Name: "postgres.first-statement-only", Group: "protocol",
		Text:  "Of several statements in one query, each is a transaction of its own.",
		Front: rewrite(`^(INSERT INTO [^;]*VALUES \(2\)); `, "$1; COMMIT; "),
	},
	{
		Name: "postgres.status-always-idle", Group: "protocol",
		Text: "The server says that it is ready outside a transaction, wherever it is.",
		Front: onServer(kindReady, func(m message) []message {
			return []message{{kind: m.kind, body: []byte("I")}}
		}),
	},
	{
		Name: "postgres.tags-without-count", Group: "protocol",
		Text: "Changes are counted as one row each.",
		Front: editTag(func(tag string) string {
			return regexp.MustCompile(`^(INSERT 0|UPDATE|DELETE) [1-9]\d*$`).ReplaceAllString(tag, "$1 1")
		}),
	},
	{
		Name: "postgres.error-place-lost", Group: "protocol",
		Text:  "Errors don't tell their place in the query.",
		Front: editError("", func(e *pgproto3.ErrorResponse) { e.Position = 0 }),
	},
	{
		Name: "postgres.severity-lost", Group: "protocol",
		Text:  "Errors tell their severity in the server's language only.",
		Front: editError("", func(e *pgproto3.ErrorResponse) { e.SeverityUnlocalized = "" }),
	},
	{
		Name: "postgres.notices-lost", Group: "protocol",
		Text:  "Notices are kept from the client.",
		Front: lose(kindNotice, 1),
	},
	{
		Name: "postgres.empty-query-complete", Group: "protocol",
		Text: "An empty query is confirmed like any other.",
		Front: onServer(kindEmpty, func(message) []message {
			return []message{encode(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 0")})}
		}),
	},
	{
		Name: "postgres.rows-lost", Group: "protocol",
		Text:  "Every ten thousandth row of a session is lost.",
		Front: lose(kindRow, 10_000),
	},
}

// cutUp ends a pipeline's transaction after each statement.
func cutUp() Hooks {
	var more atomic.Int32 // "ready" messages that the client doesn't wait for
	return Hooks{
		Client: func(_ *relay, m message) []message {
			if m.kind != kindExecute {
				return []message{m}
			}
			more.Add(1)
			return []message{m, encode(&pgproto3.Sync{})}
		},
		Server: func(_ *relay, m message) []message {
			if m.kind == kindReady && more.Load() > 0 {
				more.Add(-1)
				return nil
			}
			return []message{m}
		},
	}
}

var copyFaults = []Fault{
	{
		Name: "postgres.copy-in-cut", Group: "copy",
		Text:  "Of a large batch, some parts on the way in are lost.",
		Front: loseSent(kindData, 5),
	},
	{
		Name: "postgres.copy-out-cut", Group: "copy",
		Text:  "Every thousandth line on the way out is lost.",
		Front: lose(kindData, 1000),
	},
	{
		Name: "postgres.copy-csv-missing", Group: "copy",
		Text:  "COPY knows its text format only.",
		Front: refuse(`FORMAT csv`, "0A000", "COPY in CSV format is not supported"),
	},
	{
		Name: "postgres.copy-binary-missing", Group: "copy",
		Text:  "COPY has no binary format.",
		Front: refuse(`FORMAT binary`, "0A000", "COPY in binary format is not supported"),
	},
	{
		Name: "postgres.copy-wrong-lines-skipped", Group: "copy",
		Text: "Lines that can't be read are left out without a word.",
		Front: func() Hooks {
			return Hooks{Client: func(_ *relay, m message) []message {
				if m.kind == kindData {
					m.body = bytes.ReplaceAll(m.body, []byte("trois\n"), nil)
				}
				return []message{m}
			}}
		},
	},
}

var sessionFaults = []Fault{
	{
		Name: "postgres.notifications-lost", Group: "session",
		Text:  "Messages published by other sessions don't arrive.",
		Front: lose(kindNotify, 1),
	},
	{
		Name: "postgres.pool-unlisten", Group: "session",
		Text:  "Subscriptions end with the transaction, as behind a transaction pooler.",
		Front: pool("UNLISTEN *"),
	},
	{
		Name: "postgres.notify-at-once", Group: "session",
		Text:  "A message leaves before the commit, and in spite of a rollback.",
		Front: rewrite(`^(NOTIFY .*)$`, "COMMIT; $1; BEGIN"),
	},
	{
		Name: "postgres.pool-reset", Group: "session",
		Text:  "Settings of the session end with the transaction, as behind a transaction pooler.",
		Front: pool("RESET ALL"),
	},
	{
		Name: "postgres.cursors-forward-only", Group: "session",
		Text:  "Cursors go forward only.",
		Front: rewrite(` SCROLL CURSOR`, " NO SCROLL CURSOR"),
	},
	{
		Name: "postgres.pool-close", Group: "session",
		Text:  "Held cursors end with the transaction, as behind a transaction pooler.",
		Front: pool("CLOSE ALL"),
	},
	{
		Name: "postgres.sequence-cached", Group: "session",
		Text:  "Sequences hand out their numbers to sessions in packs.",
		Front: rewrite(`(CREATE SEQUENCE \S+)`, "$1 CACHE 20"),
	},
}
