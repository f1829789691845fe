package inference

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// farTokens is how long an answer is asked for where the check leaves it long
// before its end.
const farTokens = 6000

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
// one that is a hundred times longer must not take four times as long. One second and a
// half at least is granted, for a busy machine.
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
	limit := max(4*short.Took, 1500*time.Millisecond)
	t.Want(first <= limit, s.Did, fmt.Sprintf("the first words after %s, a short answer takes %s", round(first), round(short.Took)), "the first words within "+round(limit))
}

// wantFreed fills the places of a key with long streams, leaves them all, and wants
// the next request to take at most a sixth of the time longer than on an idle key
// that the first of them would still have gone on, at the fastest pace seen. Where
// the request is refused for the rate, or the streams were nearly over when they
// were left, that says nothing of the places: all begins again.
func wantFreed(t *probe.T, a *API) {
	places := a.number(t, settingParallel)
	if most := a.session.Offer.Caps.Connections - 2; places > most {
		t.Do("filling the places", &probe.CapReached{Cap: fmt.Sprintf("connections %d, for %d generations at once", most+2, places)})
	}
	a.exhaust(t)
	defer a.release()
	c := a.small("one token after leaving streams")
	idle := a.Do(t, c).Want(t, http.StatusOK).Took
	got := ""
	for range 4 {
		left := a.fill(t, places)
		if left < 300*time.Millisecond {
			got = fmt.Sprintf("streams of %d tokens over as soon as they began", a.tokens(t))
			continue
		}
		x := a.once(t, c)
		if x.Status == http.StatusTooManyRequests {
			got = "429 each time"
			a.rest(t, time.Second)
			continue
		}
		x.Want(t, http.StatusOK)
		t.Want(x.Took < idle+left/6, x.Did, fmt.Sprintf("200 after %s, %s before", round(x.Took), round(idle)),
			fmt.Sprintf("an answer well before the %s that the %d streams left would have taken", round(left), places))
		return
	}
	t.Fail(c.did(), got, "places that long streams fill and leave")
}

// fill opens long streams at once and leaves them together. It returns how long it
// would have been until the first of them ended.
func (a *API) fill(t *probe.T, places int) time.Duration {
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	firsts, paces := make([]time.Time, places), make([]time.Duration, places)
	n := a.tokens(t)
	var wg sync.WaitGroup
	for i := range places {
		wg.Go(func() { firsts[i], paces[i] = a.begin(ctx, t, n) })
	}
	wg.Wait()
	for _, first := range firsts {
		if first.IsZero() { // the check has ended, and said why
			t.Fail("filling the places", "a stream that did not begin", "streams")
		}
	}
	return time.Until(slices.MinFunc(firsts, time.Time.Compare).Add(slices.Min(paces) * time.Duration(n)))
}

// begin reads the beginning of a long stream: when its first chunk came, and how
// long each takes. The stream goes on until ctx ends.
func (a *API) begin(ctx context.Context, t *probe.T, n int) (first time.Time, pace time.Duration) {
	c := a.far(n)
	c.As = burstAccount
	s := &Stream{Did: c.did() + " as a stream"}
	res, err := a.open(ctx, c, &s.Sent)
	t.Do(s.Did, err)
	context.AfterFunc(ctx, func() { _ = res.Body.Close() })
	t.Want(res.StatusCode == http.StatusOK, s.Did, fmt.Sprint(res.StatusCode), "200 with a stream")
	s.read(t, newEvents(res.Body), afterTexts(48))
	t.Want(s.Cut, s.Did, fmt.Sprintf("%d chunks in all", len(s.Chunks)), "a chunk every few words")
	first = s.Chunks[0].At
	pace = s.Chunks[len(s.Chunks)-1].At.Sub(first) / time.Duration(len(s.Chunks)-1)
	t.Want(first.Sub(s.Sent) < 4*pace*time.Duration(n)+time.Second, s.Did,
		fmt.Sprintf("the first chunk after %s and the next ones every %s", round(first.Sub(s.Sent)), pace), "chunks at the pace of generation")
	return first, pace
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
