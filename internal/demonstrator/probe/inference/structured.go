package inference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var structuredChecks = []probe.Check{
	{
		ID: "inference/structured/object", Rule: "OpenAI API, Create chat completion, response_format: json_object", Features: []string{jsonObject},
		Title: lang.T("Le mode json_object rend un objet JSON et rien d'autre", "The json_object mode gives a JSON object and nothing else"),
		Run: with(func(t *probe.T, a *API) {
			c := a.Say(t, "Donne en JSON la devise de la France, sous la clé devise.", "json_object", doc{"response_format": doc{"type": "json_object"}})
			var object map[string]any
			t.Want(json.Unmarshal([]byte(c.Text()), &object) == nil && object != nil, c.Did, fmt.Sprintf("%q", clip(c.Text())), "a JSON object")
		}),
	},
	{
		ID: "inference/structured/schema", Rule: "OpenAI API, Structured Outputs; JSON Schema 2020-12", Features: []string{jsonSchema}, Limit: time.Minute,
		Title: lang.T("Le mode json_schema suit le schéma, sur 20 tirages", "The json_schema mode follows the schema, over 20 draws"),
		Run:   with(func(t *probe.T, a *API) { wantFollowed(t, a, 20, flatSchema) }),
	},
	{
		ID: "inference/structured/schema-nested", Rule: "OpenAI API, Structured Outputs; JSON Schema 2020-12", Features: []string{jsonSchema}, Class: probe.Heavy,
		Title: lang.T("Le mode json_schema suit un schéma à plusieurs niveaux, sur 200 tirages", "The json_schema mode follows a schema of several levels, over 200 draws"),
		Run:   with(func(t *probe.T, a *API) { wantFollowed(t, a, 200, nestedSchema) }),
	},
	{
		ID: "inference/structured/schema-invalid", Rule: "OpenAI API, Structured Outputs: supported schemas", Features: []string{jsonSchema},
		Title: lang.T("Un schéma qui n'en est pas un est refusé par 400", "A schema that is none is refused with 400"),
		Run: with(func(t *probe.T, a *API) {
			a.refused(t, a.ask(say("Décris Lyon en JSON."), "a schema of an unknown type", formatted(`{"type":"objet","properties":{},"required":[],"additionalProperties":false}`)))
		}),
	},
}

// The schemas of the draws, in the subset that structured outputs support.
const (
	flatSchema = `{"type":"object","properties":{"ville":{"type":"string"},"habitants":{"type":"integer"},"region":{"type":"string",
		"enum":["nord","sud","est","ouest"]},"prefecture":{"type":"boolean"}},"required":["ville","habitants","region","prefecture"],"additionalProperties":false}`
	nestedSchema = `{"type":"object","properties":{"titre":{"type":"string"},"etapes":{"type":"array","items":{"$ref":"#/$defs/etape"}},
		"responsable":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["titre","etapes","responsable"],"additionalProperties":false,
		"$defs":{"etape":{"type":"object","properties":{"numero":{"type":"integer"},"action":{"type":"string"},
		"pieces":{"type":"array","items":{"type":"string"}}},"required":["numero","action","pieces"],"additionalProperties":false}}}`
)

// formatted asks for answers that follow a schema.
func formatted(schema string) doc {
	return doc{"temperature": 1, "max_tokens": 300, "response_format": doc{
		"type": "json_schema", "json_schema": doc{"name": "reponse", "strict": true, "schema": json.RawMessage(schema)},
	}}
}

// wantFollowed draws n answers: the mode promises that each follows the schema. The
// failure says how many did, with the interval of the share.
func wantFollowed(t *probe.T, a *API, n int, text string) {
	schema := compiled(t, text)
	prompt := "Décris en JSON la ville de Lyon et une démarche de passeport en deux étapes."
	valid, first := 0, ""
	for _, x := range a.gather(t, n, func(int) Call { return a.ask(say(prompt), "json_schema", formatted(text)) }) {
		c := completion(t, x)
		if wrong := deviation(schema, c.Text()); wrong == "" {
			valid++
		} else if first == "" {
			first = fmt.Sprintf("; the first other: %s (%q, finish_reason %s)", wrong, clip(c.Text()), clip(c.Choices[0].Finish))
		}
	}
	t.Want(valid == n, fmt.Sprintf("%d draws in json_schema mode", n), shareText(valid, n)+first, "every answer valid under the schema")
}

// compiled reads one of our own schemas.
func compiled(t *probe.T, text string) *jsonschema.Schema {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Bug(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("schema.json", document); err != nil {
		t.Bug(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Bug(err)
	}
	return schema
}

// deviation says what is wrong with a JSON text under a schema, "" when nothing is.
func deviation(schema *jsonschema.Schema, text string) string {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
	if err != nil {
		return "not JSON"
	}
	if schema.Validate(value) != nil {
		return "not valid under the schema"
	}
	return ""
}
