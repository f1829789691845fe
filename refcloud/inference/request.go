package inference

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// doc is a JSON object that faults may edit.
type doc = map[string]any

// message is one of a conversation.
type message struct {
	Role       string          `json:"role"`
	Content    json.RawMessage `json:"content"`
	ToolCallID string          `json:"tool_call_id"`
	ToolCalls  []doc           `json:"tool_calls"`
}

// part is a piece of a message's content.
type part struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// parts returns the content, which is a text or a list of parts.
func (m message) parts() ([]part, bool) {
	var text *string
	if json.Unmarshal(m.Content, &text) == nil {
		if text == nil {
			return nil, true
		}
		return []part{{Type: "text", Text: *text}}, true
	}
	var list []part
	if json.Unmarshal(m.Content, &list) != nil {
		return nil, false
	}
	return list, !slices.ContainsFunc(list, func(p part) bool { return p.Type != "text" })
}

func (m message) text() string {
	var text string
	list, _ := m.parts()
	for _, p := range list {
		text += p.Text
	}
	return text
}

// chatRequest is what a client asks of a model.
type chatRequest struct {
	Model               string          `json:"model"`
	Messages            []message       `json:"messages"`
	MaxTokens           *int            `json:"max_tokens"`
	MaxCompletionTokens *int            `json:"max_completion_tokens"`
	Temperature         *float64        `json:"temperature"`
	TopP                *float64        `json:"top_p"`
	Seed                *int64          `json:"seed"`
	N                   *int            `json:"n"`
	Stop                json.RawMessage `json:"stop"`
	Stream              bool            `json:"stream"`
	StreamOptions       struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	Logprobs       bool `json:"logprobs"`
	TopLogprobs    int  `json:"top_logprobs"`
	ResponseFormat *struct {
		Type   string `json:"type"`
		Schema struct {
			Name   string `json:"name"`
			Schema schema `json:"schema"`
		} `json:"json_schema"`
	} `json:"response_format"`
	Tools      []tool          `json:"tools"`
	ToolChoice json.RawMessage `json:"tool_choice"`

	stops  []string
	choice string // auto, none, required, or the name of a function after "="
}

// tool is a function that the model may have called.
type tool struct {
	Type     string `json:"type"`
	Function struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Parameters  schema `json:"parameters"`
	} `json:"function"`
}

// problem is a refusal.
type problem struct {
	status               int
	kind, code, param    string
	message              string
	allow, retry, accept string // headers
}

func (p *problem) doc() doc {
	null := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	return doc{"error": doc{"message": p.message, "type": p.kind, "param": null(p.param), "code": null(p.code)}}
}

func invalid(param, code, format string, args ...any) *problem {
	return &problem{status: http.StatusBadRequest, kind: "invalid_request_error", param: param, code: code, message: fmt.Sprintf(format, args...)}
}

// check validates a request; every refusal names its parameter.
func (q *chatRequest) check() *problem {
	if len(q.Messages) == 0 {
		return invalid("messages", "", "messages must hold one message at least")
	}
	for i, m := range q.Messages {
		if !slices.Contains([]string{"system", "developer", "user", "assistant", "tool"}, m.Role) {
			return invalid(fmt.Sprintf("messages[%d].role", i), "invalid_value", "%q is not a role", m.Role)
		}
		if _, ok := m.parts(); !ok {
			return invalid(fmt.Sprintf("messages[%d].content", i), "invalid_type", "content must be a text or a list of text parts")
		}
	}
	if p := q.numbers(); p != nil {
		return p
	}
	if p := q.format(); p != nil {
		return p
	}
	return q.tools()
}

