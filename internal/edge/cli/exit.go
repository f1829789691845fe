package cli

import (
	"fmt"
	"slices"

	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

// The exit codes of the commands that decide.
const (
	exitMet            = 0 // every gate met, or the command did its work
	exitNotMet         = 1 // a gate not met
	exitUsage          = 2 // the person's to mend: usage or input
	exitNotEstablished = 3 // a gate not established
	exitOurs           = 4 // our own failure
)

// verdictError is not a failure of the command: it carries a verdict to the
// exit code.
type verdictError struct{ code int }

func (e *verdictError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// usage is an error of the command line.
func usage(t lang.Text) error { return fault.New(fault.Invalid, t) }

// exitCode maps an error to its code: what a person can mend is 2, the rest ours.
func exitCode(err error) int {
	switch fault.KindOf(err) {
	case fault.Internal:
		return exitOurs
	default:
		return exitUsage
	}
}

// gatesCode is the code of one offer's gates.
func gatesCode(v score.Verdict) int {
	switch v {
	case score.Met:
		return exitMet
	case score.NotMet:
		return exitNotMet
	}
	return exitNotEstablished
}

// worst is the code of several offers: our failure first, then bad input, then a
// gate not met, then one not established.
func worst(codes []int) int {
	for _, code := range []int{exitOurs, exitUsage, exitNotMet, exitNotEstablished} {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return exitMet
}
