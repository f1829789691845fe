package report_test

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/report"
	"aloi.dev/internal/lang"
)

// pagesOf are the pages to examine: each number of offers, a killed run, an
// interrupted and partial one.
func pagesOf() map[string]report.View {
	views := map[string]report.View{}
	for _, n := range []int{1, 2, 3, 4} {
		views[fmt.Sprintf("%d offers", n)] = sample(n)
	}
	killed := sample(2)
	killed.Record.End, killed.Record.Results, killed.Record.Inventories = nil, nil, nil
	views["killed"] = decided(killed.Record)
	views["partial"], views["found"], views["loaded"] = partial(), found(), loaded()
	return views
}

// partial is a run that was stopped, limited to some checks, and left something.
func partial() report.View {
	v := sample(2)
	v.Record.End.Complete, v.Record.End.Left = false, 2
	v.Record.End.Reason = lang.T("interrompue par la personne qui l'a lancée", "stopped by the person who started it")
	v.Record.Plan.Selection.Only, v.Record.Plan.Selection.Class = []string{"s3/object/*"}, "light"
	for i := range v.Record.Results {
		if r := &v.Record.Results[i]; !strings.HasPrefix(r.Check, "s3/object/") {
			r.State, r.Reason, r.Exchanges = measure.NotRun, &measure.Reason{Cause: measure.Filtered}, nil
		}
	}
	return decided(v.Record)
}

func TestHTML_Structure(t *testing.T) {
	t.Parallel()
	for name, v := range pagesOf() {
		for _, l := range lang.All {
			t.Run(name+" "+string(l), func(t *testing.T) {
				t.Parallel()
				p := parsePage(t, render(t, v, l))
				p.checkHead(l)
				p.checkTables()
				p.checkLinks(l)
				p.checkTexts(l)
			})
		}
	}
}

func TestHTML_HostileTextIsInert(t *testing.T) {
	t.Parallel()
	page := render(t, sample(2), lang.FR)
	for _, bad := range []string{"<script>alert", "\x00", "\x1b", "\u202e", "<b>&amp;"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q as it came", bad)
		}
	}
	for _, shown := range []string{"&lt;script&gt;alert(1)&lt;/script&gt; ]]&gt;", "␛[31m␀", "&lt;U&#43;202E&gt;"} {
		if !strings.Contains(page, shown) {
			t.Errorf("the page doesn't show %q", shown)
		}
	}
}

func TestHTML_NothingLooksGreenThatDidNotRun(t *testing.T) {
	t.Parallel()
	killed := pagesOf()["killed"]
	var scored []catalogue.Target // a need without gates has none that is met
	for _, target := range killed.Record.Catalogue.Targets {
		if target.Need != "store" || target.Role == catalogue.Scored {
			scored = append(scored, target)
		}
	}
	killed.Record.Catalogue.Targets = scored
	killed = decided(killed.Record)
	p := parsePage(t, render(t, killed, lang.EN))
	for _, n := range p.all("span") {
		if class := attr(n, "class"); class == "mark pass" || class == "mark met" {
			if inside(n, "reading") { // the legend
				continue
			}
			t.Errorf("a killed run without results shows %q", text(n))
		}
	}
	if body := text(p.root); !strings.Contains(body, "INCOMPLETE RUN") || strings.Contains(body, "Complete run") {
		t.Error("a killed run must say that it is incomplete")
	}
}

func TestHTML_EachFailureIsExplainedOnce(t *testing.T) {
	t.Parallel()
	v := sample(2)
	p := parsePage(t, render(t, v, lang.FR))
	failures := 0
	for _, r := range v.Record.Results {
		if r.State == measure.Fail || r.State == measure.Errored {
			failures++
			id := "check-" + strings.ReplaceAll(r.Check, "/", ".") + "--" + r.Offer
			n := p.ids[id]
			if n == nil {
				t.Errorf("no element #%s", id)
				continue
			}
			if body := text(n); !strings.Contains(body, "X-Hostile") || !strings.Contains(body, "https://s3.example.org/") {
				t.Errorf("#%s lacks its exchanges", id)
			}
		}
	}
	findings := 0
	for _, n := range p.all("details") {
		if strings.HasPrefix(attr(n, "class"), "finding") {
			findings++
		}
	}
	if findings != failures || failures == 0 {
		t.Errorf("%d findings for %d failures and errors", findings, failures)
	}
}

// A page of 200 checks by 2 offers that all fail with long bodies stays below 2 MB.
func TestHTML_Size(t *testing.T) {
	t.Parallel()
	v := sample(2)
	plan := v.Record.Plan.Checks
	for i := range 140 {
		c := plan[i%len(plan)]
		c.ID = fmt.Sprintf("s3/more%d/check-%d", i/20, i)
		v.Record.Plan.Checks = append(v.Record.Plan.Checks, c)
	}
	v.Record.Results = nil
	for _, o := range v.Record.Offers {
		for _, c := range v.Record.Plan.Checks {
			r := measure.Result{Offer: string(o.ID), Check: c.ID, State: measure.Fail, Started: began,
				Reason: &measure.Reason{Cause: measure.Assertion, Did: "GET", Got: "500", Want: "200", Rule: c.Rule}, Exchanges: sampleExchanges(c.ID, measure.Assertion)}
			for i := range r.Exchanges {
				r.Exchanges[i].Response.Body = strings.Repeat("<a>&\"'\n", 290)
			}
			for range 10 {
				r.Exchanges = append(r.Exchanges, r.Exchanges[0])
			}
			v.Record.Results = append(v.Record.Results, r)
		}
	}
	if n := len(render(t, decided(v.Record), lang.FR)); n > 2_000_000 {
		t.Errorf("the page is %d bytes long", n)
	}
}

