package tls

import (
	"bufio"
	stdtls "crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// How much of an answer is read: the head decides, whatever follows.
const (
	mostHead = 64 << 10
	mostBody = 1 << 20
)

// webChecks look at what a site says to browsers, on the path of the setting.
var webChecks = []probe.Check{
	{
		ID: "tls/http/hsts", Rule: "RFC 6797 sections 6.1 and 7.1", Features: []string{web},
		Title: lang.T("Le site impose HTTPS pour longtemps (HSTS)", "The site imposes HTTPS for long (HSTS)"),
		Run:   page(wantHSTS),
	},
	{
		ID: "tls/http/hsts-errors", Rule: "RFC 6797 section 7.1", Features: []string{web},
		Title: lang.T("HSTS accompagne aussi les erreurs", "HSTS comes with errors too"),
		Run: with(func(t *probe.T, e *endpoint) {
			if a := e.get(t, http.MethodGet, "/"+t.Name()); a.status >= 400 {
				wantHSTS(t, e, a)
			}
		}),
	},
	{
		ID: "tls/http/hsts-preload", Rule: "RFC 6797 section 6.1.2, hstspreload.org requirements", Features: []string{web, preload},
		Title: lang.T("HSTS couvre les sous-domaines et demande le préchargement", "HSTS covers subdomains and asks for preloading"),
		Run:   page(wantPreload),
	},
	{
		ID: "tls/http/content-type-options", Rule: "Fetch Standard, X-Content-Type-Options", Features: []string{web},
		Title: lang.T("Le navigateur ne devine pas le type des contenus", "Browsers don't guess the type of contents"),
		Run: page(func(t *probe.T, _ *endpoint, a page200) {
			first, _, _ := strings.Cut(a.header.Get("X-Content-Type-Options"), ",")
			t.Want(strings.EqualFold(strings.TrimSpace(first), "nosniff"), a.did, a.got("X-Content-Type-Options"), "X-Content-Type-Options: nosniff")
		}),
	},
	{
		ID: "tls/http/framing", Rule: "CSP Level 3 section 6.4.2, RFC 7034", Features: []string{web},
		Title: lang.T("Le site ne se laisse pas encadrer par un autre", "The site can't be framed by another"),
		Run:   page(wantNoFrame),
	},
	{
		ID: "tls/http/content-policy", Rule: "CSP Level 3 sections 6.1 and 6.7", Features: []string{web},
		Title: lang.T("Une politique de contenu limite les scripts", "A content policy limits scripts"),
		Run:   page(wantPolicy),
	},
	{
		ID: "tls/http/referrer-policy", Rule: "Referrer Policy section 3", Features: []string{web},
		Title: lang.T("L'adresse complète de la page ne part pas vers d'autres sites", "The page's full address isn't sent to other sites"),
		Run:   page(wantReferrer),
	},
	{
		ID: "tls/http/server-version", Rule: "RFC 9110 section 10.2.4", Features: []string{web},
		Title: lang.T("Les en-têtes ne disent pas la version des logiciels", "The headers don't tell the version of the software"),
		Run:   page(wantNoVersion),
	},
	{
		ID: "tls/http/cookie-secure", Rule: "RFC 6265 section 4.1.2.5", Features: []string{web},
		Title: lang.T("Les cookies ne voyagent que chiffrés", "Cookies travel encrypted only"),
		Run: page(func(t *probe.T, _ *endpoint, a page200) {
			wantCookies(t, a, "Secure", func(c *http.Cookie) bool { return c.Secure })
		}),
	},
	{
		ID: "tls/http/cookie-http-only", Rule: "RFC 6265 section 4.1.2.6", Features: []string{web},
		Title: lang.T("Les cookies sont hors de portée des scripts", "Cookies are out of the reach of scripts"),
		Run: page(func(t *probe.T, _ *endpoint, a page200) {
			wantCookies(t, a, "HttpOnly", func(c *http.Cookie) bool { return c.HttpOnly })
		}),
	},
	{
		ID: "tls/http/redirect", Rule: "RFC 9110 section 15.4, RFC 9325 section 3.2", Features: []string{web},
		Title: lang.T("Aucun renvoi vers une page sans chiffrement", "No redirect to a page without encryption"),
		Run: with(func(t *probe.T, e *endpoint) {
			a := e.get(t, http.MethodGet, e.session.Setting("path", "/"))
			to := a.header.Get("Location")
			t.Want(!strings.HasPrefix(strings.ToLower(to), "http:"), a.did, fmt.Sprintf("%d to %s", a.status, to), "an https address, or no redirect")
		}),
	},
	{
		ID: "tls/http/trace", Rule: "RFC 9110 section 9.3.8", Features: []string{web},
		Title: lang.T("TRACE ne renvoie pas la requête", "TRACE doesn't send the request back"),
		Run:   with(wantNoTrace),
	},
	{
		ID: "tls/http/foreign-origin", Rule: "Fetch Standard, CORS protocol and credentials", Features: []string{web},
		Title: lang.T("Un site étranger ne lit pas les réponses au nom de l'utilisateur", "A foreign site can't read answers on the user's behalf"),
		Run:   with(wantNoEcho),
	},
	{
		ID: "tls/http/close-notify", Rule: "RFC 8446 section 6.1, RFC 9112 section 9.8", Features: []string{web},
		Title: lang.T("La fin d'une connexion est annoncée", "The end of a connection is announced"),
		Run:   with(wantCloseNotify),
	},
}

// page200 is the answer to one request: its head, and how the connection ended.
type page200 struct {
	did    string
	status int
	header http.Header
	body   string
	ended  error // of the reading after the body
	closed bool  // by the alert close_notify
}

// got says what a header held.
func (a page200) got(name string) string {
	if v := a.header.Values(name); len(v) > 0 {
		return fmt.Sprintf("%d with %s %q", a.status, name, v)
	}
	return fmt.Sprintf("%d without %s", a.status, name)
}

// page gives a check the answer on the path of the setting.
func page(run func(*probe.T, *endpoint, page200)) func(*probe.T) {
	return with(func(t *probe.T, e *endpoint) {
		a := e.get(t, http.MethodGet, e.session.Setting("path", "/"))
		t.Want(a.status < 500, a.did, fmt.Sprint(a.status), "an answer of the site")
		run(t, e, a)
	})
}

// get sends one request over a connection of its own. The certificate isn't looked
// at, so nothing secret goes with the request.
func (e *endpoint) get(t *probe.T, method, path string, header ...string) page200 {
	a, err := e.fetch(t, nil, method, path, header...)
	t.Do(a.did, err)
	return a
}

// fetch is get that leaves a failed handshake to the caller; edit may change it.
func (e *endpoint) fetch(t *probe.T, edit func(*stdtls.Config), method, path string, header ...string) (page200, error) {
	a := page200{did: method + " https://" + e.name + path}
	req, err := http.NewRequestWithContext(t.Context(), method, "https://"+e.name+path, nil)
	if err != nil {
		t.Bug(fmt.Errorf("setting path: %w", err))
	}
	req.Close = true
	req.Header.Set("User-Agent", "aloi")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	c, err := e.handshake(t.Context(), a.did, func(c *stdtls.Config) {
		if slices.Contains(e.session.Service.Features, alpn) {
			c.NextProtos = []string{"http/1.1"}
		}
		if edit != nil {
			edit(c)
		}
	})
	if err != nil {
		return a, err
	}
	defer c.Close()
	t.Do(a.did, req.Write(c))
	reader := bufio.NewReader(io.LimitReader(c, mostHead+mostBody))
	res, err := http.ReadResponse(reader, req)
	t.Do(a.did, err)
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, mostBody))
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Do(a.did, err)
	}
	a.status, a.header, a.body = res.StatusCode, res.Header, string(body)
	if _, a.ended = reader.ReadByte(); a.ended == nil {
		a.ended = errors.New("more bytes than the answer has")
	}
	a.closed = errors.Is(a.ended, io.EOF) && c.NetConn().(*watched).announced()
	t.Note(method, req.URL.String(), head(res))
	return a, nil
}

