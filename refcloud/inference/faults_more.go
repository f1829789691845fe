package inference

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
)

var structuredFaults = []Fault{
	{"inference.json-object-prose", "structured", "In json_object mode the object comes after a sentence.", onFormat("json_object", func(_ schema, text string) string { return "Voici l'objet : " + text })},
	{"inference.schema-one-in-five", "structured", "In json_schema mode one answer in five is cut short.", func(b *behaviour) {
		var n atomic.Int64
		onFormat("json_schema", func(_ schema, text string) string {
			if n.Add(1)%5 == 0 {
				return text[:len(text)-1]
			}
			return text
		})(b)
	}},
	{"inference.schema-inner-lost", "structured", "In json_schema mode one answer in twenty lacks a property of an inner object.", func(b *behaviour) {
		var n atomic.Int64
		onFormat("json_schema", func(s schema, text string) string {
			if _, nested := s["$defs"]; nested && n.Add(1)%20 == 0 {
				return withoutInner(text)
			}
			return text
		})(b)
	}},
	{"inference.schema-extra", "structured", "In json_schema mode answers have a property that the schema excludes.", onFormat("json_schema", func(_ schema, text string) string {
		if strings.HasPrefix(text, "{") {
			return `{"commentaire":"voilà",` + text[1:]
		}
		return text
	})},
	{"inference.schema-any", "structured", "A schema that is none is accepted.", func(b *behaviour) { b.anySchema = true }},
}

// withoutInner drops a property of the first inner object.
func withoutInner(text string) string {
	var d doc
	_ = json.Unmarshal([]byte(text), &d)
	for _, v := range d {
		list, ok := v.([]any)
		if !ok || len(list) == 0 {
			continue
		}
		if inner, ok := list[0].(doc); ok {
			for name := range inner {
				delete(inner, name)
				break
			}
		}
	}
	out, _ := json.Marshal(d)
	return string(out)
}

// onFormat edits the texts of answers in a response format.
func onFormat(format string, edit func(schema, string) string) func(*behaviour) {
	return onGenerated(func(q *chatRequest, c *choice) {
		if q.ResponseFormat != nil && q.ResponseFormat.Type == format && c.call == nil && c.finish == "stop" {
			c.tokens = tokens(edit(q.ResponseFormat.Schema.Schema, c.text()))
		}
	})
}

var toolFaults = []Fault{
	{"inference.tool-arguments-cut", "tools", "The arguments of a call are JSON cut short.", onCall(func(_ *chatRequest, c *choice) { c.tokens = c.tokens[:len(c.tokens)-1] })},
	{"inference.tool-arguments-texts", "tools", "Numbers in the arguments of a call are texts.", onCall(func(_ *chatRequest, c *choice) {
		var d doc
		_ = json.Unmarshal([]byte(c.text()), &d)
		for name, v := range d {
			if _, ok := v.(float64); ok {
				d[name] = jsonText(v)
			}
		}
		c.tokens = tokens(jsonText(d))
	})},
	{"inference.tool-finish-stop", "tools", "An answer that calls a function says that it ended by itself.", onCall(func(_ *chatRequest, c *choice) { c.finish = "stop" })},
	{"inference.tool-name-other", "tools", "A call names a function that was not declared.", onCall(func(_ *chatRequest, c *choice) { c.call["function"].(doc)["name"] = "functions.call" })},
	{"inference.tool-id-missing", "tools", "A call has no id.", onCall(func(_ *chatRequest, c *choice) { delete(c.call, "id") })},
	{"inference.tool-none-called", "tools", "A function is called in spite of tool_choice none.", onChoice("none", "auto")},
	{"inference.tool-required-text", "tools", "tool_choice required is read as none.", onChoice("required", "none")},
	{"inference.tool-named-first", "tools", "The first function is called, whichever tool_choice names.", func(b *behaviour) {
		onRequest(func(q *chatRequest) {
			if strings.HasPrefix(string(q.ToolChoice), "{") && len(q.Tools) > 0 {
				q.ToolChoice, _ = json.Marshal(doc{"type": "function", "function": doc{"name": q.Tools[0].Function.Name}})
			}
		})(b)
	}},
	{"inference.tool-result-ignored", "tools", "What a function returned is not read.", onRequest(func(q *chatRequest) {
		for i, m := range q.Messages {
			if m.Role == "tool" {
				q.Messages[i].Content = json.RawMessage(`""`)
			}
		}
	})},
	{"inference.tool-stream-lost", "tools", "In a stream the end of a call's arguments is lost.", onChunks(func(_ *chatRequest, list []doc) []doc {
		for i := len(list) - 1; i > 0; i-- {
			if deltaOf(list[i])["tool_calls"] != nil {
				return append(list[:i:i], list[i+1:]...)
			}
		}
		return list
	})},
}

