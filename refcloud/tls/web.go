package tls

import (
	"crypto/rand"
	"crypto/tls"
	"io"
	"net/http"
)

func newTicketKey() (key [32]byte) {
	rand.Read(key[:])
	return key
}

// policy is the content policy of the site.
const policy = "default-src 'self'; frame-ancestors 'none'"

// site is a small site with the headers that one should have, then what the plan
// makes of them.
func site(p *plan) http.Handler {
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload")
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Content-Security-Policy", policy)
		head.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		head.Set("Server", "front")
		head.Set("Content-Type", "text/html; charset=utf-8")
		http.SetCookie(w, &http.Cookie{Name: "__Host-visit", Value: "1", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		for _, change := range p.header {
			change(head, r)
		}
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			head.Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
		case r.URL.Path != "/":
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, "<!doctype html><title>Not here</title>\n")
		default:
			io.WriteString(w, "<!doctype html><html lang=fr><title>Offre de référence</title><p>Bonjour.\n")
		}
	})
	for _, wrap := range p.handler {
		h = wrap(h)
	}
	return h
}

// cutShort ends the connection of an answer without TLS's own word.
func cutShort(w http.ResponseWriter) {
	http.NewResponseController(w).Flush()
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if c, ok := conn.(*tls.Conn); ok {
		c.NetConn().Close()
	}
}
