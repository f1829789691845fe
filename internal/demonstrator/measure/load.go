package measure

import (
	"math"
	"strconv"
	"time"
)

// Latency is the metric of every load: the end of the answer less the intended start.
const Latency = "latency"

// MostBlocks is the most blocks of a load on one offer.
const MostBlocks = 100_000

// LoadPlan is the load that targets ask for: those with the same plan share one
// measurement.
type LoadPlan struct {
	Service     string        `json:"service"`
	Operation   string        `json:"operation"`
	Shape       string        `json:"shape"` // constant or poisson
	Rate        Rate          `json:"rate"`
	Block       time.Duration `json:"block_ns"`
	Connections int           `json:"connections"`
}

// ID names the load: "s3/get-4k, poisson 200/s, 16 x 100 ms" for 16 connections
// and blocks of 100 ms.
func (p LoadPlan) ID() string {
	return p.Service + "/" + p.Operation + ", " + p.Shape + " " + p.Rate.String() + ", " +
		strconv.Itoa(p.Connections) + " x " + Duration(p.Block).String()
}

// PerBlock is the number of requests of a block: the nearest whole number, one at least.
func (p LoadPlan) PerBlock() int64 {
	return max(1, int64(math.Round(float64(p.Rate)*float64(p.Block)/1e9)))
}

// Goal is a bound on a quantile of a metric, to be decided.
type Goal struct {
	Metric     string        `json:"metric"`
	Bound      time.Duration `json:"bound_ns"`
	Quantile   Quantile      `json:"quantile"`
	Confidence Share         `json:"confidence"`
	MinBlocks  int           `json:"min_blocks,omitempty"`
}

// LoadRun is what one load brought back: a line of loads.jsonl. All of it is whole
// numbers and exact histograms: every decision, and every reason for a void
// measurement, can be had again from it.
type LoadRun struct {
	Plan    LoadPlan      `json:"plan"`
	Seed    uint64        `json:"seed,string"` // of arrivals and turns
	Began   time.Time     `json:"began"`       // the instant from which LoadBlock.Start counts
	Step    time.Duration `json:"step_ns"`     // the largest jump of the wall clock during the run
	Stopped bool          `json:"stopped,omitempty"`
	Goals   []Goal        `json:"goals"`
	Offers  []LoadRecord  `json:"offers"`         // in the order of the plan
	Null    *LoadRecord   `json:"null,omitempty"` // its Slow counts what is above a tenth of each bound
}

// Offer returns the record of an offer; nil when it took no part.
func (r *LoadRun) Offer(id string) *LoadRecord {
	for i := range r.Offers {
		if r.Offers[i].Name == id {
			return &r.Offers[i]
		}
	}
	return nil
}

// LoadEnd says why an offer's turns ended.
type LoadEnd string

// The ends.
const (
	LoadDecided LoadEnd = "decided" // every goal
	LoadSpent   LoadEnd = "spent"   // the plan's duration or requests
	LoadOver    LoadEnd = "over"    // the last step
	LoadCapped  LoadEnd = "capped"  // see LoadRecord.Cap
	LoadStopped LoadEnd = "stopped" // from outside
)

// LoadRecord is what the requests to one offer brought back.
type LoadRecord struct {
	Name string `json:"name"`
	// State is Pass when the offer was put under load, whatever came of it. Else
	// Reason says why it wasn't, and nothing else is known.
	State  State   `json:"state"`
	Reason *Reason `json:"reason,omitempty"`

	Closed bool        `json:"closed,omitempty"` // the load had no schedule: the latency is the service time
	Ended  LoadEnd     `json:"ended,omitempty"`
	Cap    string      `json:"cap,omitempty"` // when LoadCapped
	Blocks []LoadBlock `json:"blocks,omitempty"`

	// Segments are the histograms of each metric, Latency among them, over equal
	// numbers of blocks one after the other: MostSegments at most. Segment i is of the
	// same rounds for the offers that have as many blocks in each. Requests that failed or were dropped are in the
	// overflow: slower than any bound.
	Segments  map[string][]Packed `json:"segments,omitempty"`
	PerBlocks int                 `json:"blocks_per_segment,omitempty"`
	// Service is from the actual start: it hides what people wait for, and is NOT
	// the latency.
	Service Packed `json:"service,omitzero"`
	// Lateness is the generator's own: from the later of the intended start and the
	// instant at which a connection was free, to the actual start.
	Lateness Packed `json:"lateness,omitzero"`
	// Phases are those of answered requests: queue (that of failed ones too), connect
	// and tls (of all that needed them), first-byte, body.
	Phases map[string]Packed `json:"phases,omitempty"`
}

