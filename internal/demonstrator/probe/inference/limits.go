package inference

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var limitChecks = []probe.Check{
	{
		ID: "inference/limits/burst", Rule: "RFC 6585 section 4; OpenAI API, Error codes",
		Title: lang.T("Une rafale au-delà du débit convenu est refusée par 429 et un objet d'erreur", "A burst above the agreed rate is refused with 429 and an error object"),
		Run:   with(func(t *probe.T, a *API) { a.exceed(t).WantRefusal(t, http.StatusTooManyRequests) }),
	},
	{
		ID: "inference/limits/retry-after", Rule: "RFC 6585 section 4; RFC 9110 section 10.2.3",
		Title: lang.T("Le refus dit quand revenir", "The refusal says when to come back"),
		Run:   with(func(t *probe.T, a *API) { comeBack(t, a.exceed(t)) }),
	},
	{
		ID: "inference/limits/retry", Rule: "RFC 9110 section 10.2.3", Class: probe.Heavy,
		Title: lang.T("Qui revient au moment dit est servi", "Who comes back when told is served"),
		Run: with(func(t *probe.T, a *API) {
			a.exhaust(t)
			defer a.release()
			pause := comeBack(t, a.overrun(t))
			a.rest(t, pause)
			a.once(t, a.small("a request after the wait asked for")).Want(t, http.StatusOK)
		}),
	},
	{
		ID: "inference/limits/headers", Rule: "OpenAI API, Rate limits in headers", Features: []string{rateHeaders},
		Title: lang.T("Les en-têtes disent la limite, ce qui reste et quand elle se recharge", "Headers say the limit, what is left and when it is whole again"),
		Run:   with(wantRateHeaders),
	},
	{
		ID: "inference/limits/context", Rule: "OpenAI API, Error codes: context_length_exceeded",
		Title: lang.T("Une invite plus longue que le contexte est refusée par 400, avec son code", "A prompt longer than the context is refused with 400, with its code"),
		Run: with(func(t *probe.T, a *API) {
			n := a.number(t, settingContext) + 16
			c := a.words(n, 1)
			r := a.refused(t, c)
			t.Want(word(r.Code) == "context_length_exceeded", c.did(), fmt.Sprintf("400 with the code %q", clip(word(r.Code))), "context_length_exceeded")
		}),
	},
	{
		ID: "inference/limits/context-usable", Rule: "offer.yaml, context", Class: probe.Heavy,
		Title: lang.T("Neuf dixièmes du contexte annoncé sont acceptés", "Nine tenths of the announced context are accepted"),
		Run:   with(wantContext),
	},
}

// words is a prompt of n words, each a token at least.
func (a *API) words(n, maxTokens int) Call {
	text := "Réponds oui." + strings.Repeat(" mot", n)
	return a.ask(say(text), fmt.Sprintf("a prompt of %d words", n), doc{"max_tokens": maxTokens})
}

// small is a request of one token with the key to exhaust.
func (a *API) small(what string) Call {
	c := a.ask(say("Bonjour"), what, doc{"max_tokens": 1})
	c.As = burstAccount
	return c
}

// exceed is overrun, one check at a time.
func (a *API) exceed(t *probe.T) Answer {
	a.exhaust(t)
	defer a.release()
	return a.overrun(t)
}

// overrun sends the requests that surely pass the rate, a few at once, and returns
// the first that is refused for it. Refusals are wanted as they are.
func (a *API) overrun(t *probe.T) Answer {
	n := a.number(t, settingBurst)
	c := a.small("one token")
	for sent := 0; sent < n; {
		few := min(8, n-sent)
		for _, x := range a.gatherRaw(t, few, c) {
			if x.Status == http.StatusTooManyRequests {
				return x
			}
			x.Want(t, http.StatusOK, http.StatusTooManyRequests)
		}
		sent += few
	}
	t.Fail(fmt.Sprintf("%d requests in a row", n), "200 each time", "429 before the last")
	return Answer{}
}

// gatherRaw makes the same call n times at once; refusals for the rate come as they
// are.
func (a *API) gatherRaw(t *probe.T, n int, c Call) []Answer {
	c.raw = true
	return a.gather(t, n, func(int) Call { return c })
}

// once makes a call whose refusal for the rate is wanted as it is.
func (a *API) once(t *probe.T, c Call) Answer {
	c.raw = true
	return a.Do(t, c)
}

// comeBack reads Retry-After: seconds, or a date.
func comeBack(t *probe.T, x Answer) time.Duration {
	text := x.Header.Get("Retry-After")
	pause := time.Duration(-1)
	if s, err := strconv.Atoi(text); err == nil {
		pause = time.Duration(s) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		pause = max(0, at.Sub(t.Now()))
	}
	t.Want(pause >= 0 && pause <= 24*time.Hour, x.Did, fmt.Sprintf("429 with Retry-After %q", clip(text)), "429 with Retry-After in seconds or as a date, of a day at most")
	return pause
}

func wantRateHeaders(t *probe.T, a *API) {
	c := a.Say(t, countTo3, "", doc{"max_tokens": 1})
	count := func(name string) int {
		n, err := strconv.Atoi(c.Header.Get(name))
		t.Want(err == nil && n >= 0, c.Did, fmt.Sprintf("%s %q", name, clip(c.Header.Get(name))), "a count in "+name)
		return n
	}
	limit, left := count("X-Ratelimit-Limit-Requests"), count("X-Ratelimit-Remaining-Requests")
	t.Want(left <= limit, c.Did, fmt.Sprintf("%d requests left of %d", left, limit), "no more left than the limit")
	reset := c.Header.Get("X-Ratelimit-Reset-Requests")
	_, err := time.ParseDuration(reset)
	t.Want(err == nil, c.Did, fmt.Sprintf("x-ratelimit-reset-requests %q", clip(reset)), "a duration such as 1s or 6m0s")
}

// wantContext learns from two prompts what a word counts, then writes one that
// fills nine tenths of the context.
func wantContext(t *probe.T, a *API) {
	size := a.number(t, settingContext)
	count := func(n int) (string, int) {
		c := a.Complete(t, a.words(n, 1))
		return c.Did, c.Counts(t).Prompt
	}
	_, base := count(100)
	did, twice := count(200)
	t.Want(twice >= base+100, did, fmt.Sprintf("prompt_tokens %d, and %d for 100 words", twice, base), "100 more at least")
	n := 100 + (size*9/10-base)*100/(twice-base)
	did, whole := count(n)
	t.Want(whole >= size*85/100, did, fmt.Sprintf("prompt_tokens %d", whole), fmt.Sprintf("about %d: nothing left out", size*9/10))
}
