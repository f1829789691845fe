package s3

import (
	"io"
	"net"
	"net/http"
	"strconv"

	"aloi.dev/refcloud/answer"
)

var transportFaults = []Fault{
	{
		Name: "s3.hang", Group: wholeService,
		Text:  "Requests are accepted and never answered.",
		Front: On("*", onConnection(func(net.Conn) {})),
	},
	{
		Name: "s3.garbage", Group: wholeService,
		Text: "Requests are answered with bytes that are not HTTP.",
		Front: On("*", onConnection(func(c net.Conn) {
			c.Write([]byte("\x00\x01 this is not HTTP \xff\xfe\r\n\r\n"))
			c.Close()
		})),
	},
	{
		Name: "s3.truncated-body", Group: "transport",
		Text:  "The connection closes in the middle of an object's body.",
		Front: On("GetObject", truncate),
	},
}

// onConnection takes the connection out of HTTP's hands, answers on it, and
// reads until the client goes away.
func onConnection(answer func(net.Conn)) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		answer(conn)
		io.Copy(io.Discard, conn)
	}
}

// truncate promises the whole object and sends half of it.
func truncate(w http.ResponseWriter, r *http.Request, next http.Handler) {
	resp := record(next, w, r)
	if resp.Status >= 300 || len(resp.Body) == 0 {
		resp.send(w, r)
		return
	}
	answer.CopyHeader(w.Header(), resp.Header)
	w.Header().Set("Content-Length", strconv.Itoa(len(resp.Body)))
	w.WriteHeader(resp.Status)
	w.Write(resp.Body[:len(resp.Body)/2])
	http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}
