package inference

import (
	"fmt"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var usageChecks = []probe.Check{
	{
		ID: "inference/usage/sum", Rule: "OpenAI API, The chat completion object, usage",
		Title: lang.T("Le total des jetons est la somme de l'invite et de la réponse", "The total of tokens is the sum of prompt and answer"),
		Run: with(func(t *probe.T, a *API) {
			c := a.Say(t, countTo3, "", nil)
			c.Counts(t).wantSum(t, c.Did)
		}),
	},
	{
		ID: "inference/usage/prompt", Rule: "OpenAI API, The chat completion object, usage: prompt_tokens",
		Title: lang.T("La même invite compte autant, une plus longue davantage", "The same prompt counts the same, a longer one more"),
		Run:   with(wantPromptCounts),
	},
	{
		ID: "inference/usage/completion", Rule: "OpenAI API, The chat completion object, usage: completion_tokens",
		Title: lang.T("Une réponse coupée à 12 jetons en compte 12", "An answer cut at 12 tokens counts 12"),
		Run: with(func(t *probe.T, a *API) {
			c := a.Say(t, countTo20, "max_tokens 12", doc{"max_tokens": 12})
			n := c.Counts(t).Completion
			t.Want(n == 12, c.Did, fmt.Sprintf("completion_tokens %d", n), "12")
		}),
	},
}

// wantSum wants counts above 0 that add up.
func (u Usage) wantSum(t *probe.T, did string) {
	t.Want(u.Prompt > 0 && u.Completion > 0 && u.Total == u.Prompt+u.Completion, did,
		fmt.Sprintf("%d prompt, %d completion, %d total tokens", u.Prompt, u.Completion, u.Total), "counts above 0 and their sum")
}

// wantPromptCounts adds 40 words, each a token at least in any tokenizer.
func wantPromptCounts(t *probe.T, a *API) {
	count := func(text string) (string, int) {
		c := a.Say(t, text, fmt.Sprintf("a prompt of %d words", len(strings.Fields(text))), doc{"max_tokens": 1})
		return c.Did, c.Counts(t).Prompt
	}
	_, short := count(countTo3)
	did, again := count(countTo3)
	t.Want(short == again, did, fmt.Sprintf("prompt_tokens %d, then %d", short, again), "the same count for the same prompt")
	did, long := count(countTo3 + strings.Repeat(" merci", 40))
	t.Want(long >= short+40, did, fmt.Sprintf("prompt_tokens %d, and %d without 40 of the words", long, short), "40 more at least")
}

var samplingChecks = []probe.Check{
	{
		ID: "inference/sampling/zero", Rule: "OpenAI API, Create chat completion, temperature and seed", Features: []string{seed},
		Title: lang.T("À température 0 et même graine, trois tirages donnent le même texte", "At temperature 0 with one seed, three draws give the same text"),
		Run: with(func(t *probe.T, a *API) {
			wantSame(t, a, 3, "temperature 0 and seed 7", doc{"temperature": 0, "seed": 7})
		}),
	},
	{
		ID: "inference/sampling/seed", Rule: "OpenAI API, Create chat completion, seed", Features: []string{seed},
		Title: lang.T("À température 1, la même graine donne le même texte", "At temperature 1 the same seed gives the same text"),
		Run: with(func(t *probe.T, a *API) {
			wantSame(t, a, 2, "temperature 1 and seed 11", doc{"temperature": 1, "seed": 11})
		}),
	},
	{
		ID: "inference/sampling/varies", Rule: "OpenAI API, Create chat completion, temperature",
		Title: lang.T("À température 1, des tirages diffèrent", "At temperature 1 draws differ"),
		Run: with(func(t *probe.T, a *API) {
			texts := a.drawn(t, 4, "temperature 1", doc{"temperature": 1})
			for _, text := range texts[1:] {
				if text != texts[0] {
					return
				}
			}
			t.Fail("4 draws at temperature 1", fmt.Sprintf("%q each time", clip(texts[0])), "texts that differ")
		}),
	},
}

// drawn asks for the same prose n times.
func (a *API) drawn(t *probe.T, n int, what string, fields doc) []string {
	fields["max_tokens"] = 40
	var texts []string
	for _, x := range a.gather(t, n, func(int) Call { return a.ask(say(prose), what, fields) }) {
		texts = append(texts, completion(t, x).Text())
	}
	return texts
}

func wantSame(t *probe.T, a *API, n int, what string, fields doc) {
	texts := a.drawn(t, n, what, fields)
	for _, text := range texts {
		t.Want(text != "" && text == texts[0], fmt.Sprintf("%d draws at %s", n, what), fmt.Sprintf("%q and %q", clip(texts[0]), clip(text)), "the same text")
	}
}