func (q *chatRequest) numbers() *problem {
	switch {
	case q.Temperature != nil && (*q.Temperature < 0 || *q.Temperature > 2):
		return invalid("temperature", "invalid_value", "temperature must be between 0 and 2, not %v", *q.Temperature)
	case q.TopP != nil && (*q.TopP < 0 || *q.TopP > 1):
		return invalid("top_p", "invalid_value", "top_p must be between 0 and 1, not %v", *q.TopP)
	case q.limit() != nil && *q.limit() < 1:
		return invalid("max_tokens", "invalid_value", "max_tokens must be at least 1, not %d", *q.limit())
	case q.N != nil && (*q.N < 1 || *q.N > 8):
		return invalid("n", "invalid_value", "n must be between 1 and 8, not %d", *q.N)
	case q.TopLogprobs < 0 || q.TopLogprobs > 20:
		return invalid("top_logprobs", "invalid_value", "top_logprobs must be between 0 and 20, not %d", q.TopLogprobs)
	}
	if len(q.Stop) == 0 || string(q.Stop) == "null" {
		return nil
	}
	var one string
	if json.Unmarshal(q.Stop, &one) == nil {
		q.stops = []string{one}
	} else if json.Unmarshal(q.Stop, &q.stops) != nil || len(q.stops) > 4 {
		return invalid("stop", "invalid_type", "stop must be a text or up to 4 of them")
	}
	return nil
}

// limit returns the most tokens that each choice may have; nil without one.
func (q *chatRequest) limit() *int {
	if q.MaxCompletionTokens != nil {
		return q.MaxCompletionTokens
	}
	return q.MaxTokens
}

func (q *chatRequest) format() *problem {
	f := q.ResponseFormat
	switch {
	case f == nil || f.Type == "text" || f.Type == "json_object":
		return nil
	case f.Type != "json_schema":
		return invalid("response_format.type", "invalid_value", "%q is not a response format", f.Type)
	}
	if err := checkSchema(f.Schema.Schema, "root"); err != nil {
		return invalid("response_format", "", "invalid schema for response_format %q: %v", f.Schema.Name, err)
	}
	return nil
}

func (q *chatRequest) tools() *problem {
	for i, t := range q.Tools {
		if t.Type != "function" || t.Function.Name == "" {
			return invalid(fmt.Sprintf("tools[%d]", i), "invalid_value", "a tool is a function with a name")
		}
		if t.Function.Parameters == nil {
			q.Tools[i].Function.Parameters = schema{"type": "object"}
		} else if err := checkSchema(t.Function.Parameters, t.Function.Name); err != nil {
			return invalid(fmt.Sprintf("tools[%d].function.parameters", i), "invalid_function_parameters", "%v", err)
		}
	}
	q.choice = "auto"
	if len(q.ToolChoice) == 0 || string(q.ToolChoice) == "null" {
		return nil
	}
	var named struct {
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
	}
	if json.Unmarshal(q.ToolChoice, &q.choice) == nil {
		if !slices.Contains([]string{"auto", "none", "required"}, q.choice) {
			return invalid("tool_choice", "invalid_value", "%q is not a tool choice", q.choice)
		}
		return nil
	}
	if json.Unmarshal(q.ToolChoice, &named) != nil || !slices.ContainsFunc(q.Tools, func(t tool) bool { return t.Function.Name == named.Function.Name }) {
		return invalid("tool_choice", "invalid_value", "tool_choice names no function of tools")
	}
	q.choice = "=" + named.Function.Name
	return nil
}

// prompt is the conversation as the model reads it.
func (q *chatRequest) prompt() string {
	var b strings.Builder
	for _, m := range q.Messages {
		fmt.Fprintf(&b, "%s\n%s\n", m.Role, m.text())
	}
	return b.String()
}

// promptTokens counts the prompt: three tokens open each message and three more
// the answer; tools and schemas are counted as their text.
func (q *chatRequest) promptTokens() int {
	n := 3
	for _, m := range q.Messages {
		n += 3 + len(tokens(m.text()))
	}
	for _, t := range q.Tools {
		text, _ := json.Marshal(t)
		n += len(tokens(string(text)))
	}
	return n
}
