package inference

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// farTokens is how long an answer is asked for where the check leaves it long
// before its end.
const farTokens = 2000

var pacingChecks = []probe.Check{
	{
		ID: "inference/stream/incremental", Rule: "OpenAI API, Create chat completion, stream",
		Title: lang.T("Un flux commence avant que la réponse soit écrite", "A stream begins before the answer is written"),
		Run:   with(wantIncremental),
	},
	{
		ID: "inference/stream/cancel", Rule: "RFC 9112 section 9.6", Limit: time.Minute,
		Title: lang.T("Un client qui part libère sa place pour le suivant", "A client that leaves frees its place for the next"),
		Run:   with(wantFreed),
	},
}

// wantIncremental takes the time of a short answer for measure: the first words of
// one that is thirty times longer must not take four times as long. A second at
// least is granted, for a busy machine.
func wantIncremental(t *probe.T, a *API) {
	short := a.Say(t, countTo20, "", nil)
	s := a.Stream(t, a.far(a.tokens(t)), afterTexts(8))
	first := s.Chunks[0].At.Sub(s.Sent)
	for _, c := range s.Chunks {
		if c.text() != "" {
			first = c.At.Sub(s.Sent)
			break
		}
	}
	t.Want(s.Cut, s.Did, fmt.Sprintf("%d chunks in all", len(s.Chunks)), "a chunk every few words")
	limit := max(4*short.Took, time.Second)
	t.Want(first <= limit, s.Did, fmt.Sprintf("the first words after %s, a short answer takes %s", round(first), round(short.Took)), "the first words within "+round(limit))
}

// wantFreed fills the places of a key with long streams, leaves them all, and wants
// the next request to be served in less than half of the time that the first of
// them would still have taken, at the pace at which they came. A request that is
// refused for the rate says nothing of the places: all begins again.
func wantFreed(t *probe.T, a *API) {
	places := a.number(t, settingParallel)
	if most := a.session.Offer.Caps.Connections - 2; places > most {
		t.Do("filling the places", &probe.CapReached{Cap: fmt.Sprintf("connections %d, for %d generations at once", most+2, places)})
	}
	a.exhaust(t)
	defer a.release()
	c := a.small("one token after leaving streams")
	for range 4 {
		left := a.fill(t, places)
		x := a.once(t, c)
		if x.Status == http.StatusTooManyRequests {
			a.rest(t, time.Second)
			continue
		}
		x.Want(t, http.StatusOK)
		t.Want(x.Took < left/2, x.Did, fmt.Sprintf("200 after %s", round(x.Took)),
			fmt.Sprintf("an answer well before the %s that the %d streams left would have taken", round(left), places))
		return
	}
	t.Fail(c.did(), "429 each time", "200")
}

// fill opens long streams and leaves them together. It returns how long it would
// have been until the first of them ended.
func (a *API) fill(t *probe.T, places int) time.Duration {
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	var ends time.Time
	for range places {
		c := a.far(a.tokens(t))
		c.As = burstAccount
		s := &Stream{Did: c.did() + " as a stream"}
		res, err := a.open(ctx, c, &s.Sent)
		t.Do(s.Did, err)
		defer res.Body.Close()
		t.Want(res.StatusCode == http.StatusOK, s.Did, fmt.Sprint(res.StatusCode), "200 with a stream")
		s.read(t, newEvents(res.Body), afterTexts(8))
		t.Want(s.Cut, s.Did, fmt.Sprintf("%d chunks in all", len(s.Chunks)), "a chunk every few words")
		first, last := s.Chunks[0].At, s.Chunks[len(s.Chunks)-1].At
		whole := last.Sub(first) * time.Duration(a.tokens(t)) / time.Duration(len(s.Chunks)-1)
		if end := first.Add(whole); ends.IsZero() || end.Before(ends) {
			ends = end
		}
	}
	left := time.Until(ends)
	if left < 200*time.Millisecond {
		t.Fail(fmt.Sprintf("reading %d streams of %d tokens", places, a.tokens(t)), "chunks all at once", "chunks at the pace of generation")
	}
	return left
}

// rest waits, or until the check must end.
func (a *API) rest(t *probe.T, d time.Duration) {
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

// far asks for an answer of n tokens.
func (a *API) far(n int) Call {
	return a.ask(say(countFar), fmt.Sprintf("max_tokens %d", n), doc{"max_tokens": n, "stream": true})
}

// tokens is how long an answer may be asked for: half of the context at most.
func (a *API) tokens(t *probe.T) int {
	if a.session.Setting(settingContext, "") == "" {
		return farTokens
	}
	return min(farTokens, a.number(t, settingContext)/2)
}

// exhaust waits for its turn with the key that is exhausted; release ends it.
func (a *API) exhaust(t *probe.T) {
	select {
	case a.burst <- struct{}{}:
	case <-t.Context().Done():
		t.Do("waiting for the key", context.Cause(t.Context()))
	}
}

func (a *API) release() { <-a.burst }

func round(d time.Duration) string { return d.Round(time.Millisecond).String() }
