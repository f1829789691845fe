package inference

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"

	"aloi.dev/internal/demonstrator/probe"
)

// Completion is the answer to a conversation.
type Completion struct {
	Answer  `json:"-"`
	ID      string          `json:"id"`
	Object  string          `json:"object"`
	Created json.RawMessage `json:"created"`
	Model   string          `json:"model"`
	Choices []Choice        `json:"choices"`
	Usage   *Usage          `json:"usage"`
}

// Choice is one of the answers.
type Choice struct {
	Index   int `json:"index"`
	Message struct {
		Role    string     `json:"role"`
		Content *string    `json:"content"`
		Calls   []ToolCall `json:"tool_calls"`
	} `json:"message"`
	Finish   string `json:"finish_reason"`
	Logprobs *struct {
		Content []Logprob `json:"content"`
	} `json:"logprobs"`
}

// Logprob is a token with its likelihood.
type Logprob struct {
	Token   string    `json:"token"`
	Logprob float64   `json:"logprob"`
	Bytes   []int     `json:"bytes"`
	Top     []Logprob `json:"top_logprobs"`
}

// ToolCall is a function that the model asks to be called.
type ToolCall struct {
	Index    int    `json:"index"`
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

// Usage counts tokens.
type Usage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Total      int `json:"total_tokens"`
}

// Text is the first choice's.
func (c Completion) Text() string {
	if c.Choices[0].Message.Content == nil {
		return ""
	}
	return *c.Choices[0].Message.Content
}

// Counts returns the usage; without one the check ends.
func (c Completion) Counts(t *probe.T) Usage {
	if c.Usage == nil {
		t.Fail(c.Did, "200 without usage", "the tokens used")
	}
	return *c.Usage
}

// say is a conversation of one message.
func say(text string) []doc { return []doc{{"role": "user", "content": text}} }

// ask is a request to the offer's model: at temperature 0 and of 64 tokens at most,
// unless the fields say otherwise.
func (a *API) ask(messages []doc, what string, fields doc) Call {
	body := doc{"model": a.model, "messages": messages, "temperature": 0, "max_tokens": 64}
	maps.Copy(body, fields)
	return Call{Path: "chat/completions", What: what, Body: body}
}

// Complete makes a request and reads its answer, which must have a choice.
func (a *API) Complete(t *probe.T, c Call) Completion {
	return completion(t, a.Do(t, c))
}

// completion reads an answer, which must have a choice.
func completion(t *probe.T, x Answer) Completion {
	c := Completion{}
	c.Answer = x.JSON(t, &c)
	if len(c.Choices) == 0 {
		t.Fail(x.Did, "200 without a choice", "one choice at least")
	}
	return c
}

// Say asks for one thing and returns the answer.
func (a *API) Say(t *probe.T, text, what string, fields doc) Completion {
	return a.Complete(t, a.ask(say(text), what, fields))
}

// Embedding is an answer with vectors, in the order of their indices.
type Embedding struct {
	Answer
	Model   string
	Usage   Usage
	Vectors [][]float64
	Indices []int // as they came
}

// Embed asks for the vectors of texts. Without a model for that, the check is
// unsupported.
func (a *API) Embed(t *probe.T, input any, what string, fields doc) Embedding {
	model := a.session.Setting(settingEmbedding, "")
	if model == "" {
		t.Unsupported(settingEmbedding)
	}
	body := doc{"model": model, "input": input}
	maps.Copy(body, fields)
	return readEmbedding(t, a.Do(t, Call{Path: "embeddings", What: what, Body: body}))
}

func readEmbedding(t *probe.T, x Answer) Embedding {
	var d struct {
		Object string `json:"object"`
		Model  string `json:"model"`
		Data   []struct {
			Object string `json:"object"`
			Index  *int   `json:"index"`
			Vector vector `json:"embedding"`
		} `json:"data"`
		Usage Usage `json:"usage"`
	}
	e := Embedding{Answer: x.JSON(t, &d), Model: d.Model, Usage: d.Usage}
	if d.Object != "list" || len(d.Data) == 0 {
		t.Fail(x.Did, fmt.Sprintf("200 with object %q and %d embeddings", clip(d.Object), len(d.Data)), "a list of embeddings")
	}
	for i, one := range d.Data {
		if one.Object != "embedding" || one.Index == nil || len(one.Vector) == 0 {
			t.Fail(x.Did, fmt.Sprintf("200 whose item %d is no embedding", i), `"object": "embedding" with index and vector`)
		}
		e.Vectors, e.Indices = append(e.Vectors, one.Vector), append(e.Indices, *one.Index)
	}
	return e
}

// get reads a route.
func get(path, as, what string) Call {
	return Call{Method: http.MethodGet, Path: path, As: as, What: what}
}
