package probe

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"aloi.dev/internal/demonstrator/measure"
)

// bodyKept is how much of a body an exchange keeps, in bytes.
const bodyKept = 2 << 10

// Redactor replaces secrets by a placeholder. The zero value knows no secret
// and still blanks what is always secret: signatures, tokens, cookies, keys.
type Redactor struct {
	pairs   *strings.Replacer
	longest int
}

// NewRedactor returns a redactor of the given secrets, keyed by the placeholder
// that replaces them. Each is found raw, URL-escaped and in base64.
func NewRedactor(secrets map[string]string) *Redactor {
	type pair struct{ secret, mask string }
	var pairs []pair
	r := &Redactor{}
	for mask, secret := range secrets {
		if secret == "" {
			continue
		}
		forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret))}
		slices.Sort(forms)
		for _, form := range slices.Compact(forms) {
			pairs = append(pairs, pair{form, "[" + mask + "]"})
			r.longest = max(r.longest, len(form))
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int { // the longest first, whatever the map's order
		return cmp.Or(len(b.secret)-len(a.secret), strings.Compare(a.secret, b.secret))
	})
	var flat []string
	for _, p := range pairs {
		flat = append(flat, p.secret, p.mask)
	}
	r.pairs = strings.NewReplacer(flat...)
	return r
}

var (
	secretHeader = regexp.MustCompile(`(?i)^(cookie|set-cookie|proxy-authorization|x-amz-security-token|x-amz-(copy-source-)?server-side-encryption-customer-key)$`)
	secretParam  = regexp.MustCompile(`(?i)((?:^|[?&;,\s"])(?:x-amz-)?(?:signature|credential|security-token|access_token|id_token|id_token_hint|refresh_token|token|client_secret|code|code_verifier|password)=)[^&;,\s"]+`)
	secretMember = regexp.MustCompile(`("(?:access_token|id_token|refresh_token)"\s*:\s*")[^"]+`)
	secretField  = regexp.MustCompile(`(?is)(name="(?:x-amz-signature|x-amz-credential|x-amz-security-token|policy)"\r?\n\r?\n)[^\r\n]+`)
	bearer       = regexp.MustCompile(`(?i)^(bearer|basic)\s+\S+`)
)

// Text returns s without secrets.
func (r *Redactor) Text(s string) string {
	if r != nil && r.pairs != nil {
		s = r.pairs.Replace(s)
	}
	s = secretParam.ReplaceAllString(s, "${1}[redacted]")
	s = secretMember.ReplaceAllString(s, "${1}[redacted]")
	return secretField.ReplaceAllString(s, "${1}[redacted]")
}

// Known returns s without the secrets that the redactor was given, and otherwise as
// it was: for bytes whose form must survive.
func (r *Redactor) Known(s string) string {
	if r == nil || r.pairs == nil {
		return s
	}
	return r.pairs.Replace(s)
}

// header returns a header as sorted "Name: value" lines without secrets.
func (r *Redactor) header(h http.Header) []string {
	var lines []string
	for name, values := range h {
		for _, v := range values {
			switch {
			case secretHeader.MatchString(name):
				v = "[redacted]"
			case strings.EqualFold(name, "Authorization"):
				v = bearer.ReplaceAllString(v, "$1 [redacted]")
			}
			lines = append(lines, r.Text(name+": "+v))
		}
	}
	slices.Sort(lines)
	return lines
}

// recorder gathers the exchanges of one check. Safe for concurrent use.
type recorder struct {
	redact *Redactor
	now    func() time.Time

	mu        sync.Mutex
	exchanges []*live
	throttled string // the last answer was a refusal for the rate
	elsewhere string // undeclared host to which the last answer redirects
}

// live is an exchange under way.
type live struct {
	rec      *recorder
	exchange measure.Exchange
	reqHead  http.Header
	request  capture
	resHead  http.Header
	response capture
	started  time.Time
	raw      bool // not HTTP: it has no status
}

