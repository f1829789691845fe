package report

import (
	"hash/fnv"
	"html"
	"strconv"
	"strings"

	"aloi.dev/internal/demonstrator/measure"
)

// exchangeView is one request and its answer, ready to read.
type exchangeView struct {
	Line     string // "GET https://host/path"
	Answer   string // "200" or "no answer"
	Took     string
	Error    string
	Request  string // head and body; empty when not kept or no room is left
	Response string
	Last     bool
}

// transcript is the exchanges of one check.
type transcript struct {
	Exchanges []exchangeView
	First     int    // number of the first one shown
	Left      string // says that something is left out; empty otherwise
}

// Of a check's exchanges the last ones are shown, for the failure is there: so
// many by their line, and so many whole.
const (
	byLine = 6
	inFull = 4
)

func (b *builder) exchanges(list []measure.Exchange) transcript {
	from, left := max(0, len(list)-byLine), len(list) > byLine
	out := transcript{First: from + 1}
	for i, e := range list[from:] {
		i += from
		x := exchangeView{
			Line: visible(e.Method + " " + e.URL), Answer: b.word("no-answer"), Took: b.took(e.Duration), Error: visible(e.Error),
			Last: i == len(list)-1,
		}
		switch {
		case e.Status != 0:
			x.Answer = strconv.Itoa(e.Status)
		case e.Response != nil:
			x.Answer = b.word("answered")
		}
		request, response := b.message(e.Request), b.message(e.Response)
		cost := len(html.EscapeString(request)) + len(html.EscapeString(response))
		switch {
		case cost == 0:
		case i >= len(list)-inFull && cost <= b.room:
			b.room -= cost
			x.Request, x.Response = request, response
		default:
			left = true
		}
		out.Exchanges = append(out.Exchanges, x)
	}
	if left {
		out.Left = b.word("exchanges.left", b.number(int64(len(list))))
	}
	return out
}

// message writes a head, an empty line and the kept beginning of a body.
func (b *builder) message(m *measure.Message) string {
	if m == nil {
		return ""
	}
	var text strings.Builder
	for _, h := range m.Header {
		text.WriteString(line(h) + "\n")
	}
	if m.Body == "" {
		return text.String()
	}
	text.WriteString("\n" + visible(strings.ReplaceAll(m.Body, "\r\n", "\n")))
	if m.Bytes > int64(len(m.Body)) {
		text.WriteString("\n[" + b.word("bytes", b.number(m.Bytes)) + "]")
	}
	return text.String()
}

func hexOf(r rune) string { return strconv.FormatInt(int64(r), 16) }

func fingerprint(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s))
	return h.Sum64()
}
