package cli

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"aloi.dev/internal/demonstrator/campaign"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

func newSweep(s *State) *cobra.Command {
	var secrets string
	cmd := &cobra.Command{
		Use:   "sweep RUN",
		Short: s.say(lang.T("Effacer ce qu'une campagne interrompue a laissé", "Delete what a killed run left behind")),
		Long: s.say(lang.T("Lit le registre du dossier RUN et efface chez l'offre chaque ressource qu'il dit encore en vie,\net rien d'autre. Sans danger à répéter.",
			"Reads the ledger of the folder RUN and deletes at the offer each resource that it says is alive,\nand nothing else. It can be repeated safely.")),
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := args[0]
			if _, err := evidence.Read(s.DirFS(dir)); err != nil { // before anything is opened for writing
				return err
			}
			log, err := s.Append(filepath.Join(dir, evidence.LedgerName))
			if err != nil {
				return fault.Wrap(fault.Invalid, lang.T("registre de %s", "ledger of %s", dir), err)
			}
			defer log.Close()
			swept, err := campaign.Sweep(cmd.Context(), s.DirFS(dir), log, campaign.Suites, &vault{state: s, dir: secrets}, s.Now)
			if err != nil {
				return err
			}
			return s.swept(swept)
		},
	}
	cmd.Flags().StringVar(&secrets, "secrets", ".", s.say(lang.T("dossier depuis lequel lire les références file: de l'offre", "folder from which the offer's file: references are read")))
	return cmd
}

func (s *State) swept(swept campaign.Swept) error {
	fmt.Fprintln(s.Stdout, s.say(lang.T("%d ressources effacées, %d restantes.", "%d resources deleted, %d left.", swept.Deleted, len(swept.Left))))
	for _, r := range swept.Left {
		fmt.Fprintf(s.Stdout, "  %s %s (%s): %v\n    %s\n", r.Resource.Kind, r.Resource.Name, r.Resource.Offer, r.Err, r.Resource.Recipe)
	}
	if len(swept.Left) > 0 {
		return fault.New(fault.Unavailable, lang.T("des ressources restent : les effacer à la main comme indiqué, ou recommencer",
			"resources are left: delete them by hand as said above, or try again"))
	}
	return nil
}
