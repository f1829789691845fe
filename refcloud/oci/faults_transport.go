package oci

import (
	"io"
	"net"
	"net/http"
	"strconv"
)

var transportFaults = []Fault{
	{
		Name: "oci.as-shipped", Group: wholeService,
		Text: "The registry is as the distribution project ships it: nothing is repaired, nothing is emulated.",
		Front: func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.Context().Value(ticketsKey{}).(tickets).bare.ServeHTTP(w, r)
			})
		},
	},
	{
		Name: "oci.hang", Group: wholeService,
		Text:  "Requests are accepted and never answered.",
		Front: On("*", onConnection(func(net.Conn) {})),
	},
	{
		Name: "oci.garbage", Group: wholeService,
		Text: "Requests are answered with bytes that are not HTTP.",
		Front: On("*", onConnection(func(c net.Conn) {
			c.Write([]byte("\x00\x01 this is not HTTP \xff\xfe\r\n\r\n"))
			c.Close()
		})),
	},
	{
		Name: "oci.blob-redirect-loops", Group: "transport",
		Text: "GET of a blob of 5 kB and more is redirected to itself without end.",
		Front: On("GetBlob", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if large(next, r) {
				http.Redirect(w, r, r.URL.RequestURI(), http.StatusTemporaryRedirect)
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.blob-redirect-elsewhere", Group: "transport",
		Text: "GET of a blob of 5 kB and more is redirected to a host that the offer doesn't declare.",
		Front: On("GetBlob", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if large(next, r) {
				http.Redirect(w, r, "https://elsewhere.invalid"+r.URL.RequestURI(), http.StatusTemporaryRedirect)
				return
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "oci.blob-cut", Group: "transport",
		Text: "The connection closes in the middle of a blob of 5 kB and more.",
		Front: On("GetBlob", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			resp := record(next, r)
			if resp.Status >= 300 || len(resp.Body) < 5000 {
				resp.send(w, r)
				return
			}
			w.Header().Set("Content-Length", strconv.Itoa(len(resp.Body)))
			w.WriteHeader(resp.Status)
			w.Write(resp.Body[:len(resp.Body)/4])
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}),
	},
}

// large tells whether a blob has 5 kB or more, which its reader may see.
func large(next http.Handler, r *http.Request) bool {
	head := sub(r, http.MethodHead, r.URL.RequestURI(), nil)
	size, err := strconv.Atoi(record(next, head).Header.Get("Content-Length"))
	return err == nil && size >= 5000
}

// onConnection takes the connection out of HTTP's hands, answers on it, and reads
// until the client goes away.
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
