// Package catalogue holds what administrations need and what an offer must show:
// needs, the targets that measure them, and the offers that candidates describe.
// Every file is data that a non-programmer edits, loaded strictly from an fs.FS.
package catalogue

import (
	"cmp"
	"time"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
)

// NeedID names a need for ever: lower-case words and hyphens.
type NeedID string

// TargetID names a target for ever, as NeedID does a need.
type TargetID string

// OfferID names an offer for ever, as NeedID does a need.
type OfferID string

// Catalogue is a set of needs and the targets that measure them, both in the
// order of their ids.
type Catalogue struct {
	Needs   []Need   `json:"needs"`
	Targets []Target `json:"targets"`
	// Foreign pins the mappings of the suites that aren't ours and whose checks
	// targets may use: a check means what its mapping says.
	Foreign []ForeignRef `json:"foreign,omitempty"`
}

// ForeignRef names the mapping of a foreign suite by its digest.
type ForeignRef struct {
	Suite   string `json:"suite"`
	Mapping string `json:"mapping"`
}

// Need is what an administration expects of a cloud, in its own words.
type Need struct {
	ID          NeedID    `yaml:"id" json:"id"`
	Title       lang.Text `yaml:"title" json:"title"`
	Statement   lang.Text `yaml:"statement" json:"statement"`
	ExpressedBy lang.Text `yaml:"expressed-by" json:"expressed-by"`
	Priority    Priority  `yaml:"priority" json:"priority"`
	Date        Date      `yaml:"date" json:"date"` // when it was expressed
	Source      Source    `yaml:"source" json:"source"`
}

// Priority orders needs: essential, important, useful.
type Priority string

// Date is a civil date written YYYY-MM-DD; dates compare as strings.
type Date string

// Source says where a need or a target comes from. A Public one can be read
// by anyone; a Proposal is this catalogue's own and never passes for official.
type Source struct {
	Kind  SourceKind `yaml:"kind" json:"kind"`
	Title lang.Text  `yaml:"title" json:"title"`
	URL   string     `yaml:"url,omitempty" json:"url,omitempty"`
}

// SourceKind is "public" or "proposal".
type SourceKind string

// The kinds of source.
const (
	Public   SourceKind = "public"
	Proposal SourceKind = "proposal"
)

// Role says how a target counts: a Gate must be met, a Scored one weighs.
type Role string

// The roles.
const (
	Gate   Role = "gate"
	Scored Role = "score"
)

// Target is one measurable expectation. Exactly one of Functional, Quantitative
// and Manual is set.
type Target struct {
	ID       TargetID          `yaml:"id" json:"id"`
	Need     NeedID            `yaml:"need" json:"need"`
	Role     Role              `yaml:"role" json:"role"`
	Weight   int               `yaml:"weight,omitempty" json:"weight,omitempty"` // 1 to 100, score only
	Title    lang.Text         `yaml:"title" json:"title"`
	Why      lang.Text         `yaml:"why" json:"why"`
	Source   Source            `yaml:"source" json:"source"`
	States   []Phase           `yaml:"states" json:"states"`
	Validity *measure.Duration `yaml:"validity,omitempty" json:"validity,omitempty"` // how long a measurement counts

	Functional   *Functional   `yaml:"functional,omitempty" json:"functional,omitempty"`
	Quantitative *Quantitative `yaml:"quantitative,omitempty" json:"quantitative,omitempty"`
	Manual       *Manual       `yaml:"manual,omitempty" json:"manual,omitempty"`
}

// Phase is the state of a target from a date on: draft, effective or deprecated.
type Phase struct {
	From  Date        `yaml:"from" json:"from"`
	State TargetState `yaml:"state" json:"state"`
}

// TargetState is the state of a target at a date; only an Effective one counts.
type TargetState string

// The states of a target.
const (
	Draft      TargetState = "draft"
	Effective  TargetState = "effective"
	Deprecated TargetState = "deprecated"
)

