package inference

import (
	"encoding/json"
	"fmt"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var toolChecks = []probe.Check{
	{
		ID: "inference/tools/call", Rule: "OpenAI API, Function calling; The chat completion object, tool_calls", Features: []string{tools},
		Title: lang.T("Une question qui l'exige fait appeler la fonction, avec identifiant et nom", "A question that needs it has the function called, with id and name"),
		Run: with(func(t *probe.T, a *API) {
			c := a.Complete(t, a.tooled(weatherQuestion, "tool_choice auto", "auto"))
			call := c.called(t)
			t.Want(call.ID != "" && call.Type == "function" && call.Function.Name == weather, c.Did,
				fmt.Sprintf("a %q named %q with id %q", clip(call.Type), clip(call.Function.Name), clip(call.ID)), "a function named "+weather+" with an id")
			c.wantFinish(t, "tool_calls")
		}),
	},
	{
		ID: "inference/tools/arguments", Rule: "OpenAI API, Function calling: parameters; JSON Schema 2020-12", Features: []string{tools},
		Title: lang.T("Les arguments d'un appel suivent leur schéma, sur 5 tirages", "The arguments of a call follow their schema, over 5 draws"),
		Run:   with(wantArguments),
	},
	{
		ID: "inference/tools/required", Rule: "OpenAI API, Create chat completion, tool_choice: required", Features: []string{tools},
		Title: lang.T("tool_choice required fait appeler une fonction", "tool_choice required has a function called"),
		Run: with(func(t *probe.T, a *API) {
			a.Complete(t, a.tooled("Bonjour !", "tool_choice required", "required")).called(t)
		}),
	},
	{
		ID: "inference/tools/none", Rule: "OpenAI API, Create chat completion, tool_choice: none", Features: []string{tools},
		Title: lang.T("tool_choice none donne un texte", "tool_choice none gives a text"),
		Run: with(func(t *probe.T, a *API) {
			c := a.Complete(t, a.tooled(weatherQuestion, "tool_choice none", "none"))
			t.Want(len(c.Choices[0].Message.Calls) == 0 && c.Text() != "", c.Did, fmt.Sprintf("%d calls and the text %q", len(c.Choices[0].Message.Calls), clip(c.Text())), "a text and no call")
		}),
	},
	{
		ID: "inference/tools/named", Rule: "OpenAI API, Create chat completion, tool_choice: function", Features: []string{tools},
		Title: lang.T("tool_choice fait appeler la fonction qu'il nomme", "tool_choice has the function called that it names"),
		Run: with(func(t *probe.T, a *API) {
			c := a.Complete(t, a.tooled("Bonjour !", "tool_choice "+route, doc{"type": "function", "function": doc{"name": route}}))
			name := c.called(t).Function.Name
			t.Want(name == route, c.Did, fmt.Sprintf("a call of %q", clip(name)), "a call of "+route)
		}),
	},
	{
		ID: "inference/tools/result", Rule: "OpenAI API, Create chat completion, messages: tool", Features: []string{tools},
		Title: lang.T("La réponse se sert de ce que la fonction a rendu", "The answer uses what the function returned"),
		Run: with(func(t *probe.T, a *API) {
			call := a.tooled("", "the result of a function", "auto")
			call.Body.(doc)["messages"] = []doc{
				{"role": "user", "content": "Quel temps fera-t-il à Lyon demain ?"},
				{"role": "assistant", "content": nil, "tool_calls": []doc{
					{"id": "call_1", "type": "function", "function": doc{"name": weather, "arguments": `{"ville":"Lyon","jours":1}`}},
				}},
				{"role": "tool", "tool_call_id": "call_1", "content": "À Lyon demain : 31 degrés, soleil"},
			}
			a.Complete(t, call).wantText(t, "31")
		}),
	},
	{
		ID: "inference/tools/stream", Rule: "OpenAI API, The chat completion chunk object, delta: tool_calls", Features: []string{tools},
		Title: lang.T("En flux, les morceaux d'arguments font un JSON valide", "In a stream the pieces of arguments make valid JSON"),
		Run:   with(wantStreamedCall),
	},
}

// The two functions that are declared.
const (
	weather         = "meteo"
	route           = "trajet"
	weatherQuestion = "Quel temps fera-t-il à Lyon pendant 3 jours ? Sers-toi de la fonction."

	weatherSchema = `{"type":"object","properties":{"ville":{"type":"string"},"jours":{"type":"integer","minimum":1,"maximum":15}},
		"required":["ville","jours"],"additionalProperties":false}`
	routeSchema = `{"type":"object","properties":{"depart":{"type":"string"},"arrivee":{"type":"string"}},"required":["depart","arrivee"],"additionalProperties":false}`
)

// tooled asks a question with both functions at hand.
func (a *API) tooled(question, what string, choice any) Call {
	function := func(name, text, schema string) doc {
		return doc{"type": "function", "function": doc{"name": name, "description": text, "parameters": json.RawMessage(schema)}}
	}
	return a.ask(say(question), what, doc{"max_tokens": 128, "tool_choice": choice, "tools": []doc{
		function(weather, "Prévoit le temps dans une ville", weatherSchema),
		function(route, "Calcule un itinéraire entre deux gares", routeSchema),
	}})
}

// called returns the first function called; without one the check ends.
func (c Completion) called(t *probe.T) ToolCall {
	calls := c.Choices[0].Message.Calls
	if len(calls) == 0 {
		t.Fail(c.Did, fmt.Sprintf("no call and the text %q", clip(c.Text())), "a function called")
	}
	return calls[0]
}

// schemas of the functions by name.
var schemas = map[string]string{weather: weatherSchema, route: routeSchema}

// wantValid wants arguments that follow the schema of the function called.
func wantValid(t *probe.T, did, name, arguments string) {
	schema, known := schemas[name]
	t.Want(known, did, fmt.Sprintf("a call of %q", clip(name)), "a call of "+weather+" or "+route)
	wrong := deviation(compiled(t, schema), arguments)
	t.Want(wrong == "", did, fmt.Sprintf("arguments %q: %s", clip(arguments), wrong), "arguments valid under the schema of "+name)
}

func wantArguments(t *probe.T, a *API) {
	call := a.tooled(weatherQuestion, "tool_choice required at temperature 1", "required")
	call.Body.(doc)["temperature"] = 1
	for _, x := range a.gather(t, 5, func(int) Call { return call }) {
		c := completion(t, x)
		f := c.called(t).Function
		wantValid(t, c.Did, f.Name, f.Arguments)
	}
}

func wantStreamedCall(t *probe.T, a *API) {
	s := a.Stream(t, a.tooled(weatherQuestion, "tool_choice required", "required"), nil)
	name, id := "", ""
	var arguments strings.Builder
	for _, c := range s.Chunks {
		for _, p := range c.Choices {
			if p.Delta == nil {
				continue
			}
			for _, call := range p.Delta.Calls {
				if call.Index == 0 {
					name, id = name+call.Function.Name, id+call.ID
					arguments.WriteString(call.Function.Arguments)
				}
			}
		}
	}
	t.Want(id != "", s.Did, "a call without an id", "a call with its id")
	wantValid(t, s.Did, name, arguments.String())
}
