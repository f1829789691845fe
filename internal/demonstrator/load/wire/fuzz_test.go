package wire

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strconv"
	"testing"
)

// FuzzRead: an answer that is accepted is one that net/http, which is laxer, reads in
// the same way: status, body, whether the connection closes. And reading ends, in
// bounded memory, however the bytes arrive.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=\"y\"\r\nlo\r\n0\r\nX-A: b\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 503 x\r\nConnection: keep-alive\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 204\r\n\r\n",
	} {
		f.Add([]byte(s), 1)
		f.Add([]byte(s), 7)
	}
	f.Fuzz(func(t *testing.T, data []byte, piece int) {
		var body bytes.Buffer
		r := &reader{from: &pieces{data: data, size: max(piece%512, 1)}, buf: make([]byte, 64), clock: stopped{}}
		r.answer.reader = r
		err := r.read(false, mostHere, &body)
		if len(r.buf) > 4*mostHeader || body.Len() > mostHere {
			t.Fatalf("%d bytes of buffer, %d of body", len(r.buf), body.Len())
		}
		if err != nil {
			return
		}
		theirs := bufio.NewReaderSize(bytes.NewReader(data), 1<<20)
		for {
			want, err := http.ReadResponse(theirs, nil)
			if err != nil {
				t.Fatalf("net/http refuses %q: %v", data, err)
			}
			wantBody, err := io.ReadAll(want.Body)
			if err != nil {
				t.Fatalf("net/http refuses the body of %q: %v", data, err)
			}
			if want.StatusCode < 200 {
				continue
			}
			if want.StatusCode != r.answer.Status || !bytes.Equal(wantBody, body.Bytes()) {
				t.Fatalf("%q: status %d body %q, net/http has %s %q", data, r.answer.Status, body.Bytes(), strconv.Itoa(want.StatusCode), wantBody)
			}
			if want.Close && !r.answer.Closes {
				t.Fatalf("%q: net/http closes the connection", data)
			}
			return
		}
	})
}

// pieces gives its bytes some at a time.
type pieces struct {
	data []byte
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.data[:min(p.size, len(p.data))])
	p.data = p.data[n:]
	return n, nil
}
