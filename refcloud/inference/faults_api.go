package inference

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

var modelFaults = []Fault{
	{"inference.models-empty", "models", "The list of models is empty.", onModels(func(a *answer) { a.body["data"] = []any{} })},
	{"inference.models-bare", "models", "The list of models is a bare array.", onModels(func(a *answer) {
		a.raw = []byte(`[{"id":"` + chatModel + `"},{"id":"` + embedder + `"}]`)
	})},
	{"inference.models-created-text", "models", "The models' dates are texts.", onModels(func(a *answer) {
		for _, m := range a.body["data"].([]any) {
			m.(doc)["created"] = "2026-01-01"
		}
	})},
	{"inference.model-other", "models", "A model that is asked for is answered by another.", onAnswer("model", func(_ *call, a *answer) {
		if a.status == http.StatusOK {
			a.body["id"] = embedder
		}
	})},
	{"inference.model-unknown-200", "models", "A model that doesn't exist is described.", onAnswer("model", func(c *call, a *answer) {
		if a.status == http.StatusNotFound {
			a.status, a.body = http.StatusOK, modelDoc(c.name)
		}
	})},
	{"inference.model-unknown-text", "models", "The 404 of a model is plain text.", onAnswer("model", func(_ *call, a *answer) {
		if a.status == http.StatusNotFound {
			a.raw = []byte("404 page not found\n")
			a.header.Set("Content-Type", "text/plain")
		}
	})},
}

var authFaults = []Fault{
	{"inference.key-unchecked", "auth", "Any key is accepted.", func(b *behaviour) { b.anyKey = true }},
	{"inference.key-optional", "auth", "A request without a key is served.", func(b *behaviour) { b.anonymous = true }},
	{"inference.key-echoed", "auth", "The refusal of a key repeats it whole.", onAnswer("", func(c *call, a *answer) {
		if a.status == http.StatusUnauthorized {
			a.body["error"].(doc)["message"] = "incorrect key: " + strings.TrimPrefix(c.r.Header.Get("Authorization"), "Bearer ")
		}
	})},
	{"inference.key-wrong-403", "auth", "A wrong key is answered 403.", onAnswer("", func(c *call, a *answer) {
		if a.status == http.StatusUnauthorized && c.r.Header.Get("Authorization") != "" {
			a.status = http.StatusForbidden
		}
	})},
	{"inference.key-missing-500", "auth", "A missing key is answered 500.", onAnswer("", func(c *call, a *answer) {
		if a.status == http.StatusUnauthorized && c.r.Header.Get("Authorization") == "" {
			a.status = http.StatusInternalServerError
		}
	})},
	{"inference.models-open", "auth", "The list of models is shown without a key.", func(b *behaviour) { b.openModels = true }},
}

var errorFaults = []Fault{
	{"inference.errors-200", "errors", "Refusals are answered 200, but for those of the rate.", onAnswer("", func(_ *call, a *answer) {
		if a.status != http.StatusTooManyRequests {
			a.status = http.StatusOK
		}
	})},
	{"inference.error-text", "errors", "The error of a refusal is a text instead of an object.", onAnswer("", func(_ *call, a *answer) {
		if e, ok := a.body["error"].(doc); ok {
			a.body["error"] = e["message"]
		}
	})},
	{"inference.error-number", "errors", "The code of an error is the status as a number.", onAnswer("", func(_ *call, a *answer) {
		if e, ok := a.body["error"].(doc); ok {
			e["code"] = a.status
		}
	})},
	{"inference.error-untyped", "errors", "Errors have no type.", onAnswer("", func(_ *call, a *answer) {
		if e, ok := a.body["error"].(doc); ok {
			delete(e, "type")
		}
	})},
	{"inference.malformed-500", "errors", "A body that is not JSON is answered 500.", onAnswer("chat", func(_ *call, a *answer) {
		if e, ok := a.body["error"].(doc); ok && strings.Contains(e["message"].(string), "read as JSON") {
			a.status = http.StatusInternalServerError
		}
	})},
	{"inference.model-any", "errors", "A model that doesn't exist is served by the one there is.", func(b *behaviour) { b.anyModel = true }},
	{"inference.parameter-clamped", "errors", "A parameter out of its range is replaced in silence.", func(b *behaviour) { b.anyParameter = true }},
	{"inference.param-unnamed", "errors", "The refusal of a parameter doesn't name it.", onAnswer("chat", func(_ *call, a *answer) {
		if e, ok := a.body["error"].(doc); ok {
			e["param"] = nil
		}
	})},
	{"inference.messages-optional", "errors", "A conversation without a message is answered.", func(b *behaviour) { b.anyMessages = true }},
	{"inference.form-500", "errors", "A body in a type other than JSON is answered 500.", onAnswer("chat", func(_ *call, a *answer) {
		if a.status == http.StatusUnsupportedMediaType {
			a.status = http.StatusInternalServerError
		}
	})},
	{"inference.method-any", "errors", "Any method does what POST does.", func(b *behaviour) { b.anyMethod = true }},
	{"inference.allow-missing", "errors", "405 doesn't say which method is allowed.", onAnswer("", func(_ *call, a *answer) { a.header.Del("Allow") })},
	{"inference.route-unknown-200", "errors", "An unknown route is answered 200 with an empty object.", onAnswer("", func(c *call, a *answer) {
		if c.route == "" && a.status == http.StatusNotFound {
			a.status, a.body = http.StatusOK, doc{}
		}
	})},
}

