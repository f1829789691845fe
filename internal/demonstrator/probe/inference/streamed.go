package inference

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/probe"
)

// Stream is what a streamed answer brought.
type Stream struct {
	Did    string
	Header http.Header
	Chunks []Chunk
	Done   bool // [DONE] came
	After  int  // events after it
	Cut    bool // the check had seen enough
	Sent   time.Time

	ignored int    // lines that a standard reader skips
	first   string // of them
}

// Chunk is an event of a stream.
type Chunk struct {
	ID      string    `json:"id"`
	Object  string    `json:"object"`
	Model   string    `json:"model"`
	Choices []Piece   `json:"choices"`
	Usage   *Usage    `json:"usage"`
	At      time.Time `json:"-"` // when it was read
}

// Piece is what a chunk adds to a choice.
type Piece struct {
	Index  int     `json:"index"`
	Delta  *Delta  `json:"delta"`
	Finish *string `json:"finish_reason"`
}

// Delta is the text, or the part of a call, that is added.
type Delta struct {
	Role    *string    `json:"role"`
	Content *string    `json:"content"`
	Calls   []ToolCall `json:"tool_calls"`
}

// text is what a chunk adds to the first choice's text.
func (c Chunk) text() string {
	if len(c.Choices) == 0 || c.Choices[0].Delta == nil || c.Choices[0].Delta.Content == nil {
		return ""
	}
	return *c.Choices[0].Delta.Content
}

// Text is the whole text.
func (s Stream) Text() string {
	var b strings.Builder
	for _, c := range s.Chunks {
		b.WriteString(c.text())
	}
	return b.String()
}

// Finish is why the answer ended, "" when no chunk says so.
func (s Stream) Finish() string {
	for _, c := range s.Chunks {
		for _, p := range c.Choices {
			if p.Finish != nil {
				return *p.Finish
			}
		}
	}
	return ""
}

// Stream makes a request of a stream and reads its chunks, to the end or until
// enough says so. It must have one chunk at least.
func (a *API) Stream(t *probe.T, c Call, enough func(*Stream) bool) *Stream {
	body, ok := c.Body.(doc)
	if !ok {
		t.Bug(fmt.Errorf("%s is no conversation", c.did()))
	}
	body["stream"] = true
	s := &Stream{Did: c.did() + " as a stream"}
	res, err := a.open(t.Context(), c, &s.Sent)
	t.Do(s.Did, err)
	defer res.Body.Close()
	s.Header = res.Header
	if res.StatusCode != http.StatusOK {
		t.Fail(s.Did, fmt.Sprint(res.StatusCode), "200 with a stream")
	}
	s.read(t, newEvents(res.Body), enough)
	if len(s.Chunks) == 0 {
		t.Fail(s.Did, "200 without an event that has data"+s.skipped(), "chunks as server-sent events")
	}
	return s
}

// read takes the chunks as they come.
func (s *Stream) read(t *probe.T, in *events, enough func(*Stream) bool) {
	for {
		data, err := in.next()
		s.ignored, s.first = in.ignored, in.first
		switch {
		case errors.Is(err, errStreamTooLong):
			t.Fail(s.Did, errStreamTooLong.Error(), "the end of the stream")
		case ended(err):
			return
		}
		t.Do(s.Did, err)
		switch {
		case s.Done:
			s.After++
			continue
		case data == "[DONE]":
			s.Done = true
			continue
		}
		chunk := Chunk{At: time.Now()}
		if err := json.Unmarshal([]byte(data), &chunk); err != nil {
			t.Fail(s.Did, fmt.Sprintf("as event %d %q, which is not the JSON object%s", len(s.Chunks)+1, clip(data), s.skipped()), "a chunk in each event")
		}
		s.Chunks = append(s.Chunks, chunk)
		if enough != nil && enough(s) {
			s.Cut = true
			return
		}
	}
}

// skipped says which lines a standard reader skipped, for a sentence.
func (s *Stream) skipped() string {
	if s.ignored == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d lines that a standard reader ignores, the first %q)", s.ignored, s.first)
}

// afterTexts is enough once n chunks with text have come.
func afterTexts(n int) func(*Stream) bool {
	return func(s *Stream) bool {
		seen := 0
		for _, c := range s.Chunks {
			if c.text() != "" {
				seen++
			}
		}
		return seen >= n
	}
}
