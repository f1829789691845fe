//go:build !linux

package foreign

import (
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

// limited refuses a limit that this system doesn't enforce.
func limited(command []string, memory *measure.Size) ([]string, error) {
	if memory == nil {
		return command, nil
	}
	return nil, fault.New(fault.Invalid, lang.T("la limite de mémoire d'une suite étrangère (« memory: %s ») n'existe que sous Linux : retirer la ligne, ou lancer la suite ailleurs et importer son résultat",
		"a foreign suite's limit of memory (memory: %s) exists on Linux only: remove the line, or run the suite elsewhere and import its result", memory))
}
