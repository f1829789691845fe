package foreign

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// grace is how long a suite has to end by itself once it was asked to.
const grace = 2 * time.Second

// logKept is how much is kept of what a suite prints besides its result, in bytes.
const logKept = 1 << 20

// margin is how much more is held before secrets are taken out, since the beginning
// may be the end of one.
const margin = 64 << 10

// Job is one run of a suite's command on one offer.
type Job struct {
	Mapping *Mapping
	Offer   string
	Values  Values
	Getenv  func(string) string
	Now     func() time.Time
	Most    time.Duration       // that the offer's owner allows; no limit when zero
	Redact  func([]byte) []byte // takes the offer's secrets out
}

// Kept is what remains of a run, without secrets.
type Kept struct {
	Run    measure.ForeignRun
	Output []byte // the result
	Log    []byte // the end of what it printed besides
}

// Run executes the command of a mapping in a fresh folder that is deleted
// afterwards, in a process group of its own, under the mapping's limits, with the
// variables that the mapping lists and no other. It is no sandbox: the command may
// read and reach all that its user can.
//
// The suite's troubles are in Kept.Run.Halt; an error is ours or the person's.
// When ctx ends the group is asked to end, then killed.
func (j Job) Run(ctx context.Context) (Kept, error) {
	folder, err := os.MkdirTemp("", "aloi-foreign-")
	if err != nil {
		return Kept{}, fault.Wrap(fault.Internal, lang.T("pas de dossier de travail pour la suite %s", "no working folder for the suite %s", j.Mapping.Suite), err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	c, err := j.prepare(folder)
	if err != nil {
		return Kept{}, err
	}
	if c.run.Halt == "" {
		c.execute(ctx)
	}
	kept := Kept{Log: c.log()}
	if c.run.Halt == "" {
		kept.Output = c.result()
	}
	kept.Output = j.clean(kept.Output, &c.run)
	c.run.Digest, c.run.Bytes = proof.Digest(kept.Output), int64(len(kept.Output))
	c.run.Detail = string(j.Redact([]byte(c.run.Detail)))
	for i, word := range c.run.Command { // a setting may hold what an account does
		c.run.Command[i] = string(j.Redact([]byte(word)))
	}
	kept.Run = c.run
	return kept, nil
}

// Import takes a result that was made elsewhere. Its age is what the file says of
// it: unknown when it says nothing, or names an instant that is still to come.
func (j Job) Import(file string, data []byte) Kept {
	run := measure.ForeignRun{Suite: string(j.Mapping.Suite), Offer: j.Offer, Imported: true, File: file, Handed: proof.Digest(data)}
	output := j.clean(data, &run)
	if r, err := Parse(j.Mapping.Format, file, output); err == nil && !r.Started.After(j.Now()) {
		run.Started = r.Started
	}
	run.Digest, run.Bytes = proof.Digest(output), int64(len(output))
	return Kept{Run: run, Output: output}
}

// clean takes secrets out of a result. One that can only be read with them is
// given up, since what is kept must be what was decided on.
func (j Job) clean(output []byte, run *measure.ForeignRun) []byte {
	redacted := j.Redact(output)
	if run.Halt != "" || len(redacted) == len(output) && string(redacted) == string(output) {
		return redacted
	}
	if _, err := Parse(j.Mapping.Format, run.File, output); err != nil {
		return redacted
	}
	if _, err := Parse(j.Mapping.Format, run.File, redacted); err != nil {
		run.Halt, run.Detail = measure.HaltUnreadable, "a secret of the offer is also a word of the format: choose another value"
	}
	return redacted
}

// child is a command under way.
type child struct {
	job     Job
	folder  string
	words   []string
	env     []string
	stdout  *capped // the result; nil when that is a file
	printed *capped
	run     measure.ForeignRun
	most    time.Duration
}

func (j Job) prepare(folder string) (*child, error) {
	m := j.Mapping
	c := &child{job: j, folder: folder, most: m.Limits.time(), run: measure.ForeignRun{Suite: string(m.Suite), Offer: j.Offer, File: m.Output}}
	if j.Most > 0 {
		c.most = min(c.most, j.Most)
	}
	if c.run.File == "" {
		c.run.File = "stdout"
	}
	trust := ""
	if j.Values.Trust != "" {
		trust = filepath.Join(folder, ".trust.pem")
		if err := writeFile(trust, j.Values.Trust); err != nil {
			return nil, fault.Wrap(fault.Internal, lang.T("impossible d'écrire %s", "cannot write %s", trust), err)
		}
	}
	words := make([]string, len(m.Command))
	for i, word := range m.Command {
		words[i] = j.Values.in(word, folder, trust)
	}
	if strings.ContainsRune(words[0], '/') && !filepath.IsAbs(words[0]) {
		words[0] = filepath.Join(j.Values.Here, words[0])
	}
	c.run.Command = slices.Clone(words)
	path, err := exec.LookPath(words[0])
	if err != nil {
		c.run.Halt, c.run.Detail, c.run.Exit, c.run.Started = measure.HaltStart, err.Error(), -1, j.Now().UTC()
	}
	words[0], c.run.Program = path, fileDigest(path)
	c.words, err = limited(words, m.Limits.Memory)
	c.env = j.environment(folder, trust)
	c.printed = &capped{most: logKept, tail: true}
	return c, err
}

// environment makes the variables of the command. HOME and TMPDIR are its working
// folder unless the mapping says otherwise.
func (j Job) environment(folder, trust string) []string {
	values := map[string]string{"HOME": folder, "TMPDIR": folder}
	for _, name := range j.Mapping.Environment {
		delete(values, name)
		if value := j.Getenv(name); value != "" {
			values[name] = value
		}
	}
	for name, value := range j.Mapping.Set {
		values[name] = j.Values.in(value, folder, trust)
	}
	var list []string
	for name, value := range values {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// Why a command is stopped.
var (
	errLate = errors.New("late")
	errFull = errors.New("full")
)

// execute runs the command to its end, whatever that is.
func (c *child) execute(ctx context.Context) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	ctx, late := context.WithTimeoutCause(ctx, c.most, errLate)
	defer late()
	cmd := exec.CommandContext(ctx, c.words[0], c.words[1:]...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = c.folder, c.env, grace
	cmd.Stdout, cmd.Stderr = c.printed, c.printed
	if c.job.Mapping.Output == "" {
		c.stdout = &capped{most: int(c.job.Mapping.Limits.output()), full: func() { stop(errFull) }}
		cmd.Stdout = c.stdout
	}
	apart(cmd)
	cmd.Cancel = func() error { return ask(cmd.Process) }
	c.run.Started = c.job.Now().UTC()
	err := cmd.Run()
	c.run.Duration = c.job.Now().UTC().Sub(c.run.Started)
	c.run.Exit = -1
	if cmd.Process != nil {
		kill(cmd.Process) // what it left behind in its group
	}
	if cmd.ProcessState != nil {
		c.run.Exit = cmd.ProcessState.ExitCode()
	}
	c.conclude(err, context.Cause(ctx), cmd.ProcessState)
}

// conclude notes how the command ended.
func (c *child) conclude(err, stopped error, state *os.ProcessState) {
	switch {
	case c.stdout != nil && c.stdout.overflown():
		c.tooMuch()
	case err == nil || errors.Is(err, exec.ErrWaitDelay) && stopped == nil:
	case errors.Is(stopped, errLate):
		c.run.Halt, c.run.Detail = measure.HaltTime, measure.Duration(c.most).String()
	case stopped != nil:
		c.run.Halt = measure.HaltStop
	case state == nil:
		c.run.Halt, c.run.Detail = measure.HaltStart, err.Error()
	case c.run.Exit < 0:
		c.run.Halt, c.run.Detail = measure.HaltSignal, state.String()
	}
}

func (c *child) tooMuch() {
	c.run.Halt, c.run.Detail = measure.HaltSize, c.job.Mapping.Limits.output().String()
}

// result returns what the command left, never from outside its folder.
func (c *child) result() []byte {
	name := c.job.Mapping.Output
	if name == "" {
		if len(c.stdout.bytes()) == 0 {
			c.run.Halt, c.run.Detail = measure.HaltNothing, c.run.File
		}
		return c.stdout.bytes()
	}
	most := int64(c.job.Mapping.Limits.output())
	data, err := readInside(c.folder, name, most+1)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && len(data) == 0:
		c.run.Halt, c.run.Detail = measure.HaltNothing, name
	case err != nil:
		c.run.Halt, c.run.Detail = measure.HaltUnreadable, err.Error()
	case int64(len(data)) > most:
		c.tooMuch()
		return nil
	}
	return data
}

// log returns the end of what was printed besides the result, without secrets: a
// piece of one at either end is left out too.
func (c *child) log() []byte {
	text := c.printed.bytes()
	if c.run.Halt != "" { // it was cut while it spoke
		text = text[:bytes.LastIndexByte(text, '\n')+1]
	}
	text = c.job.Redact(text)
	if c.printed.overflown() {
		text = text[min(margin, len(text)):]
	}
	return text
}

// readInside reads a plain file of a folder, following no link that leaves it.
func readInside(folder, name string, most int64) ([]byte, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	if info, err := root.Stat(name); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, errors.New(name + " is no plain file")
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, most))
}

func writeFile(path, text string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, text)
	return errors.Join(err, file.Close())
}

