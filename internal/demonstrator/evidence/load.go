package evidence

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/proof"
)

// LoadPlan is a load that a run sets out to put offers under, and what it is to decide.
type LoadPlan struct {
	measure.LoadPlan
	Goals []measure.Goal `json:"goals"`
}

// loadFile is what the load of that number in the plan, from 0, brought back.
func loadFile(number int) string { return path.Join(loadsFolder, fmt.Sprintf("%03d.json", number+1)) }

// AddLoad keeps what the load of that number in the plan, from 0, brought back.
func (f *Folder) AddLoad(number int, run *measure.LoadRun) error {
	data, err := proof.Canonical(run)
	if err != nil {
		return err
	}
	if err := f.disk.MkdirAll(filepath.Join(f.Dir, loadsFolder)); err != nil {
		return f.full(err)
	}
	return f.full(f.write(filepath.FromSlash(loadFile(number)), data))
}

// readLoads reads what is there of each planned load.
func (r *Record) readLoads(folder fs.FS) error {
	for i, p := range r.Plan.Loads {
		data, err := fs.ReadFile(folder, loadFile(i))
		if errors.Is(err, fs.ErrNotExist) {
			continue // not run, or killed before
		}
		run := measure.LoadRun{}
		if err == nil {
			err = decodeLoad(data, &run)
		}
		if err == nil {
			err = r.planned(p, &run)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", loadFile(i), err)
		}
		r.Loads = append(r.Loads, run)
	}
	return nil
}

// blocks counts those of the offers, over all loads.
func (r *Record) blocks() int {
	n := 0
	for i := range r.Loads {
		for j := range r.Loads[i].Offers {
			n += len(r.Loads[i].Offers[j].Blocks)
		}
	}
	return n
}

// planned wants a load to be as planned, on offers of the plan.
func (r *Record) planned(p LoadPlan, run *measure.LoadRun) error {
	if run.Plan != p.LoadPlan || !slices.Equal(run.Goals, p.Goals) {
		return fmt.Errorf("the load or its goals are not those of the plan: %s", p.ID())
	}
	for i := range run.Offers {
		name := run.Offers[i].Name
		if !slices.ContainsFunc(r.Plan.Offers, func(o OfferPlan) bool { return o.ID == catalogue.OfferID(name) }) {
			return fmt.Errorf("the offer %s is not in the plan", name)
		}
	}
	return nil
}

// decodeLoad reads a load in its one encoding, and wants it not to contradict itself.
func decodeLoad(data []byte, run *measure.LoadRun) error {
	if err := proof.Decode(data, run); err != nil {
		return err
	}
	return run.Check()
}
