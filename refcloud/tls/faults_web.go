package tls

import (
	"io"
	"net/http"
	"strings"
)

var webFaults = []Fault{
	headed("tls.hsts-missing", "The site doesn't impose HTTPS.", func(h http.Header, _ *http.Request) { h.Del("Strict-Transport-Security") }),
	headed("tls.hsts-short", "The site imposes HTTPS for five minutes.", func(h http.Header, _ *http.Request) {
		h.Set("Strict-Transport-Security", "max-age=300; includeSubDomains; preload")
	}),
	headed("tls.hsts-malformed", "The HSTS header says max-age twice.", func(h http.Header, _ *http.Request) {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload; max-age=0")
	}),
	headed("tls.hsts-lost-on-errors", "Error pages come without HSTS.", func(h http.Header, r *http.Request) {
		if r.URL.Path != "/" {
			h.Del("Strict-Transport-Security")
		}
	}),
	headed("tls.hsts-this-host-only", "HSTS leaves the subdomains out.", func(h http.Header, _ *http.Request) {
		h.Set("Strict-Transport-Security", "max-age=63072000; preload")
	}),
	headed("tls.sniffing", "Browsers may guess the type of contents.", func(h http.Header, _ *http.Request) { h.Del("X-Content-Type-Options") }),
	headed("tls.framing-open", "Any site may frame the pages.", func(h http.Header, _ *http.Request) { h.Set("Content-Security-Policy", "default-src 'self'") }),
	headed("tls.policy-missing", "No content policy limits scripts.", func(h http.Header, _ *http.Request) { h.Set("Content-Security-Policy", "frame-ancestors 'none'") }),
	headed("tls.policy-inline", "The content policy lets inline scripts in.", func(h http.Header, _ *http.Request) {
		h.Set("Content-Security-Policy", "default-src 'self' 'unsafe-inline'; frame-ancestors 'none'")
	}),
	headed("tls.policy-open", "The content policy lets every site in.", func(h http.Header, _ *http.Request) {
		h.Set("Content-Security-Policy", "default-src 'self'; script-src *; frame-ancestors 'none'")
	}),
	headed("tls.referrer-missing", "No referrer policy is set.", func(h http.Header, _ *http.Request) { h.Del("Referrer-Policy") }),
	headed("tls.referrer-whole", "The whole address of the page is sent to other sites.", func(h http.Header, _ *http.Request) { h.Set("Referrer-Policy", "unsafe-url") }),
	headed("tls.server-version", "The Server header tells the version of the software.", func(h http.Header, _ *http.Request) { h.Set("Server", "front/1.18.0 (Unix)") }),
	headed("tls.powered-by", "X-Powered-By tells the version of the language.", func(h http.Header, _ *http.Request) { h.Set("X-Powered-By", "Language/7.4.3") }),
	headed("tls.cookie-plain", "Cookies travel without encryption too.", func(h http.Header, _ *http.Request) { h.Set("Set-Cookie", "visit=1; Path=/; HttpOnly") }),
	headed("tls.cookie-scripted", "Scripts can read the second cookie.", func(h http.Header, _ *http.Request) { h.Add("Set-Cookie", "theme=dark; Path=/; Secure") }),
	headed("tls.origin-echoed", "Any site may read answers with the user's cookies.", func(h http.Header, r *http.Request) {
		if origin := r.Header.Get("Origin"); origin != "" {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Allow-Credentials", "true")
		}
	}),
	{
		Name: "tls.redirect-plain", Group: "http", Text: "The home page redirects to an address without encryption.",
		Plant: handling(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.URL.Path == "/" && r.Method == http.MethodGet {
				w = &turned{w, "http://" + r.Host + "/home"}
			}
			next.ServeHTTP(w, r)
		}),
	},
	{
		Name: "tls.trace-echo", Group: "http", Text: "TRACE sends the request back.",
		Plant: handling(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method != http.MethodTrace {
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "message/http")
			io.WriteString(w, "TRACE "+r.URL.Path+" HTTP/1.1\r\n")
			r.Header.Write(w)
		}),
	},
	{
		Name: "tls.cut-short", Group: "http", Text: "Connections end without close_notify.",
		Plant: func(p *plan) { p.cut = true },
	},
}

// headed changes the headers of every answer.
func headed(name, text string, change func(http.Header, *http.Request)) Fault {
	return Fault{Name: name, Group: "http", Text: text, Plant: func(p *plan) { p.header = append(p.header, change) }}
}

func handling(handle func(http.ResponseWriter, *http.Request, http.Handler)) func(*plan) {
	return func(p *plan) {
		p.handler = append(p.handler, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handle(w, r, next) })
		})
	}
}

// turned is an answer that becomes a redirect.
type turned struct {
	http.ResponseWriter
	to string
}

// Write drops the page.
func (t *turned) Write(p []byte) (int, error) {
	t.Header().Set("Location", t.to)
	t.WriteHeader(http.StatusFound)
	return len(p), nil
}

var siteVariations = []Variation{
	headed("tls.hsts-reordered", "The directives of HSTS come in another order and case, one of them quoted, with one more.", func(h http.Header, _ *http.Request) {
		h.Set("Strict-Transport-Security", `PRELOAD ; IncludeSubdomains;later=1;; Max-Age="31536000"`)
	}),
	headed("tls.frame-options", "Framing is refused by X-Frame-Options.", func(h http.Header, _ *http.Request) {
		h.Set("Content-Security-Policy", "default-src 'self'")
		h.Set("X-Frame-Options", "SameOrigin")
	}),
	headed("tls.policy-nonce", "Scripts are let in by a nonce, in a second policy.", func(h http.Header, _ *http.Request) {
		h.Set("Content-Security-Policy", "FRAME-ANCESTORS 'self'")
		h.Add("Content-Security-Policy", "script-src 'nonce-4f2a' 'strict-dynamic' 'unsafe-inline' https:")
	}),
	headed("tls.referrer-list", "The referrer policy lists an older word for older browsers.", func(h http.Header, _ *http.Request) {
		h.Set("Referrer-Policy", "no-referrer, strict-origin-when-cross-origin, later")
	}),
	headed("tls.no-cookies", "The site sets no cookie and doesn't name its software.", func(h http.Header, _ *http.Request) {
		h.Del("Set-Cookie")
		h.Del("Server")
	}),
	{
		Name: "tls.nsec3", Group: "dns", Text: "Absence is proved by NSEC3, without salt or further iterations.",
		Plant: func(p *plan) { p.zone.nsec3 = true },
	},
	{
		Name: "tls.short-ttl", Group: "dns", Text: "Records live for a minute.",
		Plant: func(p *plan) { p.zone.ttl = 60 },
	},
	{
		Name: "tls.question-lowered", Group: "dns", Text: "The server repeats the question in lower case.",
		Plant: func(p *plan) {
			p.reply = append(p.reply, func(x *exchange) {
				for i := range x.answer.Question {
					x.answer.Question[i].Name = strings.ToLower(x.answer.Question[i].Name)
				}
			})
		},
	},
}
