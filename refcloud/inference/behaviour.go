package inference

import (
	"net/http"
	"slices"
	"time"

	"aloi.dev/refcloud/service"
)

// Fault is a named disturbance: what it changes in the server's behaviour. It is
// planted anew each time that faults are switched, so what its closures remember
// starts afresh.
type Fault struct {
	Name  string // "inference." and words with hyphens; stable for ever
	Group string
	Text  string // one sentence: what the server does
	Plant func(*behaviour)
}

// Variation has the form of a fault, but what it changes is legal: a client that
// minds is at fault itself.
type Variation = Fault

// behaviour is all that faults and variations can change. The zero value is the
// clean server.
type behaviour struct {
	request   []func(*chatRequest)                                  // read otherwise than it was written
	generated []func(*chatRequest, *generation)                     // what the model said
	usage     []func(q *chatRequest, usage doc)                     // its counts
	chunks    []func(q *chatRequest, list []doc) []doc              // the events of a stream, before they are paced
	events    []func(data string) string                            // how an event is written
	vectors   []func(q *embedRequest, list [][]float64) [][]float64 // embeddings
	embedded  []func(q *embedRequest, answer doc)                   // their answer
	answers   []func(c *call, a *answer)                            // any JSON answer, errors included
	streaming []func(http.Header)                                   // the header of a stream

	anonymous    bool // no key is needed
	anyKey       bool // any key is good
	openModels   bool // the list of models needs no key
	unlimited    bool // no request is refused for the rate
	penalty      time.Duration
	anyModel     bool // an unknown model is served by the one there is
	anyParameter bool // parameters out of range are clamped
	anyMessages  bool // no message is needed
	anySchema    bool // a schema that is none is taken for an empty one
	anyMethod    bool // every method is a POST
	truncates    bool // a prompt that is too long loses its beginning
	context      int  // tokens; the declared ones when zero
	buffered     bool // a stream is sent when it is complete
	keepsSlot    bool // a client that leaves goes on being served
	streamErrors bool // a stream's refusals are events after 200
}

// answer is a JSON document on its way out.
type answer struct {
	status int
	header http.Header
	body   doc
	raw    []byte // instead of the document
}

// Faults lists every fault: to add a group, add its table.
func Faults() []Fault {
	return slices.Concat(modelFaults, authFaults, chatFaults, samplingFaults, streamFaults, limitFaults, structuredFaults, toolFaults, embeddingFaults, errorFaults)
}

// demoFaults is planted in a faulty offer when nothing else is asked for: small
// things that real services get wrong, and that an application meets late.
var demoFaults = []string{"inference.schema-one-in-five", "inference.retry-after-missing", "inference.stream-usage-missing", "inference.context-truncated"}

// Entry is what the cloud lists of the fault.
func (f Fault) Entry() service.Entry {
	return service.Entry{Name: f.Name, Group: f.Group, Text: f.Text}
}

// behave returns what a set plants.
func behave(set service.Set) *behaviour {
	b := &behaviour{}
	for _, f := range slices.Concat(variations, Faults()) {
		if slices.Contains(set.Faults, f.Name) || slices.Contains(set.Variations, f.Name) {
			f.Plant(b)
		}
	}
	return b
}
