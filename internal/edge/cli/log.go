package cli

import (
	"io/fs"
	"path"
	"path/filepath"

	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// logFiles keeps a log in a folder of the person's home, as it is published.
type logFiles struct {
	fs.FS
	state *State
	dir   string
}

// ReadFile reads a file of the log.
func (f logFiles) ReadFile(name string) ([]byte, error) {
	return f.state.ReadFile(filepath.Join(f.dir, filepath.FromSlash(name)))
}

// Write replaces a file as a whole.
func (f logFiles) Write(name string, data []byte) error {
	to := filepath.Join(f.dir, filepath.FromSlash(name))
	if err := f.state.Disk.MkdirAll(filepath.Dir(to)); err != nil {
		return fault.Wrap(fault.Internal, lang.T("impossible de créer %s", "cannot make %s", filepath.Dir(to)), err)
	}
	return f.state.replace(to, data)
}

// openLog opens the log that a key keeps, or begins it, and holds its lock until
// unlock. The ring knows the keys of that name.
func (s *State) openLog(key *proof.Key, ring *proof.Ring) (log *proof.Log, unlock func(), err error) {
	dir, err := s.home(logFolder, key.Name())
	if err != nil {
		return nil, nil, err
	}
	if unlock, err = s.lockHome(path.Join(logFolder, key.Name()+".lock")); err != nil {
		return nil, nil, err
	}
	log, err = proof.OpenLog(logFiles{s.DirFS(dir), s, dir}, key, ring)
	if err != nil {
		unlock()
		return nil, nil, fault.Wrap(fault.Invalid, lang.T("le journal %s ne peut pas être continué", "the log %s can't be continued", dir), err)
	}
	return log, unlock, nil
}
