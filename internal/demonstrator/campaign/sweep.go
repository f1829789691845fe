package campaign

import (
	"context"
	"fmt"
	"io/fs"
	"sort"
	"time"

	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/probe"
)

// Swept is what a sweep did.
type Swept struct {
	Deleted int
	Left    []Remaining
}

// Remaining is a resource that could not be deleted.
type Remaining struct {
	Resource probe.Resource
	Err      error
}

// Sweep deletes what the run of a folder left at its offers. The ledger alone
// says what that is. log receives the lines that the ledger gains.
func Sweep(ctx context.Context, folder fs.FS, log probe.Durable, suites []probe.Suite, secrets probe.Secrets, now func() time.Time) (Swept, error) {
	record, err := evidence.Read(folder)
	if err != nil {
		return Swept{}, err
	}
	file, err := evidence.OpenLedger(folder)
	if err != nil {
		return Swept{}, err
	}
	defer file.Close()
	alive, err := probe.ReadLedger(file)
	if err != nil {
		return Swept{}, fmt.Errorf("read the ledger: %w", err)
	}
	c := &Campaign{Suites: suites, Now: now}
	for _, o := range record.Offers {
		c.Offers = append(c.Offers, Candidate{Offer: o, Secrets: secrets})
	}
	sessions, err := c.open(record.Plan.Run, probe.NewLedger(log))
	if err != nil {
		return Swept{}, err
	}
	defer closeAll(sessions)
	swept := Swept{Deleted: len(alive)}
	for _, s := range sessions {
		for r, err := range s.Sweep(ctx, alive) {
			swept.Left = append(swept.Left, Remaining{r, err})
		}
	}
	swept.Deleted -= len(swept.Left)
	sort.Slice(swept.Left, func(i, j int) bool { return swept.Left[i].Resource.Seq < swept.Left[j].Resource.Seq })
	return swept, nil
}