func render(t *testing.T, v report.View, l lang.Lang) string {
	t.Helper()
	var page bytes.Buffer
	if err := report.HTML(&page, v, l); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// parsed is a page as a browser reads it.
type parsed struct {
	t    *testing.T
	root *html.Node
	ids  map[string]*html.Node
}

func parsePage(t *testing.T, page string) *parsed {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	p := &parsed{t: t, root: root, ids: map[string]*html.Node{}}
	for n := range root.Descendants() {
		if id := attr(n, "id"); id != "" {
			if p.ids[id] != nil {
				t.Errorf("two elements have the id %q", id)
			}
			p.ids[id] = n
		}
	}
	return p
}

func (p *parsed) all(names ...string) []*html.Node {
	var list []*html.Node
	for n := range p.root.Descendants() {
		for _, name := range names {
			if n.Type == html.ElementNode && n.Namespace == "" && n.Data == name { // a drawing has its own title
				list = append(list, n)
			}
		}
	}
	return list
}

func (p *parsed) checkHead(l lang.Lang) {
	p.t.Helper()
	if got := attr(p.all("html")[0], "lang"); got != string(l) {
		p.t.Errorf("lang is %q", got)
	}
	for _, once := range []string{"h1", "main", "nav", "title"} {
		if n := len(p.all(once)); n != 1 {
			p.t.Errorf("%d elements %s", n, once)
		}
	}
	for _, never := range []string{"script", "iframe", "img", "object", "embed", "form", "input", "base", "font"} {
		if len(p.all(never)) > 0 {
			p.t.Errorf("the page has an element %s", never)
		}
	}
	level := 0
	for _, h := range p.all("h1", "h2", "h3", "h4", "h5") {
		at := int(h.Data[1] - '0')
		if at > level+1 {
			p.t.Errorf("%s %q follows a heading of level %d", h.Data, text(h), level)
		}
		level = at
	}
}

func (p *parsed) checkTables() {
	p.t.Helper()
	for _, table := range p.all("table") {
		first := table.FirstChild
		for first != nil && first.Type != html.ElementNode {
			first = first.NextSibling
		}
		if first == nil || first.Data != "caption" || strings.TrimSpace(text(first)) == "" {
			p.t.Errorf("a table has no caption: %.60q", text(table))
		}
	}
	for _, th := range p.all("th") {
		if s := attr(th, "scope"); s != "col" && s != "row" && s != "rowgroup" {
			p.t.Errorf("th %q has the scope %q", text(th), s)
		}
	}
}

func (p *parsed) checkLinks(l lang.Lang) {
	p.t.Helper()
	other := map[lang.Lang]string{lang.FR: "report.en.html", lang.EN: "report.fr.html"}[l]
	sister := false
	for _, a := range p.all("a") {
		href := attr(a, "href")
		target, internal := strings.CutPrefix(href, "#")
		u, err := url.Parse(href)
		switch {
		case internal && p.ids[unescape(target)] == nil:
			p.t.Errorf("the link %s leads nowhere", href)
		case internal:
		case href == other:
			sister = true
		case err != nil || u.Scheme != "https" && u.Scheme != "http":
			p.t.Errorf("a link leads to %q", href)
		}
		if strings.TrimSpace(text(a)) == "" {
			p.t.Errorf("the link %s has no text", href)
		}
	}
	if !sister {
		p.t.Errorf("no link to %s", other)
	}
	for n := range p.root.Descendants() {
		for _, loads := range []string{"src", "srcset", "data", "poster", "action", "onclick", "onload"} {
			if attr(n, loads) != "" {
				p.t.Errorf("%s has the attribute %s", n.Data, loads)
			}
		}
		if n.Data == "link" {
			if href := attr(n, "href"); href != "data:," && href != other {
				p.t.Errorf("the page loads %s", href)
			}
		}
	}
	for _, style := range p.all("style") {
		if s := text(style); strings.Contains(s, "url(") || strings.Contains(s, "@import") {
			p.t.Error("the style loads something")
		}
	}
}

func (p *parsed) checkTexts(l lang.Lang) {
	p.t.Helper()
	for _, n := range p.all("h1", "h2", "h3", "h4", "th", "dt", "caption", "summary", "li", "p") {
		if strings.TrimSpace(text(n)) == "" {
			p.t.Errorf("an element %s is empty", n.Data)
		}
	}
	body := text(p.root)
	for _, bad := range []string{"%!", "ZgotmplZ", "<nil>", "{{"} {
		if strings.Contains(body, bad) {
			p.t.Errorf("the page shows %q", bad)
		}
	}
	if l != lang.FR {
		return
	}
	for n := range p.root.Descendants() {
		if n.Type != html.TextNode || n.Parent.Data == "style" || n.Parent.Data == "code" || n.Parent.Data == "pre" {
			continue
		}
		for _, mark := range []string{" :", " ;", " ?", " !", " »", "« ", " %"} {
			if strings.Contains(n.Data, mark) {
				p.t.Errorf("an ordinary space with %q in %q", mark, n.Data)
			}
		}
	}
}

// unescape undoes the escapes of a fragment.
func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(text(c))
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, b.String())
}

func inside(n *html.Node, id string) bool {
	for ; n != nil; n = n.Parent {
		if attr(n, "id") == id {
			return true
		}
	}
	return false
}
