package catalogue

import (
	"io/fs"
	"maps"
	"slices"
	"strings"

	"aloi.dev/internal/lang"
	"aloi.dev/internal/strict"
)

// LoadOffer reads the description of an offer and checks it against the words of
// the suites and the needs that exist. The error holds every problem of the file;
// see strict.Problems. On error there is no offer. No message repeats a value
// that could be a secret.
func LoadOffer(fsys fs.FS, name string, words Vocabulary, needs []NeedID) (*Offer, error) {
	var offer Offer
	l := loader{words: words}
	pos, err := strict.DecodeFile(fsys, name, &offer, Formats)
	if err != nil {
		if err := l.problems.Collect(err); err != nil {
			return nil, err
		}
	}
	l.positions(offer.Positions, needs, pos)
	l.siren(offer.Provider.SIREN, spot{pos, "provider.siren"})
	l.connections(offer.Caps, spot{pos, "caps.connections"})
	for id, service := range offer.Services {
		l.service(id, service, spot{pos, "services." + id})
	}
	if err := l.problems.Err(); err != nil {
		return nil, err
	}
	offer.settle()
	return &offer, nil
}

// settle gives an absent list and an empty one the same form, so that they have
// the same digest.
func (o *Offer) settle() {
	if o.Services == nil {
		o.Services = map[string]Service{}
	}
	for id, service := range o.Services {
		if service.Features == nil {
			service.Features = []string{}
		}
		if service.Credentials == nil {
			service.Credentials = map[string]Credential{}
		}
		if len(service.Settings) == 0 {
			service.Settings = nil
		}
		if len(service.Hosts) == 0 {
			service.Hosts = nil
		}
		o.Services[id] = service
	}
}

// positions wants known needs, each once.
func (l *loader) positions(ids []NeedID, needs []NeedID, pos *strict.Positions) {
	known := make([]string, len(needs))
	for i, id := range needs {
		known[i] = string(id)
	}
	at := spot{pos, "positions"}
	for i, id := range ids {
		switch {
		case slices.Contains(ids[:i], id):
			l.report(at.item(i), lang.T("« %s » est déjà dans la liste", "%q is already in the list", id), lang.T("le retirer", "remove it"))
		case !slices.Contains(needs, id):
			l.report(at.item(i), lang.T("besoin inconnu « %s »", "unknown need %q", id), strict.DidYouMean(string(id), known))
		}
	}
}

// service checks one endpoint against the words of its suite.
func (l *loader) service(id string, s Service, at spot) {
	l.climbing(s.Trust, at.in("trust"))
	l.hosts(s.Hosts, at.in("hosts"))
	words := l.words.Suite(id)
	if words == nil {
		l.reportName(at, lang.T("service inconnu « %s »", "unknown service %q", id), strict.DidYouMean(id, l.words.suites()))
		return
	}
	l.endpoint(s.Endpoint, words, at.in("endpoint"))
	for key := range s.Settings {
		if !slices.Contains(words.Settings, key) {
			l.reportName(at.in("settings").in(key), lang.T("réglage inconnu « %s »", "unknown setting %q", key), strict.DidYouMean(key, words.Settings))
		}
	}
	for i, feature := range s.Features {
		switch {
		case slices.Contains(s.Features[:i], feature):
			l.report(at.in("features").item(i), lang.T("« %s » est déjà dans la liste", "%q is already in the list", feature), lang.T("le retirer", "remove it"))
		case !slices.Contains(words.Features, feature):
			l.report(at.in("features").item(i), lang.T("fonction inconnue « %s »", "unknown feature %q", feature), strict.DidYouMean(feature, words.Features))
		}
	}
	l.credentials(s.Credentials, words, at.in("credentials"))
}

// credentials wants the accounts and the fields that the suite knows, and no
// account without all of its fields.
func (l *loader) credentials(accounts map[string]Credential, words *SuiteWords, at spot) {
	known := slices.Sorted(maps.Keys(words.Credentials))
	for account, credential := range accounts {
		fields, ok := words.Credentials[account]
		if !ok {
			l.reportName(at.in(account), lang.T("compte inconnu « %s »", "unknown account %q", account), strict.DidYouMean(account, known))
			continue
		}
		for field, ref := range credential {
			if !slices.Contains(fields, field) {
				l.reportName(at.in(account).in(field), lang.T("champ inconnu « %s »", "unknown field %q", field), strict.DidYouMean(field, fields))
			}
			l.climbing(ref, at.in(account).in(field))
		}
		for _, field := range fields {
			if _, ok := credential[field]; !ok {
				l.report(at.in(account).in(field), lang.T("il manque le champ « %s » du compte « %s »", "the field %q of the account %q is missing", field, account), none)
			}
		}
	}
	for _, account := range words.Required {
		if _, ok := accounts[account]; !ok {
			l.report(at.in(account), lang.T("il manque le compte « %s », sans lequel rien ne se mesure", "the account %q is missing, without which nothing can be measured", account),
				lang.T("avec les champs : %s", "with the fields: %s", strings.Join(words.Credentials[account], ", ")))
		}
	}
}

// siren wants nine digits that satisfy the Luhn formula, when there is a number.
func (l *loader) siren(number string, at spot) {
	if number == "" || validSIREN(number) {
		return
	}
	l.report(at, lang.T("« %s » n'est pas un numéro SIREN", "%q is not a SIREN number", number),
		lang.T("9 chiffres, sans espace ; retirer la ligne hors de France", "9 digits, no space; remove the line outside France"))
}

func validSIREN(number string) bool {
	if len(number) != 9 || number == "000000000" {
		return false
	}
	sum := 0
	for i, r := range number {
		if r < '0' || r > '9' {
			return false
		}
		digit := int(r - '0')
		if i%2 == 1 { // every second digit from the right, and nine is odd
			digit *= 2
		}
		sum += digit/10 + digit%10
	}
	return sum%10 == 0
}

const maxConnections = 10000

func (l *loader) connections(caps Caps, at spot) {
	if caps.Connections < 1 || caps.Connections > maxConnections {
		l.report(at, lang.T("entre 1 et %d connexions", "between 1 and %d connections", maxConnections), none)
	}
}
