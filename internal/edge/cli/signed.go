package cli

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"aloi.dev/internal/demonstrator/campaign"
	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// The largest files that are read whole, in bytes.
const (
	maxSigned  = 1 << 20
	maxExhibit = 20_000_000
)

// in says in which file an error is.
func in(path string, err error) error {
	if err == nil {
		return nil
	}
	var known *fault.Error
	if errors.As(err, &known) {
		t := lang.Text{FR: path + " : " + known.Message.In("fr"), EN: path + ": " + known.Message.In("en")}
		return fault.Wrap(known.Kind, t, known.Err)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// readCapped reads a file that the person named, of that many bytes at most.
func (s *State) readCapped(path string, most int64) ([]byte, error) {
	folder, name := s.open(path)
	info, err := fs.Stat(folder, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New(fault.NotFound, lang.T("%s n'existe pas", "%s doesn't exist", path))
	case err != nil:
		return nil, fault.Wrap(fault.Invalid, lang.Same(path), err)
	case !info.Mode().IsRegular():
		return nil, fault.New(fault.Invalid, lang.T("%s n'est pas un fichier", "%s is not a file", path))
	case info.Size() > most:
		return nil, fault.New(fault.Invalid, lang.T("%s fait %d octets ; %d au plus", "%s has %d bytes; %d at most", path, info.Size(), most))
	}
	data, err := s.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, lang.Same(path), err)
	}
	return data, nil
}

// date reads a date of a flag; today when it is empty.
func (s *State) date(value, flag string) (catalogue.Date, error) {
	if value == "" {
		return catalogue.Date(day(s.Now())), nil
	}
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		return "", usage(lang.T("%s : « %s » n'est pas une date, par exemple 2026-01-31", "%s: %q is not a date, such as 2026-01-31", flag, value))
	}
	return catalogue.Date(value), nil
}

// writeSigned writes a new signed statement.
func (s *State) writeSigned(path string, e *proof.Envelope) error {
	data, err := e.Bytes()
	if err != nil {
		return err
	}
	return s.create(path, data)
}

// rewriteSigned replaces a signed statement by itself with one more signature. A
// crash leaves the old file or the new one.
func (s *State) rewriteSigned(path string, e *proof.Envelope) error {
	data, err := e.Bytes()
	if err != nil {
		return err
	}
	var mark [6]byte
	if _, err := io.ReadFull(s.Random, mark[:]); err != nil {
		return err
	}
	fresh := path + "." + hex.EncodeToString(mark[:])
	if err = s.writeNew(fresh, data); err == nil {
		err = s.Disk.Rename(fresh, path)
	}
	if err != nil {
		_ = s.Disk.RemoveAll(fresh)
		return fault.Wrap(fault.Invalid, lang.T("impossible d'écrire %s", "cannot write %s", path), err)
	}
	return nil
}

// exhibits reads files of evidence for their digests.
func (s *State) exhibits(paths []string) ([]measure.Exhibit, error) {
	if len(paths) == 0 {
		return nil, usage(lang.T("--evidence manque : un constat repose sur au moins une pièce", "--evidence is missing: a finding rests on at least one file"))
	}
	var list []measure.Exhibit
	for _, path := range paths {
		data, err := s.readCapped(path, maxExhibit)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(path)
		if slices.ContainsFunc(list, func(e measure.Exhibit) bool { return e.Name == name }) {
			return nil, usage(lang.T("deux pièces s'appellent %s : en renommer une", "two files of evidence are called %s: rename one", name))
		}
		list = append(list, measure.Exhibit{Name: name, Digest: proof.Digest(data)})
	}
	return list, nil
}

// evidenceDir is where the evidence of a finding's file is looked for.
func (s *State) evidenceDir(dir, path string) string {
	if dir == "" {
		return filepath.Dir(path)
	}
	return dir
}

// exhibit reads a file of evidence and wants it to be what was signed.
func (s *State) exhibit(e measure.Exhibit, dir string) ([]byte, error) {
	path := filepath.Join(dir, filepath.Base(e.Name))
	data, err := s.readCapped(path, maxExhibit)
	if fault.KindOf(err) == fault.NotFound {
		return nil, fault.New(fault.NotFound, lang.T("la pièce %s manque : donner son dossier avec --evidence-dir", "the evidence %s is missing: name its folder with --evidence-dir", path))
	}
	if err == nil && proof.Digest(data) != e.Digest {
		err = fault.New(fault.Invalid, lang.T("la pièce %s n'est plus celle qui a été signée : son empreinte est %s, et non %s", "the evidence %s is not what was signed: its digest is %s, not %s", path, proof.Digest(data), e.Digest))
	}
	return data, err
}

func (s *State) checkExhibits(list []measure.Exhibit, dir string) error {
	for _, e := range list {
		if _, err := s.exhibit(e, dir); err != nil {
			return err
		}
	}
	return nil
}

// loadFindings reads the findings that a run takes in. Their every signer must be
// trusted, here and now: whoever reads the run later takes this person's word.
func (s *State) loadFindings(cat *catalogue.Catalogue, candidates []campaign.Candidate, f evaluateFlags) ([]evidence.FindingFile, error) {
	if len(f.findings) == 0 {
		return nil, nil
	}
	ring, err := s.ring(f.trust)
	if err != nil {
		return nil, err
	}
	var list []evidence.FindingFile
	seen := map[[2]string]string{}
	for _, path := range f.findings {
		finding, err := s.checkedFinding(path, ring)
		if err != nil {
			return nil, err
		}
		if _, err := manualTarget(cat, finding.Target); err != nil {
			return nil, in(path, err)
		}
		if !slices.ContainsFunc(candidates, func(c campaign.Candidate) bool { return string(c.Offer.ID) == finding.Offer }) {
			return nil, in(path, fault.New(fault.Invalid, lang.T("ce constat porte sur l'offre %s, qui n'est pas mesurée ici", "this finding is about the offer %s, which isn't measured here", finding.Offer)))
		}
		about := [2]string{finding.Offer, finding.Target}
		if first, twice := seen[about]; twice {
			return nil, fault.New(fault.Invalid, lang.T("%s et %s répondent à la même question sur %s : n'en garder qu'un", "%s and %s answer the same question on %s: keep one", first, path, finding.Offer))
		}
		seen[about] = path
		if unknown := finding.Unknown(ring); len(unknown) > 0 {
			return nil, in(path, fault.New(fault.Invalid, lang.T("signé aussi par %s, à qui vous ne faites pas confiance : « aloi key trust FICHIER » ou « --trust FICHIER »", "signed by %s too, whom you don't trust: `aloi key trust FILE` or `--trust FILE`", unknown)))
		}
		dir := s.evidenceDir(f.evidenceDir, path)
		if err := s.checkExhibits(finding.Evidence, dir); err != nil {
			return nil, err
		}
		file := evidence.FindingFile{Finding: finding, Exhibit: func(e measure.Exhibit) ([]byte, error) { return s.exhibit(e, dir) }}
		for _, id := range finding.Envelope.Signers() {
			identity, _ := ring.Find(id)
			file.Signers = append(file.Signers, identity)
		}
		list = append(list, file)
	}
	return list, nil
}
