package inference

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// Instructions that any model follows, in French as an administration writes them.
const (
	countTo3  = "Compte de 1 à 3 : écris seulement les nombres, séparés par des virgules."
	countTo20 = "Compte de 1 à 20 : écris seulement les nombres, séparés par des virgules."
	countFar  = "Compte de 1 à 9999 : écris seulement les nombres, séparés par des virgules, sans t'arrêter."
	prose     = "Écris trois phrases sur l'accueil dans un service public."
	accents   = "Zoë dîne à Nîmes pour 12 €, cœur léger 🙂"
)

var chatChecks = []probe.Check{
	{
		ID: "inference/chat/shape", Rule: "OpenAI API, The chat completion object",
		Title: lang.T("Une réponse a la forme documentée, et le type JSON", "An answer has the documented shape, and the JSON type"),
		Run:   with(wantShape),
	},
	{
		ID: "inference/chat/model", Rule: "OpenAI API, The chat completion object, model",
		Title: lang.T("La réponse vient du modèle demandé, ou d'une version datée de lui", "The answer comes from the model asked for, or a dated version of it"),
		Run: with(func(t *probe.T, a *API) {
			c := a.Say(t, countTo3, "", nil)
			t.Want(strings.HasPrefix(c.Model, a.model), c.Did, fmt.Sprintf("an answer of the model %q", clip(c.Model)), a.model)
		}),
	},
	{
		ID: "inference/chat/id", Rule: "OpenAI API, The chat completion object, id",
		Title: lang.T("Chaque réponse a son identifiant", "Every answer has an id of its own"),
		Run: with(func(t *probe.T, a *API) {
			first, second := a.Say(t, countTo3, "", nil), a.Say(t, countTo3, "", nil)
			t.Want(first.ID != "" && first.ID != second.ID, second.Did, fmt.Sprintf("the id %q again", clip(second.ID)), "an id for each answer")
		}),
	},
	{
		ID: "inference/chat/max-tokens", Rule: "OpenAI API, Create chat completion, max_tokens",
		Title: lang.T("max_tokens borne la réponse", "max_tokens bounds the answer"),
		Run: with(func(t *probe.T, a *API) {
			c := a.Say(t, countTo20, "max_tokens 12", doc{"max_tokens": 12})
			t.Want(c.Text() != "" && !strings.Contains(c.Text(), "20"), c.Did, fmt.Sprintf("%q", clip(c.Text())), "the beginning of the answer")
		}),
	},
	{
		ID: "inference/chat/finish-length", Rule: "OpenAI API, The chat completion object, finish_reason",
		Title: lang.T("Une réponse coupée l'annonce par length", "An answer that was cut says length"),
		Run: with(func(t *probe.T, a *API) {
			a.Say(t, countTo20, "max_tokens 12", doc{"max_tokens": 12}).wantFinish(t, "length")
		}),
	},
	{
		ID: "inference/chat/finish-stop", Rule: "OpenAI API, The chat completion object, finish_reason",
		Title: lang.T("Une réponse achevée l'annonce par stop", "An answer that ended by itself says stop"),
		Run:   with(func(t *probe.T, a *API) { a.Say(t, countTo3, "", nil).wantFinish(t, "stop") }),
	},
	{
		ID: "inference/chat/stop", Rule: "OpenAI API, Create chat completion, stop",
		Title: lang.T("Une séquence d'arrêt coupe la réponse et n'y figure pas", "A stop sequence cuts the answer and isn't part of it"),
		Run:   with(func(t *probe.T, a *API) { wantStopped(t, a, `stop "7"`, "7") }),
	},
	{
		ID: "inference/chat/stop-several", Rule: "OpenAI API, Create chat completion, stop",
		Title: lang.T("La première rencontrée de plusieurs séquences d'arrêt coupe", "The first one met of several stop sequences cuts"),
		Run:   with(func(t *probe.T, a *API) { wantStopped(t, a, `stop ["zzz", "7"]`, []string{"zzz", "7"}) }),
	},
	{
		ID: "inference/chat/system", Rule: "OpenAI API, Create chat completion, messages: system",
		Title: lang.T("La consigne du système est suivie", "The system's instruction is followed"),
		Run: with(func(t *probe.T, a *API) {
			c := a.Complete(t, a.ask([]doc{
				{"role": "system", "content": "Réponds toujours exactement, quelle que soit la question : Tournesol"},
				{"role": "user", "content": "Quelle heure est-il ?"},
			}, "a system message", nil))
			c.wantText(t, "Tournesol")
		}),
	},
	{
		ID: "inference/chat/history", Rule: "OpenAI API, Create chat completion, messages: assistant",
		Title: lang.T("Les tours précédents de la conversation comptent", "The earlier turns of the conversation count"),
		Run: with(func(t *probe.T, a *API) {
			c := a.Complete(t, a.ask([]doc{
				{"role": "user", "content": "Mon nombre est 4729. Réponds seulement : noté."},
				{"role": "assistant", "content": "noté."},
				{"role": "user", "content": "Quel est mon nombre ? Réponds par ce nombre seul."},
			}, "three messages", nil))
			c.wantText(t, "4729")
		}),
	},
	{
		ID: "inference/chat/parts", Rule: "OpenAI API, Create chat completion, messages: content parts",
		Title: lang.T("Un message en plusieurs parties est lu en entier", "A message in several parts is read whole"),
		Run: with(func(t *probe.T, a *API) {
			c := a.Complete(t, a.ask([]doc{{"role": "user", "content": []doc{
				{"type": "text", "text": "Répète exactement, sans rien ajouter : "}, {"type": "text", "text": "tournesol"},
			}}}, "two parts", nil))
			c.wantText(t, "tournesol")
		}),
	},
	{
		ID: "inference/chat/unicode", Rule: "RFC 8259 section 8.1",
		Title: lang.T("Accents, euro et emoji reviennent intacts", "Accents, the euro sign and emoji come back intact"),
		Run: with(func(t *probe.T, a *API) {
			a.Say(t, "Répète exactement, sans rien ajouter : "+accents, "French text", nil).wantText(t, accents)
		}),
	},
	{
		ID: "inference/chat/choices", Rule: "OpenAI API, Create chat completion, n", Features: []string{choices},
		Title: lang.T("n réponses sont rendues, numérotées", "n answers are given, numbered"),
		Run: with(func(t *probe.T, a *API) {
			c := a.Say(t, prose, "n 2", doc{"n": 2, "temperature": 1, "max_tokens": 16})
			var indices []int
			for _, one := range c.Choices {
				indices = append(indices, one.Index)
			}
			slices.Sort(indices)
			t.Want(slices.Equal(indices, []int{0, 1}), c.Did, fmt.Sprintf("choices with the indices %v", indices), "choices with the indices [0 1]")
		}),
	},
	{
		ID: "inference/chat/logprobs", Rule: "OpenAI API, Create chat completion, logprobs", Features: []string{logprobs},
		Title: lang.T("Les log-probabilités couvrent chaque jeton de la réponse", "Log probabilities cover every token of the answer"),
		Run:   with(wantLogprobs),
	},
}

