//go:build unix

package foreign

import (
	"os"
	"os/exec"
	"syscall"
)

// apart puts a command into a process group of its own, so that what it starts ends
// with it, and so that a Ctrl-C meant for us doesn't reach it first.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// ask asks a process and all of its group to end.
func ask(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGTERM) }

// kill ends them.
func kill(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
