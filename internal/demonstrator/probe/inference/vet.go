package inference

import (
	"fmt"
	"net/http"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// vetChecks examine an offer's description before any measure: that the keys and
// the models that it names are served.
var vetChecks = []probe.Check{
	{
		ID: "inference/offer/main", Rule: "offer.yaml",
		Title: lang.T("Le compte principal obtient une réponse du modèle annoncé", "The main account gets an answer of the announced model"),
		Run:   with(func(t *probe.T, a *API) { a.Say(t, countTo3, "max_tokens 1", doc{"max_tokens": 1}) }),
	},
	{
		ID: "inference/offer/burst", Rule: "offer.yaml, rate-burst and parallel",
		Title: lang.T("La clé à épuiser obtient une réponse et n'est pas la principale", "The key to exhaust gets an answer and isn't the main one"),
		Run: with(func(t *probe.T, a *API) {
			if _, ok := a.session.Account(burstAccount); !ok {
				t.Unsupported("account " + burstAccount)
			}
			if a.key(burstAccount) == a.key(mainAccount) {
				t.Fail("reading the offer", "one key for both accounts", "a key that may be exhausted without disturbing anyone")
			}
			a.Do(t, a.small("one token")).Want(t, http.StatusOK)
		}),
	},
	{
		ID: "inference/offer/embeddings", Rule: "offer.yaml, embedding-model", Features: []string{embeddings},
		Title: lang.T("Le modèle de vecteurs annoncé répond", "The announced embedding model answers"),
		Run: with(func(t *probe.T, a *API) {
			e := a.Embed(t, "bonjour", "one text", nil)
			t.Want(len(e.Vectors) == 1, e.Did, fmt.Sprintf("%d vectors", len(e.Vectors)), "one vector")
		}),
	},
}
