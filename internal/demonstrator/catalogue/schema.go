package catalogue

import (
	"reflect"

	"aloi.dev/internal/lang"
	"aloi.dev/internal/strict"
)

// Schemas returns the JSON Schema of each kind of file, by file name. An editor
// that knows them completes and checks a file while it is written.
func Schemas() (map[string][]byte, error) {
	kinds := map[string]struct {
		of    reflect.Type
		title lang.Text
	}{
		"needs.json":   {reflect.TypeFor[needsFile](), lang.T("Besoins", "Needs")},
		"targets.json": {reflect.TypeFor[targetsFile](), lang.T("Cibles", "Targets")},
		"offer.json":   {reflect.TypeFor[Offer](), lang.T("Offre", "Offer")},
	}
	schemas := make(map[string][]byte, len(kinds))
	for name, kind := range kinds {
		b, err := strict.Schema(kind.of, kind.title, Formats)
		if err != nil {
			return nil, err
		}
		schemas[name] = b
	}
	return schemas, nil
}
