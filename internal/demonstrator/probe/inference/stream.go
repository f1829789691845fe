package inference

import (
	"fmt"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

const eventStream = "text/event-stream"

var streamChecks = []probe.Check{
	{
		ID: "inference/stream/type", Rule: "HTML Living Standard section 9.2.5",
		Title: lang.T("Un flux a le type text/event-stream", "A stream has the type text/event-stream"),
		Run: with(func(t *probe.T, a *API) {
			s := a.counted(t)
			t.Want(mediaType(s.Header) == eventStream, s.Did, "the type "+clip(s.Header.Get("Content-Type")), eventStream)
		}),
	},
	{
		ID: "inference/stream/chunks", Rule: "OpenAI API, The chat completion chunk object",
		Title: lang.T("Chaque événement est un fragment du même identifiant", "Every event is a chunk with the same id"),
		Run:   with(wantChunks),
	},
	{
		ID: "inference/stream/role", Rule: "OpenAI API, The chat completion chunk object, delta: role",
		Title: lang.T("Le premier fragment dit le rôle, et lui seul", "The first chunk says the role, and it alone"),
		Run: with(func(t *probe.T, a *API) {
			s := a.counted(t)
			for i, c := range s.Chunks {
				for _, p := range c.Choices {
					if said := p.Delta != nil && p.Delta.Role != nil && *p.Delta.Role != ""; said && *p.Delta.Role != "assistant" || said != (i == 0) {
						t.Fail(s.Did, fmt.Sprintf("chunk %d of %d with a role: %t", i+1, len(s.Chunks), said), "the role assistant in the first chunk only")
					}
				}
			}
		}),
	},
	{
		ID: "inference/stream/text", Rule: "OpenAI API, Create chat completion, stream", Features: []string{seed},
		Title: lang.T("Le texte d'un flux est celui de la même demande sans flux", "The text of a stream is that of the same request without one"),
		Run: with(func(t *probe.T, a *API) {
			fields := doc{"seed": 7, "max_tokens": 40}
			whole := a.Say(t, prose, "seed 7", fields).Text()
			s := a.Stream(t, a.ask(say(prose), "seed 7", fields), nil)
			t.Want(s.Text() != "" && s.Text() == whole, s.Did, fmt.Sprintf("%q", clip(s.Text())), fmt.Sprintf("%q as without a stream", clip(whole)))
		}),
	},
	{
		ID: "inference/stream/whole", Rule: "OpenAI API, Create chat completion, stream",
		Title: lang.T("Les fragments mis bout à bout font la réponse, sans manque ni doublon", "The chunks put together make the answer, nothing lost or twice"),
		Run: with(func(t *probe.T, a *API) {
			s := a.counted(t)
			got := strings.Join(strings.FieldsFunc(s.Text(), func(r rune) bool { return r < '0' || r > '9' }), " ")
			t.Want(got == upTo20, s.Did, fmt.Sprintf("%q", clip(s.Text())), "the numbers from 1 to 20, each once")
		}),
	},
	{
		ID: "inference/stream/finish", Rule: "OpenAI API, The chat completion chunk object, finish_reason",
		Title: lang.T("Un seul fragment, le dernier, dit pourquoi la réponse s'arrête", "One chunk, the last, says why the answer ended"),
		Run:   with(wantOneFinish),
	},
	{
		ID: "inference/stream/done", Rule: "OpenAI API, Create chat completion, stream",
		Title: lang.T("Le flux se termine par [DONE], et rien ne suit", "The stream ends with [DONE], and nothing follows"),
		Run: with(func(t *probe.T, a *API) {
			s := a.counted(t)
			t.Want(s.Done && s.After == 0, s.Did, fmt.Sprintf("%d chunks, [DONE]: %t, %d events after it", len(s.Chunks), s.Done, s.After), "[DONE] as the last event")
		}),
	},
	{
		ID: "inference/stream/usage", Rule: "OpenAI API, Create chat completion, stream_options: include_usage",
		Title: lang.T("L'usage demandé vient dans le dernier fragment, égal à celui sans flux", "The usage asked for comes in the last chunk, equal to that without a stream"),
		Run:   with(wantStreamUsage),
	},
	{
		ID: "inference/stream/unicode", Rule: "HTML Living Standard section 9.2.5",
		Title: lang.T("Aucun caractère n'est coupé entre deux fragments", "No character is cut between two chunks"),
		Run: with(func(t *probe.T, a *API) {
			s := a.Stream(t, a.ask(say("Répète exactement, sans rien ajouter : "+accents), "French text", nil), nil)
			t.Want(strings.Contains(s.Text(), accents), s.Did, fmt.Sprintf("%q", clip(s.Text())), fmt.Sprintf("%q", accents))
		}),
	},
	{
		ID: "inference/stream/refusal", Rule: "OpenAI API, Error codes; RFC 9110 section 15.5.1",
		Title: lang.T("Une demande invalide est refusée avant le flux, par 400", "An invalid request is refused before the stream, with 400"),
		Run: with(func(t *probe.T, a *API) {
			a.refused(t, a.ask(say(countTo3), "max_tokens 0 as a stream", doc{"max_tokens": 0, "stream": true}))
		}),
	},
}

const upTo20 = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"

// counted streams the numbers to 20.
func (a *API) counted(t *probe.T) *Stream {
	return a.Stream(t, a.ask(say(countTo20), "", doc{"max_tokens": 120}), nil)
}

func wantChunks(t *probe.T, a *API) {
	s := a.counted(t)
	for i, c := range s.Chunks {
		what := fmt.Sprintf("chunk %d of %d with object %q and id %q", i+1, len(s.Chunks), clip(c.Object), clip(c.ID))
		t.Want(c.Object == "chat.completion.chunk" && c.ID != "" && c.ID == s.Chunks[0].ID, s.Did, what, "chat.completion.chunk and one id in all chunks")
		t.Want(c.Model == s.Chunks[0].Model, s.Did, fmt.Sprintf("chunk %d of the model %q", i+1, clip(c.Model)), "one model in all chunks")
		for _, p := range c.Choices {
			t.Want(p.Delta != nil && p.Index == 0, s.Did, fmt.Sprintf("chunk %d without a delta for the choice 0", i+1), "a delta in each choice")
		}
	}
}

func wantOneFinish(t *probe.T, a *API) {
	s := a.Stream(t, a.ask(say(countTo20), "max_tokens 12", doc{"max_tokens": 12}), nil)
	var reasons []string
	last := ""
	for _, c := range s.Chunks {
		for _, p := range c.Choices {
			last = ""
			if p.Finish != nil {
				last = *p.Finish
				reasons = append(reasons, clip(last))
			}
		}
	}
	t.Want(len(reasons) == 1 && last == "length", s.Did, fmt.Sprintf("%d finish reasons %v, of the last chunk %q", len(reasons), reasons[:min(3, len(reasons))], clip(last)), "length in the last chunk only")
}

func wantStreamUsage(t *probe.T, a *API) {
	whole := a.Say(t, countTo20, "max_tokens 12", doc{"max_tokens": 12})
	want := whole.Counts(t)
	c := a.ask(say(countTo20), "include_usage and max_tokens 12", doc{"max_tokens": 12, "stream_options": doc{"include_usage": true}})
	s := a.Stream(t, c, nil)
	last := s.Chunks[len(s.Chunks)-1]
	if last.Usage == nil || len(last.Choices) != 0 {
		t.Fail(s.Did, fmt.Sprintf("a last chunk with %d choices, with usage: %t", len(last.Choices), last.Usage != nil), "a last chunk with usage and no choice")
	}
	last.Usage.wantSum(t, s.Did)
	t.Want(*last.Usage == want, s.Did, fmt.Sprintf("%d prompt and %d completion tokens", last.Usage.Prompt, last.Usage.Completion),
		fmt.Sprintf("%d and %d, as without a stream", want.Prompt, want.Completion))
}
