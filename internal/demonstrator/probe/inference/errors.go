package inference

import (
	"fmt"
	"net/http"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var errorChecks = []probe.Check{
	{
		ID: "inference/errors/shape", Rule: "OpenAI API, the Error schema of its OpenAPI document",
		Title: lang.T("Un objet d'erreur a message, type, param et code, textes ou null", "An error object has message, type, param and code, texts or null"),
		Run: with(func(t *probe.T, a *API) {
			c := a.named(t.Name())
			r := a.Do(t, c).WantRefusal(t, http.StatusNotFound, http.StatusBadRequest)
			for _, field := range []struct{ name, value string }{{"type", string(r.Type)}, {"param", string(r.Param)}, {"code", string(r.Code)}} {
				ok := strings.HasPrefix(field.value, `"`) || field.value == "null" && field.name != "type"
				t.Want(ok, c.did(), fmt.Sprintf("an error with %s %s", field.name, orAbsent(field.value)), field.name+" as a text")
			}
		}),
	},
	{
		ID: "inference/errors/model", Rule: "OpenAI API, Error codes: model_not_found",
		Title: lang.T("Un modèle inconnu est refusé par 404, jamais remplacé", "An unknown model is refused with 404, never replaced"),
		Run:   with(func(t *probe.T, a *API) { a.Do(t, a.named(t.Name())).WantRefusal(t, http.StatusNotFound) }),
	},
	{
		ID: "inference/errors/malformed", Rule: "RFC 9110 section 15.5.1",
		Title: lang.T("Un corps qui n'est pas du JSON est refusé par 400", "A body that is not JSON is refused with 400"),
		Run: with(func(t *probe.T, a *API) {
			a.refused(t, Call{Path: "chat/completions", What: "JSON cut short", Raw: `{"model": "`})
		}),
	},
	{
		ID: "inference/errors/parameter", Rule: "OpenAI API, Create chat completion, temperature",
		Title: lang.T("Un paramètre hors bornes est refusé par 400", "A parameter out of its range is refused with 400"),
		Run:   with(func(t *probe.T, a *API) { a.refused(t, a.hot()) }),
	},
	{
		ID: "inference/errors/param", Rule: "OpenAI API, the Error schema of its OpenAPI document, param",
		Title: lang.T("Le refus d'un paramètre le nomme", "The refusal of a parameter names it"),
		Run: with(func(t *probe.T, a *API) {
			r := a.refused(t, a.hot())
			t.Want(word(r.Param) == "temperature", a.hot().did(), fmt.Sprintf("400 with param %s", orAbsent(clip(string(r.Param)))), "param temperature")
		}),
	},
	{
		ID: "inference/errors/messages", Rule: "OpenAI API, Create chat completion, messages",
		Title: lang.T("Une conversation sans message est refusée par 400", "A conversation without a message is refused with 400"),
		Run:   with(func(t *probe.T, a *API) { a.refused(t, a.ask([]doc{}, "no message", nil)) }),
	},
	{
		ID: "inference/errors/type", Rule: "RFC 9110 section 15.5.16",
		Title: lang.T("Un formulaire à la place du JSON est refusé, par 400 ou 415", "A form instead of JSON is refused, with 400 or 415"),
		Run: with(func(t *probe.T, a *API) {
			a.Do(t, Call{Path: "chat/completions", What: "a form", Raw: "model=x&messages=y", Type: "application/x-www-form-urlencoded"}).
				WantRefusal(t, http.StatusBadRequest, http.StatusUnsupportedMediaType)
		}),
	},
	{
		ID: "inference/errors/method", Rule: "RFC 9110 section 15.5.6",
		Title: lang.T("Une méthode que la route n'a pas est refusée, en nommant celles qu'elle a", "A method that the route doesn't have is refused, naming those that it has"),
		Run: with(func(t *probe.T, a *API) {
			c := a.ask(say(countTo3), "", nil)
			c.Method = http.MethodPut
			x := a.Do(t, c).Want(t, http.StatusMethodNotAllowed, http.StatusNotFound)
			t.Want(x.Status == http.StatusNotFound || strings.Contains(x.Header.Get("Allow"), http.MethodPost), x.Did,
				fmt.Sprintf("405 with Allow %q", clip(x.Header.Get("Allow"))), "405 with Allow POST, or 404")
		}),
	},
	{
		ID: "inference/errors/route", Rule: "RFC 9110 section 15.5.5",
		Title: lang.T("Une route inconnue est refusée par 404", "An unknown route is refused with 404"),
		Run:   with(func(t *probe.T, a *API) { a.Do(t, get(t.Name(), "", "")).Want(t, http.StatusNotFound) }),
	},
}

// named is a request to a model of that name.
func (a *API) named(name string) Call {
	return a.ask(say(countTo3), "an unknown model", doc{"model": name})
}

// hot is a request whose temperature is out of range.
func (a *API) hot() Call { return a.ask(say(countTo3), "temperature 5", doc{"temperature": 5}) }

func orAbsent(text string) string {
	if text == "" {
		return "absent"
	}
	return text
}
