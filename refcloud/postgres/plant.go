package postgres

import (
	"fmt"
	"regexp"

	"github.com/jackc/pgx/v5/pgproto3"
)

// What follows makes the Front of a fault.

// rewrite replaces a pattern in the text of statements: the real server then does
// something else than it was asked.
func rewrite(pattern, with string) func() Hooks {
	re := regexp.MustCompile(pattern)
	return func() Hooks {
		return Hooks{Query: func(sql string) string { return re.ReplaceAllString(sql, with) }}
	}
}

// refuse has statements that contain a pattern fail with a code, as a server does
// that lacks what they need.
func refuse(pattern, code, text string) func() Hooks {
	re := regexp.MustCompile(pattern)
	return func() Hooks {
		return Hooks{Query: func(sql string) string {
			if !re.MatchString(sql) {
				return sql
			}
			return raise(code, text)
		}}
	}
}

// raise is a statement that fails with a code.
func raise(code, text string) string {
	return fmt.Sprintf("DO $refuse$ BEGIN RAISE EXCEPTION USING ERRCODE = '%s', MESSAGE = '%s'; END $refuse$", code, text)
}

// editError edits the errors with a code; any when it is "".
func editError(code string, edit func(*pgproto3.ErrorResponse)) func() Hooks {
	return onServer(kindError, func(m message) []message {
		var e pgproto3.ErrorResponse
		if e.Decode(m.body) != nil || code != "" && e.Code != code {
			return []message{m}
		}
		edit(&e)
		return []message{encode(&e)}
	})
}

// recode replaces the code of an error.
func recode(from, to string) func() Hooks {
	return editError(from, func(e *pgproto3.ErrorResponse) { e.Code = to })
}

// editStatus replaces the value of a parameter that the server reports; "" has it
// not reported.
func editStatus(name, value string) func() Hooks {
	return onServer(kindStatus, func(m message) []message {
		var s pgproto3.ParameterStatus
		if s.Decode(m.body) != nil || s.Name != name {
			return []message{m}
		}
		if value == "" {
			return nil
		}
		s.Value = value
		return []message{encode(&s)}
	})
}

// editTag edits the tags of commands that were carried out.
func editTag(edit func(string) string) func() Hooks {
	return onServer(kindTag, func(m message) []message {
		var c pgproto3.CommandComplete
		if c.Decode(m.body) != nil {
			return []message{m}
		}
		return []message{encode(&pgproto3.CommandComplete{CommandTag: []byte(edit(string(c.CommandTag)))})}
	})
}

// editValues edits each value of the rows, nil for NULL.
func editValues(edit func(value []byte) []byte) func() Hooks {
	return onServer(kindRow, func(m message) []message {
		var d pgproto3.DataRow
		if d.Decode(m.body) != nil {
			return []message{m}
		}
		for i, v := range d.Values {
			d.Values[i] = edit(v)
		}
		return []message{encode(&d)}
	})
}

// lose drops every nth message of a kind that the server sends.
func lose(kind byte, nth int) func() Hooks {
	return func() Hooks {
		n := 0
		return Hooks{Server: func(_ *relay, m message) []message {
			if m.kind == kind {
				if n++; n%nth == 0 {
					return nil
				}
			}
			return []message{m}
		}}
	}
}

// loseSent drops every nth message of a kind that the client sends.
func loseSent(kind byte, nth int) func() Hooks {
	return func() Hooks {
		n := 0
		return Hooks{Client: func(_ *relay, m message) []message {
			if m.kind == kind {
				if n++; n%nth == 0 {
					return nil
				}
			}
			return []message{m}
		}}
	}
}

// onServer replaces the server's messages of a kind by others.
func onServer(kind byte, edit func(message) []message) func() Hooks {
	return func() Hooks {
		return Hooks{Server: func(_ *relay, m message) []message {
			if m.kind != kind {
				return []message{m}
			}
			return edit(m)
		}}
	}
}

// pool has the session lose a part of its state at the end of each transaction, as
// behind a pooler that gives each transaction whatever server connection is free:
// when the server is ready outside a transaction, it is first made to forget.
func pool(forget string) func() Hooks {
	return func() Hooks {
		var held *message // the server's "ready" that the client waits for
		began := false    // the first "ready" ends the start-up, not a transaction
		return Hooks{Server: func(r *relay, m message) []message {
			switch {
			case held != nil && m.kind == kindReady:
				ready := *held
				held = nil
				return []message{ready}
			case held != nil:
				return nil
			case m.kind == kindReady && len(m.body) == 1 && m.body[0] == 'I' && began:
				if r.toServer([]message{encode(&pgproto3.Query{String: forget})}) == nil {
					held = &m
					return nil
				}
			case m.kind == kindReady:
				began = true
			}
			return []message{m}
		}}
	}
}
