//go:build !unix

package foreign

import (
	"os"
	"os/exec"
)

// Where there are no process groups, the command alone is ended: what it started
// may outlive it.
func apart(*exec.Cmd) {}

func ask(p *os.Process) error { return p.Kill() }

func kill(p *os.Process) { _ = p.Kill() }
