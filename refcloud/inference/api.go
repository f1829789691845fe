package inference

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// call is a request under way.
type call struct {
	server  *Server
	b       *behaviour
	w       http.ResponseWriter
	r       *http.Request
	route   string // models, model, chat, embeddings; "" is unknown
	name    string // of a model that is retrieved
	account *account
	header  http.Header // goes with the answer whatever it is
}

// ServeHTTP answers a request under what is planted when it arrives.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{server: s, b: s.current.Load(), w: w, r: r, header: http.Header{}}
	c.header.Set("X-Request-Id", c.id("req"))
	c.route, c.name = route(r.URL)
	if p := c.admit(); p != nil {
		c.refuse(p)
		return
	}
	switch c.route {
	case "models":
		c.send(&answer{body: doc{"object": "list", "data": []any{modelDoc(chatModel), modelDoc(embedder)}}})
	case "model":
		if c.name != chatModel && c.name != embedder {
			c.refuse(noModel(c.name))
			return
		}
		c.send(&answer{body: modelDoc(c.name)})
	case "chat":
		c.chat()
	case "embeddings":
		c.embed()
	}
}

func route(u *url.URL) (name, rest string) {
	path, ok := strings.CutPrefix(u.Path, "/v1/")
	switch {
	case !ok:
	case path == "models":
		return "models", ""
	case strings.HasPrefix(path, "models/"):
		return "model", strings.TrimPrefix(path, "models/")
	case path == "chat/completions":
		return "chat", ""
	case path == "embeddings":
		return "embeddings", ""
	}
	return "", ""
}

func modelDoc(name string) doc {
	return doc{"id": name, "object": "model", "created": 1767225600, "owned_by": "aloi"}
}

func noModel(name string) *problem {
	return &problem{status: http.StatusNotFound, kind: "invalid_request_error", param: "model", code: "model_not_found",
		message: fmt.Sprintf("the model %q does not exist or this key may not use it", name)}
}

// admit checks the key, the route, the method and the rate, in that order.
func (c *call) admit() *problem {
	if p := c.authenticate(); p != nil {
		return p
	}
	want := http.MethodPost
	switch c.route {
	case "":
		return &problem{status: http.StatusNotFound, kind: "invalid_request_error", code: "unknown_url", message: "no such route: " + c.r.URL.Path}
	case "models", "model":
		want = http.MethodGet
	}
	if c.r.Method != want && !c.b.anyMethod {
		return &problem{status: http.StatusMethodNotAllowed, kind: "invalid_request_error", allow: want, message: "this route takes " + want}
	}
	if want == http.MethodGet {
		return nil
	}
	left, ok := c.account.admit(c.b.penalty)
	c.header.Set("X-Ratelimit-Limit-Requests", strconv.Itoa(c.account.quota))
	c.header.Set("X-Ratelimit-Remaining-Requests", strconv.Itoa(max(0, left)))
	c.header.Set("X-Ratelimit-Reset-Requests", resetIn(c.account, left))
	if !ok && !c.b.unlimited {
		return &problem{status: http.StatusTooManyRequests, kind: "requests", code: "rate_limit_exceeded", retry: "1", message: "too many requests with this key"}
	}
	return nil
}

func (c *call) authenticate() *problem {
	c.account = c.server.main
	key, bearer := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	switch {
	case bearer && key == c.server.burst.key:
		c.account = c.server.burst
		return nil
	case bearer && key == c.server.main.key, c.b.openModels && c.route == "models", c.b.anyKey && bearer, c.b.anonymous && key == "":
		return nil
	case !bearer:
		return &problem{status: http.StatusUnauthorized, kind: "invalid_request_error", message: "no key: send it as Authorization: Bearer"}
	}
	return &problem{status: http.StatusUnauthorized, kind: "invalid_request_error", code: "invalid_api_key", message: "this key is not one of ours"}
}

// decode reads the JSON body.
func (c *call) decode(into any) *problem {
	if kind := c.r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		return &problem{status: http.StatusUnsupportedMediaType, kind: "invalid_request_error", accept: "application/json", message: "send application/json"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, longestQuery))
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil {
		return invalid("", "", "the body can't be read as JSON: %v", err)
	}
	return nil
}

func (c *call) refuse(p *problem) {
	a := &answer{status: p.status, header: http.Header{}, body: p.doc()}
	for name, value := range map[string]string{"Allow": p.allow, "Retry-After": p.retry, "Accept": p.accept} {
		if value != "" {
			a.header.Set(name, value)
		}
	}
	c.send(a)
}

// send writes a JSON answer, after what is planted has edited it.
func (c *call) send(a *answer) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.header == nil {
		a.header = http.Header{}
	}
	for name, values := range c.header {
		a.header[name] = values
	}
	a.header.Set("Content-Type", "application/json")
	for _, edit := range c.b.answers {
		edit(c, a)
	}
	body := a.raw
	if body == nil {
		body, _ = json.Marshal(a.body)
	}
	for name, values := range a.header {
		c.w.Header()[name] = values
	}
	c.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(a.status)
	c.w.Write(body)
}

func (c *call) id(prefix string) string {
	return fmt.Sprintf("%s-%s-%06d", prefix, c.server.env.Offer, c.server.ids.Add(1))
}

// resetIn is how long the whole burst takes to come back.
func resetIn(a *account, left int) string {
	return (time.Duration(a.quota-left) * time.Second / time.Duration(a.refill)).Round(time.Millisecond).String()
}
