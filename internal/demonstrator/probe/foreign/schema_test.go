package foreign

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const (
	schemaFile = "../../../../catalogue/schema/suite.json"
	examples   = "../../../../docs/examples/foreign"
)

// TestSchema compares the shipped schema with the one that the type gives; run it
// with UPDATE=1 in the environment to rewrite it.
func TestSchema(t *testing.T) {
	t.Parallel()
	want, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(schemaFile); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not up to date: make docs (%v)", schemaFile, err)
	}
}

// TestExamples loads the shipped mappings and validates them as an editor does.
func TestExamples(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(os.DirFS(examples), "*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, name := range append(files, "good.yaml") {
		dir := examples
		if name == "good.yaml" {
			dir = "testdata"
		}
		text, err := os.ReadFile(path.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Load(os.DirFS(dir), name, own); err != nil {
			t.Error(err)
		}
		inJSON, err := yaml.YAMLToJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(inJSON))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if first := "# yaml-language-server: $schema=../../../catalogue/schema/suite.json\n"; dir == examples && !strings.HasPrefix(string(text), first) {
			t.Errorf("%s: the first line names no schema", name)
		}
	}
}
