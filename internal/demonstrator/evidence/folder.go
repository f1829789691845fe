package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// The files of a run folder.
const (
	planFile        = "plan.json"
	environmentFile = "environment.json"
	catalogueFile   = "catalogue.json" // canonical bytes: their digest is the plan's
	resultsFile     = "results.jsonl"
	ledgerFile      = "ledger.jsonl"
	inventoryFile   = "inventory.jsonl"
	endFile         = "end.json"
	offersFolder    = "offers"

	loadsFolder    = "loads"
	foreignFolder  = "foreign"
	findingsFolder = "findings"
)

// Disk creates the files of a run folder. OS is the real one.
type Disk interface {
	// MkdirAll creates a folder and those above it.
	MkdirAll(dir string) error
	// Create creates a file that must not exist yet.
	Create(path string) (File, error)
	// RemoveAll deletes a folder with all that it holds.
	RemoveAll(dir string) error
	// Rename gives a file another name; it replaces the one that has it.
	Rename(from, to string) error
}

// File is a file being written.
type File interface {
	io.WriteCloser
	Sync() error
}

// OS is the machine's disk.
var OS Disk = osDisk{}

type osDisk struct{}

func (osDisk) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o700) }

func (osDisk) RemoveAll(dir string) error { return os.RemoveAll(dir) }

func (osDisk) Rename(from, to string) error { return os.Rename(from, to) }

func (osDisk) Create(path string) (File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}

// Folder is a run folder being written. Safe for concurrent use. What was
// appended survives the death of the process.
type Folder struct {
	Dir  string
	disk Disk

	mu          sync.Mutex
	results     File
	inventories File
	ledger      File
}

// Create makes the run folder dir, which must not hold a run yet, and writes in
// it all that is known before the first request. The findings are those of the plan.
func Create(disk Disk, dir string, plan Plan, env Environment, cat *catalogue.Catalogue, offers []catalogue.Offer, findings ...FindingFile) (*Folder, error) {
	f := &Folder{Dir: dir, disk: disk}
	err := f.prepare(plan, env, cat, offers)
	if err == nil {
		err = f.addFindings(findings)
	}
	if err != nil {
		f.close()
		if errors.Is(err, fs.ErrExist) {
			return nil, fault.New(fault.Conflict, lang.T("%s contient déjà une campagne : choisir un autre dossier avec --out",
				"%s holds a run already: choose another folder with --out", dir))
		}
		return nil, fault.Wrap(fault.Internal, lang.T("impossible d'écrire le dossier de campagne %s", "cannot write the run folder %s", dir), err)
	}
	return f, nil
}

func (f *Folder) prepare(plan Plan, env Environment, cat *catalogue.Catalogue, offers []catalogue.Offer) error {
	if err := f.disk.MkdirAll(filepath.Join(f.Dir, offersFolder)); err != nil {
		return err
	}
	if err := f.writeJSON(planFile, plan); err != nil {
		return err
	}
	if err := f.writeJSON(environmentFile, env); err != nil {
		return err
	}
	canonical, err := cat.Canonical()
	if err != nil {
		return err
	}
	if err := f.write(catalogueFile, canonical); err != nil {
		return err
	}
	for _, o := range offers {
		canonical, err := o.Canonical()
		if err != nil {
			return err
		}
		if err := f.write(filepath.FromSlash(offerFile(o.ID)), canonical); err != nil {
			return err
		}
	}
	for name, file := range map[string]*File{resultsFile: &f.results, inventoryFile: &f.inventories, ledgerFile: &f.ledger} {
		if *file, err = f.disk.Create(filepath.Join(f.Dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// Ledger is the file of the run's ledger.
func (f *Folder) Ledger() File { return f.ledger }

// Append adds a result. An error means that the disk doesn't take it: the run
// must stop.
func (f *Folder) Append(r measure.Result) error { return f.appendLine(f.results, r) }

// AddInventory adds an inventory.
func (f *Folder) AddInventory(i Inventory) error { return f.appendLine(f.inventories, i) }

func (f *Folder) appendLine(file File, v any) error {
	line, err := proof.Canonical(v)
	if err != nil {
		return fmt.Errorf("encode a line: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err = file.Write(append(line, '\n'))
	return f.full(err)
}

// full words an error of the disk; nil remains nil.
func (f *Folder) full(err error) error {
	if err == nil {
		return nil
	}
	return fault.Wrap(fault.Internal, lang.T("le dossier de campagne %s ne se laisse plus écrire : libérer de la place, puis « aloi sweep %s »",
		"the run folder %s can't be written any more: make room, then `aloi sweep %s`", f.Dir, f.Dir), err)
}

// Finish closes the run.
func (f *Folder) Finish(end End) error {
	for _, file := range []File{f.results, f.inventories} {
		if err := file.Sync(); err != nil {
			return fmt.Errorf("force the run folder to disk: %w", err)
		}
	}
	err := f.writeJSON(endFile, end)
	f.close()
	return err
}

func (f *Folder) close() {
	for _, file := range []File{f.results, f.inventories, f.ledger} {
		if file != nil {
			_ = file.Close()
		}
	}
}

func (f *Folder) writeJSON(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	return f.write(name, append(data, '\n'))
}

func (f *Folder) write(name string, data []byte) error {
	file, err := f.disk.Create(filepath.Join(f.Dir, name))
	if err != nil {
		return err
	}
	if _, err = file.Write(data); err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	return err
}