// begin notes a request and returns it with its body under watch.
func (rec *recorder) begin(req *http.Request) (*live, *http.Request) {
	x := &live{rec: rec, started: rec.now(), reqHead: req.Header.Clone()}
	x.exchange.Method, x.exchange.URL = req.Method, req.URL.String()
	if req.Host != "" && req.Host != req.URL.Host {
		x.reqHead.Set("Host", req.Host)
	}
	limit := bodyKept + rec.redact.longest
	x.request.limit, x.response.limit = limit, limit
	if req.Body != nil && req.Body != http.NoBody {
		req = req.Clone(req.Context())
		req.Body = &watched{body: req.Body, into: &x.request, live: x, sent: true}
	}
	rec.mu.Lock()
	rec.exchanges = append(rec.exchanges, x)
	rec.mu.Unlock()
	return x, req
}

// end notes the answer, or the error instead of one.
func (x *live) end(res *http.Response, err error) {
	x.rec.mu.Lock()
	defer x.rec.mu.Unlock()
	x.exchange.Duration = x.rec.now().Sub(x.started)
	if err != nil {
		x.exchange.Error = err.Error()
		return
	}
	x.exchange.Status, x.resHead = res.StatusCode, res.Header.Clone()
	if res.Body != nil {
		res.Body = &watched{body: res.Body, into: &x.response, live: x}
	}
}

// finish returns the exchanges without secrets, with heads and bodies when whole.
func (rec *recorder) finish(whole bool) []measure.Exchange {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	out := make([]measure.Exchange, 0, len(rec.exchanges))
	for _, x := range rec.exchanges {
		e := x.exchange
		e.URL, e.Error = rec.redact.Text(e.URL), rec.redact.Text(e.Error)
		if whole {
			e.Request = rec.message(x.reqHead, &x.request)
			if e.Status != 0 || x.raw && e.Error == "" {
				e.Response = rec.message(x.resHead, &x.response)
			}
		}
		out = append(out, e)
	}
	return out
}

func (rec *recorder) message(h http.Header, c *capture) *measure.Message {
	return &measure.Message{Header: rec.redact.header(h), Body: rec.redact.body(c), Bytes: c.total}
}

// body returns the kept beginning of a body as text; bytes that are not UTF-8
// are only counted.
func (r *Redactor) body(c *capture) string {
	text := string(c.kept)
	for i := 0; i < utf8.UTFMax && text != "" && !utf8.ValidString(text); i++ {
		text = text[:len(text)-1] // the cut may have split a character
	}
	if text == "" && len(c.kept) > 0 || strings.ContainsRune(text, 0) {
		return fmt.Sprintf("[%d bytes that are not text]", c.total)
	}
	text = r.Text(text)
	if len(text) > bodyKept {
		text = strings.ToValidUTF8(text[:bodyKept], "") + "…"
	}
	return text
}

// capture keeps the first limit bytes that pass and counts all.
type capture struct {
	kept  []byte
	total int64
	limit int
}

func (c *capture) note(p []byte) {
	c.total += int64(len(p))
	if room := c.limit - len(c.kept); room > 0 {
		c.kept = append(c.kept, p[:min(room, len(p))]...)
	}
}

// watched is a body whose bytes and read errors are noted in its exchange.
type watched struct {
	body io.ReadCloser
	into *capture
	live *live
	sent bool
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.body.Read(p)
	w.live.rec.mu.Lock()
	defer w.live.rec.mu.Unlock()
	w.into.note(p[:n])
	if err != nil && err != io.EOF && !w.sent && w.live.exchange.Error == "" {
		w.live.exchange.Error = err.Error()
	}
	return n, err
}

func (w *watched) Close() error { return w.body.Close() }

func sortBy[E any, K cmp.Ordered](list []E, key func(E) K) {
	slices.SortFunc(list, func(a, b E) int { return cmp.Compare(key(a), key(b)) })
}
