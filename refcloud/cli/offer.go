package cli

import (
	"os"
	"os/signal"
	"syscall"

	"aloi.dev/refcloud/offer"

	"github.com/spf13/cobra"
)

// reportFile is the file descriptor on which an offer's process reports.
const reportFile = 3

// offerCommand is the process of one offer. Only the supervisor runs it.
func offerCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "offer",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			// The end of the standard input is the only order to stop.
			signal.Ignore(os.Interrupt, syscall.SIGHUP)
			return offer.Serve(os.Stdin, os.NewFile(reportFile, "report"))
		},
	}
}
