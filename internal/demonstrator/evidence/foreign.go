package evidence

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// The files of a foreign suite, in foreign/SUITE/ and foreign/SUITE/OFFER/.
const (
	mappingFile = "mapping.json" // canonical bytes: their digest is the plan's
	runFile     = "run.json"
	outputFile  = "output" // the suite's own bytes: their digest is the run's
	printedFile = "printed"
)

// ForeignPlan names a suite that isn't ours by the digest of its mapping.
type ForeignPlan struct {
	Suite    string           `json:"suite"`
	Title    lang.Text        `json:"title"`
	Version  string           `json:"version"`
	Source   catalogue.Source `json:"source"`
	Service  string           `json:"service"`
	Mapping  string           `json:"mapping"` // digest of its canonical bytes
	Imported bool             `json:"imported"`
}

// AddMapping keeps the canonical bytes of a foreign suite's mapping.
func (f *Folder) AddMapping(suite string, canonical []byte) error {
	dir := filepath.Join(foreignFolder, suite)
	if err := f.disk.MkdirAll(filepath.Join(f.Dir, dir)); err != nil {
		return f.full(err)
	}
	return f.full(f.write(filepath.Join(dir, mappingFile), canonical))
}

// AddForeign keeps how a foreign suite's result on an offer came about, the result
// byte for byte, and what the suite printed besides.
func (f *Folder) AddForeign(run measure.ForeignRun, output, printed []byte) error {
	dir := filepath.Join(foreignFolder, run.Suite, run.Offer)
	if err := f.disk.MkdirAll(filepath.Join(f.Dir, dir)); err != nil {
		return f.full(err)
	}
	for name, data := range map[string][]byte{outputFile: output, printedFile: printed} {
		if err := f.write(filepath.Join(dir, name), data); err != nil {
			return f.full(err)
		}
	}
	canonical, err := proof.Canonical(run)
	if err != nil {
		return err
	}
	return f.full(f.write(filepath.Join(dir, runFile), canonical))
}

// readForeign reads what is there of each planned suite and offer.
func (r *Record) readForeign(folder fs.FS) error {
	for _, p := range r.Plan.Foreign {
		for _, o := range r.Plan.Offers {
			var run measure.ForeignRun
			data, err := fs.ReadFile(folder, path.Join(foreignFolder, p.Suite, string(o.ID), runFile))
			if errors.Is(err, fs.ErrNotExist) {
				continue // not run, or killed before
			}
			if err == nil {
				err = proof.Decode(data, &run)
			}
			if err != nil {
				return err
			}
			if run.Suite != p.Suite || run.Offer != string(o.ID) {
				return fmt.Errorf("%s/%s holds the run of %s on %s", p.Suite, o.ID, run.Suite, run.Offer)
			}
			r.Foreign = append(r.Foreign, run)
			if _, _, err := r.ForeignBytes(folder, run); err != nil {
				return err
			}
		}
	}
	return nil
}

// ForeignBytes returns the canonical mapping of a foreign suite and the bytes of its
// result, from which the results of the run can be had again. It refuses those whose
// digest isn't the recorded one.
func (r *Record) ForeignBytes(folder fs.FS, run measure.ForeignRun) (mapping, output []byte, err error) {
	for _, p := range r.Plan.Foreign {
		if p.Suite != run.Suite {
			continue
		}
		if mapping, err = readDigested(folder, path.Join(foreignFolder, run.Suite, mappingFile), p.Mapping); err != nil {
			return nil, nil, err
		}
		output, err = readDigested(folder, path.Join(foreignFolder, run.Suite, run.Offer, outputFile), run.Digest)
		return mapping, output, err
	}
	return nil, nil, fmt.Errorf("the plan has no foreign suite %s", run.Suite)
}

func readDigested(folder fs.FS, name, digest string) ([]byte, error) {
	data, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, err
	}
	if got := proof.Digest(data); got != digest {
		return nil, fmt.Errorf("%s: its digest is %s, not %s", name, got, digest)
	}
	return data, nil
}
