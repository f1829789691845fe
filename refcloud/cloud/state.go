package cloud

import (
	"fmt"
	"os"
	"path/filepath"

	"aloi.dev/refcloud/offer"
)

// maxSocketPath is the longest path that a Unix socket's address holds.
const maxSocketPath = 107

// state is the folder in which everything of a cloud lives.
type state struct {
	dir  string
	made bool // the folder itself is ours, not only what it contains
}

// passable is the mode of a folder that others may pass through and not read: a
// server that refuses to run as root keeps its data below.
const passable = 0o711

// openState makes the folder with one sub-folder for each offer. A folder that
// exists is taken only if it is empty.
func openState(dir string, offers []offer.Offer) (*state, error) {
	st, err := claim(dir)
	if err != nil {
		return nil, err
	}
	for _, o := range offers {
		if path := st.path(o.ID, offer.ControlSocket); len(path) > maxSocketPath {
			st.remove()
			return nil, fmt.Errorf("state folder %s: its path is %d bytes too long for a Unix socket", st.dir, len(path)-maxSocketPath)
		}
		if err := os.Mkdir(st.path(o.ID), passable); err != nil {
			st.remove()
			return nil, fmt.Errorf("make folder of offer %s: %w", o.ID, err)
		}
	}
	if err := os.Mkdir(st.path("secrets"), 0o700); err != nil {
		st.remove()
		return nil, fmt.Errorf("make folder of secrets: %w", err)
	}
	return st, nil
}

func claim(dir string) (*state, error) {
	if dir == "" {
		made, err := os.MkdirTemp("", "refcloud-")
		if err != nil {
			return nil, fmt.Errorf("make state folder: %w", err)
		}
		return &state{dir: made, made: true}, os.Chmod(made, passable)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("state folder: %w", err)
	}
	entries, err := os.ReadDir(dir)
	switch {
	case os.IsNotExist(err):
		if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
			return nil, fmt.Errorf("make state folder: %w", err)
		}
		if err := os.Mkdir(dir, passable); err != nil {
			return nil, fmt.Errorf("make state folder: %w", err)
		}
		return &state{dir: dir, made: true}, nil
	case err != nil:
		return nil, fmt.Errorf("state folder: %w", err)
	case len(entries) > 0:
		return nil, fmt.Errorf("state folder %s is not empty: name a new folder, or an empty one", dir)
	}
	return &state{dir: dir}, nil
}

func (s *state) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

// write makes a file that only its owner reads. It appears whole or not at all.
func (s *state) write(name string, content []byte) error {
	path := s.path(name)
	if err := os.WriteFile(path+".part", content, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// remove deletes all state, and the folder if it is ours.
func (s *state) remove() error {
	if s.made {
		return os.RemoveAll(s.dir)
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("remove state: %w", err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(s.path(e.Name())); err != nil {
			return fmt.Errorf("remove state: %w", err)
		}
	}
	return nil
}
