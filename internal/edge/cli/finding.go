package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

type findingFlags struct {
	catalogue, offer, answer, observed, until, note, out, key, dir, on string
	evidence, trust                                                    []string
	json                                                               bool
}

func newFinding(s *State) *cobra.Command {
	var f findingFlags
	cmd := &cobra.Command{
		Use:   "finding",
		Short: s.say(lang.T("Les constats : ce que des personnes observent et approuvent", "Findings: what people observe and approve")),
	}
	cmd.PersistentFlags().StringVar(&f.catalogue, "catalogue", "", s.say(lang.T("dossier d'un autre catalogue", "folder of another catalogue")))
	approve := &cobra.Command{
		Use:   "approve FILE",
		Short: s.say(lang.T("Approuver le constat d'une autre personne", "Approve somebody else's finding")),
		Long: s.say(lang.T("Relit les pièces, montre ce qui est approuvé et ajoute votre signature au fichier.",
			"Reads the evidence again, shows what is approved and adds your signature to the file.")),
		Args: exactly(1),
		RunE: func(_ *cobra.Command, args []string) error { return s.findingApprove(f, args[0]) },
	}
	list := &cobra.Command{
		Use:   "list FILE...",
		Short: s.say(lang.T("Lister des constats et leur état", "List findings and their state")),
		Args:  atLeastOne(),
		RunE:  func(_ *cobra.Command, args []string) error { return s.findingList(f, args) },
	}
	approve.Flags().StringVar(&f.dir, "evidence-dir", "", s.say(lang.T("dossier des pièces (par défaut celui du fichier)", "folder of the evidence (the file's own by default)")))
	s.keyFlag(approve, &f.key)
	list.Flags().StringVar(&f.on, "on", "", s.say(lang.T("date de l'état, AAAA-MM-JJ (par défaut aujourd'hui)", "date of the state, YYYY-MM-DD (today by default)")))
	cmd.AddCommand(newFindingNew(s, &f), approve, list)
	for _, c := range []*cobra.Command{approve, list} {
		s.trustFlag(c, &f.trust)
	}
	for _, c := range cmd.Commands() {
		c.Flags().BoolVar(&f.json, "json", false, s.say(lang.T("écrire en JSON", "write JSON")))
	}
	return cmd
}

// checkedFinding reads a finding's file and checks it against a ring.
func (s *State) checkedFinding(path string, ring *proof.Ring) (*evidence.SignedFinding, error) {
	text, err := s.readCapped(path, maxSigned)
	if err != nil {
		return nil, err
	}
	f, err := evidence.ParseFinding(text)
	if err == nil {
		err = f.Check(ring)
	}
	return f, in(path, err)
}

func (s *State) findingApprove(f findingFlags, path string) error {
	cat, err := s.loadCatalogue(f.catalogue)
	if err != nil {
		return err
	}
	ring, err := s.ring(f.trust)
	if err != nil {
		return err
	}
	finding, err := s.checkedFinding(path, ring)
	if err != nil {
		return err
	}
	target := cat.Target(catalogue.TargetID(finding.Target))
	switch state := score.StateOf(&finding.Finding, target, catalogue.Date(day(s.Now()))); state {
	case measure.Void, measure.Expired, measure.Early:
		return in(path, fault.New(fault.Invalid, lang.T("ce constat ne peut pas être approuvé : %s", "this finding can't be approved: %s", findingState(&finding.Finding, state))))
	}
	if err := s.checkExhibits(finding.Evidence, s.evidenceDir(f.dir, path)); err != nil {
		return err
	}
	key, id, err := s.signer(f.key)
	if err != nil {
		return err
	}
	if err := finding.Approve(key, id); err != nil {
		return in(path, err)
	}
	if err := s.rewriteSigned(path, finding.Envelope); err != nil {
		return err
	}
	state := score.StateOf(&finding.Finding, target, catalogue.Date(day(s.Now())))
	if f.json {
		return s.printJSON(findingLine(path, finding, state))
	}
	s.showFinding(finding, state)
	return nil
}

