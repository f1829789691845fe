package inference

import (
	"encoding/json"
	"net/http"
	"strings"
)

var chatFaults = []Fault{
	{"inference.chat-type", "chat", "Answers are sent as text/plain.", onAnswer("chat", func(_ *call, a *answer) { a.header.Set("Content-Type", "text/plain") })},
	{"inference.created-milliseconds", "chat", "The date of an answer is in milliseconds.", onCompletion(func(d doc) { d["created"] = d["created"].(int64) * 1000 })},
	{"inference.id-constant", "chat", "Every answer has the same id.", onCompletion(func(d doc) { d["id"] = "chatcmpl-0" })},
	{"inference.role-user", "chat", "The answer speaks as the user.", onMessage(func(m doc) { m["role"] = "user" })},
	{"inference.model-swapped", "chat", "Another model answers, and says so only in the answer.", onCompletion(func(d doc) { d["model"] = "aloi/simulateur-mini" })},
	{"inference.usage-total", "chat", "The total of tokens leaves the prompt out.", onUsage(func(_ *chatRequest, u doc) { u["total_tokens"] = u["completion_tokens"] })},
	{"inference.usage-missing", "chat", "Answers have no usage.", onCompletion(func(d doc) { delete(d, "usage") })},
	{"inference.usage-prompt-constant", "chat", "Every prompt counts for 10 tokens.", onUsage(func(_ *chatRequest, u doc) {
		u["prompt_tokens"], u["total_tokens"] = 10, 10+u["completion_tokens"].(int)
	})},
	{"inference.usage-doubled", "chat", "Tokens of answers are counted twice.", onUsage(func(_ *chatRequest, u doc) {
		n := 2 * u["completion_tokens"].(int)
		u["completion_tokens"], u["total_tokens"] = n, n+u["prompt_tokens"].(int)
	})},
	{"inference.max-tokens-ignored", "chat", "max_tokens has no effect.", onRequest(func(q *chatRequest) {
		if q.limit() != nil && *q.limit() > 0 {
			q.MaxTokens, q.MaxCompletionTokens = nil, nil
		}
	})},
	{"inference.length-as-stop", "chat", "An answer that was cut says that it ended by itself.", onGenerated(func(_ *chatRequest, c *choice) {
		if c.finish == "length" {
			c.finish = "stop"
		}
	})},
	{"inference.stop-as-length", "chat", "An answer that ended by itself says that it was cut.", onGenerated(func(_ *chatRequest, c *choice) {
		if c.finish == "stop" {
			c.finish = "length"
		}
	})},
	{"inference.stop-ignored", "chat", "Stop sequences have no effect.", onRequest(func(q *chatRequest) { q.Stop = nil })},
	{"inference.stop-leaked", "chat", "The stop sequence is part of the answer.", onGenerated(func(q *chatRequest, c *choice) {
		if len(q.stops) > 0 && c.finish == "stop" {
			c.tokens = append(c.tokens, tokens(q.stops[0])...)
		}
	})},
	{"inference.stop-first-only", "chat", "Only the first of several stop sequences counts.", onRequest(func(q *chatRequest) {
		var list []string
		if json.Unmarshal(q.Stop, &list) == nil && len(list) > 1 {
			q.Stop, _ = json.Marshal(list[:1])
		}
	})},
	{"inference.system-dropped", "chat", "System messages are left out.", onRequest(func(q *chatRequest) {
		var kept []message
		for _, m := range q.Messages {
			if m.Role != "system" {
				kept = append(kept, m)
			}
		}
		q.Messages = kept
	})},
	{"inference.history-dropped", "chat", "Only the system and the last message are read.", onRequest(func(q *chatRequest) {
		var kept []message
		for i, m := range q.Messages {
			if m.Role == "system" || i == len(q.Messages)-1 {
				kept = append(kept, m)
			}
		}
		q.Messages = kept
	})},
	{"inference.parts-first-only", "chat", "Of a message in several parts, only the first is read.", onRequest(func(q *chatRequest) {
		for i, m := range q.Messages {
			if parts, ok := m.parts(); ok && len(parts) > 1 {
				q.Messages[i].Content, _ = json.Marshal(parts[:1])
			}
		}
	})},
	{"inference.accents-mangled", "chat", "Letters with accents are decoded twice.", onMessage(func(m doc) {
		if text, ok := m["content"].(string); ok {
			var b strings.Builder
			for _, octet := range []byte(text) {
				b.WriteRune(rune(octet))
			}
			m["content"] = b.String()
		}
	})},
	{"inference.choices-one", "chat", "One answer comes, however many are asked for.", onRequest(func(q *chatRequest) { q.N = nil })},
	{"inference.choices-index", "chat", "All choices have the index 0.", onCompletion(func(d doc) {
		for _, c := range d["choices"].([]any) {
			c.(doc)["index"] = 0
		}
	})},
	{"inference.logprobs-positive", "chat", "Log probabilities are above 0.", onLogprob(func(list []any) []any {
		for _, e := range list {
			e.(doc)["logprob"] = -e.(doc)["logprob"].(float64)
		}
		return list
	})},
	{"inference.logprobs-short", "chat", "Log probabilities of half of the tokens are missing.", onLogprob(func(list []any) []any { return list[:len(list)/2] })},
	{"inference.logprobs-missing", "chat", "Log probabilities are not given.", onRequest(func(q *chatRequest) { q.Logprobs = false })},
}

var samplingFaults = []Fault{
	{"inference.zero-random", "sampling", "Temperature 0 is read as 1.", onRequest(func(q *chatRequest) {
		if q.Temperature != nil && *q.Temperature == 0 {
			q.Temperature, q.Seed = nil, nil
		}
	})},
	{"inference.seed-ignored", "sampling", "The seed has no effect.", onRequest(func(q *chatRequest) { q.Seed = nil })},
	{"inference.sampling-frozen", "sampling", "A temperature is always read as 0.", onRequest(func(q *chatRequest) {
		if q.Temperature != nil && *q.Temperature <= 2 {
			q.Temperature = new(float64)
		}
	})},
}

func onRequest(edit func(*chatRequest)) func(*behaviour) {
	return func(b *behaviour) { b.request = append(b.request, edit) }
}

func onGenerated(edit func(*chatRequest, *choice)) func(*behaviour) {
	return func(b *behaviour) {
		b.generated = append(b.generated, func(q *chatRequest, g *generation) {
			for i := range g.choices {
				edit(q, &g.choices[i])
			}
		})
	}
}

func onUsage(edit func(*chatRequest, doc)) func(*behaviour) {
	return func(b *behaviour) { b.usage = append(b.usage, edit) }
}

// onCompletion edits the answers that are not refusals and not streamed.
func onCompletion(edit func(doc)) func(*behaviour) {
	return onAnswer("chat", func(_ *call, a *answer) {
		if a.status == http.StatusOK && a.body["choices"] != nil {
			edit(a.body)
		}
	})
}

func onMessage(edit func(doc)) func(*behaviour) {
	return onCompletion(func(d doc) {
		for _, c := range d["choices"].([]any) {
			edit(c.(doc)["message"].(doc))
		}
	})
}

func onLogprob(edit func([]any) []any) func(*behaviour) {
	return onCompletion(func(d doc) {
		for _, c := range d["choices"].([]any) {
			if p, ok := c.(doc)["logprobs"].(doc); ok {
				p["content"] = edit(p["content"].([]any))
			}
		}
	})
}
