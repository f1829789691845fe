package oidc

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// form is a form of a page, as a browser would send it.
type form struct {
	action   *url.URL
	method   string
	fields   []field
	buttons  []field
	name     string // of the field that takes the person's name; "" when none does
	password string // of the field that takes the password; "" when none does
}

// field is a control with the value that it has in the page.
type field struct{ name, value, text string }

var (
	nameWords   = regexp.MustCompile(`(?i)user|login|e-?mail|ident|account|compte`)
	refuseWords = regexp.MustCompile(`(?i)\b(deny|reject|refuse|cancel|decline|no|non|refuser|annuler|rejeter)\b`)
)

// forms reads the forms of a page, in order. HTML that is broken is read as
// browsers do.
func forms(page []byte, base *url.URL) []*form {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil
	}
	var list []*form
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.DataAtom == atom.Form {
			list = append(list, readForm(n, base))
		}
	}
	return list
}

func readForm(n *html.Node, base *url.URL) *form {
	f := &form{method: http.MethodGet, action: base}
	if strings.EqualFold(attr(n, "method"), http.MethodPost) {
		f.method = http.MethodPost
	}
	if action := strings.TrimSpace(attr(n, "action")); action != "" {
		if to, err := base.Parse(action); err == nil {
			f.action = to
		}
	}
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && !has(c, "disabled") {
			f.control(c)
		}
	}
	return f
}

// control takes a control into the form.
func (f *form) control(n *html.Node) {
	one := field{name: attr(n, "name"), value: attr(n, "value")}
	switch n.DataAtom {
	case atom.Input:
		f.input(n, one, strings.ToLower(attr(n, "type")))
	case atom.Button:
		if kind := strings.ToLower(attr(n, "type")); kind == "" || kind == "submit" {
			one.text = text(n) + " " + attr(n, "id")
			f.buttons = append(f.buttons, one)
		}
	case atom.Textarea:
		one.value = text(n)
		f.add(one)
	case atom.Select:
		one.value = selected(n)
		f.add(one)
	}
}

func (f *form) input(n *html.Node, one field, kind string) {
	switch kind {
	case "submit", "image":
		one.text = one.value + " " + attr(n, "id")
		f.buttons = append(f.buttons, one)
	case "button", "reset", "file":
	case "checkbox", "radio":
		if has(n, "checked") {
			if !has(n, "value") {
				one.value = "on"
			}
			f.add(one)
		}
	case "password":
		if f.password == "" {
			f.password = one.name
		}
		f.add(one)
	case "hidden":
		f.add(one)
	default:
		likely := nameWords.MatchString(one.name+" "+attr(n, "id")) || strings.Contains(attr(n, "autocomplete"), "username")
		if f.name == "" && (likely || kind == "" || kind == "text" || kind == "email") {
			f.name = one.name
		}
		f.add(one)
	}
}

func (f *form) add(one field) {
	if one.name != "" {
		f.fields = append(f.fields, one)
	}
}

// filled returns what the form sends once the person has typed their name and
// password, where it asks for them.
func (f *form) filled(name, password string) url.Values {
	values := url.Values{}
	for _, one := range f.fields {
		switch one.name {
		case f.password:
			values.Add(one.name, password)
		case f.name:
			values.Add(one.name, name)
		default:
			values.Add(one.name, one.value)
		}
	}
	if b := f.button(); b.name != "" {
		values.Add(b.name, b.value)
	}
	return values
}

// button is the one that a willing person presses.
func (f *form) button() field {
	for _, b := range f.buttons {
		if !refuseWords.MatchString(b.name + " " + b.value + " " + b.text) {
			return b
		}
	}
	return field{}
}

// signIn is the form of a page that a person who signs in fills: one that asks for
// a password, else for a name, else one that asks to confirm; nil when there is none.
func signIn(list []*form) *form {
	for _, wanted := range []func(*form) bool{
		func(f *form) bool { return f.password != "" },
		func(f *form) bool { return f.name != "" && f.method == http.MethodPost },
		func(f *form) bool { return f.method == http.MethodPost && len(f.buttons) > 0 },
	} {
		for _, f := range list {
			if wanted(f) {
				return f
			}
		}
	}
	return nil
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// text is what an element says.
func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// selected is the value of a list's chosen option, the first when none is.
func selected(n *html.Node) string {
	value, found := "", false
	for c := range n.Descendants() {
		if c.Type != html.ElementNode || c.DataAtom != atom.Option {
			continue
		}
		own := attr(c, "value")
		if !has(c, "value") {
			own = text(c)
		}
		if has(c, "selected") {
			return own
		}
		if !found {
			value, found = own, true
		}
	}
	return value
}