func (s *State) showFinding(f *evidence.SignedFinding, state measure.FindingState) {
	var names, people []string
	for _, e := range f.Evidence {
		names = append(names, e.Name+" ("+e.Digest+")")
	}
	for _, p := range f.By {
		people = append(people, p.Holder+" ("+p.Key+")")
	}
	fmt.Fprintln(s.Stdout, s.say(lang.T("Approuvé :", "Approved:")))
	s.facts(
		lang.T("offre", "offer"), f.Offer,
		lang.T("cible", "target"), f.Target,
		lang.T("question", "question"), s.say(f.Question),
		lang.T("réponse", "answer"), f.Answer.String(),
		lang.T("note", "note"), strings.ReplaceAll(f.Note, "\n", " "),
		lang.T("observé le", "observed on"), f.Observed,
		lang.T("valable jusqu'au", "valid until"), f.ValidUntil,
		lang.T("pièces", "evidence"), strings.Join(names, ", "),
		lang.T("signé par", "signed by"), strings.Join(people, ", "),
		lang.T("état", "state"), s.say(findingState(&f.Finding, state)),
	)
}

// findingState words a state.
func findingState(f *measure.Finding, state measure.FindingState) lang.Text {
	switch state {
	case measure.Approved:
		return lang.T("approuvé", "approved")
	case measure.Awaiting:
		return lang.T("en attente d'approbation (%d sur %d)", "awaiting approval (%d of %d)", len(f.By), f.Approvers)
	case measure.Expired:
		return lang.T("périmé", "expired")
	case measure.Early:
		return lang.T("observé après cette date", "observed after that date")
	case measure.Void:
		return lang.T("sans effet : le catalogue n'a plus cette cible, ou pose une autre question", "void: the catalogue has this target no more, or asks another question")
	}
	return lang.T("signataire inconnu", "untrusted signer")
}

// findingJSON is a finding as `aloi finding list --json` has it.
type findingJSON struct {
	File    string               `json:"file"`
	State   measure.FindingState `json:"state"`
	Signed  int                  `json:"signed"`
	Finding measure.Finding      `json:"finding"`
}

func findingLine(path string, f *evidence.SignedFinding, state measure.FindingState) findingJSON {
	return findingJSON{path, state, len(f.By), f.Finding}
}

// untrusted is the state of a finding whose observer the ring doesn't know.
const untrusted measure.FindingState = "untrusted"

func (s *State) findingList(f findingFlags, paths []string) error {
	cat, err := s.loadCatalogue(f.catalogue)
	if err != nil {
		return err
	}
	ring, err := s.ring(f.trust)
	if err != nil {
		return err
	}
	on, err := s.date(f.on, "--on")
	if err != nil {
		return err
	}
	list := []findingJSON{}
	for _, path := range paths {
		text, err := s.readCapped(path, maxSigned)
		if err != nil {
			return err
		}
		finding, err := evidence.ParseFinding(text)
		if err != nil {
			return in(path, err)
		}
		state := untrusted
		if _, known := ring.Find(finding.Observer); known {
			if err := finding.Check(ring); err != nil {
				return in(path, err)
			}
			state = score.StateOf(&finding.Finding, cat.Target(catalogue.TargetID(finding.Target)), on)
		}
		list = append(list, findingLine(path, finding, state))
	}
	if f.json {
		return s.printJSON(list)
	}
	w := tabwriter.NewWriter(s.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, s.say(lang.T("CIBLE\tOFFRE\tRÉPONSE\tOBSERVÉ\tVALABLE JUSQU'AU\tÉTAT\tFICHIER", "TARGET\tOFFER\tANSWER\tOBSERVED\tVALID UNTIL\tSTATE\tFILE")))
	for _, l := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.Finding.Target, l.Finding.Offer, l.Finding.Answer, l.Finding.Observed, l.Finding.ValidUntil, s.say(findingState(&l.Finding, l.State)), l.File)
	}
	return w.Flush()
}
