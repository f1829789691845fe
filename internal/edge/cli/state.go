// Package cli is the command line: it wires the rooms of the product together
// and owns everything of the process - its streams, environment, clock and disk.
// A command's error becomes a sentence and an exit code in one place.
package cli

import (
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/lang"
)

// State is the process's world. Commands reach it through nothing else, so that
// a test can run them all in one process.
type State struct {
	Args   []string // without the program's name
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(string) string
	// ReadFile reads a file of the machine.
	ReadFile func(path string) ([]byte, error)
	// DirFS opens a folder of the machine.
	DirFS func(dir string) fs.FS
	// Append opens an existing file to add to it.
	Append func(path string) (evidence.File, error)
	Disk   evidence.Disk
	Now    func() time.Time
	Seed   func() uint64
	TTY    bool // Stderr is a terminal: progress may be drawn in place
	Color  bool // Stdout takes colours
	Width  int  // columns of the terminal

	Runs string // the folder in which run folders are made by default
	Home string // the folder of the person's keys and logs; empty when the machine has none

	Random   io.Reader // from which keys are drawn
	Hostname func() (string, error)
	// Lock waits for the lock of a file that every process of the machine takes.
	Lock func(path string) (unlock func(), err error)

	Version     string
	Environment func() evidence.Environment // where a run is made from
	Embedded    fs.FS                       // the catalogue that comes with the binary

	lang lang.Lang
}

// chooseLang takes the flag, then ALOI_LANG, then the locale; French otherwise.
func (s *State) chooseLang(flag string) error {
	if flag == "" {
		flag = s.Getenv("ALOI_LANG")
	}
	if flag == "" {
		locale := s.Getenv("LC_ALL")
		for _, name := range []string{"LC_MESSAGES", "LANG"} {
			if locale == "" {
				locale = s.Getenv(name)
			}
		}
		s.lang = lang.FromLocale(locale)
		return nil
	}
	l, ok := lang.Parse(flag)
	if !ok {
		return usage(lang.T("langue « %s » inconnue : fr ou en", "unknown language %q: fr or en", flag))
	}
	s.lang = l
	return nil
}

// say puts a text in the person's language.
func (s *State) say(t lang.Text) string { return t.In(string(s.lang)) }

// open splits a path into the folder, as a file system, and the name in it.
func (s *State) open(path string) (fs.FS, string) {
	return s.DirFS(filepath.Dir(path)), filepath.Base(path)
}

// lines indents every line of a text by two spaces.
func lines(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ")
}