// fileDigest returns the SHA-256 of a file; empty where it can't be read.
func fileDigest(path string) string {
	file, err := os.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	sum := proof.NewDigester()
	if _, err := io.Copy(sum, file); err != nil {
		return ""
	}
	return sum.Digest()
}

// capped keeps the first bytes that are written to it, or about the last. Safe for
// concurrent use, since both streams of a command may go to one.
type capped struct {
	most int
	tail bool
	full func() // called when there are more

	mu   sync.Mutex
	kept []byte
	over bool
}

// Write never fails: the command is stopped otherwise.
func (c *capped) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(p)
	if c.tail {
		c.kept = append(c.kept, p...)
		if len(c.kept) > 2*(c.most+margin) {
			c.kept = append(c.kept[:0], c.kept[len(c.kept)-c.most-margin:]...)
			c.over = true
		}
		return n, nil
	}
	if room := c.most - len(c.kept); n > room {
		p = p[:room]
		c.over = true
		c.full()
	}
	c.kept = append(c.kept, p...)
	return n, nil
}

func (c *capped) bytes() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept
}

func (c *capped) overflown() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}

// kilobytes rounds a size up to whole KiB, as the shell counts.
func kilobytes(s measure.Size) string { return strconv.FormatInt((int64(s)+1023)/1024, 10) }
