package foreign

import (
	"strings"
)

// placeholderForms lists what may stand in braces, as it is written.
var placeholderForms = []string{"endpoint", "host", "setting NAME", "credential ACCOUNT FIELD", "trust", "run", "folder", "here"}

// Values is what the braces of a command and of its variables stand for.
type Values struct {
	Endpoint string                       // of the service, without a slash at its end
	Host     string                       // host and port of the endpoint
	Settings map[string]string            // of the service
	Accounts map[string]map[string]string // of the service, resolved
	Trust    string                       // PEM of a private authority; empty when public ones do
	Run      string                       // id of the run, to begin the names of what is created
	Here     string                       // folder of the mapping
}

// placeholder is one pair of braces. Its kind is empty when nobody knows it.
type placeholder struct {
	text          string
	kind          string
	account, name string
}

// placeholders lists the pairs of braces of a text; "{{" is no brace.
func placeholders(text string) []placeholder {
	var list []placeholder
	_ = expand(text, func(p placeholder) string {
		list = append(list, p)
		return ""
	})
	return list
}

// expand replaces each pair of braces by what value makes of it.
func expand(text string, value func(placeholder) string) string {
	var b strings.Builder
	for text != "" {
		before, after, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			break
		}
		if rest, escaped := strings.CutPrefix(after, "{"); escaped {
			b.WriteByte('{')
			text = rest
			continue
		}
		inside, rest, closed := strings.Cut(after, "}")
		p := placeholderOf(inside)
		if !closed {
			p = placeholder{text: inside}
		}
		b.WriteString(value(p))
		text = rest
	}
	return b.String()
}

func placeholderOf(inside string) placeholder {
	p := placeholder{text: inside}
	words := strings.Fields(inside)
	for _, form := range placeholderForms {
		want := strings.Fields(form)
		if len(words) != len(want) || words[0] != want[0] {
			continue
		}
		p.kind = words[0]
		if len(words) > 1 {
			p.name = words[len(words)-1]
		}
		if len(words) > 2 {
			p.account = words[1]
		}
	}
	return p
}

// in returns a text with its braces replaced. folder is the working folder, and
// trust the file in it that holds the private authority.
func (v Values) in(text, folder, trust string) string {
	return expand(text, func(p placeholder) string {
		switch p.kind {
		case "endpoint":
			return strings.TrimSuffix(v.Endpoint, "/")
		case "host":
			return v.Host
		case "setting":
			return v.Settings[p.name]
		case "credential":
			return v.Accounts[p.account][p.name]
		case "trust":
			return trust
		case "run":
			return v.Run
		case "folder":
			return folder
		case "here":
			return v.Here
		}
		return ""
	})
}
