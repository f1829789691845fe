package catalogue_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	data "aloi.dev/catalogue"
	"aloi.dev/internal/demonstrator/catalogue"
)

// TestSchemas compares the shipped schemas with those that the types give; run it
// with UPDATE=1 in the environment to rewrite them.
func TestSchemas(t *testing.T) {
	t.Parallel()
	schemas, err := catalogue.Schemas()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range schemas {
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile("schema/"+name, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile("schema/" + name)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("schema/%s is not up to date: run UPDATE=1 go test ./catalogue (%v)", name, err)
		}
	}
}

// TestData validates every shipped file against its schema, as an editor does.
func TestData(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"needs", "targets"} {
		schema := compiled(t, kind+".json")
		files, err := fs.Glob(data.FS, kind+"/*.yaml")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", kind, err)
		}
		for _, name := range files {
			text, err := fs.ReadFile(data.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(document(t, text)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			first, _, _ := strings.Cut(string(text), "\n")
			if first != "# yaml-language-server: $schema=../schema/"+kind+".json" {
				t.Errorf("%s: the first line names no schema: %s", name, first)
			}
		}
	}
}

// TestSchemas_Agree checks that the schemas and the loader take the same view of
// the loader's own examples.
func TestSchemas_Agree(t *testing.T) {
	t.Parallel()
	const examples = "../internal/demonstrator/catalogue/testdata/"
	offer := compiled(t, "offer.json")
	targets := compiled(t, "targets.json")
	for name, c := range map[string]struct {
		schema *jsonschema.Schema
		ok     bool
	}{
		"good/offer.yaml":                           {offer, true},
		"bad/offer-literal-secret.yaml":             {offer, false},
		"bad/offer-unknown-field.yaml":              {offer, false},
		"bad/offer-no-position.yaml":                {offer, false},
		"bad/offer-cap-missing.yaml":                {offer, false},
		"good/targets/base.yaml":                    {targets, true},
		"bad/target-bad-unit.yaml":                  {targets, false},
		"bad/target-source-kind.yaml":               {targets, false},
		"bad/target-long-id.yaml":                   {targets, false},
		"bad/target-no-english.yaml":                {targets, false},
		"bad/target-quantile.yaml":                  {targets, false},
		"bad/target-unknown-field.yaml":             {targets, false},
		"bad/target-empty-french.yaml":              {targets, false},
		"bad/target-no-state.yaml":                  {targets, false},
		"good/needs/base.yaml":                      {compiled(t, "needs.json"), true},
		"bad/need-date-form.yaml":                   {compiled(t, "needs.json"), false},
		"bad/offer-secret-in-place-of-account.yaml": {offer, false},
	} {
		text, err := os.ReadFile(examples + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.schema.Validate(document(t, text)); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLoad reads the shipped files with the checks that they name as the words.
func TestLoad(t *testing.T) {
	t.Parallel()
	c, err := catalogue.Load(data.FS, words(t))
	if err != nil {
		t.Fatal(err)
	}
	if active := c.Active("2026-01-01"); len(c.Needs) == 0 || len(active) < 12 {
		t.Errorf("%d needs, %d targets in force", len(c.Needs), len(active))
	}
	canonical, err := c.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := catalogue.FromJSON(canonical); err != nil {
		t.Error(err)
	}
}

// words gathers the checks and loads that the files name: that they exist in the suites is
// checked where the suites are known.
func words(t *testing.T) catalogue.Vocabulary {
	t.Helper()
	files, err := fs.Glob(data.FS, "targets/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	checks, metrics := map[string][]string{}, map[string][]string{} // by suite; by suite and operation
	for _, name := range files {
		var content struct {
			Targets []catalogue.Target `yaml:"targets"`
		}
		text, err := fs.ReadFile(data.FS, name)
		if err == nil {
			err = yaml.Unmarshal(text, &content)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range content.Targets {
			if target.Functional != nil {
				for _, id := range target.Functional.Checks {
					suite, _, _ := strings.Cut(id, "/")
					checks[suite] = append(checks[suite], id)
				}
			}
			if q := target.Quantitative; q != nil {
				checks[q.Service] = append(checks[q.Service], "")
				metrics[q.Service+"/"+q.Operation] = append(metrics[q.Service+"/"+q.Operation], q.Metric)
			}
		}
	}
	loads := map[string][]catalogue.LoadWords{}
	for load, list := range metrics {
		suite, operation, _ := strings.Cut(load, "/")
		loads[suite] = append(loads[suite], catalogue.LoadWords{Operation: operation, Metrics: list})
	}
	var words catalogue.Vocabulary
	for suite, ids := range checks {
		words = append(words, catalogue.SuiteWords{ID: suite, Loads: loads[suite], Checks: slices.DeleteFunc(ids, func(id string) bool { return id == "" })})
	}
	return words
}

func compiled(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	text, err := fs.ReadFile(data.FS, path.Join("schema", name))
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource(name, document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// document turns YAML into the values that JSON has.
func document(t *testing.T, text []byte) any {
	t.Helper()
	b, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