// Functional is a share of named checks. A gate is met from Share on; a scored
// target is worth 0 at Floor and 1 at Want, and linear in between.
type Functional struct {
	Checks      []string       `yaml:"checks" json:"checks"`
	Share       *measure.Share `yaml:"share,omitempty" json:"share,omitempty"` // gate; 100 % when absent
	Floor       *measure.Share `yaml:"floor,omitempty" json:"floor,omitempty"` // score
	Want        *measure.Share `yaml:"want,omitempty" json:"want,omitempty"`   // score; 100 % when absent
	MinCoverage measure.Share  `yaml:"min-coverage" json:"min-coverage"`       // share of the checks that must have run
}

// Quantitative is a bound on a quantile of a metric under a stated load, decided
// block by block with a stated confidence.
type Quantitative struct {
	Service     string            `yaml:"service" json:"service"`
	Operation   string            `yaml:"operation" json:"operation"`
	Metric      string            `yaml:"metric" json:"metric"` // latency, or what the operation measures beside it
	Quantile    measure.Quantile  `yaml:"quantile" json:"quantile"`
	Load        Arrival           `yaml:"load" json:"load"`
	Bound       *measure.Duration `yaml:"bound,omitempty" json:"bound,omitempty"` // gate
	Floor       *measure.Duration `yaml:"floor,omitempty" json:"floor,omitempty"` // score: worth 0 from here up
	Want        *measure.Duration `yaml:"want,omitempty" json:"want,omitempty"`   // score: worth 1 from here down
	Block       measure.Duration  `yaml:"block" json:"block"`
	MinDuration measure.Duration  `yaml:"min-duration" json:"min-duration"`
	Budget      Budget            `yaml:"budget" json:"budget"`
	Confidence  measure.Share     `yaml:"confidence" json:"confidence"`
}

// Arrival is how requests come: constant or poisson, at a rate, over a number of
// connections.
type Arrival struct {
	Shape       string       `yaml:"shape" json:"shape"`
	Rate        measure.Rate `yaml:"rate" json:"rate"`
	Connections int          `yaml:"connections,omitempty" json:"connections,omitempty"` // 16 when absent
}

// connections of a load whose target doesn't say.
const connections = 16

// LoadPlan is the load under which the target is decided. Targets with the same
// plan share one measurement.
func (q *Quantitative) LoadPlan() measure.LoadPlan {
	return measure.LoadPlan{
		Service: q.Service, Operation: q.Operation, Shape: q.Load.Shape, Rate: q.Load.Rate,
		Block: time.Duration(q.Block), Connections: cmp.Or(q.Load.Connections, connections),
	}
}

// Goals are what is to be decided: the bound of a gate; what a scored target wants,
// then its floor.
func (q *Quantitative) Goals() []measure.Goal {
	var goals []measure.Goal
	for _, bound := range []*measure.Duration{q.Bound, q.Want, q.Floor} {
		if bound != nil {
			goals = append(goals, measure.Goal{
				Metric: q.Metric, Bound: time.Duration(*bound), Quantile: q.Quantile, Confidence: q.Confidence,
				MinBlocks: int((q.MinDuration + q.Block - 1) / q.Block),
			})
		}
	}
	return goals
}

// Budget bounds what a decision may cost.
type Budget struct {
	Duration measure.Duration `yaml:"duration" json:"duration"`
	Requests int              `yaml:"requests,omitempty" json:"requests,omitempty"`
	Bytes    *measure.Size    `yaml:"bytes,omitempty" json:"bytes,omitempty"`
}

// Manual is a question that people answer with evidence.
type Manual struct {
	Question  lang.Text `yaml:"question" json:"question"`
	Evidence  lang.Text `yaml:"evidence" json:"evidence"`
	Approvers int       `yaml:"approvers" json:"approvers"` // different people, at least 2
}
