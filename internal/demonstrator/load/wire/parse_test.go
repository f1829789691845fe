package wire

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"aloi.dev/internal/demonstrator/load"
)

// stopped is a clock for answers that come from memory.
type stopped struct{}

func (stopped) Now() time.Duration { return 0 }

const mostHere = 1000 // bytes of body

// readAll reads one answer from memory.
func readAll(from io.Reader, noBody bool) (*Answer, string, error) {
	var body bytes.Buffer
	r := &reader{from: from, buf: make([]byte, 64), clock: stopped{}}
	r.answer.reader = r
	err := r.read(noBody, mostHere, &body)
	return &r.answer, body.String(), err
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, answer string
		body         string
		kind         load.Kind // of the failure; "" when the answer is good
	}{
		{"length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", ""},
		{"any case, spaces", "HTTP/1.1 200 OK\r\ncOnTeNt-lEnGtH:\t 5 \t\r\n\r\nhello", "hello", ""},
		{"no reason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "", ""},
		{"no reason, no space", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "", ""},
		{"same length twice", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab", "ab", ""},
		{"no content", "HTTP/1.1 204 No Content\r\n\r\n", "", ""},
		{"interim", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", "a", ""},
		{"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=\"y\"\r\nlo\r\n0\r\n\r\n", "hello", ""},
		{"trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\nA \r\n0123456789\r\n00\r\nX-A: b\r\n\r\n", "0123456789", ""},
		{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", "a", ""},

		{"empty", "", "", load.Broken},
		{"cut in the header", "HTTP/1.1 200 OK\r\nContent-Le", "", load.Broken},
		{"cut in the body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "", load.Broken},
		{"cut in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "", load.Broken},
		{"cut before the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n", "", load.Broken},
		{"cut before the end of trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "", load.Broken},
		{"longer than announced", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello!", "", load.Malformed},
		{"body of a 204", "HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\na", "", load.Malformed},
		{"two answers", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", load.Malformed},
		{"no end announced", "HTTP/1.1 200 OK\r\n\r\nhello", "", load.Malformed},
		{"lengths differ", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\nhello", "", load.Malformed},
		{"list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", "", load.Malformed},
		{"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", "", load.Malformed},
		{"signed length", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", "", load.Malformed},
		{"empty length", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello", "", load.Malformed},
		{"huge length", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello", "", load.Malformed},
		{"length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", load.Malformed},
		{"unknown encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "", load.Malformed},
		{"encoding twice", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", load.Malformed},
		{"chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", load.Malformed},
		{"chunk without a size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", "", load.Malformed},
		{"chunk of a wrong size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n", "", load.Malformed},
		{"chunk of 0x3", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nhel\r\n0\r\n\r\n", "", load.Malformed},
		{"chunk of -1", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n0\r\n\r\n", "", load.Malformed},
		{"chunk of 2^64", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n", "", load.Malformed},
		{"chunk line with LF", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\nhel\r\n0\r\n\r\n", "", load.Malformed},
		{"trailer that isn't one", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nhello\r\n\r\n", "", load.Malformed},
		{"long body", "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", "", load.TooLarge},
		{"long chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("3e7\r\n"+strings.Repeat("a", 999)+"\r\n", 2), "", load.TooLarge},
		{"endless header", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-A: b\r\n", 20_000), "", load.Malformed},
		{"endless line", "HTTP/1.1 200 OK" + strings.Repeat("!", 100_000), "", load.Malformed},
		{"endless chunk extension", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;" + strings.Repeat("x", 100_000), "", load.Malformed},
		{"endless trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("X-A: b\r\n", 20_000), "", load.Malformed},
		{"endless interim", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 100), "", load.Malformed},
		{"switching", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "", load.Malformed},
		{"HTTP/2", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", "", load.Malformed},
		{"HTTP/1.2", "HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n", "", load.Malformed},
		{"status 20", "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n", "", load.Malformed},
		{"status 2000", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n", "", load.Malformed},
		{"status 099", "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n", "", load.Malformed},
		{"status 600", "HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n", "", load.Malformed},
		{"not HTTP", "SSH-2.0-OpenSSH_9.2p1\r\n\r\n", "", load.Malformed},
		{"folded", "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 0\r\n\r\n", "", load.Malformed},
		{"space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n", "", load.Malformed},
		{"no colon", "HTTP/1.1 200 OK\r\nhello\r\nContent-Length: 0\r\n\r\n", "", load.Malformed},
		{"no name", "HTTP/1.1 200 OK\r\n: 0\r\nContent-Length: 0\r\n\r\n", "", load.Malformed},
		{"NUL", "HTTP/1.1 200 OK\r\nX-A: \x00\r\nContent-Length: 0\r\n\r\n", "", load.Malformed},
		{"lone CR", "HTTP/1.1 200 OK\r\nX-A: \r\rContent-Length: 0\r\n\r\n", "", load.Malformed},
		{"lone LF", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", "", load.Malformed},
	} {
		for way, from := range map[string]io.Reader{"whole": strings.NewReader(c.answer), "by bytes": iotest.OneByteReader(strings.NewReader(c.answer)), "with EOF": iotest.DataErrReader(strings.NewReader(c.answer))} {
			_, body, err := readAll(from, false)
			var f *load.Failure
			if errors.As(err, &f) != (c.kind != "") || f != nil && f.Kind != c.kind {
				// A byte at a time, what follows the answer hasn't come yet: Conn looks before
				// its next request.
				if after := c.name == "two answers" || c.name == "longer than announced" || c.name == "body of a 204"; !after || way != "by bytes" {
					t.Errorf("%s, %s: %v, want %q", c.name, way, err, c.kind)
				}
				continue
			}
			if err == nil && body != c.body {
				t.Errorf("%s, %s: body %q, want %q", c.name, way, body, c.body)
			}
		}
	}
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	a, _, err := readAll(strings.NewReader("HTTP/1.1 503 Busy\r\nETag: \"a\"\r\nRetry-After:  7 \r\nContent-Length: 0\r\nConnection: x, Close\r\netag: b\r\n\r\n"), false)
	if err != nil {
		t.Fatal(err)
	}
	if a.Status != 503 || !a.Closes || string(a.Header("etag")) != `"a"` || string(a.Header("retry-after")) != "7" || a.Header("x") != nil {
		t.Errorf("%+v", a)
	}
	for _, c := range []struct {
		answer string
		want   load.Kind
	}{
		{"HTTP/1.1 200 OK\r\n", ""},
		{"HTTP/1.1 503 Busy\r\n", load.Status},
		{"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n", load.Throttled},
		{"HTTP/1.1 429 Slow down\r\n", load.Throttled},
		{"HTTP/1.1 404 No\r\n", load.Status},
	} {
		a, _, err := readAll(strings.NewReader(c.answer+"Content-Length: 0\r\n\r\n"), false)
		if err != nil {
			t.Fatal(err)
		}
		var f *load.Failure
		if err := a.Check(200); errors.As(err, &f) != (c.want != "") || f != nil && f.Kind != c.want {
			t.Errorf("%q: %v, want %q", c.answer, err, c.want)
		}
	}
	if a, _, err := readAll(strings.NewReader("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), true); err != nil || a.Length != 0 {
		t.Errorf("the answer to a HEAD: %v", err)
	}
}
