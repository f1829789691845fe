package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"

	"aloi.dev/refcloud/offer"
	"aloi.dev/refcloud/service"

	"github.com/spf13/cobra"
)

func faultsCommand() *cobra.Command {
	return listCommand("faults", "List the faults that can be planted", offer.Kinds.Faults())
}

func variationsCommand() *cobra.Command {
	return listCommand("variations", "List the legal variations that an offer can show", offer.Kinds.Variations())
}

func listCommand(use, short string, entries []service.Entry) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				enc := json.NewEncoder(os.Stdout)
				enc.SetIndent("", "  ")
				return enc.Encode(entries)
			}
			table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
			for _, e := range entries {
				fmt.Fprintf(table, "%s\t%s\t%s\n", e.Name, e.Group, e.Text)
			}
			return table.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
