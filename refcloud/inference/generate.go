package inference

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// choice is one answer of the model, whole before it is paced.
type choice struct {
	index  int
	tokens []string // of the text, or of the arguments of a call
	call   doc      // the function that is called, without its arguments
	finish string
}

func (c choice) text() string { return strings.Join(c.tokens, "") }

// generation is what a request makes of the model.
type generation struct {
	choices []choice
	prompt  int // tokens
}

// completion counts the tokens of all choices.
func (g generation) completion() int {
	n := 0
	for _, c := range g.choices {
		n += len(c.tokens)
	}
	return n
}

// longest is the number of steps that the choices take side by side.
func (g generation) longest() int {
	n := 0
	for _, c := range g.choices {
		n = max(n, len(c.tokens))
	}
	return n
}

func (g generation) usage() doc {
	return doc{"prompt_tokens": g.prompt, "completion_tokens": g.completion(), "total_tokens": g.prompt + g.completion()}
}

// generate answers a request that check has admitted.
func generate(q *chatRequest) (generation, *problem) {
	g := generation{prompt: q.promptTokens()}
	temperature, n := 1.0, 1
	if q.Temperature != nil {
		temperature = *q.Temperature
	}
	if q.N != nil {
		n = *q.N
	}
	for i := range n {
		c, err := choose(q, source(q.prompt(), temperature, q.Seed, i))
		if err != nil {
			return g, invalid("response_format", "", "invalid schema: %v", err)
		}
		c.index = i
		g.choices = append(g.choices, c)
	}
	return g, nil
}

func choose(q *chatRequest, r *rand.Rand) (choice, error) {
	if t := q.called(r); t != nil {
		value, err := composer{t.Function.Parameters, r, q.lastText()}.value(t.Function.Parameters)
		text, _ := json.Marshal(value)
		id := fmt.Sprintf("call_%012x", r.Uint64()&0xffffffffffff)
		return choice{tokens: tokens(string(text)), finish: "tool_calls", call: doc{"id": id, "type": "function", "function": doc{"name": t.Function.Name}}}, err
	}
	text, err := q.write(r)
	all := tokens(text)
	c := choice{tokens: all, finish: "stop"}
	if limit := q.limit(); limit != nil && len(all) > *limit {
		c.tokens, c.finish = all[:*limit], "length"
	}
	if at := firstStop(c.text(), q.stops); at >= 0 {
		c.tokens, c.finish = tokens(c.text()[:at]), "stop"
	}
	return c, err
}

// write returns the text of an answer in the format that is asked for.
func (q *chatRequest) write(r *rand.Rand) (string, error) {
	switch f := q.ResponseFormat; {
	case f == nil || f.Type == "text":
		return reply(q.Messages, r), nil
	case f.Type == "json_object":
		text, err := json.Marshal(doc{"reponse": french.sentence(r), "mots": 1 + r.IntN(9)})
		return string(text), err
	default:
		value, err := composer{f.Schema.Schema, r, q.lastText()}.value(f.Schema.Schema)
		if err != nil {
			return "", err
		}
		text, err := json.Marshal(value)
		return string(text), err
	}
}

// called returns the function to call; nil when the answer is a text.
func (q *chatRequest) called(r *rand.Rand) *tool {
	last := q.Messages[len(q.Messages)-1]
	if len(q.Tools) == 0 || q.choice == "none" {
		return nil
	}
	for i, t := range q.Tools {
		name, named := strings.CutPrefix(q.choice, "=")
		if named && name == t.Function.Name || !named && last.Role == "user" && concerns(t, last.text()) {
			return &q.Tools[i]
		}
	}
	if q.choice == "required" {
		return &q.Tools[r.IntN(len(q.Tools))]
	}
	return nil
}

// concerns reports whether a prompt has a long word of the tool's description.
func concerns(t tool, prompt string) bool {
	prompt = strings.ToLower(prompt)
	for _, word := range strings.Fields(strings.ToLower(t.Function.Description)) {
		if len(word) > 4 && strings.Contains(prompt, word) {
			return true
		}
	}
	return false
}

func (q *chatRequest) lastText() string { return q.Messages[len(q.Messages)-1].text() }

// firstStop is where the first stop sequence begins; -1 without one.
func firstStop(text string, stops []string) int {
	at := -1
	for _, stop := range stops {
		if i := strings.Index(text, stop); stop != "" && i >= 0 && (at < 0 || i < at) {
			at = i
		}
	}
	return at
}

// logprobs gives each token of a choice a likelihood that depends on it alone.
func logprobs(c choice, top int) doc {
	list := []any{}
	for _, t := range c.tokens {
		p := -float64(len(t)%7)/10 - 0.01
		entry := doc{"token": t, "logprob": p, "bytes": octets(t)}
		others := []any{}
		for i := range top {
			other := t
			if i > 0 {
				other = fmt.Sprintf(" autre%d", i)
			}
			others = append(others, doc{"token": other, "logprob": p - float64(i), "bytes": octets(other)})
		}
		entry["top_logprobs"] = others
		list = append(list, entry)
	}
	return doc{"content": list, "refusal": nil}
}

func octets(s string) []int {
	out := []int{}
	for _, b := range []byte(s) {
		out = append(out, int(b))
	}
	return out
}
