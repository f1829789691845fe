package evidence

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// rawFolders are the folders of a run whose files are sealed as they are.
// Of the findings, only what the plan refers to is.
var rawFolders = []string{loadsFolder, foreignFolder}

// Sealer seals run folders with a key, into the log that it keeps.
type Sealer struct {
	Key      *proof.Key
	Identity proof.Identity // of the key
	Log      *proof.Log
}

// Seal writes the bundle of a run folder to w: all that was measured and what was
// decided from it, the digests of both, the signed statement, and its place in
// the signer's log. The same results under the same key have the same bytes. A
// run that was killed is sealed as far as it went, and says so. The memory that
// it takes doesn't grow with the number of results.
func (s Sealer) Seal(w io.Writer, folder fs.FS) error {
	record, results, err := readLean(folder)
	if err != nil {
		return err
	}
	contents, err := contentsOf(folder, record)
	if err != nil {
		return sealing(err)
	}
	manifest, files, err := weighAll(contents)
	if err != nil {
		return sealing(err)
	}
	canonical, err := proof.Canonical(manifest)
	if err != nil {
		return sealing(err)
	}
	envelope, err := s.envelope(canonical, claim(record, results, signerOf(s.Identity)))
	if err != nil {
		return sealing(err)
	}
	logged, err := s.Log.Add(entryOf(envelope))
	if err != nil {
		return fault.Wrap(fault.Internal, lang.T("le journal de la clé %s ne se laisse pas écrire", "the log of the key %s can't be written", s.Identity.Key.ID()), err)
	}
	for _, c := range []content{document(manifestFile, canonical), document(statementFile, envelope), document(logFile, []byte(logged.Text()))} {
		_, file, err := c.weigh()
		if err != nil {
			return sealing(err)
		}
		files = append(files, file)
	}
	if err := proof.WriteArchive(w, files); err != nil {
		return sealing(err)
	}
	return nil
}

func sealing(err error) error {
	return fault.Wrap(fault.Internal, lang.T("le scellement a échoué", "sealing failed"), err)
}

// envelope signs what is said of the manifest.
func (s Sealer) envelope(manifest []byte, c Claim) ([]byte, error) {
	statement, err := proof.NewStatement(RunType, c, [2]string{manifestFile, proof.Digest(manifest)})
	if err != nil {
		return nil, err
	}
	e, err := proof.Seal(statement, s.Key)
	if err != nil {
		return nil, err
	}
	return e.Bytes()
}

// contentsOf lists what is sealed of a run folder: not its reports, which can be
// made again.
func contentsOf(folder fs.FS, r *Record) ([]content, error) {
	documents := map[string]any{planFile: r.Plan, environmentFile: r.Environment, catalogueFile: r.Catalogue, outcomeFile: Decide(r)}
	if r.End != nil {
		documents[endFile] = r.End
	}
	for i := range r.Offers {
		documents[offerFile(r.Offers[i].ID)] = r.Offers[i]
	}
	var contents []content
	for name, v := range documents {
		c, err := canonicalDocument(name, v)
		if err != nil {
			return nil, err
		}
		contents = append(contents, c)
	}
	for _, name := range []string{resultsFile, inventoryFile, ledgerFile} {
		contents = append(contents, lineFile(folder, name))
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(r.findingFiles))) {
		contents = append(contents, rawFile(folder, name))
	}
	for _, dir := range rawFolders {
		err := fs.WalkDir(folder, dir, func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				contents = append(contents, rawFile(folder, name))
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return contents, nil
}

// readLean reads a run folder and keeps of its results what decides.
func readLean(folder fs.FS) (*Record, int, error) {
	r, err := ReadHead(folder)
	if err != nil {
		return nil, 0, err
	}
	results, n := newLean(r.Catalogue), 0
	err = eachLine(folder, resultsFile, func(v measure.Result) error {
		n++
		results.add(v)
		return nil
	})
	if err != nil {
		return nil, 0, broken(resultsFile, fmt.Errorf("after %d lines: %w", n, err))
	}
	r.Results = results.kept
	return r, n, nil
}