// MostSegments is the most segments of a record: when there would be more, they are
// merged two by two.
const MostSegments = 64

// MostMetrics is the most that is measured of a request, the latency among it.
const MostMetrics = 5

// Histogram merges the segments of a metric; empty when there is none.
func (r *LoadRecord) Histogram(metric string) *Histogram {
	whole := new(Histogram)
	for _, p := range r.Segments[metric] {
		_ = whole.Merge(p.Unpack()) // never full: a run is far shorter than MaxCount requests take
	}
	return whole
}

// Latency is Histogram(Latency).
func (r *LoadRecord) Latency() *Histogram { return r.Histogram(Latency) }

// LoadBlock is what became of one block of an offer's requests. A request is of the
// block in which the schedule puts it, whenever it ends.
type LoadBlock struct {
	Number int           `json:"number"` // the round, from 0
	Start  time.Duration `json:"start_ns"`
	Length time.Duration `json:"length_ns"`

	// Requests were intended: answered, failed or dropped, each once.
	Requests int64            `json:"requests"`
	Late     int64            `json:"late,omitempty"`     // of them, found no free connection at their intended start
	Dropped  int64            `json:"dropped,omitempty"`  // never started: the service was saturated
	Failed   int64            `json:"failed,omitempty"`   // started, and no right answer came
	Failures map[string]int64 `json:"failures,omitempty"` // Failed, by kind
	Bytes    int64            `json:"bytes"`              // moved, both ways
	Held     int64            `json:"held,omitempty"`     // started late because of the cap on the rate

	// Slow counts, for each goal, the requests slower than its bound; dropped and
	// failed ones are. Good are within the bounds of all goals: goodput.
	Slow []int64 `json:"slow"`
	Good int64   `json:"good"`

	// Of the first goal's metric, or of the latency without goals, to the microsecond
	// above; -1 where the quantile falls among those that failed or were dropped.
	P50  int64 `json:"p50_us"`
	P99  int64 `json:"p99_us"`
	P999 int64 `json:"p99_9_us"`
	Max  int64 `json:"max_us"`

	Saturated bool `json:"saturated,omitempty"` // patience ran out
	// Partial blocks were cut short by the end of the run or a cap: requests that
	// weren't made aren't counted, and the block decides nothing.
	Partial bool `json:"partial,omitempty"`
}

// For is what the block says to the decision on a goal.
func (b LoadBlock) For(goal int) Block {
	return Block{Requests: b.Requests, Slow: b.Slow[goal]}
}

// Decisive are the blocks that decide a goal, in the order of time: those that
// aren't partial.
func (r *LoadRecord) Decisive(goal int) []Block {
	var blocks []Block
	for i := range r.Blocks {
		if !r.Blocks[i].Partial {
			blocks = append(blocks, r.Blocks[i].For(goal))
		}
	}
	return blocks
}

// Total is the sum of the blocks that aren't partial; its Number is how many.
func (r *LoadRecord) Total() LoadBlock {
	total := LoadBlock{Failures: map[string]int64{}}
	for i := range r.Blocks {
		b := &r.Blocks[i]
		if b.Partial {
			continue
		}
		total.Number++
		total.Length += b.Length
		total.Requests += b.Requests
		total.Late += b.Late
		total.Dropped += b.Dropped
		total.Failed += b.Failed
		total.Bytes += b.Bytes
		total.Held += b.Held
		total.Good += b.Good
		for kind, n := range b.Failures {
			total.Failures[kind] += n
		}
		total.Slow = append(total.Slow, make([]int64, len(b.Slow)-len(total.Slow))...)
		for i, n := range b.Slow {
			total.Slow[i] += n
		}
	}
	return total
}

// Decide is the decision on a goal for an offer, both counted from 0, from the
// blocks. See NewSequence and Sequence.Add for what it refuses.
func (r *LoadRun) Decide(offer, goal int) (Decision, error) {
	g := r.Goals[goal]
	return Decide(g.Quantile, g.Confidence, g.MinBlocks, r.Offers[offer].Decisive(goal))
}
