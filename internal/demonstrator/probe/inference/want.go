package inference

import (
	"encoding/json"
	"fmt"
	"math"
	"mime"
	"net/http"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
)

// refusal is the error object of an answer.
type refusal struct {
	Message string          `json:"message"`
	Type    json.RawMessage `json:"type"`
	Param   json.RawMessage `json:"param"`
	Code    json.RawMessage `json:"code"`
}

// refusal reads the error object; ok is false when there is none with a message.
func (x Answer) refusal() (refusal, bool) {
	var d struct {
		Error *refusal `json:"error"`
	}
	if json.Unmarshal(x.Body, &d) != nil || d.Error == nil {
		return refusal{}, false
	}
	return *d.Error, strings.TrimSpace(d.Error.Message) != ""
}

// word returns a text of an error object, "" for null or what is no text.
func word(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s)
	return s
}

// Got says what came back, for a sentence: "404 model_not_found", "200 with 12 bytes".
func (x Answer) Got() string {
	if r, ok := x.refusal(); ok && x.Status >= 300 {
		if code := word(r.Code); code != "" {
			return fmt.Sprintf("%d %s", x.Status, clip(code))
		}
		return fmt.Sprintf("%d with the error %q", x.Status, clip(r.Message))
	}
	if x.Status >= 300 && x.Header.Get("Location") != "" {
		return fmt.Sprintf("%d to %s", x.Status, clip(x.Header.Get("Location")))
	}
	return fmt.Sprintf("%d with %d bytes", x.Status, len(x.Body))
}

// Want ends the check unless the answer has one of the statuses.
func (x Answer) Want(t *probe.T, statuses ...int) Answer {
	if !slices.Contains(statuses, x.Status) {
		t.Fail(x.Did, x.Got(), listed(statuses))
	}
	return x
}

// WantRefusal ends the check unless the answer is an error object with one of the
// statuses.
func (x Answer) WantRefusal(t *probe.T, statuses ...int) refusal {
	x.Want(t, statuses...)
	r, ok := x.refusal()
	if !ok {
		t.Fail(x.Did, fmt.Sprintf("%d without an error object", x.Status), listed(statuses)+" with an error object")
	}
	return r
}

func listed(statuses []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(statuses), " ", " or "), "[]")
}

// JSON reads the answer, which must be 200 and JSON, into a value.
func (x Answer) JSON(t *probe.T, into any) Answer {
	x.Want(t, http.StatusOK)
	if err := json.Unmarshal(x.Body, into); err != nil {
		t.Fail(x.Did, fmt.Sprintf("200 with a body that is not the JSON object (%v)", err), "the JSON object of the operation")
	}
	return x
}

// mediaType is the type of an answer without its parameters.
func mediaType(h http.Header) string {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return h.Get("Content-Type")
	}
	return kind
}

// clip keeps the beginning of a text that a sentence quotes.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:57]) + "..."
	}
	return s
}

// wilson is the 95 % interval of a share of which k of n were seen: E. B. Wilson,
// Probable Inference, JASA 22 (1927), with z = 1.96.
func wilson(k, n int) (low, high float64) {
	const z = 1.96
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max(0, mid-half), min(1, mid+half)
}

// shareText says a share with its interval: "16 of 20 valid (95 % interval: 58.4 % to 91.9 %)".
func shareText(k, n int) string {
	low, high := wilson(k, n)
	return fmt.Sprintf("%d of %d valid (95 %% interval: %.1f %% to %.1f %%)", k, n, 100*low, 100*high)
}
