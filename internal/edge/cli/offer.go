package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sort"

	"github.com/spf13/cobra"

	"aloi.dev/internal/demonstrator/campaign"
	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/strict"
)

func newOffer(s *State) *cobra.Command {
	var dir string
	var foreign []string
	cmd := &cobra.Command{
		Use:   "offer",
		Short: s.say(lang.T("Décrire une offre et vérifier sa description", "Describe an offer and check its description")),
	}
	cmd.PersistentFlags().StringVar(&dir, "catalogue", "", s.say(lang.T("dossier d'un autre catalogue", "folder of another catalogue")))
	initCmd := &cobra.Command{
		Use:   "init [FILE]",
		Short: s.say(lang.T("Écrire un exemple commenté (offer.yaml par défaut)", "Write a commented example (offer.yaml by default)")),
		Args:  invalid(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			path := "offer.yaml"
			if len(args) == 1 {
				path = args[0]
			}
			cat, err := s.loadCatalogue(dir)
			if err != nil {
				return err
			}
			return s.offerInit(cat, path)
		},
	}
	check := &cobra.Command{
		Use:   "check OFFER.yaml",
		Short: s.say(lang.T("Vérifier la description, chaque point d'accès et chaque compte", "Check the description, each endpoint and each account")),
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			shelf, err := s.loadShelf(dir)
			if err != nil {
				return err
			}
			suites, err := s.loadForeign(shelf, foreign, nil)
			if err != nil {
				return err
			}
			candidates, err := s.loadOffers(shelf.cat, shelf.words(suites), args)
			if err != nil {
				return err
			}
			return s.offerCheck(cmd.Context(), shelf.cat, candidates[0])
		},
	}
	s.foreignFlag(check, &foreign)
	cmd.AddCommand(initCmd, check)
	return cmd
}

// offerInit writes the example, and beside it the schema with which an editor
// completes and checks it.
func (s *State) offerInit(cat *catalogue.Catalogue, path string) error {
	schemas, err := catalogue.Schemas()
	if err != nil {
		return err
	}
	const schema = "offer.schema.json"
	needs, further := cat.Probed()
	if len(needs) == 0 { // an offer positions itself on something
		needs, further = further, nil
	}
	template := "# yaml-language-server: $schema=" + schema + "\n" + catalogue.OfferTemplate(probe.Words(campaign.Suites), needs, further...)
	if err := s.create(path, []byte(template)); err != nil {
		return err
	}
	beside := filepath.Join(filepath.Dir(path), schema)
	if err := s.create(beside, schemas["offer.json"]); err != nil && fault.KindOf(err) != fault.Conflict {
		return err
	}
	fmt.Fprintln(s.Stdout, s.say(lang.T("%s écrit. Le compléter, puis : aloi offer check %s", "%s written. Fill it in, then: aloi offer check %s", path, path)))
	return nil
}

// create writes a new file; one that exists is left as it is.
func (s *State) create(path string, data []byte) error {
	file, err := s.Disk.Create(path)
	if errors.Is(err, fs.ErrExist) {
		return fault.New(fault.Conflict, lang.T("%s existe déjà : choisir un autre nom", "%s exists already: choose another name", path))
	}
	if err != nil {
		return fault.Wrap(fault.Invalid, lang.T("impossible d'écrire %s", "cannot write %s", path), err)
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Close()); err != nil {
		return fault.Wrap(fault.Internal, lang.T("écriture de %s", "writing %s", path), err)
	}
	return nil
}

// nobody watches an examination: it takes a moment.
type nobody struct{}

func (nobody) Started(string, string) {}
func (nobody) Done(measure.Result)    {}

func (nobody) Loaded(measure.LoadPlan, string, measure.LoadBlock) {}

// offerCheck examines an offer in a run folder of its own, which stays only if
// something could not be deleted.
func (s *State) offerCheck(ctx context.Context, cat *catalogue.Catalogue, candidate campaign.Candidate) error {
	seed := s.Seed()
	dir := filepath.Join(s.Runs, campaign.RunID(seed))
	c := &campaign.Campaign{
		Catalogue: cat, Offers: []campaign.Candidate{candidate}, Suites: campaign.Suites, Vet: true,
		Parallel: 2, Seed: seed, Environment: s.Environment(), Now: s.Now, Disk: s.Disk, Watch: nobody{},
	}
	if err := c.Run(ctx, dir); err != nil {
		return err
	}
	record, err := evidence.Read(s.DirFS(dir))
	if err != nil {
		return err
	}
	if record.End.Left > 0 {
		return s.left(dir, record.End.Left)
	}
	if err := s.Disk.RemoveAll(dir); err != nil {
		return err
	}
	return s.vetted(record)
}

// vetted prints the outcome; anything but a pass or an undeclared feature is the
// owner's to mend.
func (s *State) vetted(record *evidence.Record) error {
	titles := map[string]lang.Text{}
	for _, check := range record.Plan.Checks {
		titles[check.ID] = check.Title
	}
	results := record.Results
	sort.Slice(results, func(i, j int) bool { return results[i].Check < results[j].Check })
	bad := 0
	for _, r := range results {
		fmt.Fprintf(s.Stdout, "%s  %s\n", mark(r.State), s.say(titles[r.Check]))
		if r.Reason != nil {
			fmt.Fprintln(s.Stdout, "   "+s.say(r.Reason.Text()))
		}
		if r.State != measure.Pass && r.State != measure.Unsupported {
			bad++
		}
	}
	if bad > 0 {
		return fault.New(fault.Invalid, lang.T("%d examens sur %d ne vont pas : corriger l'offre ou ses comptes", "%d of %d examinations are not as they should be: mend the offer or its accounts", bad, len(results)))
	}
	fmt.Fprintln(s.Stdout, s.say(lang.T("L'offre est prête à être mesurée.", "The offer is ready to be measured.")))
	return nil
}

func mark(state measure.State) string {
	switch state {
	case measure.Pass:
		return "✓"
	case measure.Unsupported, measure.NotRun:
		return "–"
	}
	return "✗"
}

// hint proposes the nearest known word.
func hint(word string, words []string) lang.Text {
	if near := strict.Nearest(word, words); near != "" {
		return lang.T(" : « %s » ?", ": did you mean %q?", near)
	}
	return lang.Text{}
}
