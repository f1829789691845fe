package measure

import "aloi.dev/internal/lang"

// Finding is what people found out about an offer where no machine can measure:
// the answer to the question of a manual target. It is in force when as many
// people have signed as the target wants; which ones is settled before it gets
// here. Dates are civil, written YYYY-MM-DD.
type Finding struct {
	Offer      string    `json:"offer"`
	Target     string    `json:"target"`
	Question   lang.Text `json:"question"` // as it was put
	Expects    lang.Text `json:"expects"`  // the evidence that was asked for
	Approvers  int       `json:"approvers"`
	Answer     Share     `json:"answer"` // 100 %: all that is asked for
	Note       string    `json:"note,omitempty"`
	Observed   string    `json:"observed_on"`
	ValidUntil string    `json:"valid_until"`        // its last day
	By         []Person  `json:"by"`                 // who signed: the observer, then each approver, nobody twice
	Evidence   []Exhibit `json:"evidence,omitempty"` // what it rests on
}

// Person is who signed, as the identity of the key has it.
type Person struct {
	Key    string `json:"key"` // id
	Holder string `json:"holder"`
	Role   string `json:"role"`
}

// Exhibit is a file by its digest.
type Exhibit struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

// FindingState says whether a finding counts.
type FindingState string

// The states. Only an Approved finding decides anything.
const (
	Approved FindingState = "approved"
	Awaiting FindingState = "awaiting" // too few people have signed
	Expired  FindingState = "expired"  // its validity, or the target's, has ended
	Early    FindingState = "early"    // observed after the date of the decision
	Void     FindingState = "void"     // the target asks something else now, or is gone
)