// head is the head of an answer, without the values of cookies.
func head(res *http.Response) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", res.Status)
	for _, name := range slices.Sorted(maps.Keys(res.Header)) {
		for _, v := range res.Header[name] {
			if name == "Set-Cookie" {
				_, attributes, _ := strings.Cut(v, ";")
				v = "[redacted];" + attributes
			}
			fmt.Fprintf(&b, "%s: %s\n", name, v)
		}
	}
	return b.String()
}

// wantNoTrace sends a header that must not come back.
func wantNoTrace(t *probe.T, e *endpoint) {
	a := e.get(t, http.MethodTrace, e.session.Setting("path", "/"), "X-Aloi", "echo-7f3a")
	t.Want(!strings.Contains(a.body, "echo-7f3a"), a.did, fmt.Sprintf("%d with the request's header", a.status), "a refusal, or an answer without the request")
}

// wantNoEcho asks as a browser on another site would, with the user's cookies.
func wantNoEcho(t *probe.T, e *endpoint) {
	const origin = "https://foreign.example"
	a := e.get(t, http.MethodGet, e.session.Setting("path", "/"), "Origin", origin)
	opened := a.header.Get("Access-Control-Allow-Origin")
	ok := !strings.EqualFold(a.header.Get("Access-Control-Allow-Credentials"), "true") || opened != origin && opened != "null"
	t.Want(ok, a.did+" from "+origin, a.got("Access-Control-Allow-Origin")+" and credentials", "no opening to that origin with credentials")
}

// wantCloseNotify wants the connection to end with TLS's own word: a cut by a third
// party then shows. TLS 1.2 shows it best.
func wantCloseNotify(t *probe.T, e *endpoint) {
	path := e.session.Setting("path", "/")
	a, err := e.fetch(t, func(c *stdtls.Config) { c.MaxVersion = tls12 }, http.MethodGet, path)
	if _, refused := alertOf(err); refused {
		a = e.get(t, http.MethodGet, path)
	} else {
		t.Do(a.did, err)
	}
	t.Want(a.closed, a.did+" with Connection: close", "an end without close_notify ("+probe.Plain(a.ended)+")", "the alert close_notify")
}
