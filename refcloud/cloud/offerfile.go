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
func (s *state) writeOffer(o offer.Offer, services map[string]service.Description) error {
	for _, d := range services {
		for _, c := range d.Credentials {
			for _, f := range c.Fields {
				if err := s.write(secretFile(o, c, f), []byte(f.Value)); err != nil {
					return err
				}
			}
		}
	}
	return s.write(o.ID+".yaml", []byte(document(o, services)))
}

func secretFile(o offer.Offer, c service.Credential, f service.Secret) string {
	return "secrets/" + o.ID + "-" + c.Name + "." + f.Ext
}

// document is the offer's file. Its form is a contract with whoever reads it:
// references to files are relative to the folder of the document.
func document(o offer.Offer, services map[string]service.Description) string {
	var b strings.Builder
	fmt.Fprintf(&b, "id: %s\n", o.ID)
	fmt.Fprintf(&b, "name: %s\n", o.Name)
	fmt.Fprintf(&b, "provider: { name: %s }\n", strconv.Quote(o.Provider))
	fmt.Fprintf(&b, "region: %s\n", o.Region)
	fmt.Fprintf(&b, "positions: [%s]\n", strings.Join(offer.Positions, ", "))
	b.WriteString("services:\n")
	for _, name := range slices.Sorted(maps.Keys(services)) {
		d := services[name]
		fmt.Fprintf(&b, "  %s:\n", name)
		fmt.Fprintf(&b, "    endpoint: %s\n", d.Endpoint)
		b.WriteString("    trust: file:ca.pem\n")
		var settings []string
		for _, p := range d.Settings {
			settings = append(settings, p.Key+": "+p.Value)
		}
		fmt.Fprintf(&b, "    settings: { %s }\n", strings.Join(settings, ", "))
		fmt.Fprintf(&b, "    features: [%s]\n", strings.Join(d.Features, ", "))
		b.WriteString("    credentials:\n")
		for _, c := range d.Credentials {
			var fields []string
			for _, f := range c.Fields {
				fields = append(fields, fmt.Sprintf("%s: %q", f.Key, "file:"+secretFile(o, c, f)))
			}
			fmt.Fprintf(&b, "      %s: { %s }\n", c.Name, strings.Join(fields, ", "))
		}
	}
	fmt.Fprintf(&b, "caps: %s\n", caps)
	return b.String()
}
