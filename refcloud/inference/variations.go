package inference

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// variations are what the standards allow.
var variations = []Variation{
	{"inference.fields-more", "shape", "Answers and events have further fields.", func(b *behaviour) {
		onAnswer("chat embeddings models", func(_ *call, a *answer) { a.body["service_tier"], a.body["x_cost"] = "default", doc{"eur": 0.001} })(b)
		onChunks(func(_ *chatRequest, list []doc) []doc {
			for _, d := range list {
				d["obfuscation"] = "aK3"
			}
			return list
		})(b)
	}},
	{"inference.sse-comments", "stream", "A stream has comments between its events and fields that readers ignore.", onEvent(func(frame string) string {
		return ": ping\n\nid: 1\nretry: 3000\n" + frame
	})},
	{"inference.sse-crlf", "stream", "Lines of a stream end with CR LF.", onEvent(func(frame string) string { return strings.ReplaceAll(frame, "\n", "\r\n") })},
	{"inference.sse-no-space", "stream", "No space follows the colon of data.", onEvent(func(frame string) string { return strings.Replace(frame, "data: ", "data:", 1) })},
	{"inference.stream-charset", "stream", "The type of a stream names its character set.", func(b *behaviour) {
		b.streaming = append(b.streaming, func(h http.Header) { h.Set("Content-Type", "text/event-stream; charset=utf-8") })
	}},
	{"inference.stream-words", "stream", "An event of a stream holds two tokens.", onChunks(func(_ *chatRequest, list []doc) []doc { return paired(list) })},
	{"inference.stream-role-alone", "stream", "The first event has a role and no content.", onChunks(func(_ *chatRequest, list []doc) []doc {
		delete(deltaOf(list[0]), "content")
		return list
	})},
	{"inference.retry-after-date", "limits", "Retry-After is a date.", onAnswer("", func(_ *call, a *answer) {
		if a.header.Get("Retry-After") != "" {
			a.header.Set("Retry-After", time.Now().Add(2*time.Second).UTC().Format(http.TimeFormat))
		}
	})},
	{"inference.model-dated", "chat", "Answers name the dated version of the model that was asked for.", onCompletion(func(d doc) { d["model"] = fmt.Sprint(d["model"], "-2026-01-01") })},
	{"inference.json-spaced", "structured", "JSON answers have spaces and line ends.", onFormat("json_schema", func(_ schema, text string) string {
		return "{\n  " + strings.TrimPrefix(text, "{")
	})},
	{"inference.usage-details", "chat", "Usage has details of tokens.", onUsage(func(_ *chatRequest, u doc) { u["prompt_tokens_details"] = doc{"cached_tokens": 0} })},
	{"inference.type-charset", "shape", "The type of JSON answers names its character set.", onAnswer("", func(_ *call, a *answer) { a.header.Set("Content-Type", "application/json; charset=utf-8") })},
}

// paired puts the contents of two events into one.
func paired(list []doc) []doc {
	var out []doc
	var open doc // an event whose content may take another
	for _, d := range list {
		text, ok := deltaOf(d)["content"].(string)
		switch {
		case !ok || text == "" || finishOf(d) != nil:
			open = nil
		case open == nil:
			open = d
		default:
			deltaOf(open)["content"] = deltaOf(open)["content"].(string) + text
			open = nil
			continue
		}
		out = append(out, d)
	}
	return out
}
