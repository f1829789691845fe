package s3

import (
	"net/http"
	"sync"
)

var errorFaults = []Fault{
	{
		Name: "s3.error-without-code", Group: "errors",
		Text:  "Error documents carry no Code element.",
		Front: EditError("*", func(_ *http.Request, doc string) string { return Cut(doc, "Code") }),
	},
	{
		Name: "s3.slow-down", Group: wholeService,
		Text:  "Every request is first answered 503 SlowDown with Retry-After: 1.",
		Front: slowDown,
	},
	{
		Name: "s3.redirect-elsewhere", Group: wholeService,
		Text: "Every request is answered 307 towards a host that the offer does not declare.",
		Front: On("*", func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			w.Header().Set("Location", "https://elsewhere.invalid"+r.RequestURI)
			Refuse(w, r, http.StatusTemporaryRedirect, "TemporaryRedirect", "Please resend this request to the given endpoint.")
		}),
	},
}

// wholeService groups the faults that leave no request alone: no single check
// answers for them.
const wholeService = "service"

// slowDown refuses each request once, and serves it when it comes again.
func slowDown(next http.Handler) http.Handler {
	var mu sync.Mutex
	refused := map[string]bool{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Method + " " + r.RequestURI + " " + r.Header.Get("Authorization")
		mu.Lock()
		again := refused[id]
		refused[id] = !again
		mu.Unlock()
		if again {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Retry-After", "1")
		Refuse(w, r, http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
	})
}
