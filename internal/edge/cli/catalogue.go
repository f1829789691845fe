package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"aloi.dev/internal/demonstrator/campaign"
	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

func newCatalogue(s *State) *cobra.Command {
	var dir string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "catalogue",
		Short: s.say(lang.T("Les besoins des administrations et leurs cibles", "The needs of administrations and their targets")),
	}
	cmd.PersistentFlags().StringVar(&dir, "catalogue", "", s.say(lang.T("dossier d'un autre catalogue", "folder of another catalogue")))
	cmd.PersistentFlags().BoolVar(&asJSON, "json", false, s.say(lang.T("écrire en JSON", "write JSON")))
	verb := func(use string, short lang.Text, args cobra.PositionalArgs, run func(*catalogue.Catalogue, []string) error) {
		cmd.AddCommand(&cobra.Command{Use: use, Short: s.say(short), Args: args, RunE: func(_ *cobra.Command, args []string) error {
			cat, err := s.loadCatalogue(dir)
			if err != nil {
				return err
			}
			return run(cat, args)
		}})
	}
	verb("check", lang.T("Vérifier tous les fichiers du catalogue", "Check every file of the catalogue"), exactly(0),
		func(c *catalogue.Catalogue, _ []string) error { return s.catalogueCheck(c, asJSON) })
	verb("list", lang.T("Lister les besoins et les cibles", "List needs and targets"), exactly(0),
		func(c *catalogue.Catalogue, _ []string) error { return s.catalogueList(c, asJSON) })
	verb("show ID", lang.T("Montrer un besoin, une cible ou une vérification", "Show a need, a target or a check"), exactly(1),
		func(c *catalogue.Catalogue, args []string) error { return s.catalogueShow(c, args[0], asJSON) })
	verb("explain [ID]", lang.T("L'arbre besoin, cible, vérifications", "The tree of need, target, checks"), invalid(cobra.MaximumNArgs(1)),
		func(c *catalogue.Catalogue, args []string) error {
			return s.catalogueExplain(c, strings.Join(args, ""), asJSON)
		})
	return cmd
}

func (s *State) catalogueCheck(c *catalogue.Catalogue, asJSON bool) error {
	digest, err := c.Digest()
	if err != nil {
		return err
	}
	checks := 0
	for _, suite := range campaign.Suites {
		checks += len(suite.Checks)
	}
	if asJSON {
		return s.printJSON(map[string]any{"digest": digest, "needs": len(c.Needs), "targets": len(c.Targets), "checks": checks})
	}
	fmt.Fprintln(s.Stdout, s.say(lang.T("Catalogue valide : %d besoins, %d cibles, %d vérifications.\nEmpreinte %s",
		"Valid catalogue: %d needs, %d targets, %d checks.\nDigest %s", len(c.Needs), len(c.Targets), checks, digest)))
	return nil
}

func (s *State) catalogueList(c *catalogue.Catalogue, asJSON bool) error {
	if asJSON {
		return s.printJSON(c)
	}
	w := tabwriter.NewWriter(s.Stdout, 0, 4, 2, ' ', 0)
	today := catalogue.DateOf(s.Now())
	for _, n := range c.Needs {
		fmt.Fprintf(w, "%s\t%s\n", n.ID, s.say(n.Title))
		for _, t := range c.TargetsOf(n.ID) {
			fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", t.ID, s.role(t), s.targetState(t.StateAt(today)), s.say(t.Title))
		}
	}
	return w.Flush()
}

// role names how a target counts.
func (s *State) role(t catalogue.Target) string {
	if t.Role == catalogue.Gate {
		return s.say(lang.T("éliminatoire", "gate"))
	}
	return s.say(lang.T("poids %d", "weight %d", t.Weight))
}

func (s *State) targetState(state catalogue.TargetState) string {
	switch state {
	case catalogue.Effective:
		return s.say(lang.T("en vigueur", "effective"))
	case catalogue.Deprecated:
		return s.say(lang.T("retirée", "deprecated"))
	}
	return s.say(lang.T("projet", "draft"))
}

func (s *State) catalogueShow(c *catalogue.Catalogue, id string, asJSON bool) error {
	if need := c.Need(catalogue.NeedID(id)); need != nil {
		return s.show(asJSON, need, func() { s.showNeed(c, *need) })
	}
	if target := c.Target(catalogue.TargetID(id)); target != nil {
		return s.show(asJSON, target, func() { s.showTarget(*target) })
	}
	for _, suite := range campaign.Suites {
		for _, check := range suite.Checks {
			if check.ID == id {
				return s.show(asJSON, describe(check), func() { s.showCheck(c, check) })
			}
		}
	}
	return unknownID(c, id)
}

func (s *State) show(asJSON bool, v any, text func()) error {
	if asJSON {
		return s.printJSON(v)
	}
	text()
	return nil
}

// describe is a check without its function.
func describe(c probe.Check) map[string]any {
	return map[string]any{"id": c.ID, "title": c.Title, "rule": c.Rule, "class": c.ClassName(), "features": c.Features, "after": c.After}
}

