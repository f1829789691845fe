package cloud

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"aloi.dev/refcloud/offer"
	"aloi.dev/refcloud/service"
)

// caps is the pace that a probe may not exceed on any reference offer.
const caps = "{ rate: 2000/s, bytes: 4 GB, connections: 64, duration: 10 min }"

// writeOffer writes the secrets of an offer, then the file that refers to them.
func (s *state) writeOffer(o offer.Offer, needs []string, services map[string]service.Description) error {
	for name, d := range services {
		if len(d.TrustPEM) > 0 {
			if err := s.write(trustFile(o, name, d), d.TrustPEM); err != nil {
				return err
			}
		}
		for _, c := range d.Credentials {
			for _, f := range c.Fields {
				if err := s.write(secretFile(o, name, c, f), []byte(f.Value)); err != nil {
					return err
				}
			}
		}
	}
	return s.write(o.ID+".yaml", []byte(document(o, needs, services)))
}

// secretFile holds one value of a credential: secrets/OFFER-SERVICE-ACCOUNT.EXT.
func secretFile(o offer.Offer, name string, c service.Credential, f service.Secret) string {
	return "secrets/" + o.ID + "-" + name + "-" + c.Name + "." + f.Ext
}

// trustFile holds the authority of a service's certificates.
func trustFile(o offer.Offer, name string, d service.Description) string {
	if len(d.TrustPEM) == 0 {
		return "ca.pem"
	}
	return o.ID + "-" + name + "-ca.pem"
}

// document is the offer's file. Its form is a contract with whoever reads it:
// references to files are relative to the folder of the document.
func document(o offer.Offer, needs []string, services map[string]service.Description) string {
	var b strings.Builder
	fmt.Fprintf(&b, "id: %s\n", o.ID)
	fmt.Fprintf(&b, "name: %s\n", o.Name)
	fmt.Fprintf(&b, "provider: { name: %s }\n", strconv.Quote(o.Provider))
	fmt.Fprintf(&b, "region: %s\n", o.Region)
	fmt.Fprintf(&b, "positions: [%s]\n", strings.Join(needs, ", "))
	b.WriteString("services:\n")
	for _, name := range slices.Sorted(maps.Keys(services)) {
		section(&b, o, name, services[name])
	}
	fmt.Fprintf(&b, "caps: %s\n", caps)
	return b.String()
}

// section is a service's part. What the service doesn't have is left out, but
// for the credentials, which a reader looks for.
func section(b *strings.Builder, o offer.Offer, name string, d service.Description) {
	fmt.Fprintf(b, "  %s:\n", name)
	fmt.Fprintf(b, "    endpoint: %s\n", d.Endpoint)
	if len(d.Hosts) > 0 {
		fmt.Fprintf(b, "    hosts: [%s]\n", quoted(d.Hosts))
	}
	fmt.Fprintf(b, "    trust: file:%s\n", trustFile(o, name, d))
	if len(d.Settings) > 0 {
		var settings []string
		for _, p := range d.Settings {
			settings = append(settings, p.Key+": "+strconv.Quote(p.Value))
		}
		fmt.Fprintf(b, "    settings: { %s }\n", strings.Join(settings, ", "))
	}
	if len(d.Features) > 0 {
		fmt.Fprintf(b, "    features: [%s]\n", strings.Join(d.Features, ", "))
	}
	if len(d.Credentials) == 0 {
		b.WriteString("    credentials: {}\n")
		return
	}
	b.WriteString("    credentials:\n")
	for _, c := range d.Credentials {
		var fields []string
		for _, f := range c.Fields {
			fields = append(fields, fmt.Sprintf("%s: %q", f.Key, "file:"+secretFile(o, name, c, f)))
		}
		fmt.Fprintf(b, "      %s: { %s }\n", c.Name, strings.Join(fields, ", "))
	}
}

// quoted lists words that YAML could read as something else than texts.
func quoted(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strconv.Quote(w)
	}
	return strings.Join(out, ", ")
}
