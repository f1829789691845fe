// Package catalogue is the catalogue that is shipped: data that a non-programmer
// edits, and the schemas that help to write it. It holds no logic; the package
// demonstrator/catalogue reads it, as it reads any other catalogue.
package catalogue

import "embed"

// FS holds needs/*.yaml, targets/*.yaml, suites/*.yaml and schema/*.json.
//
//go:embed needs targets schema suites
var FS embed.FS
