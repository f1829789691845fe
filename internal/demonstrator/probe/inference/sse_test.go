package inference

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// read takes all events of a text.
func read(in io.Reader) (list []string, e *events, err error) {
	e = newEvents(in)
	for {
		data, err := e.next()
		if err != nil {
			return list, e, err
		}
		list = append(list, data)
	}
}

// TestEvents: the cases of the HTML standard, section 9.2.6, and ours.
func TestEvents(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text    string
		want    []string
		ignored int
	}{
		"plain":                   {"data: a\n\ndata: b\n\n", []string{"a", "b"}, 0},
		"several lines":           {"data: YHOO\ndata: +2\ndata: 10\n\n", []string{"YHOO\n+2\n10"}, 0},
		"comment, id, empty data": {": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n", []string{"first event", "second event", " third event"}, 0},
		"unfinished":              {"data\n\ndata\ndata\n\ndata:", []string{"", "\n"}, 0},
		"space or none":           {"data:test\n\ndata: test\n\n", []string{"test", "test"}, 0},
		"CR":                      {"data: a\r\rdata: b\r\r", []string{"a", "b"}, 0},
		"CR LF":                   {"data: a\r\n\r\ndata: b\r\n\r\n", []string{"a", "b"}, 0},
		"byte order mark":         {"\ufeffdata: a\n\n", []string{"a"}, 0},
		"mark later":              {"data: a\n\n\ufeffdata: b\n\n", []string{"a"}, 1},
		"no field":                {"{\"a\": 1}\n\n{\"b\": 2}\n\n", nil, 2},
		"event without data":      {"event: ping\n\nretry: 3\n\n", nil, 0},
		"nothing":                 {"", nil, 0},
	}
	for name, test := range tests {
		list, e, err := read(iotest.OneByteReader(strings.NewReader(test.text)))
		if !slices.Equal(list, test.want) || e.ignored != test.ignored || !ended(err) {
			t.Errorf("%s: %q, %d ignored, %v", name, list, e.ignored, err)
		}
	}
	if _, _, err := read(io.MultiReader(strings.NewReader("data: a"), iotest.ErrReader(io.ErrUnexpectedEOF))); ended(err) {
		t.Error("a cut connection is no end")
	}
	if _, _, err := read(endless("data: aaaa\n")); !errors.Is(err, errStreamTooLong) {
		t.Errorf("%v", err)
	}
}

// endless repeats a text for ever.
type endless string

func (e endless) Read(p []byte) (int, error) { return copy(p, e), nil }

// FuzzEvents holds the reader against one that has the whole text before it.
func FuzzEvents(f *testing.F) {
	for _, text := range []string{"data: a\n\n", "data\rdata:b\r\n\r", ": c\n\ndata:\n\n", "\ufeffdata: x\n\nid: 2\n\n", "{}\n\ndata: [DONE]"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, _, err := read(iotest.HalfReader(strings.NewReader(text)))
		if !ended(err) {
			t.Fatal(err)
		}
		if want := whole(text); !slices.Equal(list, want) {
			t.Errorf("%q: %q, want %q", text, list, want)
		}
	})
}

// whole reads events the easy way.
func whole(text string) []string {
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	lines := strings.Split(text, "\n")
	var list, data []string
	for _, line := range lines[:len(lines)-1] {
		name, value, _ := strings.Cut(line, ":")
		switch {
		case line == "" && data != nil:
			list, data = append(list, strings.Join(data, "\n")), nil
		case name == "data":
			data = append(data, strings.TrimPrefix(value, " "))
		}
	}
	return list
}

func TestWilson(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		k, n int
		want string
	}{
		{16, 20, "16 of 20 valid (95 % interval: 58.4 % to 91.9 %)"}, // by hand, from the formula
		{0, 20, "0 of 20 valid (95 % interval: 0.0 % to 16.1 %)"},
		{200, 200, "200 of 200 valid (95 % interval: 98.1 % to 100.0 %)"},
	} {
		if got := shareText(test.k, test.n); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}
