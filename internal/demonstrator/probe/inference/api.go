package inference

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync"
	"time"

	"aloi.dev/internal/demonstrator/probe"
)

// doc is a JSON object.
type doc = map[string]any

// API is an offer's inference service as a client sees it. All requests go through
// the session's guard.
type API struct {
	session *probe.Session
	base    string
	model   string
	burst   chan struct{} // held by the one check that exhausts the second key
}

func apiOf(s *probe.Session) *API {
	return s.Keep("api", func() any {
		return &API{
			session: s, base: strings.TrimSuffix(s.Service.Endpoint, "/") + "/" + strings.Trim(s.Setting(settingBase, "v1"), "/"),
			model: s.Setting(settingModel, ""), burst: make(chan struct{}, 1),
		}
	}).(*API)
}

// Call is a request to a route below the base path.
type Call struct {
	Method string // POST when empty
	Path   string // "chat/completions"
	What   string // what is special about it, for sentences: "max_tokens 12"
	As     string // account; the main one when empty
	Body   any    // sent as JSON, unless
	Raw    string // is sent as it is
	Type   string // Content-Type, application/json when empty
	raw    bool   // a refusal for the rate is wanted as it is
}

// Answer is what came back, read to its end.
type Answer struct {
	Did    string
	Status int
	Header http.Header
	Body   []byte
	Sent   time.Time     // when the request was on the wire
	Took   time.Duration // from then to the end of the answer
	over   bool          // longer than maxBody, and cut
}

// maxBody bounds what one answer may hold in memory, in bytes.
const maxBody = 4 << 20

// did names a call in a sentence: "POST chat/completions with max_tokens 12".
func (c Call) did() string {
	text := c.method() + " " + c.Path
	if c.What != "" {
		text += " with " + c.What
	}
	return text
}

func (c Call) method() string {
	if c.Method == "" {
		return http.MethodPost
	}
	return c.Method
}

// Do sends a request and reads the answer; an exchange that breaks ends the check.
func (a *API) Do(t *probe.T, c Call) Answer {
	answer, err := a.try(t.Context(), c)
	t.Do(c.did(), err)
	return answer.whole(t)
}

// whole ends the check when the answer was too long to be read.
func (x Answer) whole(t *probe.T) Answer {
	if x.over {
		t.Fail(x.Did, fmt.Sprintf("%d with more than %d MiB", x.Status, maxBody>>20), "an answer of a size that fits the request")
	}
	return x
}

// try is Do for goroutines of a check, which can't end it.
func (a *API) try(ctx context.Context, c Call) (Answer, error) {
	x := Answer{Did: c.did()}
	res, err := a.open(ctx, c, &x.Sent)
	if err != nil {
		return x, err
	}
	defer res.Body.Close()
	x.Status, x.Header = res.StatusCode, res.Header
	x.Body, err = io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	x.Took = time.Since(x.Sent)
	x.over = len(x.Body) > maxBody
	return x, err
}

// open sends a request and notes when it was on the wire, the last time if the
// engine had to ask again.
func (a *API) open(ctx context.Context, c Call, sent *time.Time) (*http.Response, error) {
	body := []byte(c.Raw)
	if c.Raw == "" && c.Body != nil {
		var err error
		if body, err = json.Marshal(c.Body); err != nil {
			return nil, fmt.Errorf("build %s: %w", c.did(), err)
		}
	}
	if c.raw {
		ctx = probe.Raw(ctx)
	}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { *sent = time.Now() }})
	req, err := http.NewRequestWithContext(ctx, c.method(), a.base+"/"+c.Path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", c.did(), err)
	}
	if len(body) == 0 {
		req.Body, req.GetBody, req.ContentLength = http.NoBody, nil, 0
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Type != "" {
		req.Header.Set("Content-Type", c.Type)
	}
	if key := a.key(c.As); key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	return a.session.HTTP().Do(req)
}

// wrongKey is nobody's.
const wrongKey = "aloi-not-a-key-5b7d1c90e2"

// key returns the key of an account; "" for nobody.
func (a *API) key(account string) string {
	switch account {
	case anonymous:
		return ""
	case stranger:
		return wrongKey
	case burstAccount:
		if fields, ok := a.session.Account(burstAccount); ok {
			return fields["api-key"]
		}
	}
	fields, _ := a.session.Account(mainAccount)
	return fields["api-key"]
}

// gather makes n calls, a few at once, and returns their answers in order. The
// first exchange that broke ends the check.
func (a *API) gather(t *probe.T, n int, call func(i int) Call) []Answer {
	answers, errs := make([]Answer, n), make([]error, n)
	places := make(chan struct{}, max(1, min(6, a.session.Offer.Caps.Connections/2)))
	var wg sync.WaitGroup
	for i := range n {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			answers[i], errs[i] = a.try(t.Context(), call(i))
		})
	}
	wg.Wait()
	for i := range n {
		t.Do(call(i).did(), errs[i])
		answers[i].whole(t)
	}
	return answers
}

// number returns a setting that is a count; without it the check is unsupported.
func (a *API) number(t *probe.T, setting string) int {
	text := a.session.Setting(setting, "")
	if text == "" {
		t.Unsupported(setting)
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Bug(fmt.Errorf("the setting %s is %q: write a whole number above 0 in the offer's file", setting, text))
	}
	return n
}

// control makes one harmless call with each account.
func control(ctx context.Context, s *probe.Session) error {
	a := apiOf(s)
	if a.model == "" {
		return errors.New("the offer's file lacks the setting model: name the model to measure")
	}
	for _, account := range []string{mainAccount, burstAccount} {
		x, err := a.try(ctx, Call{Method: http.MethodGet, Path: "models", As: account})
		if err != nil {
			return fmt.Errorf("account %s: list models: %s", account, probe.Plain(err))
		}
		if x.Status != http.StatusOK {
			return fmt.Errorf("account %s: list models returned %s", account, x.Got())
		}
	}
	return nil
}
