package wire

// peeked is what a connection is found to be before a request.
type peeked int

const (
	silent peeked = iota
	talks         // bytes are waiting
	gone          // closed or reset by the server
)
