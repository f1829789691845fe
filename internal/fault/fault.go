// Package fault names the kinds of error that the product knows, so that each
// edge maps a kind to an exit code or a status in one place, and a person reads
// a message in their language rather than an internal error text.
//
// It imports nothing of ours. An error that is not an [Error] is Internal: a
// person is shown that something of ours failed; the detail goes to the log.
package fault

import "errors"

// Kind says who must act on an error.
type Kind int

// The kinds. Internal is the zero value on purpose: what nobody classified is ours.
const (
	Internal    Kind = iota // a defect or an exhausted resource of ours
	Invalid                 // the input is wrong: the person can mend it
	NotFound                // what was named does not exist
	Conflict                // the thing changed meanwhile, or exists already
	Forbidden               // the person may not do this
	Closed                  // the instant until which this was possible has passed
	Unavailable             // something outside did not answer
)

var kindNames = [...]string{"internal", "invalid", "not-found", "conflict", "forbidden", "closed", "unavailable"}

// String returns the stable name of the kind, as it appears in JSON.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return kindNames[Internal]
	}
	return kindNames[k]
}

// Message is a text in every language of the interface: lang.Text is one.
type Message interface {
	// In returns the text in the language with that code ("fr", "en").
	In(code string) string
}

// Error is an error that a person may read.
type Error struct {
	Kind    Kind
	Message Message
	Err     error // the cause, for the log; may be nil
}

// New returns an error of a kind with the text that a person reads.
func New(kind Kind, message Message) error { return &Error{Kind: kind, Message: message} }

// Wrap is New with the cause kept for the log and for errors.Is.
func Wrap(kind Kind, message Message, cause error) error {
	return &Error{Kind: kind, Message: message, Err: cause}
}

// Error returns the English text and the cause.
func (e *Error) Error() string {
	text := e.Message.In("en")
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the outermost Error in the chain; Internal when there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Say returns what a person reads in the language with that code. The cause is
// added when there is one, because on a command line the person is the operator.
func Say(err error, code string) string {
	var e *Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	if e.Err != nil {
		return e.Message.In(code) + ": " + e.Err.Error()
	}
	return e.Message.In(code)
}
