package evidence

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// FindingFile is a checked finding to put into a run folder, with the identities
// of those who signed and the way to what it rests on.
type FindingFile struct {
	Finding *SignedFinding
	Signers []proof.Identity
	Exhibit func(measure.Exhibit) ([]byte, error)
}

// FindingPlan names a finding by the digest of its file.
type FindingPlan struct {
	Offer  catalogue.OfferID  `json:"offer"`
	Target catalogue.TargetID `json:"target"`
	Digest string             `json:"digest"`
}

// Plan is the finding as a run's plan has it.
func (f FindingFile) Plan() (FindingPlan, error) {
	text, err := f.Finding.Envelope.Bytes()
	return FindingPlan{catalogue.OfferID(f.Finding.Offer), catalogue.TargetID(f.Finding.Target), proof.Digest(text)}, err
}

// file is where the finding is in a run folder.
func (p FindingPlan) file() string {
	return path.Join(findingsFolder, string(p.Offer)+"."+string(p.Target)+".json")
}

// signerFile is where the identity of a key is.
func signerFile(id string) string {
	var b strings.Builder
	for _, c := range []byte(id) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '+' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	return path.Join(findingsFolder, "keys", b.String()+".pub")
}

func exhibitFile(e measure.Exhibit) string {
	return path.Join(findingsFolder, "files", strings.TrimPrefix(e.Digest, "sha256:"))
}

// addFindings writes the findings, once each file that several of them share.
func (f *Folder) addFindings(findings []FindingFile) error {
	written := map[string]bool{}
	add := func(name string, data []byte) error {
		if written[name] {
			return nil
		}
		written[name] = true
		return f.write(filepath.FromSlash(name), data)
	}
	if len(findings) == 0 {
		return nil
	}
	for _, dir := range []string{"keys", "files"} {
		if err := f.disk.MkdirAll(filepath.Join(f.Dir, findingsFolder, dir)); err != nil {
			return err
		}
	}
	for _, finding := range findings {
		if err := finding.write(add); err != nil {
			return err
		}
	}
	return nil
}

func (f FindingFile) write(add func(string, []byte) error) error {
	plan, err := f.Plan()
	if err != nil {
		return err
	}
	text, err := f.Finding.Envelope.Bytes()
	if err != nil {
		return err
	}
	if err := add(plan.file(), text); err != nil {
		return err
	}
	for _, id := range f.Signers {
		if err := add(signerFile(id.Key.ID()), []byte(id.Text())); err != nil {
			return err
		}
	}
	for _, e := range f.Finding.Evidence {
		data, err := f.Exhibit(e)
		if err == nil && proof.Digest(data) != e.Digest {
			err = fmt.Errorf("%s is not what was signed", e.Name)
		}
		if err == nil {
			err = add(exhibitFile(e), data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readFindings reads the findings of the plan back and checks them, with the keys
// that the folder holds: whoever made the run trusted those.
func (r *Record) readFindings(folder fs.FS) error {
	for i, p := range r.Plan.Findings {
		if slices.ContainsFunc(r.Plan.Findings[:i], func(o FindingPlan) bool { return o.Offer == p.Offer && o.Target == p.Target }) {
			return broken(planFile, fmt.Errorf("two findings on %s of %s", p.Target, p.Offer))
		}
		finding, err := readFinding(folder, p)
		if err == nil && !slices.ContainsFunc(r.Plan.Offers, func(o OfferPlan) bool { return o.ID == p.Offer }) {
			err = fmt.Errorf("the plan has no offer %s", p.Offer)
		}
		if err != nil {
			return broken(p.file(), err)
		}
		r.Findings = append(r.Findings, finding.Finding)
		r.findingFiles = append(r.findingFiles, p.file())
		for _, id := range finding.Envelope.Signers() {
			r.findingFiles = append(r.findingFiles, signerFile(id))
		}
		for _, e := range finding.Evidence {
			r.findingFiles = append(r.findingFiles, exhibitFile(e))
		}
	}
	return nil
}

func readFinding(folder fs.FS, p FindingPlan) (*SignedFinding, error) {
	if err := errors.Join(checkID("the offer", string(p.Offer)), checkID("the target", string(p.Target))); err != nil {
		return nil, err
	}
	text, err := fs.ReadFile(folder, p.file())
	if err != nil {
		return nil, err
	}
	if got := proof.Digest(text); got != p.Digest {
		return nil, fmt.Errorf("its digest is %s, the plan says %s", got, p.Digest)
	}
	f, err := ParseFinding(text)
	if err != nil {
		return nil, err
	}
	if f.Offer != string(p.Offer) || f.Target != string(p.Target) {
		return nil, fmt.Errorf("it is about %s of %s", f.Target, f.Offer)
	}
	ring := &proof.Ring{}
	for _, id := range f.Envelope.Signers() {
		text, err := fs.ReadFile(folder, signerFile(id))
		if err != nil {
			return nil, err
		}
		identity, err := proof.ParseIdentity(text)
		if err == nil && identity.Key.ID() != id {
			err = fmt.Errorf("it is the key %s", identity.Key.ID())
		}
		if err == nil {
			err = ring.Add(identity)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", signerFile(id), err)
		}
	}
	if err := f.Check(ring); err != nil {
		return nil, err
	}
	for _, e := range f.Evidence {
		if err := checkExhibit(folder, e); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func checkExhibit(folder fs.FS, e measure.Exhibit) error {
	file, err := folder.Open(exhibitFile(e))
	if err != nil {
		return err
	}
	defer file.Close()
	sum := proof.NewDigester()
	if _, err := io.Copy(sum, file); err != nil {
		return err
	}
	if sum.Digest() != e.Digest {
		return fmt.Errorf("the evidence %q was changed", e.Name)
	}
	return nil
}

// onlyFindings refuses files among the findings that none of them needs.
func (r *Record) onlyFindings(listed Manifest) error {
	for _, f := range listed.Files {
		if strings.HasPrefix(f.Name, findingsFolder+"/") && !slices.Contains(r.findingFiles, f.Name) {
			return refused(lang.T("aucun constat du plan ne renvoie à %s", "no finding of the plan refers to %s", f.Name), nil)
		}
	}
	return nil
}