func (s *State) showNeed(c *catalogue.Catalogue, n catalogue.Need) {
	fmt.Fprintf(s.Stdout, "%s - %s\n\n%s\n\n", n.ID, s.say(n.Title), lines(s.say(n.Statement)))
	s.facts(
		lang.T("exprimé par", "expressed by"), s.say(n.ExpressedBy),
		lang.T("priorité", "priority"), string(n.Priority),
		lang.T("date", "date"), string(n.Date),
		lang.T("source", "source"), s.source(n.Source),
	)
	for _, t := range c.TargetsOf(n.ID) {
		fmt.Fprintf(s.Stdout, "  -> %s (%s): %s\n", t.ID, s.role(t), s.say(t.Title))
	}
}

func (s *State) showTarget(t catalogue.Target) {
	fmt.Fprintf(s.Stdout, "%s - %s\n\n%s\n\n", t.ID, s.say(t.Title), lines(s.say(t.Why)))
	s.facts(
		lang.T("besoin", "need"), string(t.Need),
		lang.T("compte comme", "counts as"), s.role(t),
		lang.T("état", "state"), s.targetState(t.StateAt(catalogue.DateOf(s.Now()))),
		lang.T("source", "source"), s.source(t.Source),
	)
	s.tree(s.Stdout, t, "")
}

func (s *State) showCheck(c *catalogue.Catalogue, check probe.Check) {
	fmt.Fprintf(s.Stdout, "%s - %s\n\n", check.ID, s.say(check.Title))
	s.facts(
		lang.T("règle", "rule"), check.Rule,
		lang.T("classe", "class"), check.ClassName(),
		lang.T("fonctions", "features"), strings.Join(check.Features, ", "),
	)
	for _, t := range c.Targets {
		if t.Functional != nil && slices.Contains(t.Functional.Checks, check.ID) {
			fmt.Fprintf(s.Stdout, "  <- %s (%s) <- %s\n", t.ID, s.role(t), t.Need)
		}
	}
}

// facts prints names and values in two columns, leaving out what is empty.
func (s *State) facts(pairs ...any) {
	w := tabwriter.NewWriter(s.Stdout, 0, 4, 2, ' ', 0)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			fmt.Fprintf(w, "  %s\t%s\n", s.say(pairs[i].(lang.Text)), pairs[i+1])
		}
	}
	_ = w.Flush()
	fmt.Fprintln(s.Stdout)
}

func (s *State) source(src catalogue.Source) string {
	kind := s.say(lang.T("source publique", "public source"))
	if src.Kind == catalogue.Proposal {
		kind = s.say(lang.T("proposition de ce catalogue", "proposal of this catalogue"))
	}
	text := kind + " : " + s.say(src.Title)
	if src.URL != "" {
		text += " <" + src.URL + ">"
	}
	return text
}

// catalogueExplain prints the tree of all, or of one need or target.
func (s *State) catalogueExplain(c *catalogue.Catalogue, id string, asJSON bool) error {
	found := false
	type branch struct {
		Need    catalogue.Need     `json:"need"`
		Targets []catalogue.Target `json:"targets"`
	}
	var branches []branch
	for _, n := range c.Needs {
		b := branch{Need: n}
		for _, t := range c.TargetsOf(n.ID) {
			if id == "" || id == string(n.ID) || id == string(t.ID) {
				b.Targets = append(b.Targets, t)
				found = true
			}
		}
		if len(b.Targets) > 0 {
			branches = append(branches, b)
		}
	}
	if !found {
		return unknownID(c, id)
	}
	if asJSON {
		return s.printJSON(branches)
	}
	for _, b := range branches {
		fmt.Fprintf(s.Stdout, "%s - %s\n", b.Need.ID, s.say(b.Need.Title))
		for _, t := range b.Targets {
			s.tree(s.Stdout, t, "  ")
		}
	}
	return nil
}

func (s *State) tree(w io.Writer, t catalogue.Target, indent string) {
	counts := s.role(t)
	if state := t.StateAt(catalogue.DateOf(s.Now())); state != catalogue.Effective {
		counts += ", " + s.targetState(state)
	}
	fmt.Fprintf(w, "%s%s (%s) - %s\n", indent, t.ID, counts, s.say(t.Title))
	switch {
	case t.Functional != nil:
		for _, check := range t.Functional.Checks {
			fmt.Fprintf(w, "%s  %s\n", indent, check)
		}
	case t.Quantitative != nil:
		q := t.Quantitative
		fmt.Fprintf(w, "%s  %s %s %s %s\n", indent, q.Service, q.Operation, q.Metric, q.Quantile)
	case t.Manual != nil:
		fmt.Fprintf(w, "%s  %s\n", indent, s.say(t.Manual.Question))
	}
}

// unknownID names the nearest thing that exists.
func unknownID(c *catalogue.Catalogue, id string) error {
	var words []string
	for _, n := range c.Needs {
		words = append(words, string(n.ID))
	}
	for _, t := range c.Targets {
		words = append(words, string(t.ID))
	}
	for _, suite := range campaign.Suites {
		for _, check := range suite.Checks {
			words = append(words, check.ID)
		}
	}
	return fault.New(fault.NotFound, lang.T("« %s » n'est ni un besoin, ni une cible, ni une vérification%s",
		"%q is neither a need, nor a target, nor a check%s", id, hint(id, words)))
}
