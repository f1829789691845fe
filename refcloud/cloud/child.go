package cloud

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"aloi.dev/refcloud/offer"
)

const (
	startLimit = time.Minute // for a machine under heavy load; a start takes a second or two
	stopLimit  = time.Second // then the process is killed
)

// child is an offer's process.
type child struct {
	offer  offer.Offer
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	report *os.File
	log    string
	done   chan struct{} // closed when the process has ended
}

// spawn starts this same program as an offer's process. Its standard output and
// standard error go to the offer's log; it reports on a pipe of its own.
func spawn(dir string, o offer.Offer, order offer.Order) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find own program: %w", err)
	}
	c := &child{offer: o, log: filepath.Join(dir, o.ID, "log"), done: make(chan struct{})}
	log, err := os.OpenFile(c.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log of offer %s: %w", o.ID, err)
	}
	defer log.Close()
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make report pipe: %w", err)
	}
	defer write.Close()

	c.report = read
	c.cmd = exec.Command(self, "offer")
	c.cmd.Stdout, c.cmd.Stderr = log, log
	c.cmd.ExtraFiles = []*os.File{write}
	// A group of its own: an interrupt typed at the terminal reaches the
	// supervisor only, which then stops its children in order.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("make order pipe: %w", err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start offer %s: %w", o.ID, err)
	}
	go func() {
		c.cmd.Wait()
		close(c.done)
	}()
	if err := json.NewEncoder(c.stdin).Encode(order); err != nil {
		c.stop()
		return nil, fmt.Errorf("give order to offer %s: %w", o.ID, err)
	}
	return c, nil
}

// ready waits until the offer's services answer.
func (c *child) ready() (offer.Report, error) {
	defer c.report.Close()
	c.report.SetReadDeadline(time.Now().Add(startLimit))
	var report offer.Report
	if err := json.NewDecoder(c.report).Decode(&report); err != nil {
		return report, fmt.Errorf("start offer %s: no report (%w): %s", c.offer.ID, err, c.why())
	}
	if report.Error != "" {
		return report, fmt.Errorf("start offer %s: %s", c.offer.ID, report.Error)
	}
	return report, nil
}

// stop ends the process: it is asked to, then killed.
func (c *child) stop() {
	c.stdin.Close()
	select {
	case <-c.done:
	case <-time.After(stopLimit):
		c.cmd.Process.Kill()
		<-c.done
	}
}

// why is the last line of the offer's log, for an error text.
func (c *child) why() string {
	content, err := os.ReadFile(c.log)
	if err != nil || len(content) == 0 {
		return "its log is empty"
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return "last line of its log: " + lines[len(lines)-1]
}
