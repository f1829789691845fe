package cli

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

type exceptionFlags struct {
	catalogue, offer, owner, reason, expires, bundle, out, key, on string
	scope, trust                                                   []string
	json                                                           bool
}

func newException(s *State) *cobra.Command {
	var f exceptionFlags
	cmd := &cobra.Command{
		Use:   "exception",
		Short: s.say(lang.T("Les dérogations : ce dont quelqu'un accepte de se passer", "Exceptions: what somebody accepts to go without")),
		Long: s.say(lang.T(`Une dérogation a un responsable, une raison, une portée, une échéance et deux signataires.
Elle se montre à côté de ce qu'elle couvre et ne compte jamais comme passé.`,
			`An exception has an owner, a reason, a scope, an end and two signers. It is shown beside
what it covers and never counts as passed.`)),
	}
	approve := &cobra.Command{
		Use:   "approve FILE",
		Short: s.say(lang.T("Ajouter la seconde signature", "Add the second signature")),
		Args:  exactly(1),
		RunE:  func(_ *cobra.Command, args []string) error { return s.exceptionApprove(f, args[0]) },
	}
	list := &cobra.Command{
		Use:   "list FILE...",
		Short: s.say(lang.T("Lister des dérogations et leur état", "List exceptions and their state")),
		Args:  atLeastOne(),
		RunE:  func(_ *cobra.Command, args []string) error { return s.exceptionList(f, args) },
	}
	s.keyFlag(approve, &f.key)
	list.Flags().StringVar(&f.on, "on", "", s.say(lang.T("date de l'état, AAAA-MM-JJ (par défaut aujourd'hui)", "date of the state, YYYY-MM-DD (today by default)")))
	for _, c := range []*cobra.Command{approve, list} {
		s.trustFlag(c, &f.trust)
	}
	cmd.AddCommand(newExceptionNew(s, &f), approve, list)
	for _, c := range cmd.Commands() {
		c.Flags().BoolVar(&f.json, "json", false, s.say(lang.T("écrire en JSON", "write JSON")))
	}
	return cmd
}

