package catalogue

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"aloi.dev/internal/lang"
)

// endpoint wants the root of a host in a scheme of the suite; where that is https,
// plain http reaches this machine. The messages never repeat the address, which
// may hold a password.
func (l *loader) endpoint(address string, words *SuiteWords, at spot) {
	schemes := words.schemes()
	example := lang.T("par exemple %s", "for example %s", words.example())
	u, err := url.Parse(address)
	plain := err == nil && u.Scheme == "http" && slices.Contains(schemes, "https") && !slices.Contains(schemes, "http")
	switch {
	case err != nil || u.Hostname() == "" || !plain && !slices.Contains(schemes, u.Scheme):
		l.report(at, lang.T("ce n'est pas une adresse %s", "this is not %s address", words.form()), example)
	case u.User != nil:
		l.report(at, lang.T("une adresse ne contient ni compte ni mot de passe", "an address holds no account and no password"),
			lang.T("les désigner sous « credentials »", "refer to them under credentials"))
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		l.report(at, lang.T("une adresse s'arrête à l'hôte et au port", "an address ends with the host and the port"), example)
	case plain && !loopback(u.Hostname()):
		l.report(at, lang.T("http sans chiffrement n'est admis que vers cette machine", "plain http is allowed to this machine only"),
			lang.T("écrire https://", "write https://"))
	}
}

// schemes returns the schemes of the suite's endpoints, the usual one first.
func (s *SuiteWords) schemes() []string {
	if len(s.Schemes) == 0 {
		return []string{"https"}
	}
	return s.Schemes
}

// form names the schemes in a sentence: "an https", "a postgres".
func (s *SuiteWords) form() lang.Text {
	list, article := strings.Join(s.schemes(), ", "), "a "
	if strings.HasPrefix(list, "http") {
		article = "an "
	}
	return lang.Text{FR: list, EN: article + list}
}

// example returns an endpoint that the suite takes.
func (s *SuiteWords) example() string { return s.schemes()[0] + "://" + s.ID + ".example.org" }

// hosts wants each once, with a port that exists.
func (l *loader) hosts(hosts []Host, at spot) {
	for i, host := range hosts {
		switch {
		case slices.ContainsFunc(hosts[:i], func(h Host) bool { return strings.EqualFold(h.Address(), host.Address()) }):
			l.report(at.item(i), lang.T("« %s » est déjà dans la liste", "%q is already in the list", host), lang.T("le retirer", "remove it"))
		case !host.valid():
			l.report(at.item(i), lang.T("« %s » n'est pas un hôte", "%q is not a host", host), lang.T("par exemple auth.example.org:443", "for example auth.example.org:443"))
		}
	}
}

// Address returns the host with its port, as it is dialled.
func (h Host) Address() string {
	if (&url.URL{Host: string(h)}).Port() == "" {
		return string(h) + ":443"
	}
	return string(h)
}

// valid reports whether the port exists and what is in brackets is an address; the
// type's format has seen to the rest.
func (h Host) valid() bool {
	u := url.URL{Host: h.Address()}
	if port, err := strconv.ParseUint(u.Port(), 10, 16); err != nil || port == 0 {
		return false
	}
	_, err := netip.ParseAddr(u.Hostname())
	return err == nil || !strings.HasPrefix(string(h), "[")
}

// loopback reports whether a host name can only be this machine.
func loopback(host string) bool {
	host = strings.ToLower(host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// Split returns the kind of the reference, "env" or "file", and what it names.
func (r Ref) Split() (kind, name string) {
	kind, name, _ = strings.Cut(string(r), ":")
	return kind, name
}

// climbing refuses a file above the offer's own folder.
func (l *loader) climbing(r Ref, at spot) {
	kind, name := r.Split()
	if kind == "file" && slices.Contains(strings.FieldsFunc(name, func(c rune) bool { return c == '/' || c == '\\' }), "..") {
		l.report(at, lang.T("un chemin ne remonte pas au-dessus du dossier de l'offre", "a path doesn't climb above the offer's folder"),
			lang.T("sans « .. », ou un chemin absolu", "no \"..\", or an absolute path"))
	}
}
