package cli

import (
	"github.com/spf13/cobra"

	"aloi.dev/internal/demonstrator/report"
	"aloi.dev/internal/lang"
)

func newCompare(s *State) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "compare RUN RUN...",
		Short: s.say(lang.T("Comparer plusieurs campagnes terminées", "Compare several finished runs")),
		Args:  atLeast(2),
		RunE: func(_ *cobra.Command, args []string) error {
			var views []report.View
			for _, dir := range args {
				view, err := s.read(dir)
				if err != nil {
					return err
				}
				views = append(views, view)
			}
			if asJSON {
				return report.CompareJSON(s.Stdout, views)
			}
			return report.Compare(s.Stdout, views, s.lang)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, s.say(lang.T("écrire la comparaison en JSON", "write the comparison as JSON")))
	return cmd
}
