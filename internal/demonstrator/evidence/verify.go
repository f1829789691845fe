package evidence

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// Trust is what the person who verifies knows already.
type Trust struct {
	Ring *proof.Ring
	// Anyone takes the word of a signer that the ring doesn't know, to read a
	// bundle rather than to rely on it.
	Anyone bool
	// Known, when not nil, is a checkpoint of the signer's log that was obtained
	// elsewhere, and Tiles the files of that log as published, which a checkpoint
	// of another size than the bundle's needs.
	Known *proof.Checkpoint
	Tiles fs.ReadFileFS
}

// Verified is a bundle that holds.
type Verified struct {
	Claim   Claim
	Signer  proof.Identity // zero when nobody that the ring knows signed
	Record  *Record        // of the results, only what decides
	Outcome Outcome
	Logged  proof.LogProof
	Files   int
	Checked []lang.Text // what was checked, in order, each a sentence
	Not     []lang.Text // what was not, and what it would take
}

// VerifyBundle checks a bundle of that size in bytes, offline: its encoding, its
// signature, its digests, each content, its place in the log, and then every
// verdict, score and rank, decided again from its results. The error, of kind
// fault.Invalid, says in a sentence what doesn't hold.
func VerifyBundle(r io.ReaderAt, size int64, trust Trust) (*Verified, error) {
	archive, err := proof.OpenArchive(r, size)
	if err != nil {
		return nil, refused(lang.T("le fichier n'est pas un dossier de preuves intact", "the file is not an intact bundle"), err)
	}
	v := &verifier{archive: archive, trust: trust}
	for _, step := range []func() error{v.manifest, v.signature, v.digests, v.claim, v.foreign, v.log, v.decide} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return &v.Verified, nil
}

// refused is the error of what doesn't hold.
func refused(t lang.Text, cause error) error {
	if cause == nil {
		return fault.New(fault.Invalid, t)
	}
	return fault.Wrap(fault.Invalid, t, cause)
}

// verifier goes through a bundle once.
type verifier struct {
	Verified
	archive  *proof.Archive
	trust    Trust
	listed   Manifest
	envelope []byte
	seen     seen
}

func (v *verifier) holds(fr, en string, args ...any) {
	v.Checked = append(v.Checked, lang.T(fr, en, args...))
}

// read reads a document that is kept whole.
func (v *verifier) read(name string) ([]byte, error) {
	file, err := v.archive.Open(name)
	if err != nil {
		return nil, refused(lang.T("%s manque", "%s is missing", name), nil)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxDocument+1))
	if err != nil {
		return nil, damaged(name, err)
	}
	if len(data) > maxDocument {
		return nil, damaged(name, fmt.Errorf("longer than %d bytes", maxDocument))
	}
	return data, nil
}

func damaged(name string, err error) error {
	return refused(lang.T("%s est abîmé", "%s is damaged", name), err)
}

// manifest wants the files of the archive to be those that it lists.
func (v *verifier) manifest() error {
	data, err := v.read(manifestFile)
	if err != nil {
		return err
	}
	if err := proof.Decode(data, &v.listed); err != nil {
		return damaged(manifestFile, err)
	}
	if v.listed.Format != format {
		return refused(lang.T("dossier de preuves au format %d ; cette version lit le format %d", "bundle in format %d; this version reads format %d", v.listed.Format, format), nil)
	}
	want := []string{manifestFile, statementFile, logFile}
	for _, f := range v.listed.Files {
		want = append(want, f.Name)
	}
	slices.Sort(want)
	have := v.archive.Names()
	for _, name := range want {
		if !slices.Contains(have, name) {
			return refused(lang.T("%s manque, que le manifeste indique", "%s is missing, which the manifest lists", name), nil)
		}
	}
	if len(want) != len(have) {
		i := slices.IndexFunc(have, func(name string) bool { return !slices.Contains(want, name) })
		if i < 0 {
			return damaged(manifestFile, errors.New("it lists a file twice"))
		}
		return refused(lang.T("%s a été ajouté : le manifeste ne l'indique pas", "%s was added: the manifest doesn't list it", have[i]), nil)
	}
	v.Files = len(have)
	return nil
}

// signature wants the statement to be signed, by whom the ring knows, and to be
// about this manifest.
func (v *verifier) signature() error {
	var err error
	if v.envelope, err = v.read(statementFile); err != nil {
		return err
	}
	e, err := proof.ParseEnvelope(v.envelope)
	if err != nil {
		return damaged(statementFile, err)
	}
	if e.Statement.PredicateType != RunType {
		return refused(lang.T("la déclaration est de type %s, pas celle d'une campagne", "the statement is of type %s, not that of a run", e.Statement.PredicateType), nil)
	}
	if err := proof.Decode(e.Statement.Predicate, &v.Claim); err != nil {
		return damaged(statementFile, err)
	}
	if err := v.signer(e); err != nil {
		return err
	}
	manifest, err := v.read(manifestFile)
	if err != nil {
		return err
	}
	if about, ok := e.Statement.About(manifestFile); !ok || about != proof.Digest(manifest) || len(e.Statement.Subject) != 1 {
		return refused(lang.T("la signature porte sur un autre manifeste : un fichier a été échangé", "the signature is about another manifest: a file was exchanged"), nil)
	}
	return nil
}

func (v *verifier) signer(e *proof.Envelope) error {
	by, err := e.Verify(v.trust.Ring)
	var untrusted *proof.Untrusted
	switch {
	case errors.As(err, &untrusted) && v.trust.Anyone:
		v.Not = append(v.Not, lang.T("signature de %s (%s) : clé inconnue ici, non vérifiée", "signature of %s (%s): unknown key here, not checked", v.Claim.By.Holder, v.Claim.By.Role))
		return nil
	case errors.As(err, &untrusted):
		return refused(lang.T("scellé par la clé %s, à laquelle vous ne faites pas confiance : ajoutez « --trust FICHIER » avec sa clé publique, obtenue de son titulaire",
			"sealed by the key %s, which you don't trust: add `--trust FILE` with its public key, obtained from its holder", strings.Join(untrusted.Signers, ", ")), nil)
	case err != nil:
		return refused(lang.T("la signature est fausse : la déclaration a été changée ou forgée", "the signature is wrong: the statement was changed or forged"), err)
	}
	v.Signer = by[0]
	if len(e.Signers()) != 1 || v.Claim.By != signerOf(v.Signer) {
		return refused(lang.T("la déclaration dit un autre signataire que sa clé", "the statement names another signer than its key"), nil)
	}
	if at, replaced := v.trust.Ring.ReplacedAt(v.Signer.Key.ID()); replaced && !v.Claim.Started.Before(at) {
		return refused(lang.T("la clé %s a été remplacée le %s, avant cette campagne", "the key %s was replaced on %s, before this run", v.Signer.Key.ID(), at.Format("2006-01-02")), nil)
	}
	v.holds("signature de %s (%s), clé %s", "signature of %s (%s), key %s", v.Signer.Holder, v.Signer.Role, v.Signer.Key.ID())
	return nil
}
