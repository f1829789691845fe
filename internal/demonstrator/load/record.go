package load

import (
	"maps"
	"slices"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// Block is what became of one block of a contestant's requests, in whole numbers.
// A request is of the block in which the schedule puts it, whenever it ends.
type Block struct {
	Number int           `json:"number"` // of the contestant's, from 0
	Start  time.Duration `json:"start_ns"`
	Length time.Duration `json:"length_ns"`

	// Requests were intended: answered, failed or dropped, each once.
	Requests int64          `json:"requests"`
	Late     int64          `json:"late"`               // of them, found no free connection at their intended start
	Dropped  int64          `json:"dropped"`            // never started: see Plan.Patience
	Failed   int64          `json:"failed"`             // started, and no right answer came
	Failures map[Kind]int64 `json:"failures,omitempty"` // Failed, by kind
	Bytes    int64          `json:"bytes"`              // moved, both ways
	Held     int64          `json:"held,omitempty"`     // started late because of the cap on the rate

	// Slow counts, for each goal, the requests slower than its bound; dropped and
	// failed ones are.
	Slow []int64 `json:"slow"`

	// Latencies to the microsecond above, of answered requests; -1 where the quantile
	// falls among those that failed or were dropped.
	P50  int64 `json:"p50_us"`
	P99  int64 `json:"p99_us"`
	P999 int64 `json:"p99_9_us"`
	Max  int64 `json:"max_us"`

	Saturated bool `json:"saturated,omitempty"` // Patience ran out
	// Partial blocks were cut short by the end of the run or a cap: requests that
	// weren't made aren't counted, and the block decides nothing.
	Partial bool `json:"partial,omitempty"`
}

// For is what the block says to the decision on a goal.
func (b Block) For(goal int) measure.Block {
	return measure.Block{Requests: b.Requests, Slow: b.Slow[goal]}
}

// End says why a contestant's turns ended.
type End string

// The ends.
const (
	Decided End = "decided" // every goal
	Spent   End = "spent"   // the plan's duration or requests
	Over    End = "over"    // the last step
	Capped  End = "capped"  // see Record.Cap
	Stopped End = "stopped" // from outside
)

// Record is what a contestant's requests brought back.
type Record struct {
	Name      string             `json:"name"`
	Closed    bool               `json:"closed,omitempty"` // the load had no schedule: Latency is Service
	Ended     End                `json:"ended"`
	Cap       Cap                `json:"cap,omitempty"` // when Capped
	Blocks    []Block            `json:"blocks"`
	Decisions []measure.Decision `json:"decisions,omitempty"` // by goal: measure.Decide on Decisive

	// Latency is from the intended start to the end of the answer. Requests that
	// failed or were dropped are in its overflow: slower than any bound.
	Latency *measure.Histogram `json:"-"`
	// Service is from the actual start: it hides what people wait for, and is NOT
	// the latency.
	Service *measure.Histogram `json:"-"`
	// Lateness is the generator's own: from the later of the intended start and the
	// instant at which a connection was free, to the actual start.
	Lateness *measure.Histogram `json:"-"`
	// Phases are those of answered requests; Queue of failed ones too, and Connect
	// and TLS of all that needed them.
	Phases [Phases]*measure.Histogram `json:"-"`
}

func newRecord(name string, closed bool) *Record {
	r := &Record{Name: name, Closed: closed, Latency: new(measure.Histogram), Service: new(measure.Histogram), Lateness: new(measure.Histogram)}
	for i := range r.Phases {
		r.Phases[i] = new(measure.Histogram)
	}
	return r
}

// Decisive are the blocks that decide a goal, in the order of time: those that
// aren't partial.
func (r *Record) Decisive(goal int) []measure.Block {
	var blocks []measure.Block
	for _, b := range r.Blocks {
		if !b.Partial {
			blocks = append(blocks, b.For(goal))
		}
	}
	return blocks
}

// Total is the sum of the blocks that aren't partial.
func (r *Record) Total() Block {
	total := Block{Failures: map[Kind]int64{}}
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

// Histograms are those of the record by name: latency, service, lateness, and the
// phases that hold something.
func (r *Record) Histograms() map[string]*measure.Histogram {
	named := map[string]*measure.Histogram{"latency": r.Latency, "service": r.Service, "lateness": r.Lateness}
	for p, h := range r.Phases {
		named[Phase(p).String()] = h
	}
	maps.DeleteFunc(named, func(_ string, h *measure.Histogram) bool { return h.Count() == 0 })
	return named
}

// block is one under way.
type block struct {
	Block
	offsets   []time.Duration // of the intended starts, from Start
	left      int64           // requests whose end isn't known, and one until the leader turns to the next block
	latencies []time.Duration
}

// summary completes what is known once all requests have ended.
func (b *block) summary() Block {
	slices.Sort(b.latencies)
	s := b.Block
	s.P50, s.P99, s.P999 = b.quantile(5000), b.quantile(9900), b.quantile(9990)
	if n := len(b.latencies); n > 0 {
		s.Max = micros(b.latencies[n-1])
	}
	return s
}

func (b *block) quantile(q measure.Quantile) int64 {
	rank := (b.Requests*int64(q) + int64(measure.Whole) - 1) / int64(measure.Whole)
	if b.Requests == 0 || rank > int64(len(b.latencies)) {
		return -1
	}
	return micros(b.latencies[max(rank, 1)-1])
}

func micros(d time.Duration) int64 { return int64((d + time.Microsecond - 1) / time.Microsecond) }
