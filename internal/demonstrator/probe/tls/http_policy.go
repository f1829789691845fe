package tls

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
)

// hsts is a Strict-Transport-Security header (RFC 6797 section 6.1).
type hsts struct {
	seconds           int64
	subdomains, asked bool
}

// parseHSTS reads the header as a browser does: the directives in any order and
// case, each once, those that it doesn't know ignored. The text says what is wrong.
func parseHSTS(value string) (h hsts, wrong string) {
	seen := map[string]bool{}
	for part := range strings.SplitSeq(value, ";") {
		name, argument, given := strings.Cut(strings.TrimSpace(part), "=")
		name, argument = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(argument)
		if name == "" {
			continue
		}
		if seen[name] {
			return h, "the directive " + name + " twice"
		}
		seen[name] = true
		switch name {
		case "max-age":
			if len(argument) > 1 && argument[0] == '"' && argument[len(argument)-1] == '"' {
				argument = argument[1 : len(argument)-1]
			}
			n, err := strconv.ParseInt(argument, 10, 64)
			if err != nil || n < 0 || !given {
				return h, "no number of seconds in max-age"
			}
			h.seconds = n
		case "includesubdomains":
			h.subdomains = true
		case "preload":
			h.asked = true
		}
	}
	if !seen["max-age"] {
		return h, "no max-age"
	}
	return h, ""
}

// wantHSTS looks at the first header only, as RFC 6797 section 8.1 does.
func wantHSTS(t *probe.T, e *endpoint, a page200) {
	h, wrong := parseHSTS(a.header.Get("Strict-Transport-Security"))
	t.Want(wrong == "", a.did, a.got("Strict-Transport-Security")+", "+wrong, "Strict-Transport-Security with max-age")
	least := int64(e.profile.figure("hsts-seconds"))
	t.Want(h.seconds >= least, a.did, a.got("Strict-Transport-Security"), fmt.Sprintf("max-age of at least %d seconds", least))
}

func wantPreload(t *probe.T, _ *endpoint, a page200) {
	h, wrong := parseHSTS(a.header.Get("Strict-Transport-Security"))
	ok := wrong == "" && h.subdomains && h.asked && h.seconds >= 31536000
	t.Want(ok, a.did, a.got("Strict-Transport-Security"), "max-age of at least 31536000, includeSubDomains and preload")
}

// policies returns the directives of each policy that the answer enforces.
func policies(h http.Header) []map[string][]string {
	var all []map[string][]string
	for _, header := range h.Values("Content-Security-Policy") {
		for text := range strings.SplitSeq(header, ",") {
			policy := map[string][]string{}
			for directive := range strings.SplitSeq(text, ";") {
				words := strings.Fields(strings.ToLower(directive))
				if len(words) > 0 && policy[words[0]] == nil { // the first one counts
					policy[words[0]] = words[1:]
					if len(words) == 1 {
						policy[words[0]] = []string{"'none'"}
					}
				}
			}
			all = append(all, policy)
		}
	}
	return all
}

// wantNoFrame takes frame-ancestors, or the header that came before it.
func wantNoFrame(t *probe.T, _ *endpoint, a page200) {
	for _, p := range policies(a.header) {
		if ancestors, ok := p["frame-ancestors"]; ok && !open(ancestors) {
			return
		}
	}
	option := strings.ToUpper(strings.TrimSpace(a.header.Get("X-Frame-Options")))
	t.Want(option == "DENY" || option == "SAMEORIGIN", a.did, a.got("X-Frame-Options")+" and no frame-ancestors", "frame-ancestors, or X-Frame-Options DENY or SAMEORIGIN")
}

// open reports whether a list of sources lets everyone in.
func open(sources []string) bool {
	return slices.ContainsFunc(sources, func(s string) bool { return s == "*" || s == "https:" || s == "http:" || s == "data:" })
}

// wantPolicy wants one policy to keep foreign and inline scripts out.
func wantPolicy(t *probe.T, _ *endpoint, a page200) {
	for _, p := range policies(a.header) {
		sources, ok := p["script-src"]
		if !ok {
			sources, ok = p["default-src"]
		}
		inline := slices.Contains(sources, "'unsafe-inline'") &&
			!slices.ContainsFunc(sources, func(s string) bool { return strings.HasPrefix(s, "'nonce-") || strings.HasPrefix(s, "'sha") })
		strict := slices.Contains(sources, "'strict-dynamic'")
		if ok && !inline && (strict || !open(sources)) {
			return
		}
	}
	t.Fail(a.did, a.got("Content-Security-Policy"), "a policy whose script-src or default-src lets in neither every site nor inline scripts")
}

// referrerPolicies are the words of the standard, with whether they keep the path
// and the query from other sites.
var referrerPolicies = map[string]bool{
	"no-referrer": true, "same-origin": true, "origin": true, "strict-origin": true, "origin-when-cross-origin": true,
	"strict-origin-when-cross-origin": true, "no-referrer-when-downgrade": false, "unsafe-url": false,
}

// wantReferrer takes the last word that browsers know, as they do.
func wantReferrer(t *probe.T, _ *endpoint, a page200) {
	discreet := false
	for word := range strings.SplitSeq(strings.Join(a.header.Values("Referrer-Policy"), ","), ",") {
		if known, ok := referrerPolicies[strings.ToLower(strings.TrimSpace(word))]; ok {
			discreet = known
		}
	}
	t.Want(discreet, a.did, a.got("Referrer-Policy"), "a policy that keeps the path from other sites")
}

// wantNoVersion looks for digits where software names itself.
func wantNoVersion(t *probe.T, _ *endpoint, a page200) {
	for _, name := range []string{"Server", "X-Powered-By", "X-AspNet-Version", "X-Generator"} {
		t.Want(!strings.ContainsAny(a.header.Get(name), "0123456789"), a.did, a.got(name), "no version in "+name)
	}
}

// wantCookies holds every cookie of the page to an attribute.
func wantCookies(t *probe.T, a page200, attribute string, has func(*http.Cookie) bool) {
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		t.Want(has(c), a.did, fmt.Sprintf("%d with the cookie %s without %s", a.status, c.Name, attribute), attribute+" on every cookie")
	}
}
