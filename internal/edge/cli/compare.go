package cli

import (
	"bytes"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/report"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

// mostDraws bounds --draws: more would take minutes and show the same digits.
const mostDraws = 10_000_000

type compareFlags struct {
	html  string
	on    string
	seed  uint64
	draws int
	json  bool
}

func newCompare(s *State) *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use:   "compare RUN...",
		Short: s.say(lang.T("Comparer des campagnes terminées, et dire si leur classement est sûr", "Compare finished runs, and say how sure their ranking is")),
		Long: s.say(lang.T(`Met côte à côte les offres d'une ou plusieurs campagnes, les classe si elles ont le même
catalogue, et dit combien ce classement est sûr : jusqu'où chaque poids peut aller, qui est
première sous toute autre pondération, ce que changerait ce qui n'est pas établi. Suit une
même offre d'une campagne à l'autre. docs/compare.md explique les chiffres.`,
			`Puts the offers of one or more runs side by side, ranks them if they have the same catalogue,
and says how sure that ranking is: how far each weight may move, who is first under any other
weighting, what would change if what is not established were. Follows one offer from run to
run. docs/compare.md explains the figures.`)),
		Args: atLeastOne(),
		RunE: func(_ *cobra.Command, args []string) error { return s.compare(f, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.html, "html", "", s.say(lang.T("écrire la page dans ce fichier, et à côté celle de l'autre langue", "write the page to this file, and the other language's beside it")))
	flags.StringVar(&f.on, "on", "", s.say(lang.T("date AAAA-MM-JJ à laquelle examiner la validité (par défaut celle de la dernière campagne)", "date YYYY-MM-DD on which to examine validity (that of the last run by default)")))
	flags.Uint64Var(&f.seed, "seed", score.UsualDraws.Seed, s.say(lang.T("graine des pondérations tirées", "seed of the weightings drawn")))
	flags.IntVar(&f.draws, "draws", score.UsualDraws.N, s.say(lang.T("pondérations à tirer, de 1 à 10 000 000", "weightings to draw, 1 to 10,000,000")))
	flags.BoolVar(&f.json, "json", false, s.say(lang.T("écrire la comparaison en JSON", "write the comparison as JSON")))
	return cmd
}

func (s *State) compare(f compareFlags, paths []string) error {
	if f.draws < 1 || f.draws > mostDraws {
		return usage(lang.T("--draws va de 1 à %d, pas %d", "--draws goes from 1 to %d, not %d", mostDraws, f.draws))
	}
	on, err := f.day()
	if err != nil {
		return err
	}
	var views []report.View
	for _, path := range paths {
		view, err := s.read(path)
		if err != nil {
			return err
		}
		views = append(views, view)
	}
	c := report.Compare(views, report.CompareOptions{On: on, Draws: score.Draws{Seed: f.seed, N: f.draws}})
	if len(paths) == 1 && c.Offers() < 2 {
		return usage(lang.T("%s ne contient qu'une offre : donner une autre campagne à laquelle la comparer", "%s holds one offer only: give another run to compare it with", paths[0]))
	}
	if last := c.LastDay(); on != "" && on < last {
		return usage(lang.T("--on %s précède la dernière campagne, du %s", "--on %s is before the last run, of %s", on, last))
	}
	if f.html != "" {
		if err := s.writePages(c, f.html); err != nil {
			return err
		}
	}
	switch {
	case f.json:
		return c.JSON(s.Stdout)
	case f.html != "":
		return nil
	}
	return c.Terminal(s.Stdout, s.lang, report.TerminalOptions{Width: s.Width, Color: s.Color})
}

// day reads --on; empty when it isn't given.
func (f compareFlags) day() (catalogue.Date, error) {
	if f.on == "" {
		return "", nil
	}
	at, err := time.Parse(time.DateOnly, f.on)
	if err != nil {
		return "", usage(lang.T("--on attend une date AAAA-MM-JJ, pas « %s »", "--on takes a date YYYY-MM-DD, not %q", f.on))
	}
	return catalogue.DateOf(at), nil
}

// writePages writes the page in the person's language to path and its sister
// beside it, each whole or not at all; neither when one of them exists.
func (s *State) writePages(c *report.Comparison, path string) error {
	other := lang.EN
	if s.lang == lang.EN {
		other = lang.FR
	}
	sister := sisterOf(path, s.lang, other)
	var mine, theirs bytes.Buffer
	if err := c.HTML(&mine, s.lang, filepath.Base(sister)); err != nil {
		return err
	}
	if err := c.HTML(&theirs, other, filepath.Base(path)); err != nil {
		return err
	}
	if err := s.createWhole(path, mine.Bytes()); err != nil {
		return err
	}
	if err := s.createWhole(sister, theirs.Bytes()); err != nil {
		_ = s.Disk.RemoveAll(path) // just written: the pair or nothing
		return err
	}
	return nil
}

// createWhole leaves no part of a file that could not be written to its end.
func (s *State) createWhole(path string, data []byte) error {
	err := s.create(path, data)
	if err != nil && fault.KindOf(err) == fault.Internal {
		_ = s.Disk.RemoveAll(path)
	}
	return err
}

// sisterOf names the page in the other language: x.html has x.en.html, and
// x.fr.html has x.en.html too.
func sisterOf(path string, mine, other lang.Lang) string {
	ext := filepath.Ext(path)
	stem := strings.TrimSuffix(strings.TrimSuffix(path, ext), "."+string(mine))
	return stem + "." + string(other) + ext
}
