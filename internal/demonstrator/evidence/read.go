package evidence

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// format is the version of the run folder that this code writes and reads.
const format = 2

// Format returns the version of the run folder, for a plan.
func Format() int { return format }

// Read reads a run folder, or the files of a bundle. A run that was killed reads
// as far as it went; anything that contradicts the plan is refused.
func Read(folder fs.FS) (*Record, error) {
	r, err := ReadHead(folder)
	if err != nil {
		return nil, err
	}
	err = eachLine(folder, resultsFile, func(v measure.Result) error {
		r.Results = append(r.Results, v)
		return nil
	})
	if err != nil {
		return nil, broken(resultsFile, err)
	}
	return r, nil
}

// ReadHead is Read without the results, of which there may be many.
func ReadHead(folder fs.FS) (*Record, error) {
	r := &Record{}
	if err := readJSON(folder, planFile, &r.Plan); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fault.New(fault.NotFound, lang.T("ce n'est pas un dossier de campagne : %s manque", "this is not a run folder: %s is missing", planFile))
		}
		return nil, broken(planFile, err)
	}
	if r.Plan.Format != format {
		return nil, fault.New(fault.Invalid, lang.T("dossier de campagne au format %d ; cette version lit le format %d",
			"run folder in format %d; this version reads format %d", r.Plan.Format, format))
	}
	if err := readJSON(folder, environmentFile, &r.Environment); err != nil {
		return nil, broken(environmentFile, err)
	}
	if err := r.readCatalogue(folder); err != nil {
		return nil, broken(catalogueFile, err)
	}
	for _, o := range r.Plan.Offers {
		name := offerFile(o.ID)
		if err := r.readOffer(folder, name, o.Digest); err != nil {
			return nil, broken(name, err)
		}
	}
	if err := r.readFindings(folder); err != nil {
		return nil, err
	}
	err := eachLine(folder, inventoryFile, func(i Inventory) error {
		r.Inventories = append(r.Inventories, i)
		return nil
	})
	if err != nil {
		return nil, broken(inventoryFile, err)
	}
	if err := r.readLoads(folder); err != nil {
		return nil, broken(loadsFolder, err)
	}
	if err := r.readForeign(folder); err != nil {
		return nil, broken(foreignFolder, err)
	}
	var end End
	switch err := readJSON(folder, endFile, &end); {
	case err == nil:
		r.End = &end
	case !errors.Is(err, fs.ErrNotExist):
		return nil, broken(endFile, err)
	}
	return r, nil
}

// Complete reports whether the run went to its end.
func (r *Record) Complete() bool { return r.End != nil && r.End.Complete }

// OpenLedger opens the ledger of a run folder for reading.
func OpenLedger(folder fs.FS) (fs.File, error) {
	file, err := folder.Open(ledgerFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, lang.T("ce n'est pas un dossier de campagne : %s manque", "this is not a run folder: %s is missing", ledgerFile))
	}
	return file, err
}

// LedgerName is the file of the ledger in a run folder, to append to.
const LedgerName = ledgerFile

func (r *Record) readCatalogue(folder fs.FS) error {
	data, err := fs.ReadFile(folder, catalogueFile)
	if err != nil {
		return err
	}
	if got := proof.Digest(data); got != r.Plan.Catalogue {
		return fmt.Errorf("its digest is %s, the plan says %s", got, r.Plan.Catalogue)
	}
	r.Catalogue, err = catalogue.FromJSON(data)
	return err
}

func (r *Record) readOffer(folder fs.FS, name, digest string) error {
	data, err := fs.ReadFile(folder, name)
	if err != nil {
		return err
	}
	if got := proof.Digest(data); got != digest {
		return fmt.Errorf("its digest is %s, the plan says %s", got, digest)
	}
	offer, err := catalogue.OfferFromJSON(data)
	if err != nil {
		return err
	}
	r.Offers = append(r.Offers, *offer)
	return nil
}

func broken(name string, err error) error {
	return fault.Wrap(fault.Invalid, lang.T("dossier de campagne abîmé : %s", "damaged run folder: %s", name), err)
}

func readJSON(folder fs.FS, name string, into any) error {
	data, err := fs.ReadFile(folder, name)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// eachLine reads a file of one JSON value a line. A last line cut by a kill is
// passed over.
func eachLine[T any](folder fs.FS, name string, visit func(T) error) error {
	file, err := folder.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewReaderSize(file, 64<<10)
	for n := 1; ; n++ {
		line, err := readLine(lines)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if err := visit(v); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
}

func offerFile(id catalogue.OfferID) string { return path.Join(offersFolder, string(id)+".json") }
