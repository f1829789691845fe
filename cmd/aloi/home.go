package main

import (
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// home is the folder of the person's keys and logs: $ALOI_HOME, else the one that
// the system gives to a person's settings; empty when it gives none.
func home() string {
	if dir := os.Getenv("ALOI_HOME"); dir != "" {
		return dir
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "aloi")
}

// lock takes a file's lock, which ends with the process at the latest.
func lock(path string) (func(), error) { return lockedfile.MutexAt(path).Lock() }
