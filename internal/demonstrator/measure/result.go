// Package measure holds what a probe brings back, in which units, how the figures
// of a load are kept (Histogram) and what they decide (Sequence): the one currency
// between probing, deciding, proving and reporting. It is pure: no network, no
// files, no clock.
package measure

import (
	"time"

	"aloi.dev/internal/lang"
)

// State is what became of one check on one offer.
type State string

// The states. Only Pass can ever count as passed; NotRun and Errored say
// nothing of the offer.
const (
	Pass        State = "pass"        // the offer does what the standard says
	Fail        State = "fail"        // it doesn't, and a control call with the same credential succeeded
	Unsupported State = "unsupported" // the offer declares that it doesn't have the feature
	NotRun      State = "not-run"     // filtered, a prerequisite failed, a cap or an interruption came first
	Errored     State = "error"       // our engine, network or credentials
)

// States lists every state in the order of reports.
var States = []State{Pass, Fail, Unsupported, NotRun, Errored}

// Valid reports whether s is one of States.
func (s State) Valid() bool {
	for _, k := range States {
		if s == k {
			return true
		}
	}
	return false
}

// Cause tells apart the reasons for a state that is not Pass.
type Cause string

// The causes. The comment names the states that each may explain.
const (
	Assertion    Cause = "assertion"    // fail: an answer came and it is wrong
	Timeout      Cause = "timeout"      // fail, error: no complete answer within the deadline
	Broken       Cause = "broken"       // fail, error: connection refused, reset, cut, or not HTTP
	Redirected   Cause = "redirected"   // fail, error: sent to a host that the offer doesn't declare
	Throttled    Cause = "throttled"    // fail, error: still refused for the rate after the waits asked for
	Control      Cause = "control"      // error: the control call failed too
	Feature      Cause = "feature"      // unsupported: not among the offer's declared features
	Service      Cause = "service"      // unsupported: the offer declares no such service
	Prerequisite Cause = "prerequisite" // not-run: a check that this one builds on did not pass
	Filtered     Cause = "filtered"     // not-run: left out by the selection
	Cap          Cause = "cap"          // not-run: a cap of the offer's owner was reached
	Interrupted  Cause = "interrupted"  // not-run: the run was stopped
	Engine       Cause = "engine"       // error: a defect or a full disk of ours
	Foreign      Cause = "foreign"      // fail, error: a foreign suite says so, in its own words
	Skipped      Cause = "skipped"      // not-run, unsupported: a foreign suite skipped or disabled the test
	Absent       Cause = "absent"       // not-run: a foreign suite's result lacks the test
	Partial      Cause = "partial"      // not-run: a foreign suite ran a part of its tests only
	Halted       Cause = "halted"       // error: a foreign suite did not go to its end; see Halt
)

// Reason explains a state in parts, so that it reads as a sentence in either
// language. Did, Got and Want are protocol notation ("GET with Range
// bytes=10-19", "200 with 1024 bytes") and read the same in both.
type Reason struct {
	Cause Cause  `json:"cause"`
	Did   string `json:"did,omitempty"`
	Got   string `json:"got,omitempty"`
	Want  string `json:"want,omitempty"`
	Rule  string `json:"rule,omitempty"` // the standard's section, for an Assertion
}

// Text returns the reason as a sentence.
func (r Reason) Text() lang.Text {
	switch r.Cause {
	case Assertion:
		return lang.T("« %s » : reçu « %s » ; %s demande « %s ».", "%s returned %s; %s wants %s.", r.Did, r.Got, r.Rule, r.Want)
	case Timeout:
		return lang.T("%s : pas de réponse complète dans le délai (%s).", "%s: no complete answer within the deadline (%s).", r.Did, r.Got)
	case Broken:
		return lang.T("%s : échange rompu (%s).", "%s: the exchange broke (%s).", r.Did, r.Got)
	case Redirected:
		return lang.T("%s : renvoi vers %s, que l'offre ne déclare pas.", "%s: sent to %s, which the offer doesn't declare.", r.Did, r.Got)
	case Throttled:
		return lang.T("%s : débit refusé malgré les attentes demandées (%s).", "%s: throttled in spite of the waits asked for (%s).", r.Did, r.Got)
	case Control:
		return lang.T("%s ; l'appel de contrôle avec le même compte échoue aussi : %s. Rien à en conclure sur l'offre.",
			"%s; the control call with the same credential fails too: %s. This says nothing of the offer.", r.Did, r.Got)
	case Feature:
		return lang.T("L'offre ne déclare pas la fonction « %s ».", "The offer doesn't declare the feature %q.", r.Want)
	case Service:
		return lang.T("L'offre n'a pas de service « %s ».", "The offer has no %q service.", r.Want)
	case Prerequisite:
		return lang.T("Le préalable %s n'est pas passé.", "The prerequisite %s did not pass.", r.Want)
	case Filtered:
		return lang.T("Hors de la sélection de cette campagne.", "Outside the selection of this run.")
	case Cap:
		return lang.T("Plafond fixé par l'offre atteint : %s.", "A cap set by the offer's owner was reached: %s.", r.Got)
	case Interrupted:
		return lang.T("Campagne interrompue avant la fin.", "The run was stopped before the end.")
	case Foreign, Skipped, Absent, Partial, Halted:
		return r.foreign()
	}
	return lang.T("Notre outil a échoué : %s.", "Our own tool failed: %s.", r.Got)
}

// Result is what one check brought back from one offer: a line of results.jsonl.
type Result struct {
	Offer     string        `json:"offer"`
	Check     string        `json:"check"`
	State     State         `json:"state"`
	Reason    *Reason       `json:"reason,omitempty"` // nil if and only if State is Pass
	Started   time.Time     `json:"started"`
	Duration  time.Duration `json:"duration_ns"`
	Exchanges []Exchange    `json:"exchanges,omitempty"`
}

// Exchange is one request and its answer, already redacted when it was recorded;
// of a protocol that isn't HTTP, a connection ("CONNECT tcp" host:port) or a step
// in the protocol's words ("QUERY" select 1).
// Heads and bodies are kept only where a check did not pass.
type Exchange struct {
	Method   string        `json:"method"`
	URL      string        `json:"url"`
	Status   int           `json:"status,omitempty"` // 0: no answer, or not HTTP
	Duration time.Duration `json:"duration_ns"`
	Error    string        `json:"error,omitempty"`
	Request  *Message      `json:"request,omitempty"`
	Response *Message      `json:"response,omitempty"`
}

// Message is the head and the beginning of the body of one side of an exchange.
type Message struct {
	Header []string `json:"header"` // "Name: value", sorted by name
	Body   string   `json:"body,omitempty"`
	Bytes  int64    `json:"bytes"` // length of the whole body
}
