package cli

import (
	"errors"
	"fmt"
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
killed is sealed as far as it went, and marked incomplete. ` + "`aloi evaluate`" + ` seals
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

// keyFlag adds the choice of the key that signs.
func (s *State) keyFlag(cmd *cobra.Command, key *string) {
	cmd.Flags().StringVar(key, "key", "", s.say(lang.T("nom de la clé qui signe (sinon ALOI_KEY, sinon la seule qui existe)", "name of the key that signs (else ALOI_KEY, else the only one)")))
}

// bundle is what sealing leaves: the file, and beside it the public key with
// which it is verified.
type bundle struct{ path, public string }

// seal seals a run folder into a file of its own, beside its reports.
func (s *State) seal(dir, name string) (bundle, error) {
	record, err := evidence.Read(s.DirFS(dir))
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
	b := bundle{path: filepath.Join(dir, record.Plan.Run+evidence.Ext), public: filepath.Join(dir, keyFile(id)+".pub")}
	if err := s.create(b.public, []byte(id.Text())); err != nil && fault.KindOf(err) != fault.Conflict {
		return bundle{}, err
	}
	return b, s.writeBundle(b.path, dir, evidence.Sealer{Key: key, Identity: id, Log: log})
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
		err = s.Disk.Rename(part, path)
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

// openBundle opens a sealed run, whoever sealed it: all but the signature of an
// unknown key is verified.
func (s *State) openBundle(path string) (*evidence.Record, error) {
	file, size, err := s.open(path)
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
