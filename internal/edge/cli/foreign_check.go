package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"aloi.dev/internal/demonstrator/campaign"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/demonstrator/probe/foreign"
	"aloi.dev/internal/lang"
)

func newForeign(s *State) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "foreign",
		Short: s.say(lang.T("Faire des vérifications avec les suites des autres", "Make checks of other people's suites")),
	}
	check := &cobra.Command{
		Use:   "check MAPPING.yaml [RESULT]",
		Short: s.say(lang.T("Montrer ce que devient chaque test, sans rien mesurer", "Show what becomes of each test, without measuring")),
		Long: s.say(lang.T(`Vérifie un fichier de correspondance et, s'il est donné, un résultat : quelle
vérification chaque test décide, dans quel état, et ce qui manque. N'exécute rien
et n'écrit rien.`,
			`Checks a mapping and, when one is given, a result: which check each test decides,
in which state, and what is missing. Runs nothing and writes nothing.`)),
		Args: invalid(cobra.RangeArgs(1, 2)),
		RunE: func(_ *cobra.Command, args []string) error { return s.foreignCheck(args, asJSON) },
	}
	check.Flags().BoolVar(&asJSON, "json", false, s.say(lang.T("écrire en JSON", "write JSON")))
	cmd.AddCommand(check)
	return cmd
}

// foreignCheck shows a mapping, or what becomes of a result under it.
func (s *State) foreignCheck(args []string, asJSON bool) error {
	folder, name := s.open(args[0])
	m, err := foreign.Load(folder, name, probe.Words(campaign.Suites))
	if err != nil {
		return err
	}
	digest, err := m.Digest()
	if err != nil {
		return err
	}
	if len(args) == 1 {
		if asJSON {
			return s.printJSON(map[string]any{"digest": digest, "mapping": m, "checks": m.Known()})
		}
		return s.mapping(m, digest)
	}
	data, assigned, err := s.readResult(m, args[1])
	if err != nil {
		return err
	}
	results := foreign.Replay(m, data, measure.ForeignRun{Suite: string(m.Suite), Imported: true, File: filepath.Base(args[1])})
	if asJSON {
		return s.printJSON(map[string]any{"digest": digest, "results": results, "ignored": len(assigned.Ignored)})
	}
	s.mapped(assigned, results)
	return nil
}

func (s *State) mapping(m *foreign.Mapping, digest string) error {
	fmt.Fprintf(s.Stdout, "%s - %s, %s\n\n", m.Suite, s.say(m.Title), m.Version)
	s.facts(
		lang.T("norme", "standard"), m.Rule,
		lang.T("source", "source"), s.source(m.Source),
		lang.T("service", "service"), m.Service,
		lang.T("commande", "command"), strings.Join(m.Command, " "),
		lang.T("empreinte", "digest"), digest,
	)
	w := tabwriter.NewWriter(s.Stdout, 0, 4, 2, ' ', 0)
	for _, c := range m.Known() {
		fmt.Fprintf(w, "  %s\t%s\n", c.ID, s.say(c.Title))
	}
	for _, r := range m.Checks {
		if r.Namespace != "" {
			fmt.Fprintf(w, "  %s/%s/…\t%s\n", m.Suite, r.Namespace, s.say(lang.T("une vérification par test", "a check for each test")))
		}
	}
	return w.Flush()
}

// mapped lists the tests under the check that they decide.
func (s *State) mapped(assigned *foreign.Assigned, results []measure.Result) {
	cases := map[string][]foreign.Case{}
	for _, g := range assigned.Checks {
		cases[g.Check.ID] = g.Cases
	}
	tests := 0
	for _, r := range results {
		fmt.Fprintf(s.Stdout, "%s %s\n", mark(r.State), r.Check)
		if r.Reason != nil {
			fmt.Fprintf(s.Stdout, "    %s\n", s.say(r.Reason.Text()))
		}
		for _, c := range cases[r.Check] {
			fmt.Fprintf(s.Stdout, "    %-8s %s\n", c.Outcome, c.Name)
			tests++
		}
	}
	for _, c := range assigned.Ignored {
		fmt.Fprintf(s.Stdout, "– %s\n", s.say(lang.T("laissé de côté : %s", "left out: %s", c.Name)))
	}
	fmt.Fprintln(s.Stdout, s.say(lang.T("\n%d tests, %d vérifications, %d tests laissés de côté. Rien n'a été mesuré.",
		"\n%d tests, %d checks, %d tests left out. Nothing was measured.", tests, len(results), len(assigned.Ignored))))
}