func jsonText(v any) string {
	out, _ := json.Marshal(v)
	return string(out)
}

func onCall(edit func(*chatRequest, *choice)) func(*behaviour) {
	return onGenerated(func(q *chatRequest, c *choice) {
		if c.call != nil {
			edit(q, c)
		}
	})
}

// onChoice reads one tool_choice as another.
func onChoice(asked, read string) func(*behaviour) {
	return onRequest(func(q *chatRequest) {
		if string(q.ToolChoice) == `"`+asked+`"` {
			q.ToolChoice, _ = json.Marshal(read)
		}
	})
}

var embeddingFaults = []Fault{
	{"inference.embedding-long", "embeddings", "Embeddings are not scaled to length 1.", onVectors(func(_ *embedRequest, list [][]float64) [][]float64 {
		for _, v := range list {
			for i := range v {
				v[i] *= 3
			}
		}
		return list
	})},
	{"inference.embedding-order", "embeddings", "Embeddings of several texts come in another order than the texts.", onVectors(func(_ *embedRequest, list [][]float64) [][]float64 {
		if len(list) > 1 {
			list[0], list[1] = list[1], list[0]
		}
		return list
	})},
	{"inference.embedding-index", "embeddings", "Every embedding has the index 0.", onEmbedded(func(_ *embedRequest, d doc) {
		for _, e := range d["data"].([]any) {
			e.(doc)["index"] = 0
		}
	})},
	{"inference.embedding-drift", "embeddings", "A text among others has another embedding than alone.", onVectors(func(_ *embedRequest, list [][]float64) [][]float64 {
		for j, v := range list[1:] {
			v[0] += 0.3 * float64(j+1)
			unit(v)
		}
		return list
	})},
	{"inference.embedding-random", "embeddings", "The same text has another embedding each time.", onVectors(func(_ *embedRequest, list [][]float64) [][]float64 {
		for _, v := range list {
			for i := range v {
				v[i] += 0.02 * rand.NormFloat64()
			}
			unit(v)
		}
		return list
	})},
	{"inference.embedding-constant", "embeddings", "All texts have the same embedding.", onVectors(func(_ *embedRequest, list [][]float64) [][]float64 {
		for i, v := range list {
			list[i] = embedding("", len(v))
		}
		return list
	})},
	{"inference.embedding-dimension", "embeddings", "Long texts have longer embeddings.", onVectors(func(q *embedRequest, list [][]float64) [][]float64 {
		for i, text := range q.texts {
			if len(text) > 60 {
				list[i] = unit(append(list[i], list[i]...))
			}
		}
		return list
	})},
	{"inference.embedding-dimensions-ignored", "embeddings", "The number of dimensions that is asked for has no effect.", onVectors(func(q *embedRequest, list [][]float64) [][]float64 {
		for i, text := range q.texts {
			list[i] = embedding(text, dimensions)
		}
		return list
	})},
	{"inference.embedding-base64-double", "embeddings", "In base64 the numbers have 64 bits.", onEmbedded(func(q *embedRequest, d doc) {
		if q.Encoding != "base64" {
			return
		}
		for i, e := range d["data"].([]any) {
			var b []byte
			for _, x := range embedding(q.texts[i], dimensions) {
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
			}
			e.(doc)["embedding"] = base64.StdEncoding.EncodeToString(b)
		}
	})},
	{"inference.embedding-usage", "embeddings", "The usage of embeddings is always 0.", onEmbedded(func(_ *embedRequest, d doc) { d["usage"] = doc{"prompt_tokens": 0, "total_tokens": 0} })},
	{"inference.embedding-bare", "embeddings", "Embeddings are bare arrays instead of objects.", onAnswer("embeddings", func(_ *call, a *answer) {
		if data, ok := a.body["data"].([]any); ok && a.status == http.StatusOK {
			for i, e := range data {
				data[i] = e.(doc)["embedding"]
			}
		}
	})},
}

func onVectors(edit func(*embedRequest, [][]float64) [][]float64) func(*behaviour) {
	return func(b *behaviour) { b.vectors = append(b.vectors, edit) }
}

func onEmbedded(edit func(*embedRequest, doc)) func(*behaviour) {
	return func(b *behaviour) { b.embedded = append(b.embedded, edit) }
}
