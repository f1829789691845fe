package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"aloi.dev/internal/demonstrator/campaign"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/demonstrator/report"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

type evaluateFlags struct {
	catalogue string
	out       string
	only      []string
	class     string
	load      bool
	parallel  int
	seed      uint64
	json      bool
	key       string
	foreign   []string
	imports   []string

	findings    []string
	evidenceDir string
	trust       []string
	rerun       string
	answers     []string
}

func newEvaluate(s *State) *cobra.Command {
	var f evaluateFlags
	cmd := &cobra.Command{
		Use:   "evaluate OFFER.yaml...",
		Short: s.say(lang.T("Mesurer des offres et les confronter aux cibles", "Measure offers and decide the targets")),
		Long: s.say(lang.T(`Mesure une ou plusieurs offres côte à côte, décide chaque cible et écrit le
dossier de campagne avec ses rapports (HTML, JSON, JUnit).

Code de sortie : 0 toutes les cibles éliminatoires sont atteintes, 1 une ne l'est
pas, 3 une n'est pas établie, 2 entrée à corriger, 4 défaillance de l'outil.`,
			`Measures one or more offers side by side, decides each target and writes the
run folder with its reports (HTML, JSON, JUnit).

Exit code: 0 all gates met, 1 a gate not met, 3 a gate not established, 2 input to
mend, 4 a failure of the tool itself.`)),
		Args: atLeastOne(),
		RunE: func(cmd *cobra.Command, args []string) error { return s.evaluate(cmd.Context(), f, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.catalogue, "catalogue", "", s.say(lang.T("dossier d'un autre catalogue", "folder of another catalogue")))
	flags.StringVar(&f.out, "out", "", s.say(lang.T("dossier de campagne à créer (par défaut runs/ID)", "run folder to create (runs/ID by default)")))
	flags.StringSliceVar(&f.only, "only", nil, s.say(lang.T("vérifications à exécuter, par exemple s3/object/*", "checks to run, such as s3/object/*")))
	flags.StringVar(&f.class, "class", "", s.say(lang.T("classe à exécuter : light ou heavy", "class to run: light or heavy")))
	flags.BoolVar(&f.load, "load", true, s.say(lang.T("mettre les offres sous la charge que des cibles demandent, sauf avec --class light", "put the offers under the load that targets ask for, but not with --class light")))
	flags.IntVar(&f.parallel, "parallel", 8, s.say(lang.T("vérifications simultanées, de 1 à 64", "checks at once, 1 to 64")))
	flags.Uint64Var(&f.seed, "seed", 0, s.say(lang.T("graine de l'ordre des vérifications (par défaut tirée au sort)", "seed of the order of checks (drawn by default)")))
	s.foreignFlag(cmd, &f.foreign)
	flags.StringArrayVar(&f.imports, "import", nil, s.say(lang.T("prendre un résultat fait ailleurs : CORRESPONDANCE.yaml=RÉSULTAT[@OFFRE]", "take a result made elsewhere: MAPPING.yaml=RESULT[@OFFER]")))
	flags.BoolVar(&f.json, "json", false, s.say(lang.T("écrire le rapport JSON sur la sortie standard", "write the JSON report to standard output")))
	flags.StringArrayVar(&f.findings, "finding", nil, s.say(lang.T("fichier d'un constat approuvé (répétable)", "file of an approved finding (repeatable)")))
	flags.StringVar(&f.evidenceDir, "evidence-dir", "", s.say(lang.T("dossier des pièces des constats (par défaut à côté de chacun)", "folder of the findings' evidence (beside each by default)")))
	flags.StringVar(&f.rerun, "rerun", "", s.say(lang.T("dossier de preuves dont refaire, même graine, les vérifications demandées", "bundle of which to run again, with the same seed, the checks that were asked for")))
	flags.StringArrayVar(&f.answers, "answer", nil, s.say(lang.T("avec --rerun : réponse signée qui le demande (répétable)", "with --rerun: signed answer that asks for it (repeatable)")))
	s.trustFlag(cmd, &f.trust)
	s.keyFlag(cmd, &f.key)
	return cmd
}

func (f evaluateFlags) check() error {
	if f.class != "" && f.class != string(probe.Light) && f.class != string(probe.Heavy) {
		return usage(lang.T("classe « %s » inconnue : light ou heavy", "unknown class %q: light or heavy", f.class))
	}
	if f.parallel < 1 || f.parallel > 64 {
		return usage(lang.T("--parallel va de 1 à 64, pas %d", "--parallel goes from 1 to 64, not %d", f.parallel))
	}
	return nil
}

// planned makes the campaign that the flags ask for; nothing has run yet.
func (s *State) planned(f evaluateFlags, paths []string) (*campaign.Campaign, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	if err := f.rerunFlags(paths); err != nil {
		return nil, err
	}
	if f.rerun != "" {
		return s.again(f, paths[0])
	}
	cat, suites, candidates, err := s.loadAll(f, paths)
	if err != nil {
		return nil, err
	}
	findings, err := s.loadFindings(cat, candidates, f)
	if err != nil {
		return nil, err
	}
	if f.seed == 0 {
		f.seed = s.Seed()
	}
	return &campaign.Campaign{Catalogue: cat, Offers: candidates, Only: f.only, Class: probe.Class(f.class), NoLoad: !f.load, Parallel: f.parallel, Seed: f.seed, Findings: findings, Foreign: suites}, nil
}

func (s *State) evaluate(ctx context.Context, f evaluateFlags, paths []string) error {
	c, err := s.planned(f, paths)
	if err != nil {
		return err
	}
	if _, _, err := s.ensureSigner(f.key); err != nil { // before anything is measured
		return err
	}
	c.Suites, c.Environment, c.Now, c.Disk, c.Getenv = campaign.Suites, s.Environment(), s.Now, s.Disk, s.Getenv
	dir := f.out
	if dir == "" {
		dir = filepath.Join(s.Runs, c.ID())
	}
	if err := s.watched(ctx, c, dir); err != nil {
		return err
	}
	view, err := s.read(dir)
	if err != nil {
		return err
	}
	if err := s.writeReports(dir, view); err != nil {
		return err
	}
	sealed, err := s.seal(dir, f.key)
	if err != nil {
		return err
	}
	if err := s.conclude(dir, view, f.json); err != nil {
		return err
	}
	if !f.json {
		s.sealed(sealed)
	}
	if left := view.Record.End.Left; left > 0 {
		fmt.Fprintln(s.Stderr, "aloi:", fault.Say(s.left(dir, left), string(s.lang)))
	}
	var codes []int
	for _, card := range view.Cards {
		codes = append(codes, gatesCode(card.Gates))
	}
	if code := worst(codes); code != exitMet {
		return &verdictError{code}
	}
	return nil
}

// watched runs a campaign with its progress on standard error.
func (s *State) watched(ctx context.Context, c *campaign.Campaign, dir string) error {
	totals, order := map[string]int{}, []string{}
	for _, candidate := range c.Offers {
		id := string(candidate.Offer.ID)
		order = append(order, id)
		for _, suite := range c.Suites {
			totals[id] += len(suite.Checks)
		}
		for _, suite := range c.Foreign {
			totals[id] += len(suite.Mapping.Known())
		}
	}
	progress := report.NewProgress(s.Stderr, s.lang, report.ProgressOptions{TTY: s.TTY, Width: s.Width, Now: s.Now}, totals, order)
	c.Watch = progress
	go func() {
		<-ctx.Done()
		if ctx.Err() == context.Canceled {
			progress.Note(lang.T("Arrêt demandé : on efface ce qui a été créé…", "Stopping: deleting what was created..."))
		}
	}()
	err := c.Run(ctx, dir)
	progress.Close()
	return err
}

// read reads a run folder, or a bundle, and decides its targets as of the run's
// own date.
func (s *State) read(path string) (report.View, error) {
	var record *evidence.Record
	var err error
	if strings.HasSuffix(path, evidence.Ext) {
		record, err = s.openBundle(path)
	} else {
		record, err = evidence.Read(s.DirFS(path))
	}
	if err != nil {
		return report.View{}, err
	}
	decided := evidence.Decide(record)
	return report.View{Record: record, Cards: decided.Cards, Ranking: decided.Ranking}, nil
}

// conclude prints what a person reads at the end.
func (s *State) conclude(dir string, view report.View, asJSON bool) error {
	if asJSON {
		return report.JSON(s.Stdout, view)
	}
	if err := report.Terminal(s.Stdout, view, s.lang, report.TerminalOptions{Width: s.Width, Color: s.Color}); err != nil {
		return err
	}
	fmt.Fprintf(s.Stdout, "\n%s\n", s.say(lang.T("Rapports : %s", "Reports: %s", filepath.Join(dir, "report."+string(s.lang)+".html"))))
	return nil
}

// left says how to delete what a run could not.
func (s *State) left(dir string, n int) error {
	return fault.New(fault.Unavailable, lang.T("%d ressources n'ont pas pu être effacées : « aloi sweep %s » avec les mêmes identifiants",
		"%d resources could not be deleted: `aloi sweep %s` with the same credentials", n, dir))
}

// printJSON writes a value as indented JSON.
func (s *State) printJSON(v any) error {
	e := json.NewEncoder(s.Stdout)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