var limitFaults = []Fault{
	{"inference.rate-unlimited", "limits", "The announced rate is never enforced.", func(b *behaviour) { b.unlimited = true }},
	{"inference.retry-after-missing", "limits", "429 doesn't say when to come back.", onAnswer("", func(_ *call, a *answer) { a.header.Del("Retry-After") })},
	{"inference.retry-after-early", "limits", "Retry-After is shorter than the wait that is imposed.", func(b *behaviour) { b.penalty = 2500 * time.Millisecond }},
	{"inference.rate-503", "limits", "The rate is refused with 503.", onAnswer("", func(_ *call, a *answer) {
		if a.status == http.StatusTooManyRequests {
			a.status = http.StatusServiceUnavailable
		}
	})},
	{"inference.rate-page", "limits", "429 comes with a web page instead of an error.", onAnswer("", func(_ *call, a *answer) {
		if a.status == http.StatusTooManyRequests {
			a.raw = []byte("<html><h1>Too Many Requests</h1></html>")
			a.header.Set("Content-Type", "text/html")
		}
	})},
	{"inference.ratelimit-hidden", "limits", "Answers don't say what is left of the rate.", onAnswer("", func(_ *call, a *answer) { a.header.Del("X-Ratelimit-Remaining-Requests") })},
	{"inference.ratelimit-above", "limits", "More requests are left than the limit allows.", onAnswer("", func(_ *call, a *answer) {
		if a.header.Get("X-Ratelimit-Remaining-Requests") != "" {
			a.header.Set("X-Ratelimit-Remaining-Requests", "999999999")
		}
	})},
	{"inference.context-truncated", "limits", "A prompt that is too long loses its beginning in silence.", func(b *behaviour) { b.truncates = true }},
	{"inference.context-uncoded", "limits", "The refusal of a prompt that is too long bears no code.", onAnswer("chat", func(_ *call, a *answer) {
		if e, ok := a.body["error"].(doc); ok && e["code"] == "context_length_exceeded" {
			e["code"] = nil
		}
	})},
	{"inference.context-500", "limits", "A prompt that is too long is answered 500.", onAnswer("chat", func(_ *call, a *answer) {
		if e, ok := a.body["error"].(doc); ok && e["code"] == "context_length_exceeded" {
			a.status = http.StatusInternalServerError
		}
	})},
	{"inference.context-half", "limits", "Half of the announced context is accepted.", func(b *behaviour) { b.context = window * 6 / 10 }},
}

// onModels edits the list of models.
func onModels(edit func(*answer)) func(*behaviour) {
	return onAnswer("models", func(_ *call, a *answer) {
		if a.status == http.StatusOK {
			edit(a)
		}
	})
}

// onAnswer edits the JSON answers of some routes, separated by spaces; of all
// when there is none.
func onAnswer(routes string, edit func(*call, *answer)) func(*behaviour) {
	list := strings.Fields(routes)
	return func(b *behaviour) {
		b.answers = append(b.answers, func(c *call, a *answer) {
			if len(list) == 0 || slices.Contains(list, c.route) {
				edit(c, a)
			}
		})
	}
}
