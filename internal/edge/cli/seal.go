package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

func newSeal(s *State) *cobra.Command {
	var key string
	cmd := &cobra.Command{
		Use:   "seal RUN",
		Short: s.say(lang.T("Sceller une campagne, même interrompue", "Seal a run, even one that was killed")),
		Long: s.say(lang.T(`Scelle le dossier RUN en un seul fichier que chacun peut vérifier hors ligne. Une
campagne interrompue est scellée telle qu'elle est, et marquée incomplète.
« aloi evaluate » scelle de lui-même.`,
			`Seals the folder RUN into one file that anybody can verify offline. A run that was
killed is sealed as far as it went, and marked incomplete. `+"`aloi evaluate`"+` seals
by itself.`)),
		Args: exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			bundle, err := s.seal(args[0], key)
			if err != nil {
				return err
			}
			s.sealed(bundle)
			return nil
		},
	}
	s.keyFlag(cmd, &key)
	return cmd
}

// bundle is what sealing leaves: the file, and beside it the public key with
// which it is verified.
type bundle struct{ path, public string }

// seal seals a run folder into a file of its own, beside its reports.
func (s *State) seal(dir, name string) (bundle, error) {
	head, err := evidence.ReadHead(s.DirFS(dir))
	if err != nil {
		return bundle{}, err
	}
	key, id, err := s.ensureSigner(name)
	if err != nil {
		return bundle{}, err
	}
	ring, err := s.ring(nil)
	if err != nil {
		return bundle{}, err
	}
	log, unlock, err := s.openLog(key, ring)
	if err != nil {
		return bundle{}, err
	}
	defer unlock()
	b := bundle{path: filepath.Join(dir, head.Plan.Run+evidence.Ext), public: filepath.Join(dir, keyFile(id.Key))}
	if err := s.writeBundle(b.path, dir, evidence.Sealer{Key: key, Identity: id, Log: log}); err != nil {
		return bundle{}, err
	}
	if err := s.create(b.public, []byte(id.Text())); err != nil && fault.KindOf(err) != fault.Conflict {
		return bundle{}, err
	}
	return b, nil
}

// place gives a finished bundle its name. One that is there already stays: it may
// have been handed out.
func (s *State) place(part, path string) error {
	there, err := s.digest(path)
	if fault.KindOf(err) == fault.NotFound {
		return s.Disk.Rename(part, path)
	}
	fresh, errFresh := s.digest(part)
	switch err := errors.Join(err, errFresh); {
	case err != nil:
		return err
	case fresh != there:
		return fault.New(fault.Conflict, lang.T("%s existe déjà et diffère : la campagne a changé depuis. Le déplacer pour sceller de nouveau",
			"%s exists already and differs: the run has changed since. Move it away to seal again", path))
	}
	return s.Disk.RemoveAll(part)
}

// digest is the SHA-256 of a file.
func (s *State) digest(path string) (string, error) {
	file, _, err := s.openFile(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := proof.NewDigester()
	_, err = io.Copy(sum, file)
	return sum.Digest(), err
}

// writeBundle lets the file appear only when it is whole.
func (s *State) writeBundle(path, dir string, sealer evidence.Sealer) error {
	part := path + ".part"
	_ = s.Disk.RemoveAll(part) // of a sealing that was killed
	file, err := s.Disk.Create(part)
	if err != nil {
		return fault.Wrap(fault.Internal, lang.T("impossible d'écrire %s", "cannot write %s", part), err)
	}
	err = sealer.Seal(file, s.DirFS(dir))
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = s.place(part, path)
	}
	if err != nil {
		_ = s.Disk.RemoveAll(part)
	}
	return err
}

// sealed says what to type to verify it.
func (s *State) sealed(b bundle) {
	fmt.Fprintf(s.Stdout, "%s\n  aloi verify --trust %s %s\n", s.say(lang.T("Scellé. Pour le vérifier, ici ou ailleurs, hors ligne :", "Sealed. To verify it, here or anywhere, offline:")), shellWord(b.public), shellWord(b.path))
}

// onDisk is a file that can be read from anywhere in it.
type onDisk interface {
	fs.File
	io.ReaderAt
}

// openFile opens a file and says its size in bytes.
func (s *State) openFile(path string) (onDisk, int64, error) {
	folder, name := s.open(path)
	opened, err := folder.Open(name)
	if err != nil {
		return nil, 0, fault.Wrap(fault.NotFound, lang.T("impossible d'ouvrir %s", "cannot open %s", path), err)
	}
	info, err := opened.Stat()
	file, ok := opened.(onDisk)
	switch {
	case err != nil:
		err = fault.Wrap(fault.Internal, lang.T("lecture de %s", "reading %s", path), err)
	case info.IsDir():
		err = fault.New(fault.NotFound, lang.T("%s est un dossier : « aloi seal %s » en fait un fichier qui se vérifie", "%s is a folder: `aloi seal %s` makes a file of it that can be verified", path, path))
	case !ok:
		err = fault.New(fault.Invalid, lang.T("%s n'est pas un fichier ordinaire", "%s is no ordinary file", path))
	default:
		return file, info.Size(), nil
	}
	_ = opened.Close()
	return nil, 0, err
}

// openBundle opens a sealed run, whoever sealed it: all but the signature of an
// unknown key is verified.
func (s *State) openBundle(path string) (*evidence.Record, error) {
	file, size, err := s.openFile(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	ring, err := s.ring(nil)
	if err != nil {
		return nil, err
	}
	v, err := evidence.VerifyBundle(file, size, evidence.Trust{Ring: ring, Anyone: true})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, lang.Same(path), err)
	}
	archive, err := proof.OpenArchive(file, size)
	if err != nil {
		return nil, err
	}
	record, err := evidence.Read(archive)
	if err == nil {
		record.Sealed = &evidence.Seal{By: v.Claim.By, Trusted: !v.Signer.Key.IsZero()}
	}
	return record, err
}