func newExceptionNew(s *State, f *exceptionFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "new",
		Short: s.say(lang.T("Écrire et signer une dérogation", "Write and sign an exception")),
		Args:  exactly(0),
		RunE:  func(*cobra.Command, []string) error { return s.exceptionNew(*f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.catalogue, "catalogue", "", s.say(lang.T("dossier d'un autre catalogue", "folder of another catalogue")))
	flags.StringVar(&f.offer, "offer", "", s.say(lang.T("offre : son fichier .yaml ou son identifiant", "offer: its .yaml file or its id")))
	flags.StringArrayVar(&f.scope, "scope", nil, s.say(lang.T("cible, ou vérifications telles que s3/lock/* (répétable)", "target, or checks such as s3/lock/* (repeatable)")))
	flags.StringVar(&f.owner, "owner", "", s.say(lang.T("qui en répond", "who answers for it")))
	flags.StringVar(&f.reason, "reason", "", s.say(lang.T("pourquoi", "why")))
	flags.StringVar(&f.expires, "expires", "", s.say(lang.T("dernier jour, AAAA-MM-JJ", "last day, YYYY-MM-DD")))
	flags.StringVar(&f.bundle, "bundle", "", s.say(lang.T("dossier de preuves auquel elle se limite", "bundle to which it is limited")))
	flags.StringVar(&f.out, "out", "", s.say(lang.T("fichier à écrire (par défaut OFFER.exception.json)", "file to write (OFFER.exception.json by default)")))
	s.keyFlag(cmd, &f.key)
	return cmd
}

// checkScope refuses what covers nothing: a typing error would otherwise pass for
// an exception.
func checkScope(k *shelf, scope []string) error {
	if len(scope) == 0 {
		return usage(lang.T("--scope manque : une cible, ou des vérifications telles que s3/lock/*", "--scope is missing: a target, or checks such as s3/lock/*"))
	}
	var ids []string
	for _, t := range k.cat.Targets {
		ids = append(ids, string(t.ID))
	}
	checks := k.words(nil).Checks()
	for _, s := range scope {
		covers := slices.Contains(ids, s)
		if strings.ContainsAny(s, "/*") {
			covers = slices.ContainsFunc(checks, func(id string) bool { return measure.Matches(s, id) })
		}
		if !covers {
			return usage(lang.T("--scope « %s » ne couvre ni cible ni vérification%s", "--scope %q covers neither a target nor a check%s", s, hint(s, append(ids, checks...))))
		}
	}
	return nil
}

func (s *State) exceptionNew(f exceptionFlags) error {
	shelf, err := s.loadShelf(f.catalogue)
	if err != nil {
		return err
	}
	if err := checkScope(shelf, f.scope); err != nil {
		return err
	}
	today := catalogue.Date(day(s.Now()))
	x := evidence.Exception{Scope: f.scope, Owner: f.owner, Reason: f.reason, On: today}
	offer, err := s.offerID(shelf, f.offer)
	if err != nil {
		return err
	}
	x.Offer = catalogue.OfferID(offer)
	for flag, value := range map[string]string{"--owner": f.owner, "--reason": f.reason, "--expires": f.expires} {
		if value == "" {
			return usage(lang.T("%s manque : une dérogation a un responsable, une raison et une échéance", "%s is missing: an exception has an owner, a reason and an end", flag))
		}
	}
	if x.Expires, err = s.date(f.expires, "--expires"); err != nil {
		return err
	}
	if x.Expires < today {
		return usage(lang.T("--expires %s est passé", "--expires %s has passed", x.Expires))
	}
	if f.bundle != "" {
		if _, err := s.openBundle(f.bundle); err != nil {
			return err
		}
		subject, err := s.bundleExhibit(f.bundle)
		if err != nil {
			return err
		}
		x.Bundle = &subject
	}
	key, _, err := s.signer(f.key)
	if err != nil {
		return err
	}
	signed, err := evidence.NewException(x, key)
	if err != nil {
		return err
	}
	if f.out == "" {
		f.out = offer + ".exception.json"
	}
	if err := s.writeSigned(f.out, signed.Envelope); err != nil {
		return err
	}
	if f.json {
		return s.printJSON(map[string]any{"file": f.out, "exception": x})
	}
	fmt.Fprintln(s.Stdout, s.say(lang.T("%s écrit et signé. Sans effet tant qu'une autre personne ne l'a pas signé aussi : aloi exception approve %s",
		"%s written and signed. Without effect until another person has signed it too: aloi exception approve %s", f.out, shellWord(f.out))))
	return nil
}

// checkedException reads an exception's file and checks it against a ring.
func (s *State) checkedException(path string, ring *proof.Ring) (*evidence.SignedException, error) {
	e, err := s.readSigned(path)
	if err != nil {
		return nil, err
	}
	x, err := evidence.ReadException(e)
	if err == nil {
		err = x.Check(ring)
	}
	return x, in(path, err)
}

func (s *State) exceptionApprove(f exceptionFlags, path string) error {
	ring, err := s.ring(f.trust)
	if err != nil {
		return err
	}
	x, err := s.checkedException(path, ring)
	if err != nil {
		return err
	}
	today := catalogue.Date(day(s.Now()))
	if state := x.StateOn(today); state == measure.Expired || state == measure.Early {
		return in(path, fault.New(fault.Invalid, lang.T("cette dérogation ne peut pas être signée : %s", "this exception can't be signed: %s", exceptionState(state))))
	}
	key, id, err := s.signer(f.key)
	if err != nil {
		return err
	}
	if err := x.Approve(key, id); err != nil {
		return in(path, err)
	}
	if err := s.rewriteSigned(path, x.Envelope); err != nil {
		return err
	}
	if f.json {
		return s.printJSON(x.Stand(today))
	}
	fmt.Fprintln(s.Stdout, s.say(lang.T("Signé. Offre %s, portée %s : %s.", "Signed. Offer %s, scope %s: %s.", x.Offer, strings.Join(x.Scope, ", "), x.Text(today))))
	return nil
}

// exceptionState words a state.
func exceptionState(state measure.FindingState) lang.Text {
	switch state {
	case measure.Approved:
		return lang.T("en vigueur", "in force")
	case measure.Awaiting:
		return lang.T("en attente d'une seconde signature", "awaiting a second signature")
	case measure.Expired:
		return lang.T("périmée", "expired")
	case measure.Early:
		return lang.T("signée après cette date", "signed after that date")
	}
	return lang.T("signataire inconnu", "untrusted signer")
}

func (s *State) exceptionList(f exceptionFlags, paths []string) error {
	ring, err := s.ring(f.trust)
	if err != nil {
		return err
	}
	on, err := s.date(f.on, "--on")
	if err != nil {
		return err
	}
	type row struct {
		File string `json:"file"`
		evidence.Standing
	}
	list := []row{}
	for _, path := range paths {
		e, err := s.readSigned(path)
		if err != nil {
			return err
		}
		x, err := evidence.ReadException(e)
		if err != nil {
			return in(path, err)
		}
		stands := x.Stand(on)
		stands.State = untrusted
		if _, known := ring.Find(x.Author); known {
			if err := x.Check(ring); err != nil {
				return in(path, err)
			}
			stands = x.Stand(on)
		}
		list = append(list, row{path, stands})
	}
	if f.json {
		return s.printJSON(list)
	}
	w := tabwriter.NewWriter(s.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, s.say(lang.T("OFFRE\tPORTÉE\tRESPONSABLE\tJUSQU'AU\tÉTAT\tFICHIER", "OFFER\tSCOPE\tOWNER\tUNTIL\tSTATE\tFILE")))
	for _, x := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", x.Offer, strings.Join(x.Scope, ", "), x.Owner, x.Expires, s.say(exceptionState(x.State)), x.File)
	}
	return w.Flush()
}
