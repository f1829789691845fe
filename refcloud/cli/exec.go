package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"aloi.dev/refcloud/cloud"

	"github.com/spf13/cobra"
)

// DirVariable is the environment variable in which exec gives the state folder
// to its command.
const DirVariable = "REFCLOUD_DIR"

// grace is what a command has to end after an offer died under it.
const grace = 2 * time.Second

func execCommand() *cobra.Command {
	var opts cloud.Options
	cmd := &cobra.Command{
		Use:   "exec [flags] -- COMMAND [ARGS...]",
		Short: "Run a command with the offers started and " + DirVariable + " set; exit with its code",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage{errors.New("exec needs a command: refcloud exec [flags] -- COMMAND [ARGS...]")}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return run(opts, args) },
	}
	cloudFlags(cmd, &opts)
	cmd.Flags().SetInterspersed(false)
	return cmd
}

func run(opts cloud.Options, args []string) error {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(signals)

	c, err := begin(opts)
	if err != nil {
		return err
	}
	defer c.Stop()

	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), DirVariable+"="+c.Dir())
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("run %s: %w", args[0], err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()

	for {
		select {
		case sig := <-signals:
			cmd.Process.Signal(sig)
		case <-ended:
			if err := c.Stop(); err != nil {
				return err
			}
			return codeOf(cmd.ProcessState)
		case failure := <-c.Failed():
			cmd.Process.Signal(syscall.SIGTERM)
			select {
			case <-ended:
			case <-time.After(grace):
				cmd.Process.Kill()
			}
			return failure
		}
	}
}

// codeOf is the exit code that a shell would report: 128 and the signal's
// number for a command that a signal ended.
func codeOf(state *os.ProcessState) error {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitCode(128 + int(status.Signal()))
	}
	if code := state.ExitCode(); code != 0 {
		return exitCode(code)
	}
	return nil
}
