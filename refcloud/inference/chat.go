package inference

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// chat answers POST /v1/chat/completions.
func (c *call) chat() {
	q := &chatRequest{}
	p := c.decode(q)
	if p == nil {
		p = c.examine(q)
	}
	var g generation
	if p == nil {
		g, p = generate(q)
	}
	switch {
	case p == nil:
	case c.b.streamErrors && q.Stream:
		c.streamHeader()
		c.event(p.doc())
		return
	default:
		c.refuse(p)
		return
	}
	for _, edit := range c.b.generated {
		edit(q, &g)
	}
	leave, err := c.account.enter(c.r.Context())
	if err != nil {
		return
	}
	if q.Stream {
		c.stream(q, g, leave)
		return
	}
	defer leave()
	cost := prefill*time.Duration(g.prompt) + decode*time.Duration(g.longest())
	if wait(c.r.Context(), cost) == nil {
		c.send(&answer{body: c.completion(q, g)})
	}
}

// examine checks a request under what is planted.
func (c *call) examine(q *chatRequest) *problem {
	for _, edit := range c.b.request {
		edit(q)
	}
	if q.Model != chatModel && !c.b.anyModel {
		return noModel(q.Model)
	}
	if p := q.check(); p != nil && !c.forgiven(q, p) {
		return p
	}
	limit := window
	if c.b.context > 0 {
		limit = c.b.context
	}
	asked := q.promptTokens()
	if n := q.limit(); n != nil {
		asked += *n
	}
	if asked <= limit || c.b.truncates {
		return nil
	}
	return invalid("messages", "context_length_exceeded", "the model takes %d tokens at most, this request needs %d", limit, asked)
}

// forgiven reports whether a planted leniency passes over a problem.
func (c *call) forgiven(q *chatRequest, p *problem) bool {
	switch {
	case c.b.anyParameter && (p.param == "temperature" || p.param == "top_p" || p.param == "max_tokens"):
		q.Temperature, q.TopP = nil, nil
		return true
	case c.b.anyMessages && p.param == "messages":
		q.Messages = []message{{Role: "user", Content: json.RawMessage(`""`)}}
		return true
	case c.b.anySchema && p.param == "response_format":
		q.ResponseFormat.Schema.Schema = schema{"type": "object"}
		return true
	}
	return false
}

// completion is the answer that isn't streamed.
func (c *call) completion(q *chatRequest, g generation) doc {
	var choices []any
	for _, one := range g.choices {
		d := doc{"index": one.index, "finish_reason": one.finish, "logprobs": nil, "message": one.message()}
		if q.Logprobs {
			d["logprobs"] = logprobs(one, q.TopLogprobs)
		}
		choices = append(choices, d)
	}
	return doc{
		"id": c.id("chatcmpl"), "object": "chat.completion", "created": time.Now().Unix(), "model": q.Model,
		"system_fingerprint": "fp_simulator", "choices": choices, "usage": c.count(q, g),
	}
}

func (one choice) message() doc {
	if one.call == nil {
		return doc{"role": "assistant", "content": one.text(), "refusal": nil}
	}
	return doc{"role": "assistant", "content": nil, "refusal": nil, "tool_calls": []any{one.called(one.text())}}
}

// called is the call of a function with some of its arguments.
func (one choice) called(arguments string) doc {
	name := one.call["function"].(doc)["name"]
	out := doc{"type": "function", "function": doc{"name": name, "arguments": arguments}}
	if one.call["id"] != nil {
		out["id"] = one.call["id"]
	}
	return out
}

func (c *call) count(q *chatRequest, g generation) doc {
	usage := g.usage()
	for _, edit := range c.b.usage {
		edit(q, usage)
	}
	return usage
}

// stream sends a generation as server-sent events, a token at a time.
func (c *call) stream(q *chatRequest, g generation, leave func()) {
	list := c.chunks(q, g)
	for _, edit := range c.b.chunks {
		list = edit(q, list)
	}
	ctx := c.r.Context()
	if c.b.keepsSlot {
		ctx = context.WithoutCancel(ctx) // the answer is written to its end, for nobody
	}
	defer leave()
	cost := prefill * time.Duration(g.prompt)
	if c.b.buffered {
		cost += decode * time.Duration(len(list))
	}
	if wait(ctx, cost) != nil {
		return
	}
	c.streamHeader()
	for _, chunk := range list {
		if !c.b.buffered && wait(ctx, decode) != nil {
			return
		}
		c.event(chunk)
	}
	c.write("[DONE]")
}

// chunks are the events of a stream.
func (c *call) chunks(q *chatRequest, g generation) []doc {
	var list []doc
	id, created := c.id("chatcmpl"), time.Now().Unix()
	add := func(choices []any, usage any) {
		d := doc{"id": id, "object": "chat.completion.chunk", "created": created, "model": q.Model, "system_fingerprint": "fp_simulator", "choices": choices}
		if q.StreamOptions.IncludeUsage {
			d["usage"] = usage
		}
		list = append(list, d)
	}
	one := func(index int, delta doc, finish any) []any {
		return []any{doc{"index": index, "delta": delta, "logprobs": nil, "finish_reason": finish}}
	}
	for _, o := range g.choices {
		delta := doc{"role": "assistant", "content": ""}
		if o.call != nil {
			opening := o.called("")
			opening["index"] = 0
			delta = doc{"role": "assistant", "content": nil, "tool_calls": []any{opening}}
		}
		add(one(o.index, delta, nil), nil)
	}
	for step := range g.longest() {
		for _, o := range g.choices {
			if step >= len(o.tokens) {
				continue
			}
			delta := doc{"content": o.tokens[step]}
			if o.call != nil {
				delta = doc{"tool_calls": []any{doc{"index": 0, "function": doc{"arguments": o.tokens[step]}}}}
			}
			add(one(o.index, delta, nil), nil)
		}
	}
	for _, o := range g.choices {
		add(one(o.index, doc{}, o.finish), nil)
	}
	if q.StreamOptions.IncludeUsage {
		add([]any{}, c.count(q, g))
	}
	return list
}

func (c *call) streamHeader() {
	h := c.w.Header()
	for name, values := range c.header {
		h[name] = values
	}
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache")
	for _, edit := range c.b.streaming {
		edit(h)
	}
	c.w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(c.w).Flush()
}

func (c *call) event(d doc) {
	text, _ := json.Marshal(d)
	c.write(string(text))
}

// write sends an event, after what is planted has edited its bytes.
func (c *call) write(data string) {
	frame := "data: " + data + "\n\n"
	for _, edit := range c.b.events {
		frame = edit(frame)
	}
	if frame == "" {
		return
	}
	c.w.Write([]byte(strings.ToValidUTF8(frame, "\ufffd")))
	if !c.b.buffered {
		_ = http.NewResponseController(c.w).Flush()
	}
}
