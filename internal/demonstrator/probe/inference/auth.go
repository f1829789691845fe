package inference

import (
	"bytes"
	"fmt"
	"net/http"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var authChecks = []probe.Check{
	{
		ID: "inference/auth/missing", Rule: "OpenAI API, Authentication; RFC 9110 section 15.5.2",
		Title: lang.T("Une demande sans clé est refusée par 401", "A request without a key is refused with 401"),
		Run: with(func(t *probe.T, a *API) {
			a.Do(t, a.as(anonymous, "no key", nil)).WantRefusal(t, http.StatusUnauthorized)
		}),
	},
	{
		ID: "inference/auth/wrong", Rule: "OpenAI API, Authentication; RFC 9110 section 15.5.2",
		Title: lang.T("Une clé fausse est refusée par 401", "A wrong key is refused with 401"),
		Run: with(func(t *probe.T, a *API) {
			a.Do(t, a.as(stranger, "a wrong key", nil)).WantRefusal(t, http.StatusUnauthorized)
		}),
	},
	{
		ID: "inference/auth/hidden", Rule: "OWASP ASVS 5.0 section 16.5.1",
		Title: lang.T("Le refus d'une clé ne la répète pas en clair", "The refusal of a key doesn't repeat it whole"),
		Run: with(func(t *probe.T, a *API) {
			x := a.Do(t, a.as(stranger, "a wrong key", nil))
			if x.Status < 400 {
				t.Fail(x.Did, x.Got(), "a refusal")
			}
			t.Want(!bytes.Contains(x.Body, []byte(wrongKey)), x.Did, fmt.Sprintf("%d with the whole key", x.Status), "a refusal without the key")
		}),
	},
	{
		ID: "inference/auth/models", Rule: "OpenAI API, Authentication; RFC 9110 section 15.5.2",
		Title: lang.T("La liste des modèles demande une clé", "The list of models needs a key"),
		Run: with(func(t *probe.T, a *API) {
			a.Do(t, get("models", anonymous, "no key")).WantRefusal(t, http.StatusUnauthorized)
		}),
	},
	{
		ID: "inference/auth/embeddings", Rule: "OpenAI API, Authentication; RFC 9110 section 15.5.2", Features: []string{embeddings},
		Title: lang.T("Les vecteurs demandent une clé", "Embeddings need a key"),
		Run: with(func(t *probe.T, a *API) {
			body := doc{"model": a.session.Setting(settingEmbedding, a.model), "input": "bonjour"}
			a.Do(t, Call{Path: "embeddings", What: "a wrong key", As: stranger, Body: body}).WantRefusal(t, http.StatusUnauthorized)
		}),
	},
	{
		ID: "inference/auth/stream", Rule: "OpenAI API, Authentication; RFC 9110 section 15.5.2",
		Title: lang.T("Une clé fausse est refusée avant le flux, pas dedans", "A wrong key is refused before the stream, not in it"),
		Run: with(func(t *probe.T, a *API) {
			x := a.Do(t, a.as(stranger, "a wrong key as a stream", doc{"stream": true}))
			x.WantRefusal(t, http.StatusUnauthorized)
			t.Want(mediaType(x.Header) != eventStream, x.Did, "401 as "+eventStream, "401 with JSON")
		}),
	},
}

// as is a small conversation with the key of somebody.
func (a *API) as(account, what string, fields doc) Call {
	c := a.ask(say("Bonjour"), what, fields)
	c.As = account
	return c
}
