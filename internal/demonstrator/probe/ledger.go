package probe

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// Resource is something that a check creates at an offer. Its Kind names the
// recipe of deletion, which the suite knows.
type Resource struct {
	Seq     int       `json:"seq"`
	Offer   string    `json:"offer"`
	Service string    `json:"service"`
	Kind    string    `json:"kind"`
	Name    string    `json:"name"`
	Account string    `json:"account"` // the account that owns it
	Recipe  string    `json:"recipe"`  // how a person would delete it by hand
	Expires time.Time `json:"expires"` // from then on anyone may delete it
}

// entry is one line of the ledger.
type entry struct {
	Op       string    `json:"op"` // "intend" or "gone"
	Seq      int       `json:"seq,omitempty"`
	Resource *Resource `json:"resource,omitempty"`
}

// Durable is a file that can be forced to disk.
type Durable interface {
	io.Writer
	Sync() error
}

// Ledger writes down each resource before it is created, so that whatever
// happens to this process, what it left can be found and deleted. It is safe
// for concurrent use. After a failed write it refuses every further resource:
// nothing is created that could not be written down.
type Ledger struct {
	mu    sync.Mutex
	file  Durable
	seq   int
	alive map[int]Resource
	err   error
}

// NewLedger returns a ledger that writes to file.
func NewLedger(file Durable) *Ledger {
	return &Ledger{file: file, alive: map[int]Resource{}}
}

// Intend writes a resource down and forces it to disk before it returns.
func (l *Ledger) Intend(r Resource) (Resource, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return r, l.err
	}
	l.seq++
	r.Seq = l.seq
	if err := l.append(entry{Op: "intend", Resource: &r}); err != nil {
		l.err = err
		return r, err
	}
	if err := l.file.Sync(); err != nil {
		l.err = fmt.Errorf("force the ledger to disk: %w", err)
		return r, l.err
	}
	l.alive[r.Seq] = r
	return r, nil
}

// Gone notes that a resource was deleted. It is not forced to disk: deleting
// twice does no harm.
func (l *Ledger) Gone(seq int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.alive, seq)
	if l.err == nil {
		l.err = l.append(entry{Op: "gone", Seq: seq})
	}
}

// Alive returns the resources that were not deleted, oldest last, so that what
// was created last is deleted first.
func (l *Ledger) Alive() []Resource {
	l.mu.Lock()
	defer l.mu.Unlock()
	return newestFirst(l.alive)
}

// Err returns the failure after which the ledger refused to go on, if any.
func (l *Ledger) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

func (l *Ledger) append(e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode a ledger entry: %w", err)
	}
	if _, err := l.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	return nil
}

// ReadLedger returns the resources of a ledger that were not deleted, newest
// first. A last line cut by a kill is passed over; any other malformed line is
// an error, since a resource could hide behind it.
func ReadLedger(r io.Reader) ([]Resource, error) {
	alive := map[int]Resource{}
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return newestFirst(alive), nil // an unfinished line was never forced to disk: nothing was created
		}
		if err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("ledger line %d: %w", n, err)
		}
		switch {
		case e.Op == "intend" && e.Resource != nil:
			alive[e.Resource.Seq] = *e.Resource
		case e.Op == "gone":
			delete(alive, e.Seq)
		default:
			return nil, fmt.Errorf("ledger line %d: unknown operation %q", n, e.Op)
		}
	}
}

func newestFirst(alive map[int]Resource) []Resource {
	list := make([]Resource, 0, len(alive))
	for _, r := range alive {
		list = append(list, r)
	}
	sortBy(list, func(r Resource) int { return -r.Seq })
	return list
}
