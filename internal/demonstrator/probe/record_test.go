package probe

import (
	"net/http"
	"strings"
	"testing"

	"aloi.dev/internal/demonstrator/measure"
)

// TestRedactor_Tokens: what a provider hands out is as secret as what it is given.
func TestRedactor_Tokens(t *testing.T) {
	t.Parallel()
	r := NewRedactor(nil)
	for text, want := range map[string]string{
		`{"access_token":"s3cret","scope":"a b"}`:                            `{"access_token":"[redacted]","scope":"a b"}`,
		"{\n  \"refresh_token\" : \"s3cret\",\n  \"id_token\": \"s3cret.cut": "{\n  \"refresh_token\" : \"[redacted]\",\n  \"id_token\": \"[redacted]",
		"https://app.invalid/cb?code=s3cret&state=kept":                      "https://app.invalid/cb?code=[redacted]&state=kept",
		"token=s3cret&token_type_hint=access_token":                          "token=[redacted]&token_type_hint=access_token",
		"https://id.invalid/end?id_token_hint=s3cret&state=kept":             "https://id.invalid/end?id_token_hint=[redacted]&state=kept",
		"grant_type=authorization_code&code_verifier=s3cret":                 "grant_type=authorization_code&code_verifier=[redacted]",
		`{"token_endpoint":"https://id.invalid/token?tenant=1"}`:             `{"token_endpoint":"https://id.invalid/token?tenant=1"}`,
	} {
		if got := r.Text(text); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// TestJudged: a redirect to a host that isn't declared explains a check's failure
// unless the check judges it; visiting it is refused either way.
func TestJudged(t *testing.T) {
	t.Parallel()
	y := serve(t, mannered)
	look := func(t *T, judged bool) {
		ctx := t.Context()
		if judged {
			ctx = Judged(ctx)
		}
		res, err := fetch(ctx, t.Session(), "/elsewhere")
		t.Do("GET /elsewhere", err)
		res.Body.Close()
		t.Fail("GET /elsewhere", res.Status, "something else")
	}
	results, err := y.measured(t, options{},
		Check{ID: "toy/x/plain", Run: func(t *T) { look(t, false) }},
		Check{ID: "toy/x/judged", Run: func(t *T) { look(t, true) }},
		Check{ID: "toy/x/visit", Run: func(t *T) {
			req, err := http.NewRequestWithContext(Judged(t.Context()), http.MethodGet, "https://elsewhere.invalid/x", nil)
			if err != nil {
				t.Bug(err)
			}
			res, err := t.HTTP().Do(req)
			if err == nil {
				res.Body.Close()
			}
			t.Do("GET elsewhere", err)
		}},
	)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]measure.Cause{"toy/x/plain": measure.Redirected, "toy/x/judged": measure.Assertion, "toy/x/visit": measure.Redirected} {
		if r := results[id]; r.State != measure.Fail || r.Reason.Cause != want {
			t.Errorf("%s: %+v", id, r.Reason)
		}
	}
	if text := results["toy/x/judged"].Reason.Text().EN; !strings.Contains(text, "307") {
		t.Error(text)
	}
}
