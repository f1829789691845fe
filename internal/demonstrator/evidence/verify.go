package evidence

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/score"
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
	for _, step := range []func() error{v.manifest, v.signature, v.digests, v.claim, v.log, v.decide} {
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

// digests reads every file once, for its digest and its encoding.
func (v *verifier) digests() error {
	for _, f := range v.listed.Files {
		if err := v.file(f); err != nil {
			return err
		}
	}
	v.holds("%d fichiers, empreintes et encodages exacts", "%d files, exact digests and encodings", v.Files)
	return nil
}

func (v *verifier) file(f FileDigest) error {
	file, err := v.archive.Open(f.Name)
	if err != nil {
		return err
	}
	sum := sha256.New()
	counted := &counter{r: io.TeeReader(file, sum)}
	unread := v.encoding(f.Name, counted)
	if _, err := io.Copy(io.Discard, counted); err != nil { // to its end: the digest comes before what it says
		return damaged(f.Name, err)
	}
	if digest := "sha256:" + hex.EncodeToString(sum.Sum(nil)); digest != f.Digest || counted.n != f.Size {
		return refused(lang.T("%s a été changé : son empreinte n'est pas celle que le manifeste indique", "%s was changed: its digest is not the one that the manifest lists", f.Name), nil)
	}
	if unread != nil {
		return damaged(f.Name, unread)
	}
	return nil
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// strictly decodes a canonical JSON document.
func strictly[T any](data []byte) error {
	v := new(T)
	return proof.Decode(data, v)
}

// lines hands each line of a file to check.
func lines(r io.Reader, check func([]byte) error) error {
	b := bufio.NewReaderSize(r, 64<<10)
	for n := 1; ; n++ {
		line, err := readLine(b)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = check(line)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
}

// complete wants the last line of a file to have its end.
func complete(data []byte) error {
	if len(data) > 0 && data[len(data)-1] != '\n' {
		return errors.New("its last line is cut")
	}
	return nil
}

// canonicalJSON wants one canonical value.
func canonicalJSON(data []byte) error {
	canonical, err := proof.Canonicalize(data)
	if err == nil && !bytes.Equal(canonical, data) {
		err = errors.New("not in canonical form (RFC 8785)")
	}
	return err
}

// encoding checks that a file is the one encoding of its content.
func (v *verifier) encoding(name string, r io.Reader) error {
	switch name {
	case resultsFile:
		return v.resultLines(r)
	case inventoryFile:
		return v.lineFile(r, strictly[Inventory])
	case ledgerFile:
		return v.lineFile(r, canonicalJSON)
	}
	data, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err != nil {
		return err
	}
	if len(data) > maxDocument {
		return fmt.Errorf("longer than %d bytes", maxDocument)
	}
	switch name {
	case planFile:
		return strictly[Plan](data)
	case environmentFile:
		return strictly[Environment](data)
	case endFile:
		return strictly[End](data)
	case outcomeFile:
		return strictly[Outcome](data)
	case catalogueFile:
		return canonicalJSON(data) // and typed, when the record is read
	}
	switch folder, _, _ := strings.Cut(name, "/"); folder {
	case offersFolder:
		return canonicalJSON(data) // likewise
	case histogramsFolder:
		return histogramEncoding(data)
	case foreignFolder, findingsFolder:
		return nil // what others wrote
	}
	return errors.New("a bundle has no such file")
}

func (v *verifier) lineFile(r io.Reader, check func([]byte) error) error {
	last := &lastByte{r: r}
	if err := lines(last, check); err != nil {
		return err
	}
	return complete(last.tail)
}

// lastByte remembers the last byte that was read.
type lastByte struct {
	r    io.Reader
	tail []byte
}

func (l *lastByte) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if n > 0 {
		l.tail = []byte{p[n-1]}
	}
	return n, err
}

// claim wants the statement to say what the files say.
func (v *verifier) claim() error {
	record, n, err := readLean(v.archive)
	if err != nil {
		return refused(lang.T("le contenu ne se lit pas", "the content can't be read"), err)
	}
	if err := v.seen.against(record.Plan, v.listed); err != nil {
		return err
	}
	v.Record = record
	want, err := proof.Canonical(claim(record, n, v.Claim.By))
	if err != nil {
		return err
	}
	got, err := proof.Canonical(v.Claim)
	if err != nil {
		return err
	}
	if v.Claim.Rules != score.Rules {
		return refused(lang.T("décidé par les règles %d ; cette version décide par les règles %d : vérifier avec une version de l'époque",
			"decided by the rules %d; this version decides by the rules %d: verify with a version of that time", v.Claim.Rules, score.Rules), nil)
	}
	if !bytes.Equal(want, got) {
		return refused(lang.T("la déclaration ne dit pas ce que disent les fichiers : %s", "the statement doesn't say what the files say: %s", differing(got, want)), nil)
	}
	v.holds("%d résultats, tous prévus par le plan, aucun en double", "%d results, all of them in the plan, none twice", n)
	return nil
}

// differing names the fields in which two JSON objects differ.
func differing(a, b []byte) string {
	var x, y map[string]json.RawMessage
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return "?"
	}
	var names []string
	for name := range y {
		if !bytes.Equal(x[name], y[name]) {
			names = append(names, name)
		}
	}
	for name := range x {
		if y[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// log wants the envelope to be in the log of its signer, and that log to be the
// one that is known.
func (v *verifier) log() error {
	text, err := v.read(logFile)
	if err != nil {
		return err
	}
	if v.Logged, err = proof.ParseLogProof(text); err != nil {
		return damaged(logFile, err)
	}
	if err := v.Logged.Includes(entryOf(v.envelope)); err != nil {
		return refused(lang.T("la déclaration n'est pas dans le journal", "the statement is not in the log"), err)
	}
	c := v.Logged.Checkpoint
	if _, err := c.Verify(v.trust.Ring); err != nil && (!v.trust.Anyone || !v.Signer.Key.IsZero()) {
		return refused(lang.T("le point de contrôle du journal n'est pas signé par une clé de confiance", "the checkpoint of the log is not signed by a trusted key"), err)
	}
	v.holds("inscrite au journal %s, entrée %d", "entered in the log %s, entry %d", c.Origin, v.Logged.Index)
	return v.consistent(c)
}

func (v *verifier) consistent(c proof.Checkpoint) error {
	if v.trust.Known == nil {
		v.Not = append(v.Not, lang.T("cohérence avec le journal publié : non vérifiée (--checkpoint FICHIER)", "consistency with the published log: not checked (--checkpoint FILE)"))
		return nil
	}
	known := *v.trust.Known
	if _, err := known.Verify(v.trust.Ring); err != nil {
		return refused(lang.T("le point de contrôle connu n'est pas signé par une clé de confiance", "the known checkpoint is not signed by a trusted key"), err)
	}
	path, err := v.path(c, known)
	if err != nil {
		return err
	}
	if err := proof.Consistent(c, known, path); err != nil {
		return refused(lang.T("le journal n'est pas celui qui est connu", "the log is not the one that is known"), err)
	}
	v.holds("cohérent avec le point de contrôle de %d entrées", "consistent with the checkpoint of %d entries", known.Size)
	return nil
}
