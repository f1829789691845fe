// Package cli is the command line of the reference cloud.
package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

// Main runs a command and returns the process's exit code: 0 done, 1 failed,
// 2 bad usage; of exec, the code of the command that it ran.
func Main(args []string) int {
	root := &cobra.Command{
		Use:           "refcloud",
		Short:         "The reference cloud: real servers on the loopback interface, with faults on demand",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetArgs(args)
	root.AddCommand(upCommand(), execCommand(), faultsCommand(), variationsCommand(), offerCommand())
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage{err} })

	err := root.Execute()
	var code exitCode
	var bad usage
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintln(os.Stderr, "refcloud:", err)
	if errors.As(err, &bad) {
		return 2
	}
	return 1
}

// exitCode ends the process with the code of a command that it ran.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// usage is an error in what was asked.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }
