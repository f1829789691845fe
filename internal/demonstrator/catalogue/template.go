package catalogue

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// OfferTemplate writes the commented description of an example offer with every
// service, feature, setting and account that the suites know, positioned on the
// needs; further ones stand beside, commented out. LoadOffer accepts it as it is;
// its references name variables that the owner has yet to set.
func OfferTemplate(words Vocabulary, needs []Need, further ...Need) string {
	t := template{}
	t.line(0, "# Une offre de cloud, telle que son propriétaire la décrit. Aucun secret ici.")
	t.line(0, "# A cloud offer as its owner describes it. No secret in here.")
	t.line(0, "id: my-cloud")
	t.line(0, "name: My Cloud")
	t.line(0, "provider:")
	t.line(2, "name: My Company")
	t.line(2, "# Numéro SIREN, si l'entreprise est en France / SIREN number, if the company is in France")
	t.line(2, "# siren: \"123456782\"")
	t.line(0, "region: eu-west-1")
	t.blank("Les besoins sur lesquels l'offre se positionne : retirer les autres.", "The needs on which the offer positions itself: remove the others.")
	t.line(0, "positions:")
	for _, n := range needs {
		t.line(2, "- %s # %s / %s", n.ID, n.Title.FR, n.Title.EN)
	}
	if len(further) > 0 {
		t.line(2, "# Ceux-ci s'établissent sur preuves, par des personnes, ou ne se mesurent pas encore : ajouter ceux que l'offre sert.")
		t.line(2, "# People establish these on evidence, or nothing measures them yet: add those that the offer serves.")
	}
	for _, n := range further {
		t.line(2, "# - %s # %s / %s", n.ID, n.Title.FR, n.Title.EN)
	}
	t.blank("Un bloc par service ; aucune requête ne part vers un autre hôte.", "One block a service; no request goes to any other host.")
	t.line(0, "services:")
	for _, suite := range words {
		t.service(suite)
	}
	t.blank("Limites que la mesure ne dépasse jamais.", "Limits that no measurement ever exceeds.")
	t.line(0, "caps:")
	t.line(2, "rate: 200/s")
	t.line(2, "bytes: 20 GiB")
	t.line(2, "connections: 32")
	t.line(2, "duration: 2 h")
	return t.text.String()
}

type template struct{ text strings.Builder }

func (t *template) line(indent int, format string, args ...any) {
	t.text.WriteString(strings.Repeat(" ", indent))
	fmt.Fprintf(&t.text, format, args...)
	t.text.WriteByte('\n')
}

// blank starts a section with its comment in both languages.
func (t *template) blank(fr, en string) {
	t.text.WriteByte('\n')
	t.line(0, "# %s", fr)
	t.line(0, "# %s", en)
}

func (t *template) service(suite SuiteWords) {
	t.line(2, "%s:", suite.ID)
	t.line(4, "endpoint: %s", suite.example())
	t.line(4, "# Autres hôtes dont le service se sert / further hosts that the service uses")
	t.line(4, "# hosts: [other.%s.example.org]", suite.ID)
	t.line(4, "# Autorité de certification privée / private certificate authority")
	t.line(4, "# trust: file:authority.pem")
	if len(suite.Settings) > 0 {
		t.line(4, "# Réglages facultatifs, voir docs/offer.md / optional settings, see docs/offer.md")
		t.line(4, "# settings:")
		for _, key := range suite.Settings {
			t.line(4, "#   %s: ...", key)
		}
	}
	if len(suite.Features) > 0 {
		t.line(4, "# Retirer ce que l'offre n'a pas / remove what the offer doesn't have")
		t.line(4, "features:")
		for _, feature := range suite.Features {
			t.line(6, "- %s", feature)
		}
	}
	if len(suite.Credentials) == 0 {
		return
	}
	t.line(4, "# env:VARIABLE ou/or file:chemin/path")
	t.line(4, "credentials:")
	for _, account := range slices.Sorted(maps.Keys(suite.Credentials)) {
		if slices.Contains(suite.Required, account) {
			t.line(6, "%s:", account)
		} else {
			t.line(6, "%s: # facultatif / optional", account)
		}
		for _, field := range suite.Credentials[account] {
			t.line(8, "%s: env:%s", field, variable(suite.ID, account, field))
		}
	}
}

// variable names the environment variable of a field: MY_CLOUD_S3_MAIN_ACCESS_KEY.
func variable(parts ...string) string {
	return "MY_CLOUD_" + strings.ToUpper(strings.ReplaceAll(strings.Join(parts, "_"), "-", "_"))
}
