// Command aloi measures cloud offers against the needs of administrations.
package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"

	"aloi.dev/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/edge/cli"
)

// version is set when a release is built.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	state := &cli.State{
		Args: os.Args[1:], Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		ReadFile: os.ReadFile, DirFS: os.DirFS,
		Append: func(path string) (evidence.File, error) { return os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0) },
		Disk:   evidence.OS, Now: time.Now, Seed: seed, Runs: "runs", Embedded: catalogue.FS,
		Home: home(), Random: rand.Reader, Hostname: os.Hostname, Lock: lock,
		TTY:     term.IsTerminal(int(os.Stderr.Fd())),
		Color:   term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "",
		Version: version, Environment: func() evidence.Environment { return evidence.Here(version) },
	}
	if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		state.Width = width
	}
	code := cli.Run(ctx, state)
	stop()
	os.Exit(code)
}

// seed draws a number for the order of the checks and the id of the run.
func seed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint64(b[:])
}
