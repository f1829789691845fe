package catalogue

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"aloi.dev/internal/lang"
)

// endpoint wants the https root of a host; plain http only reaches this machine.
// The messages never repeat the address, which may hold a password.
func (l *loader) endpoint(address string, at spot) {
	example := lang.T("par exemple https://s3.example.org", "for example https://s3.example.org")
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		l.report(at, lang.T("ce n'est pas une adresse https", "this is not an https address"), example)
	case u.User != nil:
		l.report(at, lang.T("une adresse ne contient ni compte ni mot de passe", "an address holds no account and no password"),
			lang.T("les désigner sous « credentials »", "refer to them under credentials"))
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		l.report(at, lang.T("une adresse s'arrête à l'hôte et au port", "an address ends with the host and the port"), example)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		l.report(at, lang.T("http sans chiffrement n'est admis que vers cette machine", "plain http is allowed to this machine only"),
			lang.T("écrire https://", "write https://"))
	}
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
