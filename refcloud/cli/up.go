package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"aloi.dev/refcloud/cloud"

	"github.com/spf13/cobra"
)

func upCommand() *cobra.Command {
	var opts cloud.Options
	var untilStdin bool
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start the offers, print `ready DIR`, and run until interrupted",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer cancel()
			if untilStdin {
				go func() {
					io.Copy(io.Discard, os.Stdin)
					cancel()
				}()
			}
			return up(ctx, opts)
		},
	}
	cloudFlags(cmd, &opts)
	cmd.Flags().BoolVar(&untilStdin, "until-stdin-closes", false, "stop also when the standard input ends")
	return cmd
}

func cloudFlags(cmd *cobra.Command, opts *cloud.Options) {
	f := cmd.Flags()
	f.StringVar(&opts.State, "state", "", "folder for all state: new or empty (default: a temporary folder)")
	f.StringSliceVar(&opts.Offers, "offer", nil, "offers to start: alize, brume (default: all)")
	f.StringSliceVar(&opts.Services, "service", nil, "services that each offer has, once for each or with commas (default: all)")
	f.StringSliceVar(&opts.Faults, "fault", nil, "faults to plant in Brume, or none (default: the demonstration's list)")
	f.StringSliceVar(&opts.Variations, "variation", nil, "legal variations for Alizé to show")
}

// begin starts the cloud that the flags ask for.
func begin(opts cloud.Options) (*cloud.Cloud, error) {
	if slices.Equal(opts.Faults, []string{"none"}) {
		opts.Faults = []string{}
	}
	if err := opts.Check(); err != nil {
		return nil, usage{err}
	}
	return cloud.Start(opts)
}

func up(ctx context.Context, opts cloud.Options) error {
	c, err := begin(opts)
	if err != nil {
		return err
	}
	defer c.Stop()
	fmt.Println("ready", c.Dir())
	select {
	case <-ctx.Done():
		return c.Stop()
	case err := <-c.Failed():
		return err
	}
}
