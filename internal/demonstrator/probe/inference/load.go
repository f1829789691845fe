package inference

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/load/wire"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// What streams are measured by beside the latency, in the order of load.Op.Mark. Each is
// a figure of one request; docs/load.md has the definitions and their sources.
var streamSeries = []string{"time-to-first-token", "inter-token-latency", "longest-token-gap"}

// loads is the table of what may be put under load.
var loads = []probe.Load{
	{
		Operation: "chat-stream", Rule: "OpenAI API, Create chat completion, stream", Series: streamSeries, OpBytes: opBytes,
		Title:   lang.T("Répondre au fil de l'eau, en 32 jetons au plus", "Answer as a stream, in 32 tokens at most"),
		Prepare: func(t *probe.T) load.Workload { return prepare(t, "chat/completions", true, streamed) },
	},
	{
		Operation: "chat", Rule: "OpenAI API, Create chat completion", OpBytes: opBytes,
		Title:   lang.T("Répondre d'un bloc, en 32 jetons au plus", "Answer in one piece, in 32 tokens at most"),
		Prepare: func(t *probe.T) load.Workload { return prepare(t, "chat/completions", false, inOne) },
	},
	{
		Operation: "embeddings", Rule: "OpenAI API, Create embeddings", OpBytes: opBytes, Features: []string{embeddings},
		Title:   lang.T("Représenter une phrase", "Embed a sentence"),
		Prepare: func(t *probe.T) load.Workload { return prepare(t, "embeddings", false, embedded) },
	},
}

const (
	mostTokens = 32       // of an answer under load
	mostBody   = 64 << 10 // of its bytes: 2 KiB a token
	opBytes    = mostBody + 8<<10
)

// traffic is a workload: questions that differ by a number, so that no two answers can be the
// same one.
type traffic struct {
	server *wire.Server
	head   []byte // up to the length of the body
	body   string // with a verb for the number
	stream bool
	right  func(*reply) error
}

func prepare(t *probe.T, path string, stream bool, right func(*reply) error) load.Workload {
	a := apiOf(t.Session())
	endpoint, err := url.Parse(a.base + "/" + path)
	if err != nil {
		t.Bug(err)
	}
	w := &traffic{server: t.Session().Server(mostBody), stream: stream, right: right}
	w.head = fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\nContent-Length: ",
		endpoint.EscapedPath(), endpoint.Host, a.key(mainAccount))
	model := a.model
	switch {
	case path == "embeddings":
		w.body = `{"model":` + name(t.Session().Setting(settingEmbedding, model)) + `,"input":"Demande %d : délai de traitement d'un dossier."}`
	case stream:
		w.body = question(model, `,"stream":true,"stream_options":{"include_usage":true}`)
	default:
		w.body = question(model, "")
	}
	if got := a.Do(t, Call{Path: path, What: "one question before the load", Raw: fmt.Sprintf(w.body, 0)}); got.Status != http.StatusOK {
		t.Fail(got.Did, strconv.Itoa(got.Status), "200")
	}
	return w
}

func question(model, more string) string {
	return `{"model":` + name(model) + `,"max_tokens":` + strconv.Itoa(mostTokens) +
		`,"messages":[{"role":"user","content":"Demande %d : en deux phrases, comment suivre l'avancement d'un dossier ?"}]` + more + `}`
}

// name is a model's in JSON, within a format.
func name(model string) string {
	quoted, _ := json.Marshal(model) // a string always has an encoding
	return strings.ReplaceAll(string(quoted), "%", "%%")
}

// Open returns the client of one connection.
func (w *traffic) Open() (load.Client, error) { return &rider{w: w, conn: wire.New(w.server)}, nil }
