package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

type answerFlags struct {
	offer, check, contest, reason, out, key string
	accept, rerun, json                     bool
}

func newAnswer(s *State) *cobra.Command {
	var f answerFlags
	cmd := &cobra.Command{
		Use:   "answer BUNDLE",
		Short: s.say(lang.T("Répondre, avant publication, au résultat d'une vérification", "Answer, before publication, the result of a check")),
		Long: s.say(lang.T(`Signe la réponse du fournisseur à un résultat : l'accepter, le contester avec une raison,
ou demander une nouvelle exécution avec la même graine. Une réponse se montre à côté du
résultat (aloi report --with) et ne change ni le résultat, ni un verdict.`,
			`Signs the provider's answer to a result: accept it, contest it with a reason, or ask for one
re-run with the same seed. An answer is shown beside the result (aloi report --with); it
changes neither the result nor a verdict.`)),
		Args: exactly(1),
		RunE: func(_ *cobra.Command, args []string) error { return s.answer(f, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.offer, "offer", "", s.say(lang.T("identifiant de l'offre", "id of the offer")))
	flags.StringVar(&f.check, "check", "", s.say(lang.T("identifiant de la vérification", "id of the check")))
	flags.BoolVar(&f.accept, "accept", false, s.say(lang.T("accepter le résultat", "accept the result")))
	flags.StringVar(&f.contest, "contest", "", s.say(lang.T("contester le résultat, et pourquoi", "contest the result, and why")))
	flags.BoolVar(&f.rerun, "rerun", false, s.say(lang.T("demander une nouvelle exécution", "ask for a re-run")))
	flags.StringVar(&f.reason, "reason", "", s.say(lang.T("ce qu'un lecteur doit savoir", "what a reader must know")))
	flags.StringVar(&f.out, "out", "", s.say(lang.T("fichier à écrire", "file to write")))
	flags.BoolVar(&f.json, "json", false, s.say(lang.T("écrire en JSON", "write JSON")))
	s.keyFlag(cmd, &f.key)
	return cmd
}

// kind reads which answer the flags give: exactly one.
func (f answerFlags) kind() (kind evidence.AnswerKind, reason string, err error) {
	given := 0
	for k, set := range map[evidence.AnswerKind]bool{evidence.Accept: f.accept, evidence.Contest: f.contest != "", evidence.Again: f.rerun} {
		if set {
			kind = k
			given++
		}
	}
	switch {
	case given != 1:
		return "", "", usage(lang.T("une réponse est --accept, --contest \"RAISON\" ou --rerun : exactement une des trois", "an answer is --accept, --contest \"REASON\" or --rerun: exactly one of the three"))
	case kind == evidence.Contest && f.reason != "":
		return "", "", usage(lang.T("la raison d'une contestation suit --contest : retirer --reason", "the reason of a contest follows --contest: drop --reason"))
	case kind == evidence.Contest:
		return kind, f.contest, nil
	}
	return kind, f.reason, nil
}

func (s *State) answer(f answerFlags, path string) error {
	kind, reason, err := f.kind()
	if err != nil {
		return err
	}
	record, err := s.openBundle(path)
	if err != nil {
		return err
	}
	if err := answerable(record, f, kind); err != nil {
		return err
	}
	subject, err := s.bundleExhibit(path)
	if err != nil {
		return err
	}
	key, id, err := s.signer(f.key)
	if err != nil {
		return err
	}
	a := evidence.Answer{Bundle: subject, Run: record.Plan.Run, Offer: catalogue.OfferID(f.offer), Check: f.check, Kind: kind, Reason: reason, On: catalogue.Date(day(s.Now()))}
	e, err := evidence.NewAnswer(a, key)
	if err != nil {
		return err
	}
	if f.out == "" {
		f.out = f.offer + "." + strings.ReplaceAll(f.check, "/", "-") + ".answer.json"
	}
	if err := s.writeSigned(f.out, e); err != nil {
		return err
	}
	a.By = measure.Person{Key: id.Key.ID(), Holder: id.Holder, Role: id.Role}
	if f.json {
		return s.printJSON(map[string]any{"file": f.out, "answer": a})
	}
	fmt.Fprintln(s.Stdout, s.say(lang.T("%s écrit et signé : %s.", "%s written and signed: %s.", f.out, a.Text())))
	return nil
}

// answerable refuses an answer to what the bundle doesn't hold, or to a check
// that passed.
func answerable(r *evidence.Record, f answerFlags, kind evidence.AnswerKind) error {
	var offers []string
	for _, o := range r.Offers {
		offers = append(offers, string(o.ID))
	}
	var checks []string
	for _, c := range r.Plan.Checks {
		checks = append(checks, c.ID)
	}
	switch {
	case !slices.Contains(offers, f.offer):
		return usage(lang.T("--offer « %s » n'est pas dans cette campagne%s ; il y a : %s", "--offer %q is not in this run%s; there is: %s", f.offer, hint(f.offer, offers), strings.Join(offers, ", ")))
	case !slices.Contains(checks, f.check):
		return usage(lang.T("--check « %s » n'est pas dans cette campagne%s", "--check %q is not in this run%s", f.check, hint(f.check, checks)))
	case kind == evidence.Again && r.Plan.Rerun != nil:
		return fault.New(fault.Invalid, lang.T("c'est déjà une nouvelle exécution : il n'y en a qu'une", "this is a re-run already: there is only one"))
	}
	i := slices.IndexFunc(r.Results, func(res measure.Result) bool { return res.Offer == f.offer && res.Check == f.check })
	switch {
	case i < 0:
		return fault.New(fault.Invalid, lang.T("%s n'a pas de résultat sur %s : la campagne s'est arrêtée avant", "%s has no result on %s: the run stopped before", f.check, f.offer))
	case r.Results[i].State == measure.Pass:
		return fault.New(fault.Invalid, lang.T("%s est passée sur %s : il n'y a rien à répondre", "%s passed on %s: there is nothing to answer", f.check, f.offer))
	}
	return nil
}

// bundleExhibit names a bundle by the digest of its file.
func (s *State) bundleExhibit(path string) (measure.Exhibit, error) {
	digest, err := s.digest(path)
	return measure.Exhibit{Name: filepath.Base(path), Digest: digest}, err
}

// readSigned reads a signed statement of any type.
func (s *State) readSigned(path string) (*proof.Envelope, error) {
	text, err := s.readCapped(path, maxSigned)
	if err != nil {
		return nil, err
	}
	e, err := proof.ParseEnvelope(text)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, lang.T("%s n'est pas une déclaration signée intacte", "%s is not an intact signed statement", path), err)
	}
	return e, nil
}
