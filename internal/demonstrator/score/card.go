// Package score decides: measurements and targets in, verdicts, a scorecard and
// a ranking out. It is pure and exact: every value is an integer or a rational,
// so that the same results give the same verdicts on any machine, years later.
package score

import (
	"math/big"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
)

// Rules is the version of the rules by which this package decides. It grows when
// the same measurements could get another verdict, score or rank, so that what
// was sealed under older rules is not taken for tampered with.
const Rules = 2

// Verdict is what was decided about a target, or about a whole offer.
type Verdict string

// The verdicts of a target; the first three also sum up an offer's gates.
const (
	Met            Verdict = "met"
	NotMet         Verdict = "not-met"
	NotEstablished Verdict = "not-established"
	NotEvaluated   Verdict = "not-evaluated" // the offer doesn't position itself on the need
)

// Tally counts the checks that a target requires. Nothing that did not run is
// ever counted as passed: Required is always the denominator.
type Tally struct {
	Required    int `json:"required"`
	Run         int `json:"run"` // an answer was obtained: passed, failed, unsupported, or blocked by a failed prerequisite
	Passed      int `json:"passed"`
	Failed      int `json:"failed"`
	Unsupported int `json:"unsupported"`
	Blocked     int `json:"blocked"` // not run because its prerequisite did not pass
	NotRun      int `json:"not_run"` // for any other reason
	Errors      int `json:"errors"`
}

// TargetVerdict is the decision on one target for one offer.
type TargetVerdict struct {
	Target  catalogue.TargetID `json:"target"`
	Need    catalogue.NeedID   `json:"need"`
	Role    catalogue.Role     `json:"role"`
	Weight  int                `json:"weight,omitempty"`
	Verdict Verdict            `json:"verdict"`
	Tally   Tally              `json:"tally"`
	Value   *big.Rat           `json:"value,omitempty"`  // scored targets, 0 to 1; nil when not established
	Reason  lang.Text          `json:"reason"`           // why this verdict, in a sentence
	Checks  []string           `json:"checks,omitempty"` // what it requires

	Load *LoadVerdict `json:"load,omitempty"` // on a quantitative target, if it was measured

	Finding *measure.Finding     `json:"finding,omitempty"`       // on a manual target, if there is one
	State   measure.FindingState `json:"finding_state,omitempty"` // of that finding
}

// Score is a weighted mean with its denominator: Value is over the established
// weight only, and Weight of Total says how much that is.
type Score struct {
	Value  *big.Rat `json:"value,omitempty"` // 0 to 1; nil when Weight is 0
	Weight int      `json:"weight"`          // of the scored targets that were established
	Total  int      `json:"total"`           // of all scored targets of the needs in question
}

// NeedScore sums up the targets of one need.
type NeedScore struct {
	Need  catalogue.NeedID `json:"need"`
	Gates Verdict          `json:"gates"` // NotEvaluated when the offer doesn't claim the need; Met when it has no gate
	Score Score            `json:"score"`
}

// Card is the scorecard of one offer.
type Card struct {
	Offer   catalogue.OfferID `json:"offer"`
	Gates   Verdict           `json:"gates"` // worst of the gates: NotMet, then NotEstablished, then Met; NotEvaluated when no need is claimed
	Score   Score             `json:"score"`
	Tally   Tally             `json:"tally"` // over the distinct checks that its evaluated targets require
	Targets []TargetVerdict   `json:"targets"`
	Needs   []NeedScore       `json:"needs"`
}

// Ranking orders offers where they can be compared: one list for each need, and
// one over the needs that all of them claim (Common).
type Ranking struct {
	Common []catalogue.NeedID `json:"common"`
	Over   []Place            `json:"over"` // empty when there is no common need
	Needs  []NeedRanking      `json:"needs"`
}

// NeedRanking is the order of the offers that claim one need.
type NeedRanking struct {
	Need   catalogue.NeedID `json:"need"`
	Places []Place          `json:"places"`
}

// Place is one offer's rank. Offers that tie bear the same rank. An offer whose
// gates are not all met, or whose score has another denominator, has rank 0; so
// has every offer where nothing is scored.
type Place struct {
	Offer catalogue.OfferID `json:"offer"`
	Rank  int               `json:"rank"`
	Gates Verdict           `json:"gates"`
	Score Score             `json:"score"`
}
