package inference

import (
	"net/http"
	"strings"
)

var streamFaults = []Fault{
	{"inference.stream-type", "stream", "A stream is announced as JSON.", func(b *behaviour) {
		b.streaming = append(b.streaming, func(h http.Header) { h.Set("Content-Type", "application/json") })
	}},
	{"inference.stream-bare", "stream", "Events are lines of JSON without a field name.", onEvent(func(frame string) string { return strings.TrimPrefix(frame, "data: ") })},
	{"inference.stream-unseparated", "stream", "No blank line ends an event.", onEvent(func(frame string) string { return strings.TrimSuffix(frame, "\n") })},
	{"inference.stream-done-missing", "stream", "A stream ends without [DONE].", onEvent(func(frame string) string {
		if strings.Contains(frame, "[DONE]") {
			return ""
		}
		return frame
	})},
	{"inference.stream-done-unfinished", "stream", "The blank line after [DONE] is missing, so a reader drops it.", onEvent(func(frame string) string {
		if strings.Contains(frame, "[DONE]") {
			return strings.TrimSuffix(frame, "\n")
		}
		return frame
	})},
	{"inference.stream-buffered", "stream", "A stream is sent when it is complete.", func(b *behaviour) { b.buffered = true }},
	{"inference.stream-slot-kept", "stream", "A client that leaves goes on being served, and holds its place.", func(b *behaviour) { b.keepsSlot = true }},
	{"inference.stream-role-late", "stream", "The role comes with the last event.", onChunks(func(_ *chatRequest, list []doc) []doc {
		delete(deltaOf(list[0]), "role")
		for _, d := range list {
			if finishOf(d) != nil {
				deltaOf(d)["role"] = "assistant"
			}
		}
		return list
	})},
	{"inference.stream-chunk-twice", "stream", "An event of the stream comes twice.", onChunks(func(_ *chatRequest, list []doc) []doc { return append(list[:4:4], list[3:]...) })},
	{"inference.stream-chunk-lost", "stream", "An event of the stream is lost.", onChunks(func(_ *chatRequest, list []doc) []doc { return append(list[:3:3], list[4:]...) })},
	{"inference.stream-finish-missing", "stream", "No event says why the answer ended.", onChunks(func(_ *chatRequest, list []doc) []doc {
		for _, d := range list {
			if finishOf(d) != nil {
				d["choices"].([]any)[0].(doc)["finish_reason"] = nil
			}
		}
		return list
	})},
	{"inference.stream-finish-each", "stream", "Every event says that the answer ended.", onChunks(func(_ *chatRequest, list []doc) []doc {
		for _, d := range list {
			if choices := d["choices"].([]any); len(choices) > 0 {
				choices[0].(doc)["finish_reason"] = "stop"
			}
		}
		return list
	})},
	{"inference.stream-usage-missing", "stream", "A stream has no usage, though it was asked for.", onRequest(func(q *chatRequest) { q.StreamOptions.IncludeUsage = false })},
	{"inference.stream-usage-off", "stream", "The usage of a stream counts its events instead of tokens.", onUsage(func(q *chatRequest, u doc) {
		if q.Stream {
			n := u["completion_tokens"].(int) + 2
			u["completion_tokens"], u["total_tokens"] = n, n+u["prompt_tokens"].(int)
		}
	})},
	{"inference.stream-ids", "stream", "Each event of a stream has an id of its own.", onChunks(func(_ *chatRequest, list []doc) []doc {
		for i, d := range list {
			d["id"] = d["id"].(string) + strings.Repeat("x", i%5)
		}
		return list
	})},
	{"inference.stream-object", "stream", "Events of a stream say that they are whole answers.", onChunks(func(_ *chatRequest, list []doc) []doc {
		for _, d := range list {
			d["object"] = "chat.completion"
		}
		return list
	})},
	{"inference.stream-delta-null", "stream", "The last event has null instead of a delta.", onChunks(func(_ *chatRequest, list []doc) []doc {
		for _, d := range list {
			if finishOf(d) != nil {
				d["choices"].([]any)[0].(doc)["delta"] = nil
			}
		}
		return list
	})},
	{"inference.stream-characters-split", "stream", "Characters of several bytes are cut between events.", onChunks(func(_ *chatRequest, list []doc) []doc {
		for _, d := range list {
			if text, ok := deltaOf(d)["content"].(string); ok {
				for _, c := range text {
					if c > 0x7ff {
						text = strings.ReplaceAll(text, string(c), "\ufffd\ufffd")
					}
				}
				deltaOf(d)["content"] = text
			}
		}
		return list
	})},
	{"inference.stream-refusal-200", "stream", "The refusal of a stream comes as an event after 200.", func(b *behaviour) { b.streamErrors = true }},
}

func onEvent(edit func(string) string) func(*behaviour) {
	return func(b *behaviour) { b.events = append(b.events, edit) }
}

func onChunks(edit func(*chatRequest, []doc) []doc) func(*behaviour) {
	return func(b *behaviour) {
		b.chunks = append(b.chunks, func(q *chatRequest, list []doc) []doc {
			if len(list) < 5 {
				return list
			}
			return edit(q, list)
		})
	}
}

// deltaOf returns what an event adds; an empty one when it has no choice.
func deltaOf(d doc) doc {
	if choices := d["choices"].([]any); len(choices) > 0 {
		if delta, ok := choices[0].(doc)["delta"].(doc); ok {
			return delta
		}
	}
	return doc{}
}

func finishOf(d doc) any {
	if choices := d["choices"].([]any); len(choices) > 0 {
		return choices[0].(doc)["finish_reason"]
	}
	return nil
}