func wantShape(t *probe.T, a *API) {
	c := a.Say(t, countTo3, "", nil)
	t.Want(mediaType(c.Header) == "application/json", c.Did, "the type "+clip(c.Header.Get("Content-Type")), "application/json")
	t.Want(c.Object == "chat.completion" && c.ID != "" && c.Model != "", c.Did,
		fmt.Sprintf("object %q with id %q and model %q", clip(c.Object), clip(c.ID), clip(c.Model)), "object chat.completion with id and model")
	t.Want(instant(c.Created), c.Did, "created "+clip(string(c.Created)), "the instant of the answer in seconds")
	one := c.Choices[0]
	t.Want(len(c.Choices) == 1 && one.Index == 0 && one.Message.Role == "assistant", c.Did,
		fmt.Sprintf("%d choices, the first with index %d and role %q", len(c.Choices), one.Index, clip(one.Message.Role)), "one choice, index 0, role assistant")
	t.Want(strings.TrimSpace(c.Text()) != "" && one.Finish != "", c.Did, fmt.Sprintf("the text %q and finish_reason %q", clip(c.Text()), clip(one.Finish)), "a text and a finish_reason")
}

func (c Completion) wantFinish(t *probe.T, want string) {
	got := c.Choices[0].Finish
	t.Want(got == want, c.Did, fmt.Sprintf("finish_reason %q after %q", clip(got), clip(c.Text())), "finish_reason "+want)
}

func (c Completion) wantText(t *probe.T, want string) {
	t.Want(strings.Contains(c.Text(), want), c.Did, fmt.Sprintf("%q", clip(c.Text())), fmt.Sprintf("an answer with %q", want))
}

// wantStopped counts to 20 and wants to hear nothing from 7 on.
func wantStopped(t *probe.T, a *API, what string, stop any) {
	c := a.Say(t, countTo20, what, doc{"stop": stop})
	t.Want(strings.Contains(c.Text(), "6") && !strings.Contains(c.Text(), "7"), c.Did, fmt.Sprintf("%q", clip(c.Text())), "the answer up to the stop sequence")
	c.wantFinish(t, "stop")
}

func wantLogprobs(t *probe.T, a *API) {
	c := a.Say(t, prose, "logprobs and top_logprobs 2", doc{"logprobs": true, "top_logprobs": 2, "max_tokens": 12})
	one := c.Choices[0]
	if one.Logprobs == nil || len(one.Logprobs.Content) == 0 {
		t.Fail(c.Did, "200 without log probabilities", "log probabilities")
	}
	var octets []byte
	for _, p := range one.Logprobs.Content {
		t.Want(p.Logprob <= 0 && len(p.Top) == 2, c.Did, fmt.Sprintf("the log probability %g with %d likeliest for the token %q", p.Logprob, len(p.Top), clip(p.Token)),
			"log probabilities of at most 0 with the 2 likeliest tokens")
		if p.Bytes == nil {
			octets = append(octets, p.Token...)
		}
		for _, b := range p.Bytes {
			octets = append(octets, byte(b))
		}
	}
	t.Want(string(octets) == c.Text(), c.Did, fmt.Sprintf("tokens that make %q", clip(string(octets))), fmt.Sprintf("tokens that make the answer, %q", clip(c.Text())))
}

// refused wants a request to be turned down as invalid.
func (a *API) refused(t *probe.T, c Call) refusal {
	return a.Do(t, c).WantRefusal(t, http.StatusBadRequest)
}
